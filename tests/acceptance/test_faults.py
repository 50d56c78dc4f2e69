"""What must not happen, made to happen: kill -9 at random moments, a full disk, a home that cannot be
written, a damaged database, model, detector and cohort, a camera that goes. Slow: not part of what is run every time.

   usage: run-acceptance test_faults.py [TEST...]       LIKENESS_KILLS: how often (default 50)
"""
import json
import os
import random
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import time

import driver
import faces
from gi.repository import GLib
from test_scripts import Service, tiny

KILLS = int(os.environ.get("LIKENESS_KILLS", "50"))
SCHEMAS = driver.ROOT / "tests/unit/store"
VERSION = int(re.search(r"LK_DATABASE_VERSION (\d+)", (driver.ROOT / "core/store/lk-database.h").read_text())[1])
PRELOAD = os.environ.get("FAKE_PRELOAD", str(driver.ROOT / "build/tests/camera/libfake-preload.so"))


def sql(path, text):
    database = sqlite3.connect(path)
    try:
        return database.execute(text).fetchall()
    finally:
        database.close()


def store(likeness):
    return likeness.home / "data/likeness"


def pictures(likeness):
    return sorted((store(likeness) / "captures").rglob("*.jpg"))


def kill_at_random(likeness, args, most):
    """Starts the program and kills it at a random moment. Returns whether it was still running."""
    process = subprocess.Popen([driver.PROGRAM, *args], env=likeness.env, stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL)
    try:
        process.wait(random.uniform(0, most))
        return False
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGKILL)
        process.wait()
        return True


def duration(likeness, args):
    begun = time.monotonic()
    subprocess.run([driver.PROGRAM, *args], env=likeness.env, capture_output=True, check=False, timeout=120)
    return time.monotonic() - begun


def every_picture_is_whole(likeness):
    """Each file is one that this key sealed, and decodes: `people export --pictures` reads them all."""
    for person in likeness.run("people").splitlines():
        out = likeness.home / f"out-{random.random()}"
        likeness.run("people", "export", person, "--pictures", str(out))


def test_kill_enrolment(likeness):
    folder = faces.write_folder(likeness.home / "ada", "Ada", 12, width=100, height=100)
    files = [str(p) for p in sorted(folder.iterdir())]
    whole = duration(likeness, ["enrol", "Ada", "--crop", "whole", *files])
    kept, killed = len(pictures(likeness)), 0
    assert kept == 12
    for _ in range(KILLS):
        killed += kill_at_random(likeness, ["enrol", "Ada", "--crop", "whole", *files], whole)
        now = len(pictures(likeness))
        assert now >= kept, f"{kept - now} pictures were lost"
        kept = now
    assert killed > KILLS / 4, f"only {killed} of {KILLS} were killed: too late"
    every_picture_is_whole(likeness)
    doctor = [json.loads(line) for line in likeness.run("doctor", "--json", status=1).splitlines()]
    assert all(line["grade"] == "good" for line in doctor if line["check"] in ("store", "database")), doctor
    print(f"# killed {killed} of {KILLS}; {kept} pictures, none lost, each whole")


def kill_at_the_end(likeness, args, n_stages, most):
    """Starts a led enrolment and kills it when it has all of its stages, while the pictures are chosen and stored."""
    with subprocess.Popen([driver.PROGRAM, *args], env=likeness.env, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                          text=True) as process:
        for line in process.stdout:
            n_stages -= line.startswith("enrol-stage-")
            if n_stages == 0:
                break
        time.sleep(random.uniform(0, most))
        process.kill()
        process.stdout.read()
        return process.wait() < 0


