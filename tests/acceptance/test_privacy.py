"""The key of the pictures, as somebody without a keyring meets it in the window."""
import json

import driver
import faces
from gi.repository import Gio, GLib


def no_keyring():
    """Takes the keyring's name on the session bus, and serves nothing under it."""
    bus = Gio.bus_get_sync(Gio.BusType.SESSION)
    bus.call_sync("org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus", "RequestName",
                  GLib.Variant("(su)", ("org.freedesktop.secrets", 4)), None, Gio.DBusCallFlags.NONE, -1, None)
    return bus


def unlock_button(likeness):
    """The question's own: the Verify page has one as well."""
    return next(node for node in driver.walk(likeness.find("dialog", "Pictures Are Locked"))
                if node.get_role_name() == "push button" and node.get_name().endswith("Unlock"))


def test_passphrase(likeness):
    bus = no_keyring()  # noqa: F841: kept
    del likeness.env["LIKENESS_KEY_FILE"]
    folder = faces.write_folder(likeness.home / "ada", "Ada", 3, width=100, height=100)
    home = likeness.home / "data/likeness"

    def pictures():
        return list((home / "captures").rglob("*.jpg"))

    # Pictures of an older version, not encrypted, and no keyring: the program asks.
    old = home / "captures/anchor/Ada/2026-01-01T00-00-00"
    old.mkdir(parents=True, mode=0o700)
    image = folder / "Ada_0000.bmp"
    (old / "000001.png").write_bytes(image.read_bytes())  # told apart by its first bytes
    env = {"DBUS_SESSION_BUS_ADDRESS": driver.os.environ["DBUS_SESSION_BUS_ADDRESS"]}
    likeness.start("--camera", f"files:{folder}", env=env)
    likeness.wait_for("Verify")
    entries = [likeness.find("text", "Passphrase", 60), likeness.find("text", "Once More")]
    protect = likeness.find("push button", "Protect")
    likeness.type(entries[0], "horse")
    assert not protect.get_state_set().contains(driver.Atspi.StateType.SENSITIVE)
    likeness.type(entries[1], "horse")
    driver.assert_named(likeness)
    likeness.press(protect)
    driver.wait(lambda: pictures() == [] and (old / "000001.png").read_bytes().startswith(b"LKSEAL1\n"),
                "the old picture to be encrypted", 60)
    likeness.stop()
    assert json.loads(likeness.run("key", "--json"))["place"] == "passphrase"

    # The next start asks for it; a wrong one is asked for again.
    likeness.start("--camera", f"files:{folder}", env=env)
    entry = likeness.find("text", "Passphrase", 60)
    likeness.type(entry, "mule")
    likeness.press(unlock_button(likeness))
    likeness.wait_for("not the passphrase", 60)
    driver.assert_named(likeness)
    likeness.type(likeness.find("text", "Passphrase"), "horse")
    likeness.press(unlock_button(likeness))
    driver.wait(lambda: not list(likeness.nodes("text", "Passphrase")), "the question to go", 60)
    likeness.stop()


if __name__ == "__main__":
    driver.main([test_passphrase])
