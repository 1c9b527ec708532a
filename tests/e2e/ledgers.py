"""Ledgers of the small county: rows as they stood on its first day, and a marked workbook put right."""

from collections.abc import Mapping
from pathlib import Path

from python_calamine import CalamineWorkbook

from services.registry.ledger.columns import ERRORS
from shared.spreadsheet import Cell
from tests.e2e.small_county import COUNTY, SECRETARY, TOWNSHIP
from tests.unit.registry.ledgers import KEYS, row, workbook

__all__ = ["corrected", "ledger_row", "workbook"]


def ledger_row(title: str, **cells: Cell) -> dict[str, Cell]:
    """A project of the township that has begun and has not reported yet."""
    named: Mapping[str, Cell] = {"county": COUNTY, "unit": TOWNSHIP, "secretary": SECRETARY, "title": title}
    days: Mapping[str, Cell] = {"started": "2023-02-15", "month": "", "percent": "", "note": "", "former_number": ""}
    return row(**{**named, **days, **cells})


def corrected(marked: Path, to: Path, wrong: str, right: str) -> None:
    """A marked workbook with the cells of one value put right."""
    _, *rows = CalamineWorkbook.from_path(marked).get_sheet_by_index(0).to_python()
    cells = [dict(zip([*KEYS, ERRORS], map(str, each), strict=True)) for each in rows]
    put_right = [{key: right if text == wrong else text for key, text in each.items()} for each in cells]
    to.write_bytes(workbook(*put_right, keys=[*KEYS, ERRORS]))
