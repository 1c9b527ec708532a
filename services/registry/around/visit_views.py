"""The registry's view of visits, each with its suggestions and difficulties; and the line of a difficulty."""

from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from shared.contracts.event import Event
from shared.contracts.topics import Topic
from shared.contracts.visits import (
    DifficultyEvent,
    DifficultyRaised,
    DifficultySolved,
    DifficultyTakenOn,
    SuggestionCollected,
    VisitHeld,
    VisitStage,
)
from shared.view import View


@dataclass(frozen=True)
class DifficultyLine:
    """A difficulty: what, since when, who sees to it up to which day, and how it was solved, empty until then."""

    text: str
    raised_on: date
    taken_by: str = ""
    person: str | None = None
    unit: str | None = None
    until: date | None = None
    solved_on: date | None = None
    how: str = ""


@dataclass(frozen=True)
class SuggestionLine:
    """A suggestion, and the day on which it was collected."""

    text: str
    on: date


@dataclass(frozen=True)
class VisitRow:
    """A visit; `stage` is None before it is recorded."""

    leader: str = ""
    stage: VisitStage | None = None
    unit: str = ""
    county: str = ""
    project: str | None = None
    held_on: date | None = None
    note: str = ""
    suggestions: dict[str, SuggestionLine] = field(default_factory=dict[str, SuggestionLine])
    difficulties: dict[str, DifficultyLine] = field(default_factory=dict[str, DifficultyLine])
    open_difficulties: int = 0


def with_difficulty(lines: dict[str, DifficultyLine], e: DifficultyEvent, on: date) -> dict[str, DifficultyLine]:
    """The difficulties after one event that holds for a day."""
    match e:
        case DifficultyRaised():
            line = DifficultyLine(e.text, on)
        case DifficultyTakenOn():
            line = replace(lines[e.difficulty], taken_by=e.by, person=e.person, unit=e.unit, until=e.until)
        case DifficultySolved():
            line = replace(lines[e.difficulty], solved_on=on, how=e.how)
    return {**lines, e.difficulty: line}


def still_open(lines: dict[str, DifficultyLine]) -> int:
    """How many difficulties are not solved."""
    return sum(line.solved_on is None for line in lines.values())


def evolve(row: VisitRow, event: Event[Any]) -> VisitRow:
    """Fold one event."""
    match event.data:
        case VisitHeld() as e:
            return replace(
                row,
                leader=e.leader,
                stage=e.stage,
                unit=e.unit,
                county=e.county,
                project=e.project,
                held_on=e.on,
                note=e.note,
            )
        case SuggestionCollected() as e:
            line = SuggestionLine(e.text, event.effective)
            return replace(row, suggestions={**row.suggestions, e.suggestion: line})
        case DifficultyRaised() | DifficultyTakenOn() | DifficultySolved() as e:
            lines = with_difficulty(row.difficulties, e, event.effective)
            return replace(row, difficulties=lines, open_difficulties=still_open(lines))
        case _:
            return row


VISITS = View(
    name="visit",
    version=1,
    row=VisitRow,
    topics={Topic.PROGRESS: frozenset({"visit"})},
    evolve=evolve,
    indexes=(("county", "key"), ("unit", "key")),
)
