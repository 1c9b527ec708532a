"""Ledgers for tests: rows by the columns' keys, and the places that they name."""

from collections.abc import Mapping, Sequence
from datetime import date
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile

from services.registry.ledger.columns import BY_KEY, COLUMNS
from services.registry.ledger.places import Places, Secretary, places_of
from services.registry.reference.person import Person, Post
from shared.authority_views import UnitRow
from shared.contracts.reference import Role
from shared.spreadsheet import Cell, Sheet, written

COUNTY, TOWN, VILLAGE, TWIN, OTHER_COUNTY = "340822", "340822100", "340822100200", "340822101200", "340825"
TODAY = date(2023, 8, 7)
KEYS = [column.key for column in COLUMNS]
ROW: Mapping[str, Cell] = {column.key: column.example for column in COLUMNS} | {
    "title": "石牌镇油茶产业基地扩面",
    "former_number": "怀组〔2023〕12号",
}


def row(**cells: Cell) -> dict[str, Cell]:
    """A row that is in order, but for these cells."""
    return {**ROW, **cells}


def workbook(*rows: Mapping[str, Cell], keys: Sequence[str] = KEYS, sheet: str = "台账") -> bytes:
    """A ledger of these rows, with these columns."""
    with written() as book:
        page = Sheet(book, sheet)
        page.row([BY_KEY[key].head if key in BY_KEY else key for key in keys], head=True)
        for each in rows:
            page.row([each.get(key, "") for key in keys])
    return book.content


def repacked(content: bytes, changes: Mapping[str, bytes | None]) -> bytes:
    """A workbook with parts exchanged, added, or (None) left out."""
    packed = BytesIO()
    with ZipFile(BytesIO(content)) as old, ZipFile(packed, "w", ZIP_DEFLATED) as new:
        parts = {name: old.read(name) for name in old.namelist()} | dict(changes)
        for name, part in parts.items():
            if part is not None:
                new.writestr(name, part)
    return packed.getvalue()


def part(content: bytes, name: str) -> bytes:
    """A part of a workbook."""
    with ZipFile(BytesIO(content)) as archive:
        return archive.read(name)


def places() -> Places:
    """怀宁县 with a township, two villages of one name, and secretaries; 太湖县 is not the importer's."""
    units = [
        UnitRow(COUNTY, "怀宁县", None, "340800"),
        UnitRow(TOWN, "石牌镇", None, COUNTY),
        UnitRow("340822101", "高河镇", None, COUNTY),
        UnitRow(VILLAGE, "皖河村", None, TOWN),
        UnitRow(TWIN, "皖河村", None, "340822101"),
    ]
    leading = [
        (TOWN, _secretary("li-wei", "李伟", Role.TOWNSHIP_SECRETARY, TOWN)),
        (VILLAGE, _secretary("wang-1", "王芳", Role.BRANCH_SECRETARY, VILLAGE)),
        (VILLAGE, _secretary("wang-2", "王芳", Role.BRANCH_SECRETARY, VILLAGE)),
    ]
    return places_of({COUNTY: "怀宁县", OTHER_COUNTY: "太湖县"}, [COUNTY], units, leading)


def _secretary(id: str, name: str, role: Role, unit: str) -> Secretary:
    return Secretary(id, name, Person(name, (Post(role, unit, date(2023, 6, 1)),)))
