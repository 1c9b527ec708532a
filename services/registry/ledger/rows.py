"""A row of a ledger as the commands that would have told its facts, or every cell that is wrong with it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from typing import TypeVar

from pydantic import TypeAdapter, ValidationError

from services.registry.around.as_read import as_read
from services.registry.commands.carrying_out import ReportProgress
from services.registry.commands.reviewing import ProposeProject, SubmitPlan
from services.registry.ledger import cells
from services.registry.ledger.columns import BY_KEY, KINDS, column_of
from services.registry.ledger.places import Places, Secretary
from services.registry.ledger.workbook import Ledger, Raw, Row
from services.registry.ledger.wrong import Fault, Wrong
from shared.clock import SHANGHAI
from shared.contracts.project import Criteria, FormerNumber, FourOnes, Milestone, ProjectKind, TeamMember
from shared.errors import GuatuError, InvalidValue
from shared.uuid7 import uuid7_of

T = TypeVar("T")

_FORMER = TypeAdapter[str](FormerNumber)
LEADS = "牵头负责"
WHOLE = "全部完成"
TO_THE_END = "由书记从立项一直抓到销号"


@dataclass(frozen=True, slots=True)
class Telling:
    """What a row tells: the commands, and the days on which they were; None where it has not come to that."""

    row: int
    id: str
    secretary: Secretary
    propose: ProposeProject
    plan: SubmitPlan
    approved: date | None
    started: date | None
    report: ReportProgress | None
    former_number: str


def telling_of(ledger: Ledger, row: Row, places: Places) -> Telling | list[Wrong]:
    """Read a row; every wrong cell is named, not the first alone."""
    reading = _Reading(ledger, row)
    told = _told(reading, places)
    assert told is not None or reading.wrong, "no row vanishes"
    return reading.wrong if told is None else told


class _Reading:
    """The cells of one row as they are read; what is wrong is noted, and the reading goes on."""

    def __init__(self, ledger: Ledger, row: Row) -> None:
        self._ledger, self._row = ledger, row
        self.number = row.number
        self.from_1904 = ledger.from_1904
        self.wrong: list[Wrong] = []

    def note(self, key: str, fault: Fault) -> None:
        """A cell is wrong."""
        self.wrong.append(Wrong(self.number, key, fault, str(self._row.cells.get(key, ""))))

    def cell(self, key: str, read: Callable[[Raw], T]) -> T | None:
        """What a cell says; None if it is empty or wrong."""
        raw = self._row.cells.get(key, "")
        try:
            if key in self._row.cells and self._ledger.has_formula(self.number, key):
                raise InvalidValue("formula_in_a_cell")
            if isinstance(raw, str) and not raw.strip():
                if BY_KEY[key].required:
                    raise InvalidValue("cell_missing")
                return None
            value = read(raw)
            if value == [] and BY_KEY[key].required:
                raise InvalidValue("cell_missing")
            return value
        except GuatuError as fault:
            self.note(key, fault)
            return None

    def day(self, key: str) -> date | None:
        """A day."""
        return self.cell(key, lambda raw: cells.day(raw, from_1904=self.from_1904))

    def made(self, make: Callable[[], T], otherwise: str) -> T | None:
        """A command of what was read; its fields are those of columns, `otherwise` has what belongs to none."""
        if self.wrong:
            return None
        try:
            return make()
        except ValidationError as error:
            for each in error.errors(include_url=False, include_input=False):
                self.note(column_of(".".join(map(str, each["loc"])), otherwise), each)
            return None


def _told(reading: _Reading, places: Places) -> Telling | None:
    words = {key: reading.cell(key, cells.text) for key in _TEXTS}
    words |= {key: reading.cell(key, cells.one_line) for key in _LINES}
    county = reading.cell("county", lambda raw: places.county(cells.word(raw)))
    unit = reading.cell("unit", lambda raw: places.unit(county, cells.word(raw))) if county else None
    secretary = reading.cell("secretary", lambda raw: places.secretary(unit, cells.word(raw))) if unit else None
    kind, year = reading.cell("kind", _kind), reading.cell("year", cells.year)
    starts, ends, approved, started = (reading.day(key) for key in ("starts", "ends", "approved", "started"))
    measures = reading.cell("measures", cells.lines)
    team = reading.cell("team", lambda raw: [_member(line) for line in cells.lines(raw)])
    milestones = reading.cell(
        "milestones",
        lambda raw: [_milestone(n, line, reading.from_1904) for n, line in enumerate(cells.lines(raw), 1)],
    )
    month = reading.cell("month", lambda raw: cells.month(raw, from_1904=reading.from_1904))
    percent = reading.cell("percent", cells.percent)
    _check_together(reading, approved, started, month, percent, words["former_number"])
    if county is None or unit is None or secretary is None or year is None:
        return None
    if starts is None or ends is None or measures is None or reading.wrong:
        return None
    proposal = reading.made(lambda: _proposal(words, county, unit, secretary, kind, year), "title")
    plan = reading.made(
        lambda: SubmitPlan(
            goal=words["goal"] or "",
            measures=tuple(measures),
            starts=starts,
            ends=ends,
            four_ones=FourOnes(
                project=words["title"] or "",
                secretary=secretary.id,
                team=tuple(team or [TeamMember(name=secretary.name, duty=LEADS)]),
                to_the_end=words["to_the_end"] or TO_THE_END,
            ),
            milestones=tuple(milestones or [Milestone(id="m1", title=WHOLE, due=ends, weight=Decimal(100))]),
        ),
        "goal",
    )
    report = (
        reading.made(lambda: ReportProgress(month=month, percent=percent, note=words["note"] or ""), "percent")
        if month and percent is not None
        else None
    )
    former_number = reading.made(lambda: _FORMER.validate_python(words["former_number"] or ""), "former_number")
    if proposal is None or plan is None or former_number is None:
        return None
    id = project_id(county, unit, year, proposal.title)
    return Telling(reading.number, id, secretary, proposal, plan, approved, started, report, former_number)


_TEXTS = ("small", "hard", "exemplary", "doable", "goal", "to_the_end", "note")
_LINES = ("category", "title", "former_number")


def project_id(county: str, owner: str, year: int, title: str) -> str:
    """The id of a project that came in with a ledger: the same row is the same project, whoever sends it when."""
    name = "\n".join(("guatu-ledger/v1", county, owner, str(year), as_read(title)))
    return str(uuid7_of(datetime.combine(date(year, 1, 1), time(), SHANGHAI), name.encode()))


def _proposal(
    words: Mapping[str, str | None],
    county: str,
    unit: str,
    secretary: Secretary,
    kind: ProjectKind | None,
    year: int,
) -> ProposeProject:
    criteria = {name: words[name] for name in Criteria.model_fields}
    return ProposeProject.model_validate(
        {
            "title": words["title"],
            "kind": kind,
            "category": words["category"],
            "owner": unit,
            "county": county,
            "secretary": secretary.id,
            "year": year,
            "criteria": criteria,
        }
    )


def _check_together(
    reading: _Reading,
    approved: date | None,
    started: date | None,
    month: str | None,
    percent: Decimal | None,
    former_number: str | None,
) -> None:
    """What was told of a step needs the steps before it."""
    if reading.wrong:
        return
    for there, key, other, before in (
        (started, "started", "approved", approved),
        (former_number, "former_number", "approved", approved),
        (month, "month", "percent", percent),
        (percent, "percent", "month", month),
        (month, "month", "started", started),
    ):
        if there is not None and before is None:
            reading.note(key, InvalidValue("needs_a_column", None, {"column": BY_KEY[other].head}))


def _kind(raw: Raw) -> ProjectKind:
    kind = KINDS.get("".join(cells.word(raw).split()))
    if kind is None:
        raise InvalidValue("not_a_kind", None, {"kinds": "、".join(BY_KEY["kind"].choices)})
    return kind


def _member(line: str) -> TeamMember:
    name, _, duty = line.replace("：", ":").partition(":")
    if not (name.strip() and duty.strip()):
        raise InvalidValue("not_a_member", None, {"line": line})
    return _part(lambda: TeamMember(name=name, duty=duty), line)


def _milestone(n: int, line: str, from_1904: bool) -> Milestone:
    parts = [part.strip() for part in line.replace("｜", "|").split("|")]
    if len(parts) != 3:
        raise InvalidValue("not_a_milestone", None, {"line": line})
    title, due, weight = parts
    return _part(
        lambda: Milestone(
            id=f"m{n}", title=title, due=cells.day(due, from_1904=from_1904), weight=cells.number(weight)
        ),
        line,
    )


def _part(make: Callable[[], T], line: str) -> T:
    try:
        return make()
    except ValidationError:
        raise InvalidValue("not_a_part", None, {"line": line}) from None
