"""Unlocking as people do: real faces before the file camera, in the window and on the command line.

Wants ../shared/faces/people beside the repository, and a network that tells strangers apart: the
one that ships, or the file that LIKENESS_TEST_MODEL names.
"""
import itertools
import os
import pathlib
import shutil
import time

import driver
from driver import FACES, ROOT, Skip

PEOPLE = FACES / "people"
# Pairs of sessions that an unfinished network tells apart, too.
OWNER = os.environ.get("LIKENESS_TEST_OWNER", "Clay_Aiken")
STRANGERS = ("Condoleezza_Rice", "Elton_John", "JK_Rowling")


def find_model():
    named = os.environ.get("LIKENESS_TEST_MODEL")
    path = pathlib.Path(named) if named else ROOT / "data/models/likeness.safetensors"
    if not path.is_file():
        raise Skip("there is no trained network: LIKENESS_TEST_MODEL may name one")
    if not PEOPLE.is_dir():
        raise Skip(f"{PEOPLE} is not there")
    return path


class Room:
    """Somebody before the camera: a folder that plays as one; nobody is an even wall."""

    def __init__(self, likeness):
        self.folder = likeness.home / "room"
        self.source = f"files:{self.folder}"
        self.wall = likeness.home / "wall"
        self.wall.mkdir()
        (self.wall / "1.ppm").write_bytes(b"P6 320 240 255\n" + bytes((150, 150, 155)) * (320 * 240))
        driver.subprocess.run(["convert", self.wall / "1.ppm", self.wall / "1.jpg"], check=True)
        (self.wall / "1.ppm").unlink()
        self.leave()

    def _swap(self, pictures):
        new, old = self.folder.with_name("room-new"), self.folder.with_name("room-old")
        new.mkdir()
        for i, picture in enumerate(pictures):
            shutil.copy(picture, new / f"{i:03}.jpg")
        if self.folder.exists():
            self.folder.rename(old)
        new.rename(self.folder)
        shutil.rmtree(old, ignore_errors=True)

    def come(self, person, session):
        self._swap(sorted((PEOPLE / person / session).glob("*.jpg")))

    def leave(self):
        self._swap([self.wall / "1.jpg"])


def enrol(likeness, person, name, session="session1"):
    likeness.run("enrol", name, *map(str, sorted((PEOPLE / person / session).glob("*.jpg"))))


def prepare(likeness, **settings):
    """The owner enrolled; a network in use; and settings by their names."""
    model = find_model()
    models = likeness.home / "data/likeness/models"
    models.mkdir(parents=True, mode=0o700)
    shutil.copy(model, models / "test.safetensors")
    config = likeness.home / "config/likeness/settings"
    config.parent.mkdir(parents=True, mode=0o700, exist_ok=True)
    values = {"model": "'test'", **{k.replace("_", "-"): v for k, v in settings.items()}}
    before = config.read_text() if config.exists() else "[Likeness]\n"
    config.write_text(before.replace("[Likeness]\n", "[Likeness]\n" + "".join(f"{k}={v}\n" for k, v in values.items())))
    enrol(likeness, OWNER, "Owner")
    return Room(likeness)


def set_setting(likeness, name, value):
    config = likeness.home / "config/likeness/settings"
    lines = [line for line in config.read_text().splitlines() if not line.startswith(f"{name}=")]
    new = config.with_name("new")
    new.write_text("\n".join(lines).replace("[Likeness]", f"[Likeness]\n{name}={value}", 1) + "\n")
    new.chmod(0o600)
    new.rename(config)


def said(likeness):
    """The title of the Verify page and the sentence below it, as a screen reader has them."""
    for node in likeness.nodes("status bar"):
        if node.get_name() and node.get_description():
            return node.get_name(), node.get_description()
    return "", ""


def wait_said(likeness, title, detail="", seconds=60):
    return driver.wait(lambda: (lambda t, d: (t, d) if title in t and detail in d else None)(*said(likeness)),
                       f"“{title}: {detail}”, not {said(likeness)}", seconds)


def wait_ready(likeness):
    """It looks for somebody, or has given that up: on a slow machine before it could be read."""
    driver.wait(lambda: said(likeness)[0] in ("Look into the Camera", "Locked"), "the lock", 60)


def attempts(likeness):
    import sqlite3
    base = sqlite3.connect(likeness.home / "data/likeness/likeness.db")
    try:
        return base.execute("SELECT person, accepted, picture IS NOT NULL FROM attempt ORDER BY id").fetchall()
    finally:
        base.close()


