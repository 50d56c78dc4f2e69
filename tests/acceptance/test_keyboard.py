"""Every control is come to by the keyboard alone: by Tab, and by the arrows within lists, groups and bars."""
import subprocess

import driver
import faces
import test_unlock
from driver import Atspi, GLib

MOST = 120  # more than any window has
OPERATED = ("push button", "toggle button", "check box", "radio button", "slider", "spin button", "text", "entry",
            "password text", "combo box", "link", "switch", "page tab", "list item", "table cell")
ROWS = ("list item", "table cell")  # which only may be there to be read
OF_THE_WINDOW = ("Minimize", "Maximize", "Close")  # which GTK leaves to the window manager's keys


class Focus:
    """Where the focus of the program goes, as it tells screen readers."""

    def __init__(self, likeness):
        self.pid, self.now = likeness.process.pid, None
        self.listener = Atspi.EventListener.new(self._hear)
        assert self.listener.register("object:state-changed:focused")

    def _hear(self, event):
        if event.detail1 and event.source.get_process_id() == self.pid:
            self.now = event.source

    def press(self, key, seconds=3):
        """A key, to the window that has the keys; then where the focus came to.  None: nowhere else."""
        self._listen()
        self.now = None
        subprocess.run(["xdotool", "key", "--clearmodifiers", key], check=True, timeout=20)
        try:
            return driver.wait(lambda: self._listen() or self.now, "the focus to move", seconds)
        except TimeoutError:
            return None

    def _listen(self):
        while GLib.MainContext.default().iteration(False):
            pass

    def typed(self, texts):
        """Into which of them a letter goes: of its entry rows libadwaita 1.2 tells no focus."""
        before = [Atspi.Text.get_character_count(node) for node in texts]
        for key in ("x", "BackSpace") if texts else ():
            subprocess.run(["xdotool", "key", "--clearmodifiers", key], check=True, timeout=20)
            driver.time.sleep(0.5)
            if key == "x":
                texts = [node for node, n in zip(texts, before) if Atspi.Text.get_character_count(node) > n]
        return next(iter(texts), None)

    def round(self, window):
        """Tab after Tab, until it begins anew: what had the focus, in this order."""
        came, still = [], 0
        for _ in range(MOST):
            node = self.press("Tab") or self.typed([n for n in controls(window) if n.get_role_name() == "text"])
            still = still + 1 if node is None or node in came[-1:] else 0
            if still == 2 or node in came[:-1]:  # there may be one thing only
                return came
            if node is not None and node not in came:
                came.append(node)
        raise AssertionError(f"Tab comes to no end: {[name(node) for node in came]}")

    def end(self):
        self.listener.deregister("object:state-changed:focused")


def name(node):
    return f"{node.get_role_name()} “{node.get_name()}”"


def has(node, *states):
    found = node.get_state_set()
    return all(found.contains(state) for state in states)


def is_shown(node):
    """Of a stack's hidden pages nothing has a size, as long as they were never shown."""
    component = node.get_component_iface()
    size = component and Atspi.Component.get_extents(node, Atspi.CoordType.WINDOW)
    return bool(size) and size.width > 1 and size.height > 1


def controls(node):
    """What is shown of a window and does something."""
    try:
        if not has(node, Atspi.StateType.VISIBLE):
            return
        if node.get_role_name() in OPERATED and node.get_name() and node.get_name() not in OF_THE_WINDOW and \
                has(node, Atspi.StateType.SENSITIVE) and is_shown(node) and \
                (node.get_role_name() not in ROWS or has(node, Atspi.StateType.FOCUSABLE)):
            yield node
        if node.get_role_name() != "combo box":  # its list comes when it is opened
            for i in range(node.get_child_count()):
                yield from controls(node.get_child_at_index(i))
    except GLib.Error:  # it went away meanwhile
        return


def is_reached(node, came):
    """It, or what it consists of: a row may be a frame around its switch, a menu button one around its button.  Or the row
    whose check mark it is, which checks it; or, of what is there for wide windows and for narrow ones, the other."""
    role = node.get_role_name()
    row = Atspi.Accessible.get_parent(node)
    while role == "check box" and row.get_role_name() not in ("list item", "frame"):
        row = row.get_parent()
    return node in came or row in came or any(inner in came for inner in driver.walk(node)) or \
        role == "page tab" and any(other.get_role_name() == role and other.get_name() == node.get_name() for other in came)


