"""Units that are renamed, moved, merged, split and closed."""

from datetime import date
from typing import Any

import pytest

from services.registry.commands.units import CloseUnit, MergeUnit, MoveUnit, RenameUnit, SplitUnit, UnitChange
from services.registry.reference.restructuring import Seat
from services.registry.reference.unit import UNIT, Unit
from shared.contracts.reference import UnitClosed, UnitMerged, UnitMoved, UnitRegistered, UnitRenamed, UnitSplit
from tests.unit.registry.builders import COUNTY, TOWNSHIP, VILLAGE, unit
from tests.unit.registry.dsl import TODAY, folded, given

DAY = date(2023, 5, 1)
OTHER, NEW, ELSEWHERE = "340822101", "340822102", "340828"
ABOVE = frozenset({COUNTY, "340800", "340000"})
HERE = unit(TOWNSHIP, COUNTY)


def placed(code: str, above: frozenset[str] = ABOVE, *later: Any) -> Seat:
    return Seat(folded(UNIT, unit(code, COUNTY), *later), above)


def young(code: str, since: date) -> Seat:
    return Seat(folded(UNIT, unit(code, COUNTY).model_copy(update={"since": since})), ABOVE)


CLOSED = UnitClosed(heir=COUNTY, since=date(2023, 4, 1), reason="撤销")
MERGE = MergeUnit(into=OTHER, since=DAY)
MOVE = MoveUnit(parent=ELSEWHERE, since=DAY)
SPLIT = SplitUnit(into=(OTHER, NEW), heir=OTHER, since=DAY)
PARTS = {OTHER: placed(OTHER), NEW: young(NEW, DAY)}
CHANGES: list[tuple[UnitChange, Any]] = [
    (RenameUnit(name="高河新镇", since=DAY), None),
    (MOVE, placed(ELSEWHERE)),
    (MERGE, placed(OTHER)),
    (SPLIT, PARTS),
    (CloseUnit(heir=OTHER, since=DAY, reason="撤销"), placed(OTHER)),
]


def test_a_unit_gets_another_name_and_the_one_that_it_has_is_no_event():
    given(HERE).when(RenameUnit(name="高河新镇", since=DAY)).then(UnitRenamed(name="高河新镇", since=DAY))
    given(HERE).when(RenameUnit(name=HERE.name, since=DAY)).then()


def test_a_unit_is_moved_to_a_parent_of_a_fitting_kind_and_to_the_one_that_it_has_without_an_event():
    given(HERE).when(MOVE, knowing=placed(ELSEWHERE)).then(UnitMoved(parent=ELSEWHERE, since=DAY))
    below_a_village = MOVE.model_copy(update={"parent": VILLAGE})
    given(HERE).when(below_a_village, knowing=placed(VILLAGE)).then_refused("parent_unfit", "parent")
    given(HERE).when(MOVE.model_copy(update={"parent": COUNTY}), knowing=placed(COUNTY)).then()


def test_a_unit_is_merged_into_one_of_its_rank():
    given(HERE).when(MERGE, knowing=placed(OTHER)).then(UnitMerged(into=OTHER, since=DAY))
    given(HERE).when(MergeUnit(into=COUNTY, since=DAY), knowing=placed(COUNTY)).then_refused("another_rank", "into")


def test_a_unit_is_split_into_others_of_its_rank():
    given(HERE).when(SPLIT, knowing=PARTS).then(UnitSplit(into=(OTHER, NEW), heir=OTHER, since=DAY))
    into_a_village = SPLIT.model_copy(update={"into": (OTHER, VILLAGE)})
    parts = PARTS | {VILLAGE: placed(VILLAGE)}
    given(HERE).when(into_a_village, knowing=parts).then_refused("another_rank", "into", unit=VILLAGE)


def test_the_heir_of_a_split_is_one_of_its_parts_and_each_part_is_named_once():
    outside = SPLIT.model_copy(update={"heir": "340822103"})
    given(HERE).when(outside, knowing=PARTS).then_refused("heir_not_among_them", "heir")
    twice = SPLIT.model_copy(update={"into": (OTHER, OTHER)})
    given(HERE).when(twice, knowing=PARTS).then_refused("units_named_twice", "into")


def test_a_closed_village_is_left_to_its_parent():
    village = unit(VILLAGE, TOWNSHIP)
    close = CloseUnit(since=DAY, reason="撤销")
    given(village).when(close, knowing=placed(TOWNSHIP)).then(UnitClosed(heir=TOWNSHIP, since=DAY, reason="撤销"))
    given(village).when(close, knowing=None).then_refused("no_heir", "heir")


def test_what_a_closed_township_leaves_goes_to_another_township():
    close = CloseUnit(since=DAY, reason="撤销")
    named = close.model_copy(update={"heir": OTHER})
    given(HERE).when(named, knowing=placed(OTHER)).then(UnitClosed(heir=OTHER, since=DAY, reason="撤销"))
    given(HERE).when(close, knowing=placed(COUNTY)).then_refused("heir_of_another_rank", "heir", unit=COUNTY)
    given(unit("340822-D0001", COUNTY)).when(close, knowing=placed(COUNTY)).then_refused("heir_of_another_rank", "heir")
    to_a_village = close.model_copy(update={"heir": VILLAGE})
    given(HERE).when(to_a_village, knowing=placed(VILLAGE)).then_refused("heir_of_another_rank", "heir")


