"""A leader's visit on site (书记现场办公): suggestions that it collects, difficulties that are raised there."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from services.registry.around.difficulty import Difficulty, folded
from services.registry.around.place import Place, check_place
from services.registry.commands.visits import CollectSuggestion, HoldVisit, RaiseDifficulty
from services.registry.reference.person import Person
from shared.command import Aggregate
from shared.contracts.event import Event
from shared.contracts.reference import LEADERS
from shared.contracts.values import PROJECT_ID
from shared.contracts.visits import DifficultyRaised, SuggestionCollected, VisitEvent, VisitHeld
from shared.errors import require


@dataclass(frozen=True)
class Visit:
    """A visit, or the want of one: `held` is None before it is recorded."""

    held: VisitHeld | None = None
    suggestions: Mapping[str, str] = field(default_factory=dict[str, str])
    difficulties: Mapping[str, Difficulty] = field(default_factory=dict[str, Difficulty])

    @property
    def county(self) -> str:
        """The county that it was in; empty before it is recorded."""
        return self.held.county if self.held else ""


def evolve(visit: Visit, event: Event[VisitEvent]) -> Visit:
    """Fold one event."""
    match event.data:
        case VisitHeld() as e:
            return replace(visit, held=e)
        case SuggestionCollected() as e:
            return replace(visit, suggestions={**visit.suggestions, e.suggestion: e.text})
        case e:
            return replace(visit, difficulties=folded(visit.difficulties, e, event.effective))


VISIT = Aggregate("visit", Visit(), evolve, ids=PROJECT_ID)


@dataclass(frozen=True)
class VisitFacts:
    """Where the visit was, `seats` being the unit and those above it; and who the leader is."""

    place: Place
    seats: Collection[str]
    leader: Person


def hold_visit(cmd: HoldVisit, facts: VisitFacts, today: date) -> list[VisitHeld]:
    """Record a visit of somebody who on that day leads the unit, or one above it, in the county."""
    require(cmd.on <= today, "in_the_future", field="on")
    check_place(facts.place, county=cmd.county, unit=cmd.unit, day=cmd.on, project=cmd.project)
    leads = any(
        post.role in LEADERS and post.unit in facts.seats and post.held_on(cmd.on) for post in facts.leader.posts
    )
    require(leads, "not_a_leader_there", field="leader", unit=cmd.unit)
    return [
        VisitHeld(
            leader=cmd.leader,
            stage=cmd.stage,
            unit=cmd.unit,
            county=cmd.county,
            project=cmd.project,
            on=cmd.on,
            note=cmd.note,
        )
    ]


def collect_suggestion(visit: Visit, cmd: CollectSuggestion, day: date) -> list[SuggestionCollected]:
    """Record a suggestion of the visit, once."""
    _check_since(visit, day)
    require(cmd.suggestion not in visit.suggestions, "suggestion_exists", field="suggestion", suggestion=cmd.suggestion)
    return [SuggestionCollected(suggestion=cmd.suggestion, text=cmd.text)]


def raise_difficulty(visit: Visit, cmd: RaiseDifficulty, day: date) -> list[DifficultyRaised]:
    """Record a difficulty of the visit, once."""
    _check_since(visit, day)
    known = cmd.difficulty in visit.difficulties
    require(not known, "difficulty_exists", field="difficulty", difficulty=cmd.difficulty)
    return [DifficultyRaised(difficulty=cmd.difficulty, text=cmd.text)]


def _check_since(visit: Visit, day: date) -> None:
    assert visit.held is not None, "a visit begins with being held"
    require(day >= visit.held.on, "before_the_visit", field="effective", on=str(visit.held.on))
