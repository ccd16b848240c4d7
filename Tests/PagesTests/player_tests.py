"""The player: what Cockpit's own tests of its player assert, and every control."""

import random
import re

import pyte
from playwright.sync_api import expect

import made_recordings
from suite import test


# What Cockpit's session recording is tested for.


@test("a recording opened by its address plays, and its first line has the prompt")
def plays(tab):
    tab.play("rec1")
    tab.button("Play").click()
    tab.until(lambda: "localhost" in tab.lines()[0], "no prompt")


@test("a recording of a full-screen program plays, through its resize, to the shell again")
def plays_panels(tab):
    tab.play("binaryrec", "?t=11")
    tab.until(lambda: len(tab.lines()) == 30, "not resized")
    tab.until_shows("name-3")
    tab.page.get_by_label("Speed", exact=True).select_option("8")
    tab.button("Play").click()
    tab.until_at_end()
    tab.until(lambda: "exit" in tab.screen() and "name-" not in tab.screen(), "not the shell again")


@test("going to the end shows the end; from the start it gets there by itself")
def fast_forward(tab):
    tab.play("rec1")
    tab.button("Go to end").click()
    tab.until_at_end()
    tab.until_shows("exit")
    tab.button("Go to start").click()
    tab.until_at(0)
    tab.until(lambda: "whoami" not in tab.screen(), "not the start")
    tab.page.get_by_label("Speed", exact=True).select_option("16")
    tab.button("Play").click()
    tab.until_shows("thisisatest123")
    tab.until_at_end()
    tab.until_shows("thisisanothertest456")


@test("speed doubles to ×16 and halves to ×1/16, is shown, and is reset")
def speeds(tab):
    tab.play("rec1")
    seen = []
    for name in ["Faster"] * 5 + ["Slower"] * 9:
        tab.button(name).click()
        seen.append(tab.speed())
    assert seen == [
        "×2", "×4", "×8", "×16", "×16", "×8", "×4", "×2", "×1", "×1/2", "×1/4", "×1/8", "×1/16", "×1/16"], seen
    tab.press("Backspace")
    assert tab.speed() == "×1"
    tab.press("{")
    assert tab.speed() == "×1/2"
    tab.press("}", "}", ">", "<")
    assert tab.speed() == "×2", tab.speed()


@test("zooming goes in tenths, and fits again")
def zooms(tab):
    tab.play("rec1")
    zoom = tab.button("Fit to window")
    assert zoom.inner_text() == "Fit"
    fitted = tab.font()
    shown = []
    for name in ["Zoom in"] * 3 + ["Zoom out"]:
        tab.button(name).click()
        shown.append(int(zoom.inner_text().split()[0]))
    assert [later - earlier for earlier, later in zip(shown, shown[1:])] == [10, 10, -10], shown
    assert abs(tab.font() - 15 * shown[-1] / 100) < 0.1
    zoom.click()
    assert zoom.inner_text() == "Fit" and tab.font() == fitted


@test("steps while paused reach the prompt, and steps back lead away from it again")
def steps(tab):
    tab.play("rec1")
    for _ in range(3):
        tab.button("Step forward").click()
        tab.page.wait_for_timeout(0)
    tab.until(lambda: tab.lines()[0].endswith("$ wh"), "three steps are a prompt and two characters")
    tab.press(",")
    tab.until(lambda: tab.lines()[0].endswith("$ w"), "one step back")
    tab.press(",", ",")
    tab.until(lambda: tab.lines()[0] == "", "the start")
    tab.press(".")
    tab.until(lambda: tab.lines()[0].endswith("$"), "the prompt")


@test("pausing holds the screen, and playing goes on from there")
def pauses(tab):
    tab.play("rec1", "?t=2.5")
    tab.button("Play").click()
    tab.until_shows("whoami")
    tab.press(" ")
    expect(tab.button("Play")).to_be_visible()
    # What was under way is drawn in the next frame.
    tab.page.wait_for_timeout(100)
    held = tab.screen()
    assert "thisisatest123" not in held
    tab.page.wait_for_timeout(300)
    assert tab.screen() == held
    tab.press("}", "}", "}", "p")
    tab.until_shows("thisisatest123")


