"""What a unit that has ended left open waits at its heir's desks and is done by the heir's secretary or office."""

from collections.abc import Awaitable

import pytest

from shared.authority_views import UNIT
from shared.contracts.reference import UnitClosed, UnitMerged, UnitMoved
from shared.database import Database
from shared.tree import Left, left_to
from tests.integration.registry.running import ADMIN, REVIEWER, SECRETARY, Registry
from tests.integration.registry.test_desks import fill_in, page, told
from tests.integration.registry.test_desks_around import then
from tests.integration.registry.test_routes import PLAN
from tests.integration.rows import put
from tests.projecting import History
from tests.unit.registry.builders import COUNTY, TOWNSHIP, propose, unit
from tests.unit.registry.dsl import TODAY
from tests.waiting import until

NEIGHBOUR = "340825"
HEIR, LAST = f"{COUNTY}101", f"{COUNTY}102"
HEIRS, OFFICE = "secretary-heir", "office-heir"
DAY = {"effective": "2023-02-01"}
OF = {"county": COUNTY}
WAITS = '资料待答复</dt><dd><a href="/registry/desk/requests"><b>1</b>'


async def test_a_unit_is_acted_for_by_itself_while_it_stands_then_by_its_heir_and_that_ones_heir(
    database: Database,
) -> None:
    history = History()
    for code, parent in ((COUNTY, None), (NEIGHBOUR, None), (TOWNSHIP, COUNTY), (HEIR, COUNTY), (LAST, COUNTY)):
        history.tell(f"unit-{code}", unit(code, parent))
    history.tell(f"unit-{TOWNSHIP}", UnitMerged(into=HEIR, since=TODAY))
    await put(database, history, (UNIT,))
    merged = Left(TOWNSHIP, HEIR, TODAY)
    async with database.driver() as connection:
        assert list(await left_to(connection, [TOWNSHIP, HEIR])) == [merged, Left(HEIR, HEIR, None)]
        assert list(await left_to(connection, [TOWNSHIP, COUNTY])) == [Left(COUNTY, COUNTY, None)]
    history.tell(f"unit-{HEIR}", UnitClosed(heir=LAST, since=TODAY, reason="撤销"))
    history.tell(f"unit-{LAST}", UnitMoved(parent=NEIGHBOUR, since=TODAY))
    await put(database, history, (UNIT,))
    async with database.driver() as connection:
        assert [(each.code, each.heir) for each in await left_to(connection, [LAST, HEIR])] == [
            (TOWNSHIP, LAST),
            (HEIR, LAST),
            (LAST, LAST),
        ]


@pytest.fixture(scope="module")
async def merged(registry: Registry) -> dict[str, str]:
    """A township that left to its heir a returned plan, a month without a report, and data requests."""
    new = unit(HEIR, COUNTY)
    body = {"name": new.name, "kind": new.kind, "parent": COUNTY}
    assert (await registry.ask(ADMIN, f"/units/{HEIR}/register", body)).status_code == 201
    for person, role in ((HEIRS, "township_secretary"), (OFFICE, "office")):
        assert (await registry.ask(ADMIN, f"/persons/{person}/register", {"name": person})).status_code == 201
        post = {"role": role, "unit": HEIR, "since": "2023-01-01"}
        assert (await registry.ask(ADMIN, f"/persons/{person}/appoint", post)).status_code == 201
    ids: dict[str, str] = {}
    for name in ("returned", "started"):
        proposal = propose().model_dump(mode="json") | DAY
        reply = await registry.ask(SECRETARY, "/projects/propose", proposal)
        assert reply.status_code == 201, reply.text
        ids[name] = id = str(reply.json()["stream"]).removeprefix("project-")
        await told(registry, SECRETARY, id, "submit-plan", {**PLAN, **DAY})
    await told(registry, REVIEWER, ids["returned"], "return-plan", {"reason": "请修改", **DAY})
    await told(registry, REVIEWER, ids["started"], "approve-plan", DAY)
    await told(registry, SECRETARY, ids["started"], "start", DAY)
    for name, day in (("before", "2023-02-01"), ("after", "2023-03-01")):
        item = {"id": "i1", "name": f"编织袋{name}", "as_of": day, "unit_of_measure": "条"}
        asked = {"title": "防汛物资", "purpose": "统一调拨", "due": "2023-03-20", "items": [item], "units": [TOWNSHIP]}
        reply = await registry.ask(REVIEWER, f"/data-requests/{COUNTY}-2023/ask", {"request": name, **asked, **OF})
        assert reply.status_code == 201, reply.text
        await registry.get(REVIEWER, f"/data-requests?county={COUNTY}", at_least=reply.json()["at"])
    reply = await registry.ask(ADMIN, f"/units/{TOWNSHIP}/merge", {"into": HEIR, "since": "2023-02-15"})
    assert reply.status_code == 201, reply.text
    await registry.get(ADMIN, f"/units?parent={COUNTY}", at_least=reply.json()["at"])
    return ids


