"""The wall and the pages that it leads to, in a real browser on the live platform with the small year played."""

import asyncio
import re
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, sync_playwright

from infra.scenario.client import Client, caught_up
from services.reporting.wall_data import TICKER
from shared.web.pages import NAV
from tests.e2e.conftest import Platform
from tests.e2e.evidence import SERVICES
from tests.e2e.one_more import one_more_project

CHROMIUM = shutil.which("chromium")
pytestmark = [
    pytest.mark.timeout(900),
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine"),
]

CITY, COUNTY, TOWNSHIP = "340800", "340822", "340822100"
SUPERVISOR = "340800-supervisor-1"
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]


@dataclass
class Browsing:
    """A page of somebody who has signed in, and all that the browser complained of."""

    page: Page
    platform: Platform
    complaints: list[str]
    folder: Path

    def open(self, path: str, width: int, height: int) -> Page:
        """Go to a page at a window's size; a picture of it is kept."""
        self.page.set_viewport_size({"width": width, "height": height})
        answer = self.page.goto(self.platform.address + path)
        assert answer is not None
        assert answer.status == 200
        self.page.screenshot(path=self.folder / f"{path.strip('/').replace('/', '-')}.png", full_page=True)
        return self.page

    def ask(self, path: str, **parameters: str) -> Any:
        """What the API says of the same."""
        return aside(self.platform, lambda client: client.get(SUPERVISOR, path, **parameters))


def aside(platform: Platform, work: Any) -> Any:
    """Do something as a client, in a thread of its own: the browser's driver has this one's event loop."""

    async def run() -> Any:
        client = Client(platform.address)
        try:
            return await work(client)
        finally:
            await client.close()

    with ThreadPoolExecutor(1) as threads:
        return threads.submit(asyncio.run, run()).result()


@pytest.fixture(scope="module")
def signed_in(platform: Platform, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browsing]:
    """Somebody opens the wall, is asked who it is, chooses the city's supervisor, and is at the wall."""
    aside(platform, lambda client: caught_up(client, SUPERVISOR, SERVICES))
    with sync_playwright() as browsers:
        browser = browsers.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        page = browser.new_context(viewport={"width": 1280, "height": 900}, locale="zh-CN").new_page()
        complaints: list[str] = []
        page.on("console", lambda message: complaints.append(f"{message.type}: {message.text}"))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("requestfailed", lambda request: complaints.append(f"{request.url}: {request.failure}"))
        page.goto(f"{platform.address}/wall/{CITY}")
        assert violations(page) == []
        page.locator(f"button[value='{SUPERVISOR}']").click()
        page.wait_for_url(f"**/wall/{CITY}")
        yield Browsing(page, platform, complaints, tmp_path_factory.mktemp("pictures"))
        browser.close()


@pytest.fixture
def browsing(signed_in: Browsing) -> Iterator[Browsing]:
    """The same browser; a complaint of its, also of a breach of the content security policy, fails the test."""
    signed_in.complaints.clear()
    yield signed_in
    left = [each for each in signed_in.complaints if not (_ON_ITS_WAY.search(each) and "ERR_ABORTED" in each)]
    assert left == []


_ON_ITS_WAY = re.compile(r"/events\?|/registry/desk/count")
"""What a page may still be waiting for when it is left."""


def violations(page: Page) -> list[str]:
    """What axe finds, of whatever weight."""
    found = Axe().run(page).response["violations"]
    return [f"{each['impact']} {each['id']}: {each['nodes'][0]['html']}" for each in found]


def shown(number: str, places: int = 1) -> str:
    """A decimal as the wall shows it."""
    rounded = Decimal(number).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
    return str(rounded)


def deviation(totals: dict[str, Any]) -> str:
    """Points ahead or behind as shown, of the figures as shown; 待报 without projects."""
    if not totals["registered"]:
        return "待报"
    points = Decimal(shown(totals["percent"])) - Decimal(shown(totals["scheduled"]))
    return f"+{points}" if points > 0 else f"{points}".replace("-", "−")


def wall(browsing: Browsing) -> Page:
    """The city's wall on its own screen, live."""
    page = browsing.open(f"/wall/{CITY}", 1920, 1080)
    page.locator("#live", has_text="实时").wait_for()
    return page


