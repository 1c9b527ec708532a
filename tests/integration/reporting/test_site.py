"""Reporting over HTTP: what programs and people get, and what they do not."""

import html
import re
from datetime import date

import httpx
import pytest

from shared.contracts.reference import UnitMerged
from shared.web.pages import NAV
from tests.integration.reporting import world
from tests.integration.reporting.conftest import PAGE, Site


async def test_the_figures_of_a_county_are_counted_as_known_on_a_day(shared_site: Site) -> None:
    answer = (await shared_site.get("li", "/reporting/figures?unit=340822&year=2023&day=2023-08-22")).json()
    assert (answer["unit"], answer["year"], answer["day"]) == ("340822", 2023, "2023-08-22")
    expected = {
        "projects": "3",
        "projects_done": "1",
        "evaluation_groups": "2",
        "townships_evaluated": "2",
        "problems": "2",
        "brands": "1",
        "index_items": "4-6",
    }
    assert {key: answer["figures"][key]["value"] for key in expected} == expected
    assert answer["figures"]["index_items"]["counts"] == [4, 6]
    before = (await shared_site.get("li", "/reporting/figures?unit=340822&year=2023&day=2023-06-08")).json()["figures"]
    assert (before["projects_done"]["value"], before["problems"]["value"]) == ("0", "0")


async def test_a_figure_leads_to_the_facts_that_it_was_counted_from(shared_site: Site) -> None:
    figures = (await shared_site.get("sun", "/reporting/figures?unit=340822")).json()["figures"]
    facts = (await shared_site.get("sun", figures["projects"]["facts"])).json()
    assert (facts["value"], facts["more"]) == ("3", False)
    assert {fact["subject"] for fact in facts["facts"]} == {f"project-{world.id_of(n)}" for n in (1, 2, 3)}
    page = (await shared_site.get("sun", figures["projects"]["facts"] + "&limit=2")).json()
    assert (len(page["facts"]), page["more"]) == (2, True)


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/reporting/figures?unit=340828", 404, "no_such_thing"),
        ("/reporting/figures?unit=340800", 404, "no_such_thing"),
        ("/reporting/figures?unit=340822101", 422, "no_figures_of_unit"),
        ("/reporting/figures?unit=340822&day=2023-08-23", 422, "day_in_the_future"),
        ("/reporting/figures?unit=3408", 422, "invalid_value"),
        ("/reporting/figures/speed/facts?unit=340822", 404, "wrong_address"),
        ("/units/3408AB", 404, "wrong_address"),
        ("/projects/86", 404, "wrong_address"),
        ("/reporting/totals?unit=340828", 404, "no_such_thing"),
        ("/units/340828", 404, "no_such_thing"),
        (f"/projects/{world.id_of(5)}", 404, "no_such_thing"),
        (f"/projects/{world.id_of(99)}", 404, "no_such_project"),
        ("/figures/projects?unit=340828", 404, "no_such_thing"),
        ("/wall/340828", 404, "no_such_thing"),
        ("/bulletins/draft", 404, "no_such_thing"),
        ("/reporting/bulletins/018c0000-0000-7000-8000-000000000000", 404, "no_such_bulletin"),
    ],
)
async def test_what_is_not_there_or_not_in_sight_is_refused(
    shared_site: Site, path: str, status: int, code: str
) -> None:
    answer = await shared_site.get("li", path)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


async def test_who_is_not_signed_in_is_sent_to_sign_in(shared_site: Site) -> None:
    async with httpx.AsyncClient(base_url=shared_site.origin, trust_env=False) as stranger:
        page = await stranger.get("/units/340822", headers=PAGE)
        assert (page.status_code, page.headers["location"]) == (303, "/sign-in?next=/units/340822")
        assert (await stranger.get("/reporting/figures?unit=340822")).status_code == 401


async def test_totals_have_the_units_right_below(shared_site: Site) -> None:
    answer = (await shared_site.get("li", "/reporting/totals?unit=340822")).json()
    assert (answer["totals"]["registered"], answer["totals"]["percent"]) == (4, "79.00")
    assert {part["name"]: part["registered"] for part in answer["below"]} == {"石牌镇": 2, "月山镇": 1}
    assert answer["own"]["registered"] == 1