def test_kill_guided(likeness):
    """A led enrolment appears whole, as a session, or not at all."""
    people = driver.FACES / "people"
    if not people.is_dir():
        raise driver.Skip("shared/faces/people is not there")
    args = ["enrol", "Ada", "--anyway", "--camera", f"files:{min(people.iterdir())}/session1"]
    whole = duration(likeness, args)
    with subprocess.Popen([driver.PROGRAM, *args], env=likeness.env, stdout=subprocess.PIPE, text=True) as process:
        stages = [time.monotonic() for line in process.stdout if line.startswith("enrol-stage-")]
    end = time.monotonic() - stages[-1]
    folder = store(likeness) / "captures/anchor/Ada"
    first = {path.name: sorted(p.name for p in path.iterdir()) for path in folder.iterdir()}
    least = min(map(len, first.values()))
    killed = stored = 0
    for i in range(KILLS):  # at any moment, and at those that matter
        killed += kill_at_random(likeness, args, whole) if i % 2 else kill_at_the_end(likeness, args, len(stages), end)
        now = {path.name: sorted(p.name for p in path.iterdir()) for path in folder.iterdir()}
        assert all(now.get(name) == files for name, files in first.items()), "a session was lost"
        assert all(len(files) >= min(least, 3) for files in now.values()), f"a part of a session: {now}"
        stored += len(now) - len(first)
        first = now
    assert killed > KILLS / 4, f"only {killed} of {KILLS} were killed: too late"
    every_picture_is_whole(likeness)
    print(f"# killed {killed} of {KILLS}; {stored} sessions were stored before, each whole")


def old_database(path, version=1, runs=400):
    """A database of an older version, with something in it; returns how many runs."""
    for suffix in ("", "-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
    database = sqlite3.connect(path)
    database.executescript((SCHEMAS / f"schema-v{version}.sql").read_text())
    database.executemany("INSERT INTO run VALUES (?, ?, 'siamese', 'finished', 1, 2, NULL)",
                         ((i, "x" * 2000) for i in range(10, 10 + runs)))
    database.commit()
    database.close()
    path.chmod(0o600)
    return runs + 2


def is_current(path, n):
    assert sql(path, "PRAGMA user_version") == [(VERSION,)]
    assert sql(path, "SELECT count(*) FROM run") == [(n,)]
    assert sql(path, "PRAGMA integrity_check") == [("ok",)]


def test_kill_migration(likeness):
    """From every older version."""
    likeness.run("people")
    path = store(likeness) / "likeness.db"
    n = old_database(path)
    whole = duration(likeness, ["people"])
    killed = 0
    for i in range(KILLS):
        n = old_database(path, 1 + i % (VERSION - 1))
        killed += kill_at_random(likeness, ["people"], whole)
        likeness.run("people")
        is_current(path, n)
    assert killed > KILLS / 4, f"only {killed} of {KILLS} were killed: too late"
    assert not list(path.parent.glob("*.damaged*"))
    print(f"# killed {killed} of {KILLS}, from versions 1 to {VERSION - 1}; {n} runs each time afterwards")


def training(likeness, output, epochs):
    data = likeness.home / "training"
    for person in ("Ada", "Bob", "Eve", "Kim"):
        if not (data / person).exists():
            faces.write_folder(data / person, person, 8, width=100, height=100)
    return ["train", "--network", tiny(likeness), "--data", str(data), "--output", str(output), "--epochs", str(epochs)]


def test_kill_training(likeness):
    """It goes on from its last checkpoint, whole, and never backwards."""
    output = likeness.home / "model.safetensors"
    checkpoint = output.with_name(output.name + ".checkpoint")
    once = training(likeness, likeness.home / "once.safetensors", 2)
    whole = duration(likeness, once)
    args = training(likeness, output, 100000)
    killed = went_on = 0
    for _ in range(KILLS):
        resume = checkpoint.exists()
        went_on += resume
        killed += kill_at_random(likeness, [*args, "--checkpoint", "1", *(["--resume"] if resume else [])], 2 * whole)
        assert checkpoint.exists() or not resume, "the checkpoint is gone"
        for path in (checkpoint, output):
            if path.exists():
                likeness.run("summary", str(path))
    assert killed > KILLS / 4 and went_on > 0, f"killed {killed} of {KILLS}, went on {went_on} times"
    print(f"# killed {killed} of {KILLS}; went on from a checkpoint {went_on} times, each one whole")


def test_kill_encrypting(likeness):
    likeness.run("people")
    folder = store(likeness) / "captures/anchor/Ada/s"
    folder.mkdir(parents=True, mode=0o700)
    plain = likeness.home / "plain.jpg"
    image = likeness.home / "ada.bmp"
    faces.write_bmp(image, faces.draw("Ada", 1, 100, 100))
    subprocess.run(["convert", str(image), str(plain)], check=True)
    killed = 0

    def fill():
        for i in range(40):
            (folder / f"{i}.jpg").write_bytes(plain.read_bytes())

    fill()
    whole = duration(likeness, ["key", "encrypt"])
    for _ in range(KILLS):
        fill()
        killed += kill_at_random(likeness, ["key", "encrypt"], whole)
        names = sorted(p.name for p in folder.glob("*.jpg"))
        assert len(names) == 40, names
        for path in folder.glob("*.jpg"):
            data = path.read_bytes()
            assert data.startswith(b"LKSEAL1\n") or data == plain.read_bytes(), path
    likeness.run("key", "encrypt")
    every_picture_is_whole(likeness)
    print(f"# killed {killed} of {KILLS}; 40 pictures each time")


def small_disk(likeness, size):
    mount = likeness.home / "disk"
    mount.mkdir()
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(mount)], check=False,
                          capture_output=True, text=True)
    if done.returncode != 0:
        raise driver.Skip("no file system can be mounted here: " + done.stderr)
    likeness.env["XDG_DATA_HOME"] = str(mount)
    return mount


