#!/usr/bin/env python3
"""Fails when the packaging does not fit the build: usage: check-packaging.py SOURCE-ROOT"""
import json
import pathlib
import re
import sys

root = pathlib.Path(sys.argv[1])
bad = []
manifest = json.loads((root / "data/packaging/flatpak/app.likeness.Likeness.json").read_text())
for key in ("id", "runtime", "runtime-version", "sdk", "command", "finish-args", "modules"):
    if not manifest.get(key):
        bad.append(f"the Flatpak manifest has no {key}")
if any("share=network" in arg for arg in manifest["finish-args"]):
    bad.append("the Flatpak asks for the network")
version = re.search(r"version: '([\d.]+)'", (root / "meson.build").read_text())[1]
changelog = (root / "data/packaging/debian/changelog").read_text()
if not changelog.startswith(f"likeness ({version})"):
    bad.append(f"debian/changelog does not begin with version {version}")
if f'<release version="{version}"' not in (root / "data/app.likeness.Likeness.metainfo.xml").read_text():
    bad.append(f"the metainfo knows no release {version}")

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
