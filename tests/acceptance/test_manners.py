"""What a person meets beside the work itself: the first page, names for screen readers, keys, preferences, their own language."""
import gettext
import os
import pathlib

import driver
import faces
import test_train
from driver import Atspi, GLib

def test_welcome(likeness):
    likeness.welcomed(False)
    likeness.start()
    button = likeness.find("push button", "Enrol a Face")
    told = [r.get_target(i).get_name() for r in button.get_relation_set()
            if r.get_relation_type() == Atspi.RelationType.DESCRIBED_BY for i in range(r.get_n_targets())]
    assert len(told) == 3 and "enrol" in told[0] and "nothing is sent" in told[1] and "film" in told[2], told
    assert all(text.count(".") == 1 for text in told), "a sentence each"
    driver.time.sleep(1)
    assert not likeness.says("No Camera Found"), "it looked for a camera before it was let"
    likeness.key("Return")
    likeness.wait_for("No Camera Found")
    driver.wait(lambda: "welcomed=true" in (likeness.home / "config/likeness/settings").read_text(), "that it was seen")
    likeness.stop()
    likeness.start()
    likeness.wait_for("No Camera Found")


def test_everything_is_named(likeness):
    folder = faces.write_folder(likeness.home / "ada", "Ada", 2)
    likeness.run("enrol", "Ada", *map(str, folder.iterdir()))
    likeness.start("--camera", f"files:{folder}")
    likeness.wait_for("Verify")
    for key in ("ctrl+1", "ctrl+2", "ctrl+3", "ctrl+4"):  # a page may fill itself when it is first seen
        likeness.key(key)
        driver.time.sleep(1)
    likeness.key("F10")
    about = likeness.find(name="About Likeness")
    driver.assert_named(likeness)
    likeness.press(about)
    likeness.wait_for("The Likeness developers")
    likeness.act("win.camera-menu")
    likeness.find(name="Play a")
    likeness.act("win.preferences")
    likeness.find("push button", "Delete Everybody")
    likeness.act("win.show-help-overlay")
    likeness.find("frame", "Keyboard Shortcuts")
    driver.assert_named(likeness)
    windows = {likeness.app.get_child_at_index(k).get_name() for k in range(likeness.app.get_child_count())}
    assert {"Likeness", "About", "Preferences", "Keyboard Shortcuts"} <= windows, windows
    likeness.process.terminate()  # keys go to the windows on top
    likeness.process.wait()
    likeness.process = None


def test_trainings_are_named(likeness):
    """The runs, and one of them with its curves and what came of it."""
    test_train.set_up(likeness)
    likeness.run("train", "--network", "siamese-bn", "--steps", "1", "--batch", "2", "--epochs", "1",
                 "--output", str(likeness.home / "mine.safetensors"))
    likeness.start("--page", "train")
    likeness.press(likeness.find("push button", "Show Earlier Runs"))
    opens = likeness.find("push button", "Open mine")
    driver.assert_named(likeness)
    likeness.press(opens)
    test_train.wait_for_report(likeness)
    driver.assert_named(likeness)


def test_your_data(likeness):
    folder = faces.write_folder(likeness.home / "ada", "Ada", 2)
    likeness.run("enrol", "Ada", *map(str, folder.iterdir()))
    captures = likeness.home / "data/likeness/captures"
    likeness.start("--page", "train")
    likeness.act("win.preferences")
    window = likeness.find("frame", "Preferences")

    def find(name):  # there, and not in all of the program: a toast does not stay for long
        return driver.wait(lambda: next((n for n in driver.walk(window) if name in n.get_name()), None), f"“{name}”")

    find("1 person, 2 pictures")
    tab = next(n for n in driver.walk(window) if n.get_name() == "Your Data" and n.get_action_iface() is not None)
    likeness.press(tab)
    driver.time.sleep(1)
    button, begun = find("Delete Everybody"), driver.time.monotonic()
    likeness.press(button)
    try:
        likeness.press(find("Undo"))
    except TimeoutError:  # it may have gone before it was found
        if os.getloadavg()[0] < 2 * os.cpu_count():
            raise
    if driver.time.monotonic() - begun > 9:
        raise driver.Skip("this computer is too busy to press a button within the ten seconds that a toast stays")
    driver.time.sleep(12)
    assert len(list(captures.rglob("*.jpg"))) == 2, "undone, and deleted all the same"
    likeness.press(find("Delete Everybody"))
    assert len(list(captures.rglob("*.jpg"))) == 2, "deleted before it could be undone"
    driver.wait(lambda: not list(captures.rglob("*.jpg")), "the pictures to go", 40)
    find("Nobody is enrolled yet")
    likeness.key("Escape", window="Preferences")


def catalogue_of_german():
    return gettext.translation("likeness", str(pathlib.Path(driver.PROGRAM).parent.parent / "resources/po"), ["de"])


def test_german(likeness):
    likeness.env["LANGUAGE"] = "de"
    assert catalogue_of_german().gettext("Verify") == "Prüfen"
    assert "Gesichtsprüfung" in likeness.run("--help")
    assert "Wer es sein soll" in likeness.run("unlock", "--help")
    assert "verify braucht zwei Bilder." in likeness.run("verify", "a.jpg", status=2)
    assert "kann nicht gelesen werden" in likeness.run("verify", "a.jpg", "b.jpg", status=2)
    # One of something, and several.
    folder = faces.write_folder(likeness.home / "ada", "Ada", 1, width=640, height=480)
    one = str(next(folder.iterdir()))
    assert "1 Gesicht\n" in likeness.run("detect", one)
    nobody = likeness.home / "nobody.bmp"
    faces.write_bmp(nobody, faces.spoil(faces.draw("Ada", 1, 640, 480), "nobody"))
    assert "0 Gesichter\n" in likeness.run("detect", str(nobody), status=1)

    likeness.start()
    likeness.wait_for("Keine Kamera gefunden")
    catalogue = catalogue_of_german()._catalog  # pylint: disable=protected-access
    english = {text for text, other in catalogue.items()
               if isinstance(text, str) and text and other not in (text, "") and "%" not in text} - set(catalogue.values())
    names = [node.get_name() for node in driver.walk(likeness.app)]
    left = sorted({name for name in names if name in english})
    assert not left, f"still in English: {left}"
    assert {"Prüfen", "Erfassen", "Trainieren", "Bewerten"} <= set(names)


if __name__ == "__main__":
    driver.main([test_welcome, test_everything_is_named, test_trainings_are_named, test_your_data, test_german])
