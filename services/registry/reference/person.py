"""A person and the posts that he or she holds."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import assert_never

from pydantic import TypeAdapter

from services.registry.checks import check_id, found
from services.registry.commands.reference import Appoint, EndAppointment, HandOver, RegisterPerson, RenamePerson
from services.registry.reference.unit import Unit
from shared.command import Aggregate
from shared.contracts.divisions import Rank, rank_of
from shared.contracts.event import Event
from shared.contracts.reference import (
    SECRETARIES,
    Appointed,
    AppointmentEnded,
    PersonalDataErased,
    PersonalDataKept,
    PersonalField,
    PersonRegistered,
    PersonRenamed,
    Role,
)
from shared.contracts.values import PERSON_ID, PersonId
from shared.errors import require

PLACES: Mapping[Role, frozenset[Rank]] = {
    Role.BRANCH_SECRETARY: frozenset({Rank.BRANCH}),
    Role.TOWNSHIP_SECRETARY: frozenset({Rank.TOWNSHIP}),
    Role.OFFICE: frozenset({Rank.TOWNSHIP, Rank.COUNTY}),
    Role.REVIEWER: frozenset({Rank.COUNTY}),
    Role.INSPECTOR: frozenset({Rank.COUNTY, Rank.CITY}),
    Role.ASSESSOR: frozenset({Rank.TOWNSHIP, Rank.COUNTY}),
    Role.SCHEME_ADMIN: frozenset({Rank.COUNTY, Rank.CITY}),
    Role.SUPERVISOR: frozenset({Rank.COUNTY, Rank.CITY}),
    Role.LEADER: frozenset(Rank),
    Role.AUDITOR: frozenset(Rank),
    Role.PLATFORM_ADMIN: frozenset({Rank.CITY, Rank.PROVINCE}),
}
"""The ranks of the units that each role may be held at."""

_PERSON_ID = TypeAdapter[str](PersonId)


@dataclass(frozen=True)
class Post:
    """An appointment: from the day `since` to the day `until`, or without end."""

    role: Role
    unit: str
    since: date
    until: date | None = None

    def held_on(self, day: date) -> bool:
        """Whether it is held on a day."""
        return self.since <= day and (self.until is None or day <= self.until)


@dataclass(frozen=True)
class Person:
    """A person as registered, with all posts ever held, and what is kept of him or her apart from the facts."""

    name: str = ""
    posts: tuple[Post, ...] = ()
    kept: frozenset[PersonalField] = frozenset()

    @property
    def seats(self) -> tuple[str, ...]:
        """The units of the posts without an end, else that of the last post; the latest first, none without a post."""
        latest = sorted(self.posts, key=lambda post: (post.until or date.max, post.since), reverse=True)
        return tuple(dict.fromkeys(post.unit for n, post in enumerate(latest) if n == 0 or post.until is None))

    def is_secretary(self, unit: str, day: date) -> bool:
        """Whether the person is the secretary of a unit on a day."""
        return any(post.unit == unit and post.role in SECRETARIES and post.held_on(day) for post in self.posts)

    def holds_post(self, unit: str, day: date) -> bool:
        """Whether the person holds any post at a unit on a day."""
        return any(post.unit == unit and post.held_on(day) for post in self.posts)

    def holds(self, role: Role, unit: str, day: date) -> bool:
        """Whether the person holds a role at a unit on a day."""
        return any((post.role, post.unit) == (role, unit) and post.held_on(day) for post in self.posts)

    def open_post(self, role: Role, unit: str) -> Post | None:
        """The post of this role and unit that has no end yet."""
        return next((p for p in self.posts if (p.role, p.unit, p.until) == (role, unit, None)), None)


PersonEvent = PersonRegistered | PersonRenamed | Appointed | AppointmentEnded | PersonalDataKept | PersonalDataErased


def evolve(person: Person, event: Event[PersonEvent]) -> Person:
    """Fold one event."""
    match event.data:
        case PersonRegistered() | PersonRenamed() as e:
            return replace(person, name=e.name)
        case Appointed() as e:
            return replace(person, posts=(*person.posts, Post(e.role, e.unit, e.since)))
        case AppointmentEnded() as e:
            ending = person.open_post(e.role, e.unit)
            ended = (replace(post, until=e.until) if post is ending else post for post in person.posts)
            return replace(person, posts=tuple(ended))
        case PersonalDataKept() as e:
            return replace(person, kept=person.kept | {e.field})
        case PersonalDataErased() as e:
            return replace(person, kept=person.kept - {e.field})
        case _:
            assert_never(event.data)


PERSON = Aggregate("person", Person(), evolve, ids=PERSON_ID)


def register_person(person: Person, cmd: RegisterPerson, id: str) -> list[PersonRegistered]:
    """Register a person under the id that his or her token will name."""
    check_id(id, _PERSON_ID, "not_a_person_id")
    require(not person.name, "person_exists", field="id", person=id)
    return [PersonRegistered(name=cmd.name)]


def rename_person(person: Person, cmd: RenamePerson) -> list[PersonRenamed]:
    """Give a person the right name; the one that he or she has is no event."""
    return [] if cmd.name == person.name else [PersonRenamed(name=cmd.name)]


def appoint(person: Person, cmd: Appoint, unit: Unit) -> list[Appointed]:
    """Appoint a person at a unit whose rank fits the role; the same post is not held twice at a time."""
    place = found(unit.registered, "no_such_unit", "unit", unit=cmd.unit)
    require(unit.ended is None, "unit_has_ended", field="unit", unit=cmd.unit, day=str(unit.ended))
    require(rank_of(place.code) in PLACES[cmd.role], "role_unfit", field="role", role=cmd.role.value)
    same = (post for post in person.posts if (post.role, post.unit) == (cmd.role, cmd.unit))
    require(all(post.until is not None and post.until < cmd.since for post in same), "already_appointed", field="since")
    return [Appointed(role=cmd.role, unit=cmd.unit, since=cmd.since, title=cmd.title)]


def end_appointment(person: Person, cmd: EndAppointment) -> list[AppointmentEnded]:
    """End the appointment that the person has at the unit."""
    post = found(person.open_post(cmd.role, cmd.unit), "not_appointed", "role")
    require(post.since <= cmd.until, "ends_before_it_began", field="until", since=str(post.since))
    return [AppointmentEnded(role=cmd.role, unit=cmd.unit, until=cmd.until, reason=cmd.reason)]


def hand_over(person: Person, cmd: HandOver, id: str) -> list[AppointmentEnded]:
    """End the appointment on the day before the other person takes the role over."""
    require(cmd.to != id, "hands_over_to_oneself", field="to")
    last = cmd.since - timedelta(days=1)
    return end_appointment(person, EndAppointment(role=cmd.role, unit=cmd.unit, until=last, reason=cmd.reason))


def take_over(person: Person, cmd: HandOver, unit: Unit) -> list[Appointed]:
    """Appoint the person to whom a role is handed over."""
    require(bool(person.name), "no_such_person", field="to", id=cmd.to)
    return appoint(person, Appoint(role=cmd.role, unit=cmd.unit, since=cmd.since, title=cmd.title), unit)
