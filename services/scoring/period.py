"""A county's period: its results are computed and published once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import assert_never

from services.scoring.commands import PublishResults
from services.scoring.index import UnitFacts, results
from services.scoring.periods import span
from services.scoring.scheme import Scheme
from shared.command import Aggregate
from shared.contracts.event import Event
from shared.contracts.scoring import ResultsPublished
from shared.contracts.values import UnitCode
from shared.errors import require


@dataclass(frozen=True, slots=True)
class AssessmentPeriod:
    """Whether the period's results have been published."""

    published: bool = False


@dataclass(frozen=True, slots=True)
class PeriodCase:
    """What results are computed from: the county's scheme, its units' facts, the ranks of the period before."""

    scheme: Scheme
    units: Sequence[UnitFacts]
    ranks_before: Mapping[UnitCode, int]


def evolve(period: AssessmentPeriod, event: Event[ResultsPublished]) -> AssessmentPeriod:
    """The period after one more event."""
    match event.data:
        case ResultsPublished():
            return AssessmentPeriod(published=True)
        case _:
            assert_never(event.data)


PERIOD = Aggregate("period", AssessmentPeriod(), evolve)


def publish_results(
    period: AssessmentPeriod, command: PublishResults, id: str, today: date, case: PeriodCase
) -> Sequence[ResultsPublished]:
    """Compute and publish the results of a period that is over, under the county's present scheme."""
    expected = f"{command.county}-{command.period}"
    require(id == expected, "not_the_periods_id", field="id", expected=expected)
    require(not period.published, "results_already_published", field="period")
    require(today > span(command.period).last, "period_not_over", field="period")
    require(case.scheme.version > 0, "no_scheme", field="county")
    require(len(case.units) > 0, "no_units_to_score", field="county")
    return [
        ResultsPublished(
            county=command.county,
            period=command.period,
            scheme_version=case.scheme.version,
            results=results(case.scheme.indices, case.units, case.ranks_before),
        )
    ]
