"""Signing in and out, sessions that end in the middle, a centre that does not answer."""

from playwright.sync_api import expect

from browser import FAILED_REQUEST, Tab
from suite import test

UNAUTHORIZED = "401"


def sign_in(tab, user, password):
    tab.page.get_by_label("User", exact=True).first.fill(user)
    tab.page.get_by_label("Password").fill(password)
    tab.page.get_by_role("dialog").get_by_role("button", name="Sign in").click()


@test("a one-time link signs in once, and its token is nowhere in the address")
def link(tab):
    assert "link=" not in tab.page.url
    address = tab.scene.link()
    other = Tab(tab.context.browser, tab.scene)
    other.expect_complaint(UNAUTHORIZED)
    third = Tab(tab.context.browser, tab.scene)
    third.expect_complaint(UNAUTHORIZED)
    try:
        other.page.goto(address)
        expect(other.page.locator(".rows .row").first).to_be_visible()
        third.page.goto(address)
        expect(third.page.get_by_text("This link has been used")).to_be_visible()
        assert other.unexpected == [] and third.unexpected == [], (other.unexpected, third.unexpected)
    finally:
        other.close()
        third.close()


@test("a one-time link that is pasted into an open page signs in")
def pasted(tab):
    other = Tab(tab.context.browser, tab.scene)
    other.expect_complaint(UNAUTHORIZED)
    try:
        other.open("/")
        expect(other.page.get_by_role("dialog", name="Sign in")).to_be_visible()
        used, fresh = tab.scene.link(), tab.scene.link()
        tab.page.goto(used)
        expect(tab.page.locator(".rows .row").first).to_be_visible()
        other.page.evaluate("link => { location.hash = new URL(link).hash }", used)
        expect(other.page.get_by_text("This link has been used")).to_be_visible()
        other.page.evaluate("link => { location.hash = new URL(link).hash }", fresh)
        expect(other.page.locator(".rows .row").first).to_be_visible()
        assert "link=" not in other.page.url and other.unexpected == [], (other.page.url, other.unexpected)
    finally:
        other.close()


@test("a name and password sign in; a wrong one does not, and says no more than that")
def password(tab):
    other = Tab(tab.context.browser, tab.scene)
    other.expect_complaint(UNAUTHORIZED)
    try:
        other.open("/recordings?user=contractor1")
        for user, word in (("vera", "wrong"), ("nobody", tab.scene.password)):
            sign_in(other, user, word)
            expect(other.page.get_by_text("Wrong user name or password.")).to_be_visible()
        sign_in(other, "vera", tab.scene.password)
        expect(other.page.locator(".rows .row")).to_have_count(2)
        assert other.unexpected == [], other.unexpected
    finally:
        other.close()


@test("signing out ends the session")
def signs_out(tab):
    tab.expect_complaint(UNAUTHORIZED)
    tab.page.get_by_role("button", name="Account").click()
    tab.button("Sign out").click()
    expect(tab.page.get_by_role("dialog", name="Sign in")).to_be_visible()
    tab.open("/recordings")
    expect(tab.page.get_by_role("dialog", name="Sign in")).to_be_visible()


@test("when the session ends in the middle, one signs in again and is where one was")
def expires(tab):
    tab.expect_complaint(UNAUTHORIZED)
    tab.play("long", "?t=60")
    tab.context.clear_cookies()
    tab.press("5")
    expect(tab.page.get_by_text("Your session has ended")).to_be_visible()
    sign_in(tab, "vera", tab.scene.password)
    expect(tab.page.get_by_role("dialog")).to_have_count(0)
    tab.until_shows("line 009000")
    tab.until_at(18000)


@test("when the centre is gone it is said, and what was asked for is there once it is back")
def gone(tab):
    tab.expect_complaint(FAILED_REQUEST)
    tab.play("long", "?t=60")
    with tab.scene.centre_gone():
        tab.press("7")
        expect(tab.page.get_by_role("alert").filter(has_text="Can’t reach the server")).to_be_visible()
    tab.until_shows("line 012600")
    expect(tab.page.get_by_text("Can’t reach the server")).to_be_hidden()