def among(node, missing):
    """What is missing in the same list, group or bar, up to three levels up."""
    for _ in range(4):
        node = node.get_parent()
        if node is None or node.get_role_name() == "frame":
            return []
        found = [other for other in driver.walk(node) if other in missing]
        if found:
            return found
    return []


def unreachable(likeness, hidden=()):
    """Controls of the window on top that the keyboard does not come to, by their names."""
    focus = Focus(likeness)
    try:
        window = next(w for w in map(likeness.app.get_child_at_index, range(likeness.app.get_child_count()))
                      if w is not None and has(w, Atspi.StateType.ACTIVE))
        came = focus.round(window)
        missing = [node for node in controls(window) if node not in hidden and not is_reached(node, came)]
        for node in list(came):
            # Back to where Tab came to, and on by arrows.
            if not among(node, missing):
                continue
            for _ in range(len(came) + 1):
                if focus.press("Tab") == node:
                    break
            for key in ("Down", "Right"):
                for _ in range(MOST):
                    at = focus.press(key, 1)
                    if at is None or at in came:
                        break
                    came.append(at)
            missing = [node for node in missing if not is_reached(node, came)]
        print(f"# {window.get_name()}: {len(came)} came to, {len(list(controls(window)))} controls")
        return [name(node) for node in missing]
    finally:
        focus.end()


def check(likeness, what, hidden=()):
    missing = unreachable(likeness, hidden)
    assert not missing, f"{what}: no key comes to {', '.join(missing)}"


def start(likeness, page, *args):
    likeness.start("--page", page, *args)
    likeness.find("page tab", page.capitalize())
    driver.time.sleep(1)  # it fills itself
    likeness.key("Tab")


def people(likeness):
    """Two, and a picture of one of them before the camera."""
    for person in ("Ada", "Bob"):
        folder = faces.write_folder(likeness.home / person, person, 3)
        likeness.run("enrol", person, *map(str, sorted(folder.iterdir())))
    return "--camera", f"files:{folder}"


def test_pages(likeness):
    camera = people(likeness)
    for page in ("verify", "enrol", "train", "evaluate"):
        start(likeness, page, *camera)
        check(likeness, page)
        likeness.stop()


def test_narrow(likeness):
    camera = people(likeness)
    for setting, value in (("window-width", 360), ("window-height", 640)):
        test_unlock.set_setting(likeness, setting, value)
    for page in ("verify", "enrol", "train", "evaluate"):
        start(likeness, page, *camera)
        check(likeness, f"{page}, narrow")
        likeness.stop()


def test_nobody(likeness):
    """The first page, and pages without people, camera and network."""
    likeness.welcomed(False)
    likeness.start()
    likeness.find("push button", "Enrol a Face")
    likeness.key("Tab")
    check(likeness, "the first page")
    likeness.stop()
    likeness.welcomed()
    for page in ("verify", "enrol"):
        start(likeness, page)
        likeness.wait_for("No Camera Found")
        check(likeness, f"{page}, without anything")
        likeness.stop()


def test_preferences(likeness):
    start(likeness, "train", *people(likeness))
    likeness.act("win.preferences")
    window = likeness.find("frame", "Preferences")
    tabs = [node for node in driver.walk(window) if node.get_role_name() == "page tab" and is_shown(node)]
    assert len(tabs) > 1, tabs
    seen = []
    for tab in tabs:
        likeness.press(tab)
        driver.time.sleep(1)
        likeness.key("Tab", window="Preferences")
        check(likeness, f"preferences, {tab.get_name()}", seen)
        seen += [node for node in controls(window) if node.get_role_name() != "page tab"]
    likeness.key("Escape", window="Preferences")


def test_more(likeness):
    """What is opened from a page: the attempts, and the bench of attacks."""
    camera = people(likeness)
    start(likeness, "verify", *camera)
    likeness.act("verify.show-attempts")
    likeness.find("frame", "Attempts")
    likeness.key("Tab", window="Attempts")
    check(likeness, "attempts")
    likeness.key("Escape", window="Attempts")
    likeness.stop()
    start(likeness, "evaluate", *camera)
    before = list(controls(likeness.find("filler", "LkEvaluatePage")))
    likeness.act("evaluate.attacks")
    likeness.wait_for("Each try is made")
    driver.time.sleep(1)
    likeness.key("Tab")
    check(likeness, "attacks", before)


if __name__ == "__main__":
    driver.main([test_pages, test_narrow, test_nobody, test_preferences, test_more])
