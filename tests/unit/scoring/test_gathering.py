"""From the views' rows to what results are computed from."""

from datetime import date
from decimal import Decimal

from services.scoring.facts import BrandFacts, ProjectFacts
from services.scoring.gathering import Found, assembled, ranks_before
from services.scoring.periods import span
from services.scoring.views import ResultsRow, SheetRow
from shared.contracts.assessment import Channel
from shared.contracts.scoring import Metric, UnitResult
from tests.unit.scoring.build import COUNTY, PERIOD

A, B = "340822100", "340822101"
DAY = date(2023, 2, 1)


def project(owner: str) -> tuple[str, ProjectFacts]:
    """An approved project below the unit."""
    return owner[:9], ProjectFacts(owner=owner, year=2023, approved=DAY)


def sheet(unit: str, assessor: str, **points: int) -> SheetRow:
    """A field test sheet."""
    found = {indicator: Decimal(n) for indicator, n in points.items()}
    return SheetRow(COUNTY, PERIOD, unit, Channel.FIELD_TEST, assessor, DAY, found)


def test_each_unit_has_the_facts_of_its_subtree_and_its_own_sheets() -> None:
    found = Found(
        [B, A],
        [project(A), project(A + "201"), project(B)],
        [(B, BrandFacts(unit=B, recognised=DAY))],
        [sheet(A, "x", c2=80), sheet(A, "y", c2=90, b2=70), sheet(B, "x", c2=60)],
    )
    a, b = assembled(found, span(PERIOD))
    assert (a.unit, a.counts[Metric.PROJECTS_APPROVED], a.counts[Metric.BRANDS]) == (A, 2, 0)
    assert (b.unit, b.counts[Metric.PROJECTS_APPROVED], b.counts[Metric.BRANDS]) == (B, 1, 1)
    assert a.sheets == {
        (Channel.FIELD_TEST, "c2"): [Decimal(80), Decimal(90)],
        (Channel.FIELD_TEST, "b2"): [Decimal(70)],
    }
    assert b.sheets == {(Channel.FIELD_TEST, "c2"): [Decimal(60)]}


def test_a_unit_without_any_fact_is_one_of_the_group() -> None:
    [alone] = assembled(Found([A], [], [], []), span(PERIOD))
    assert (alone.counts, alone.sheets) == (dict.fromkeys(Metric, 0), {})


def results(period: str, **ranks: int | None) -> ResultsRow:
    """Published results with these ranks."""
    rows = tuple(
        UnitResult(
            unit=unit.removeprefix("u"),
            total=None,
            grade=None,
            rank=rank,
            rank_before=None,
            indices=(),
            indicators=(),
        )
        for unit, rank in ranks.items()
    )
    return ResultsRow(COUNTY, period, 1, DAY, rows)


def test_the_rank_before_is_that_of_the_last_period_of_the_same_length_that_was_published() -> None:
    published = [
        results("2023-Q1", u340822100=3, u340822101=None),
        results("2022-Q4", u340822100=9),
        results("2023-H1", u340822100=5),
        results("2022", u340822100=6),
        results("2023-Q4", u340822100=7),
    ]
    assert ranks_before(published, "2023-Q3") == {A: 3}
    assert ranks_before(published, "2023-Q1") == {A: 9}
    assert ranks_before(published, "2023") == {A: 6}
    assert ranks_before(published, "2022-Q4") == {}
