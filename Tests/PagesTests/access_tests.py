"""Names and roles, focus, contrast, sizes of windows."""

from playwright.sync_api import expect

from browser import Tab
from suite import test

UNNAMED = """
[...document.querySelectorAll('button, a[href], input, select, summary, [role=slider], [role=log], [tabindex="0"]')]
  .filter(each => each.checkVisibility() && !each.closest('[hidden]'))
  .filter(each => !(each.getAttribute('aria-label') || each.getAttribute('aria-labelledby') || each.textContent.trim()
    || each.labels?.length))
  .map(each => each.outerHTML.slice(0, 200))
"""

# WCAG 2: the contrast of every visible text with the nearest background that is not see-through.
CONTRAST = """
() => {
  const canvas = document.createElement('canvas').getContext('2d', {willReadFrequently: true});
  const rgba = color => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = color;
    canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const light = ([r, g, b]) => {
    const [x, y, z] = [r, g, b].map(v => v / 255).map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * x + 0.7152 * y + 0.0722 * z;
  };
  const background = element => {
    for (let each = element; each; each = each.parentElement) {
      const color = rgba(getComputedStyle(each).backgroundColor);
      if (color[3] === 255) return color;
    }
    return [255, 255, 255, 255];
  };
  const bad = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || !element.checkVisibility() || element.closest('.ap-wrapper, option, :disabled, .visually-hidden, .skip')) continue;
    const [one, other] = [light(rgba(getComputedStyle(element).color)), light(background(element))].sort((a, b) => b - a);
    const ratio = (one + 0.05) / (other + 0.05);
    if (ratio < 4.5) bad.push(`${ratio.toFixed(2)} ${element.className} ${walker.currentNode.data.trim().slice(0, 40)}`);
  }
  return bad;
}
"""

OVERFLOW = "document.documentElement.scrollWidth > innerWidth + 1"


def pages(tab):
    """Each page in turn."""
    tab.open("/recordings")
    expect(tab.page.locator(".rows .row").first).to_be_visible()
    yield "list"
    tab.open("/hosts")
    expect(tab.page.locator(".hosts .rows .row").first).to_be_visible()
    yield "hosts"
    tab.play("gapped", "?t=3.1")
    tab.button("Details").click()
    yield "player"
    if tab.page.viewport_size["width"] > 720:
        tab.press("?")
        expect(tab.page.get_by_role("dialog")).to_be_visible()
        yield "help"


@test("everything that can be used has a name")
def named(tab):
    for page in pages(tab):
        assert tab.page.evaluate(UNNAMED) == [], page


@test("text has a contrast of 4.5 and more, light and dark")
def contrast(tab):
    for scheme in ("light", "dark"):
        tab.page.emulate_media(color_scheme=scheme)
        for page in pages(tab):
            assert tab.page.evaluate(CONTRAST) == [], (scheme, page)


@test("the choice of colours is kept, and goes before the system's")
def theme(tab):
    background = lambda: tab.page.evaluate("getComputedStyle(document.body).backgroundColor")
    light = background()
    choose = lambda name: tab.page.get_by_role("radio", name=name, exact=True).check(force=True)
    account = tab.page.get_by_role("button", name="Account: One-time link")
    account.click()
    choose("Dark")
    dark = background()
    assert dark != light
    tab.page.reload()
    assert background() == dark
    expect(tab.page.locator(".rows .row").first).to_be_visible()
    account.click()
    choose("Light")
    tab.page.emulate_media(color_scheme="dark")
    assert background() == light
    choose("System")
    assert background() == dark


STICKING = """
[...document.querySelectorAll('body *')].filter(each => each.checkVisibility() && each.getBoundingClientRect().right > innerWidth + 1)
  .map(each => each.outerHTML.slice(0, 100))
"""

OVERLAPS = """
() => {
  const boxes = [...document.querySelectorAll('.top a, .top button, .top b, .top .badge, .top time, .controls button, .controls input, .controls select, .controls .total')]
    .filter(each => each.checkVisibility() && !each.closest('.skip, [popover]')).map(each => [each, each.getBoundingClientRect()]);
  const bad = [];
  for (const [one, a] of boxes) {
    for (const [other, b] of boxes) {
      if (one === other || one.contains(other) || other.contains(one)) continue;
      if (Math.min(a.right, b.right) - Math.max(a.left, b.left) > 1 && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 1)
        bad.push(`${one.outerHTML.slice(0, 60)} / ${other.outerHTML.slice(0, 60)}`);
    }
  }
  return bad;
}
"""


@test("from 320 to 1100 pixels the user and the host are there, and nothing lies over anything else")
def narrow(tab):
    live = tab.scene.start_live("narrow", "linus")
    for recording, query, names in (("work", "?t=22", ("ada", "build.example")), ("narrow", "", ("linus", "live.example"))):
        tab.play(recording, query)
        narrowed(tab, names)
    live.end()


def narrowed(tab, names):
    for width in (320, 360, 480, 600, 721, 768, 861, 960, 1100):
        tab.page.set_viewport_size({"width": width, "height": 700})
        for name in names:
            name = tab.page.locator(".title b", has_text=name)
            assert name.evaluate("each => each.checkVisibility() && each.clientWidth >= each.scrollWidth"), (width, name)
        # What is laid out again after a change of size has a frame to do so.
        tab.until(lambda: not tab.page.evaluate(OVERFLOW), f"wider than {width}: {tab.page.evaluate(STICKING)}")
        overlaps = tab.page.evaluate(OVERLAPS)
        assert overlaps == [], (width, overlaps)


