"""Whether a file may be opened as a workbook: its parts are looked at as streams, within limits, before it is read."""

import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BytesIO
from typing import Protocol
from xml.parsers.expat import ExpatError, ParserCreate
from zipfile import BadZipFile, ZipFile

from shared.errors import InvalidValue, TooLarge

ROWS, COLUMNS = 20_000, 100
"""Rows of projects, and columns, that a ledger may have."""
HEAD_WITHIN = 10
"""The row of the heads is one of so many first ones."""
PACKED, UNPACKED = 20_000_000, 200_000_000
"""Bytes of a file, and of all that is packed into it."""
ENTRIES, RATIO, SMALL = 1000, 250, 1_000_000
"""Parts of a file; how many times smaller it may be packed, from so many bytes on."""
CHUNK = 1 << 16
LEDGER_SHEET = "台账"
_OLE = b"\xd0\xcf\x11\xe0"
_UNREADABLE = (
    BadZipFile,
    zlib.error,
    ExpatError,
    EOFError,
    LookupError,
    NotImplementedError,
    OSError,
    OverflowError,
    RuntimeError,
    ValueError,
)
_OF_OTHER_KINDS = {"mimetype", "content.xml", "xl/workbook.bin"}
"""Parts by which a file is a workbook of another kind as well: a reader would take that one, unlooked at."""
_REF = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")

Place = tuple[int, int]
"""A cell: row and column, both from 1."""


@dataclass(frozen=True, slots=True)
class Looked:
    """What was seen of a workbook: the sheet that the ledger is on, its formulas, and whether days count from 1904."""

    sheet: str
    formulas: frozenset[Place]
    from_1904: bool


def look(content: bytes) -> Looked:
    """Look at a file without trusting it.

    Raises:
        TooLarge("ledger_too_large"), InvalidValue: it is no workbook, or one that is not opened; the code says why.
    """
    if len(content) > PACKED:
        raise TooLarge("ledger_too_large", "file", {"limit": PACKED})
    if content.startswith(_OLE):
        raise InvalidValue("workbook_old_or_locked", "file")
    try:
        with ZipFile(BytesIO(content)) as archive:
            return _look(archive)
    except _UNREADABLE:
        raise InvalidValue("not_a_workbook", "file") from None


def column_letters(column: int) -> str:
    """The letters of a column, A for 1."""
    letters = ""
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def cell_name(row: int, column: int) -> str:
    """A cell as people name it: C17."""
    return f"{column_letters(column)}{row}"


def _look(archive: ZipFile) -> Looked:
    entries = archive.infolist()
    names = [entry.filename.replace("\\", "/").lstrip("/").casefold() for entry in entries]
    if len(entries) > ENTRIES or len(set(names)) != len(names):
        raise InvalidValue("not_a_workbook", "file")
    if _OF_OTHER_KINDS & set(names):
        raise InvalidValue("not_a_workbook", "file")
    if any("vbaproject" in name or "macrosheets" in name for name in names):
        raise InvalidValue("workbook_has_macros", "file")
    budget = _Budget()
    for entry in entries:
        budget.announce(entry.file_size, entry.compress_size)
    book, links = _Book(), _Links()
    _parse(archive, "xl/workbook.xml", book, budget)
    _parse(archive, "xl/_rels/workbook.xml.rels", links, budget)
    sheet = next((name for name in book.sheets if name.strip() == LEDGER_SHEET), next(iter(book.sheets), None))
    if sheet is None:
        raise InvalidValue("not_a_workbook", "file")
    part = _part(links.targets[book.sheets[sheet]])
    cells = _Cells()
    _parse(archive, part, cells, budget)
    seen = {"xl/workbook.xml", "xl/_rels/workbook.xml.rels", part}
    for entry in entries:
        if entry.filename not in seen and entry.filename.casefold().endswith((".xml", ".rels")):
            _parse(archive, entry.filename, _Types(), budget)
    return Looked(sheet, frozenset(cells.formulas), book.from_1904)


def _part(target: str) -> str:
    path = target.lstrip("/")
    return path if path.startswith("xl/") else f"xl/{path}"


