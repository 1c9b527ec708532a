"""The view of who read what is sensitive, by reader and month."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from shared.contracts.event import Event
from shared.contracts.months import month_of
from shared.contracts.reference import AccessKind, DataRead
from shared.contracts.topics import Topic
from shared.view import View


@dataclass(frozen=True)
class Reading:
    """One reading: what, of which unit, what for, and how many rows were taken."""

    at: datetime
    kind: AccessKind
    what: str
    unit: str
    purpose: str
    rows: int


@dataclass(frozen=True)
class AccessRow:
    """What somebody read in a month."""

    reader: str = ""
    month: str = ""
    readings: tuple[Reading, ...] = ()


def evolve(row: AccessRow, event: Event[Any]) -> AccessRow:
    """Fold one event."""
    match event.data:
        case DataRead() as e:
            reading = Reading(event.time, e.kind, e.what, e.unit, e.purpose, e.rows)
            return AccessRow(event.actor, month_of(event.effective), (*row.readings, reading))
        case _:
            return row


ACCESS = View(
    name="access",
    version=1,
    row=AccessRow,
    topics={Topic.REFERENCE: frozenset({"access"})},
    evolve=evolve,
    indexes=(("month",),),
)
"""Key `access-<reader>-<month>`."""