@test("a zoomed screen is moved by dragging")
def pans(tab):
    tab.play("wide", "?t=5")
    stage = tab.page.locator(".stage")
    for _ in range(6):
        tab.button("Zoom in").click()
    assert stage.evaluate("each => each.scrollWidth > each.clientWidth + 100")
    tab.button("Drag to move").click()
    box = stage.bounding_box()
    tab.page.mouse.move(box["x"] + 600, box["y"] + 300)
    tab.page.mouse.down()
    tab.page.mouse.move(box["x"] + 400, box["y"] + 200, steps=4)
    tab.page.mouse.up()
    left, top = stage.evaluate("each => [each.scrollLeft, each.scrollTop]")
    assert left >= 150 and top >= 80, (left, top)


@test("zooming while it plays at ×16 keeps the zoom while output arrives")
def zooms_while_playing(tab):
    tab.play("binaryrec")
    tab.page.get_by_label("Speed", exact=True).select_option("16")
    tab.button("Play").click()
    tab.button("Zoom in").click()
    tab.button("Zoom in").click()
    tab.button("Zoom out").click()
    zoomed = tab.font()
    tab.until_at_end()
    assert tab.font() == zoomed and tab.button("Fit to window").inner_text() != "Fit"


# Going somewhere.


@test("it opens paused at the moment of the link, and the address follows the place")
def opens_at(tab):
    tab.play("long", "?t=3600.5")
    expect(tab.button("Play")).to_be_visible()
    tab.until_at(3600)
    tab.until_shows("line 001800")
    assert "line 001801" not in tab.screen()
    tab.press("ArrowRight")
    tab.until(lambda: tab.page.url.endswith("?t=3605.5"), "the address stays behind")
    tab.press("c")
    copied = tab.page.locator(".toast", has_text="Link copied")
    expect(copied.or_(tab.page.get_by_role("textbox", name="Link to this moment"))).to_be_visible()


@test("keys go 5 seconds, a tenth, to tenths, to a typed time, to both ends")
def keys_seek(tab):
    tab.play("long")
    for key, seconds in [
        ("ArrowRight", 5), ("Shift+ArrowRight", 3605), ("ArrowLeft", 3600), ("Shift+ArrowLeft", 0), ("5", 18000),
        ("0", 0), ("9", 32400), ("Home", 0), ("End", 36000), ("R", 0), ("G", 36000),
    ]:
        tab.press(key)
        tab.until_at(seconds)
    tab.press("1", ":", "3", "0", "G")
    tab.until_at(90)
    tab.press("g")
    tab.page.keyboard.type("2:00:01")
    tab.press("Enter")
    tab.until_at(7201)
    tab.until_shows("line 003600")


def go_to(tab, written):
    tab.press("g")
    tab.page.keyboard.type(written)
    tab.press("Enter")


@test("a place is typed as seconds, m:ss, h:mm:ss, with units, or as the host's clock showed it")
def typed_places(tab):
    tab.play("long")
    for written, seconds in [
        ("90", 90), ("90.5", 90), ("1:30", 90), ("1:02:03", 3723), ("2m", 120), ("1h2m", 3720), ("1h 2m 3s", 3723), ("45s", 45),
        # It began at 20:00 in New York.
        ("20:30:00", 1800), ("2020-06-07 00:00", 14400), ("2020-06-07 05:00Z", 18000), ("05:00:01", 18001),
    ]:
        go_to(tab, written)
        tab.until_at(seconds)
        expect(tab.page.get_by_label("Go to time")).not_to_be_focused()


@test("what is wrong with a typed place is said beside the field, and one stays where one was")
def wrong_places(tab):
    tab.play("rec1", "?t=5")
    field, problem = tab.page.get_by_label("Go to time"), tab.page.locator(".goto .problem")
    for written, why in [("abc", "Not a time. Try 90, 1:30"), ("1:75", "Not a time."), ("9:00", "The recording ends at 0:2"), ("2020-06-02 12:00", "did not show that time")]:
        go_to(tab, written)
        expect(problem).to_contain_text(why)
        expect(field).to_have_attribute("aria-invalid", "true")
        expect(field).to_have_value(written)
        tab.until_at(5)
        tab.press("Escape")
        expect(problem).to_be_hidden()
    tab.press("9", "9", "G")
    expect(problem).to_contain_text("The recording ends at 0:2")


