"""The view `history`: one row a project with all that happened to it."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from shared.contracts.event import Event
from shared.contracts.topics import Topic
from shared.view import View


@dataclass(frozen=True, slots=True)
class Entry:
    """An event: `version` is its place in the stream, `data` what happened, as JSON has it."""

    version: int
    time: datetime
    effective: date
    type: str
    actor: str
    on_behalf_of: str | None
    data: dict[str, Any]


@dataclass(frozen=True, slots=True)
class History:
    """The events of a project, those of each topic in their order; streams are short by design."""

    life: tuple[Entry, ...] = ()
    carrying_out: tuple[Entry, ...] = ()

    @property
    def entries(self) -> list[Entry]:
        """All of them, the newest first."""
        return sorted([*self.life, *self.carrying_out], key=lambda entry: -entry.version)


def evolve(history: History, event: Event[Any]) -> History:
    """Add an event, whatever its type."""
    entry = Entry(
        event.stream_version,
        event.time,
        event.effective,
        event.type,
        event.actor,
        event.on_behalf_of,
        event.data.model_dump(mode="json"),
    )
    if event.data.topic is Topic.PROJECT:
        return replace(history, life=(*history.life, entry))
    return replace(history, carrying_out=(*history.carrying_out, entry))


HISTORY = View(
    name="history",
    version=1,
    row=History,
    topics={Topic.PROJECT: frozenset({"project"}), Topic.PROGRESS: frozenset({"project"})},
    evolve=evolve,
)
