#!/usr/bin/env python3
"""The Train tab of the real program: run, told, used, named, paused, stopped, gone on with, compared, deleted."""
import json
import re
import shutil
import time

import driver
import faces
from driver import Atspi, GLib


SMALL = """network {}
image     input    size=100x100x3
conv1     conv2d   image  filters=8 kernel=10 activation=relu
pool1     maxpool  conv1  window=4 stride=4 padding=same
conv2     conv2d   pool1  filters=16 kernel=7 activation=relu
flat      flatten  conv2
embedding dense    flat   units=32 activation=sigmoid
score     l1-head  embedding
"""


def set_up(likeness):
    """Networks of the same names, small enough for hundreds of epochs, and people to learn from."""
    data = shutil.copytree(driver.ROOT / "data", likeness.home / "program-data")
    for name in ("siamese", "siamese-bn"):
        (data / "models" / f"{name}.net").write_text(SMALL.format(name))
    likeness.env["LIKENESS_DATA_DIR"] = str(data)
    for person in ("Ada", "Kim"):
        pictures = sorted(map(str, faces.write_folder(likeness.home / person, person, 12).iterdir()))
        likeness.run("enrol", person, *pictures[:6])
        likeness.run("enrol", person, "--kind", "positive", *pictures[6:])
    for person in ("Bob", "Eve"):
        others = sorted(map(str, faces.write_folder(likeness.home / person, person, 6).iterdir()))
        likeness.run("enrol", "Ada", "--kind", "negative", *others)


def start(likeness):
    """From here on only the Train tab is looked through: to ask for everything takes a busy machine seconds."""
    likeness.start("--page", "train")
    likeness.window, likeness.app = likeness.app, likeness.find("filler", "LkTrainPage")


def undo(likeness):
    """Presses the button before it goes: what lies above the pages comes last in the tree."""
    def backwards(node):
        for i in reversed(range(node.get_child_count())):
            try:
                yield from backwards(node.get_child_at_index(i))
            except (AttributeError, GLib.Error):  # it went away meanwhile
                continue
        if node.get_role_name() == "push button" and "Undo" in node.get_name():
            yield node
    likeness.press(driver.wait(lambda: next(backwards(likeness.window), None), "“Undo”"))


def epoch(likeness):
    """The epoch that the run's page is in."""
    for node in likeness.nodes():
        found = re.search(r"Epoch (\d+) of", node.get_name())
        if found:
            return int(found.group(1))
    return 0


def curve(likeness, name="Loss"):
    """What a plot tells those who do not see it: its lines' last points."""
    return " ".join(node.get_description() for node in likeness.nodes("image", name))


def models(likeness, suffix=".safetensors"):
    return sorted((likeness.home / "data/likeness/models").glob("*" + suffix))


def wait_for_report(likeness):
    likeness.wait_for("pairs of pictures that were never trained on", 60)
    likeness.wait_for("Compared on the Same Pairs", 120)


def buttons(likeness, name):
    return list(likeness.nodes("push button", name))


def focus(likeness, role, name):
    """By the keyboard alone, as there is no other way to a row."""
    def reached():
        return any(node.get_state_set().contains(Atspi.StateType.FOCUSED) for node in likeness.nodes(role, name))
    for _ in range(40):
        if reached():
            return
        likeness.key("Tab")
    raise AssertionError(f"“{name}” cannot be reached by Tab")


def choose_preset(likeness, number, description):
    focus(likeness, "combo box", "Preset")
    likeness.key("space", *["Down"] * number, "Return")
    likeness.wait_for(description)


def start_training(likeness, n_epochs):
    assert Atspi.Value.set_current_value(likeness.find("spin button", "Epochs"), n_epochs)
    likeness.press(likeness.find("push button", "Start Training"))


def show_runs(likeness):
    likeness.press(likeness.find("push button", "Back"))
    likeness.press(likeness.find("push button", "Show Earlier Runs"))
    likeness.wait_for("choose two to compare them")


def run_to_end(likeness):
    """A preset, a run to its end, its report; its model in use, and not any more.  How long an epoch took."""
    driver.wait(lambda: any(re.fullmatch("Training picture.* 8", node.get_name())
                            for node in likeness.nodes("image")), "what the network will see")
    choose_preset(likeness, 1, "With batch normalisation")
    begun = time.monotonic()
    start_training(likeness, 8)
    likeness.wait_for("Training Finished", 200)
    took = (time.monotonic() - begun) / 8
    for name in ("Loss", "Errors on the validation part"):
        driver.wait(lambda: re.search(r"\d\.\d{3}", curve(likeness, name)), f"points of “{name}”")
    wait_for_report(likeness)

    # It verifies when somebody says so, and until somebody takes that back.
    settings = likeness.home / "config/likeness/settings"
    (first,) = [m.stem for m in models(likeness)]
    assert first.startswith("siamese-bn"), "the preset's network"
    assert not models(likeness, ".checkpoint"), "a finished run needs none"
    likeness.press(likeness.find("push button", "Use This Model"))
    driver.wait(lambda: f"model='{first}'" in settings.read_text(), "the new model to be used")
    undo(likeness)
    likeness.find("push button", "Use This Model")
    driver.wait(lambda: "model='likeness'" in settings.read_text(), "the old model to be back")
    return first, took


