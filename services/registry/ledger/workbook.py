"""A ledger's sheet as it was written: the heads that were recognised, and the raw cells of each row."""

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from io import BytesIO

from python_calamine import CalamineWorkbook

from services.registry.ledger.archive import HEAD_WITHIN, ROWS, Looked, cell_name, look
from services.registry.ledger.columns import COLUMNS, OURS, Column
from shared.errors import InvalidValue

Raw = int | float | str | bool | time | date | datetime | timedelta
"""A cell's value; an empty one is an empty text."""

FEWEST = 3
"""Heads that a row must have to be taken for that of the heads."""


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the ledger: its number in the sheet, and its cells by the columns' keys."""

    number: int
    cells: Mapping[str, Raw]


@dataclass(frozen=True)
class Ledger:
    """A sheet that was read. `heads` has the place of each column that was recognised, from 1.

    `table` is the sheet as it stands, `head_row` the number of the row of the heads.
    """

    sheet: str
    head_row: int
    heads: Mapping[str, int]
    unknown: Sequence[str]
    table: Sequence[Sequence[Raw]]
    formulas: frozenset[tuple[int, int]]
    from_1904: bool

    def rows(self) -> Iterator[Row]:
        """The rows below the heads that have anything in them, be it a formula without a value."""
        for number, raw in enumerate(self.table[self.head_row :], self.head_row + 1):
            cells = {key: raw[place - 1] for key, place in self.heads.items()}
            if any(str(cell).strip() or self.has_formula(number, key) for key, cell in cells.items()):
                yield Row(number, cells)

    def cell(self, row: int, key: str) -> str:
        """A cell as people name it: C17."""
        return cell_name(row, self.heads[key]) if key in self.heads else str(row)

    def has_formula(self, row: int, key: str) -> bool:
        """Whether a formula stands in a cell: its value is not what somebody wrote."""
        return bool(self.formulas) and (row, self.heads[key]) in self.formulas


def read(content: bytes) -> Ledger:
    """Read a file.

    Raises:
        TooLarge, InvalidValue: the file as a whole is not taken; the code says why.
    """
    looked = look(content)
    table = _with_rows_of_formulas(_table(content, looked), looked)
    head_row, heads, unknown = _heads(table)
    ledger = Ledger(looked.sheet, head_row, heads, unknown, table, looked.formulas, looked.from_1904)
    if len(table) - head_row > ROWS:
        raise InvalidValue("too_many_rows", "file", {"limit": ROWS})
    missing = [column.head for column in COLUMNS if column.required and column.key not in heads]
    if missing:
        raise InvalidValue("columns_missing", f"{looked.sheet}!{head_row}", {"columns": "、".join(missing)})
    return ledger


def _table(content: bytes, looked: Looked) -> list[list[Raw]]:
    try:
        with CalamineWorkbook.from_filelike(BytesIO(content)) as book:
            return book.get_sheet_by_name(looked.sheet).to_python(skip_empty_area=False)
    except BaseException as error:
        if isinstance(error, Exception) or type(error).__name__ == "PanicException":
            raise InvalidValue("not_a_workbook", "file") from None
        raise


def _with_rows_of_formulas(table: list[list[Raw]], looked: Looked) -> list[list[Raw]]:
    """The sheet with its last rows too, in which nothing stands but formulas that have no values yet."""
    last, width = max((row for row, _ in looked.formulas), default=0), len(table[0]) if table else 0
    return table + [[""] * width for _ in range(last - len(table))]


def _heads(table: Sequence[Sequence[Raw]]) -> tuple[int, dict[str, int], list[str]]:
    """The row with most heads among the first ones, the places of the known heads, and the words of the others."""
    best = max(range(min(HEAD_WITHIN, len(table))), key=lambda n: _known(table[n]), default=0)
    if not table or _known(table[best]) < FEWEST:
        raise InvalidValue("no_heads", "file", {"within": HEAD_WITHIN})
    heads: dict[str, int] = {}
    unknown: list[str] = []
    for place, raw in enumerate(table[best], 1):
        column, word = _column(raw), str(raw).strip()
        if column is None:
            unknown += [word] if word and word not in OURS else []
        elif column.key in heads:
            at = cell_name(best + 1, place)
            raise InvalidValue(
                "column_twice", at, {"column": column.head, "first": cell_name(best + 1, heads[column.key])}
            )
        else:
            heads[column.key] = place
    return best + 1, heads, unknown


def _known(row: Sequence[Raw]) -> int:
    return sum(_column(raw) is not None for raw in row)


def _column(raw: Raw) -> Column | None:
    return _BY_WORD.get(_word(str(raw)))


def _word(head: str) -> str:
    return "".join(unicodedata.normalize("NFKC", head).split()).strip("*:").casefold()


_BY_WORD = {_word(word): column for column in COLUMNS for word in (column.head, column.key, *column.synonyms)}
