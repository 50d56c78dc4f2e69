"""Nothing is sent anywhere: the program asks the system for no internet socket."""
import re
import shutil
import subprocess

import driver
import faces
from test_scripts import tiny

FAMILIES = {"AF_UNIX", "AF_NETLINK"}  # the session bus, the display, the keyring; udev's camera events


def need(likeness):
    for tool in ("strace", "unshare"):
        if shutil.which(tool) is None:
            raise driver.Skip(f"there is no {tool} here")
    alone = subprocess.run(["unshare", "--user", "--map-root-user", "--net", "true"], capture_output=True,
                           check=False)
    if alone.returncode != 0:
        raise driver.Skip("no network namespace can be made here: " + alone.stderr.decode())
    return likeness.home / "sockets"


def alone(log):
    """Without a network, and watched."""
    return ["unshare", "--user", "--map-root-user", "--net", "strace", "-f", "-qq", "-o", str(log),
            "-e", "trace=socket,connect,sendto", "--signal=none"]


def check(log):
    text = log.read_text()
    families = set(re.findall(r"socket\((\w+)", text))
    assert families, "strace saw no socket at all: it did not watch"
    assert families <= FAMILIES, sorted(families)
    assert "sin_addr" not in text and "sin6_addr" not in text, "an address of the internet"


def test_it_would_be_seen(likeness):
    log = need(likeness)
    subprocess.run([*alone(log), "/usr/bin/python3", "-c",
                    "import socket; socket.socket(socket.AF_INET)"], check=True)
    try:
        check(log)
    except AssertionError:
        return
    raise AssertionError("an internet socket was not seen")


def test_commands(likeness):
    log = need(likeness)
    likeness.env["DBUS_SESSION_BUS_ADDRESS"] = driver.os.environ["DBUS_SESSION_BUS_ADDRESS"]
    ada = sorted(map(str, faces.write_folder(likeness.home / "ada", "Ada", 3).iterdir()))
    for args, status in ((["key"], 0), (["enrol", "Ada", *ada], None), (["people"], 0),
                         (["watch", "-m", "siamese", "--camera", f"files:{likeness.home / 'ada'}", "--anchors",
                           str(likeness.home / "ada"), "--once", "-t", "0"], None)):
        done = subprocess.run([*alone(log), driver.PROGRAM, *args], env=likeness.env, check=False,
                              capture_output=True, timeout=120)
        assert status is None or done.returncode == status, done
        if log.exists() and "socket(" in log.read_text():
            check(log)


def test_more_commands(likeness):
    """What opens a lock, trains, measures, looks and serves."""
    log = need(likeness)
    likeness.env["DBUS_SESSION_BUS_ADDRESS"] = driver.os.environ["DBUS_SESSION_BUS_ADDRESS"]
    for person in ("Ada", "Bob", "Eve", "Kim"):
        faces.write_folder(likeness.home / "people" / person, person, 6, width=100, height=100)
    ada = likeness.home / "people/Ada"
    likeness.run("enrol", "Ada", "--crop", "whole", *map(str, sorted(ada.iterdir())))
    net = tiny(likeness)
    for args, status in ((["unlock", "-n", "Ada", "-m", net, "--crop", "whole", "-t", "0", "--camera", f"files:{ada}"], 0),
                         (["train", "--network", net, "--data", str(likeness.home / "people"), "--epochs", "1", "--output",
                           str(likeness.home / "model.safetensors")], 0),
                         (["evaluate", net, "--folders", str(likeness.home / "people"), "--crop", "whole"], None),
                         (["doctor"], 1),
                         (["service", "--idle", "2", "--camera", f"files:{ada}"], 0)):
        log.unlink(missing_ok=True)
        done = subprocess.run([*alone(log), driver.PROGRAM, *args], env=likeness.env, check=False,
                              capture_output=True, timeout=120)
        assert (status is None and done.returncode in (0, 1)) or done.returncode == status, done
        if "socket(" in log.read_text():
            check(log)
        else:  # it asked for none at all, and strace did watch
            assert log.exists() and args[0] not in ("service", "doctor"), args


def test_window(likeness):
    log = need(likeness)
    folder = faces.write_folder(likeness.home / "ada", "Ada", 3)
    likeness.run("enrol", "Ada", *map(str, folder.iterdir()))
    subprocess.run([*alone(log), "timeout", "20", driver.PROGRAM, "--camera", f"files:{folder}"],
                   env=likeness.env, check=False, timeout=120)
    assert "X11-unix" in log.read_text(), "the window did not come"
    check(log)


if __name__ == "__main__":
    driver.main([test_it_would_be_seen, test_commands, test_more_commands, test_window])
