"""A case (案例): selected once, published once in each column."""

from dataclasses import dataclass, replace
from datetime import date
from typing import assert_never

from services.registry.around.named import named
from services.registry.around.place import Place, check_place
from services.registry.commands.cases import PublishCase, SelectCase
from shared.command import Aggregate
from shared.contracts.cases import CaseColumn, CaseEvent, CasePublished, CaseSelected
from shared.contracts.event import Event
from shared.errors import require


@dataclass(frozen=True)
class Case:
    """What was selected, and the columns that it was published in."""

    selected: CaseSelected | None = None
    columns: frozenset[CaseColumn] = frozenset()

    @property
    def county(self) -> str:
        """The county that selected it; empty before that."""
        return self.selected.county if self.selected else ""


def evolve(case: Case, event: Event[CaseEvent]) -> Case:
    """Fold one event."""
    match event.data:
        case CaseSelected() as e:
            return replace(case, selected=e)
        case CasePublished() as e:
            return replace(case, columns=case.columns | {e.column})
        case _:
            assert_never(event.data)


CASE = Aggregate("case", Case(), evolve)


def case_id(cmd: SelectCase) -> str:
    """What is one case: a title of a unit."""
    return named("cases", cmd.unit, cmd.title)


def select_case(case: Case, cmd: SelectCase, place: Place, day: date) -> list[CaseSelected]:
    """Select a case of a unit of the county, once; a project that it names is the county's too."""
    require(case.selected is None, "case_exists", field="title", title=cmd.title, unit=cmd.unit)
    check_place(place, county=cmd.county, unit=cmd.unit, day=day, project=cmd.project)
    return [CaseSelected(title=cmd.title, unit=cmd.unit, county=cmd.county, project=cmd.project, summary=cmd.summary)]


def publish_case(case: Case, cmd: PublishCase) -> list[CasePublished]:
    """Publish a selected case in a column, once in each."""
    require(cmd.column not in case.columns, "case_already_published", field="column")
    return [CasePublished(column=cmd.column, title=cmd.title, text=cmd.text)]
