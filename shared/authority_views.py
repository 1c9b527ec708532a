"""The two views that rights follow from: the units' tree and the persons' appointments. Every service has them."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from shared.contracts.boundaries import Named, Placed
from shared.contracts.divisions import UnitKind
from shared.contracts.event import Event
from shared.contracts.reference import (
    Appointed,
    AppointmentEnded,
    PersonRegistered,
    PersonRenamed,
    Role,
    UnitClosed,
    UnitMerged,
    UnitMoved,
    UnitRegistered,
    UnitRenamed,
    UnitSplit,
)
from shared.contracts.topics import Topic
from shared.view import View


@dataclass(frozen=True, slots=True)
class UnitRow:
    """An org unit as it stands today; `parent` is None for a province alone.

    One that has ended (merged, split, closed) lies below its `heir` from the day `ended` on; `parts` are those that it
    was split into. `names` and `parents` are all there were, in the order of their days.
    """

    code: str = ""
    name: str = ""
    kind: UnitKind | None = None
    parent: str | None = None
    ended: date | None = None
    heir: str | None = None
    names: tuple[Named, ...] = ()
    parents: tuple[Placed, ...] = ()
    parts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Appointment:
    """A role held at a unit from the day `since` to the day `until`, both included; None: to this day."""

    role: Role
    unit: str
    since: date
    until: date | None = None
    title: str = ""

    def holds_on(self, day: date) -> bool:
        """Whether it is in force on a day."""
        return self.since <= day and (self.until is None or day <= self.until)


@dataclass(frozen=True, slots=True)
class PersonRow:
    """A person with every appointment there was, in the order of their events."""

    name: str = ""
    appointments: tuple[Appointment, ...] = ()


def evolve_unit(row: UnitRow, event: Event[Any]) -> UnitRow:
    """Fold one event of a unit."""
    match event.data:
        case UnitRegistered() as e:
            names, parents = (Named(e.since, e.name),), (Placed(e.since, e.parent),)
            return UnitRow(e.code, e.name, e.kind, e.parent, names=names, parents=parents)
        case UnitRenamed() as e:
            return replace(row, name=e.name, names=(*row.names, Named(e.since, e.name)))
        case UnitMoved() as e:
            return replace(row, parent=e.parent, parents=(*row.parents, Placed(e.since, e.parent)))
        case UnitMerged() as e:
            return _left_to(row, e.into, e.since)
        case UnitSplit() as e:
            return replace(_left_to(row, e.heir, e.since), parts=e.into)
        case UnitClosed() as e:
            return _left_to(row, e.heir, e.since)
        case _:
            return row


def _left_to(row: UnitRow, heir: str, since: date) -> UnitRow:
    return replace(row, parent=heir, ended=since, heir=heir, parents=(*row.parents, Placed(since, heir)))


def evolve_person(row: PersonRow, event: Event[Any]) -> PersonRow:
    """Fold one event of a person; what ends is every appointment to that role and unit which has no end yet."""
    match event.data:
        case PersonRegistered() | PersonRenamed() as e:
            return replace(row, name=e.name)
        case Appointed() as e:
            appointment = Appointment(e.role, e.unit, e.since, title=e.title)
            return replace(row, appointments=(*row.appointments, appointment))
        case AppointmentEnded() as e:
            return replace(row, appointments=tuple(_ended(row.appointments, e)))
        case _:
            return row


def _ended(appointments: Iterable[Appointment], event: AppointmentEnded) -> Iterable[Appointment]:
    for each in appointments:
        ends = each.until is None and (each.role, each.unit) == (event.role, event.unit)
        yield replace(each, until=event.until) if ends else each


UNIT = View(
    name="unit",
    version=2,
    row=UnitRow,
    topics={Topic.REFERENCE: frozenset({"unit"})},
    evolve=evolve_unit,
    indexes=(("code",), ("parent",)),
)
"""Key `unit-<code>`."""

PERSON = View(
    name="person",
    version=2,
    row=PersonRow,
    topics={Topic.REFERENCE: frozenset({"person"})},
    evolve=evolve_person,
)
"""Key `person-<id>`."""

VIEWS: tuple[View[Any], ...] = (UNIT, PERSON)
"""Every service lists these among its own."""