async def test_the_way_leads_from_the_city_down_to_a_projects_events(shared_site: Site) -> None:
    async with shared_site.browser("sun", **PAGE) as browser:
        city = (await browser.get("/units/340800")).text
        assert 'href="/units/340822?year=2023"' in city
        county = (await browser.get("/units/340822")).text
        assert 'href="/units/340822101?year=2023"' in county
        township = (await browser.get("/units/340822101")).text
        assert f'href="/projects/{world.id_of(1)}"' in township
        project = (await browser.get(f"/projects/{world.id_of(1)}")).text
    for part in (
        "点亮工程",
        "王　镇",
        "落后序时",
        "公示栏没有更新",
        "逾期 52 天",
        "报送2023年7月进度 40.0%",
        "今日 08-22",
    ):
        assert part in project


async def test_a_lamps_reason_says_of_which_day_its_figures_are(shared_site: Site) -> None:
    page = (await shared_site.get("li", "/units/340822/projects?which=red", **PAGE)).text
    assert re.search(r"2023年\d+月\d+日亮灯时：落后40个百分点", page)


async def test_overdue_problems_lead_to_the_projects_that_have_them(shared_site: Site) -> None:
    async with shared_site.browser("li", **PAGE) as browser:
        county = (await browser.get("/units/340822")).text
        links = {html.unescape(href) for href in _LINK.findall(county) if "overdue" in href}
        assert links == {
            "/units/340822/projects?which=overdue&year=2023",
            "/units/340822101/projects?year=2023&which=overdue",
        }
        for link in links:
            page = (await browser.get(link)).text
            assert "逾期未整改问题 1 个，在 1 件项目" in page
            assert re.findall('href="/projects/([^"]*)"', page) == [world.id_of(1)]
        red = (await browser.get("/units/340822/projects?which=red")).text
        assert "红灯 1 件，在册 4 件" in red


async def test_long_lists_come_in_parts(site: Site) -> None:
    await site.learn(*(world.project(n, world.SHIPAI) for n in range(100, 160)))
    async with site.browser("li", **PAGE) as browser:
        first = (await browser.get("/units/340822/projects")).text
        assert first.count('href="/projects/') == 50
        after = "/units/340822/projects?which=registered&own=false&year=2023&offset=50"
        assert after.replace("&", "&amp;") in first
        rest = await browser.get(after, headers={"HX-Request": "true"})
    assert (rest.text.count('href="/projects/'), "<html" in rest.text) == (14, False)


async def test_a_figures_facts_are_shown_to_people(shared_site: Site) -> None:
    page = (await shared_site.get("li", "/figures/problems?unit=340822&day=2023-08-21", **PAGE)).text
    assert page.count("公示栏没有更新") == 2
    assert "按当时所知" in page


@pytest.mark.parametrize(
    ("person", "first", "overview"),
    [
        ("sun", "/wall/340800", "/wall/340800"),
        ("li", "/registry/desk", "/wall/340822"),
        ("wang", "/registry/desk", f"/units/{world.SHIPAI}"),
    ],
)
async def test_everybody_is_led_to_what_is_theirs(shared_site: Site, person: str, first: str, overview: str) -> None:
    led = [await shared_site.get(person, path, **PAGE) for path in ("/", "/overview")]
    assert [(answer.status_code, answer.headers["location"]) for answer in led] == [(303, first), (303, overview)]


async def test_who_has_no_post_is_led_to_the_desk_which_says_so(shared_site: Site) -> None:
    assert (await shared_site.get("nobody", "/", **PAGE)).headers["location"] == "/registry/desk"
    assert (await shared_site.get("nobody", "/overview", **PAGE)).status_code == 404


async def test_a_units_page_leads_to_the_walls_that_it_stands_on(shared_site: Site) -> None:
    page = (await shared_site.get("wang", f"/units/{world.SHIPAI}", **PAGE)).text
    assert '<a class="button" href="/wall/340822">怀宁县挂图</a><a class="button" href="/wall/340800">' in page