def test_window(likeness):
    room = prepare(likeness, relock_seconds=2, lockout_attempts=4, keep_refused="true")
    likeness.start("--camera", room.source)
    wait_ready(likeness)

    # The owner, on another day; and gone again.
    room.come(OWNER, "session2")
    _, detail = wait_said(likeness, "This Is Owner", "Opened in")
    print("#", detail)
    likeness.find("image", "Open")
    room.leave()
    wait_said(likeness, "Locked", "The face has left")
    likeness.find("image", "Locked")

    # It opens by itself for who comes; and is locked by hand.
    room.come(OWNER, "session2")
    wait_said(likeness, "This Is Owner")
    likeness.key("l")
    wait_said(likeness, "Locked", "by hand")
    time.sleep(1)
    assert said(likeness)[0] == "Locked", "the face is there still, and may not open it"
    room.leave()
    assert [a[:2] for a in attempts(likeness)] == [("Owner", 1), ("Owner", 1)]

    # Three strangers, each refused once, however long they stay.
    for n, person in enumerate(STRANGERS):
        time.sleep(2)
        room.come(person, "session1")
        wait_said(likeness, "This Is Not Owner", f"{3 - n} more refusal")
        time.sleep(3)
        assert said(likeness)[0] == "This Is Not Owner"
        assert len(attempts(likeness)) == 3 + n
        room.leave()
    # Once more, by hand: locked out, for the owner as well.
    room.come(STRANGERS[0], "session2")
    time.sleep(2)
    likeness.act("verify.begin")
    wait_said(likeness, "Locked Out", "Try again in")
    room.come(OWNER, "session2")
    time.sleep(2)
    assert said(likeness)[0] == "Locked Out"
    assert "too many" in likeness.run("unlock", "--name", "Owner", "--camera", room.source, status=2)
    assert attempts(likeness)[2:] == [("Owner", 0, 1)] * 4, attempts(likeness)


def count(likeness, person):
    return len(list((likeness.home / "data/likeness/captures/anchor" / person).rglob("*.jpg")))


def test_refine(likeness):
    """Who was verified may add pictures that differ: never by itself, only where that is wished, and taken back."""
    room = prepare(likeness, relock_seconds=0)
    likeness.start("--camera", room.source)
    wait_ready(likeness)
    before = count(likeness, "Owner")
    room.come(OWNER, "session2")
    wait_said(likeness, "This Is Owner")
    time.sleep(6)
    assert not likeness.says("New Picture"), "nobody has asked for that"
    likeness.stop()

    settings = likeness.home / "config/likeness/settings"
    settings.write_text(settings.read_text() + "offer-pictures=true\n")
    likeness.start("--camera", room.source)
    wait_said(likeness, "This Is Owner")
    likeness.wait_for("of Owner", 60)
    time.sleep(1)
    assert count(likeness, "Owner") == before, "nothing is added by itself"
    likeness.press(likeness.find("push button", "Add to Owner's pictures"))
    driver.wait(lambda: count(likeness, "Owner") > before, "the new pictures")
    likeness.key("ctrl+z")
    driver.wait(lambda: count(likeness, "Owner") == before, "them to be taken back")

    # Another opening, and not now.
    wait_said(likeness, "This Is Owner")
    likeness.press(likeness.find("push button", "Not Now", 60))
    driver.wait(lambda: not any(likeness.nodes("push button", "Not Now")), "the offer to go")
    assert count(likeness, "Owner") == before


def test_one_of_several(likeness):
    room = prepare(likeness)
    for person in STRANGERS[:2]:
        enrol(likeness, person, person.replace("_", " "))
    likeness.start("--camera", room.source)
    wait_ready(likeness)
    room.come(OWNER, "session2")
    _, detail = wait_said(likeness, "This Is Owner", "as likely as")
    print("#", detail)
    likeness.wait_for("Among the Enrolled")
    room.leave()
    wait_said(likeness, "Locked", "The face has left")
    name = STRANGERS[0].replace("_", " ")
    room.come(STRANGERS[0], "session1")
    wait_said(likeness, f"This Is {name}")
    driver.assert_named(likeness)


def test_command(likeness):
    room = prepare(likeness)
    common = ("unlock", "--name", "Owner", "--timeout", "60")
    room.come(OWNER, "session2")
    print("#", likeness.run(*common, "--camera", room.source).strip().replace("\n", "; "))
    for person in STRANGERS:
        room.come(person, "session1")
        likeness.run(*common, "--camera", room.source, status=1)
    room.leave()
    assert "Nobody was seen" in likeness.run(*common[:-1], "3", "--camera", room.source, status=3)
    assert [a[1] for a in attempts(likeness)] == [1, 0, 0, 0]


