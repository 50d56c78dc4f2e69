#!/usr/bin/env python3
"""Counts the test cases of meson's JUnit files: usage: count-results.py FILE...

A program that crashed or ran out of time between two of its cases is a failure, too: JUnit
does not say so, the log of the same name beside it does.
Prints "N passed, N failed, N skipped" and exits with 1 when something failed, or when no
test ran at all.
"""
import json
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
    told = set()
    for case in root.iter("testcase"):
        if case.find("failure") is not None or case.find("error") is not None:
            print(f"failed: {case.get('classname')} {case.get('name')}")
            told.add(case.get("classname"))
            failed += 1
        elif case.find("skipped") is not None:
            skipped += 1
        else:
            passed += 1
    try:
        with open(name.removesuffix(".junit.xml") + ".json", encoding="utf-8") as log:
            ended = [json.loads(line) for line in log]
    except (OSError, ValueError) as error:
        print(f"{name}: {error}")
        ended = []
        failed += 1
    for program in ended:
        if program["result"] not in ("OK", "SKIP", "EXPECTEDFAIL") and \
                not any(suite.endswith(program["name"]) for suite in told):
            print(f"failed: {program['name']} ended with {program['result']}")
            failed += 1
print(f"{passed} passed, {failed} failed, {skipped} skipped")
sys.exit(1 if failed or not passed else 0)