class _Budget:
    """What may still be unpacked; a part's own word on its size is not believed."""

    def __init__(self) -> None:
        self.left = UNPACKED
        self._announced = 0

    def announce(self, size: int, packed: int) -> None:
        self._announced += size
        if self._announced > UNPACKED or (size > SMALL and size > RATIO * max(packed, 1)):
            raise InvalidValue("workbook_unpacks_too_far", "file", {"limit": UNPACKED // 1_000_000})

    def take(self, size: int) -> None:
        self.left -= size
        if self.left < 0:
            raise InvalidValue("workbook_unpacks_too_far", "file", {"limit": UNPACKED // 1_000_000})


class _Seer(Protocol):
    """Sees the elements of a part by their local names."""

    def begins(self, name: str, attributes: dict[str, str]) -> None: ...


def _parse(archive: ZipFile, part: str, seer: _Seer, budget: _Budget) -> None:
    def doctype(*_: object) -> None:
        raise InvalidValue("workbook_has_a_dtd", "file", {"part": part})

    def begins(name: str, attributes: dict[str, str]) -> None:
        seer.begins(name.rpartition(":")[2], attributes)

    parser = ParserCreate()
    parser.StartDoctypeDeclHandler = doctype
    parser.StartElementHandler = begins
    for chunk in _chunks(archive, part, budget):
        parser.Parse(chunk, False)
    parser.Parse(b"", True)


def _chunks(archive: ZipFile, part: str, budget: _Budget) -> Iterator[bytes]:
    with archive.open(part) as stream:
        while chunk := stream.read(CHUNK):
            budget.take(len(chunk))
            yield chunk


@dataclass
class _Book:
    """The sheets by name, each with the id of its link; what is there twice, readers take different ones of."""

    sheets: dict[str, str] = field(default_factory=dict[str, str])
    from_1904: bool = False

    def begins(self, name: str, attributes: dict[str, str]) -> None:
        if name == "sheet":
            links = [value for key, value in attributes.items() if key.endswith(":id")]
            if len(links) != 1 or attributes["name"] in self.sheets:
                raise InvalidValue("not_a_workbook", "file")
            self.sheets[attributes["name"]] = links[0]
        elif name == "workbookPr":
            self.from_1904 = attributes.get("date1904", "0") in ("1", "true")


@dataclass
class _Links:
    """The parts that ids stand for."""

    targets: dict[str, str] = field(default_factory=dict[str, str])

    def begins(self, name: str, attributes: dict[str, str]) -> None:
        if name == "Relationship":
            if attributes["Id"] in self.targets:
                raise InvalidValue("not_a_workbook", "file")
            self.targets[attributes["Id"]] = attributes["Target"]


class _Types:
    """Any other part; the list of types must name no macros."""

    def begins(self, name: str, attributes: dict[str, str]) -> None:
        if "macroEnabled" in attributes.get("ContentType", ""):
            raise InvalidValue("workbook_has_macros", "file")


@dataclass
class _Cells:
    """The cells of the ledger's sheet: how many there are, how far they reach, and which have formulas."""

    formulas: set[Place] = field(default_factory=set[Place])
    row: int = 0
    column: int = 0
    number: int = 0

    def begins(self, name: str, attributes: dict[str, str]) -> None:
        if name == "c":
            self.number += 1
            self.column += 1
            if self.number > (ROWS + HEAD_WITHIN) * COLUMNS:
                raise InvalidValue("too_many_rows", "file", {"limit": ROWS})
            if told := attributes.get("r"):
                ref = _REF.fullmatch(told)
                if ref is None:
                    raise InvalidValue("not_a_workbook", "file")
                self.row, self.column = int(ref[2]), _number(ref[1])
        elif name == "row":
            self.row, self.column = int(attributes.get("r", self.row + 1)), 0
        elif name in ("v", "is", "f"):
            if self.row > ROWS + HEAD_WITHIN:
                raise InvalidValue("too_many_rows", "file", {"limit": ROWS})
            if self.column > COLUMNS:
                raise InvalidValue("too_many_columns", "file", {"limit": COLUMNS})
            if name == "f":
                self.formulas.add((self.row, self.column))


def _number(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number
