#!/usr/bin/env python3
"""Fails on what the house does not want in a source file: usage: check-house.py SOURCE-ROOT

Functions that overflow or read the locale, files that grew too long, missing licence lines.
"""
import pathlib
import re
import sys

BANNED = re.compile(r"\b(strcpy|strcat|sprintf|vsprintf|gets|strtok|atoi|atof|tmpnam|alloca)\s*\(")
MOST_LINES = 650

root = pathlib.Path(sys.argv[1])
bad = []
for path in sorted(p for top in ("app", "ui", "core", "tests") for p in (root / top).rglob("*.[ch]")):
    name = path.relative_to(root)
    lines = path.read_text().splitlines()
    if not lines or "SPDX-License-Identifier: GPL-3.0-or-later" not in lines[0]:
        bad.append(f"{name}:1: no SPDX line")
    if len(lines) > MOST_LINES:
        bad.append(f"{name}: {len(lines)} lines: split it by topic")
    for number, line in enumerate(lines, 1):
        if BANNED.search(line):
            bad.append(f"{name}:{number}: {line.strip()}: use the bounded or GLib form")
print("\n".join(bad) or "house: ok")
sys.exit(bool(bad))
