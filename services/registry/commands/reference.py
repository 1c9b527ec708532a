"""Commands about units, persons and their appointments, and the calendar; and the scenario's days."""

from shared.command import Command
from shared.contracts.divisions import UnitKind
from shared.contracts.reference import Role
from shared.contracts.values import Day, OptionalLine, PersonId, ShortText, UnitCode


class RegisterUnit(Command, route="/units/{id}/register"):
    """Register an org unit under its code; its parent comes before it. Without `since` it was there always."""

    name: ShortText
    kind: UnitKind
    parent: UnitCode | None = None
    since: Day | None = None


class RegisterPerson(Command, route="/persons/{id}/register"):
    """Register a person who may sign in; the id is the token's `sub`."""

    name: ShortText


class RenamePerson(Command, route="/persons/{id}/rename"):
    """Give a person the right name."""

    name: ShortText


class Appoint(Command, route="/persons/{id}/appoint"):
    """Appoint a person to a role at a unit, from a day on (任职)."""

    role: Role
    unit: UnitCode
    since: Day
    title: OptionalLine = ""


class EndAppointment(Command, route="/persons/{id}/end-appointment"):
    """End an appointment; `until` is its last day."""

    role: Role
    unit: UnitCode
    until: Day
    reason: ShortText


class HandOver(Command, route="/persons/{id}/hand-over"):
    """Hand a person's role at a unit over to another, who has it from the day `since` on."""

    role: Role
    unit: UnitCode
    to: PersonId
    since: Day
    reason: ShortText
    title: OptionalLine = ""


class BeginDay(Command, route="/days/begin"):
    """Begin a day of a scenario, and before it each one since the last."""

    day: Day


class PublishCalendar(Command, route="/calendars/{id}/publish"):
    """Publish a year's weekdays off and weekend days worked; published again, it replaces what was said before."""

    holidays: tuple[Day, ...]
    workdays: tuple[Day, ...]
