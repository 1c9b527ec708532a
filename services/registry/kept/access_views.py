"""The view of who read what is sensitive: a row a reading."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from shared.contracts.event import Event
from shared.contracts.months import month_of
from shared.contracts.reference import AccessKind, DataRead
from shared.contracts.topics import Topic
from shared.view import View


@dataclass(frozen=True)
class AccessRow:
    """One reading: by whom and when, what, of which unit, what for, and how many rows were taken.

    `at` and `kind` are None before it is read.
    """

    reader: str = ""
    month: str = ""
    at: datetime | None = None
    kind: AccessKind | None = None
    what: str = ""
    unit: str = ""
    purpose: str = ""
    rows: int = 0


def evolve(row: AccessRow, event: Event[Any]) -> AccessRow:
    """Fold one event."""
    match event.data:
        case DataRead() as e:
            month = month_of(event.effective)
            return AccessRow(event.actor, month, event.time, e.kind, e.what, e.unit, e.purpose, e.rows)
        case _:
            return row


ACCESS = View(
    name="access",
    version=2,
    row=AccessRow,
    topics={Topic.REFERENCE: frozenset({"access"})},
    evolve=evolve,
    indexes=(("month", "at"),),
)
"""Key `access-<uuid7>`."""
