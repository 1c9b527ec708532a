"""The registry's lists as spreadsheets: nothing in them is evaluated, whoever opens them."""

from datetime import UTC, date, datetime
from decimal import Decimal
from io import BytesIO
from zipfile import ZipFile

from python_calamine import CalamineWorkbook

from services.registry import exporting
from services.registry.exporting import CAMPAIGNS, KINDS, ROLES, ROWS, UNITS, Names
from services.registry.project.listing import ProjectLine
from services.registry.project.state import Stage
from services.registry.reference.directory import PersonLine, Post, UnitLine
from shared.contracts.divisions import UnitKind
from shared.contracts.progress import CampaignKind
from shared.contracts.project import ProjectKind
from shared.contracts.reference import Role

AS_OF = datetime(2023, 8, 22, 1, 30, tzinfo=UTC)
NAMES = Names({"340822": "怀宁县", "340822100": "=cmd"}, {"li": "李伟"})


def project(**changes: object) -> ProjectLine:
    empty: dict[str, object] = dict.fromkeys(ProjectLine.model_fields)
    told: dict[str, object] = {
        "id": "0190a1b2-0000-7000-8000-000000000001",
        "title": '=HYPERLINK("http://x")',
        "kind": ProjectKind.LED,
        "category": "+1",
        "owner": "340822100",
        "county": "340822",
        "secretary": "li",
        "year": 2023,
        "stage": Stage.STARTED,
        "round": 1,
        "approval_number": "怀组〔2023〕1号",
        "notice_number": "",
        "closure_number": "",
        "proposed_on": date(2023, 2, 1),
        "inspections": 0,
        "reported_month": "2023-07",
        "percent": Decimal("56.8"),
        "milestones_reached": 0,
        "milestone_percent": Decimal(0),
        "next_milestone": "@x",
        "open_problems": 0,
        "reopened_from": (),
        "pending_extensions": 0,
        "open_difficulties": 0,
    }
    return ProjectLine.model_validate({**empty, **told, **changes})


def cells(content: bytes) -> list[list[object]]:
    book = CalamineWorkbook.from_filelike(BytesIO(content))
    return [list(row) for row in book.get_sheet_by_index(0).to_python()]


async def test_texts_that_begin_like_formulas_are_written_as_texts_that_nothing_evaluates() -> None:
    content = await exporting.workbook(exporting.projects([project()], NAMES), as_of=AS_OF, more=False)
    row = cells(content)[2]
    assert (row[0], row[2], row[4]) == ('\'=HYPERLINK("http://x")', "'+1", "'=cmd")
    with ZipFile(BytesIO(content)) as book:
        sheet = book.read("xl/worksheets/sheet1.xml")
        assert b"<f>" not in sheet
        assert b"<hyperlink" not in sheet
        assert not [name for name in book.namelist() if name.startswith("xl/externalLinks")]


async def test_a_list_says_as_of_when_it_is_and_how_many_rows_it_has_at_most() -> None:
    content = await exporting.workbook(exporting.projects([project()], NAMES), as_of=AS_OF, more=False)
    line, heads, row = cells(content)
    assert line[0] == f"项目台账，截至 2023-08-22 09:30，最多 {ROWS} 行"
    shown = dict(zip(heads, row, strict=True))
    assert (shown["类型"], shown["环节"], shown["书记"], shown["县（市、区）"]) == (
        "书记领办项目/事项",
        "实施中",
        "李伟",
        "怀宁县",
    )
    assert (shown["进度（%）"], shown["申报"], shown["年度"]) == ("56.8", "2023-02-01", 2023)
    cut = await exporting.workbook(exporting.units([], NAMES), as_of=AS_OF, more=True)
    assert "没有列出" in str(cells(cut)[0][0])


async def test_units_and_persons_have_a_row_each() -> None:
    unit = UnitLine(code="340822", name="怀宁县", kind=UnitKind.COUNTY, parent="340800", ended=None, heir=None)
    gone = unit.model_copy(update={"code": "340899", "parent": "340822", "ended": AS_OF.date(), "heir": "340822"})
    units = await exporting.workbook(exporting.units([unit, gone], NAMES), as_of=AS_OF, more=False)
    assert cells(units)[2] == ["340822", "怀宁县", "县（市、区）", "340800", "340800", "", ""]
    assert cells(units)[3][3:] == ["340822", "怀宁县", "2023-08-22", "怀宁县"]
    post = Post(role=Role.REVIEWER, unit="340822", unit_name="怀宁县", title="")
    person = PersonLine(id="li", name="李伟", posts=[post, post])
    persons = await exporting.workbook(exporting.persons([person]), as_of=AS_OF, more=False)
    assert len(cells(persons)) == 4


def test_every_value_has_its_word() -> None:
    assert set(KINDS) == set(ProjectKind)
    assert set(UNITS) == set(UnitKind)
    assert set(ROLES) == set(Role)
    assert set(CAMPAIGNS) == set(CampaignKind)
    assert set(exporting.STAGES) == set(Stage)
