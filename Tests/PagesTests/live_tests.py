"""Live recordings: following, scrubbing back, broken lines, the end."""

from playwright.sync_api import expect

from browser import FAILED_REQUEST, Tab
from suite import test


def numbers(tab):
    return [int(line.split()[1]) for line in tab.lines() if line.startswith("tick ")]


@test("a live recording is followed, scrubbed back while it goes on, and caught up with")
def follows(tab):
    live = tab.scene.start_live("followed", "linus")
    for number in range(5):
        live.show(f"tick {number}\r\n")
    tab.play("followed")
    tab.until_shows("tick 4")
    expect(tab.button("Live")).to_be_visible()
    live.show("tick 5\r\n")
    tab.until_shows("tick 5")
    tab.press(" ", "Home")
    expect(tab.button("Go live")).to_be_visible()
    tab.until(lambda: numbers(tab) == [], "not at the start")
    for number in range(6, 9):
        live.show(f"tick {number}\r\n")
    tab.button("Go live").click()
    tab.until(lambda: numbers(tab) == list(range(9)), numbers(tab))
    live.show("tick 9\r\n")
    tab.until(lambda: numbers(tab) == list(range(10)), "not followed any more")
    live.end()
    expect(tab.page.get_by_text("The session ended")).to_be_visible()
    expect(tab.button("Play")).to_be_visible()
    expect(tab.page.locator("#top-page .badge")).to_have_text("Complete")


@test("playing from the past catches up with the live edge and stays there")
def catches_up(tab):
    live = tab.scene.start_live("caught", "linus")
    for number in range(4):
        live.show(f"tick {number}\r\n")
    tab.play("caught", "?t=0")
    tab.page.get_by_label("Speed", exact=True).select_option("16")
    tab.button("Play").click()
    tab.until_shows("tick 3")
    expect(tab.button("Live")).to_be_visible()
    live.show("tick 4\r\n")
    tab.until_shows("tick 4")
    live.end()


@test("when the centre is gone and back, a live recording goes on without a seam")
def no_seam(tab):
    tab.expect_complaint(FAILED_REQUEST)
    live = tab.scene.start_live("seamless", "linus")
    live.show("tick 0\r\n")
    tab.play("seamless")
    tab.until_shows("tick 0")
    for number in range(1, 4):
        with tab.scene.centre_gone():
            expect(tab.page.get_by_role("alert").filter(has_text="Can’t reach the server")).to_be_visible()
            live.show(f"tick {number}\r\n")
        tab.until(lambda: numbers(tab) == list(range(number + 1)), f"a seam: {numbers(tab)}")
    live.end()


@test("two tabs watch one session")
def two_tabs(tab):
    live = tab.scene.start_live("shared", "linus")
    tab.play("shared")
    other = tab.context.new_page()
    tab.watch(other)
    other.goto(tab.page.url)
    live.show("for both\r\n")
    tab.until_shows("for both")
    expect(other.locator(".ap-terminal")).to_contain_text("for both")
    live.end()


@test("an administrator ends a session, after a question, and it is written down")
def ends_session(tab):
    live = tab.scene.start_live("stopped", "linus")
    tab.play("stopped")
    tab.button("End session").click()
    dialog = tab.page.get_by_role("dialog", name="End this session?")
    expect(dialog).to_contain_text("linus on live.example")
    expect(tab.button("Cancel")).to_be_focused()
    tab.press("Escape")
    expect(dialog).to_be_hidden()
    tab.button("End session").click()
    with tab.page.expect_response(lambda answer: answer.url.endswith("/end")) as answer:
        dialog.get_by_role("button", name="End session").click()
    assert answer.value.status == 202
    expect(tab.page.get_by_text("Ending the session")).to_be_visible()
    audit = tab.page.request.get(f"{tab.scene.url}/v1/audit?count=50").json()["entries"]
    assert any(entry.get("recording") == live.id and "end" in entry["what"] for entry in audit), audit
    live.end()


@test("who is no administrator has no button to end sessions")
def no_button(tab):
    live = tab.scene.start_live("kept", "linus")
    other = Tab(tab.context.browser, tab.scene)
    try:
        other.open("/")
        other.page.get_by_label("User", exact=True).fill("vera")
        other.page.get_by_label("Password").fill(tab.scene.password)
        other.button("Sign in").click()
        expect(other.page.locator(".rows .row").first).to_be_visible()
        other.play("kept")
        expect(other.button("Live")).to_be_visible()
        expect(other.button("End session")).to_be_hidden()
    finally:
        other.close()
        live.end()


@test("who may no longer see a recording is told so while watching, and nothing more comes")
def rights_taken(tab):
    tab.expect_complaint("404|" + FAILED_REQUEST)
    live = tab.scene.start_live("withdrawn", "linus")
    live.show("tick 0\r\n")
    tab.play("withdrawn")
    tab.until_shows("tick 0")
    gone = {"error": "not-found", "why": "no such recording"}
    tab.page.route(f"**/v1/recordings/{live.id}*", lambda route: route.fulfill(status=404, json=gone))
    tab.page.route(f"**/v1/recordings/{live.id}/**", lambda route: route.fulfill(status=404, json=gone))
    with tab.scene.centre_gone():
        expect(tab.page.get_by_text("Can’t reach the server").or_(tab.page.get_by_text("or you may not see it")).first).to_be_visible()
    expect(tab.page.get_by_text("or you may not see it")).to_be_visible()
    live.show("tick 1\r\n")
    expect(tab.button("Play")).to_be_visible()
    assert "tick 1" not in tab.screen()
    live.end()


@test("the clock of a live recording runs while nothing is shown, in the list and in the player")
def clock_runs(tab):
    live = tab.scene.start_live("quiet", "linus")
    live.show("tick 0\r\n")
    duration = tab.page.locator(f".rows .row[data-id='{live.id}'] .duration")
    seconds = lambda text: sum(int(part) * unit for part, unit in zip(reversed(text.split(":")), (1, 60, 3600)))
    first = seconds(duration.inner_text())
    tab.until(lambda: seconds(duration.inner_text()) > first + 1, "it stands still in the list")
    tab.play("quiet")
    tab.until_shows("tick 0")
    elapsed = tab.page.locator(".elapsed")
    # It begins where the session is, not where something was shown last.
    assert float(seconds(elapsed.input_value().split(".")[0])) >= first, elapsed.input_value()
    before = seconds(elapsed.input_value().split(".")[0])
    tab.until(lambda: seconds(elapsed.input_value().split(".")[0]) > before + 1, "it stands still in the player")
    told = tab.page.request.get(f"{tab.scene.url}/v1/recordings/{live.id}").json()
    assert told["duration_ms"] >= (before + 1) * 1000 and "silent" not in told, told
    live.end()
