"""An org unit: registered once under its code, below a parent of a fitting kind; its dated names and places."""

from dataclasses import dataclass, replace
from datetime import date
from typing import assert_never

from services.registry.checks import found
from services.registry.commands.reference import RegisterUnit
from shared.command import Aggregate
from shared.contracts.boundaries import Named, Placed
from shared.contracts.divisions import Rank, UnitKind, kind_of, rank_of
from shared.contracts.event import Event
from shared.contracts.reference import UnitClosed, UnitMerged, UnitMoved, UnitRegistered, UnitRenamed, UnitSplit
from shared.contracts.values import UNIT_CODE
from shared.errors import InvalidValue, require

K = UnitKind

PARENTS: dict[UnitKind, frozenset[UnitKind]] = {
    K.PROVINCE: frozenset(),
    K.CITY: frozenset({K.PROVINCE}),
    K.COUNTY: frozenset({K.CITY}),
    K.TOWNSHIP: frozenset({K.COUNTY, K.ZONE}),
    K.ZONE: frozenset({K.CITY, K.COUNTY, K.ZONE}),
    K.VILLAGE: frozenset({K.TOWNSHIP, K.ZONE}),
    K.COMMUNITY: frozenset({K.TOWNSHIP, K.ZONE}),
    K.DEPARTMENT: frozenset({K.PROVINCE, K.CITY, K.COUNTY, K.ZONE}),
    K.ENTERPRISE: frozenset({K.PROVINCE, K.CITY, K.COUNTY, K.ZONE, K.TOWNSHIP}),
    K.ESTATE: frozenset({K.COUNTY, K.ZONE, K.TOWNSHIP, K.COMMUNITY}),
}
"""The kinds of units that a unit of a kind may lie below; a province lies below none."""

UnitEvent = UnitRegistered | UnitRenamed | UnitMoved | UnitMerged | UnitSplit | UnitClosed


@dataclass(frozen=True)
class Unit:
    """A unit, or the want of one: `registered` is None before it is registered.

    `names` and `parents` are in the order of their days; once it has `ended`, it lies below its heir.
    """

    registered: UnitRegistered | None = None
    names: tuple[Named, ...] = ()
    parents: tuple[Placed, ...] = ()
    ended: date | None = None

    @property
    def rank(self) -> Rank | None:
        """Where it stands in the tree; None before it is registered."""
        return rank_of(self.registered.code) if self.registered else None

    @property
    def code(self) -> str:
        """Its code; empty before it is registered."""
        return self.registered.code if self.registered else ""

    @property
    def name(self) -> str:
        """Its name of today."""
        return self.names[-1].name if self.names else ""

    @property
    def parent(self) -> str | None:
        """The unit that it lies below in today's tree; the heir of one that has ended."""
        return self.parents[-1].parent if self.parents else None

    @property
    def last_change(self) -> date | None:
        """The day of its last change; None if it was there always and never changed."""
        days = [each.since for each in (*self.names, *self.parents) if each.since]
        return max(days, default=None)


def evolve(unit: Unit, event: Event[UnitEvent]) -> Unit:
    """Fold one event."""
    match event.data:
        case UnitRegistered() as e:
            return Unit(e, (Named(e.since, e.name),), (Placed(e.since, e.parent),))
        case UnitRenamed() as e:
            return replace(unit, names=(*unit.names, Named(e.since, e.name)))
        case UnitMoved() as e:
            return replace(unit, parents=(*unit.parents, Placed(e.since, e.parent)))
        case UnitMerged() as e:
            return _ended(unit, e.into, e.since)
        case UnitSplit() | UnitClosed() as e:
            return _ended(unit, e.heir, e.since)
        case _:
            assert_never(event.data)


def _ended(unit: Unit, heir: str, since: date) -> Unit:
    return replace(unit, parents=(*unit.parents, Placed(since, heir)), ended=since)


UNIT = Aggregate("unit", Unit(), evolve, ids=UNIT_CODE)


def register_unit(unit: Unit, cmd: RegisterUnit, code: str, parent: Unit | None, today: date) -> list[UnitRegistered]:
    """Register a unit; `parent` is the unit that the command names, None if it names none.

    The code says the kind (the coding rules of the statistical divisions), the kind says below what it may lie. What
    is there already, as it was registered or as it is called and placed today, is no event.
    """
    if unit.registered is not None:
        require(_is_there(unit, unit.registered, cmd), "unit_exists", field="id", unit=code)
        return []
    require(cmd.kind is _kind(code), "kind_not_of_the_code", field="kind", unit=code)
    require(cmd.since is None or cmd.since <= today, "change_in_the_future", field="since")
    if cmd.parent is None:
        require(not PARENTS[cmd.kind], "parent_unfit", field="parent")
    else:
        above = found(parent and parent.registered, "no_such_parent", "parent", parent=cmd.parent)
        assert parent is not None
        require(parent.ended is None, "unit_has_ended", field="parent", unit=cmd.parent, day=str(parent.ended))
        require(above.kind in PARENTS[cmd.kind], "parent_unfit", field="parent")
        check_not_before(cmd.since, above, "since")
    return [UnitRegistered(code=code, name=cmd.name, kind=cmd.kind, parent=cmd.parent, since=cmd.since)]


def check_not_before(since: date | None, other: UnitRegistered, field: str) -> None:
    """Refuse a day (None: always) on which the other unit was not there yet."""
    there = other.since is None or (since is not None and other.since <= since)
    require(there, "unit_not_there_yet", field=field, unit=other.code, day=str(other.since))


def check_standing(ended: date | None, unit: str, day: date, field: str = "unit") -> None:
    """Refuse what is of a day on which the unit had ended; what is of a day before that stays its own.

    Source: history keeps the unit that did the thing (docs/decisions/tree.md).
    """
    require(ended is None or day < ended, "unit_has_ended", field=field, unit=unit, day=str(ended))


def _is_there(unit: Unit, registered: UnitRegistered, cmd: RegisterUnit) -> bool:
    same = (cmd.kind, cmd.since) == (registered.kind, registered.since)
    return same and (cmd.name, cmd.parent) in {(registered.name, registered.parent), (unit.name, unit.parent)}


def _kind(code: str) -> UnitKind:
    try:
        return kind_of(code)
    except ValueError:
        raise InvalidValue("not_a_unit_code", "id", {"id": code}) from None