async def test_a_wall_is_coloured_by_the_thresholds_of_its_unit_and_says_so(shared_site: Site) -> None:
    city = (await shared_site.get("li", "/wall/340800", **PAGE)).text
    county = (await shared_site.get("li", "/wall/340822", **PAGE)).text
    assert "10 至 30 个百分点亮黄灯，超过 30" in city
    assert "15 至 40 个百分点亮黄灯，超过 40" in county


async def test_there_is_one_list_of_projects(shared_site: Site) -> None:
    answer = await shared_site.get("wang", "/projects", **PAGE)
    assert (answer.status_code, answer.headers["location"]) == (303, "/registry/desk/projects")


async def test_every_link_of_a_wall_and_of_the_pages_below_it_leads_to_a_page(shared_site: Site) -> None:
    seen: set[str] = set()
    ahead = ["/wall/340800"]
    async with shared_site.browser("sun", **PAGE) as browser:
        while ahead and len(seen) < 60:
            path = ahead.pop(0)
            seen.add(path)
            answer = await browser.get(path)
            if answer.status_code == 303:
                answer = await browser.get(answer.headers["location"])
            kind = answer.headers["content-type"].partition(";")[0]
            assert (answer.status_code, kind) == (200, "text/plain" if ".txt" in path else "text/html"), path
            links = {html.unescape(href) for href in _LINK.findall(answer.text)} if kind == "text/html" else set()
            ahead += sorted(each for each in links - seen - set(ahead) if not each.startswith(DESKS))
    assert {link.href for link in NAV if not link.href.startswith(DESKS)} <= seen
    assert {f"/projects/{world.id_of(1)}", f"/units/{world.SHIPAI}"} <= seen


DESKS = "/registry/"
"""Another service's pages, which a gateway alone leads to; tests/e2e follows these links too."""
_LINK = re.compile(r"""<a\b(?![^>]*type="application/json")[^>]*\bhref="(/[^"]*)"[^>]*>""")
"""The address of each link within the platform that is not said to be data."""


async def test_the_wall_is_for_everybody_with_a_role_in_the_city(shared_site: Site) -> None:
    page = await shared_site.get("wang", "/wall/340800", **PAGE)
    assert page.status_code == 200
    for part in ("安徽省安庆市", "怀宁县红色指数排名", "皖S(2023)1号", "示例数据", "/wall/340800/events?seen="):
        assert part in page.text
    assert (await shared_site.get("nobody", "/wall/340800", **PAGE)).status_code == 404


async def test_a_unit_is_shown_in_the_boundaries_of_a_day_and_says_so(site: Site) -> None:
    stories = {story.stream: story for story in world.units()}
    merged = stories[f"unit-{world.SHIPAI}"].then("2023-07-01", UnitMerged(into=world.YUESHAN, since=date(2023, 7, 1)))
    await site.learn(merged)

    async def page(path: str) -> str:
        answer = await site.get("li", path, **PAGE)
        assert answer.status_code == 200, answer.text
        return answer.text

    assert "区划汇总" not in await page(f"/units/{world.HUAINING}")
    assert "按 2023-06-30 的区划汇总" in await page(f"/units/{world.HUAINING}?boundaries=2023-06-30")
    assert f"/units/{world.SHIPAI}?year=2023&amp;boundaries=2023-06-30" in await page(
        f"/units/{world.HUAINING}?boundaries=2023-06-30"
    )
    assert "石牌镇已于 2023-07-01 撤销" in await page(f"/units/{world.SHIPAI}")

    async def below(boundaries: str) -> dict[str, int]:
        path = f"/reporting/totals?unit={world.HUAINING}&year=2023{boundaries}"
        reply = (await site.get("li", path)).json()
        assert reply["totals"]["registered"] == 4
        return {part["name"]: part["registered"] for part in reply["below"]}

    assert await below("") == {"月山镇": 3}
    assert await below("&boundaries=2023-06-30") == {"石牌镇": 2, "月山镇": 1}
    facts = f"/reporting/figures?unit={world.HUAINING}&year=2023&boundaries="
    figures = (await site.get("li", f"{facts}2023-06-30")).json()
    assert figures["boundaries"] == "2023-06-30"
    assert figures["figures"]["projects"]["facts"].endswith("&boundaries=2023-06-30")
    refused = await site.get("li", f"{facts}2023-08-23")
    assert (refused.status_code, refused.json()["field"]) == (422, "boundaries")
