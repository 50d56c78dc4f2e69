#!/usr/bin/env python3
"""The Train tab of the real program: started, paused, stopped, gone on with, told, listed."""
import json
import re
import shutil
import time

import driver
import faces
from driver import Atspi


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


def test_train_pause_stop_continue(likeness):
    set_up(likeness)
    # What verifies before: a model that the command line trained, recorded with the others.
    begun = time.monotonic()
    likeness.run("train", "--network", "siamese-bn", "--epochs", "20", "--steps", "1", "--batch", "16")
    # As many epochs as can be interrupted in time, and waited for.
    n_epochs = max(16, min(400, int(20 * 12 / (time.monotonic() - begun))))
    (first,) = models(likeness)
    first = first.stem

    likeness.start("--page", "train")
    driver.wait(lambda: any(re.fullmatch("Training picture.* 8", node.get_name())
                            for node in likeness.nodes("image")), "what the network will see")
    epochs = likeness.find("spin button", "Epochs")
    assert Atspi.Value.set_current_value(epochs, n_epochs)
    likeness.press(likeness.find("push button", "Start Training"))
    driver.wait(lambda: epoch(likeness) >= 2, "the second epoch", 200)
    for name in ("Loss", "Errors on the validation part"):
        driver.wait(lambda: re.search(r"\d\.\d{3}", curve(likeness, name)), f"points of “{name}”")

    likeness.press(likeness.find("push button", "Pause"))
    likeness.wait_for("Paused in Epoch", 60)
    before = curve(likeness)
    driver.time.sleep(1.5)
    assert curve(likeness) == before, "no step meanwhile"
    at = epoch(likeness)
    likeness.press(likeness.find("push button", "Resume"))
    driver.wait(lambda: epoch(likeness) > at, "an epoch after the pause", 100)

    likeness.press(list(likeness.nodes("push button", "Stop"))[-1])  # the other stops a burst
    likeness.wait_for("Training Stopped", 120)
    (second,) = [m.stem for m in models(likeness) if m.stem != first]
    assert models(likeness, second + ".safetensors.checkpoint"), "what it goes on from"
    likeness.stop()

    # Another day it goes on with the options that it had, beside what it did before, and ends.
    likeness.start("--page", "train")
    likeness.press(likeness.find("push button", "Continue"))
    driver.wait(lambda: epoch(likeness) > at, "the run to go on where it was", 60)
    assert re.search(r"\d\.\d{3}", curve(likeness)), "what it did before"
    likeness.wait_for("Training Finished", 600)
    assert not models(likeness, second + ".safetensors.checkpoint"), "a finished run needs none"
    assert len(models(likeness)) == 2, "it is the same run"
    wait_for_report(likeness)


def test_recorded_elsewhere(likeness):
    """A run of the command line, stopped: its model lies elsewhere, and the window goes on with it."""
    set_up(likeness)
    model = likeness.home / "mine.safetensors"
    options = ["--network", "siamese-bn", "--steps", "1", "--batch", "2", "--json", "--output", str(model)]
    out = likeness.run("train", *options, "--epochs", "2", "--checkpoint", "1")
    assert json.loads(out.splitlines()[0])["epoch"] == 1, out
    assert model.with_name(model.name + ".checkpoint").exists()
    likeness.run("train", *options, "--epochs", "3", "--resume")
    likeness.start("--page", "train")
    likeness.press(likeness.find("push button", "Show Earlier Runs"))
    assert len(buttons(likeness, "Open ")) == 1, "gone on with, it is one run"
    likeness.wait_for("siamese-bn, ", 10)
    assert likeness.says("finished"), "as it ended"
    likeness.press(likeness.find("push button", "Open mine"))
    wait_for_report(likeness)


if __name__ == "__main__":
    driver.main([test_train_pause_stop_continue, test_recorded_elsewhere])