def test_the_wall_says_what_the_figures_say(browsing: Browsing) -> None:
    page = wall(browsing)
    city = browsing.ask("/reporting/totals", unit=CITY)
    totals = city["totals"]

    def kpi(key: str) -> str:
        return page.locator(f"#kpi [data-key='{key}']").inner_text()

    words = kpi("projects").split()
    assert [str(totals["registered"]), "书记项目", str(totals["secretary"]), "领办项目", str(totals["led"])] == words[
        1:
    ]
    assert kpi("closed").split()[1:] == [
        str(totals["closed"]),
        "占",
        f"{shown(str(Decimal(100 * totals['closed']) / totals['registered']))}%",
    ]
    assert kpi("pace").split()[1:4] == [f"{shown(totals['percent'])}%", "序时应达", f"{shown(totals['scheduled'])}%"]
    notices = browsing.ask("/alerts/notices")
    waiting = [notice for notice in notices if notice["stage"] != "replied"]
    assert kpi("notices").split()[1] == str(len(waiting))


@pytest.mark.parametrize(("width", "height"), [(1920, 1080), (1280, 900), (1280, 1024)])
def test_a_wall_fills_its_screen(browsing: Browsing, width: int, height: int) -> None:
    page = browsing.open(f"/wall/{CITY}", width, height)
    assert page.locator("footer").evaluate("foot => Math.round(foot.getBoundingClientRect().bottom)") == height
    assert page.evaluate(
        "[...document.querySelectorAll('.panel')].every(each => each.scrollHeight <= each.offsetHeight)"
    )


def test_the_map_and_the_pace_list_show_every_county_with_its_lamp(browsing: Browsing) -> None:
    page = wall(browsing)
    counties = browsing.ask("/reporting/totals", unit=CITY)["below"]
    assert len(counties) == 11
    for county in counties:
        row = page.locator(f"#pace [data-key='{county['unit']}']")
        assert row.locator("td.num").last.inner_text() == deviation(county)
        place = page.locator(f"#map-{county['unit']}")
        assert place.count() == 1
        assert deviation(county) in (place.get_attribute("aria-label") or place.inner_text())
    lamps = page.locator("#kpi [data-key='lamps'] b").all_inner_texts()
    assert sum(map(int, lamps)) == len(counties)
    order = [
        Decimal(each.replace("−", "-")) for each in page.locator("#pace td.num b").all_inner_texts() if each != "待报"
    ]
    assert order == sorted(order)


def test_the_ranking_is_the_published_one(browsing: Browsing) -> None:
    page = wall(browsing)
    places = browsing.ask("/scoring/ranking", county=COUNTY)["places"]
    ranked = {place["unit"]: (str(place["rank"] or "—"), place["name"], place["total"] or "待报") for place in places}
    rows = page.locator("#rank tr[data-key]").evaluate_all(
        "rows => rows.map(r => [r.dataset.key, r.cells[0].textContent, r.cells[2].textContent, r.cells[3].textContent])"
    )
    assert {unit: (rank, name, total) for unit, rank, name, total in rows} == ranked
    assert len(ranked) == 20


def test_the_alerts_name_their_projects(browsing: Browsing) -> None:
    page = wall(browsing)
    words = {"red": "红灯", "yellow": "黄灯"}
    lamps = {f"/projects/{alert['subject']}": words[alert["lamp"]] for alert in browsing.ask("/alerts/open-alerts")}
    shown = page.locator("#ticker li").evaluate_all(
        "items => items.map(item => [item.querySelector('a').getAttribute('href'),"
        " item.querySelector('.lamp').getAttribute('aria-label')])"
    )
    assert [lamp for _, lamp in shown] == [lamps[link] for link, _ in shown]
    assert len(dict(shown)) == min(TICKER, len(lamps))


def test_the_wall_fits_its_screen_and_has_no_barrier(browsing: Browsing) -> None:
    page = wall(browsing)
    size = page.evaluate("[document.documentElement.scrollWidth, document.documentElement.scrollHeight]")
    assert size == [1920, 1080]
    cut = page.evaluate("""[...document.querySelectorAll("#kpi *, #rank *, #map *, #pace *, footer *")]
        .filter((e) => !e.closest(".unseen") && !e.closest("svg") && e.scrollWidth > e.clientWidth + 1 && e.clientWidth)
        .map((e) => e.outerHTML.slice(0, 120))""")
    assert cut == []
    assert violations(page) == []