def rename(likeness, old, new):
    likeness.find("push button", f"Rename {old}")
    likeness.press(buttons(likeness, f"Rename {old}")[-1])  # the one within the menu button
    likeness.type(likeness.find("text", f"New name of {old}"), new)
    likeness.key("Return")  # the entry has the focus
    likeness.find("push button", f"Open {new}")


def interrupt(likeness, n_epochs):
    """A run that is paused, goes on, and is stopped; the epoch that it came to."""
    start_training(likeness, n_epochs)
    driver.wait(lambda: epoch(likeness) >= 2, "the second epoch", 200)
    likeness.press(likeness.find("push button", "Pause"))
    likeness.wait_for("Paused in Epoch", 60)
    before = curve(likeness)
    time.sleep(1)
    assert curve(likeness) == before, "no step meanwhile"
    at = epoch(likeness)
    likeness.press(likeness.find("push button", "Resume"))
    driver.wait(lambda: epoch(likeness) > at, "an epoch after the pause", 100)
    likeness.press(list(likeness.nodes("push button", "Stop"))[-1])  # the other stops a burst
    likeness.wait_for("Training Stopped", 120)
    return at


def compare_and_delete(likeness, runs):
    driver.wait(lambda: len(buttons(likeness, "Open ")) == len(runs), "the runs to be listed")
    for name in runs:
        focus(likeness, "check box", f"Compare {name}")
        likeness.key("space")
    likeness.wait_for("Where They Differ")

    def both():
        curves = [node.get_description() for node in likeness.nodes("image", "Equal Error Rate")]
        return curves and all(re.search(r"\d\.\d{3}", curve) for curve in curves)
    driver.wait(both, "both curves")

    # Deleted, it can be had back, and not after that.
    def is_there(name):
        return len(buttons(likeness, f"Delete {name}")) == 1
    for again in (True, False):
        likeness.press(likeness.find("push button", f"Delete {runs[0]}"))
        driver.wait(lambda: not is_there(runs[0]), "the run to go")
        driver.wait(lambda: not likeness.says("Where They Differ"), "the comparison to go: there are no two any more")
        if again:
            undo(likeness)
            driver.wait(lambda: is_there(runs[0]), "the run to come back")


def test_walk(likeness):
    set_up(likeness)
    start(likeness)
    first, took = run_to_end(likeness)
    show_runs(likeness)
    rename(likeness, first, "Evening")
    likeness.press(likeness.find("push button", "Back to the Recipe"))

    # As many epochs as can be interrupted in time, and waited for.
    at = interrupt(likeness, max(16, min(400, int(10 / took))))
    (second,) = [m.stem for m in models(likeness) if m.stem != first]
    assert models(likeness, second + ".safetensors.checkpoint"), "what it goes on from"
    likeness.stop()

    # Another day it goes on with the options that it had, beside what it did before, and ends.
    start(likeness)
    likeness.press(likeness.find("push button", "Continue"))
    driver.wait(lambda: epoch(likeness) > at, "the run to go on where it was", 60)
    assert re.search(r"\d\.\d{3}", curve(likeness)), "what it did before"
    likeness.wait_for("Training Finished", 600)
    assert not models(likeness, ".checkpoint") and len(models(likeness)) == 2, "it is the same run"
    wait_for_report(likeness)

    # Told once more; not compared anew when the pictures are not those of the training any more.
    show_runs(likeness)
    likeness.press(likeness.find("push button", "Open Evening"))
    wait_for_report(likeness)
    folder = faces.write_folder(likeness.home / "Ada-later", "Ada", 3, first=500)
    likeness.run("enrol", "Ada", *map(str, folder.iterdir()))
    likeness.press(likeness.find("push button", "Back"))
    likeness.press(likeness.find("push button", f"Open {second}"))
    likeness.wait_for("other pictures than at this training")
    likeness.press(likeness.find("push button", "Back"))
    compare_and_delete(likeness, ["Evening", second])

    # For good with the program's end; the models stay.
    likeness.stop()
    start(likeness)
    likeness.press(likeness.find("push button", "Show Earlier Runs"))
    likeness.find("push button", f"Open {second}")
    assert not buttons(likeness, "Open Evening") and len(models(likeness)) == 2


def test_recorded_elsewhere(likeness):
    """A run of the command line, stopped: its model lies elsewhere, and the window goes on with it."""
    set_up(likeness)
    model = likeness.home / "mine.safetensors"
    options = ["--network", "siamese-bn", "--steps", "1", "--batch", "2", "--json", "--output", str(model)]
    out = likeness.run("train", *options, "--epochs", "2", "--checkpoint", "1")
    assert json.loads(out.splitlines()[0])["epoch"] == 1, out
    assert model.with_name(model.name + ".checkpoint").exists()
    likeness.run("train", *options, "--epochs", "3", "--resume")
    start(likeness)
    likeness.press(likeness.find("push button", "Show Earlier Runs"))
    driver.wait(lambda: buttons(likeness, "Open "), "the run to be listed")
    assert len(buttons(likeness, "Open ")) == 1, "gone on with, it is one run"
    likeness.wait_for("siamese-bn, ")
    likeness.wait_for("finished")
    likeness.press(likeness.find("push button", "Open mine"))
    wait_for_report(likeness)


if __name__ == "__main__":
    driver.main([test_walk, test_recorded_elsewhere])
