"""A ledger held against what is known: which projects would be new, which are there, and every wrong cell. Pure."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from services.registry.around.as_read import as_read
from services.registry.ledger import cells
from services.registry.ledger.columns import COLUMNS
from services.registry.ledger.deciding import Fact, facts_of
from services.registry.ledger.places import Places, county_in
from services.registry.ledger.rows import Telling, telling_of
from services.registry.ledger.standing import Standing
from services.registry.ledger.workbook import Ledger
from services.registry.ledger.wrong import Wrong
from shared.errors import GuatuError, InvalidValue

STEP = 100
"""Rows after which the progress is told."""


@dataclass(frozen=True, slots=True)
class NewProject:
    """A row whose project is to be made, with its facts."""

    telling: Telling
    facts: Sequence[Fact]


@dataclass
class Checked:
    """What came of the rows: projects in the order of the rows, and what is wrong."""

    projects: list[NewProject] = field(default_factory=list[NewProject])
    unchanged: list[Telling] = field(default_factory=list[Telling])
    wrong: list[Wrong] = field(default_factory=list[Wrong])
    lost: list[int] = field(default_factory=list[int])
    """Rows whose remark belongs to no report and is not kept."""


def named_counties(ledger: Ledger, counties: Mapping[str, str]) -> set[str]:
    """The counties that the rows name; what names none is wrong in its row, later."""
    found: set[str] = set()
    for word in {str(row.cells["county"]): row.cells["county"] for row in ledger.rows()}.values():
        try:
            found.add(county_in(counties, cells.word(word)))
        except GuatuError:
            continue
    return found


def checked(ledger: Ledger, places: Places, today: date, report_day: int, advance: Callable[[int], None]) -> Checked:
    """Read and decide every row by itself; `advance` is told the rows that are done.

    What is in the store already is not known yet: see `compared`.
    """
    outcome, first = Checked(), dict[str, int]()
    for n, row in enumerate(ledger.rows(), 1):
        told = telling_of(ledger, row, places)
        if not isinstance(told, Telling):
            outcome.wrong += told
        elif told.id in first:
            _note(outcome, told, "title", InvalidValue("row_twice", None, {"row": first[told.id]}), ledger)
        else:
            first[told.id] = row.number
            _decide(outcome, told, today, report_day, ledger)
            if told.report is None and str(row.cells.get("note", "")).strip():
                outcome.lost.append(row.number)
        if n % STEP == 0:
            advance(n)
    return outcome


def compared(
    outcome: Checked,
    there: Standing,
    others: Collection[tuple[str, str, str, int, str]],
    ledger: Ledger,
) -> Checked:
    """The same, held against the projects that there are: how each stands, and all titles of these counties."""
    by_title = {(owner, year, as_read(title)): id for id, _, owner, year, title in others}
    result = Checked(unchanged=list(outcome.unchanged), wrong=list(outcome.wrong), lost=outcome.lost)
    for project in outcome.projects:
        told = project.telling
        if told.id in there:
            column = there[told.id]
            if column is None:
                result.unchanged.append(told)
            else:
                _note(result, told, column, InvalidValue("there_otherwise", None, {"id": told.id}), ledger)
            continue
        other = by_title.get((told.propose.owner, told.propose.year, as_read(told.propose.title)))
        if other is not None and other != told.id:
            _note(result, told, "title", InvalidValue("there_by_hand", None, {"id": other}), ledger)
        else:
            result.projects.append(project)
    result.wrong.sort(key=lambda wrong: (wrong.row, _ORDER[wrong.column]))
    return result


def _decide(outcome: Checked, told: Telling, today: date, report_day: int, ledger: Ledger) -> None:
    try:
        outcome.projects.append(NewProject(told, facts_of(told, today, report_day)))
    except GuatuError as fault:
        _note(outcome, told, fault.field or "title", fault, ledger)


def _note(outcome: Checked, told: Telling, column: str, fault: GuatuError, ledger: Ledger) -> None:
    raw = ledger.table[told.row - 1][ledger.heads[column] - 1] if column in ledger.heads else ""
    outcome.wrong.append(Wrong(told.row, column, fault, str(raw)))


_ORDER = {column.key: n for n, column in enumerate(COLUMNS)}