def test_no_trace(likeness):
    """Nothing of somebody who was deleted is on the disk: no name, no picture, no embedding, no attempt."""
    room = prepare(likeness, keep_refused="true")
    enrol(likeness, STRANGERS[0], "Stays")
    folder = likeness.home / "data/likeness"
    owner = [p.read_bytes() for p in folder.glob("captures/anchor/*/*/*.jpg")
             if p.parent.parent.name == "Owner"]
    likeness.start("--camera", room.source)
    room.come(OWNER, "session2")
    wait_said(likeness, "This Is Owner")
    room.leave()
    wait_said(likeness, "Locked")
    room.come(STRANGERS[1], "session1")
    wait_said(likeness, "No Match")
    likeness.stop()
    # Refused among several is nobody's, but the picture may be one of Owner.
    assert attempts(likeness) == [("Owner", 1, 0), ("", 0, 1)], attempts(likeness)
    before = folder.joinpath("likeness.db").read_bytes()
    blobs = embeddings(folder, "Owner")
    refused = select(folder, "SELECT picture FROM attempt WHERE picture IS NOT NULL")
    assert b"Owner" in before and blobs and all(b in before for b in blobs)
    assert len(refused) == 1 and refused[0][100:164] in before

    # Whom the window verifies, and a database that was damaged once, tell of Owner as well.
    set_setting(likeness, "person", "'Owner'")
    shutil.copy(folder / "likeness.db", folder / "likeness.db.damaged-2026-03-01T18-30-05")
    likeness.run("people", "delete", "Owner")
    files = [p for p in likeness.home.rglob("*") if p.is_file() and not p.is_relative_to(room.folder)]
    for path in files:
        data = path.read_bytes()
        assert b"Owner" not in data and "Owner" not in str(path.relative_to(likeness.home)), path
        for secret in itertools.chain(blobs, refused, owner):
            assert secret not in data and secret[100:164] not in data, path
    assert attempts(likeness) == [("", 0, 0)], attempts(likeness)
    assert likeness.run("people").split() == ["Stays"]
    assert not embeddings(folder, "Owner") and embeddings(folder, "Stays")


def test_retention(likeness):
    """Pictures of refused attempts go in time though nobody tries again; and a name that nobody has, at once."""
    room = prepare(likeness, keep_refused="true", keep_refused_days="30", person="'Forgotten'")
    folder = likeness.home / "data/likeness"
    room.come(STRANGERS[0], "session1")
    likeness.run("unlock", "--name", "Owner", "--timeout", "60", "--camera", room.source, status=1)
    room.leave()
    picture, = select(folder, "SELECT picture FROM attempt")
    assert b"Forgotten" in (likeness.home / "config/likeness/settings").read_bytes()

    def age(days):
        change(folder, "UPDATE attempt SET picture = ?, moment = moment - ?", picture, days * 86400)

    def is_kept():
        return any(picture[100:164] in path.read_bytes() for path in folder.glob("likeness.db*"))

    age(29)
    likeness.start("--camera", room.source)
    wait_ready(likeness)
    assert is_kept()
    driver.wait(lambda: b"Forgotten" not in (likeness.home / "config/likeness/settings").read_bytes(), "the name to go")
    likeness.stop()
    age(2)
    likeness.start("--camera", room.source)
    driver.wait(lambda: not is_kept(), "the picture of 31 days to go")
    assert attempts(likeness) == [("Owner", 0, 0)]

    # While the window is open: fewer days were chosen.
    change(folder, "UPDATE attempt SET picture = ?, moment = moment + ?", picture, 25 * 86400)
    assert is_kept()
    set_setting(likeness, "keep-refused-days", "5")
    driver.wait(lambda: not is_kept(), "the picture of 6 days to go")

    # The list of attempts is beside the window, not before it: opened twice there is one, and the window can be left.
    for _ in range(2):
        likeness.act("verify.show-attempts")
        likeness.wait_for("Refused as Owner")
    assert sum("Refused as Owner" in node.get_name() for node in likeness.nodes("label")) == 1, "one list"
    driver.assert_named(likeness)
    likeness.stop()


def change(folder, statement, *values):
    import sqlite3
    base = sqlite3.connect(folder / "likeness.db")
    with base:
        base.execute(statement, values)
    base.close()


def embeddings(folder, person):
    return select(folder, "SELECT vector FROM embedding WHERE capture LIKE ?", f"%{person}/%")


def select(folder, question, *values):
    """The first column of what the database answers."""
    import sqlite3
    base = sqlite3.connect(folder / "likeness.db")
    try:
        return [row[0] for row in base.execute(question, values)]
    finally:
        base.close()


if __name__ == "__main__":
    driver.main([test_window, test_refine, test_one_of_several, test_command, test_no_trace, test_retention])
