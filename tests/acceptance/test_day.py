"""All that a person does with it, one after the other, in one window and with real faces before the file camera.

Each step has tests of its own elsewhere; this one shows that they go together.
"""
import driver
from test_unlock import OWNER, STRANGERS, Room, attempts, embeddings, find_model, select, set_setting, wait_ready, wait_said

WAIT = 30  # seconds, the first time
NAME = "Wilhelmine"  # of nobody else, and of no file


def enrol(likeness, room):
    """By the guide, from the first session; what its pictures do not show is skipped."""
    room.come(OWNER, "session1")
    likeness.start("--page", "enrol", "--camera", room.source)
    likeness.press(likeness.find("push button", "Enrol a New Person", 60))
    page = likeness.find("filler", "Enrol")

    def is_through():
        for node in likeness.nodes(below=page):
            if "Skip" in node.get_name() and node.get_role_name() == "push button":
                driver.Atspi.Action.do_action(node, 0)  # in vain while it looks for the straight look
            if "were chosen" in node.get_name():
                return True
        return False
    driver.wait(is_through, "the pictures to be chosen", 120)
    driver.assert_named(likeness)
    likeness.key(*NAME)  # the entry has the focus
    likeness.press(likeness.find("push button", "Save"))
    driver.wait(lambda: list((likeness.home / "data/likeness/captures/anchor" / NAME).rglob("*.jpg")), "it to be stored")


def traces(likeness, room, secrets):
    """The files that hold one of these, or the name."""
    for path in likeness.home.rglob("*"):
        if path.is_file() and not path.is_relative_to(room.folder):
            data = path.read_bytes()
            if NAME in str(path.relative_to(likeness.home)) or NAME.encode() in data or any(s in data for s in secrets):
                yield path


def test_day(likeness):
    find_model()
    for name, value in (("relock-seconds", 2), ("lockout-attempts", len(STRANGERS)), ("keep-refused", "true")):
        set_setting(likeness, name, value)
    room, folder = Room(likeness), likeness.home / "data/likeness"
    enrol(likeness, room)

    # Another day: it opens, and locks when the face has left.
    room.leave()
    likeness.key("ctrl+1")
    wait_ready(likeness)
    room.come(OWNER, "session2")
    wait_said(likeness, f"This Is {NAME}", "Opened in")
    room.leave()
    wait_said(likeness, "Locked", "The face has left")

    # Three strangers, and it is locked out: for the owner as well.
    for n, person in enumerate(STRANGERS, 1):
        room.come(person, "session1")
        wait_said(likeness, *((f"This Is Not {NAME}", "more refusal") if n < len(STRANGERS) else ("Locked Out", "Try again in")))
        driver.wait(lambda n=n: len(attempts(likeness)) == 1 + n, f"attempt {1 + n} to be written down")
        room.leave()
        if n < len(STRANGERS):
            likeness.act("verify.begin")  # who comes next may come at once
    room.come(OWNER, "session2")
    driver.time.sleep(4)
    assert attempts(likeness)[:1 + len(STRANGERS)] == [(NAME, 1, 0)] + [(NAME, 0, 1)] * len(STRANGERS), attempts(likeness)
    # The busiest machine may have come so far only when the wait was over.
    locked_out, *opened = select(folder, f"SELECT moment FROM attempt WHERE id > {len(STRANGERS)}")
    assert all(moment >= locked_out + WAIT for moment in opened), "opened while it was locked out"

    # What there is of the person: pictures, embeddings, pictures of those who were refused; in files and pages.
    vectors = embeddings(folder, NAME)
    pictures = [path.read_bytes() for path in (folder / "captures").rglob("*.jpg")]
    refused = select(folder, "SELECT picture FROM attempt WHERE picture IS NOT NULL")
    assert len(pictures) >= 3 and vectors and len(refused) == len(STRANGERS)
    secrets = [secret[100:164] for secret in pictures + refused + vectors]
    found = list(traces(likeness, room, secrets))
    assert sum(path.suffix == ".jpg" for path in found) == len(pictures), found
    assert any(path.name.startswith("likeness.db") for path in found), found

    # Deleted in the window; gone for good when it is closed.
    likeness.key("ctrl+2")
    likeness.act("enrol.delete-person")
    likeness.find("push button", "Undo")
    driver.wait(lambda: not list((folder / "captures").rglob("*.jpg")), "the pictures to go")
    likeness.stop()
    assert not list(traces(likeness, room, secrets)), list(traces(likeness, room, secrets))
    assert likeness.run("people").split() == [] and not embeddings(folder, NAME)
    assert select(folder, "PRAGMA integrity_check") == ["ok"]


if __name__ == "__main__":
    driver.main([test_day])
