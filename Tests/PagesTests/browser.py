"""Chromium with one page for a test, and what the tests do with the pages. Whatever the console or the page's policy
complains of fails the test, but for what it says that it expects."""

import contextlib
import os
import re
import time

from playwright.sync_api import expect, sync_playwright

CHROMIUM = "/usr/bin/chromium"
# Chromium's own sandbox needs rights that containers and root do not have; it loads our pages only.
# Grey edges instead of coloured ones: screenshots are the same on all machines.
ARGUMENTS = ["--no-sandbox", "--disable-lcd-text"]
PATIENCE_MS = 120_000
expect.set_options(timeout=PATIENCE_MS)

# Chromium writes a line for each answer that is not 2xx, and for each connection that failed.
FAILED_REQUEST = r"Failed to load resource|net::ERR_"


@contextlib.contextmanager
def chromium():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        try:
            yield browser
        finally:
            browser.close()


class Tab:
    """A page of its own: its cookies, its console."""

    def __init__(self, browser, scene, size=(1280, 800), dark=False, **more):
        self.scene = scene
        self.complaints = []
        self.expected = []
        self.context = browser.new_context(
            viewport={"width": size[0], "height": size[1]}, color_scheme="dark" if dark else "light",
            ignore_https_errors=True, timezone_id="America/New_York", locale="en-GB", **more)
        self.context.set_default_timeout(PATIENCE_MS)
        self.page = self.context.new_page()
        self.watch(self.page)

    def watch(self, page):
        page.on("console", lambda message: message.type in ("error", "warning") and self.complaints.append(message.text))
        page.on("pageerror", lambda error: self.complaints.append(f"{error}\n{error.stack}"))
        page.on("dialog", lambda dialog: (self.complaints.append(f"dialog: {dialog.message}"), dialog.dismiss()))

    def expect_complaint(self, pattern):
        self.expected.append(pattern)

    @property
    def unexpected(self):
        return [text for text in self.complaints if not any(re.search(pattern, text) for pattern in self.expected)]

    def close(self):
        self.context.close()

    # Getting somewhere

    def sign_in(self):
        """With a one-time link: it leads to the list."""
        self.page.goto(self.scene.link())
        expect(self.page.locator(".rows .row").first).to_be_visible()

    def open(self, path):
        self.page.goto(self.scene.url + path)

    def play(self, name, query=""):
        """Opens the player of a made recording."""
        self.open(f"/recordings/{self.scene.id(name)}{query}")
        expect(self.page.locator(".player[data-ready]")).to_be_attached()

    def button(self, name):
        return self.page.get_by_role("button", name=name, exact=True)

    def press(self, *keys):
        for key in keys:
            self.page.keyboard.press(key)

    # What is seen

    def lines(self):
        """The screen's lines, without the spaces at their ends."""
        text = self.page.evaluate("[...document.querySelectorAll('.ap-line')].map(line => line.textContent)")
        return [line.rstrip() for line in text]

    def screen(self):
        return "\n".join(self.lines())

    def until(self, condition, what):
        """Waits until `condition()` holds."""
        end = time.monotonic() + PATIENCE_MS / 1000
        while True:
            value = condition()
            if value:
                return value
            if time.monotonic() > end:
                raise AssertionError(f"{what}; the screen:\n{self.screen()}")
            self.page.wait_for_timeout(20)

    def until_shows(self, text):
        self.until(lambda: text in self.screen(), f"{text!r} is not shown")

    @property
    def timeline(self):
        return self.page.get_by_role("slider", name="Timeline")

    def position(self):
        """Seconds, whole ones."""
        return int(self.timeline.get_attribute("aria-valuenow"))

    def until_at(self, seconds):
        self.until(lambda: self.position() == seconds, f"not at {seconds} s but at {self.position()} s")

    def until_at_end(self):
        expect(self.button("Play")).to_be_visible()
        self.until(
            lambda: self.timeline.get_attribute("aria-valuenow") == self.timeline.get_attribute("aria-valuemax"),
            "not at the end")

    def speed(self):
        return self.page.get_by_label("Speed", exact=True).evaluate("each => each.selectedOptions[0].textContent")

    def font(self):
        return float(self.page.locator(".ap-terminal").evaluate("each => parseFloat(getComputedStyle(each).fontSize)"))

    def users(self):
        """The rows of the list, as far as they are drawn."""
        return self.page.locator(".rows .row .user").all_inner_texts()


def can_run():
    return os.access(CHROMIUM, os.X_OK)