@test("times are shown in UTC on demand, which is remembered, and filters are read so too")
def utc(tab):
    tab.open("/recordings?user=contractor1")
    expect(tab.page.locator(".rows .start").last).to_have_text("2020-06-01 12:16:12")
    zone = tab.page.locator(".top .zone")
    assert zone.inner_text().startswith("UTC−0")
    zone.click()
    expect(tab.page.locator(".rows .start").last).to_have_text("2020-06-01 16:16:12")
    tab.page.reload()
    expect(tab.page.locator(".rows .start").last).to_have_text("2020-06-01 16:16:12")
    tab.page.get_by_label("Since", exact=True).fill("2020-06-01 16:16:13")
    expect(tab.page.locator(".rows .row")).to_have_count(1)
    tab.play("rec1", "?t=5")
    assert tab.page.locator(".wall").inner_text() == "2020-06-01 16:16:17"
    zone.click()
    expect(tab.page.locator(".wall")).to_have_text("2020-06-01 12:16:17")


@test("hosts have a page: their state, when they were heard last, what is live; a host leads to its recordings")
def hosts(tab):
    tab.page.get_by_role("navigation").get_by_role("link", name="Hosts").click()
    row = tab.page.locator(".hosts .rows .row", has_text="build.example")
    expect(row.locator(".state")).to_have_text("Enrolled")
    assert tab.page.url.endswith("/hosts")
    row.get_by_role("link", name="build.example").click()
    tab.until(lambda: sorted(set(tab.users())) == ["ada", "grace"], tab.users())
    tab.page.go_back()
    expect(row).to_be_visible()


@test("an address without a page says so, with the way back; HEAD works, and answers are packed")
def addresses(tab):
    tab.expect_complaint("404")
    answer = tab.page.goto(tab.scene.url + "/nowhere/at/all")
    assert answer.status == 404
    expect(tab.page.get_by_role("heading", name="Page not found")).to_be_visible()
    tab.page.get_by_role("link", name="Go to recordings").click()
    expect(tab.page.locator(".rows .row").first).to_be_visible()
    for path in ("/recordings", "/v1/recordings", "/healthz", "/assets/any/main.js"):
        answer = tab.page.request.head(tab.scene.url + path)
        assert answer.status == 200 and answer.body() == b"", path
    assert tab.page.request.head(tab.scene.url + "/v1/nowhere").status == 404
    for path in ("/v1/recordings?count=100", "/assets/any/text.js", "/recordings"):
        answer = tab.page.request.get(tab.scene.url + path, headers={"accept-encoding": "gzip"})
        assert answer.headers.get("content-encoding") == "gzip", path
        answer = tab.page.request.get(tab.scene.url + path, headers={"accept-encoding": "identity"})
        assert "content-encoding" not in answer.headers, path
    protocol = tab.page.evaluate("performance.getEntriesByType('navigation')[0].nextHopProtocol")
    assert protocol == "h2", protocol


@test("nothing sticks out of windows of 320 pixels, and of a wall")
def sizes(tab):
    for size in ((320, 640), (360, 640), (390, 844), (768, 1024), (3840, 2160)):
        other = Tab(tab.context.browser, tab.scene, size=size)
        try:
            other.sign_in()
            for page in pages(other):
                assert not other.page.evaluate(OVERFLOW), (size, page)
            other.play("rec1", "?t=3")
            for control in other.page.locator(".controls button:visible").all():
                box = control.bounding_box()
                assert box["x"] >= 0 and box["x"] + box["width"] <= size[0], (size, control.get_attribute("aria-label"))
            assert other.unexpected == [], other.unexpected
        finally:
            other.close()


@test("Tab goes through the player in the order of reading: the top, the screen, the time line, the controls")
def focus_order(tab):
    tab.play("rec1")
    tab.page.locator("body").evaluate("() => document.activeElement.blur()")
    seen = []
    for _ in range(40):
        tab.press("Tab")
        seen.append(tab.page.evaluate(
            "['top', 'stage', 'timeline', 'controls'].find(name => document.activeElement.closest('.' + name)) ?? ''"))
    order = [name for index, name in enumerate(seen) if name and (index == 0 or seen[index - 1] != name)]
    assert ["top", "stage", "timeline", "controls"] in [order[place:place + 4] for place in range(len(order))], order


@test("a screen reader is told what the time line shows, and that the screen is one")
def told(tab):
    tab.play("rec1", "?t=5")
    assert tab.timeline.get_attribute("aria-valuetext").startswith("0:05 of 0:2")
    expect(tab.page.get_by_role("group", name="Recorded terminal")).to_contain_text("localhost")
    tab.press(" ")
    expect(tab.page.get_by_text("Playing", exact=True)).to_be_attached()
    expect(tab.page.get_by_role("table", name="Recordings")).to_have_count(0)


@test("the page's policy forbids what is inline, and nothing that the pages do is against it")
def policy(tab):
    answer = tab.page.request.get(tab.scene.url + "/recordings")
    policy = answer.headers["content-security-policy"]
    for part in ("default-src 'none'", "base-uri 'none'", "frame-ancestors 'none'", "form-action 'self'"):
        assert part in policy, policy
    assert "unsafe-inline" not in policy and "'unsafe-eval'" not in policy, policy
    tab.expect_complaint("Content Security Policy|violates the following|404")
    tab.page.evaluate("document.body.insertAdjacentHTML('beforeend', '<img src=x onerror=\"document.title = `run`\">')")
    tab.page.wait_for_timeout(100)
    assert tab.page.title() != "run"
    assert any("Content Security Policy" in text or "violates" in text for text in tab.complaints), tab.complaints