@test("a link's moment is in seconds or m:ss, and the address writes seconds")
def link_units(tab):
    for written, seconds in [("90", 90), ("90.5", 90), ("1:30", 90), ("1:00:00", 3600)]:
        tab.play("long", f"?t={written}")
        tab.until_at(seconds)
    tab.press("ArrowRight")
    tab.until(lambda: tab.page.url.endswith("?t=3605"), tab.page.url)
    go_to(tab, "90.25")
    tab.until(lambda: tab.page.url.endswith("?t=90.25"), tab.page.url)


@test("a recording without a moment shows a screen of its beginning, and plays from its start")
def poster(tab):
    tab.play("rec1")
    tab.until_shows("whoami")
    assert tab.position() == 0
    tab.page.locator(".poster button").click()
    tab.until(lambda: "whoami" not in tab.screen(), "not from the start")
    expect(tab.page.locator(".poster")).to_be_hidden()
    tab.until_shows("who")


@test("a drag fetches where the pointer rests, not what it passes, and one thing at a time")
def drags(tab):
    tab.play("long")
    tab.page.wait_for_load_state("networkidle")
    asked = []
    tab.page.on("request", lambda request: "/events?" in request.url and asked.append(request.url))
    box = tab.timeline.bounding_box()
    middle = box["y"] + box["height"] / 2
    tab.page.mouse.move(box["x"] + box["width"] * 0.1, middle)
    tab.page.mouse.down()
    for step in range(60):
        tab.page.mouse.move(box["x"] + box["width"] * (0.1 + step / 100), middle)
    tab.page.mouse.up()
    tab.until(lambda: re.search(r"line 012[34]\d\d", tab.screen()), "not the lines of that moment")
    tab.page.wait_for_load_state("networkidle")
    # Sixty places were passed. Where the machine is slow the pointer rests on some.
    assert len(asked) <= 15, asked


@test("the buttons beside play go 5 seconds back and forward")
def buttons_seek(tab):
    tab.play("long", "?t=60")
    tab.button("Forward 5 seconds").click()
    tab.until_at(65)
    tab.button("Back 5 seconds").click()
    tab.button("Back 5 seconds").click()
    tab.until_at(55)


@test("the time line is dragged, and shows the time under the pointer")
def timeline(tab):
    tab.play("long")
    box = tab.timeline.bounding_box()
    middle = box["y"] + box["height"] / 2
    tab.page.mouse.move(box["x"] + box["width"] / 2, middle)
    tip = tab.page.locator(".tip")
    expect(tip).to_be_visible()
    assert re.match(r"(5:00:0|4:59:5)\d", tip.inner_text()), tip.inner_text()
    tab.page.mouse.down()
    tab.page.mouse.move(box["x"] + box["width"] * 0.6, middle, steps=5)
    tab.page.mouse.move(box["x"] + box["width"] * 0.75, middle, steps=5)
    tab.page.mouse.up()
    tab.until(lambda: abs(tab.position() - 27000) <= 60, "not at three quarters")
    tab.until(lambda: re.search(r"line 01(34|35)\d\d", tab.screen()), "not the lines of that moment")


