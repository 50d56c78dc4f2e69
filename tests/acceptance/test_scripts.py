"""For scripts: doctor, people, unlock and the D-Bus service, on the real program."""
import json
import os
import shutil
import subprocess
import time

import driver
import faces
import numpy as np
from gi.repository import Gio, GLib

NAME, PATH = "app.likeness.Likeness1", "/app/likeness/Likeness1"


def tiny(likeness):
    """A network that is ready in no time, and says as little as any that was never trained."""
    path = likeness.home / "tiny.net"
    path.write_text("network tiny\nimage input size=100x100x3\n"
                    "conv conv2d image filters=4 kernel=10 activation=relu\n"
                    "pool maxpool conv window=8 stride=8\nflat flatten pool\n"
                    "embedding dense flat units=16 activation=sigmoid\nscore l1-head embedding\n")
    return str(path)


def enrol(likeness, person, count=4):
    folder = faces.write_folder(likeness.home / person, person, count, width=100, height=100)
    likeness.run("enrol", person, "--crop", "whole", *map(str, sorted(folder.iterdir())))
    return f"files:{folder}"


def with_passphrases(likeness, args, passphrases, status=0):
    path = likeness.home / "passphrases"
    path.write_text("\n".join(passphrases) + "\n")
    with path.open() as lines:
        done = subprocess.run([driver.PROGRAM, *args], capture_output=True, text=True, check=False, timeout=60,
                              env=dict(likeness.env, LIKENESS_PASSPHRASE_FD=str(lines.fileno())),
                              pass_fds=[lines.fileno()])
    assert done.returncode == status, done
    return done.stdout + done.stderr


def test_doctor(likeness):
    text = likeness.run("doctor", status=1)  # there is no camera
    assert "--camera files:" in text and "→" in text, text
    lines = [json.loads(line) for line in likeness.run("doctor", "--json", status=1).splitlines()]
    checks = {line["check"]: line for line in lines}
    assert {"camera", "processor", "model", "store", "database", "keyring", "key", "memory", "display"} <= \
        set(checks), checks
    assert checks["camera"]["grade"] == "bad" and checks["store"]["grade"] == "good", checks
    assert checks["database"]["grade"] == "good"
    assert {"cohort", "detector", "permissions"} <= set(checks), checks
    assert all(checks[what]["grade"] == "good" for what in ("model", "cohort", "detector")), checks

    # A damaged database is told about, and repaired; a file that others can read is told about, and mended.
    folder = likeness.home / "data/likeness"
    path = folder / "likeness.db"
    path.write_bytes(b"nonsense" * 1000)
    path.chmod(0o644)
    checks = doctor(likeness)
    assert checks["database"]["grade"] == "note" and "damaged" in checks["database"]["finding"], checks
    assert checks["permissions"]["grade"] == "note" and "chmod" in checks["permissions"]["advice"], checks
    assert list(path.parent.glob("likeness.db.damaged-*"))
    (likeness.home / "config/likeness").chmod(0o700)
    (likeness.home / "config/likeness/settings").chmod(0o600)
    checks = doctor(likeness)
    assert checks["database"]["grade"] == checks["permissions"]["grade"] == "good", checks


def doctor(likeness):
    lines = likeness.run("doctor", "--json", status=1).splitlines()
    return {line["check"]: line for line in map(json.loads, lines)}


