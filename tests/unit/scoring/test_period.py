"""Results are computed and published once, when the period is over."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from services.scoring.period import PeriodCase
from services.scoring.scheme import Scheme
from shared.contracts.assessment import Channel
from shared.contracts.scoring import Grade, IndexId, IndexScore, IndicatorScore, ResultsPublished, UnitResult
from tests.unit.deciding import Decision
from tests.unit.scoring.build import COUNTY, DESK, INDICES, PERIOD, TOWN, publish_results, unit

ID = f"{COUNTY}-{PERIOD}"
POINTS = {
    (Channel.FIELD_TEST, "c2"): [Decimal(80)],
    (Channel.REVIEW, "c2"): [Decimal(90)],
    (Channel.FIELD_TEST, "b2"): [Decimal(70)],
    (Channel.SPOT_CHECK, "m2"): [Decimal("87.5")],
}
FACTS = unit(sheets=POINTS, projects_approved=6, projects_closed=3, problems_found=4)
CASE = PeriodCase(Scheme(2, INDICES), [FACTS], {TOWN: 3})
RESULT = UnitResult(
    unit=TOWN,
    # 40% × 75.2 + 35% × 60 + 25% × 89.3
    total=Decimal("73.405"),
    grade=Grade.FAIR,
    rank=1,
    rank_before=3,
    indices=(
        IndexScore(id=IndexId.COMMITTEE, points=Decimal("75.2")),
        IndexScore(id=IndexId.BRANCH, points=Decimal(60)),
        IndexScore(id=IndexId.MEMBER, points=Decimal("89.3")),
    ),
    indicators=(
        IndicatorScore(id="c1", points=Decimal(50)),
        IndicatorScore(id="c2", points=Decimal(86)),
        IndicatorScore(id="b1", points=Decimal(50)),
        IndicatorScore(id="b2", points=Decimal(70)),
        IndicatorScore(id="m1", points=Decimal(92)),
        IndicatorScore(id="m2", points=Decimal("87.5")),
    ),
    workload=6,
)
PUBLISHED = ResultsPublished(county=COUNTY, period=PERIOD, scheme_version=2, results=(RESULT,))


def published(*facts: Any, id: str = ID, case: PeriodCase = CASE, today: date | None = None) -> Decision:
    """Publish the first quarter."""
    return DESK.given(*facts).when(publish_results(), id=id, knowing=case, today=today)


def test_the_event_holds_every_unit_with_all_that_its_score_is_the_sum_of() -> None:
    published().then(PUBLISHED)


def test_results_are_published_once() -> None:
    published(PUBLISHED).then_refused("results_already_published", "period")


@pytest.mark.parametrize("id", [PERIOD, f"{COUNTY}-2023-Q2", f"340828-{PERIOD}"])
def test_results_stand_in_their_own_periods_stream(id: str) -> None:
    published(id=id).then_refused("not_the_periods_id", "id")


def test_a_period_must_be_over() -> None:
    published(today=date(2023, 3, 31)).then_refused("period_not_over", "period")
    published(today=date(2023, 4, 1)).then(PUBLISHED)


def test_without_a_scheme_there_are_no_results() -> None:
    published(case=PeriodCase(Scheme(), [FACTS], {})).then_refused("no_scheme", "county")


def test_a_county_without_townships_has_no_results() -> None:
    published(case=PeriodCase(Scheme(2, INDICES), [], {})).then_refused("no_units_to_score", "county")
