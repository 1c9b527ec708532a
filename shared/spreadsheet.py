"""Spreadsheets that are written: every text stays a text, whatever it begins with, also when it is saved as CSV."""

from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from io import BytesIO

from xlsxwriter import Workbook

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
STARTS_A_FORMULA = "=+-@\t\r"
MARK = "'"
"""What a text is kept from being evaluated by."""

Cell = str | int | float | Decimal | date | None
"""A float is what another workbook held; figures of our own are exact."""


def defused(text: str) -> str:
    """A text as it is written into a cell."""
    return MARK + text if text[:1] and text[0] in STARTS_A_FORMULA else text


def plain(text: str) -> str:
    """The text that was defused; any other as it is."""
    return text[1:] if text[:1] == MARK and text[1:2] and text[1] in STARTS_A_FORMULA else text


@dataclass
class Book:
    """A workbook that is being written; `content` are its bytes once it is whole."""

    workbook: Workbook
    content: bytes = b""


@contextmanager
def written(*, from_1904: bool = False) -> Generator[Book]:
    """A workbook, row after row; no more of a sheet than one row is held in memory. Its days may count from 1904."""
    buffer = BytesIO()
    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "date_1904": from_1904,
    }
    book = Book(Workbook(buffer, options))
    yield book
    book.workbook.close()
    book.content = buffer.getvalue()


class Sheet:
    """A sheet that rows are added to, the first one first."""

    def __init__(self, book: Book, name: str) -> None:
        self._sheet = book.workbook.add_worksheet(name)
        wrapped = {"text_wrap": True, "valign": "top"}
        self._head = book.workbook.add_format({**wrapped, "bold": True, "bg_color": "#F2E6E0", "border": 1})
        self._cell = book.workbook.add_format(wrapped)
        self._wrong = book.workbook.add_format({**wrapped, "bg_color": "#F8C9C4", "border": 1})
        self._row = 0

    def row(self, cells: Sequence[Cell], *, head: bool = False, wrong: Mapping[int, str] | None = None) -> None:
        """Add a row; `wrong` has the remarks on its wrong cells, by place; an empty one is none."""
        wrong = wrong or {}
        for place, cell in enumerate(cells):
            style = self._wrong if place in wrong else self._head if head else self._cell
            match cell:
                case None:
                    self._sheet.write_blank(self._row, place, None, style)
                case int() | float():
                    self._sheet.write_number(self._row, place, cell, style)
                case Decimal() | date():
                    self._sheet.write_string(self._row, place, str(cell), style)
                case str():
                    self._sheet.write_string(self._row, place, defused(cell), style)
            if wrong.get(place):
                self._sheet.write_comment(self._row, place, wrong[place])
        self._row += 1

    def column(self, place: int, width: int) -> None:
        """Give a column its width."""
        self._sheet.set_column(place, place, width)

    def freeze(self, rows: int) -> None:
        """Keep the first rows in sight."""
        self._sheet.freeze_panes(rows, 0)

    def choices(self, place: int, first: int, last: int, words: Sequence[str], *, only_these: bool) -> None:
        """Offer words for the cells of a column; others are refused, or asked about."""
        rule = {"validate": "list", "source": list(words), "error_type": "stop" if only_these else "warning"}
        self._sheet.data_validation(first, place, last, place, rule)