def test_full_disk(likeness):
    mount = small_disk(likeness, "600k")
    try:
        ada = faces.write_folder(likeness.home / "ada", "Ada", 40, width=320, height=240)
        files = [str(p) for p in sorted(ada.iterdir())]
        said = likeness.run("enrol", "Ada", "--crop", "whole", *files, *files, *files, status=2)
        assert "Make space on the disk" in said, said
        before = len(list(mount.rglob("*.jpg")))
        assert before > 0
        every_picture_is_whole(likeness)
        likeness.run("people")
        likeness.run("people", "delete", "Ada")
        assert "1 pictures stored" in likeness.run("enrol", "Ada", "--crop", "whole", files[0])
        print(f"# {before} pictures fitted, each whole")
    finally:
        subprocess.run(["umount", str(mount)], check=False)


def fill(mount, left):
    """Of a small disk so many bytes are left."""
    filler = mount / "filler"
    filler.unlink(missing_ok=True)
    free = os.statvfs(mount)
    with filler.open("wb") as out:
        out.write(bytes(max(0, free.f_bavail * free.f_bsize - left)))
    return filler


def test_full_disk_migration(likeness):
    mount = small_disk(likeness, "6m")
    try:
        likeness.run("people")
        path = mount / "likeness/likeness.db"
        for version in range(1, VERSION):
            n = old_database(path, version)
            filler = fill(mount, 300000)  # the backup does not fit
            said = likeness.run("people", status=None)
            assert "space" in said, said
            assert sql(path, "PRAGMA user_version") == [(version,)] and sql(path, "SELECT count(*) FROM run") == [(n,)]
            filler.unlink()
            likeness.run("people")
            is_current(path, n)
        assert not list(path.parent.glob("*.damaged*"))
    finally:
        subprocess.run(["umount", str(mount)], check=False)


def test_full_disk_training(likeness):
    mount = small_disk(likeness, "4m")
    try:
        likeness.run("people")
        output = mount / "model.safetensors"
        filler = fill(mount, 20000)
        said = likeness.run(*training(likeness, output, 2), status=2)
        assert "space" in said, said
        left = [p.name for p in mount.glob("model*")]
        assert not left, f"a part of a file: {left}"
        filler.unlink()
        likeness.run(*training(likeness, output, 1), status=None)
        likeness.run("summary", str(output))
    finally:
        subprocess.run(["umount", str(mount)], check=False)


