#!/usr/bin/env python3
"""Fails when an #include points the wrong way: usage: check-layers.py SOURCE-ROOT

app -> ui -> core, never back; inside core as DESIGN.md says; and each outside library is
seen by the one folder that wraps it.
"""
import pathlib
import re
import sys

CORE = ["base", "image", "camera", "nn", "model", "face", "train", "verify", "eval", "store"]

# What each folder of core may include of the others ("-" entries are single files).
ALLOWED = {
    "base": [],
    "image": ["base"],
    "nn": ["base/lk-random.h", "base/lk-pool.h", "base/lk-cpu.h"],
    "camera": ["base", "image"],
    "model": ["base", "nn", "store/lk-paths.h"],
    "face": ["base", "image", "nn", "model"],
    "verify": ["base", "image", "nn", "model", "face"],
    "train": ["base", "image", "nn", "model", "face", "verify", "eval"],
    "eval": ["base", "image", "nn", "model", "face", "verify"],
    "store": ["base", "image"],
}

# Outside headers and the only folder that may see them.
WRAPPED = {
    r"(cblas|openblas)": "core/nn",
    r"(linux/videodev2|libv4l)": "core/camera",
    r"gudev/": "core/camera",
    r"(turbojpeg|jpeglib|gdk-pixbuf/)": "core/image",
    r"(sqlite3|libsecret/)": "core/store",
    r"sodium": "core/(base|store)",
    r"json-glib/": "app",
}

root = pathlib.Path(sys.argv[1])
bad = []
for path in sorted(p for top in ("app", "ui", "core") for p in (root / top).rglob("*.[ch]")):
    name = path.relative_to(root)
    top, folder = name.parts[0], "/".join(name.parts[:2])
    for number, line in enumerate(path.read_text().splitlines(), 1):
        match = re.match(r'\s*#\s*include\s*[<"]([^>"]+)[>"]', line)
        if not match:
            continue
        header = match[1]
        why = None
        for pattern, owners in WRAPPED.items():
            if re.match(pattern, header) and not re.match(rf"({owners})(/|$)", str(name)):
                why = f"only {owners} wraps {header}"
        if top == "core" and re.match(r"(gtk/|gdk/|gsk/|adwaita|ui/|app/)", header):
            why = "core knows no window"
        if top == "ui" and header.startswith("app/"):
            why = "ui does not know its owner"
        if folder == "core/nn" and re.match(r"(glib|gio|gobject)", header):
            why = "core/nn is without GLib"
        if top == "core" and header.split("/")[0] in CORE and "/" in header:
            other, mine = header.split("/")[0], name.parts[1]
            if other != mine and not any(header == a or header.startswith(a + "/") for a in ALLOWED[mine]):
                why = f"core/{mine} may not use core/{other}"
        if why:
            bad.append(f"{name}:{number}: {line.strip()}: {why}")
print("\n".join(bad) or "layers: ok")
sys.exit(bool(bad))
