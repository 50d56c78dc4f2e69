"""What a threshold means, and the network adapted to one person, with real faces."""
import json
import os
import time

import driver

PEOPLE = driver.FACES / "people"


def answer(said):
    """The JSON object among what a command said; warnings stand beside it."""
    return json.loads(next(line for line in said.splitlines() if line.startswith("{")))


def need_model():
    """The program's own network, with strangers beside it."""
    if not PEOPLE.is_dir():
        raise driver.Skip(f"{PEOPLE} is not here")
    if not (driver.ROOT / "data/models/likeness.cohort").exists():
        raise driver.Skip("there is no data/models/likeness.cohort")


def enrol(likeness, name, sessions=(1, 2)):
    person = sorted(PEOPLE.iterdir())[14]
    for session in sessions:
        files = sorted(str(f) for f in (person / f"session{session}").glob("*.jpg"))
        likeness.run("enrol", name, *files)
        time.sleep(1.1)  # a session is named by the second


def personal(likeness, name):
    return likeness.home / "data/likeness/captures/anchor" / name / ".personal"


def test_command(likeness):
    need_model()
    enrol(likeness, "Ada")
    begun = time.monotonic()
    process = likeness.run("train", "--quick", "--person", "Nobody", status=2)
    assert "no pictures of “Nobody”" in process, process
    for status in (0, 1):
        try:
            said = answer(likeness.run("train", "--quick", "--person", "Ada", "--json", status=status))
            break
        except AssertionError:
            if status == 1:
                raise
    assert time.monotonic() - begun < 60
    assert said["kept"] == (status == 0), said
    assert said["kept"] == personal(likeness, "Ada").exists(), said
    assert said["looks_held_out"] == 10 and said["strangers_held_out"] >= 300, said
    assert said["across_sessions"], said
    # The rule, whichever way it went.
    assert said["kept"] == (said["refused_after"] < said["refused_before"]
                            and said["refused_after_at_1e-2"] <= said["refused_before_at_1e-2"]
                            and said["passed_after"] <= said["passed_before"]), said
    likeness.run("train", "--quick", "--forget", "--person", "Ada")
    assert not personal(likeness, "Ada").exists()


def test_calibrate(likeness):
    """The file of strangers is made again, and belongs to its model alone."""
    need_model()
    known = likeness.home / "known"
    known.mkdir()
    for person in sorted(PEOPLE.iterdir())[:12]:
        os.symlink(person, known / person.name)
    models = likeness.home / "data/likeness/models"
    models.mkdir(parents=True)
    path = models / "mine.safetensors"
    said = answer(likeness.run("calibrate", "likeness", "--folders", str(known), "--output", str(path),
                               "--half", "--cohort", "100", "--json"))
    assert said["cohort"] == 12, said
    assert said["fused_genuine"] > 100 and said["fused_impostor"] > 1000, said
    assert [t["supported"] for t in said["fused_thresholds"]] == [True, True, True, False], said
    enrol(likeness, "Ada")
    quick = "train", "--quick", "--person", "Ada", "--network", "mine", "--json"
    # The same numbers are the same model: the program's own strangers would do for it.
    own = (driver.ROOT / "data/models/likeness.cohort").read_bytes()
    cohort = path.with_suffix(".cohort")
    assert own[own.index(b'"model":'):][:74] == cohort.read_bytes()[cohort.read_bytes().index(b'"model":'):][:74]
    data = bytearray(cohort.read_bytes())
    at = data.index(b'"model":"') + 9
    data[at] = ord("0") if data[at] != ord("0") else ord("1")
    cohort.write_bytes(data)
    assert "belong to another version" in likeness.run(*quick, status=2)
    cohort.unlink()
    assert "are missing" in likeness.run(*quick, status=2)


def test_window(likeness):
    need_model()
    enrol(likeness, "Ada")
    person = sorted(PEOPLE.iterdir())[14]
    likeness.start(f"--camera=files:{person / 'session3'}")
    # The slider tells what it means, of this network and of Ada.
    likeness.wait_for("stranger", 30)
    likeness.wait_for("With the pictures of Ada", 30)
    likeness.key("ctrl+3")
    likeness.press(likeness.find("push button", "Adapt"))
    likeness.wait_for("Tried on 10 looks of Ada", 60)
    helped = likeness.says("It helps, and is in use.")
    assert helped == personal(likeness, "Ada").exists()
    assert helped or likeness.says("the network is as it was")
    if helped:
        likeness.press(likeness.find("push button", "Forget It"))
        driver.wait(lambda: not personal(likeness, "Ada").exists(), "it to be forgotten")


if __name__ == "__main__":
    driver.main([test_command, test_calibrate, test_window])
