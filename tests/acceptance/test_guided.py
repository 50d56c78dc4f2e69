"""A person is led through an enrolment, in the window and on the command line."""
import json
import shutil
import subprocess

import driver
import faces


def measure(likeness, path):
    """Degrees of yaw (above 0: the person's left) and pitch, or None."""
    said = json.loads(likeness.run("detect", "--json", str(path), status=None).splitlines()[-1])
    if not said.get("usable"):
        return None
    points = said["faces"][said["chosen"]]["points"]
    middle = (points[0][0] + points[1][0]) / 2
    return said["quality"]["yaw"] * (1 if points[2][0] > middle else -1), said["quality"]["pitch"]


FOUND = []  # looking takes a while, and finds the same


def find_looks(likeness):
    """Pictures of a real person who looks straight, to the left and to the right."""
    if not FOUND:
        FOUND.append(search_looks(likeness))
    return FOUND[0]


def search_looks(likeness):
    people = driver.FACES / "people"
    if not people.is_dir():
        raise driver.Skip("shared/faces/people is not there")
    for person in sorted(people.iterdir()):
        looks = {"straight": [], "left": [], "right": []}
        for path in sorted(person.rglob("*.jpg")):
            pose = measure(likeness, path)
            if pose is None or pose[1] > 15:
                continue
            if abs(pose[0]) < 8:
                looks["straight"].append(path)
            elif pose[0] > 18:
                looks["left"].append(path)
            elif pose[0] < -18:
                looks["right"].append(path)
        if all(len(paths) >= 3 for paths in looks.values()):
            return looks
    raise driver.Skip("nobody in shared/faces/people turns to both sides")


class Sitter:
    """Somebody who does as told: what the camera plays follows what is asked for."""

    def __init__(self, likeness, looks):
        self.folder = likeness.home / "camera"
        self.folder.mkdir(exist_ok=True)
        self.source = f"files:{self.folder}"
        self.looks = looks
        self.hear("straight")

    def hear(self, sentence):
        for look in self.looks:
            if look in sentence:
                for i, path in enumerate(self.looks[look][:3]):
                    shutil.copy(path, self.folder / f"new-{i}")
                    (self.folder / f"new-{i}").rename(self.folder / f"{i}.jpg")


