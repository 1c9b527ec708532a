"""The ledger as it was sent, with its wrong cells marked and said what is wrong: to be corrected and sent again."""

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from math import isfinite

from services.registry.ledger import cells
from services.registry.ledger.columns import BY_KEY, ERRORS
from services.registry.ledger.workbook import Ledger, Raw
from services.registry.ledger.wrong import Wrong
from shared.problem_texts import Language
from shared.spreadsheet import Cell, Sheet, written

WIDTH = 60
LONGEST = 30_000
"""Characters that a cell can hold, and some fewer."""

REMARKS = 5_000
"""Wrong cells that have their remark beside them; the last column has it of all."""


async def marked(ledger: Ledger, wrong: Sequence[Wrong], language: Language) -> bytes:
    """The workbook, made in another thread."""
    return await asyncio.to_thread(_marked, ledger, wrong, language)


def corrections(name: str) -> str:
    """How the marked workbook of a file is called; one that was sent again keeps its name."""
    return f"{_MARK}{name.removeprefix(_MARK)}"


_MARK = "需更正-"


def _marked(ledger: Ledger, wrong: Sequence[Wrong], language: Language) -> bytes:
    faults: dict[int, dict[int, str]] = defaultdict(dict)
    said: dict[int, list[str]] = defaultdict(list)
    for n, each in enumerate(wrong):
        words = each.words(language)
        said[each.row].append(f"{BY_KEY[each.column].head}：{words}")
        place = ledger.heads.get(each.column)
        if place is not None:
            faults[each.row][place] = words if n < REMARKS else ""
    head = [_word(raw) for raw in ledger.table[ledger.head_row - 1]]
    at = head.index(ERRORS) if ERRORS in head else len(head)
    with written(from_1904=ledger.from_1904) as book:
        sheet = Sheet(book, ledger.sheet)
        for number, raw in enumerate(ledger.table, 1):
            row: list[Cell] = [*(_word(cell) for cell in raw), *[""] * (at + 1 - len(raw))]
            row[at] = ERRORS if number == ledger.head_row else "\n".join(said[number])[:LONGEST]
            sheet.row(
                row, head=number == ledger.head_row, wrong={place - 1: text for place, text in faults[number].items()}
            )
        sheet.column(at, WIDTH)
    return book.content


def _word(raw: Raw) -> str | int | float:
    """What reads as the cell did: numbers stay numbers, since a text may be read otherwise."""
    match raw:
        case str():
            return raw
        case int() | float() if not isinstance(raw, bool) and isfinite(raw):
            return raw
        case _:
            return cells.text(raw)
