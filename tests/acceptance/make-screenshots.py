#!/usr/bin/env python3
"""Makes the README's pictures from the running program: usage: run-acceptance make-screenshots.py FOLDER

Plays the demo's portrait (Debian's package facedetect), enrols it beside drawn faces, trains a few
steps, and takes each page in light and in dark.
"""
import pathlib
import subprocess
import sys

import driver
import faces
from driver import Atspi

PORTRAIT = pathlib.Path("/usr/share/doc/facedetect/examples/grace_hopper_512x512.jpg")


def take(likeness, folder, name):
    driver.time.sleep(1.5)  # animations
    window = subprocess.run(["xdotool", "search", "--onlyvisible", "--name", "^Likeness$"],
                            capture_output=True, text=True, check=True).stdout.split()[0]
    subprocess.run(["import", "-window", window, "-strip", "+dither", "-colors", "256", f"PNG8:{folder / name}"],
                   check=True)


def main(folder):
    Atspi.init()
    folder.mkdir(parents=True, exist_ok=True)
    likeness = driver.Likeness()
    try:
        frames = likeness.home / "portrait"
        likeness.run("demo", str(PORTRAIT), str(frames))
        pictures = sorted(map(str, frames.iterdir()))
        likeness.run("enrol", "Grace", *pictures[0:240:20])
        likeness.run("enrol", "Grace", "--kind", "positive", *pictures[10:240:20])
        for person in ("Bob", "Eve", "Kim", "Ada"):
            others = faces.write_folder(likeness.home / person, person, 6, width=640, height=480)
            likeness.run("enrol", "Grace", "--kind", "negative", *map(str, sorted(others.iterdir())))

        # Light: train for real, and keep its page as it is at the end.
        likeness.start("--page", "train", "--camera", f"files:{frames}",
                       env={"ADW_DEBUG_COLOR_SCHEME": "prefer-light"})
        Atspi.Value.set_current_value(likeness.find("spin button", "Epochs"), 12)
        likeness.press(likeness.find("push button", "Start Training"))
        likeness.wait_for("Training Finished", 300)
        take(likeness, folder, "train-light.png")
        likeness.press(likeness.find("push button", "Use This Model"))
        likeness.key("ctrl+1")
        likeness.wait_for("This Is Grace", 60)
        take(likeness, folder, "verify-light.png")
        likeness.key("ctrl+2")
        take(likeness, folder, "enrol-light.png")
        likeness.stop()

        likeness.start("--camera", f"files:{frames}", env={"ADW_DEBUG_COLOR_SCHEME": "prefer-dark"})
        likeness.wait_for("This Is Grace", 60)
        take(likeness, folder, "verify-dark.png")
        likeness.key("ctrl+2")
        take(likeness, folder, "enrol-dark.png")
        likeness.key("ctrl+3")
        Atspi.Value.set_current_value(likeness.find("spin button", "Epochs"), 12)
        likeness.press(likeness.find("push button", "Start Training"))
        likeness.wait_for("Epoch 6 of", 300)
        take(likeness, folder, "train-dark.png")
        likeness.stop()
    finally:
        likeness.clean()


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
