"""A person's way through the window: enrol, train, verify, lose the camera and get it back."""
import shutil

import driver
import faces
from driver import Atspi


class Camera:
    """A folder that plays as a camera."""

    def __init__(self, likeness):
        self.folder = likeness.home / "camera"
        self.source = f"files:{self.folder}"

    def show(self, person, first=100, how=None):
        """Puts somebody in front of it, all at once: a folder is swapped, not filled."""
        new = self.folder.with_name("camera-new")
        if how is None:
            faces.write_folder(new, person, 8, first)
        else:
            new.mkdir()
            for i in range(8):
                faces.write_bmp(new / f"{i}.bmp", faces.spoil(faces.draw(person, first + i, 640, 480), how))
        old = self.folder.with_name("camera-old")
        if self.folder.exists():
            self.folder.rename(old)
        new.rename(self.folder)
        shutil.rmtree(old, ignore_errors=True)

    def unplug(self):
        shutil.rmtree(self.folder)


def verdict(likeness):
    """What the verdict says: the status of the Verify page."""
    page = next(likeness.nodes("filler", "Verify"))
    return [n.get_name() for n in driver.walk(page) if n.get_role_name() == "status bar"]


def wait_verdict(likeness, text, seconds=60):
    driver.wait(lambda: any(text in said for said in verdict(likeness)), f"the verdict “{text}”",
                seconds)


def wait_score(likeness, wanted, what):
    """Until the page shows such scores for a while: the frames of who is meant really play."""
    page = likeness.find("filler", "Verify")
    seen = []

    def settled():
        text = next((n.get_name() for n in likeness.nodes("label", "0.", below=page)), "")
        seen.append(wanted(float(text)) if len(text) == 4 else False)
        return all(seen[-4:]) and len(seen) > 4
    driver.wait(settled, what, 60)


def captured(likeness, kind):
    return len(list((likeness.home / "data/likeness/captures" / kind).rglob("*.jpg")))


def capture(likeness, kind, count, how):
    for i in range(count):
        how()
        driver.wait(lambda: captured(likeness, kind) > i, f"{kind} {i + 1}")


