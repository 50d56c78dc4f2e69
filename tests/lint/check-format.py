#!/usr/bin/env python3
"""Fails when clang-format would change a source file: usage: check-format.py SOURCE-ROOT"""
import pathlib
import subprocess
import sys

root = pathlib.Path(sys.argv[1])
files = [str(p) for top in ("app", "ui", "core", "tests") for p in sorted((root / top).rglob("*.[ch]"))]
sys.exit(subprocess.run(["clang-format", "--dry-run", "--Werror", *files], cwd=root).returncode)
