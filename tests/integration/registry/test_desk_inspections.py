"""The inspectors' desk, over HTTP: what a group has still to visit, what it visits, and what others have to."""

import pytest

from tests.integration.registry.running import ADMIN, REVIEWER, SECRETARY, Registry
from tests.integration.registry.test_desks import fill_in, page, started, told
from tests.integration.registry.test_desks_around import then
from tests.unit.registry.builders import COUNTY, TOWNSHIP, unit
from tests.waiting import until

FIRST, SECOND, NEIGHBOUR = "inspector-first", "inspector-second", "inspector-neighbour"
ELSEWHERE, OTHER = "340825", f"{COUNTY}101"
CAMPAIGN, PAST = f"{COUNTY}-mid-term", f"{COUNTY}-year-end"


@pytest.fixture(scope="module", autouse=True)
async def around(registry: Registry) -> None:
    """A campaign of this year and one of the year before, both with two groups; the neighbour inspects elsewhere."""
    for code, parent in ((ELSEWHERE, "340800"), (OTHER, COUNTY)):
        new = unit(code, parent)
        body = {"name": new.name, "kind": new.kind, "parent": parent}
        assert (await registry.ask(ADMIN, f"/units/{code}/register", body)).status_code == 201
    for person, at in ((FIRST, COUNTY), (SECOND, "340800"), (NEIGHBOUR, ELSEWHERE)):
        assert (await registry.ask(ADMIN, f"/persons/{person}/register", {"name": person})).status_code == 201
        post = {"role": "inspector", "unit": at, "since": "2023-01-01"}
        appointed = await registry.ask(ADMIN, f"/persons/{person}/appoint", post)
        await registry.get(person, "/persons?limit=1", at_least=appointed.json()["at"])
    groups = [
        {"id": "g1", "name": "第一组", "members": [FIRST, NEIGHBOUR]},
        {"id": "g2", "name": "第二组", "members": [SECOND]},
    ]
    for id, year in ((CAMPAIGN, 2023), (PAST, 2022)):
        body = {"name": f"{year}年检查", "kind": "mid_term", "county": COUNTY, "year": year, "groups": groups}
        opened = await registry.ask(REVIEWER, f"/campaigns/{id}/open", body)
        assert opened.status_code == 201, opened.text
        await registry.get(REVIEWER, "/campaigns", at_least=opened.json()["at"])


async def lists(registry: Registry, who: str, id: str, path: str = "") -> bool:
    return f'href="/registry/desk/problems/{id}" aria-label="检查：' in (await page(registry, who, path)).text


async def test_each_group_has_the_projects_that_it_has_not_visited(registry: Registry) -> None:
    id = await started(registry)
    for who in (FIRST, SECOND):
        for path in ("", "/inspections", f"/inspections?group={CAMPAIGN}%20g1"):
            await until(lambda who=who, path=path: lists(registry, who, id, path), what=f"the project at {path}")
    shown = (await page(registry, FIRST, "")).text
    assert "2023年检查　第一组" in shown
    assert "第二组" not in shown
    assert "2022年检查" not in shown
    for nobody in (NEIGHBOUR, REVIEWER, SECRETARY):
        assert not await lists(registry, nobody, id)
        assert "没有您参加的检查" in (await page(registry, nobody, "/inspections")).text
    inspection = {"inspection": "i1", "campaign": CAMPAIGN, "group": "g1"}
    at = await told(registry, FIRST, id, "inspect", inspection)
    assert not await lists(registry, FIRST, id, f"?at={at}")
    assert await lists(registry, SECOND, id)
    assert "项目已查 1 件，未查 0 件" in (await page(registry, FIRST, "/inspections")).text


async def test_a_rectification_waits_for_the_group_that_found_the_problem_alone(registry: Registry) -> None:
    id = await started(registry)
    await told(registry, FIRST, id, "inspect", {"inspection": "i1", "campaign": CAMPAIGN, "group": "g1"})
    found = {"problem": "p1", "inspection": "i1", "severity": "minor", "text": "灯不亮", "due": "2023-04-01"}
    await told(registry, FIRST, id, "find-problem", found)
    at = await told(registry, SECRETARY, id, "report-rectification", {"problem": "p1", "text": "已换"})
    for who, waits in ((FIRST, True), (SECOND, False), (REVIEWER, False)):
        shown = (await page(registry, who, f"?kind=verify&at={at}")).text
        assert (f'href="/registry/desk/problems/{id}" aria-label="核验：' in shown) is waits, who


async def test_a_groups_visit_of_a_township_is_recorded_and_it_is_left_to_the_other(registry: Registry) -> None:
    form = {"_form": f"inspect-unit-{CAMPAIGN}-g1", "_verb": "inspect-unit", "campaign": CAMPAIGN, "county": COUNTY}
    assert '<option value="" selected>请选择</option>' in (await page(registry, FIRST, "/inspections")).text
    unsaid = await fill_in(registry, FIRST, "/inspections", **form, group="g1", unit="")
    assert (unsaid.status_code, f'id="inspect-unit-{CAMPAIGN}-g1-unit-error"' in unsaid.text) == (422, True)
    others = await fill_in(registry, SECOND, "/inspections", **form, group="g1", unit=TOWNSHIP)
    assert (others.status_code, "检查" in others.text) == (409, True)
    assert (await fill_in(registry, REVIEWER, "/inspections", **form, group="g1", unit=TOWNSHIP)).status_code == 403
    assert (await fill_in(registry, FIRST, "/inspections", **{**form, "_verb": "inspect"})).status_code == 400
    visited = await fill_in(registry, FIRST, "/inspections", **form, group="g1", unit=TOWNSHIP, note="看台账")
    shown = await then(registry, FIRST, visited)
    assert "对单位的检查已记录" in shown
    assert f'<a href="/units/{TOWNSHIP}">' not in shown
    assert f'<a href="/units/{OTHER}">' in shown
    assert f'<option value="{TOWNSHIP}">单位{TOWNSHIP}（去过）' in shown
    for code in (TOWNSHIP, OTHER):
        assert f'<a href="/units/{code}">' in (await page(registry, SECOND, "/inspections")).text


async def test_a_campaign_of_a_county_that_has_merged_goes_on_with_those_who_inspect_at_the_heir(
    registry: Registry,
) -> None:
    id = await started(registry)
    await until(lambda: lists(registry, FIRST, id, "/inspections"), what="the project")
    merged = await registry.ask(ADMIN, f"/units/{COUNTY}/merge", {"into": ELSEWHERE, "since": "2023-03-01"})
    assert merged.status_code == 201, merged.text
    await until(lambda: lists(registry, NEIGHBOUR, id, "/inspections"), what="the project at the heir")
    assert not await lists(registry, FIRST, id, "/inspections")
