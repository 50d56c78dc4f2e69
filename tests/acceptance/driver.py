"""Drives the real program as a person with a screen reader would: through AT-SPI.

Runs under a private X server and session bus (see run-acceptance). A test is a function
that takes a Likeness; main() runs those of a file and prints TAP.
"""
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time
import traceback

import gi

gi.require_version("Atspi", "2.0")
from gi.repository import Atspi, GLib  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = os.environ.get("LIKENESS", str(ROOT / "build" / "app" / "likeness"))
FACES = ROOT.parent / "shared" / "faces"


class Skip(Exception):
    """The test cannot run here; the reason is the message."""


def walk(node):
    """Every node of the tree, the widgets that vanish meanwhile apart."""
    yield node
    try:
        count = node.get_child_count()
    except GLib.Error:
        return
    for i in range(count):
        try:
            child = node.get_child_at_index(i)
        except GLib.Error:
            continue
        if child is not None:
            yield from walk(child)


def wait(condition, what, seconds=60):
    """Waits until condition() is true, for the event and not for a time; returns its value.

    @seconds only ends a test that hangs: how long something takes depends on what else the machine does.
    """
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        begun = time.monotonic()
        try:
            value = condition()
        except GLib.Error:  # a widget went away while it was asked
            value = None
        if value:
            return value
        # On a busy machine a look at all widgets takes seconds: the program has work to do, too.
        time.sleep(max(0.05, time.monotonic() - begun))
    raise TimeoutError(f"waited {seconds} s for {what}")


class Likeness:
    """The program, with a home of its own that is deleted afterwards."""

    def __init__(self):
        self.home = pathlib.Path(tempfile.mkdtemp(prefix="likeness-test-"))
        self.env = dict(os.environ, HOME=str(self.home), XDG_DATA_HOME=str(self.home / "data"),
                        XDG_CONFIG_HOME=str(self.home / "config"),
                        XDG_CACHE_HOME=str(self.home / "cache"),
                        XDG_RUNTIME_DIR=str(self.home), LIKENESS_DATA_DIR=str(ROOT / "data"),
                        LC_ALL="C.UTF-8", GDK_BACKEND="x11", GSK_RENDERER="cairo",
                        LIKENESS_KEY_FILE=str(self.home / "key"), GIO_USE_VFS="local", G_DEBUG="fatal-criticals")
        self.env.pop("GTK_A11Y", None)
        self.env.pop("GSETTINGS_BACKEND", None)
        self.process = None
        self.app = None
        self.welcomed()

    def without_model(self):
        """From here on the program comes without a trained network."""
        bare = self.home / "program-data"
        shutil.copytree(ROOT / "data", bare,
                        ignore=shutil.ignore_patterns("likeness.safetensors", "likeness.cohort", "screenshots"))
        self.env["LIKENESS_DATA_DIR"] = str(bare)

    # The program

    def welcomed(self, seen=True):
        """Whether its first page was seen already, as most tests have it."""
        settings = self.home / "config/likeness/settings"
        settings.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        settings.write_text(f"[Likeness]\nwelcomed={str(seen).lower()}\n")
        settings.chmod(0o600)  # or the program mends it, and says so

    def start(self, *args, env=None):
        self.process = subprocess.Popen([PROGRAM, *args], env=dict(self.env, **(env or {})))
        self.app = wait(self._find_app, "the program in the accessibility tree")
        return self

    def _find_app(self):
        if self.process.poll() is not None:
            raise AssertionError(f"the program ended with {self.process.returncode}")
        desktop = Atspi.get_desktop(0)
        for i in range(desktop.get_child_count()):
            app = desktop.get_child_at_index(i)
            if app is not None and app.get_process_id() == self.process.pid and app.get_child_count():
                return app
        return None

    def stop(self):
        """Quits as a person does, and checks that it ends well."""
        if self.process is None:
            return
        if self.process.poll() is None:
            self.key("ctrl+q")
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
                raise AssertionError("the program did not quit on Ctrl+Q") from None
        status, self.process, self.app = self.process.returncode, None, None
        assert status == 0, f"the program ended with {status}"

    def clean(self):
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        shutil.rmtree(self.home, ignore_errors=True)

    def run(self, *args, status=0, stdin=None):
        """A command without a window; returns what it printed."""
        done = subprocess.run([PROGRAM, *args], env=self.env, capture_output=True, text=True,
                              input=stdin, check=False)
        assert status in (None, done.returncode), \
            f"likeness {' '.join(args)}: {done.returncode}, not {status}\n{done.stdout}{done.stderr}"
        return done.stdout + done.stderr

    # What is on the screen

    def nodes(self, role=None, name=None, below=None):
        """Of the whole window, or below a widget: a walk through the window may take seconds on a busy machine."""
        for node in walk(below or self.app):
            try:
                if (role is None or node.get_role_name() == role) and \
                        (name is None or name in node.get_name()):
                    yield node
            except GLib.Error:
                continue

    def find(self, role=None, name=None, seconds=60):
        return wait(lambda: next(self.nodes(role, name), None), f"{role or 'a widget'} “{name}”",
                    seconds)

    def wait_for(self, text, seconds=60):
        """Until a widget says it, by its name or its description."""
        def said():
            for node in walk(self.app):
                try:
                    if text in node.get_name() or text in node.get_description():
                        return node
                except GLib.Error:
                    continue
            return None
        return wait(said, f"“{text}”", seconds)

    def says(self, text):
        return any(text in node.get_name() for node in walk(self.app))

    def act(self, action, seconds=60):
        """Does a named action, of a widget or of a page ("enrol.capture-anchor")."""
        def done():
            for node in walk(self.app):
                if node.get_action_iface() is None:
                    continue
                try:
                    names = [Atspi.Action.get_action_name(node, i)
                             for i in range(Atspi.Action.get_n_actions(node))]
                except GLib.Error:  # GTK counts actions of some that it cannot name
                    continue
                if action in names and Atspi.Action.do_action(node, names.index(action)):
                    return True
            return False
        wait(done, f"the action {action}", seconds)

    def press(self, node, seconds=60):
        """Presses a button, once it can be."""
        wait(lambda: node.get_state_set().contains(Atspi.StateType.SENSITIVE) and
             Atspi.Action.do_action(node, 0), f"“{node.get_name()}” to be pressed", seconds)

    def type(self, node, text):
        assert Atspi.EditableText.set_text_contents(node, text)

    def key(self, *keys, window="Likeness"):
        """Real key presses, to a window by its title (there is no window manager to give it the focus)."""
        found = wait(lambda: subprocess.run(["xdotool", "search", "--onlyvisible", "--name", f"^{window}$"],
                                            capture_output=True, text=True, check=False).stdout.split(),
                     "the window")
        subprocess.run(["xdotool", "windowfocus", "--sync", found[0], "key", "--clearmodifiers", *keys],
                       check=True, timeout=20)

    def write(self, text, window="Likeness"):
        """Types a text, key by key, to where the focus of that window is."""
        self.key("ctrl+a", window=window)
        subprocess.run(["xdotool", "type", "--clearmodifiers", "--delay", "30", text], check=True, timeout=60)

    def screenshot(self, path):
        subprocess.run(["import", "-window", "root", str(path)], check=True)

    def dump(self):
        """The tree as text, for a test that failed."""
        for node in walk(self.app):
            try:
                print("#", node.get_role_name(), repr(node.get_name()))
            except GLib.Error:
                continue


