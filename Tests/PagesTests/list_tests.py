"""The list: what Cockpit's own tests of its list assert; the address, the place, what changes by itself."""

import json
import os
import re

from playwright.sync_api import expect

from suite import test

# Texts and what they mean: Options' tests read the same.
VECTORS = os.path.join(os.path.dirname(os.path.dirname(__file__)), "CaptureTests", "Vectors", "written-times.json")


def until_users(tab, count, user):
    tab.until(lambda: len(tab.users()) == count and set(tab.users()) <= {user}, f"not {count} of {user}: {tab.users()}")


def row_height(tab):
    return tab.page.locator(".rows").evaluate("each => parseFloat(getComputedStyle(each).getPropertyValue('--row-height'))")


def fill(tab, **values):
    for name, value in values.items():
        tab.page.get_by_label(name.capitalize(), exact=True).fill(value)
    tab.page.keyboard.press("Enter")


@test("the user filter takes part of a name, in any case")
def by_user(tab):
    for part in ("contractor1", "Contractor1", "TRACTOR1"):
        fill(tab, user=part)
        until_users(tab, 2, "contractor1")
    fill(tab, user="contractor")
    tab.until(lambda: sorted(tab.users()) == ["contractor1", "contractor1", "contractor2"], tab.users())
    for other in ("test", "contact", "contractor11", "contractor4", "contractor_", "%"):
        fill(tab, user=other)
        expect(tab.page.get_by_text("No recordings match these filters.")).to_be_visible()


@test("since filters by the start, in the viewer's zone")
def by_since(tab):
    for since, count in [
        ("2023-09-20", 0), ("2023-09-20 12:31:00", 0), ("2020-06-01 12:16:13", 1), ("2020-06-01 12:30:41", 0),
        ("2020-06-01", 2), ("2020-06-01 12:16:12", 2), ("2020-06-01 16:16:12Z", 2),
    ]:
        fill(tab, user="contractor1", since=since)
        tab.until(lambda: len(tab.users()) == count, f"since {since}: {tab.users()}")


@test("until filters by the start; a bare date means the end of that day")
def by_until(tab):
    for until, count in [
        ("2020-05-31", 0), ("2020-06-01 12:16", 0), ("2020-06-01 12:17", 1), ("2020-06-01 12:29", 1),
        ("2020-06-01", 2), ("2020-06-02", 2), ("2020-06-01 12:31:00", 2),
    ]:
        fill(tab, user="contractor1", until=until)
        tab.until(lambda: len(tab.users()) == count, f"until {until}: {tab.users()}")


@test("what is no time is said to be none beneath its field, and the list stays")
def bad_time(tab):
    before = tab.users()
    field = tab.page.get_by_label("Since", exact=True)
    for since, why in [("yesterday-ish", "Not a time. Try "), ("2026-02-30", "There is no day 30 in that month. Try ")]:
        fill(tab, since=since)
        expect(field).to_have_attribute("aria-invalid", "true")
        problem = tab.page.locator(".field.since .problem")
        expect(problem).to_contain_text(why)
        assert problem.bounding_box()["y"] < field.bounding_box()["y"] + 80, "not beside its field"
    assert tab.users()[:10] == before[:10]
    fill(tab, since="2020-01-01")
    expect(tab.page.locator(".field.since .problem")).to_be_hidden()


@test("a time means in the page what it means to the centre and to steno")
def written_times(tab):
    with open(VECTORS, encoding="utf-8") as file:
        table = json.load(file)
    read = """async ([now, text, isEnd]) => {
      const { writtenTime } = await import("/assets/any/writtentime.js");
      try { return writtenTime(text, isEnd, Date.parse(now)).toISOString(); } catch ({ part, number }) {
        return part === "time" ? "!it is no time"
          : `!there is no ${part} ${number}${part === "day" ? " in that month" : ""}`;
      }
    }"""
    for zone in sorted({case[0] for case in table["cases"]}):
        context = tab.context.browser.new_context(ignore_https_errors=True, timezone_id=zone)
        page = context.new_page()
        page.goto(tab.scene.url + "/recordings")
        for _, text, since, until in [case for case in table["cases"] if case[0] == zone]:
            for is_end, expected in ((False, since), (True, until)):
                found = page.evaluate(read, [table["now"], text, is_end])
                assert found == expected, f"{text!r} in {zone}: {found}, not {expected}"
        context.close()


