"""What is recorded at a unit is of a day before it ended: its history stays its own, and nothing comes after it."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import pytest

from services.registry.around.inspection import UnitInspectionFacts
from services.registry.around.place import Place
from services.registry.around.unit_metric import CatalogueFacts
from services.registry.asking.data_request import RequestFacts
from services.registry.reference.unit import UNIT
from shared.command import Command
from shared.contracts.event import EventData
from shared.contracts.reference import DataItem, UnitMerged
from tests.unit.registry import test_campaigns as campaigns
from tests.unit.registry import test_data_requests as requests
from tests.unit.registry import test_records as records
from tests.unit.registry import test_recurring as recurring
from tests.unit.registry import test_visits as visits
from tests.unit.registry.builders import CAMPAIGN_ID, COUNTY, TOWNSHIP, unit
from tests.unit.registry.dsl import INSPECTOR, REVIEWER, TODAY, folded, given

BEFORE, ENDED = date(2023, 5, 8), date(2023, 5, 9)
GONE = Place(COUNTY, ended=ENDED)


def dated(command: Command, day: date) -> Command:
    return command.model_copy(update={"effective": day})


@dataclass(frozen=True)
class Recorded:
    """A command of a day, what is known when its unit has ended, and the field that is refused then."""

    command: Callable[[date], Command]
    knowing: Any = GONE
    field: str = "unit"
    by: str = REVIEWER
    id: str | None = None
    facts: tuple[EventData, ...] = ()


RECORDED = {
    "brand": Recorded(lambda day: dated(campaigns.recognise(), day)),
    "inspection": Recorded(
        lambda day: dated(campaigns.inspect_unit(), day),
        UnitInspectionFacts(campaigns.KNOWN.campaign, GONE, campaigns.KNOWN.inspector),
        by=INSPECTOR,
    ),
    "campaign": Recorded(lambda day: dated(campaigns.open_campaign(), day), ENDED, "county", id=CAMPAIGN_ID),
    "case": Recorded(lambda day: dated(records.select(), day)),
    "honour": Recorded(lambda day: records.record_honour(day=day)),
    "label": Recorded(lambda day: records.label(since=day)),
    "metric": Recorded(lambda day: records.record(day=day), replace(records.MEASURABLE, ended=ENDED)),
    "catalogue": Recorded(lambda day: dated(records.DEFINE, day), CatalogueFacts(ended=ENDED)),
    "visit": Recorded(lambda day: visits.hold(on=day), replace(visits.knowing(), place=GONE)),
    "lot": Recorded(lambda day: dated(recurring.DRAW, day), replace(recurring.LOT, ended=ENDED), "county"),
    "mutual check": Recorded(lambda day: recurring.hold(on=day), ENDED, "checking", facts=(recurring.DRAWN,)),
    "calendar": Recorded(lambda day: dated(recurring.set_rhythm(recurring.APRIL), day), ENDED, "county"),
    "calendar's item": Recorded(
        lambda day: recurring.HoldRhythm(item="m04", on=day), ENDED, "on", facts=(recurring.rhythm(recurring.APRIL),)
    ),
}


@pytest.mark.parametrize("name", RECORDED)
def test_what_is_recorded_at_a_unit_is_of_a_day_before_it_ended(name: str):
    case = RECORDED[name]

    def on(day: date) -> Any:
        return given(*case.facts).when(case.command(day), by=case.by, id=case.id, knowing=case.knowing)

    on(ENDED).then_refused("unit_has_ended", case.field, day=str(ENDED))
    assert on(BEFORE).refused is None


@pytest.mark.parametrize("name", sorted(RECORDED.keys() - {"honour", "label", "metric", "visit", "mutual check"}))
def test_what_names_no_day_is_of_today(name: str):
    case = RECORDED[name]
    command = case.command(TODAY).model_copy(update={"effective": None})
    asked = given(*case.facts).when(command, by=case.by, id=case.id, knowing=case.knowing)
    asked.then_refused("unit_has_ended", case.field)


def test_a_unit_that_has_ended_takes_on_no_difficulty():
    command = visits.TakeOnDifficulty(difficulty="d1", by="王强", unit=TOWNSHIP)
    ended = folded(UNIT, unit(TOWNSHIP, COUNTY), UnitMerged(into="340822400", since=ENDED))
    taken = given(visits.held(), visits.RAISED).when(command, by=REVIEWER, knowing=visits.Helper(None, ended))
    taken.then_refused("unit_has_ended", "unit", unit=TOWNSHIP)


def test_a_unit_that_has_ended_is_asked_for_nothing():
    knowing = RequestFacts((), ended={TOWNSHIP: ENDED})
    asked = given().when(requests.ask(), id=requests.ID, knowing=knowing)
    asked.then_refused("unit_has_ended", "units", unit=TOWNSHIP)


@pytest.mark.parametrize(("as_of", "refused"), [(BEFORE, None), (ENDED, "unit_has_ended")])
def test_it_answers_what_was_asked_as_of_a_day_before(as_of: date, refused: str | None):
    item: DataItem = requests.item(as_of=as_of)
    knowing = replace(requests.KNOWN, request=requests.asked(item), ended=ENDED)
    decided = given().when(requests.answer(), knowing=knowing)
    assert (decided.refused.code if decided.refused else None) == refused
