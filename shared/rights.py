"""Who may do what where: pure rules over appointments and the units' tree of today."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date

from shared.authority_views import Appointment
from shared.contracts.divisions import UnitKind, kind_of
from shared.contracts.reference import LEADERS, SECRETARIES, Role
from shared.errors import RuleViolation, require

NATION = "000000"
"""What belongs to no unit, such as persons and the calendar, is done at the whole country, by a role held anywhere."""
ANY_ROLE = frozenset(Role)
"""Reading needs no more than some role at a unit or above it."""
_OFFICE_AT = frozenset({UnitKind.TOWNSHIP, UnitKind.COUNTY, UnitKind.ZONE})


@dataclass(frozen=True, slots=True)
class Right:
    """The role, and the unit it is held at, by which something is allowed; `office`: acting for the secretary."""

    role: Role
    unit: str

    @property
    def office(self) -> bool:
        """Whether it is the right of an office, which acts for a secretary."""
        return self.role is Role.OFFICE


def right_by(
    appointments: Sequence[Appointment],
    roles: AbstractSet[Role],
    unit: str,
    ancestors: Sequence[str],
    today: date,
    *,
    exactly: bool = False,
    ended: Collection[str] = (),
) -> Right | None:
    """The right by which a person with these appointments may act at a unit, or None.

    One of `roles` must be held today at the unit or at one of its `ancestors` (nearest first); with `exactly` at
    the unit itself, or at its heir if it is among those that have `ended`, which lie below their heirs. Where a
    secretary may, an office of a township or county at the unit or above it may as well, for the secretary. A post at
    a unit that has ended allows nothing, since its heir acts for it. At `NATION` a role held anywhere will do. Of
    several rights it is the person's own before an office's, and the nearest first.
    """
    everywhere = {each.unit: 0 for each in appointments if each.unit not in ended} if unit == NATION else {}
    way = (unit, *ancestors)
    places = everywhere | {code: distance for distance, code in enumerate(way) if code not in ended}
    seat = next((code for code in way if code not in ended), unit)
    found = [
        Right(each.role, each.unit)
        for each in appointments
        if each.holds_on(today) and each.unit in places and _suffices(each, roles, seat if exactly else None)
    ]
    return min(found, key=lambda right: (right.office, places[right.unit]), default=None)


def acted_for(
    persons: Mapping[str, Sequence[Appointment]],
    roles: AbstractSet[Role],
    way: Sequence[str],
    today: date,
    named: str | None = None,
) -> str:
    """Whom an office acts for that may do something: who leads the nearest unit of the `way` that anybody leads today.

    Of several, or of another unit of the way, it is the one that is `named`; nobody else may be.

    Raises:
        RuleViolation("secretary_not_named" | "nobody_to_act_for").
    """
    for unit in way:
        there = leading(persons, roles, unit, today)
        if named in there:
            return named
        if there and named is None:
            require(len(there) == 1, "secretary_not_named", field="secretary", unit=unit)
            return there[0]
    raise RuleViolation("nobody_to_act_for", "secretary", {"unit": way[0]})


def leading(
    persons: Mapping[str, Sequence[Appointment]], roles: AbstractSet[Role], unit: str, today: date
) -> list[str]:
    """Who of these persons leads a unit today in one of the roles."""
    return [id for id, held in persons.items() if unit in seats(held, roles & LEADERS, today)]


def seats(appointments: Iterable[Appointment], roles: AbstractSet[Role], today: date) -> frozenset[str]:
    """The units at which one of these roles is held today: the roots of what may be read by them."""
    return frozenset(each.unit for each in appointments if each.role in roles and each.holds_on(today))


def _suffices(appointment: Appointment, roles: AbstractSet[Role], only_at: str | None) -> bool:
    if appointment.role is Role.OFFICE and roles & SECRETARIES:
        return kind_of(appointment.unit) in _OFFICE_AT
    return appointment.role in roles and only_at in (None, appointment.unit)