@test("host and state filter too, and Clear takes all filters away")
def by_host_and_state(tab):
    fill(tab, host="db1.example")
    tab.until(lambda: set(tab.page.locator(".rows .host").all_inner_texts()) == {"db1.example"}, "other hosts")
    tab.page.get_by_label("State", exact=True).select_option("live")
    expect(tab.page.get_by_text("No recordings match these filters.")).to_be_visible()
    tab.button("Clear").click()
    tab.until(lambda: len(tab.users()) > 10, "not all")
    assert tab.page.url.endswith("/recordings")


@test("columns sort both ways, and say so")
def sorts(tab):
    fill(tab, host="db1.example")
    tab.until(lambda: len(tab.users()) < 10, "not filtered")
    for name, column in (("User", ".user"), ("Start", ".start")):
        tab.page.locator(".head-row").get_by_role("button", name=name).click()
        head = tab.page.get_by_role("columnheader", name=name)
        direction = head.get_attribute("aria-sort")
        texts = lambda: tab.page.locator(f".rows {column}").all_inner_texts()
        tab.until(lambda: texts() == sorted(texts(), reverse=direction == "descending"), f"{name} {direction}: {texts()}")
        tab.page.locator(".head-row").get_by_role("button", name=name).click()
        expect(head).to_have_attribute("aria-sort", "ascending" if direction == "descending" else "descending")


@test("filters and order are in the address, and an address brings them back")
def in_the_address(tab):
    fill(tab, user="ada")
    tab.page.locator(".head-row").get_by_role("button", name="Duration").click()
    tab.until(lambda: re.search(r"user=ada.*sort=duration&order=desc", tab.page.url), tab.page.url)
    tab.page.reload()
    expect(tab.page.get_by_label("User", exact=True)).to_have_value("ada")
    expect(tab.page.get_by_role("columnheader", name="Duration")).to_have_attribute("aria-sort", "descending")
    tab.until(lambda: tab.users() and set(tab.users()) == {"ada"}, "not filtered")


@test("back from a recording leads to the same list at the same place")
def back(tab):
    fill(tab, host="many.example")
    tab.until(lambda: set(tab.page.locator(".rows .host").all_inner_texts()) == {"many.example"}, "not filtered")
    rows = tab.page.locator(".rows")
    for _ in range(3):
        rows.evaluate("each => each.scrollTo(0, each.scrollHeight)")
        tab.page.wait_for_load_state("networkidle")
    place = 300 * row_height(tab) + 7
    rows.evaluate("(each, place) => each.scrollTo(0, place)", place)
    target = tab.page.locator(".rows .row[data-index='305'] .user a")
    address = target.get_attribute("href")
    target.click()
    expect(tab.page.locator(".player[data-ready]")).to_be_attached()
    tab.page.get_by_role("link", name="Recordings").click()
    expect(tab.page.locator(f".rows a[href='{address}']")).to_be_in_viewport()
    assert rows.evaluate("each => each.scrollTop") == place
    assert "host=many.example" in tab.page.url
    tab.page.go_forward()
    expect(tab.page.locator(".player[data-ready]")).to_be_attached()
    tab.page.go_back()
    expect(tab.page.locator(f".rows a[href='{address}']")).to_be_in_viewport()


