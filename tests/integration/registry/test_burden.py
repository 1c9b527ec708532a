"""What units are asked for, from real tables: requests with their answers, and the burden ledger."""

from datetime import date

import pytest

from services.registry.asking import burden
from services.registry.asking.views import DATA_ANSWERS, DATA_REQUESTS
from services.registry.views import PROJECTS
from shared.authority_views import UNIT
from shared.contracts.event import EventData
from shared.contracts.project import AcceptanceFailed, AcceptanceRequested, ProjectStarted, ProjectTerminated
from shared.contracts.reference import (
    DataAnswered,
    DataItem,
    DataRequested,
    DataRequestWithdrawn,
    ItemAnswer,
    UnitMerged,
    UnitMoved,
)
from shared.database import Database
from tests.integration.rows import put
from tests.projecting import History
from tests.unit.registry.builders import APPROVED, COUNTY, TOWNSHIP, UNDER_WAY, VILLAGE, unit
from tests.unit.registry.dsl import TODAY, Told

OTHER, HEIR = "340822101", "340828"


def asked(request: str, *units: str, items: int = 1) -> DataRequested:
    made = tuple(DataItem(id=f"i{n}", name=f"物资{n}", as_of=TODAY) for n in range(items))
    return DataRequested(
        request=request, county=COUNTY, title="摸底", purpose="汛期调拨", items=made, units=units, due=date(2023, 5, 20)
    )


@pytest.fixture
async def filled(database: Database) -> Database:
    history = History()
    for code, parent in ((COUNTY, None), (TOWNSHIP, COUNTY), (OTHER, COUNTY), (VILLAGE, TOWNSHIP)):
        history.tell(f"unit-{code}", unit(code, parent))
    key = f"requests-{COUNTY}-2023"
    history.tell(key, asked("flood", TOWNSHIP, VILLAGE, OTHER, items=2), on=date(2023, 5, 10))
    history.tell(key, asked("drought", OTHER), on=date(2023, 6, 1))
    history.tell(key, DataRequestWithdrawn(request="drought", reason="已下雨"), on=date(2023, 6, 2))
    answers = tuple(ItemAnswer(item=f"i{n}", value="3") for n in range(2))
    history.tell(
        f"answers-{COUNTY}-2023-flood-{VILLAGE}", DataAnswered(unit=VILLAGE, answers=answers), on=date(2023, 5, 12)
    )
    for n in (1, 2):
        facts = (fact.data if isinstance(fact, Told) else fact for fact in UNDER_WAY)
        history.tell(f"project-0190a1b2-0000-7000-8000-{n:012}", *facts, on=date(2023, 2, 1))
    await put(database, history, (UNIT, PROJECTS, DATA_REQUESTS, DATA_ANSWERS))
    return database


async def requests_seen(database: Database, *roots: str) -> list[burden.DataRequestState]:
    async with database.core() as connection:
        return await burden.data_requests(connection, COUNTY, 2023, roots)


async def test_a_county_sees_who_has_answered_and_who_has_not(filled: Database):
    drought, flood = await requests_seen(filled, COUNTY)
    assert (drought.request, drought.withdrawn, drought.units, drought.answered) == ("drought", "已下雨", 1, 0)
    assert (flood.id, flood.units, flood.answered) == (f"{COUNTY}-2023-flood", 3, 1)
    assert {answer.unit: answer.on for answer in flood.answers} == {
        TOWNSHIP: None,
        OTHER: None,
        VILLAGE: date(2023, 5, 12),
    }


async def test_a_unit_sees_what_it_is_asked_for_and_no_other_units_answers(filled: Database):
    _, flood = await requests_seen(filled, OTHER)
    assert [answer.unit for answer in flood.answers] == [OTHER]
    assert [each.request for each in await requests_seen(filled, VILLAGE)] == ["flood"]
    assert await requests_seen(filled, "340825") == []


async def lines(database: Database, month: str, *roots: str) -> list[tuple[str, int, int, int]]:
    async with database.core() as connection:
        found = await burden.burden(connection, COUNTY, month, roots)
    return [(line.township, line.requests, line.items, line.reports) for line in found]