def test_an_approval_changes_the_wall_over_its_one_connection(browsing: Browsing) -> None:
    connections: list[str] = []
    browsing.page.on("request", lambda request: connections.append(request.url) if "/events" in request.url else None)
    page = wall(browsing)
    page.evaluate("window.neverReloaded = true")
    before = int(page.locator("#kpi [data-key='projects'] b").inner_text())
    clock = page.locator("#asof").inner_text()
    aside(browsing.platform, lambda client: one_more_project(client, "wall"))
    page.locator("#kpi [data-key='projects'] b", has_text=str(before + 1)).wait_for()
    assert browsing.ask("/reporting/totals", unit=CITY)["totals"]["registered"] == before + 1
    page.wait_for_function("before => document.querySelector('#asof').innerText !== before", arg=clock)
    assert page.evaluate("window.neverReloaded")
    assert len(connections) == 1


def test_the_pages_that_the_wall_leads_to_have_no_barrier(browsing: Browsing) -> None:
    alert = browsing.ask("/alerts/open-alerts")[0]
    issued = next(each for each in browsing.ask("/reporting/bulletins") if each["issue"])
    paths = (
        f"/wall/{COUNTY}",
        f"/units/{CITY}",
        f"/units/{COUNTY}",
        f"/units/{TOWNSHIP}",
        f"/projects/{alert['subject']}",
        "/bulletins",
        f"/bulletins/{issued['id']}",
    )
    for path in paths:
        page = browsing.open(path, 1280, 900)
        assert violations(page) == [], path
        assert page.evaluate("document.documentElement.scrollWidth") <= 1280 or path.startswith("/wall"), path


def test_every_link_of_the_wall_and_of_the_top_bar_leads_to_a_page(browsing: Browsing) -> None:
    page = wall(browsing)
    links = page.locator("a[href^='/']").evaluate_all("links => links.map(link => link.getAttribute('href'))")
    browsing.open(f"/units/{COUNTY}", 1280, 900)
    links += page.locator("a[href^='/']").evaluate_all("links => links.map(link => link.getAttribute('href'))")
    assert {link.href for link in NAV} < set(links)
    for link in sorted(set(links)):
        answer = page.request.get(browsing.platform.address + link, headers={"Accept": "text/html"})
        assert (answer.status, answer.headers["content-type"].partition(";")[0]) == (200, "text/html"), link


def test_a_project_page_shows_its_four_ones_opinions_and_latest_events(browsing: Browsing) -> None:
    found = browsing.ask("/registry/projects", county=COUNTY, stage="started", limit="200")["items"]
    project = next(each for each in found if each["round"] > 1)
    page = browsing.open(f"/projects/{project['id']}", 1280, 900)
    assert page.locator("dl.four dt").all_inner_texts() == ["一个项目", "一名书记", "一支队伍", "一抓到底"]
    events = browsing.ask(f"/registry/projects/{project['id']}/events")["items"]
    assert page.locator(".events > li:visible").count() == 8
    page.locator("summary").click()
    assert page.locator(".events > li:visible").count() == len(events)
    opinions = [event for event in events if event["type"].endswith("opinion-given.v1")]
    assert page.locator(".opinions > li").count() == len(opinions) > 0


def test_the_bulletin_has_the_counted_figures_as_links_to_their_facts(browsing: Browsing) -> None:
    issued = next(each for each in browsing.ask("/reporting/bulletins") if each["issue"])
    page = browsing.open(f"/bulletins/{issued['id']}", 1280, 900)
    figures = browsing.ask(f"/reporting/bulletins/{issued['id']}")["figures"]
    links = page.locator("a[href^='/figures/']")
    assert sorted(links.all_inner_texts()) == sorted(figure["value"] for figure in figures)
    links.first.click()
    page.locator("h1", has_text="立项项目（件）").wait_for()
    page.locator("main table").wait_for()
    assert violations(page) == []
