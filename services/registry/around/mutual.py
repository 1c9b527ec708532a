"""Mutual checks (互比互查) of a county and quarter: drawn by lot once, held by each township; problems found there."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import assert_never

from services.registry.checks import found
from services.registry.commands.rhythm import DrawMutualChecks, FindProblemMutually, HoldMutualCheck
from services.registry.project.state import Project, check_independent
from services.registry.reference.unit import check_standing
from shared.command import Aggregate
from shared.contracts.event import Event
from shared.contracts.mutual_checks import MutualCheckHeld, MutualChecksDrawn, MutualEvent, drawn
from shared.contracts.progress import ProblemFound, mutual_campaign
from shared.errors import require

FEWEST = 2
"""Of fewer townships none can check another."""


@dataclass(frozen=True)
class Mutual:
    """The lot, and which township held its check on which day."""

    drawn: MutualChecksDrawn | None = None
    held: Mapping[str, date] = field(default_factory=dict[str, date])

    def checked_by(self, checking: str) -> str | None:
        """Whom a township has drawn; None if it was not in the lot."""
        pairs = self.drawn.pairs if self.drawn else ()
        return next((pair.checked for pair in pairs if pair.checking == checking), None)


@dataclass(frozen=True)
class Lot:
    """What a draw is made of: the county's townships of today, and a seed that nobody knew before.

    `ended` is the day on which the county did.
    """

    townships: Collection[str]
    seed: str
    ended: date | None = None


@dataclass(frozen=True)
class MutualFacts:
    """The mutual checks of the quarter that the project may lie in the lot of, and the township that it lies in.

    `seat` is the checking township, or the heir of one that has ended.
    """

    mutual: Mutual
    township: str | None
    seat: str


def evolve(mutual: Mutual, event: Event[MutualEvent]) -> Mutual:
    """Fold one event."""
    match event.data:
        case MutualChecksDrawn() as e:
            return replace(mutual, drawn=e)
        case MutualCheckHeld() as e:
            return replace(mutual, held={**mutual.held, e.checking: e.on})
        case _:
            assert_never(event.data)


MUTUAL = Aggregate("mutual", Mutual(), evolve)


def mutual_id(county: str, quarter: str) -> str:
    """The id of the mutual checks of a county and quarter."""
    return f"{county}-{quarter}"


def draw_mutual_checks(mutual: Mutual, cmd: DrawMutualChecks, lot: Lot, today: date) -> list[MutualChecksDrawn]:
    """Draw once, from the first day of the quarter on."""
    require(mutual.drawn is None, "mutual_checks_drawn", field="quarter", quarter=cmd.quarter)
    require(first_day(cmd.quarter) <= today, "quarter_not_begun", field="quarter", quarter=cmd.quarter)
    check_standing(lot.ended, cmd.county, cmd.effective or today, "county")
    require(len(lot.townships) >= FEWEST, "too_few_townships", field="county", county=cmd.county)
    pairs = drawn(lot.seed, lot.townships)
    return [MutualChecksDrawn(county=cmd.county, quarter=cmd.quarter, seed=lot.seed, pairs=pairs)]


def hold_mutual_check(mutual: Mutual, cmd: HoldMutualCheck, ended: date | None, today: date) -> list[MutualCheckHeld]:
    """Record a township's check, once, of a day since the quarter began and before the township `ended`."""
    assert mutual.drawn is not None, "mutual checks begin with the draw"
    checked = found(mutual.checked_by(cmd.checking), "not_in_the_lot", "checking", unit=cmd.checking)
    require(cmd.checking not in mutual.held, "mutual_check_held", field="checking", unit=cmd.checking)
    require(first_day(mutual.drawn.quarter) <= cmd.on, "before_the_quarter", field="on", quarter=mutual.drawn.quarter)
    require(cmd.on <= today, "in_the_future", field="on")
    check_standing(ended, cmd.checking, cmd.on, "checking")
    return [MutualCheckHeld(checking=cmd.checking, checked=checked, on=cmd.on, note=cmd.note)]


def find_problem_mutually(
    project: Project, cmd: FindProblemMutually, facts: MutualFacts, actor: str, today: date
) -> list[ProblemFound]:
    """Record a problem of a project in the township that was checked; it has the same life as an inspection's."""
    require(project.being_carried_out, "not_being_carried_out", field="project")
    held = found(facts.mutual.held.get(cmd.checking), "mutual_check_not_held", "checking", unit=cmd.checking)
    require((cmd.effective or today) >= held, "before_the_last_step", field="effective", last=str(held))
    there = facts.mutual.checked_by(cmd.checking) == facts.township
    require(there, "not_of_the_checked_township", field="project", unit=cmd.checking)
    require(facts.seat != facts.township, "checks_its_own", field="checking", unit=cmd.checking)
    require(cmd.problem not in project.problems, "problem_exists", field="problem", problem=cmd.problem)
    check_independent(project, actor)
    require(cmd.due >= today, "deadline_in_the_past", field="due")
    assert facts.mutual.drawn is not None, "a check was held, so the lot was drawn"
    campaign = mutual_campaign(facts.mutual.drawn.county, cmd.quarter)
    return [
        ProblemFound(
            problem=cmd.problem,
            inspection=campaign,
            campaign=campaign,
            group=cmd.checking,
            severity=cmd.severity,
            text=cmd.text,
            due=cmd.due,
        )
    ]


def first_day(quarter: str) -> date:
    """The day on which a quarter begins."""
    return date(int(quarter[:4]), 3 * int(quarter[-1]) - 2, 1)
