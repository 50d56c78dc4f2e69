#!/usr/bin/env python3
"""Fails when a file with words for people is not in resources/po/POTFILES, or a translation is broken.

   usage: check-translations.py SOURCE-ROOT [--fix]

--fix writes POTFILES anew. What a language does not say yet is told, and no failure: the program says it in English.
"""
import pathlib
import re
import subprocess
import sys

MARKED = re.compile(r"(?<![\w.])(_|N_|C_|NC_|Q_|ngettext|g_dngettext|lk_file_set_error)\s*\(")
COMMENT_OR_STRING = re.compile(r'/\*.*?\*/|//[^\n]*|^\s*#[^\n]*', re.S | re.M)

root = pathlib.Path(sys.argv[1])
po = root / "resources" / "po"


def says_something(path):
    text = path.read_text()
    if path.suffix == ".ui":
        return 'translatable="yes"' in text
    return MARKED.search(COMMENT_OR_STRING.sub("", text)) is not None


wanted = sorted(str(path.relative_to(root)) for top in ("app", "core", "ui", "resources")
                for path in (root / top).rglob("*") if path.suffix in (".c", ".h", ".ui") and says_something(path))
wanted = [f"data/app.likeness.Likeness.{kind}" for kind in ("desktop", "metainfo.xml")] + wanted
if "--fix" in sys.argv:
    (po / "POTFILES").write_text("\n".join(wanted) + "\n")
listed = (po / "POTFILES").read_text().split()
bad = [f"resources/po/POTFILES: {name} is missing: tests/lint/check-translations.py . --fix writes it"
       for name in wanted if name not in listed]
bad += [f"resources/po/POTFILES: {name} has no words for people (any more)" for name in listed if name not in wanted]
for language in (po / "LINGUAS").read_text().split():
    done = subprocess.run(["msgfmt", "--check", "--statistics", "-o", "/dev/null", str(po / f"{language}.po")],
                          capture_output=True, text=True, check=False, env={"LC_ALL": "C.UTF-8", "PATH": "/usr/bin:/bin"})
    print(f"{language}: {done.stderr.strip()}")
    if done.returncode != 0:
        bad.append(f"resources/po/{language}.po is broken: see above")
print("\n".join(bad) or "translations: ok")
sys.exit(bool(bad))
