"""What is done with the files that come as ledgers: hostile ones are refused in words, others are read as written."""

from datetime import date, datetime
from decimal import Decimal
from io import BytesIO
from zipfile import ZIP_STORED, ZipFile

import pytest
import xlsxwriter

from services.registry.ledger import archive, cells
from services.registry.ledger.columns import COLUMNS
from services.registry.ledger.marked import corrections
from services.registry.ledger.workbook import read
from shared.errors import GuatuError, InvalidValue, TooLarge
from shared.spreadsheet import defused, plain
from tests.unit.registry.ledgers import KEYS, part, repacked, row, workbook

SHEET = "xl/worksheets/sheet1.xml"
ENTITIES = b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>'


def refusal(content: bytes) -> str:
    with pytest.raises(InvalidValue) as refused:
        read(content)
    return refused.value.code


def with_dtd(xml: bytes) -> bytes:
    return xml.replace(b"?>", b"?>" + ENTITIES, 1)


def test_a_ledger_is_read_by_its_heads_in_any_order_with_unknown_ones_named() -> None:
    ledger = read(workbook(row(), keys=["序号", *reversed(KEYS)]))
    [only] = ledger.rows()
    assert (only.number, only.cells["title"], ledger.unknown) == (2, "石牌镇油茶产业基地扩面", ["序号"])
    assert ledger.cell(2, "county") == f"{archive.column_letters(len(KEYS) + 1)}2"


def test_heads_have_synonyms_and_may_stand_below_a_title() -> None:
    book = BytesIO()
    with xlsxwriter.Workbook(book) as made:
        sheet = made.add_worksheet("第一张")
        sheet.write_string(0, 0, "2023年项目台账")
        heads = [column.synonyms[0] if column.synonyms else column.head for column in COLUMNS]
        sheet.write_row(2, 0, [f" {head}* " for head in heads])
        sheet.write_row(3, 0, [str(row()[key]) for key in KEYS])
    ledger = read(book.getvalue())
    assert (ledger.sheet, ledger.head_row, len(ledger.heads)) == ("第一张", 3, len(KEYS))
    assert [each.number for each in ledger.rows()] == [4]


def test_a_missing_column_and_one_that_is_there_twice_are_refused() -> None:
    assert refusal(workbook(row(), keys=[key for key in KEYS if key != "unit"])) == "columns_missing"
    assert refusal(workbook(row(), keys=[*KEYS, "县"])) == "column_twice"
    assert refusal(workbook(row(), keys=["甲", "乙"])) == "no_heads"


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"county,unit\n", b"<html></html>", bytes(1000)])
def test_what_is_no_workbook_is_refused(content: bytes) -> None:
    assert refusal(content) == "not_a_workbook"


def test_every_way_of_cutting_a_workbook_short_is_refused() -> None:
    whole = workbook(row())
    for length in range(0, len(whole), 97):
        with pytest.raises(InvalidValue):
            read(whole[:length])


def test_an_old_or_locked_workbook_is_told_apart() -> None:
    assert refusal(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)) == "workbook_old_or_locked"


@pytest.mark.parametrize("name", ["mimetype", "content.xml", "xl/workbook.bin"])
def test_a_workbook_that_is_one_of_another_kind_as_well_is_refused(name: str) -> None:
    assert refusal(repacked(workbook(row()), {name: b"x"})) == "not_a_workbook"


def test_more_cells_than_a_ledger_may_have_are_refused_however_empty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "ROWS", 1)
    empty = part(workbook(row()), SHEET).replace(b"</sheetData>", b"<row>" + b"<c/>" * 50_000 + b"</row></sheetData>")
    assert refusal(repacked(workbook(row()), {SHEET: empty})) == "too_many_rows"


def test_macros_are_refused() -> None:
    good = workbook(row())
    assert refusal(repacked(good, {"xl/vbaProject.bin": b"x"})) == "workbook_has_macros"
    types = part(good, "[Content_Types].xml").replace(b"sheet.main+xml", b"sheet.macroEnabled.main+xml")
    assert refusal(repacked(good, {"[Content_Types].xml": types})) == "workbook_has_macros"


