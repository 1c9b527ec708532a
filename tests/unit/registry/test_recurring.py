"""Mutual checks by the quarter, and the calendar of a county's year."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given as for_all
from hypothesis import settings
from hypothesis import strategies as st

from services.registry.around.campaign import Campaign, CampaignFacts
from services.registry.around.mutual import MUTUAL, Lot, Mutual, MutualFacts
from services.registry.around.rhythm_api import state
from services.registry.around.rhythm_views import MUTUALS, RHYTHMS, ItemLine, PairLine
from services.registry.commands.carrying_out import VerifyRectification
from services.registry.commands.rhythm import (
    DrawMutualChecks,
    FindProblemMutually,
    HoldMutualCheck,
    HoldRhythm,
    SetRhythm,
)
from shared.contracts.mutual_checks import MutualCheckHeld, MutualChecksDrawn, Pair, drawn
from shared.contracts.progress import ProblemFound, RectificationVerified, Severity, mutual_campaign, of_a_campaign
from shared.contracts.rhythm import RhythmHeld, RhythmItem, RhythmKind, RhythmSet
from tests.projecting import History, assert_any_order_and_twice, fold_all
from tests.unit.registry.builders import APPROVED, COUNTY, TOWNSHIP, UNDER_WAY, rectified
from tests.unit.registry.dsl import AT_LEISURE, ID, OWNER, REVIEWER, TODAY, Told, by, folded, given

TOWNSHIPS = ("340822100", "340822101", "340822102", "340822200")
LOT = Lot(TOWNSHIPS[::-1], "s1")
DRAW = DrawMutualChecks(county=COUNTY, quarter="2023-Q2")
DRAWN = MutualChecksDrawn(county=COUNTY, quarter="2023-Q2", seed="s1", pairs=drawn("s1", TOWNSHIPS))
CHECKER = next(pair.checking for pair in DRAWN.pairs if pair.checked == TOWNSHIP)


@settings(AT_LEISURE, max_examples=50)
@for_all(st.text(max_size=40), st.sets(st.integers(100, 399), min_size=2, max_size=16))
def test_the_lot_is_one_cycle_through_all_townships(seed: str, numbers: set[int]):
    townships = [f"340822{number}" for number in numbers]
    checks = {pair.checking: pair.checked for pair in drawn(seed, townships)}
    way = [townships[0]]
    while (following := checks[way[-1]]) != townships[0]:
        way.append(following)
    assert sorted(way) == sorted(townships)


def test_the_same_seed_draws_the_same_lot_and_others_draw_others():
    assert drawn("s1", TOWNSHIPS) == drawn("s1", TOWNSHIPS[::-1])
    assert len({drawn(f"s{n}", TOWNSHIPS) for n in range(60)}) == 6, "every cycle of four can come"
    assert drawn("s1", TOWNSHIPS[:2]) == (
        Pair(checking=TOWNSHIPS[0], checked=TOWNSHIPS[1]),
        Pair(checking=TOWNSHIPS[1], checked=TOWNSHIPS[0]),
    )


def test_the_lot_is_drawn_once_a_quarter():
    given().when(DRAW, by=REVIEWER, knowing=LOT).then(DRAWN)
    given(DRAWN).when(DRAW, by=REVIEWER, knowing=LOT).then_refused("mutual_checks_drawn", "quarter")


def test_it_is_drawn_when_the_quarter_has_begun_and_among_two_at_least():
    early = given().when(DRAW, by=REVIEWER, knowing=LOT, today=date(2023, 3, 31))
    early.then_refused("quarter_not_begun", "quarter")
    assert given().when(DRAW, by=REVIEWER, knowing=LOT, today=date(2023, 4, 1)).refused is None
    alone = given().when(DRAW, by=REVIEWER, knowing=Lot(TOWNSHIPS[:1], "s1"))
    alone.then_refused("too_few_townships", "county")


def hold(checking: str = CHECKER, on: date = TODAY) -> HoldMutualCheck:
    return HoldMutualCheck(checking=checking, on=on, note="看台账")


HELD = MutualCheckHeld(checking=CHECKER, checked=TOWNSHIP, on=TODAY, note="看台账")


def test_a_township_checks_the_one_that_it_drew_once():
    given(DRAWN).when(hold()).then(HELD)
    given(DRAWN, HELD).when(hold()).then_refused("mutual_check_held", "checking")
    given(DRAWN).when(hold("340822201")).then_refused("not_in_the_lot", "checking")


def test_a_check_is_of_a_day_since_the_quarter_began():
    given(DRAWN).when(hold(on=date(2023, 5, 11))).then_refused("in_the_future", "on")
    given(DRAWN).when(hold(on=date(2023, 3, 31))).then_refused("before_the_quarter", "on")
    assert given(DRAWN).when(hold(on=date(2023, 4, 1))).refused is None


CHECKED = MutualFacts(folded(MUTUAL, DRAWN, HELD), TOWNSHIP, seat=CHECKER)


def find(**changes: Any) -> FindProblemMutually:
    told = {"problem": "q1", "quarter": "2023-Q2", "checking": CHECKER, "severity": Severity.MINOR, "text": "台账不全"}
    return FindProblemMutually.model_validate(told | {"due": date(2023, 5, 31)} | changes)


FOUND = ProblemFound(
    problem="q1",
    inspection="mutual-340822-2023-q2",
    campaign="mutual-340822-2023-q2",
    group=CHECKER,
    severity=Severity.MINOR,
    text="台账不全",
    due=date(2023, 5, 31),
)


def test_a_mutual_check_finds_a_problem_of_a_project_in_the_checked_township():
    given(*UNDER_WAY).when(find(), by="checker", knowing=CHECKED).then(FOUND)
    given(*UNDER_WAY, FOUND).when(find(), by="checker", knowing=CHECKED).then_refused("problem_exists", "problem")
    given(*APPROVED).when(find(), by="checker", knowing=CHECKED).then_refused("not_being_carried_out")
    elsewhere = replace(CHECKED, township="340822102")
    refused = given(*UNDER_WAY).when(find(), by="checker", knowing=elsewhere)
    refused.then_refused("not_of_the_checked_township", "project")
    for mutual in (Mutual(), folded(MUTUAL, DRAWN)):
        early = given(*UNDER_WAY).when(find(), by="checker", knowing=replace(CHECKED, mutual=mutual))
        early.then_refused("mutual_check_not_held", "checking")
    nowhere = given(*UNDER_WAY).when(
        find(checking="340822999"), by="checker", knowing=MutualFacts(Mutual(), None, CHECKER)
    )
    nowhere.then_refused("mutual_check_not_held", "checking")
    left_to_it = given(*UNDER_WAY).when(find(), by="checker", knowing=replace(CHECKED, seat=TOWNSHIP))
    left_to_it.then_refused("checks_its_own", "checking")


def test_who_acted_for_the_owner_finds_no_problem_and_the_deadline_lies_ahead():
    given(*UNDER_WAY).when(find(), by=OWNER, knowing=CHECKED).then_refused("checks_own_work")
    past = given(*UNDER_WAY).when(find(due=date(2023, 5, 9)), by="checker", knowing=CHECKED)
    past.then_refused("deadline_in_the_past", "due")


def test_its_problem_holds_for_no_day_before_the_check():
    history = [by(OWNER, fact.data if isinstance(fact, Told) else fact, on=date(2023, 5, 1)) for fact in UNDER_WAY]
    early, in_time = (find(effective=day) for day in (date(2023, 5, 9), TODAY))
    outcome = given(*history).when(early, by="checker", today=date(2023, 5, 12), knowing=CHECKED)
    outcome.then_refused("before_the_last_step", "effective", last=str(TODAY))
    assert given(*history).when(in_time, by="checker", today=date(2023, 5, 12), knowing=CHECKED).refused is None


def test_its_rectification_is_verified_by_any_reviewer_or_inspector():
    told = (*UNDER_WAY, by("checker", FOUND), rectified("q1"))
    outcome = given(*told).when(
        VerifyRectification(problem="q1"), by=REVIEWER, knowing=CampaignFacts(Campaign(), here=True)
    )
    outcome.then(RectificationVerified(problem="q1"))


def test_a_mutual_check_is_no_campaign():
    assert not of_a_campaign(mutual_campaign(COUNTY, "2023-Q2"))
    assert not of_a_campaign("acceptance")
    assert of_a_campaign("340822-mid-term")


def item(id: str, due: date, kind: RhythmKind = RhythmKind.MONTHLY_BULLETIN) -> RhythmItem:
    return RhythmItem(id=id, kind=kind, title=f"事项{id}", due=due)


APRIL, MAY = item("m04", date(2023, 5, 5)), item("m05", date(2023, 6, 5))
LATE = item("end", date(2024, 1, 31), RhythmKind.YEAR_END)


def set_rhythm(*items: RhythmItem) -> SetRhythm:
    return SetRhythm(county=COUNTY, year=2023, items=items)


def rhythm(*items: RhythmItem) -> RhythmSet:
    return RhythmSet(county=COUNTY, year=2023, items=items)


def test_a_calendar_is_set_in_the_order_of_what_is_due_and_replaced():
    given().when(set_rhythm(LATE, MAY, APRIL), by=REVIEWER).then(rhythm(APRIL, MAY, LATE))
    given(rhythm(APRIL)).when(set_rhythm(APRIL), by=REVIEWER).then()
    given(rhythm(APRIL)).when(set_rhythm(MAY), by=REVIEWER).then(rhythm(MAY))


def test_items_have_ids_of_their_own_and_are_due_in_the_year_or_the_one_after():
    given().when(set_rhythm(APRIL, APRIL), by=REVIEWER).then_refused("items_share_an_id", "items")
    for year in (2022, 2025):
        far = item("m05", date(year, 6, 5))
        given().when(set_rhythm(APRIL, far), by=REVIEWER).then_refused("day_of_another_year", "items.1.due")


HELD_APRIL = RhythmHeld(item="m04", on=TODAY, link="/bulletins/1")


def test_what_was_held_stays_in_the_calendar():
    refused = given(rhythm(APRIL, MAY), HELD_APRIL).when(set_rhythm(MAY), by=REVIEWER)
    refused.then_refused("held_item_lost", "items", items="m04")
    given(rhythm(APRIL, MAY), HELD_APRIL).when(set_rhythm(APRIL), by=REVIEWER).then(rhythm(APRIL))


def test_an_item_is_held_once_on_a_day_that_has_come():
    held = HoldRhythm(item="m04", on=TODAY, link="/bulletins/1")
    given(rhythm(APRIL)).when(held, by=REVIEWER).then(HELD_APRIL)
    given(rhythm(APRIL), HELD_APRIL).when(held, by=REVIEWER).then_refused("item_already_held", "item")
    unknown = HoldRhythm(item="m09", on=TODAY)
    given(rhythm(APRIL)).when(unknown, by=REVIEWER).then_refused("no_such_item", "item")
    early = HoldRhythm(item="m04", on=date(2023, 5, 11))
    given(rhythm(APRIL)).when(early, by=REVIEWER).then_refused("in_the_future", "on")


@pytest.mark.parametrize(
    ("held_on", "today", "expected"),
    [
        (None, date(2023, 5, 5), "due"),
        (None, date(2023, 5, 6), "overdue"),
        (date(2023, 5, 9), date(2023, 5, 10), "held"),
    ],
)
def test_what_is_due_by_a_day_is_overdue_from_the_next_one_on(held_on: date | None, today: date, expected: str):
    assert state(APRIL.due, held_on, today) == expected


def test_mutual_checks_and_calendars_have_rows():
    history = History()
    history.tell(f"mutual-{COUNTY}-2023-Q2", DRAWN, HELD, on=TODAY)
    history.tell(f"rhythm-{COUNTY}-2023", rhythm(APRIL), HELD_APRIL, rhythm(APRIL, MAY), on=TODAY)
    history.tell(f"project-{ID}", FOUND, on=TODAY)
    for view in (MUTUALS, RHYTHMS):
        assert_any_order_and_twice(view, history, history.events)
    mutual = fold_all(MUTUALS, history.events)[f"mutual-{COUNTY}-2023-Q2"]
    assert (mutual.county, mutual.quarter, mutual.seed, mutual.drawn_on) == (COUNTY, "2023-Q2", "s1", TODAY)
    done = [pair for pair in mutual.pairs if pair.held_on]
    assert (len(mutual.pairs), done) == (4, [PairLine(CHECKER, TOWNSHIP, TODAY, "看台账")])
    calendar = fold_all(RHYTHMS, history.events)[f"rhythm-{COUNTY}-2023"]
    assert (calendar.county, calendar.year) == (COUNTY, 2023)
    assert calendar.items == (
        ItemLine("m04", RhythmKind.MONTHLY_BULLETIN, "事项m04", APRIL.due, TODAY, "", "/bulletins/1"),
        ItemLine("m05", RhythmKind.MONTHLY_BULLETIN, "事项m05", MAY.due),
    )
