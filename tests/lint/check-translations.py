#!/usr/bin/env python3
"""Fails when a file with words for people is not in resources/po/POTFILES, an error's words are not marked for
   translation, or a translation is broken.

   usage: check-translations.py SOURCE-ROOT [--fix]

--fix writes POTFILES anew. What a language does not say yet is told, and no failure: the program says it in English.
"""
import pathlib
import re
import subprocess
import sys

MARKED = re.compile(r"(?<![\w.])(_|N_|C_|NC_|Q_|ngettext|g_dngettext|lk_file_set_error)\s*\(")
ERROR = re.compile(r"\b(g_set_error|g_set_error_literal|g_error_new|g_error_new_literal|g_task_return_new_error"
                   r"|set_busy|lk_command_fail_usage)\s*\((?!GError|const)")
COMMENT_OR_STRING = re.compile(r'/\*.*?\*/|//[^\n]*|^\s*#[^\n]*', re.S | re.M)

root = pathlib.Path(sys.argv[1])
po = root / "resources" / "po"


def says_something(path):
    text = path.read_text()
    if path.suffix == ".ui":
        return 'translatable="yes"' in text
    return MARKED.search(COMMENT_OR_STRING.sub("", text)) is not None


def arguments(text, at):
    """Of the call whose parenthesis is open before at, each as text."""
    depth, quoted, parts = 1, False, [""]
    while depth:
        c = text[at]
        if quoted and c == "\\":
            parts[-1] += c + text[at + 1]
            at += 1
        elif c == '"' or quoted:
            quoted ^= c == '"'
            parts[-1] += c
        elif c == "," and depth == 1:
            parts.append("")
        else:
            depth += (c in "([{") - (c in ")]}")
            parts[-1] += c
        at += 1
    return parts


def unmarked(path):
    """Errors with words that no translator sees; "%s  %s" is none."""
    text = re.sub(r"/\*.*?\*/", lambda found: "\n" * found.group().count("\n"), path.read_text(), flags=re.S)
    for call in ERROR.finditer(text):
        for part in arguments(text, call.end()):
            words = "".join(re.findall(r'"((?:[^"\\]|\\.)*)"', part))
            if re.search(r"[A-Za-z]{2}", re.sub(r"%[a-z]+", "", words)) and not MARKED.search(part):
                yield f"{path.relative_to(root)}:{text[:call.start()].count(chr(10)) + 1}: “{words[:50]}” is not translated: _()"


wanted = sorted(str(path.relative_to(root)) for top in ("app", "core", "ui", "resources")
                for path in (root / top).rglob("*") if path.suffix in (".c", ".h", ".ui") and says_something(path))
wanted = [f"data/app.likeness.Likeness.{kind}" for kind in ("desktop", "metainfo.xml")] + wanted
if "--fix" in sys.argv:
    (po / "POTFILES").write_text("\n".join(wanted) + "\n")
listed = (po / "POTFILES").read_text().split()
bad = [f"resources/po/POTFILES: {name} is missing: tests/lint/check-translations.py . --fix writes it"
       for name in wanted if name not in listed]
bad += [f"resources/po/POTFILES: {name} has no words for people (any more)" for name in listed if name not in wanted]
bad += [line for top in ("app", "core", "ui") for path in sorted((root / top).rglob("*.c")) for line in unmarked(path)]
for language in (po / "LINGUAS").read_text().split():
    done = subprocess.run(["msgfmt", "--check", "--statistics", "-o", "/dev/null", str(po / f"{language}.po")],
                          capture_output=True, text=True, check=False, env={"LC_ALL": "C.UTF-8", "PATH": "/usr/bin:/bin"})
    print(f"{language}: {done.stderr.strip()}")
    if done.returncode != 0:
        bad.append(f"resources/po/{language}.po is broken: see above")
print("\n".join(bad) or "translations: ok")
sys.exit(bool(bad))