def test_doctor_damage(likeness):
    """What came with the program is damaged, or what is kept: each has a line that says what to do."""
    data = likeness.home / "program"
    shutil.copytree(driver.ROOT / "data", data, ignore=shutil.ignore_patterns("screenshots", "packaging"))
    likeness.env["LIKENESS_DATA_DIR"] = str(data)
    for name, check in (("likeness.cohort", "cohort"), ("likeness.safetensors", "model"), ("points.safetensors", "detector"), ("confirm.safetensors", "detector"),
                        ("detector.safetensors", "detector")):
        path = data / "models" / name
        whole = path.read_bytes()
        path.write_bytes(whole[:len(whole) // 2])
        line = doctor(likeness)[check]
        assert line["grade"] == "bad" and len(line["finding"]) > 30 and len(line["advice"]) > 30, line
        path.unlink()
        line = doctor(likeness)[check]
        assert line["grade"] == ("note" if check == "cohort" else "bad"), line
        path.write_bytes(whole)
        assert doctor(likeness)[check]["grade"] == "good"

    folder = likeness.home / "data/likeness"
    likeness.run("key", "file")
    (folder / "key").write_bytes(b"nonsense")
    line = doctor(likeness)["key"]
    assert line["grade"] == "bad" and "restore" in line["advice"], line
    shutil.rmtree(folder)
    folder.write_text("no folder")
    line = doctor(likeness)["store"]
    assert line["grade"] == "bad" and "df" in line["advice"], line


def test_people(likeness):
    enrol(likeness, "Ada")
    enrol(likeness, "Bob", 2)
    assert likeness.run("people").splitlines() == ["Ada", "Bob"]
    counts = [json.loads(line) for line in likeness.run("people", "list", "--json").splitlines()]
    assert counts[0] == {"person": "Ada", "anchor": 4, "positive": 0, "negative": 0}, counts
    likeness.run("people", "rename", "Ada", "Ada Lovelace")
    assert "already" in likeness.run("people", "rename", "Bob", "Ada Lovelace", status=2)
    file = likeness.home / "ada.person"
    assert "4 pictures" in with_passphrases(likeness, ["people", "export", "Ada Lovelace", str(file)], ["horse"])
    assert file.stat().st_mode & 0o777 == 0o600 and b"Lovelace" not in file.read_bytes()
    likeness.run("people", "delete", "Ada Lovelace")
    assert likeness.run("people").splitlines() == ["Bob"]
    assert "passphrase" in with_passphrases(likeness, ["people", "import", str(file)], ["mule"], 2)
    assert likeness.run("people").splitlines() == ["Bob"]
    with_passphrases(likeness, ["people", "import", str(file)], ["horse"])
    with_passphrases(likeness, ["people", "import", str(file), "Countess"], ["horse"])
    assert likeness.run("people").splitlines() == ["Ada Lovelace", "Bob", "Countess"]
    counts = [json.loads(line) for line in likeness.run("people", "list", "--json").splitlines()]
    assert counts[2] == {"person": "Countess", "anchor": 4, "positive": 0, "negative": 0}, counts
    # Cut anywhere, nothing of it comes in.
    whole = file.read_bytes()
    for size in (5, 60, 90, len(whole) // 2, len(whole) - 1):
        file.write_bytes(whole[:size])
        with_passphrases(likeness, ["people", "import", str(file), "Cut"], ["horse"], 2)
    assert "Cut" not in likeness.run("people")
    likeness.run("people", "export", "Bob", "--pictures", str(likeness.home / "plain"))
    pictures = list((likeness.home / "plain").rglob("*.jpg"))
    assert len(pictures) == 2 and all(p.read_bytes()[:2] == b"\xff\xd8" for p in pictures)
    likeness.run("people", "fly", status=2)


def test_unlock(likeness):
    source = enrol(likeness, "Ada")
    common = ("unlock", "-m", tiny(likeness), "--crop", "whole", "--camera", source)
    assert "Nobody is enrolled" in likeness.run(*common, "--name", "Eve", status=2)
    likeness.run("unlock", status=2)
    likeness.run(*common, "--name", "Ada", "--timeout", "0", status=2)
    assert "accepted" in likeness.run(*common, "-n", "Ada", "--timeout", "60", "-t", "0")
    said = json.loads(likeness.run(*common, "-n", "Ada", "--timeout", "60", "-t", "1", "--json", "-q",
                                   status=1).splitlines()[-1])
    assert said["result"] == "refused" and 0 < said["score"] < 1, said
    # Pictures without a face, for a detector that looks for one.
    empty = likeness.home / "empty"
    empty.mkdir()
    for i in range(2):
        faces.write_bmp(empty / f"{i}.bmp", np.full((240, 320, 3), 160, np.uint8))
    begun = time.monotonic()
    likeness.run("unlock", "-m", tiny(likeness), "--camera", f"files:{empty}", "-n", "Ada", "--timeout", "3", "-t", "0",
                 status=3)
    assert 2.5 < time.monotonic() - begun < 30

    # After five refused ones there is a wait; the accepted one above began the count anew.
    for _ in range(4):
        likeness.run(*common, "-n", "Ada", "--timeout", "60", "-t", "1", "-q", status=1)
    assert "too many" in likeness.run(*common, "-n", "Ada", "-t", "0", status=2)


class Service:
    """The D-Bus service, and what it tells."""

    def __init__(self, likeness, *args):
        env = dict(likeness.env, DBUS_SESSION_BUS_ADDRESS=os.environ["DBUS_SESSION_BUS_ADDRESS"])
        self.bus = Gio.bus_get_sync(Gio.BusType.SESSION)
        self.process = subprocess.Popen([driver.PROGRAM, "service", "--idle", "0", *args], env=env)
        driver.wait(lambda: self.call_bus("NameHasOwner", GLib.Variant("(s)", (NAME,)))[0], "the service")
        self.signals, self.watch = [], lambda signal: None
        self.bus.signal_subscribe(NAME, NAME, None, PATH, None, Gio.DBusSignalFlags.NONE,
                                  lambda *a: self._hear((a[4], *a[5].unpack())))

    def _hear(self, signal):
        self.signals.append(signal)
        self.watch(signal)

    def call_bus(self, method, args):
        return self.bus.call_sync("org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus",
                                  method, args, None, Gio.DBusCallFlags.NONE, -1, None).unpack()

    def call(self, method, args=None, interface=NAME):
        return self.bus.call_sync(NAME, PATH, interface, method, args, None, Gio.DBusCallFlags.NONE, 60000,
                                  None).unpack()

    def wait_done(self, seconds=60):
        context, end = GLib.MainContext.default(), time.monotonic() + seconds
        while time.monotonic() < end:
            context.iteration(False)
            done = [s for s in self.signals if s[2]]
            if done:
                return done[0]
            time.sleep(0.01)
        raise TimeoutError(self.signals)

    def fail(self, method, args):
        try:
            self.call(method, args)
        except GLib.Error as error:
            return Gio.DBusError.get_remote_error(error)
        raise AssertionError(f"{method} did not fail")

    def end(self):
        self.process.terminate()
        assert self.process.wait(20) == 0


def test_service(likeness):
    source = enrol(likeness, "Ada")
    service = Service(likeness, "--camera", source, "-m", tiny(likeness), "-t", "0", "--crop", "whole")
    try:
        text = service.call("Introspect", interface="org.freedesktop.DBus.Introspectable")[0]
        assert "VerifyStatus" in text and 'name="Enrol"' in text
        assert service.call("List") == ([("Ada", 4, 0, 0)],)

        service.call("Verify", GLib.Variant("(su)", ("Ada", 60)))
        busy = service.call("Get", GLib.Variant("(ss)", (NAME, "Busy")), "org.freedesktop.DBus.Properties")
        assert busy == (True,)
        assert service.fail("Verify", GLib.Variant("(su)", ("Ada", 60))) == NAME + ".Error.Busy"
        done = service.wait_done()
        assert done[0] == "VerifyStatus" and done[1] == "verify-match" and done[3] > 0, service.signals
        assert any(s[1] == "checking" for s in service.signals), service.signals
        driver.wait(lambda: service.call("Get", GLib.Variant("(ss)", (NAME, "Busy")),
                                         "org.freedesktop.DBus.Properties") == (False,), "it to rest")

        service.signals.clear()
        service.call("Enrol", GLib.Variant("(suub)", ("Bob", 2, 60, True)))
        assert service.wait_done()[:4] == ("EnrolStatus", "enrol-completed", True, 2), service.signals
        said = [s[1] for s in service.signals]
        assert said.count("enrol-stage-passed") == 7 and said[-2] == "captured", said
        assert "Straight" in [s[4] for s in service.signals if s[1] == "enrol-stage-passed"], service.signals
        driver.wait(lambda: service.call("List") == ([("Ada", 4, 0, 0), ("Bob", 2, 0, 0)],), "Bob")

        assert service.fail("Verify", GLib.Variant("(su)", ("Eve", 5))) == NAME + ".Error.NoSuchPerson"
        for method, args in (("Verify", GLib.Variant("(su)", ("Ada", 0))),
                             ("VerifyLiving", GLib.Variant("(su)", ("Ada", 100000))),
                             ("Enrol", GLib.Variant("(suub)", ("Ada", 0, 5, False))),
                             ("Enrol", GLib.Variant("(suub)", ("Ada", 100000, 5, False)))):
            assert service.fail(method, args) == NAME + ".Error.OutOfRange"
        service.signals.clear()
        service.call("Verify", GLib.Variant("(su)", ("Ada", 60)))
        service.call("Stop")
        service.call("List")  # and it still answers
    finally:
        service.end()


def test_service_refuses(likeness):
    """Too many refused attempts; and a face that somebody else has."""
    source = enrol(likeness, "Ada")
    service = Service(likeness, "--camera", source, "-m", tiny(likeness), "-t", "1", "--crop", "whole")
    verify = GLib.Variant("(su)", ("Ada", 60))
    try:
        for _ in range(5):
            service.signals.clear()
            service.call("Verify", verify)
            assert service.wait_done()[1] == "verify-no-match", service.signals
            driver.wait(lambda: service.call("Get", GLib.Variant("(ss)", (NAME, "Busy")),
                                             "org.freedesktop.DBus.Properties") == (False,), "it to rest")
        assert service.fail("Verify", verify) == NAME + ".Error.LockedOut"
    finally:
        service.end()

    people = driver.FACES / "people"
    if not people.is_dir():
        raise driver.Skip("shared/faces/people is not there")
    source = f"files:{min(people.iterdir())}/session1"
    likeness.run("enrol", "Eve", "--camera", source)
    service = Service(likeness, "--camera", source)
    try:
        for anyway, result in ((False, "enrol-duplicate"), (True, "enrol-completed")):
            service.signals.clear()
            service.call("Enrol", GLib.Variant("(suub)", ("Kim", 3, 120, anyway)))
            assert service.wait_done(150)[1] == result, service.signals
            driver.wait(lambda: service.call("Get", GLib.Variant("(ss)", (NAME, "Busy")),
                                             "org.freedesktop.DBus.Properties") == (False,), "it to rest")
            assert ("Kim" in likeness.run("people")) == anyway
    finally:
        service.end()


if __name__ == "__main__":
    driver.main([test_doctor, test_doctor_damage, test_people, test_unlock, test_service, test_service_refuses])
