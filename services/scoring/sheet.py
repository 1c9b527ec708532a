"""A score sheet: one assessor's points of one channel about one unit and period, given once."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import assert_never

from services.scoring.commands import SubmitSheet
from services.scoring.periods import span
from services.scoring.scheme import Scheme
from shared.command import Aggregate
from shared.contracts.assessment import Channel, ScoreSheetSubmitted
from shared.contracts.event import Event
from shared.contracts.values import Period, PersonId, UnitCode
from shared.errors import require


@dataclass(frozen=True, slots=True)
class Sheet:
    """Whether the sheet has been submitted."""

    submitted: bool = False


@dataclass(frozen=True, slots=True)
class SheetCase:
    """What a sheet is decided on: where its unit lies, the county's scheme, whether results are out, who assesses.

    `county` is the one that the unit lies in by today's tree, None without one. `own_units` are those at which the
    assessor holds any post; `of_the_county` says that he or she assesses for the county, not for a township of it.
    """

    county: UnitCode | None
    scheme: Scheme
    results_published: bool
    own_units: frozenset[UnitCode]
    of_the_county: bool


def evolve(sheet: Sheet, event: Event[ScoreSheetSubmitted]) -> Sheet:
    """The sheet after one more event."""
    match event.data:
        case ScoreSheetSubmitted():
            return Sheet(submitted=True)
        case _:
            assert_never(event.data)


SHEET = Aggregate("sheet", Sheet(), evolve)


def sheet_id(county: UnitCode, period: Period, unit: UnitCode, channel: Channel, assessor: PersonId) -> str:
    """The id of the one sheet that an assessor can give: a second one has the same."""
    return f"{county}-{period}-{unit}-{channel}-{assessor}"


def submit(
    sheet: Sheet, command: SubmitSheet, id: str, assessor: PersonId, today: date, case: SheetCase
) -> Sequence[ScoreSheetSubmitted]:
    """Submit a sheet: on indicators of its channel in the county's present scheme, never about an own unit.

    Township committees use three channels on their branches, the county all four: the spot check is the county's.
    """
    county, period, unit, channel = command.county, command.period, command.unit, command.channel
    expected = sheet_id(county, period, unit, channel, assessor)
    require(id == expected, "not_the_sheets_id", field="id", expected=expected)
    require(not sheet.submitted, "sheet_already_submitted", field="id")
    require(case.county == county, "unit_not_in_county", field="unit", county=county)
    require(unit not in case.own_units, "own_unit", field="unit")
    require(case.of_the_county or channel is not Channel.SPOT_CHECK, "channel_of_the_county", field="channel")
    require(today >= span(period).first, "period_not_begun", field="period")
    require(not case.results_published, "results_already_published", field="period")
    require(case.scheme.version > 0, "no_scheme", field="county")
    counted = Counter(value.indicator for value in command.values)
    asked = case.scheme.asked(channel)
    for n, value in enumerate(command.values):
        place = f"values.{n}.indicator"
        require(counted[value.indicator] == 1, "indicator_twice", field=place, indicator=value.indicator)
        require(value.indicator in asked, "indicator_not_of_channel", field=place, indicator=value.indicator)
    return [
        ScoreSheetSubmitted(
            county=county, period=period, unit=unit, channel=channel, assessor=assessor, values=command.values
        )
    ]
