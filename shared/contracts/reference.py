"""Reference facts: units, persons and appointments, the calendar; written by the registry.

Document numbers are written by the service that issues them.
"""

from enum import StrEnum

from pydantic import Field

from shared.contracts.divisions import UnitKind
from shared.contracts.event import EventData, Part
from shared.contracts.topics import Topic
from shared.contracts.values import Day, Digest, OptionalLine, OptionalText, ShortText, Slug, Text, UnitCode, Year


class Role(StrEnum):
    """What a person may do at a unit; the rights of each role stand with the commands and queries."""

    BRANCH_SECRETARY = "branch_secretary"
    TOWNSHIP_SECRETARY = "township_secretary"
    OFFICE = "office"
    REVIEWER = "reviewer"
    INSPECTOR = "inspector"
    ASSESSOR = "assessor"
    SCHEME_ADMIN = "scheme_admin"
    SUPERVISOR = "supervisor"
    LEADER = "leader"
    AUDITOR = "auditor"
    PLATFORM_ADMIN = "platform_admin"


SECRETARIES = frozenset({Role.BRANCH_SECRETARY, Role.TOWNSHIP_SECRETARY})
"""The roles that an office may act for."""
LEADERS = SECRETARIES | {Role.LEADER}
"""The roles of those who lead a unit, and work on site."""


class ReferenceData(EventData, topic=Topic.REFERENCE):
    """The base of this module's events."""


class UnitRegistered(ReferenceData, name="reference.unit-registered.v1"):
    """An org unit exists (stream `unit-<code>`), from the day `since` or, without one, always.

    `parent` is None for a province alone.
    """

    code: UnitCode
    name: ShortText
    kind: UnitKind
    parent: UnitCode | None
    since: Day | None = None


class UnitRenamed(ReferenceData, name="reference.unit-renamed.v1"):
    """The unit has another name from the day `since` on."""

    name: ShortText
    since: Day


class UnitMoved(ReferenceData, name="reference.unit-moved.v1"):
    """The unit lies below another parent from the day `since` on; its code and kind stay."""

    parent: UnitCode
    since: Day


class UnitMerged(ReferenceData, name="reference.unit-merged.v1"):
    """The unit was merged into another (撤并) and has ended: from the day `since` on it lies below that, its heir."""

    into: UnitCode
    since: Day


class UnitSplit(ReferenceData, name="reference.unit-split.v1"):
    """The unit was split into others and has ended: from the day `since` on it lies below `heir`, one of them."""

    into: tuple[UnitCode, ...]
    heir: UnitCode
    since: Day


class UnitClosed(ReferenceData, name="reference.unit-closed.v1"):
    """The unit has ended: from the day `since` on it lies below `heir`, which does what is left to be done."""

    heir: UnitCode
    since: Day
    reason: ShortText


class PersonRegistered(ReferenceData, name="reference.person-registered.v1"):
    """A person who may sign in (stream `person-<id>`, the id is the token's `sub`)."""

    name: ShortText


class PersonRenamed(ReferenceData, name="reference.person-renamed.v1"):
    """The person is called otherwise: the name was told wrongly, or has changed."""

    name: ShortText


class Appointed(ReferenceData, name="reference.appointed.v1"):
    """The person holds a role at a unit from the day `since` (任职)."""

    role: Role
    unit: UnitCode
    since: Day
    title: OptionalText = ""


class AppointmentEnded(ReferenceData, name="reference.appointment-ended.v1"):
    """The person holds the role at the unit no longer; `until` is the last day."""

    role: Role
    unit: UnitCode
    until: Day
    reason: ShortText


class CalendarPublished(ReferenceData, name="reference.calendar-published.v1"):
    """The working days of a year (stream `calendar-<year>`): weekdays off, and weekend days worked."""

    year: Year
    holidays: tuple[Day, ...]
    workdays: tuple[Day, ...]


class NumberIssued(ReferenceData, name="reference.number-issued.v1"):
    """The next number of a county, year and kind (stream `number-<county>-<year>-<kind>`), without gaps."""

    number: int
    document: ShortText
    subject: ShortText


class DataItem(Part):
    """One thing that is asked for, in words, as of a day; `unit_of_measure` is empty for what is no amount."""

    id: Slug
    name: ShortText
    as_of: Day
    unit_of_measure: OptionalLine = ""


class DataRequested(ReferenceData, name="reference.data-requested.v1"):
    """A county asks units for what is not held, and says what for (stream `requests-<county>-<year>`).

    `request` names it within the stream.
    """

    request: Slug
    county: UnitCode
    title: ShortText
    purpose: Text
    items: tuple[DataItem, ...] = Field(min_length=1)
    units: tuple[UnitCode, ...] = Field(min_length=1)
    due: Day


class DataRequestWithdrawn(ReferenceData, name="reference.data-request-withdrawn.v1"):
    """A request is asked no more; what was answered stays."""

    request: Slug
    reason: Text


class ItemAnswer(Part):
    """What a unit says to one item; None says that it does not have it (不适用)."""

    item: Slug
    value: ShortText | None


class DataAnswered(ReferenceData, name="reference.data-answered.v1"):
    """A unit has answered a request (stream `answers-<county>-<year>-<request>-<unit>`), perhaps anew."""

    unit: UnitCode
    answers: tuple[ItemAnswer, ...] = Field(min_length=1)


class PersonalField(StrEnum):
    """What is kept of a person apart from the facts."""

    PHONE = "phone"
    EMAIL = "email"
    ID_NUMBER = "id_number"


class PersonalDataKept(ReferenceData, name="reference.personal-data-kept.v1"):
    """A value of a person is kept apart; `digest` is the SHA-256 of a salt, kept with it, and the value."""

    field: PersonalField
    digest: Digest


class PersonalDataErased(ReferenceData, name="reference.personal-data-erased.v1"):
    """The value and its salt were erased; the digest that was told before says nothing any more."""

    field: PersonalField
    reason: ShortText


class AccessKind(StrEnum):
    """What was read: personal data, a file that tells of persons, or a list that was taken out."""

    PERSONAL_DATA = "personal_data"
    FILE = "file"
    EXPORT = "export"


class DataRead(ReferenceData, name="reference.data-read.v1"):
    """Somebody, its actor, read what is sensitive (stream `access-<uuid7>`).

    `what` is the person, the file's digest or the list; `unit` the one that it belongs to; `rows` how many were taken.
    """

    kind: AccessKind
    what: ShortText
    unit: UnitCode
    purpose: ShortText
    rows: int = 1