# What can be operated, or is a picture of something: each needs a name of its own.
CONTROLS = ("push button", "toggle button", "check box", "radio button", "slider", "spin button", "text", "entry",
            "password text", "combo box", "link", "switch", "page tab", "menu item", "check menu item", "radio menu item",
            "progress bar", "level bar", "frame", "dialog", "alert")


OWN_WINDOWS = ("Likeness", "Preferences", "Attempts", "Pictures Are Locked", "Protect the Pictures", "Protect the File",
               "The File Is Locked")


def is_unnamed(node):
    """GTK gives what has no name the name of its class; a name is not said twice, nor with an underscore for its key."""
    name = node.get_name()
    return not name.strip() or re.match(r"(Gtk|Adw|Lk)[A-Z]|(.+) \2$|(.* )?_[^\W_]", name) is not None


def unnamed(likeness):
    """What has no name, in the program's own windows; of those that GTK and libadwaita fill, the window alone."""
    found = []
    for k in range(likeness.app.get_child_count()):
        window = likeness.app.get_child_at_index(k)
        if is_unnamed(window):
            found.append(f"{window.get_role_name()} “{window.get_name()}”")
        if window.get_name() not in OWN_WINDOWS:
            continue
        for node in walk(window):
            try:
                role = node.get_role_name()
                if role in CONTROLS and is_unnamed(node) and node.get_name() != "GtkSearchEntry" and \
                        node.get_parent().get_child_at_index(0).get_name() != "AdwToastWidget":  # switched off; its cross
                    found.append(f"{role} “{node.get_name()}” in {node.get_parent().get_parent().get_name()}")
            except GLib.Error:  # it went away meanwhile
                continue
    return found


def assert_named(likeness):
    """What comes up while it is looked at has its name a moment later; what has none keeps none."""
    bad = []

    def is_named():
        bad[:] = unnamed(likeness)
        return not bad
    try:
        wait(is_named, "every name", 15)
    except TimeoutError:
        raise AssertionError("without a name:\n" + "\n".join(sorted(set(bad)))) from None


def main(tests):
    """Runs those named on the command line, or all."""
    Atspi.init()
    tests = [t for t in tests if len(sys.argv) == 1 or t.__name__ in sys.argv[1:]]
    print(f"1..{len(tests)}")
    failed = False
    for number, test in enumerate(tests, 1):
        name = test.__name__.replace("test_", "").replace("_", "-")
        likeness = Likeness()
        try:
            test(likeness)
            likeness.stop()
            print(f"ok {number} {name}", flush=True)
        except Skip as reason:
            print(f"ok {number} {name} # SKIP {reason}", flush=True)
        except BaseException:  # the TAP line must come, whatever happened
            failed = True
            print("# " + traceback.format_exc().replace("\n", "\n# "))
            status = likeness.process and likeness.process.poll()
            if status is not None:
                print(f"# The program had ended by then, with {status}.")
            elif likeness.app is not None:
                likeness.screenshot(os.environ.get("MESON_BUILD_ROOT", "/tmp") + f"/failed-{name}.png")
                likeness.dump()
            print(f"not ok {number} {name}", flush=True)
        finally:
            likeness.clean()
    sys.exit(failed)