@test("after a seek the screen is what a replay shows: random moments, forwards and back")
def seeks_are_exact(tab):
    seed = random.SystemRandom().randrange(1 << 32) if tab.seed is None else tab.seed
    print(f"    seed {seed}")
    numbers = random.Random(seed)
    for name, made in (("binaryrec", made_recordings.panels()), ("rec1", made_recordings.first())):
        tab.play(name)
        for _ in range(12):
            ms = numbers.randrange(made.duration // 100) * 100 + 50
            tab.press("g")
            tab.page.keyboard.type(f"{ms / 1000:.2f}")
            tab.press("Enter")
            expected = replayed(made, ms)
            tab.until(lambda: tab.lines() == expected, f"at {ms} ms not what a replay shows:\n" + "\n".join(expected))


def replayed(made, ms):
    """The screen that another emulator shows."""
    screen = pyte.Screen(made.columns, made.rows)
    stream = pyte.Stream(screen)
    saved = None
    for at, kind, data in made.events:
        if at > ms:
            break
        if kind == "r":
            columns, rows = map(int, data.split("x"))
            screen.resize(rows, columns)
        if kind != "o":
            continue
        # pyte has no alternate screen.
        if "\x1b[?1049h" in data:
            saved = [screen.display, screen.cursor.y, screen.cursor.x]
            screen.reset()
        if "\x1b[?1049l" in data:
            display, row, column = saved
            screen.reset()
            for number, line in enumerate(display):
                stream.feed(f"\x1b[{number + 1};1H{line.rstrip()}")
            stream.feed(f"\x1b[{row + 1};{column + 1}H")
        stream.feed(data)
    return [line.rstrip() for line in screen.display]


@test("a seek in a ten-hour recording fetches a portion, not the recording")
def seek_is_small(tab):
    fetched = []
    tab.page.on("response", lambda answer: "/events?" in answer.url and fetched.append(len(answer.body())))
    tab.play("long")
    before = sum(fetched)
    tab.press("7")
    tab.until_shows("line 012600")
    tab.page.wait_for_load_state("networkidle")
    whole = sum(len(event[2]) for event in made_recordings.long().events)
    assert 0 < sum(fetched) - before < min(700000, whole), (fetched, whole)


@test("on a slow network a seek says that it waits and arrives, and playing waits for what is to be shown")
def slow_network(tab):
    tab.play("long")
    network = tab.page.context.new_cdp_session(tab.page)
    network.send("Network.enable")
    network.send("Network.emulateNetworkConditions", {
        "offline": False, "latency": 400, "downloadThroughput": 60_000, "uploadThroughput": 20_000})
    tab.press("7")
    expect(tab.page.locator(".waiting")).to_be_visible()
    tab.until_shows("line 012600")
    expect(tab.page.locator(".waiting")).to_be_hidden()
    # Another one before the first has come: the last one counts.
    tab.press("3", "5")
    tab.until_shows("line 009000")
    tab.page.get_by_label("Speed", exact=True).select_option("16")
    tab.button("Play").click()
    tab.until_shows("line 009020")


@test("idle time is skipped, and the controls stay usable meanwhile")
def skips_idle(tab):
    tab.play("rec1", "?t=9")
    tab.button("Skip idle time").click()
    expect(tab.button("Skip idle time")).to_have_attribute("aria-pressed", "true")
    tab.page.clock.install()
    tab.button("Play").click()
    # Sixteen seconds of nothing lie in between.
    for _ in range(15):
        tab.page.clock.run_for(200)
        if tab.position() >= 23:
            break
    assert tab.position() >= 23, tab.position()
    tab.button("Pause").click()
    expect(tab.button("Play")).to_be_visible()


@test("marks are listed, reached by keys, and gone to by their buttons")
def marks(tab):
    tab.play("binaryrec")
    tab.button("Details").click()
    tab.page.get_by_role("button", name=re.compile("Window 100×30")).click()
    tab.until(lambda: len(tab.lines()) == 30, "not at the resize")
    at = tab.position()
    tab.press("Home")
    tab.until_at(0)
    tab.press("]")
    tab.until_at(at)
    tab.press("]", "[")
    tab.until_at(at)


# Looking.


@test("full screen fills the window, and the keys work there")
def full_screen(tab):
    tab.play("rec1", "?t=3")
    tab.press("f")
    tab.until(lambda: tab.page.evaluate("document.fullscreenElement?.className") == "player", "not full")
    tab.press("?")
    expect(tab.page.get_by_role("heading", name="Keyboard shortcuts")).to_be_visible()
    tab.press("Escape")
    tab.button("Full screen").click()
    tab.until(lambda: tab.page.evaluate("document.fullscreenElement === null"), "still full")


@test("a terminal of 500×200 is fitted whole")
def fits_wide(tab):
    tab.play("wide", "?t=5")
    tab.until(lambda: len(tab.lines()) == 200 and tab.lines()[199].startswith("199:"), "not 200 lines")
    stage, screen = tab.page.locator(".stage").bounding_box(), tab.page.locator(".ap-terminal").bounding_box()
    assert screen["width"] <= stage["width"] and screen["height"] <= stage["height"], (stage, screen)
    assert stage["width"] - screen["width"] < 30 or stage["height"] - screen["height"] < 30, (stage, screen)


@test("text on the screen can be selected and copied")
def selects(tab):
    tab.play("rec1", "?t=4")
    tab.page.locator(".ap-line", has_text="whoami").click(click_count=3)
    assert "whoami" in tab.page.evaluate("getSelection().toString()")
    # What gets onto the clipboard has no padding to the screen's width.
    copied = tab.page.evaluate("""() => {
      const data = new DataTransfer();
      getSelection().selectAllChildren(document.querySelector(".ap-terminal"));
      const event = new ClipboardEvent("copy", { clipboardData: data, bubbles: true, cancelable: true });
      document.querySelector(".ap-terminal").dispatchEvent(event);
      return data.getData("text/plain");
    }""")
    assert "whoami" in copied and all(line == line.rstrip() for line in copied.split("\n")), copied
    expect(tab.button("Play")).to_be_visible()


@test("what is copied from the screen by keys has no padding at the ends of its lines")
def copies(tab):
    tab.context.grant_permissions(["clipboard-read", "clipboard-write"])
    tab.play("rec1", "?t=4")
    tab.page.evaluate("getSelection().selectAllChildren(document.querySelector('.ap-terminal'))")
    tab.press("Control+c")
    lines = tab.page.evaluate("navigator.clipboard.readText()").split("\n")
    assert any("whoami" in line for line in lines) and all(line == line.rstrip() for line in lines), lines
    assert len(lines) >= 2, "lines run into each other"


@test("rows that a resize took away are not in the document")
def resized_rows(tab):
    tab.play("shrunk", "?t=0.5")
    tab.until(lambda: len(tab.lines()) == 40, tab.lines())
    go_to(tab, "0:02")
    tab.until(lambda: len(tab.lines()) == 20, f"{len(tab.lines())} rows")


@test("menus close by Escape, by a click elsewhere, and by a choice")
def menus(tab):
    tab.play("rec1", "?t=2")
    menu = tab.page.locator(".menu", has_text="asciicast")
    export = tab.button("Export")
    export.click()
    expect(menu).to_be_visible()
    tab.press("ArrowDown", "Escape")
    expect(menu).to_be_hidden()
    export.click()
    expect(menu).to_be_visible()
    tab.page.mouse.click(640, 300)
    expect(menu).to_be_hidden()
    export.click()
    with tab.page.expect_download() as download:
        tab.page.get_by_role("link", name="asciicast").click()
    assert download.value.suggested_filename.endswith(".cast")
    expect(menu).to_be_hidden()


@test("lines that left the screen are scrolled back to")
def scrolls_back(tab):
    tab.play("long", "?t=3600.5")
    tab.until_shows("line 001800")
    tab.page.locator(".stage").hover()
    tab.page.mouse.wheel(0, -200)
    history = tab.page.get_by_role("log", name="Lines above the screen")
    expect(history).to_be_visible()
    text = history.locator("pre").first.inner_text().splitlines()
    numbers = [int(line.split()[1]) for line in text]
    top = int(tab.lines()[0].split()[1])
    assert len(numbers) >= 100 and numbers == list(range(top - len(numbers), top)), (numbers[:3], numbers[-3:], top)
    assert history.locator(".on-screen").inner_text().splitlines() == [line for line in tab.lines() if line]
    colors = history.locator("pre").first.locator("span").evaluate_all("all => all.map(each => getComputedStyle(each).color)")
    assert len(set(colors)) == 7, colors
    tab.button("Back to the screen").click()
    expect(history).to_be_hidden()
    tab.play("binaryrec", "?t=8")
    tab.press("PageUp")
    # It is seen for four seconds, which on a busy machine can pass between two looks.
    expect(tab.page.locator(".screen-note")).to_contain_text("A full-screen program is running")


@test("a line that wrapped is one line when scrolled back to, with its wide characters")
def scrolls_back_wrapped(tab):
    tab.play("wrapped", "?t=4")
    tab.press("PageUp")
    text = tab.page.get_by_role("log", name="Lines above the screen").locator("pre").first
    expect(text).to_contain_text("漢字 " + "x" * 200 + " end")


@test("keystrokes stay while it is paused")
def keystrokes_stay(tab):
    tab.play("rec1")
    tab.press("k")
    go_to(tab, "1.6")
    pills = tab.page.locator(".keystrokes .pill")
    expect(pills.first).to_contain_text("who")
    tab.page.clock.install()
    tab.page.clock.run_for(10_000)
    expect(pills.first).to_contain_text("who")


@test("keystrokes are shown when asked for, grouped and named")
def keystrokes(tab):
    tab.play("rec1")
    tab.press("k")
    tab.press("g")
    tab.page.keyboard.type("1.6")
    tab.press("Enter")
    pills = tab.page.locator(".keystrokes .pill")
    tab.until(lambda: pills.all_inner_texts() != [] and "who" in pills.all_inner_texts()[0], "no keys")
    tab.page.get_by_label("Speed", exact=True).select_option("4")
    tab.button("Play").click()
    tab.until(lambda: "Enter" in pills.all_inner_texts(), "no Enter")
    tab.press("k")
    expect(tab.page.locator(".keystrokes")).to_be_hidden()


@test("a recording of keystrokes alone says so, and shows them")
def only_keys(tab):
    tab.play("keys")
    expect(tab.page.get_by_text("Only keystrokes were recorded")).to_be_visible()
    expect(tab.button("Show keystrokes")).to_have_attribute("aria-pressed", "true")
    tab.press("2", "5", "G", "5")
    tab.until(lambda: tab.page.locator(".keystrokes .pill").count() > 0, "no keys")


@test("a gap is marked, said with its reason when it comes, and the rest plays")
def gaps(tab):
    tab.play("gapped", "?t=2.9")
    expect(tab.page.locator("#top-page .badge", has_text="Gaps")).to_be_visible()
    tab.press("ArrowRight")
    tab.press("3", ".")
    tab.press("Home")
    tab.page.get_by_label("Speed", exact=True).select_option("4")
    tab.button("Play").click()
    expect(tab.page.get_by_text("Missing here")).to_be_visible()
    tab.until_at_end()
    tab.until_shows("line 29")
    tab.button("Details").click()
    expect(tab.page.get_by_role("button", name=re.compile("Gap: "))).to_be_visible()


@test("what cannot be read is said with its reason, and the rest plays")
def unreadable(tab):
    tab.expect_complaint("500")

    def answer(route):
        if "keyframe" in route.request.url:
            route.continue_()
        else:
            route.fulfill(status=500, json={"error": "damaged", "why": "the frame is damaged"})

    tab.page.route("**/events?*", answer)
    tab.page.route("**/activity?*", lambda route: route.fulfill(json={
        "duration_ms": 36000000, "bucket_ms": 60000, "output": [900000] * 600, "input": [0] * 600, "marks": []}))
    tab.play("long")
    tab.page.get_by_label("Speed", exact=True).select_option("16")
    tab.button("Play").click()
    expect(tab.page.get_by_text("the frame is damaged")).to_be_visible()


@test("names and output that are markup, script or controls do nothing, and are seen for what they are")
def hostile(tab):
    tab.play("hostile", "?t=1")
    tab.until_shows("<script>alert(2)</script>")
    tab.until_shows("still here")
    heading = tab.page.locator("#top-page h1").inner_text()
    assert "<img src=x onerror=alert(4)>\\u{202e}\\u{7}" in heading, heading
    assert "<img" in tab.page.title()
    tab.button("Details").click()
    assert tab.page.locator("#main img, #main script, #top-page img, #main a[href^=javascript]").count() == 0


@test("the wall clock is shown beside the elapsed time, in the viewer's zone")
def wall_clock(tab):
    tab.play("rec1", "?t=5")
    assert tab.page.locator(".wall").inner_text() == "2020-06-01 12:16:17"
    assert "−04:00" in tab.page.locator(".wall").get_attribute("title")
    assert tab.page.get_by_label("Go to time").input_value() == "0:05.0"


@test("? shows all keys, and Escape goes back to where one was")
def shows_help(tab):
    tab.play("rec1")
    tab.button("Keyboard shortcuts").focus()
    tab.press("?")
    dialog = tab.page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    assert dialog.locator("dt").count() >= 25
    tab.press("Escape")
    expect(dialog).to_be_hidden()
    expect(tab.button("Keyboard shortcuts")).to_be_focused()


@test("an unknown recording is said to be unknown")
def unknown(tab):
    tab.expect_complaint("404")
    tab.open("/recordings/aaaaaaaaaaaaaaaa")
    expect(tab.page.get_by_text("There is no such recording")).to_be_visible()


@test("the clock that is shown is the host's, also after it was set, and the step is marked")
def clock_set(tab):
    tab.play("clock")
    wall = tab.page.locator(".controls .wall")
    shown = lambda: wall.inner_text().split()[1]
    before = shown()
    tab.button("Details").click()
    tab.page.get_by_role("button", name="Clock set +1:00:00").click()
    hour = lambda text: int(text.split(":")[0])
    tab.until(lambda: (hour(shown()) - hour(before)) % 24 == 1 and shown().endswith(":00:05"), shown())
    tab.press("Home")
    tab.until(lambda: shown() == before, shown())