async def test_the_burden_ledger_counts_what_each_township_was_asked_for_in_a_month(filled: Database):
    assert await lines(filled, "2023-05", COUNTY) == [(TOWNSHIP, 1, 4, 2), (OTHER, 1, 2, 0)]
    assert await lines(filled, "2023-06", COUNTY) == [(OTHER, 1, 1, 0), (TOWNSHIP, 0, 0, 2)]
    assert await lines(filled, "2022-12", COUNTY) == [(TOWNSHIP, 0, 0, 0), (OTHER, 0, 0, 0)]


REQUESTED, FAILED = AcceptanceRequested(summary="完成"), AcceptanceFailed(reason="未完工")


@pytest.mark.parametrize(
    ("told", "owed"),
    [
        ([("2023-04-20", ProjectTerminated(reason="征地未成"))], "000"),
        ([("2023-05-20", ProjectTerminated(reason="征地未成"))], "100"),
        ([("2023-05-20", REQUESTED), ("2023-06-20", FAILED)], "101"),
    ],
)
async def test_a_project_that_rests_or_has_ended_owes_no_report(
    database: Database, told: list[tuple[str, EventData]], owed: str
):
    history = History()
    for code, parent in ((COUNTY, None), (TOWNSHIP, COUNTY)):
        history.tell(f"unit-{code}", unit(code, parent))
    key = "project-0190a1b2-0000-7000-8000-000000000003"
    history.tell(key, *(fact.data if isinstance(fact, Told) else fact for fact in UNDER_WAY), on=date(2023, 2, 1))
    for day, fact in told:
        history.tell(key, fact, on=date.fromisoformat(day))
    await put(database, history, (UNIT, PROJECTS, DATA_REQUESTS))
    found = [await lines(database, month, COUNTY) for month in ("2023-04", "2023-05", "2023-06")]
    assert "".join(str(reports) for [(*_, reports)] in found) == owed


async def test_a_project_of_a_ledger_owes_reports_from_the_month_of_its_import(database: Database):
    history = History()
    for code, parent in ((COUNTY, None), (TOWNSHIP, COUNTY)):
        history.tell(f"unit-{code}", unit(code, parent))
    told = (
        *(fact.data if isinstance(fact, Told) else fact for fact in APPROVED),
        ProjectStarted(reports_from="2023-05"),
    )
    history.tell("project-0190a1b2-0000-7000-8000-000000000003", *told, on=date(2023, 2, 1))
    await put(database, history, (UNIT, PROJECTS, DATA_REQUESTS))
    assert await lines(database, "2023-04", COUNTY) == [(TOWNSHIP, 0, 0, 0)]
    assert await lines(database, "2023-05", COUNTY) == [(TOWNSHIP, 0, 0, 1)]


async def test_a_township_sees_its_own_burden_alone(filled: Database):
    assert await lines(filled, "2023-05", TOWNSHIP) == [(TOWNSHIP, 1, 4, 2)]


@pytest.mark.parametrize(
    ("fact", "unit_code", "there", "left"),
    [
        (UnitMoved(parent=HEIR, since=TODAY), TOWNSHIP, [TOWNSHIP], [OTHER]),
        (UnitMerged(into=HEIR, since=TODAY), COUNTY, [TOWNSHIP, OTHER], [TOWNSHIP, OTHER]),
    ],
    ids=["a township moved", "the county merged"],
)
async def test_what_a_township_was_asked_for_is_counted_where_it_lies_today(
    database: Database, fact: EventData, unit_code: str, there: list[str], left: list[str]
):
    history = History()
    for code, parent in (("340800", None), (COUNTY, "340800"), (HEIR, "340800"), (TOWNSHIP, COUNTY), (OTHER, COUNTY)):
        history.tell(f"unit-{code}", unit(code, parent))
    history.tell(f"unit-{unit_code}", fact)
    history.tell(f"requests-{COUNTY}-2023", asked("flood", TOWNSHIP, OTHER, items=2), on=date(2023, 5, 10))
    await put(database, history, (UNIT, PROJECTS, DATA_REQUESTS, DATA_ANSWERS))
    async with database.core() as connection:
        for county, townships in ((HEIR, there), (COUNTY, left)):
            found = await burden.burden(connection, county, "2023-05", ["340800"])
            assert [(line.township, line.requests, line.items) for line in found] == [
                (each, 1, 2) for each in townships
            ]