def follow(likeness, looks, *args, status=0):
    sitter = Sitter(likeness, looks)
    said = []
    with subprocess.Popen([driver.PROGRAM, "enrol", *args, "--camera", sitter.source], env=likeness.env,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        for line in process.stdout:
            said.append(line.rstrip("\n"))
            if line.startswith("enrol-asking"):
                sitter.hear(line)
    assert process.returncode == status, said
    return said


def people(likeness):
    return {p["person"]: p for p in map(json.loads, likeness.run("people", "list", "--json").splitlines())}


def sittings(likeness, person):
    return sorted(p.name for p in (likeness.home / "data/likeness/captures/anchor" / person).iterdir())


def lead(likeness, page, sitter, *until, is_over=lambda: False):
    """Does what the Enrol page asks for, and skips what these pictures cannot show; returns what it said."""
    heard = []

    def said():
        for node in likeness.nodes("status bar", below=page):
            text = node.get_name()
            if text not in heard:
                heard.append(text)
                sitter.hear(text)
                if any(word in text for word in ("chin", "closer", "back")):
                    for button in likeness.nodes("push button", "Skip", below=page):
                        driver.Atspi.Action.do_action(button, 0)  # in vain where the stage is over
        return is_over() or any(word in text for text in heard for word in until)
    driver.wait(said, f"one of {until}", 120)
    return heard


def test_turning(likeness):
    """The poses are seen: left and right pass, and what these pictures cannot show is skipped."""
    looks = find_looks(likeness)
    said = follow(likeness, looks, "Ada")
    passed = {line.split(" ", 2)[2] for line in said if line.startswith("enrol-stage-passed")}
    assert {"Straight", "Left", "Right"} <= passed, said
    assert said[-1] == "enrol-completed", said
    assert people(likeness)["Ada"]["anchor"] >= 3, said
    # A head that is held still is through in the end, with what it had.
    shutil.rmtree(likeness.home / "camera")
    said = follow(likeness, {look: looks["straight"][:3] for look in looks}, "Bob", "--anyway")
    assert sum(line.startswith("enrol-stage-skipped") for line in said) >= 4, said
    # One picture over and over is nobody enrolled.
    still = faces.write_folder(likeness.home / "still", "Eve", 1, width=100, height=100)
    text = likeness.run("enrol", "Eve", "--anyway", "--camera", f"files:{still}", status=2)
    assert "Too few pictures" in text and "enrol-completed" not in text, text
    assert set(people(likeness)) == {"Ada", "Bob"}


def test_duplicate(likeness):
    """Whose face is there already is not enrolled under another name, unless that is said."""
    folder = driver.FACES / "people"
    if not folder.is_dir() or not (driver.ROOT / "data/models/likeness.safetensors").exists():
        raise driver.Skip("there are no faces, or no model that can tell them apart")
    first, second = [f"files:{path}/session1" for path in sorted(folder.iterdir())[:2]]
    likeness.run("enrol", "Ada", "--camera", first)
    text = likeness.run("enrol", "Bob", "--camera", first, status=1)
    assert "enrol-duplicate" in text and "“Ada”" in text, text
    assert set(people(likeness)) == {"Ada"}
    likeness.run("enrol", "Bob", "--camera", first, "--anyway")
    likeness.run("enrol", "Ada", "--camera", first, status=1)  # Bob has it, too
    likeness.run("enrol", "Eve", "--camera", second)
    assert set(people(likeness)) == {"Ada", "Bob", "Eve"}


def test_window(likeness):
    """By the window's own words, from the first sentence to the second sitting, anew, and half-way."""
    sitter = Sitter(likeness, find_looks(likeness))
    likeness.start("--page", "enrol", "--camera", sitter.source)
    page = likeness.find("filler", "Enrol")
    likeness.press(next(likeness.nodes("push button", "Enrol a New Person", below=page)))
    heard = lead(likeness, page, sitter, "were chosen")
    assert any("left" in text or "right" in text for text in heard), heard
    assert any(likeness.nodes("progress bar", "Enrolment", below=page))
    assert people(likeness) == {}, "nothing is stored before it has a name"
    likeness.key("a", "d", "a")  # the entry has the focus
    likeness.press(likeness.find("push button", "Save"))
    likeness.wait_for("is enrolled")
    likeness.wait_for("Second Sitting")  # one sitting: another is offered
    first = people(likeness)["ada"]
    assert first["anchor"] >= 3 and first["negative"] == 0, first
    assert len(sittings(likeness, "ada")) == 1

    sitter.hear("straight")
    likeness.press(likeness.find("push button", "Add a Second Sitting"))
    lead(likeness, page, sitter, is_over=lambda: len(sittings(likeness, "ada")) == 2)
    likeness.key("ctrl+z")
    driver.wait(lambda: people(likeness)["ada"] == first, "the second sitting to be taken back")

    # Anew: the old anchors go, and come back.
    old = sittings(likeness, "ada")
    sitter.hear("straight")
    likeness.act("enrol.again")
    lead(likeness, page, sitter,
         is_over=lambda: len(sittings(likeness, "ada")) == 1 and sittings(likeness, "ada") != old)
    likeness.key("ctrl+z")
    driver.wait(lambda: sittings(likeness, "ada") == old, "the first sitting to come back")

    # Half-way, or asked whether this is not Ada, is nothing.
    sitter.hear("straight")
    likeness.act("enrol.guide")
    lead(likeness, page, sitter, "left", "right", "already")
    likeness.key("Escape")
    driver.wait(lambda: any(likeness.nodes("push button", "Enrol a New Person", below=page)), "the guide to go")
    assert people(likeness) == {"ada": first}
    driver.assert_named(likeness)


if __name__ == "__main__":
    driver.main([test_turning, test_duplicate, test_window])