@pytest.mark.parametrize("name", [SHEET, "xl/workbook.xml", "xl/_rels/workbook.xml.rels", "docProps/app.xml"])
def test_a_document_type_is_refused_in_every_part(name: str) -> None:
    good = workbook(row())
    assert refusal(repacked(good, {name: with_dtd(part(good, name))})) == "workbook_has_a_dtd"


def test_a_workbook_that_unpacks_too_far_is_refused_whether_it_says_so_or_not(monkeypatch: pytest.MonkeyPatch) -> None:
    bomb = repacked(workbook(row()), {"xl/media/image1.xml": b"<a>" + b" " * 2_000_000 + b"</a>"})
    assert refusal(bomb) == "workbook_unpacks_too_far"
    monkeypatch.setattr(archive, "RATIO", 10**9)
    monkeypatch.setattr(archive, "UNPACKED", 1_500_000)
    assert refusal(bomb) == "workbook_unpacks_too_far"
    monkeypatch.setattr(archive._Budget, "announce", lambda *_: None)
    assert refusal(bomb) == "workbook_unpacks_too_far"


def test_a_file_beyond_the_limit_is_not_looked_at() -> None:
    with pytest.raises(TooLarge, match="ledger_too_large"):
        read(bytes(archive.PACKED + 1))


def test_a_part_that_is_there_twice_is_refused_since_readers_take_different_ones() -> None:
    content = BytesIO(workbook(row()))
    with ZipFile(content, "a", ZIP_STORED) as book:
        book.writestr(SHEET.upper(), b"<worksheet/>")
    assert refusal(content.getvalue()) == "not_a_workbook"


def test_a_sheet_or_link_that_is_there_twice_is_refused_since_readers_take_different_ones() -> None:
    good = workbook(row())
    sheets, links = part(good, "xl/workbook.xml"), part(good, "xl/_rels/workbook.xml.rels")
    first, second = b'r:id="rId1"/>', b'Target="worksheets/sheet1.xml"/>'
    two = {
        SHEET.replace("1", "2"): part(good, SHEET),
        "xl/_rels/workbook.xml.rels": links.replace(
            second, second + b'<Relationship Id="rId9" Type="worksheet" Target="worksheets/sheet2.xml"/>'
        ),
    }
    named_twice = sheets.replace(first, first + '<sheet name="台账" sheetId="2" r:id="rId9"/>'.encode())
    linked_twice = sheets.replace(first, b'xmlns:x="http://x" x:id="rId9" ' + first)
    for changed in (
        {**two, "xl/workbook.xml": named_twice},
        {**two, "xl/workbook.xml": linked_twice},
        {**two, "xl/_rels/workbook.xml.rels": two["xl/_rels/workbook.xml.rels"].replace(b"rId9", b"rId1")},
    ):
        assert refusal(repacked(good, changed)) == "not_a_workbook"


def test_a_single_cell_far_away_does_not_make_a_table_of_a_million_rows() -> None:
    good = workbook(row())
    far = b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
    with_far = repacked(good, {SHEET: part(good, SHEET).replace(b"</sheetData>", far)})
    with pytest.raises(InvalidValue) as refused:
        read(with_far)
    assert (refused.value.code, refused.value.detail) == ("too_many_rows", {"limit": archive.ROWS})
    wide = b'<row r="9"><c r="XFD9"><v>1</v></c></row></sheetData>'
    assert refusal(repacked(good, {SHEET: part(good, SHEET).replace(b"</sheetData>", wide)})) == "too_many_columns"


def test_empty_cells_far_below_are_no_rows() -> None:
    good = workbook(row())
    styled = b'<row r="1048576"><c r="A1048576" s="1"/></row></sheetData>'
    assert len(list(read(repacked(good, {SHEET: part(good, SHEET).replace(b"</sheetData>", styled)})).rows())) == 1


