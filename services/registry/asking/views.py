"""The views of what counties asked their units for, and of what was answered."""

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from shared.contracts.event import Event
from shared.contracts.reference import DataAnswered, DataRequested, DataRequestWithdrawn, ItemAnswer
from shared.contracts.topics import Topic
from shared.view import View


@dataclass(frozen=True)
class Asked:
    """A request, the day on which it was made, and why it was withdrawn if it was."""

    request: DataRequested
    on: date
    withdrawn: str = ""


@dataclass(frozen=True)
class DataRequestsRow:
    """All requests of a county's year, in the order in which they were made."""

    county: str = ""
    asked: tuple[Asked, ...] = ()


def evolve_requests(row: DataRequestsRow, event: Event[Any]) -> DataRequestsRow:
    """Fold one event."""
    match event.data:
        case DataRequested() as e:
            return DataRequestsRow(e.county, (*row.asked, Asked(e, event.effective)))
        case DataRequestWithdrawn() as e:
            asked = (replace(a, withdrawn=e.reason) if a.request.request == e.request else a for a in row.asked)
            return replace(row, asked=tuple(asked))
        case _:
            return row


DATA_REQUESTS = View(
    name="data_requests",
    version=1,
    row=DataRequestsRow,
    topics={Topic.REFERENCE: frozenset({"requests"})},
    evolve=evolve_requests,
    indexes=(("county",),),
)
"""Key `requests-<county>-<year>`."""


@dataclass(frozen=True)
class DataAnswerRow:
    """What a unit said last to a request (`<county>-<year>-<request>`), when, and who said it."""

    request: str = ""
    unit: str = ""
    on: date | None = None
    by: str = ""
    answers: tuple[ItemAnswer, ...] = ()


def evolve_answers(row: DataAnswerRow, event: Event[Any]) -> DataAnswerRow:
    """Fold one event."""
    match event.data:
        case DataAnswered() as e:
            request = event.subject.removeprefix("answers-").removesuffix(f"-{e.unit}")
            return DataAnswerRow(request, e.unit, event.effective, event.actor, e.answers)
        case _:
            return row


DATA_ANSWERS = View(
    name="data_answers",
    version=2,
    row=DataAnswerRow,
    topics={Topic.REFERENCE: frozenset({"answers"})},
    evolve=evolve_answers,
    indexes=(("request", "unit"),),
)
"""Key `answers-<county>-<year>-<request>-<unit>`."""
