"""What is told of a ledger: what would be new or is there already, and what is wrong at which cell."""

from collections import Counter
from collections.abc import Mapping

from pydantic import BaseModel

from services.registry.ledger.checking import Checked
from services.registry.ledger.columns import BY_KEY
from services.registry.ledger.workbook import Ledger
from services.registry.ledger.wrong import Wrong
from shared.problem_texts import Language

SHOWN = 500
"""So many wrong cells are listed; the marked workbook has all of them."""


FIRST = 100
"""So many of the new projects are named."""


class WrongCell(BaseModel):
    """A wrong cell, such as C17: what stands in it, which rule it breaks, and what is wanted in words."""

    sheet: str
    cell: str
    column: str
    value: str
    code: str
    detail: str


class CountyRows(BaseModel):
    """How many projects of a ledger are a county's, and how many of them are new."""

    county: str
    name: str
    projects: int
    new: int


class NewLine(BaseModel):
    """A new project: its id, its title, and the unit that it is of."""

    id: str
    title: str
    owner: str


class Report(BaseModel):
    """What a ledger is found to be. `imported` says that it stands in the log now, wholly.

    `errors` lists the first of the `wrong` cells. Nothing is imported unless that is 0.
    `first` are the first of the `new` projects.
    """

    name: str
    digest: str
    sheet: str
    rows: int
    new: int
    unchanged: int
    wrong: int
    errors: list[WrongCell]
    warnings: list[str]
    counties: list[CountyRows]
    first: list[NewLine] = []
    imported: bool = False


def report_of(
    ledger: Ledger, checked: Checked, counties: Mapping[str, str], name: str, digest: str, language: Language
) -> Report:
    """The report of a ledger that was checked."""
    new = Counter(project.telling.propose.county for project in checked.projects)
    all_of = new + Counter(told.propose.county for told in checked.unchanged)
    return Report(
        name=name,
        digest=digest,
        sheet=ledger.sheet,
        rows=sum(1 for _ in ledger.rows()),
        new=len(checked.projects),
        unchanged=len(checked.unchanged),
        wrong=len(checked.wrong),
        errors=[wrong_cell(ledger, wrong, language) for wrong in checked.wrong[:SHOWN]],
        warnings=_warnings(ledger, checked, language),
        counties=[
            CountyRows(county=code, name=counties.get(code, ""), projects=all_of[code], new=new[code])
            for code in sorted(all_of)
        ],
        first=[
            NewLine(id=told.id, title=told.propose.title, owner=told.propose.owner)
            for told in (project.telling for project in checked.projects[:FIRST])
        ],
    )


def wrong_cell(ledger: Ledger, wrong: Wrong, language: Language) -> WrongCell:
    """A wrong cell in words."""
    return WrongCell(
        sheet=ledger.sheet,
        cell=ledger.cell(wrong.row, wrong.column),
        column=BY_KEY[wrong.column].head,
        value=wrong.value[:200],
        code=wrong.code,
        detail=wrong.words(language),
    )


def _warnings(ledger: Ledger, checked: Checked, language: Language) -> list[str]:
    texts: list[str] = []
    if ledger.unknown:
        words = "、".join(ledger.unknown)
        texts.append(f"没有读取的列：{words}。" if language == "zh" else f"Columns that are not read: {words}.")
    if checked.lost:
        rows = "、".join(map(str, checked.lost[:20]))
        texts.append(
            f"这些行没有报送月份，备注不保存：{rows}。"
            if language == "zh"
            else f"Remarks that belong to no report are not kept, in the rows {rows}."
        )
    return texts