def unlock(likeness, source, status, *args):
    return likeness.run("unlock", "-m", tiny(likeness), "--crop", "whole", "--camera", source, "-n", "Ada", "--timeout", "60",
                        *args, status=status)


def test_full_disk_attempts(likeness):
    """Who is refused is refused, whether or not that can be written down, and accepted only when it can be counted."""
    mount = small_disk(likeness, "4m")
    try:
        ada = faces.write_folder(likeness.home / "ada", "Ada", 2, width=100, height=100)
        likeness.run("enrol", "Ada", "--crop", "whole", *map(str, ada.iterdir()))
        path = mount / "likeness/likeness.db"
        unlock(likeness, f"files:{ada}", 1, "-t", "1")
        before = sql(path, "SELECT count(*) FROM attempt")
        filler = fill(mount, 0)
        unlock(likeness, f"files:{ada}", 1, "-t", "1")
        filler.unlink()
        assert before == [(1,)] and sql(path, "PRAGMA integrity_check") == [("ok",)]
        unlock(likeness, f"files:{ada}", 0, "-t", "0")
        every_picture_is_whole(likeness)
    finally:
        subprocess.run(["umount", str(mount)], check=False)


def test_read_only_home(likeness):
    mount = small_disk(likeness, "4m")
    try:
        ada = faces.write_folder(likeness.home / "ada", "Ada", 2, width=100, height=100)
        files = [str(p) for p in sorted(ada.iterdir())]
        likeness.run("enrol", "Ada", "--crop", "whole", *files)
        subprocess.run(["mount", "-o", "remount,bind,ro", str(mount)], check=True)
        assert "Ada" in likeness.run("people")
        said = likeness.run("enrol", "Ada", "--crop", "whole", *files, status=2)
        assert "permissions" in said, said
        said = likeness.run("people", "delete", "Ada", status=2)
        assert said.startswith("likeness: ") and len(said) > 40, said
        doctor = [json.loads(line) for line in likeness.run("doctor", "--json", status=1).splitlines()]
        assert any(line["grade"] == "bad" and line["check"] in ("store", "database") for line in doctor), doctor
        # The window comes, with who is enrolled, and ends well.
        likeness.start("--page", "enrol", "--camera", f"files:{ada}")
        likeness.find("table cell", "Picture 2")

        def is_told():
            likeness.act("enrol.capture-anchor")
            return likeness.says("permissions")
        driver.wait(is_told, "why no picture is kept", 60)
        likeness.stop()
        # Where there was nothing before, nothing can be kept: that stays to be read, and nobody is led through in vain.
        likeness.env["XDG_DATA_HOME"] = str(mount / "new")
        likeness.start("--page", "enrol", "--camera", f"files:{ada}")
        told = likeness.wait_for(str(mount / "new")).get_name()
        assert told.endswith(".") and "permissions" in told, told
        driver.time.sleep(6)  # longer than any toast
        assert likeness.says(told), "it has gone"
        page = likeness.find("filler", "Enrol")
        assert not page.get_state_set().contains(driver.Atspi.StateType.SENSITIVE)
        likeness.stop()
        subprocess.run(["mount", "-o", "remount,bind,rw", str(mount)], check=True)
        assert len(list(mount.rglob("*.jpg"))) == 2
        every_picture_is_whole(likeness)
    finally:
        subprocess.run(["umount", str(mount)], check=False)