async def test_what_an_ended_township_left_open_waits_for_its_heirs_secretary_and_office(
    registry: Registry, merged: dict[str, str]
) -> None:
    ways = [f"/registry/desk/projects/{merged['returned']}/plan", f"/registry/desk/report/{merged['started']}", WAITS]

    async def shown_to(who: str) -> list[bool]:
        shown = (await page(registry, who, "")).text
        return [way in shown for way in ways]

    for who in (HEIRS, OFFICE):
        await until(lambda who=who: _all(shown_to(who)), what=f"the work that was left to {who}")
    assert await shown_to(SECRETARY) == [False, False, False]


async def _all(shown: Awaitable[list[bool]]) -> bool:
    return all(await shown)


async def test_the_heirs_secretary_and_office_do_what_was_left_to_them(
    registry: Registry, merged: dict[str, str]
) -> None:
    await told(registry, HEIRS, merged["returned"], "submit-plan", {**PLAN, "goal": "南街点亮"})
    await told(registry, HEIRS, merged["started"], "report-progress", {"month": "2023-02", "percent": "10"})
    path = f"/requests/{COUNTY}-2023-before"
    answering = (await page(registry, OFFICE, path)).text
    assert f'value="{HEIRS}"' in answering
    given = {"_form": "answer", "_verb": "answer-data", "unit": TOWNSHIP, "secretary": HEIRS}
    said = await fill_in(registry, OFFICE, path, **given, answers__0__item="i1", answers__0__value="3")
    assert "已答齐" in await then(registry, OFFICE, said)
    assert "资料待答复" not in (await page(registry, HEIRS, "")).text


async def test_what_is_asked_of_a_day_after_a_units_end_is_nobodys_to_answer_nor_is_a_project_proposed_for_it(
    registry: Registry, merged: dict[str, str]
) -> None:
    assert 'value="answer-data"' not in (await page(registry, HEIRS, f"/requests/{COUNTY}-2023-after")).text
    offered = (await page(registry, OFFICE, "/propose")).text
    assert HEIR in offered
    assert TOWNSHIP not in offered


async def test_what_a_county_asked_is_listed_for_a_unit_that_lies_in_another_by_now(
    registry: Registry, merged: dict[str, str]
) -> None:
    new = unit(NEIGHBOUR, "340800")
    body = {"name": new.name, "kind": new.kind, "parent": "340800"}
    assert (await registry.ask(ADMIN, f"/units/{NEIGHBOUR}/register", body)).status_code == 201
    moved = await registry.ask(ADMIN, f"/units/{HEIR}/move", {"parent": NEIGHBOUR, "since": "2023-03-01"})
    assert moved.status_code == 201, moved.text

    async def listed(county: str) -> bool:
        return f"{COUNTY}-2023-before" in (await page(registry, HEIRS, f"/requests{county}")).text

    async def left() -> bool:
        return f'<option value="{NEIGHBOUR}"' in (await page(registry, HEIRS, "/requests")).text

    await until(left, what="the county that it lies in now")
    assert await listed("")
    assert await listed(f"?county={COUNTY}")
    assert not await listed(f"?county={NEIGHBOUR}")
