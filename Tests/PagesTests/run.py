#!/usr/bin/python3
"""Runs the tests of the pages against a centre.

    run.py STENOD DATA URL FOLDER [AREA...]      STENOD: the program; DATA: the directory of the centre at URL;
                                                 FOLDER: where hosts' keys may lie; AREA: list player live session access

With ONLY in the environment only tests with that in their names run; with SEED random tests repeat what that seed chose.
Prints a line a test, and at the end how many failed. Needs Playwright on the path of modules (tools/fetch test).
"""

import os
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import scene
import suite


def main():
    stenod, data, url, folder, *areas = sys.argv[1:]
    place = scene.Scene(stenod, data, url, folder)
    place.furnish()
    print("furnished", flush=True)
    seed = os.environ.get("SEED")
    failed = suite.run(place, areas or suite.AREAS, os.environ.get("ONLY"), int(seed) if seed else None)
    print(f"{failed} failed", flush=True)
    sys.exit(failed != 0)


main()