@pytest.mark.parametrize(("command", "known"), CHANGES)
def test_a_change_is_told_on_its_day_or_later(command: UnitChange, known: Any):
    tomorrow = command.model_copy(update={"since": date(2023, 5, 11)})
    given(HERE).when(tomorrow, knowing=known).then_refused("change_in_the_future", "since")
    assert given(HERE).when(command.model_copy(update={"since": TODAY}), knowing=known).refused is None


@pytest.mark.parametrize(("command", "known"), CHANGES)
@pytest.mark.parametrize(
    "earlier",
    [
        UnitRenamed(name="旧镇", since=date(2023, 5, 2)),
        UnitMoved(parent="340827", since=date(2023, 5, 2)),
    ],
)
def test_a_change_does_not_come_before_the_last_one(command: UnitChange, known: Any, earlier: Any):
    history = given(HERE, earlier)
    history.when(command, knowing=known).then_refused("before_the_last_change", "since", last="2023-05-02")
    same_day = command.model_copy(update={"since": date(2023, 5, 2)})
    assert history.when(same_day, knowing=known).refused is None


@pytest.mark.parametrize(("command", "known"), CHANGES)
def test_a_unit_does_not_change_before_it_is_there(command: UnitChange, known: Any):
    later = HERE.model_copy(update={"since": date(2023, 5, 2)})
    given(later).when(command, knowing=known).then_refused("before_the_last_change")


@pytest.mark.parametrize(("command", "known"), CHANGES)
@pytest.mark.parametrize("end", [CLOSED, UnitMerged(into=OTHER, since=DAY), UnitSplit(into=(), heir=OTHER, since=DAY)])
def test_a_unit_that_has_ended_changes_no_more(command: UnitChange, known: Any, end: Any):
    given(HERE, end).when(command, knowing=known).then_refused("unit_has_ended", "id", unit=TOWNSHIP)


def with_other(place: Seat) -> list[tuple[UnitChange, Any]]:
    """The changes that lead to another township, which is this one."""
    return [
        (MERGE, place),
        (SPLIT, PARTS | {OTHER: place}),
        (CloseUnit(heir=OTHER, since=DAY, reason="撤销"), place),
        (MOVE.model_copy(update={"parent": OTHER}), place),
    ]


@pytest.mark.parametrize(("command", "known"), with_other(placed(OTHER, ABOVE | {TOWNSHIP})))
def test_no_unit_comes_to_lie_below_itself(command: UnitChange, known: Any):
    given(HERE).when(command, knowing=known).then_refused("below_itself", unit=OTHER)


def test_no_unit_is_merged_into_itself():
    given(HERE).when(MergeUnit(into=TOWNSHIP, since=DAY), knowing=placed(TOWNSHIP)).then_refused("below_itself")


@pytest.mark.parametrize(("command", "known"), with_other(placed(OTHER, ABOVE, CLOSED)))
def test_nothing_goes_to_a_unit_that_has_ended(command: UnitChange, known: Any):
    given(HERE).when(command, knowing=known).then_refused("unit_has_ended", unit=OTHER, day="2023-04-01")


@pytest.mark.parametrize(("command", "known"), with_other(young(OTHER, date(2023, 5, 2))))
def test_nothing_goes_to_a_unit_before_it_is_there(command: UnitChange, known: Any):
    given(HERE).when(command, knowing=known).then_refused("unit_not_there_yet", unit=OTHER)


@pytest.mark.parametrize(("command", "known"), with_other(Seat(Unit())))
def test_nothing_goes_to_a_unit_that_is_not_registered(command: UnitChange, known: Any):
    given(HERE).when(command, knowing=known).then_refused("no_such_unit", unit=OTHER)


def test_a_units_names_and_places_are_kept_with_their_days():
    state: Unit = folded(
        UNIT,
        UnitRegistered(code=TOWNSHIP, name="高河镇", kind=HERE.kind, parent=COUNTY, since=date(2020, 1, 1)),
        UnitRenamed(name="高河新镇", since=date(2021, 1, 1)),
        UnitMoved(parent=ELSEWHERE, since=date(2022, 1, 1)),
        UnitMerged(into=OTHER, since=date(2023, 1, 1)),
    )
    assert [(each.since.year if each.since else None, each.name) for each in state.names] == [
        (2020, "高河镇"),
        (2021, "高河新镇"),
    ]
    assert [(each.since.year if each.since else None, each.parent) for each in state.parents] == [
        (2020, COUNTY),
        (2022, ELSEWHERE),
        (2023, OTHER),
    ]
    assert (state.name, state.parent, state.ended, state.last_change) == (
        "高河新镇",
        OTHER,
        date(2023, 1, 1),
        date(2023, 1, 1),
    )
