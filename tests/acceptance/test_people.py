"""People in the window, by the keyboard alone: renamed, deleted, exported, imported, and each taken back."""
import driver
import faces


def people(likeness):
    """Who has how many anchors, as the folders say."""
    folder = likeness.home / "data/likeness/captures/anchor"
    return {p.name: len(list(p.rglob("*.jpg"))) for p in sorted(folder.iterdir())} if folder.exists() else {}


def choose(likeness, letter):
    """Opens the menu of the person, and takes an item by its letter."""
    page = likeness.find("filler", "Enrol")
    buttons = []

    def is_reached():
        if not buttons:  # while something is imported, there is none
            buttons.extend(likeness.nodes(name="More about the Person", below=page))
        elif any(node.get_state_set().contains(driver.Atspi.StateType.FOCUSED) for node in buttons):
            return True
        likeness.key("Tab")
        return False
    driver.wait(is_reached, "the menu's button to have the focus", 60)
    likeness.key("Return")
    driver.time.sleep(1)
    likeness.key(letter)


def wait_people(likeness, wanted):
    driver.wait(lambda: people(likeness) == wanted, f"{wanted}, not {people(likeness)}", 60)


def start(likeness):
    for person in ("Ada", "Bob"):
        folder = faces.write_folder(likeness.home / person, person, 3)
        likeness.run("enrol", person, *map(str, sorted(folder.iterdir())))
    likeness.start("--page", "enrol", "--camera", f"files:{folder}")
    wait_people(likeness, {"Ada": 3, "Bob": 3})


def test_rename(likeness):
    start(likeness)
    choose(likeness, "r")
    likeness.write("Ada Lovelace")
    likeness.key("Return")
    wait_people(likeness, {"Ada Lovelace": 3, "Bob": 3})
    likeness.key("ctrl+z")
    wait_people(likeness, {"Ada": 3, "Bob": 3})
    # A name that somebody has already is nobody else's.
    choose(likeness, "r")
    likeness.write("Bob")
    likeness.key("Return")
    driver.time.sleep(3)
    assert people(likeness) == {"Ada": 3, "Bob": 3}


def test_delete(likeness):
    start(likeness)
    choose(likeness, "d")
    wait_people(likeness, {"Bob": 3})
    likeness.key("ctrl+z")
    wait_people(likeness, {"Ada": 3, "Bob": 3})


def test_export_import(likeness):
    start(likeness)
    file = likeness.home / "ada.likeness"
    choose(likeness, "e")
    likeness.write(str(file), window="Export a Person")
    likeness.key("Return", window="Export a Person")
    likeness.write("correct horse", window="Protect the File")
    likeness.key("Tab", "Tab", window="Protect the File")  # past the eye that shows it
    likeness.write("correct horse", window="Protect the File")
    likeness.key("Return", window="Protect the File")
    driver.wait(file.exists, "the file", 60)
    assert file.stat().st_mode & 0o777 == 0o600
    assert b"Ada" not in file.read_bytes() and b"JFIF" not in file.read_bytes(), "it is encrypted"

    choose(likeness, "d")
    wait_people(likeness, {"Bob": 3})
    for passphrase, wanted in (("wrong", {"Bob": 3}), ("correct horse", {"Ada": 3, "Bob": 3})):
        choose(likeness, "i")
        likeness.key("slash", window="Import a Person")  # the place to type a path
        likeness.write(str(file), window="Import a Person")
        likeness.key("Return", window="Import a Person")
        likeness.write(passphrase, window="The File Is Locked")
        likeness.key("Return", window="The File Is Locked")
        if passphrase == "wrong":
            driver.time.sleep(5)  # in vain; the menu is back when it is over
        wait_people(likeness, wanted)


def test_import_folder(likeness):
    start(likeness)
    folder = likeness.home / "more"
    faces.write_folder(folder / "anchor", "Ada", 2, first=50, width=100, height=100)
    (folder / "anchor" / "torn.jpg").write_bytes(b"no picture")
    choose(likeness, "f")
    likeness.key("slash", window="Import a Folder")
    likeness.write(str(folder), window="Import a Folder")
    likeness.key("Return", window="Import a Folder")
    wait_people(likeness, {"Ada": 5, "Bob": 3})


if __name__ == "__main__":
    driver.main([test_rename, test_delete, test_export_import, test_import_folder])
