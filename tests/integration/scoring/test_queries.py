"""What scoring answers from real tables: cut to the caller's subtree, the last period first."""

from datetime import date
from decimal import Decimal

import pytest

from services.scoring import queries
from services.scoring.views import RESULTS, SCHEME
from shared.authority_views import UNIT
from shared.contracts.divisions import kind_of
from shared.contracts.reference import UnitRegistered
from shared.contracts.scoring import ResultsPublished
from shared.database import Database
from shared.errors import NotReady
from tests.integration.rows import put
from tests.projecting import History
from tests.unit.scoring.build import COUNTY, scheme_published
from tests.unit.scoring.test_period import RESULT

A, B = "340822100", "340822101"
NAMES = {COUNTY: "怀宁县", A: "高河镇", B: "石牌镇"}


def results(period: str, *units: str) -> ResultsPublished:
    """Results of a period, under version 1, of these units in the order of their ranks."""
    found = tuple(
        RESULT.model_copy(update={"unit": unit, "rank": rank, "rank_before": None})
        for rank, unit in enumerate(units, 1)
    )
    return ResultsPublished(county=COUNTY, period=period, scheme_version=1, results=found)


@pytest.fixture
async def filled(database: Database) -> Database:
    history = History()
    for code, name in NAMES.items():
        parent = "340800" if code == COUNTY else COUNTY
        history.tell(f"unit-{code}", UnitRegistered(code=code, name=name, kind=kind_of(code), parent=parent))
    history.tell(f"scheme-{COUNTY}", scheme_published(), on=date(2023, 1, 1))
    history.tell(f"scheme-{COUNTY}", scheme_published(2), on=date(2023, 6, 1))
    history.tell(f"period-{COUNTY}-2023-Q2", results("2023-Q2", B, A), on=date(2023, 7, 12))
    history.tell(f"period-{COUNTY}-2023-Q1", results("2023-Q1", A, B), on=date(2023, 4, 12))
    await put(database, history, (UNIT, SCHEME, RESULTS))
    return database


async def test_a_ranking_is_the_last_published_one_unless_another_is_asked_for(filled: Database) -> None:
    async with filled.core() as connection:
        last = await queries.ranking(connection, COUNTY, None, [COUNTY])
        first = await queries.ranking(connection, COUNTY, "2023-Q1", [COUNTY])
        none = await queries.ranking(connection, COUNTY, "2022-Q4", [COUNTY])
    assert last is not None
    assert first is not None
    assert (last.period, last.published, [(p.unit, p.name, p.rank) for p in last.places]) == (
        "2023-Q2",
        date(2023, 7, 12),
        [(B, "石牌镇", 1), (A, "高河镇", 2)],
    )
    assert [(p.unit, p.rank) for p in first.places] == [(A, 1), (B, 2)]
    assert none is None


async def test_the_caller_sees_the_places_of_the_own_subtree_alone(filled: Database) -> None:
    async with filled.core() as connection:
        ranking = await queries.ranking(connection, COUNTY, None, [A])
        results_seen = await queries.results(connection, COUNTY, None, [A])
        nothing = await queries.results(connection, COUNTY, None, ["340828"])
    assert ranking is not None
    assert [(place.unit, place.rank) for place in ranking.places] == [(A, 2)]
    assert results_seen is not None
    assert [result.unit for result in results_seen.results] == [A]
    assert results_seen.results[0].total == Decimal("73.405")
    assert nothing is not None
    assert nothing.results == []


async def test_periods_are_listed_the_last_first(filled: Database) -> None:
    async with filled.core() as connection:
        found = await queries.periods(connection, COUNTY)
        elsewhere = await queries.periods(connection, "340828")
    assert [each.period for each in found] == ["2023-Q2", "2023-Q1"]
    assert elsewhere == []


async def test_a_scheme_is_the_present_version_unless_another_is_asked_for(filled: Database) -> None:
    async with filled.core() as connection:
        present = await queries.scheme(connection, COUNTY, None)
        first = await queries.scheme(connection, COUNTY, 1)
        assert await queries.scheme(connection, COUNTY, 3) is None
        assert await queries.scheme(connection, "340828", None) is None
    assert present is not None
    assert first is not None
    assert (present.version, present.versions, present.published) == (2, [1, 2], date(2023, 6, 1))
    assert (first.version, first.indices) == (1, scheme_published().indices)


async def test_a_units_score_stands_beside_the_scheme_that_it_was_computed_under(filled: Database) -> None:
    async with filled.core() as connection:
        score = await queries.unit_score(connection, COUNTY, A, None)
        assert await queries.unit_score(connection, COUNTY, "340822999", None) is None
        assert await queries.unit_score(connection, "340828", A, None) is None
    assert score is not None
    assert (score.period, score.scheme_version, score.place.rank, score.place.name) == ("2023-Q2", 1, 2, "高河镇")
    assert [len(index.indicators) for index in score.indices] == [2, 2, 2]


async def test_a_score_whose_scheme_is_not_known_yet_is_not_ready(filled: Database) -> None:
    history = History()
    history.tell(f"scheme-{COUNTY}", scheme_published(2))
    await put(filled, history, (SCHEME,))
    async with filled.core() as connection:
        with pytest.raises(NotReady):
            await queries.unit_score(connection, COUNTY, A, None)
