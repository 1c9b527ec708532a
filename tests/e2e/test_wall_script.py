"""The wall's script in a real browser, with a server and a clock that the test holds in its hands."""

import shutil
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, Route, sync_playwright

from services.reporting.wall import Pace, Parts, Unit, Wall
from services.reporting.wall_map import city_shapes
from services.reporting.wall_page import page as wall_html
from services.reporting.wall_page import panels, wall_environment
from shared.web.headers import SECURITY_HEADERS
from shared.web.static_files import STATIC
from tests.unit.wall_sample import TOWNSHIPS, UNITS, wall

CHROMIUM = shutil.which("chromium")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine")

TOWNSHIP_UNITS = tuple(
    Unit(f"3408221{n:02}", name, Pace(Decimal(30 + 3 * n), Decimal(66)), 0, 0, f"/units/3408221{n:02}")
    for n, name in enumerate(TOWNSHIPS)
)
TEMPLATES = wall_environment()
SHAPES = city_shapes("340800")

EVENTS = """
window.EventSource = class extends EventTarget {
  static CLOSED = 2;
  readyState = 1;
  constructor() { super(); window.events = this; }
  close() {}
  open() { this.onopen(new Event("open")); }
  say(name, data) { this.dispatchEvent(new MessageEvent(name, { data })); }
};
"""
"""A stand-in for the browser's own, so that the test says when an event comes."""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A browser, in which each test has a profile of its own."""
    with sync_playwright() as browsers:
        browser = browsers.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()


@pytest.fixture
def shown(browser: Browser) -> Iterator[Page]:
    """A wall that has just connected, at its own size, with time standing still unless told to go on."""
    page = browser.new_page(viewport={"width": 1920, "height": 1080})
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.clock.install()
    page.add_init_script(EVENTS)
    page.route("**/*", serve)
    page.goto("https://wall.test/")
    page.evaluate("events.open()")
    yield page
    page.close()
    assert complaints == []


def serve(route: Route) -> None:
    path = urlsplit(route.request.url).path
    if path == "/":
        html = wall_html(TEMPLATES, wall(), SHAPES, "/events")
        route.fulfill(body=html, content_type="text/html; charset=utf-8", headers=SECURITY_HEADERS)
    else:
        route.fulfill(path=STATIC / path.removeprefix("/static/"))


def say(page: Page, name: str, now: Wall) -> None:
    page.evaluate("([name, html]) => events.say(name, html)", [name, panels(TEMPLATES, now, SHAPES)[name]])


def faster() -> Wall:
    """The sample wall after a report from 宿松县."""
    units = tuple(
        replace(unit, pace=Pace(Decimal("61.2"), unit.pace.scheduled)) if unit.code == "340826" else unit
        for unit in UNITS
    )
    return wall(units=units)


def test_a_wall_has_no_barrier_and_nothing_scrolls(shown: Page) -> None:
    assert Axe().run(shown).violations_count == 0
    size = shown.evaluate("[document.documentElement.scrollWidth, document.documentElement.scrollHeight]")
    assert size == [1920, 1080]


CUT = """(panel) => {
    const edge = document.querySelector(panel).getBoundingClientRect();
    return [...document.querySelectorAll(`${panel} *`)]
        .filter((e) => !e.closest(".unseen") && !e.closest("svg") && e.getClientRects().length)
        .filter((e) => e.getBoundingClientRect().right > edge.right || e.getBoundingClientRect().bottom > edge.bottom)
        .map((e) => e.outerHTML.slice(0, 100));
}"""
"""What of a panel lies outside of it, where nobody sees it."""


@pytest.mark.parametrize("panel", ["#kpi", "#rank", "#map", "#pace", "#ticker"])
def test_nothing_is_cut_at_a_panels_edge(shown: Page, panel: str) -> None:
    assert shown.evaluate(CUT, panel) == []
    of_county = replace(wall(units=TOWNSHIP_UNITS), parts=Parts("乡镇（街道）", "乡镇"))
    for name, html in panels(TEMPLATES, of_county, ()).items():
        shown.evaluate("([name, html]) => events.say(name, html)", [name, html])
    assert shown.evaluate(CUT, panel) == []


def test_the_rows_of_a_county_with_many_townships_do_not_lie_over_each_other(shown: Page) -> None:
    say_of_county = panels(TEMPLATES, wall(units=TOWNSHIP_UNITS), ())["pace"]
    shown.evaluate("([name, html]) => events.say(name, html)", ["pace", say_of_county])
    rows = shown.locator("#pace tbody:not([hidden]) tr")
    heights = rows.evaluate_all("rows => rows.map((row) => row.scrollHeight - row.clientHeight)")
    assert 0 < len(heights) <= 11
    assert max(heights) == 0
    assert shown.locator("#pace tr[data-key]").count() == len(TOWNSHIP_UNITS)


def test_no_text_is_smaller_than_can_be_read_from_four_metres(shown: Page) -> None:
    sizes = shown.evaluate("""[...document.querySelectorAll("body *")]
        .filter((e) => !e.closest(".unseen") && [...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim()))
        .map((e) => parseFloat(getComputedStyle(e).fontSize))""")
    assert min(sizes) >= 20


def test_silence_is_told_and_ends_with_the_next_word(shown: Page) -> None:
    live = shown.locator("#live")
    assert live.inner_text() == "实时"
    shown.clock.run_for(44_000)
    assert live.inner_text() == "实时"
    shown.clock.run_for(140_000)
    assert live.inner_text() == "实时中断 3 分钟，显示的是 09:30 的数据"
    assert "stale" in (live.get_attribute("class") or "")
    say(shown, "asof", wall(as_of=wall().as_of.replace(minute=33)))
    assert live.inner_text() == "实时"
    assert "09:33:15" in shown.locator("#asof").inner_text()


def test_a_change_is_outlined_for_two_seconds(shown: Page) -> None:
    say(shown, "pace", faster())
    assert shown.locator("#pace .changed").get_attribute("data-key") == "340826"
    assert "61.2" in shown.locator("#pace [data-key='340826']").inner_text()
    shown.clock.run_for(2_100)
    assert shown.locator("#pace .changed").count() == 0


def test_rows_do_not_move_under_a_pointer_that_is_used(shown: Page) -> None:
    shown.locator("#pace").hover()
    say(shown, "pace", faster())
    row = shown.locator("#pace [data-key='340826']")
    assert "57.2" in row.inner_text()
    shown.clock.run_for(5_100)
    assert "61.2" in row.inner_text()


def test_long_lists_take_turns_and_stop_under_the_pointer(shown: Page) -> None:
    ranks, alerts = shown.locator("#rank tbody:not([hidden])"), shown.locator("#ticker ul:not([hidden])")
    assert "秀山乡" in ranks.inner_text()
    shown.clock.run_for(12_100)
    assert "马庙镇" in ranks.inner_text()
    assert "潜山市黄铺镇" in alerts.inner_text()
    shown.locator("#ticker").hover()
    shown.clock.run_for(12_100)
    assert "秀山乡" in ranks.inner_text()
    assert "潜山市黄铺镇" in alerts.inner_text()


def test_a_change_keeps_the_group_that_is_seen(shown: Page) -> None:
    shown.locator("#rank [data-turn]").click()
    shown.mouse.move(5, 5)
    shown.clock.run_for(5_100)
    say(shown, "rank", wall())
    assert "第 11—20 位" in shown.locator("#rank [data-turn]").inner_text()
    assert "马庙镇" in shown.locator("#rank tbody:not([hidden])").inner_text()


def test_nothing_turns_for_those_who_want_no_motion(shown: Page) -> None:
    shown.emulate_media(reduced_motion="reduce")
    shown.clock.run_for(12_100)
    assert "秀山乡" in shown.locator("#rank tbody:not([hidden])").inner_text()
