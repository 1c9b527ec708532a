"""The turns of a project that are open today: to whom it may be handed over, into which year it may be carried over."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from services.registry.commands.turning import CarryOverProject, HandOverProject, ReopenProject, TerminateProject
from services.registry.project.proposing import OPENS_IN
from services.registry.project.state import Project, Stage
from services.registry.project.turning import BEFORE_THE_NOTICE, UNDECIDED
from shared.command import Command

TURNS: Mapping[str, type[Command]] = {
    each.verb(): each for each in (HandOverProject, CarryOverProject, TerminateProject, ReopenProject)
}
"""The county's turns; to withdraw is the owner's."""


@dataclass(frozen=True, slots=True)
class Turns:
    """What the county may do to a project: `successors` are persons (id, name), `years` plan years to come."""

    successors: Sequence[tuple[str, str]] = ()
    years: Sequence[tuple[int, str]] = ()
    terminate: bool = False
    reopen: bool = False

    @property
    def any(self) -> bool:
        """Whether anything is open."""
        return bool(self.successors or self.years or self.terminate or self.reopen)


def turns_of(project: Project, secretaries: Sequence[tuple[str, str]], actor: str, today: date) -> Turns:
    """The turns that a reviewer may give a project; `secretaries` are those of its owner today."""
    if actor in project.owner_side:
        return Turns()
    unfinished = project.stage is Stage.APPROVED or project.being_carried_out
    open_years = (today.year, *([today.year + 1] if today.month >= OPENS_IN else []))
    return Turns(
        successors=[] if project.ended else [p for p in secretaries if p[0] not in (project.secretary, actor)],
        years=[(year, f"{year}年") for year in open_years if year > project.year] if unfinished else [],
        terminate=project.stage in BEFORE_THE_NOTICE,
        reopen=project.stage is Stage.CLOSED,
    )


def withdrawable(project: Project) -> bool:
    """Whether the owner may still take the proposal back."""
    return project.stage in UNDECIDED
