"""How the tree of units changes: units are renamed, moved, merged, split and closed, from a day that has come.

A unit that has ended stays in the tree below its heir, so that rights and sums follow without a word in other streams.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from services.registry.checks import found
from services.registry.commands.units import CloseUnit, MergeUnit, MoveUnit, RenameUnit, SplitUnit
from services.registry.reference.unit import PARENTS, Unit, check_not_before
from shared.contracts.divisions import Rank, rank_of
from shared.contracts.reference import UnitClosed, UnitMerged, UnitMoved, UnitRegistered, UnitRenamed, UnitSplit
from shared.errors import require

_RANKS = tuple(Rank)


@dataclass(frozen=True)
class Seat:
    """A unit that another is to lie below, and the units above it on the day of the change or on any later one."""

    unit: Unit
    above: frozenset[str] = frozenset()


def rename_unit(unit: Unit, cmd: RenameUnit, today: date) -> list[UnitRenamed]:
    """Give a unit another name; the one that it has is no event."""
    _check_change(unit, cmd.since, today)
    return [] if cmd.name == unit.name else [UnitRenamed(name=cmd.name, since=cmd.since)]


def move_unit(unit: Unit, cmd: MoveUnit, to: Seat, today: date) -> list[UnitMoved]:
    """Move a unit with all below it to another parent of a fitting kind, never below itself."""
    _check_change(unit, cmd.since, today)
    above = _checked(unit, cmd.parent, to, cmd.since, "parent")
    assert unit.registered is not None
    require(above.kind in PARENTS[unit.registered.kind], "parent_unfit", field="parent")
    return [] if cmd.parent == unit.parent else [UnitMoved(parent=cmd.parent, since=cmd.since)]


def merge_unit(unit: Unit, cmd: MergeUnit, into: Seat, today: date) -> list[UnitMerged]:
    """Merge a unit into another of its rank."""
    _check_change(unit, cmd.since, today)
    heir = _checked(unit, cmd.into, into, cmd.since, "into")
    require(rank_of(heir.code) is unit.rank, "another_rank", field="into", unit=heir.code)
    return [UnitMerged(into=cmd.into, since=cmd.since)]


def split_unit(unit: Unit, cmd: SplitUnit, into: Mapping[str, Seat], today: date) -> list[UnitSplit]:
    """Split a unit into others of its rank, which are registered before; what lay below it is moved by itself."""
    _check_change(unit, cmd.since, today)
    require(len(set(cmd.into)) == len(cmd.into), "units_named_twice", field="into")
    require(cmd.heir in cmd.into, "heir_not_among_them", field="heir")
    for code in cmd.into:
        part = _checked(unit, code, into[code], cmd.since, "into")
        require(rank_of(part.code) is unit.rank, "another_rank", field="into", unit=code)
    return [UnitSplit(into=cmd.into, heir=cmd.heir, since=cmd.since)]


def close_unit(unit: Unit, cmd: CloseUnit, heir: Seat | None, today: date) -> list[UnitClosed]:
    """Close a unit; `heir` is the unit that the command names, by default the nearest one above that has not ended.

    What it leaves goes to another of its rank, or a branch's to a township: nobody else could carry it on.
    """
    _check_change(unit, cmd.since, today)
    place = found(heir, "no_heir", "heir")
    above = _checked(unit, cmd.heir or place.unit.code, place, cmd.since, "heir")
    assert unit.rank is not None
    carries_on = (unit.rank, Rank.TOWNSHIP) if unit.rank is Rank.BRANCH else (unit.rank,)
    require(rank_of(above.code) in carries_on, "heir_of_another_rank", field="heir", unit=above.code)
    return [UnitClosed(heir=above.code, since=cmd.since, reason=cmd.reason)]


def _check_change(unit: Unit, since: date, today: date) -> None:
    require(unit.ended is None, "unit_has_ended", field="id", unit=unit.code, day=str(unit.ended))
    require(since <= today, "change_in_the_future", field="since")
    last = unit.last_change
    require(last is None or last <= since, "before_the_last_change", field="since", last=str(last))


def _checked(unit: Unit, code: str, place: Seat, since: date, field: str) -> UnitRegistered:
    other = found(place.unit.registered, "no_such_unit", field, unit=code)
    require(unit.code not in {code, *place.above}, "below_itself", field=field, unit=code)
    require(place.unit.ended is None, "unit_has_ended", field=field, unit=code, day=str(place.unit.ended))
    check_not_before(since, other, field)
    return other
