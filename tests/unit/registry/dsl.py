"""given(what has happened).when(what is asked).then(what happens) or .then_refused(by which rule)."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, settings

from services.registry.handlers import handlers
from shared.command import Aggregate, Case, Command, Handler
from shared.contracts.event import Event, EventData
from shared.contracts.values import StreamId
from shared.errors import GuatuError

REPORT_DAY = 8
"""The day on which reports are due by these tests' setting."""
HANDLERS = handlers(REPORT_DAY)
OWNER = "secretary-1"
"""The secretary of the project's owner, and who does what is done for the owner unless a test says otherwise."""
REVIEWER = "reviewer-1"
INSPECTOR = "inspector-1"
TODAY = date(2023, 5, 10)
AT_LEISURE = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
"""For property tests: how fast they run is no matter of theirs."""
ID = "0190a1b2-0000-7000-8000-000000000001"


@dataclass(frozen=True)
class Told:
    """A fact with who did it, for whom, and on which day."""

    data: EventData
    actor: str
    for_whom: str | None = None
    on: date = TODAY


def by(actor: str, data: EventData, *, for_whom: str | None = None, on: date = TODAY) -> Told:
    """Let somebody else do it, or on another day."""
    return Told(data, actor, for_whom, on)


def event(fact: Told | EventData, version: int = 1, actor: str = OWNER) -> Event[Any]:
    """A fact as it is read from the store."""
    told = fact if isinstance(fact, Told) else Told(fact, actor)
    return Event(
        id=UUID(int=version),
        source="/guatu/registry",
        type=told.data.type,
        subject=StreamId(f"project-{ID}"),
        time=datetime(told.on.year, told.on.month, told.on.day, 1, tzinfo=UTC),
        stream_version=version,
        topic_version=version,
        actor=told.actor,
        on_behalf_of=told.for_whom,
        org="340822",
        effective=told.on,
        correlation_id=str(UUID(int=version)),
        causation_id=str(UUID(int=version)),
        traceparent=None,
        data=told.data,
    )


def folded(aggregate: Aggregate[Any], *facts: Told | EventData) -> Any:
    """The state after these facts."""
    return aggregate.of(event(fact, version) for version, fact in enumerate(facts, 1))


def handler_of(command: type[Command]) -> Handler[Any, Any]:
    """The slice of a command."""
    return next(handler for handler in HANDLERS if handler.command is command)


@dataclass(frozen=True)
class Given:
    """What has happened to the stream."""

    facts: tuple[Told | EventData, ...]

    def when(
        self,
        command: Command,
        *,
        by: str = OWNER,
        today: date = TODAY,
        id: str = ID,
        number: str = "",
        knowing: Any = None,
    ) -> "Outcome":
        """Ask for something; `knowing` is what was gathered for it."""
        handler = handler_of(type(command))
        state = folded(handler.aggregate, *self.facts)
        try:
            return Outcome(tuple(handler.decide(state, command, Case(by, id, today, number, knowing))), None)
        except GuatuError as refused:
            return Outcome((), refused)


@dataclass(frozen=True)
class Outcome:
    """What came of it."""

    data: tuple[EventData, ...]
    refused: GuatuError | None

    def then(self, *expected: EventData) -> None:
        """These events and no others."""
        if self.refused:
            pytest.fail(f"refused: {self.refused}")
        assert self.data == expected

    def then_refused(self, code: str, **detail: object) -> None:
        """Refused by this rule; `detail` are values that the text names."""
        assert self.refused is not None, f"not refused: {self.data}"
        assert self.refused.code == code
        assert detail.items() <= self.refused.detail.items()


def given(*facts: Told | EventData) -> Given:
    """What has happened to the stream, in order."""
    return Given(facts)
