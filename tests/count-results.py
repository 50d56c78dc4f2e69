#!/usr/bin/env python3
"""Counts the test cases of meson's JUnit files: usage: count-results.py FILE...

Prints "N passed, N failed, N skipped" and exits with 1 when something failed, or when no
test ran at all.
"""
import sys
import xml.etree.ElementTree as ET

passed = failed = skipped = 0
for name in sys.argv[1:]:
    try:
        root = ET.parse(name).getroot()
    except (OSError, ET.ParseError) as error:
        print(f"{name}: {error}")
        failed += 1
        continue
    for case in root.iter("testcase"):
        if case.find("failure") is not None or case.find("error") is not None:
            print(f"failed: {case.get('classname')} {case.get('name')}")
            failed += 1
        elif case.find("skipped") is not None:
            skipped += 1
        else:
            passed += 1
print(f"{passed} passed, {failed} failed, {skipped} skipped")
sys.exit(1 if failed or not passed else 0)