def test_formulas_are_known_by_their_cells() -> None:
    book = BytesIO()
    with xlsxwriter.Workbook(book) as made:
        sheet = made.add_worksheet("台账")
        sheet.write_row(0, 0, [column.head for column in COLUMNS])
        sheet.write_formula(1, KEYS.index("percent"), "=1+44", None, "")
    ledger = read(book.getvalue())
    assert ledger.has_formula(2, "percent")
    assert [each.number for each in ledger.rows()] == [2]
    assert not ledger.has_formula(2, "title")


@pytest.mark.parametrize(
    "raw",
    [
        date(2023, 3, 1),
        datetime(2023, 3, 1, 8, 30),  # noqa: DTZ001 - spreadsheets have no zones
        44986.0,
        44986.75,
        20230301.0,
        "2023-03-01",
        "2023/3/1",
        "2023.3.1",
        "2023年3月1日",
        "２０２３－０３－０１",
        " 2023-03-01 00:00:00 ",
    ],
)
def test_a_day_is_read_however_it_was_written(raw: cells.Raw) -> None:
    assert cells.day(raw, from_1904=False) == date(2023, 3, 1)


def test_days_that_count_from_1904_are_four_years_later() -> None:
    assert cells.day(43524.0, from_1904=True) == date(2023, 3, 1)


@pytest.mark.parametrize(
    "raw", ["2023-02-30", "2023-13-01", "明天", 1.0, 80000.0, True, "45", "٢٠٢٣-٠٣-٠١", float("nan"), float("inf")]
)
def test_what_is_no_day_is_refused(raw: cells.Raw) -> None:
    with pytest.raises(InvalidValue, match="not_a_day"):
        cells.day(raw, from_1904=False)


@pytest.mark.parametrize(
    "raw", ["2023-07", "2023年7月", "202307", 202307.0, "2023/7", date(2023, 7, 1), "2023-07-31", 45108.0, 45108.5]
)
def test_a_month_is_read_however_it_was_written(raw: cells.Raw) -> None:
    assert cells.month(raw, from_1904=False) == "2023-07"


@pytest.mark.parametrize("raw", ["2023-13", "七月", 45.0, "7", 2023.1, 2023.12])
def test_what_is_no_month_is_refused(raw: cells.Raw) -> None:
    with pytest.raises(InvalidValue, match="not_a_month"):
        cells.month(raw, from_1904=False)


def test_numbers_are_exact_whether_they_are_numbers_or_texts() -> None:
    told = [cells.percent(raw) for raw in (56.8, "56.8", "５６．８％", "56.8%", 100.0, "0.5", 0.0)]
    assert told == [*[Decimal("56.8")] * 4, Decimal(100), Decimal("0.5"), Decimal(0)]


@pytest.mark.parametrize(
    ("raw", "code"), [(0.6, "share_or_percent"), (1.0, "share_or_percent"), ("NaN", "not_a_number")]
)
def test_a_number_that_is_none_or_may_be_a_share_is_refused(raw: cells.Raw, code: str) -> None:
    with pytest.raises(InvalidValue, match=code):
        cells.percent(raw)


@pytest.mark.parametrize("character", ["\0", "\x1b", "\x7f", "\x85", "\uffff", "\u200b", "\u202e"])
def test_characters_that_cannot_be_shown_are_refused(character: str) -> None:
    with pytest.raises(GuatuError, match="invisible_character"):
        cells.text(f"油茶{character}基地")


def test_a_title_is_of_one_line() -> None:
    with pytest.raises(GuatuError, match="not_one_line"):
        cells.one_line("油茶基地\n扩面")
    assert cells.text("油茶基地\r\n扩面") == "油茶基地\n扩面"


def test_line_breaks_and_semicolons_part_a_text() -> None:
    assert cells.lines("一；二\r\n三;;\n") == ["一", "二", "三"]


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\tx", "油茶", "'quoted", "", "'"])
def test_what_was_defused_reads_as_before(text: str) -> None:
    assert plain(defused(text)) == text
    assert defused(text)[:1] not in ("=", "+", "-", "@", "\t")


def test_a_workbook_of_corrections_is_named_once() -> None:
    assert corrections("台账.xlsx") == corrections(corrections("台账.xlsx")) == "需更正-台账.xlsx"
