#!/usr/bin/env python3
"""Fails when the packaging does not fit the build: usage: check-packaging.py SOURCE-ROOT"""
import json
import pathlib
import re
import subprocess
import sys
import xml.etree.ElementTree as xml

root = pathlib.Path(sys.argv[1])
bad = []
manifest = json.loads((root / "data/packaging/flatpak/app.likeness.Likeness.json").read_text())
for key in ("id", "runtime", "runtime-version", "sdk", "command", "finish-args", "modules"):
    if not manifest.get(key):
        bad.append(f"the Flatpak manifest has no {key}")
if any("share=network" in arg for arg in manifest["finish-args"]):
    bad.append("the Flatpak asks for the network")
if "--socket=fallback-x11" in manifest["finish-args"] and "--share=ipc" not in manifest["finish-args"]:
    bad.append("the Flatpak's X11 has no shared memory: --share=ipc")
# Flatpak exports a service file whose name it may own, and no other (flatpak build-finish says which).
service = (root / "data/dbus/app.likeness.Likeness1.service.in").read_text()
if "--own-name=" + re.search(r"^Name=(.*)", service, re.M)[1] not in manifest["finish-args"]:
    bad.append("the Flatpak may not own the service's name: nothing would start it")
version = re.search(r"version: '([\d.]+)'", (root / "meson.build").read_text())[1]
changelog = (root / "data/packaging/debian/changelog").read_text()
if not changelog.startswith(f"likeness ({version})"):
    bad.append(f"debian/changelog does not begin with version {version}")

# What a software centre shows. Pictures there have addresses on the net and no others (AppStream, <image>).
metainfo = xml.parse(root / "data/app.likeness.Likeness.metainfo.xml").getroot()
if metainfo.find(f"releases/release[@version='{version}']") is None:
    bad.append(f"the metainfo knows no release {version}")
for tag in ("developer_name", "description", "launchable", "content_rating"):
    if metainfo.find(tag) is None:
        bad.append(f"the metainfo has no <{tag}>")
for node in metainfo.iter():
    if node.tag in ("image", "url") and not re.match(r"https://[\w.-]+/", node.text or ""):
        bad.append(f"the metainfo's <{node.tag}> “{node.text}” is no address")
    if node.tag in ("image", "url") and re.search(r"example\.|localhost", node.text or ""):
        bad.append(f"the metainfo's <{node.tag}> “{node.text}” leads nowhere")
names = re.search(r"foreach name : \[(.*)\]", (root / "data/meson.build").read_text())[1]
for name in re.findall(r"'([\w-]+)'", names):
    if not (root / f"data/screenshots/{name}.png").exists():
        bad.append(f"the metainfo would name a picture that is not there: {name}")
told = "".join(metainfo.find("description").itertext()).lower()
for word in ("guide", "lock", "encrypted", "train", "photograph"):
    if word not in told:
        bad.append(f"the metainfo's description does not tell of what the program does: “{word}”")
if "app.likeness.Likeness1" not in [node.text for node in metainfo.iter("dbus")]:
    bad.append("the metainfo does not say that there is a D-Bus service")

# What git is told not to look at is not committed.
ignored = subprocess.run(["git", "-C", root, "ls-files", "-i", "-c", "--exclude-standard"], capture_output=True, text=True,
                         check=False)  # no repository, no names
bad += [f"{name} is committed by accident: .gitignore has it" for name in ignored.stdout.splitlines()]

# Every library that meson looks for comes from a package that the Debian package builds with.
packages = {"gio-unix-2.0": "libglib2.0-dev", "gdk-pixbuf-2.0": "libgtk-4-dev", "libturbojpeg": "libturbojpeg0-dev",
            "libv4l2": "libv4l-dev", "gudev-1.0": "libgudev-1.0-dev", "json-glib-1.0": "libjson-glib-dev",
            "openblas": "libopenblas-dev", "libadwaita-1": "libadwaita-1-dev", "sqlite3": "libsqlite3-dev",
            "libsodium": "libsodium-dev", "libsecret-1": "libsecret-1-dev", "threads": ""}
control = (root / "data/packaging/debian/control").read_text()
setup = (root / "app/setup").read_text()
for name in re.findall(r"dependency\('([\w.-]+)'", (root / "meson.build").read_text()):
    package = packages.get(name)
    if package is None:
        bad.append(f"which Debian package has {name}? Add it to check-packaging.py, control and app/setup")
    elif package and package not in control:
        bad.append(f"debian/control does not build with {package}")
    elif package and package not in setup and package not in ("libglib2.0-dev", "libgtk-4-dev"):
        bad.append(f"app/setup does not install {package}")
print("\n".join(bad) or "packaging: ok")
sys.exit(bool(bad))
