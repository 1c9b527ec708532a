"""A desk for a service's commands: given(facts).when(command).then(facts), or .then_refused(by which rule)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest

from shared.command import Aggregate, Case, Command, Handler
from shared.contracts.event import Event, EventData
from shared.contracts.values import StreamId
from shared.errors import GuatuError


@dataclass(frozen=True)
class Told:
    """A fact with who did it, for whom, and on which day; the desk's own person and today unless they are said."""

    data: EventData
    actor: str | None = None
    for_whom: str | None = None
    on: date | None = None


def by(actor: str, data: EventData, *, for_whom: str | None = None, on: date | None = None) -> Told:
    """Let somebody else do it, or on another day."""
    return Told(data, actor, for_whom, on)


@dataclass(frozen=True)
class Desk:
    """Decides the commands of one service.

    `today` is the day on which a test's commands are given, `actor` who gives them and tells the facts, `id` the
    stream's id, all unless a test says otherwise.
    """

    handlers: Sequence[Handler[Any, Any]]
    today: date
    actor: str = "p-1"
    id: str = "1"

    def given(self, *facts: Told | EventData) -> "Given":
        """What has happened to the stream, in order."""
        return Given(self, facts)

    def handler_of(self, command: type[Command]) -> Handler[Any, Any]:
        """The slice of a command."""
        return next(handler for handler in self.handlers if handler.command is command)

    def folded(self, aggregate: Aggregate[Any], *facts: Told | EventData) -> Any:
        """The state after these facts."""
        return aggregate.of(self._event(aggregate.category, fact, version) for version, fact in enumerate(facts, 1))

    def _event(self, category: str, fact: Told | EventData, version: int) -> Event[Any]:
        """A fact as it is read from the store."""
        told = fact if isinstance(fact, Told) else Told(fact)
        on = told.on or self.today
        return Event(
            id=UUID(int=version),
            source="/guatu/test",
            type=told.data.type,
            subject=StreamId(f"{category}-{self.id}"),
            time=datetime(on.year, on.month, on.day, 1, tzinfo=UTC),
            stream_version=version,
            topic_version=version,
            actor=told.actor or self.actor,
            on_behalf_of=told.for_whom,
            org="340822",
            effective=on,
            correlation_id=str(UUID(int=version)),
            causation_id=str(UUID(int=version)),
            traceparent=None,
            data=told.data,
        )


@dataclass(frozen=True)
class Given:
    """What has happened to the stream."""

    desk: Desk
    facts: tuple[Told | EventData, ...]

    def when(
        self,
        command: Command,
        *,
        by: str | None = None,
        id: str | None = None,
        knowing: Any = None,
        number: str = "",
        today: date | None = None,
    ) -> "Decision":
        """Ask for something; `knowing` is what was gathered for it."""
        desk = self.desk
        handler = desk.handler_of(type(command))
        state = desk.folded(handler.aggregate, *self.facts)
        case = Case(by or desk.actor, desk.id if id is None else id, today or desk.today, number, knowing)
        try:
            return Decision(tuple(handler.decide(state, command, case)), None)
        except GuatuError as refused:
            return Decision((), refused)


@dataclass(frozen=True)
class Decision:
    """What came of it."""

    data: tuple[EventData, ...]
    refused: GuatuError | None

    def then(self, *expected: EventData) -> None:
        """These events and no others."""
        if self.refused:
            pytest.fail(f"refused: {self.refused}")
        assert self.data == expected

    def then_refused(self, code: str, field: str | None = None, /, **detail: object) -> None:
        """Refused by this rule, and at this place if one is named; `detail` are values that the text names."""
        assert self.refused is not None, f"not refused: {self.data}"
        assert self.refused.code == code
        assert field is None or self.refused.field == field
        assert detail.items() <= self.refused.detail.items()
