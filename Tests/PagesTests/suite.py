"""Collects tests, runs each with a tab of its own that is signed in, and says what became of them."""

import importlib
import traceback

from browser import Tab, chromium

AREAS = ("list", "player", "live", "session", "access")
# Lines shown of why a test failed: Playwright adds the whole page.
WHY_LINES = 30

tests = []


def test(name):
    """Marks a test; its name is a sentence of specification."""

    def mark(function):
        tests.append((function.__module__, name, function))
        return function

    return mark


def run(scene, areas=AREAS, only=None, seed=None):
    """Runs the tests of these areas. Returns how many failed."""
    for area in areas:
        importlib.import_module(f"{area}_tests")
    failed = 0
    with chromium() as browser:
        for module, name, function in tests:
            if module.removesuffix("_tests") not in areas or (only and only not in name):
                continue
            why = attempt(browser, scene, function, seed)
            failed += why is not None
            print(f"{'ok  ' if why is None else 'FAIL'} {name}", flush=True)
            if why is not None:
                print("    " + "\n    ".join(why.splitlines()[:WHY_LINES]), flush=True)
    return failed


def attempt(browser, scene, function, seed):
    """Why a test failed; None when it did not."""
    tab = Tab(browser, scene)
    tab.seed = seed
    try:
        tab.sign_in()
        function(tab)
        if tab.unexpected:
            return "the console says:\n" + "\n".join(tab.unexpected)
        return None
    except Exception:  # whatever goes wrong in a test is its result
        said = "the console says:\n" + "\n".join(tab.unexpected) + "\n" if tab.unexpected else ""
        return said + traceback.format_exc(limit=-3)
    finally:
        tab.close()
