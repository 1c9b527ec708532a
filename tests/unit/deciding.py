"""A desk for a service's commands: given(facts).when(command).then(facts), or .then_refused(by which rule)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest

from shared.command import Case, Command, Handler
from shared.contracts.event import EventData
from shared.errors import GuatuError
from tests.projecting import History


@dataclass(frozen=True)
class Desk:
    """Decides the commands of one service; `today` is the day on which a test's commands are given."""

    handlers: Sequence[Handler[Any, Any]]
    today: date

    def given(self, *facts: EventData) -> "Given":
        """What has happened to the stream, in order."""
        return Given(self, facts)

    def handler_of(self, command: type[Command]) -> Handler[Any, Any]:
        """The slice of a command."""
        return next(handler for handler in self.handlers if handler.command is command)


@dataclass(frozen=True)
class Given:
    """What has happened to the stream."""

    desk: Desk
    facts: tuple[EventData, ...]

    def when(
        self,
        command: Command,
        *,
        by: str = "p-1",
        id: str = "1",
        knowing: Any = None,
        number: str = "",
        today: date | None = None,
    ) -> "Decision":
        """Ask for something; `knowing` is what was gathered for it."""
        handler = self.desk.handler_of(type(command))
        state = handler.aggregate.of(History().tell("stream-1", *self.facts))
        case = Case(by, id, today or self.desk.today, number, knowing)
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

    def then_refused(self, code: str, field: str | None = None) -> None:
        """Refused by this rule at this place."""
        assert self.refused is not None, f"not refused: {self.data}"
        assert (self.refused.code, self.refused.field) == (code, field)
