"""An org unit: registered once under its code, below a parent of a fitting kind."""

from dataclasses import dataclass

from services.registry.checks import found
from services.registry.commands.reference import RegisterUnit
from shared.command import Aggregate
from shared.contracts.divisions import Rank, UnitKind, kind_of, rank_of
from shared.contracts.event import Event
from shared.contracts.reference import UnitRegistered
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


@dataclass(frozen=True)
class Unit:
    """A unit, or the want of one: `registered` is None before it is registered."""

    registered: UnitRegistered | None = None

    @property
    def rank(self) -> Rank | None:
        """Where it stands in the tree; None before it is registered."""
        return rank_of(self.registered.code) if self.registered else None


def evolve(_: Unit, event: Event[UnitRegistered]) -> Unit:
    """Fold one event."""
    return Unit(event.data)


UNIT = Aggregate("unit", Unit(), evolve)


def register_unit(unit: Unit, cmd: RegisterUnit, code: str, parent: Unit | None) -> list[UnitRegistered]:
    """Register a unit; `parent` is the unit that the command names, None if it names none.

    The code says the kind (the coding rules of the statistical divisions), the kind says below what it may lie.
    """
    require(unit.registered is None, "unit_exists", field="id", unit=code)
    require(cmd.kind is _kind(code), "kind_not_of_the_code", field="kind", unit=code)
    if cmd.parent is None:
        require(not PARENTS[cmd.kind], "parent_unfit", field="parent")
    else:
        above = found(parent and parent.registered, "no_such_parent", "parent", parent=cmd.parent)
        require(above.kind in PARENTS[cmd.kind], "parent_unfit", field="parent")
    return [UnitRegistered(code=code, name=cmd.name, kind=cmd.kind, parent=cmd.parent)]


def _kind(code: str) -> UnitKind:
    try:
        return kind_of(code)
    except ValueError:
        raise InvalidValue("not_a_unit_code", "id", {"id": code}) from None
