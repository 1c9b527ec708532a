"""Whether an office file may be kept: none with macros, none that has a program among its parts."""

import zlib
from io import BytesIO
from xml.parsers.expat import ExpatError, ParserCreate
from zipfile import BadZipFile, ZipFile

from shared.errors import InvalidValue

OFFICE = "application/vnd.openxmlformats-officedocument."
PARTS, TYPES = 2000, 1_000_000
"""Parts of a file that are looked at; bytes of the list of their types."""
_LIST = "[content_types].xml"
_OF_MACROS = ("vbaproject", "macrosheet", "macroenabled")
_PROGRAMS = (b"MZ", b"\x7fELF")
_UNREADABLE = (BadZipFile, zlib.error, ExpatError, EOFError, LookupError, NotImplementedError, RuntimeError, ValueError)


def check_office(content: bytes) -> None:
    """Look at the parts of a .docx or .xlsx by their names, their types and how they begin.

    Raises:
        InvalidValue("file_has_macros" | "file_has_a_program" | "file_damaged").
    """
    try:
        with ZipFile(BytesIO(content)) as archive:
            _check(archive)
    except _UNREADABLE:
        raise InvalidValue("file_damaged") from None


def _check(archive: ZipFile) -> None:
    parts = [(entry, entry.filename.replace("\\", "/").lstrip("/").casefold()) for entry in archive.infolist()]
    lists = [entry for entry, name in parts if name == _LIST]
    if len(lists) != 1 or len(parts) > PARTS:
        raise InvalidValue("file_damaged")
    with archive.open(lists[0]) as part:
        types = _types(part.read(TYPES))
    if any(mark in word for word in [*types, *(name for _, name in parts)] for mark in _OF_MACROS):
        raise InvalidValue("file_has_macros")
    for entry, name in parts:
        with archive.open(entry) as part:
            if part.read(4).startswith(_PROGRAMS):
                raise InvalidValue("file_has_a_program", None, {"part": name})


def _types(xml: bytes) -> list[str]:
    """The types that the parts are said to be of."""
    found: list[str] = []

    def doctype(*_: object) -> None:
        raise ValueError("a list of types has no document type")

    def begins(_: str, attributes: dict[str, str]) -> None:
        found.append(attributes.get("ContentType", "").casefold())

    parser = ParserCreate()
    parser.StartDoctypeDeclHandler = doctype
    parser.StartElementHandler = begins
    parser.Parse(xml, True)
    return found