@test("only the rows that are seen are in the page, and all can be reached")
def windowed(tab):
    fill(tab, host="many.example")
    rows = tab.page.locator(".rows")
    expect(tab.page.get_by_text("more as you scroll")).to_be_visible()

    def further():
        rows.evaluate("each => each.scrollTo(0, each.scrollHeight)")
        assert tab.page.locator(".rows .row").count() < 100
        return tab.page.get_by_text(f"{tab.scene.many_count} recordings").is_visible()

    tab.until(further, "not all loaded")
    rows.evaluate("each => each.scrollTo(0, each.scrollHeight)")
    last = tab.page.locator(".rows .row").last.locator(".start")
    expect(last).to_have_text("2018-12-31 19:00:00")


@test("a filter that is set at the end of a long list shows what it finds from the first row on")
def filtered_at_the_end(tab):
    rows = tab.page.locator(".rows")
    expect(tab.page.get_by_text("more as you scroll")).to_be_visible()
    rows.evaluate("each => each.scrollTo(0, each.scrollHeight)")
    fill(tab, host="many.example")
    tab.until(lambda: set(tab.page.locator(".rows .host").all_inner_texts()) == {"many.example"}, "not filtered")
    expect(tab.page.locator(".rows .row[data-index='0']")).to_be_in_viewport()