def test_damaged_in_use(likeness):
    """The network in use, the detector and the strangers beside the network: a sentence each, in the window, too."""
    data = likeness.home / "program"
    shutil.copytree(driver.ROOT / "data", data, ignore=shutil.ignore_patterns("screenshots", "packaging"))
    likeness.env["LIKENESS_DATA_DIR"] = str(data)
    ada = faces.write_folder(likeness.home / "ada", "Ada", 3, width=640, height=480)
    files = sorted(map(str, ada.iterdir()))
    likeness.run("enrol", "Ada", *files)
    args = ("unlock", "-n", "Ada", "--timeout", "60", "--camera", f"files:{ada}", "-t", "0")
    likeness.run(*args)
    for name, status in (("likeness.safetensors", 2), ("detector.safetensors", 2), ("confirm.safetensors", 2), ("points.safetensors", 2),
                         ("likeness.cohort", 0)):
        path = data / "models" / name
        whole = path.read_bytes()
        path.write_bytes(whole[:len(whole) // 3] + random.randbytes(100))
        said = likeness.run(*args, status=status)
        assert status == 0 or (len(said) > 40 and said.rstrip().endswith(".")), said
        if status != 0:
            likeness.start("--camera", f"files:{ada}")
            driver.wait(lambda: any(name in text for node in likeness.nodes("status bar")
                                    for text in (node.get_name(), node.get_description())), f"{name} to be told of", 40)
            likeness.stop()
        path.write_bytes(whole)
    likeness.run(*args)


def test_damaged_model(likeness):
    a = likeness.home / "a.bmp"
    faces.write_bmp(a, faces.draw("Ada", 1))
    shipped = (driver.ROOT / "data/models/detector.safetensors").read_bytes()
    model = likeness.home / "model.safetensors"
    for _ in range(20):
        data = bytearray(shipped)
        where = random.randrange(min(3000, len(data)))
        data[where:where + 8] = random.randbytes(8)
        model.write_bytes(data[:random.randrange(len(data))] if random.random() < .5 else data)
        # A detector, whole or not, cannot compare faces: a sentence each time, and never a crash.
        done = subprocess.run([driver.PROGRAM, "verify", "-m", str(model), str(a), str(a)], env=likeness.env,
                              capture_output=True, text=True, check=False, timeout=60)
        assert done.returncode == 2 and done.stderr.startswith("likeness: ") and len(done.stderr) > 40, done


def test_damaged_database(likeness):
    ada = faces.write_folder(likeness.home / "ada", "Ada", 2, width=100, height=100)
    likeness.run("enrol", "Ada", "--crop", "whole", *map(str, ada.iterdir()))
    path = store(likeness) / "likeness.db"
    data = bytearray(path.read_bytes())
    data[40:len(data) // 2] = random.randbytes(len(data) // 2 - 40)
    path.write_bytes(data)
    said = likeness.run("people")
    assert "was damaged and has been repaired" in said and "Ada" in said, said
    kept = list(path.parent.glob("likeness.db.damaged*"))
    assert len(kept) == 1 and kept[0].read_bytes() == data, "the damaged one is kept as it was"
    assert sql(path, "PRAGMA integrity_check") == [("ok",)]
    assert "damaged" not in likeness.run("people"), "it is said once"
    every_picture_is_whole(likeness)


def test_several_processes(likeness):
    """The window is open, and commands enrol, list and delete beside it, all at once."""
    people = ("Ada", "Bob", "Eve", "Kim")
    files = {name: [str(p) for p in sorted(faces.write_folder(likeness.home / name, name, 6, width=100, height=100).iterdir())]
             for name in people}
    likeness.run("enrol", "Ada", "--crop", "whole", *files["Ada"])
    likeness.start("--page", "enrol", "--camera", f"files:{likeness.home / 'Ada'}")
    likeness.wait_for("Ada")
    running = [subprocess.Popen([driver.PROGRAM, "enrol", name, "--crop", "whole", *files[name]], env=likeness.env,
                                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
               for name in people for _ in range(2)]
    for process in running:
        said, _ = process.communicate(timeout=120)
        assert process.returncode == 0 and "6 pictures stored" in said, said
    assert len(pictures(likeness)) == 6 + 2 * 6 * len(people)
    likeness.run("people", "delete", "Kim")
    assert likeness.run("people").split() == ["Ada", "Bob", "Eve"]
    likeness.key("ctrl+1")  # it still answers
    likeness.stop()
    every_picture_is_whole(likeness)
    assert sql(store(likeness) / "likeness.db", "PRAGMA integrity_check") == [("ok",)]


def with_fake_camera(likeness, how):
    if not os.path.exists(PRELOAD):
        raise driver.Skip("the fake camera is for x86-64")
    likeness.env.update(LD_PRELOAD=PRELOAD, FAKE_CAMERA=how)


def test_camera_busy_and_unplugged(likeness):
    for how, title in (("busy", "Camera Is in Use"), ("unplugged", "Camera Was Unplugged")):
        with_fake_camera(likeness, how)
        likeness.start("--camera", "/dev/lk-fake-camera")
        likeness.wait_for(title, 40)
        likeness.find("push button", "Try Again")
        likeness.stop()


def test_camera_goes_meanwhile(likeness):
    """While somebody is enrolled, or the lock waits for a face: a sentence, an end in time, and nothing stored."""
    ada = faces.write_folder(likeness.home / "ada", "Ada", 2, width=100, height=100)
    likeness.run("enrol", "Ada", "--crop", "whole", *map(str, ada.iterdir()))
    before = pictures(likeness)
    for how in ("busy", "unplugged"):
        with_fake_camera(likeness, how)
        said = likeness.run("enrol", "Bob", "--anyway", "--camera", "/dev/lk-fake-camera", "--timeout", "8", status=None)
        assert "camera-failed" in said, said
        said = likeness.run("unlock", "-n", "Ada", "--camera", "/dev/lk-fake-camera", "--timeout", "8", status=None)
        assert "camera" in said.lower(), said
        assert pictures(likeness) == before and "Bob" not in likeness.run("people")


def test_camera_goes_from_service(likeness):
    """While another program waits for an unlock: it is told, the try ends in time, and the next one is begun."""
    ada = faces.write_folder(likeness.home / "ada", "Ada", 2, width=100, height=100)
    likeness.run("enrol", "Ada", "--crop", "whole", *map(str, ada.iterdir()))
    for how, ends in (("busy", ("verify-timed-out",) * 2), ("unplugged", ("verify-no-match", "verify-error"))):
        with_fake_camera(likeness, how)
        service = Service(likeness, "--camera", "/dev/lk-fake-camera", "-m", tiny(likeness), "-t", "1", "--crop", "whole")
        try:
            for end in ends:  # a try that came as far as frames that do not match is one that was refused
                service.signals.clear()
                begun = time.monotonic()
                service.call("Verify", GLib.Variant("(su)", ("Ada", 8)))
                done = service.wait_done()
                print("#", how, service.signals)
                assert done[1] == end and "camera-failed" in [s[1] for s in service.signals], service.signals
                assert time.monotonic() - begun < 40 and ("camera" in done[4] or end == "verify-no-match"), service.signals
                assert service.call("List") == ([("Ada", 2, 0, 0)],), "it goes on"
        finally:
            service.end()


def as_root():
    """Small disks are mounted in a name space of one's own, by who may not mount any otherwise: with a bus in it, too."""
    if os.geteuid() != 0 and subprocess.run(["unshare", "-Urm", "true"], check=False, capture_output=True).returncode == 0:
        os.execvp("unshare", ["unshare", "-Urm", str(driver.ROOT / "tests/acceptance/run-acceptance"), *sys.argv])


if __name__ == "__main__":
    as_root()
    driver.main([test_kill_enrolment, test_kill_guided, test_kill_migration, test_kill_training, test_kill_encrypting,
                 test_full_disk, test_full_disk_migration, test_full_disk_training, test_full_disk_attempts,
                 test_read_only_home, test_damaged_model, test_damaged_in_use, test_damaged_database, test_several_processes,
                 test_camera_busy_and_unplugged, test_camera_goes_meanwhile, test_camera_goes_from_service])