def enrol(likeness, camera, anchors=8, positives=8, negatives=8):
    """Ada, by the buttons' actions and by the keys; Bob and Eve are the negatives."""
    likeness.key("ctrl+2")
    likeness.act("enrol.new-person")
    entry = likeness.find("text", "Name")
    likeness.type(entry, "Ada")
    likeness.key("Return")
    capture(likeness, "anchor", anchors, lambda: likeness.act("enrol.capture-anchor"))
    capture(likeness, "positive", positives, lambda: likeness.key("p"))
    for n, person in enumerate(("Bob", "Eve")):
        camera.show(person)
        driver.time.sleep(1)  # the old folder's last pictures
        for i in range(negatives // 2):
            likeness.key("n")
            driver.wait(lambda: captured(likeness, "negative") > n * (negatives // 2) + i,
                        f"negative {i + 1}")


def test_starts_without_camera(likeness):
    likeness.without_model()
    likeness.start()
    likeness.wait_for("No Camera Found")
    wait_verdict(likeness, "No Network Yet")
    likeness.act("verify.go-train")
    driver.wait(lambda: likeness.says("There are no pictures"), "why training cannot start")
    likeness.act("win.show-help-overlay")
    likeness.find("frame", "Shortcuts")
    likeness.key("Escape")


def test_enrol_train_verify(likeness):
    camera = Camera(likeness)
    camera.show("Ada")
    likeness.start("--camera", camera.source)
    enrol(likeness, camera)

    # Train some 30 steps: with 8, how surely it tells people apart hung on which frames were taken.
    likeness.key("ctrl+3")
    epochs = likeness.find("spin button", "Epochs")
    assert Atspi.Value.set_current_value(epochs, 30)
    likeness.press(likeness.find("push button", "Start Training"))
    likeness.wait_for("Training Finished", 1200)  # 20 s, where nothing else runs
    likeness.press(likeness.find("push button", "Use This Model"))
    models = list((likeness.home / "data/likeness/models").glob("*.safetensors"))
    assert len(models) == 1 and models[0].stat().st_mode & 0o777 == 0o600, models
    assert not list(models[0].parent.glob("*.checkpoint")), "a finished run needs none"

    # Bob and Ada before the camera.
    likeness.key("ctrl+1")
    camera.show("Bob", 200)
    wait_verdict(likeness, "This Is Not Ada")
    camera.show("Ada", 200)
    wait_score(likeness, lambda score: score > 0.5, "Ada's frames")
    likeness.act("verify.begin")  # who stays is refused once
    wait_verdict(likeness, "This Is Ada")

    # The camera goes, and comes back by itself.
    camera.unplug()
    likeness.wait_for("Camera Was Unplugged")
    camera.show("Ada", 300)
    wait_verdict(likeness, "This Is Ada")

    # What was chosen lasts.
    likeness.stop()
    likeness.start("--camera", camera.source)
    wait_verdict(likeness, "This Is Ada")


def advice(likeness):
    """What is written over the picture, for those who hear the screen too."""
    page = next(likeness.nodes("filler", "Enrol"))
    return [n.get_name() for n in driver.walk(page)
            if n.get_role_name() == "status bar" and n.get_name() not in ("", "GtkLabel")]


def wait_advice(likeness, text):
    driver.wait(lambda: any(text in said for said in advice(likeness)), f"the advice “{text}”")


def test_reasons(likeness):
    camera = Camera(likeness)
    camera.show("Ada")
    likeness.start("--page", "enrol", "--camera", camera.source)
    likeness.act("enrol.new-person")
    likeness.type(likeness.find("text", "Name"), "Ada")
    likeness.key("Return")
    capture(likeness, "anchor", 1, lambda: likeness.act("enrol.capture-anchor"))
    for how, text in (("dark", "too dark"), ("several", "several faces"),
                      ("blurred", "blurred"), ("nobody", "no face")):
        camera.show("Ada", how=how)
        wait_advice(likeness, text)
    # A frame that cannot be used is not captured; the next that can is.
    likeness.act("enrol.capture-anchor")
    driver.time.sleep(1.5)
    assert captured(likeness, "anchor") == 1, "nobody was captured"
    camera.show("Ada")
    driver.wait(lambda: captured(likeness, "anchor") == 2, "the first frame that can be used")
    driver.wait(lambda: not advice(likeness), "the advice to go")


def test_preferences(likeness):
    camera = Camera(likeness)
    camera.show("Ada")
    likeness.start("--page", "enrol", "--camera", camera.source)
    driver.time.sleep(1)
    assert not advice(likeness), advice(likeness)
    likeness.act("win.preferences")
    limit = likeness.find("spin button", "Distance between the eyes")
    assert Atspi.Value.get_current_value(limit) == 12
    assert Atspi.Value.set_current_value(limit, 90)
    wait_advice(likeness, "too far")
    settings = likeness.home / "config/likeness/settings"
    driver.wait(lambda: "'eye-distance': 90" in settings.read_text(), "the limit to be kept")
    likeness.key("Escape")


def test_delete_and_undo(likeness):
    folder = faces.write_folder(likeness.home / "ada", "Ada", 3)
    likeness.run("enrol", "Ada", *map(str, folder.iterdir()))
    likeness.start("--page", "enrol", "--camera", f"files:{folder}")
    likeness.act("enrol.delete-person")
    driver.wait(lambda: captured(likeness, "anchor") == 0, "the pictures to go")
    likeness.press(likeness.find("push button", "Undo"))
    driver.wait(lambda: captured(likeness, "anchor") == 3, "the pictures to come back")
    likeness.act("enrol.delete-person")
    driver.wait(lambda: captured(likeness, "anchor") == 0, "the pictures to go again")
    likeness.stop()
    left = [p for p in (likeness.home / "data").rglob("*") if p.is_file() and p.name != "lock"]
    assert sorted(p.name for p in left) == ["key", "likeness.db"], f"deleted, and still there: {left}"
    assert not any(b"Ada" in p.read_bytes() for p in left)


def test_evaluate(likeness):
    models = likeness.home / "data/likeness/models"
    models.mkdir(parents=True)
    for person in ("Kim", "Eve", "Bob", "Ada"):
        folder = faces.write_folder(likeness.home / "people" / person, person, 5)
        if person in ("Ada", "Bob"):
            likeness.run("enrol", person, *map(str, sorted(folder.iterdir())))
    likeness.run("calibrate", "siamese-bn", "--folders", str(folder.parent), "--crop", "guide",
                 "--half", "--output", str(models / "mine.safetensors"))
    likeness.start("--camera", f"files:{folder}")
    likeness.key("ctrl+4")
    likeness.wait_for("Ready.")
    likeness.press(likeness.find("push button", "Measure"))
    # 10 genuine pairs each; each anchor against the other's five: 25 impostor pairs.
    likeness.wait_for("20 genuine pairs", 60)
    assert likeness.says("25 impostor pairs") and likeness.says("0 of 10 pictures")
    likeness.find("push button", "Save Report")
    driver.assert_named(likeness)


if __name__ == "__main__":
    driver.main([test_starts_without_camera, test_reasons, test_preferences,
                 test_enrol_train_verify, test_delete_and_undo,
                 test_evaluate])