@test("pages that do not fill the list are followed by the next ones, though nobody scrolls")
def short_pages(tab):
    def shorten(route):
        answer = route.fetch()
        page = answer.json()
        page["recordings"] = page["recordings"][:5]
        route.fulfill(response=answer, json=page)

    tab.page.route("**/v1/recordings?*host_part=many.example*", shorten)
    fill(tab, host="many.example")
    pages = -(-tab.scene.many_count // 200)
    expect(tab.page.get_by_text(f"{5 * pages} recordings")).to_be_visible()


@test("rows are reached and opened by keys alone")
def by_keys(tab):
    fill(tab, user="contractor1")
    until_users(tab, 2, "contractor1")
    tab.press("ArrowDown")
    expect(tab.page.locator(".rows .row[data-index='0'] a")).to_be_focused()
    tab.press("ArrowDown")
    expect(tab.page.locator(".rows .row[data-index='1'] a")).to_be_focused()
    tab.press("Enter")
    expect(tab.page.locator(".player[data-ready]")).to_be_attached()
    assert tab.scene.id("rec1") in tab.page.url


@test("the list's keys work at once: arrows, pages, both ends, / to the filters")
def list_keys(tab):
    row = lambda index: tab.page.locator(f".rows .row[data-index='{index}'] a")
    tab.press("ArrowDown")
    expect(row(0)).to_be_focused()
    tab.press("PageDown")
    focused = "Number(document.activeElement.closest('.row').dataset.index)"
    page = tab.page.evaluate(focused)
    assert page >= 5, page
    tab.press("j", "k", "k")
    expect(row(page - 1)).to_be_focused()
    tab.press("PageUp")
    expect(row(0)).to_be_focused()
    tab.press("End")
    tab.until(lambda: tab.page.evaluate(focused) >= 199, "not at the end of what is loaded")
    tab.press("Home")
    expect(row(0)).to_be_focused()
    tab.press("/")
    expect(tab.page.get_by_label("User", exact=True)).to_be_focused()


@test("a row opens in a tab of its own by the middle button, and with Ctrl held")
def opens_tabs(tab):
    cell = tab.page.locator(".rows .row[data-index='1'] .host")
    address = tab.page.locator(".rows .row[data-index='1'] a").get_attribute("href")
    for how in ({"button": "middle"}, {"modifiers": ["Control"]}):
        with tab.context.expect_page() as opened:
            cell.click(**how)
        opened.value.wait_for_url("**" + address + "*")
        opened.value.close()
    assert "/recordings/" not in tab.page.url


@test("users and hosts are suggested")
def suggests(tab):
    tab.page.get_by_label("User", exact=True).focus()
    users = tab.page.locator("#names-user option")
    tab.until(lambda: {"ada", "contractor1"} <= {each.get_attribute("value") for each in users.all()}, "no users")
    values = [each.get_attribute("value") for each in tab.page.locator("#names-host option").all()]
    assert "many.example" in values and len(values) == len(set(values)), values


@test("back leads to the same place also beyond what one answer holds")
def back_far(tab):
    fill(tab, host="many.example")
    tab.until(lambda: set(tab.page.locator(".rows .host").all_inner_texts()) == {"many.example"}, "not filtered")
    rows = tab.page.locator(".rows")
    place = 560 * row_height(tab)

    def scroll():
        rows.evaluate("(each, place) => each.scrollTo(0, place)", place)
        return rows.evaluate("each => each.scrollTop") == place

    tab.until(scroll, "not so many rows")
    tab.page.locator(".rows .row[data-index='565'] .user a").click()
    expect(tab.page.locator(".player[data-ready]")).to_be_attached()
    tab.page.go_back()
    tab.until(lambda: rows.count() and rows.evaluate("each => each.scrollTop") == place, "another place")


@test("rows that a smaller window hides are not in the document")
def hidden_rows(tab):
    shown = tab.page.locator(".rows .row").count()
    tab.page.set_viewport_size({"width": 1280, "height": 360})
    tab.until(lambda: tab.page.locator(".rows .row").count() < shown, "as many rows as before")


@test("live ones come first, marked; a new one appears and an ended one moves, without reloading")
def live_rows(tab):
    live = tab.scene.start_live("listed", "linus")
    row = tab.page.locator(f".rows .row[data-id='{live.id}']")
    expect(row.locator(".badge")).to_have_text("Live")
    assert row.get_attribute("data-index") == "0" and "now" in row.inner_text()
    expect(tab.page.get_by_text("1 live")).to_be_visible()
    live.end()
    expect(row.locator(".badge")).to_have_text("Complete")
    expect(tab.page.get_by_text("1 live")).to_be_hidden()


@test("a user's name that is markup, and a host's, are text with controls made visible")
def hostile_names(tab):
    def answer(route):
        got = route.fetch()
        page = got.json()
        for recording in page["recordings"]:
            recording["host"] = "<b onclick=alert(1)>h\u202eost\u0007</b>"
        route.fulfill(response=got, json=page)

    tab.page.route("**/v1/recordings?*", answer)
    tab.page.reload()
    expect(tab.page.get_by_text("<b onclick=alert(1)>h\\u{202e}ost\\u{7}</b>").first).to_be_visible()
    expect(tab.page.get_by_text("<img src=x onerror=alert(4)>\\u{202e}\\u{7}\"'&").first).to_be_visible()
    assert tab.page.locator("#main img, #main b").count() == 0


@test("one word says what a recording is, in the list, its filter, the player and the centre's answers")
def states(tab):
    fill(tab, host="states.example")
    words = ["complete", "incomplete", "killed", "interrupted", "damaged", "tampered"]
    tab.until(lambda: len(tab.users()) == len(words) + 3, tab.users())
    for word in words:
        fill(tab, host="states.example")
        tab.page.get_by_label("State", exact=True).select_option(word)
        row = tab.page.locator(f".rows .row[data-id='{tab.scene.id(f'state-{word}')}']")
        expect(row.locator(".state .badge").first).to_have_text(word.capitalize())
        expect(row.locator(".duration")).to_have_text("0:30")
        told = tab.page.request.get(f"{tab.scene.url}/v1/recordings/{tab.scene.id(f'state-{word}')}").json()
        assert told["state"] == word, told
    tab.play("state-tampered")
    expect(tab.page.locator("#top-page .badge").first).to_have_text("Tampered")
    expect(tab.page.locator(".controls .total")).to_have_text("/ 0:30")


@test("durations are written as commands write them")
def durations(tab):
    path = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "Vectors", "durations.json")
    with open(path, encoding="utf-8") as file:
        vectors = json.load(file)
    written = tab.page.evaluate("""async (vectors) => {
      const { duration } = await import(new URL("format.js", document.querySelector("script[type=module]").src));
      return vectors.map(({ ms }) => ({ ms, text: duration(ms), precise: duration(ms, true) }));
    }""", vectors)
    assert written == vectors, written
