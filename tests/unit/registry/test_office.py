"""Which office files are kept: those without macros and programs."""

from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile

import pytest

from services.registry.kept import office
from services.registry.kept.office import check_office
from shared.errors import InvalidValue
from shared.kept import media_type_of

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
MACROS = "application/vnd.ms-word.document.macroEnabled.main+xml"


def types(main: str = DOCX, more: str = "") -> bytes:
    """The list of the parts' types."""
    xml = f'<?xml version="1.0"?><Types><Override PartName="/word/document.xml" ContentType="{main}"/>{more}</Types>'
    return xml.encode()


def docx(*more: tuple[str, bytes], list_of_types: bytes | None = None) -> bytes:
    """A document with these parts besides its own."""
    content = BytesIO()
    with ZipFile(content, "w", ZIP_DEFLATED) as made:
        made.writestr("[Content_Types].xml", types() if list_of_types is None else list_of_types)
        made.writestr("word/document.xml", b"<w:document/>")
        for name, part in more:
            made.writestr(name, part)
    return content.getvalue()


def refusal(content: bytes) -> str:
    with pytest.raises(InvalidValue) as refused:
        check_office(content)
    return refused.value.code


def test_a_document_with_pictures_and_tables_in_it_is_taken() -> None:
    content = docx(("word/media/image1.png", b"\x89PNG"), ("word/embeddings/sheet.xlsx", b"PK\x03\x04"))
    assert (media_type_of(content) or "").startswith(office.OFFICE)
    check_office(content)


@pytest.mark.parametrize("name", ["word/vbaProject.bin", "WORD\\VBAPROJECT.BIN", "xl/macrosheets/sheet1.xml"])
def test_macros_are_told_by_their_parts(name: str) -> None:
    assert refusal(docx((name, b"x"))) == "file_has_macros"


@pytest.mark.parametrize(
    "told",
    [
        types(MACROS),
        types(MACROS).decode().encode("utf-16"),
        types(more='<Default Extension="dat" ContentType="application/vnd.ms-office.vbaProject"/>'),
        types(more='<Default Extension="dat" ContentType="application/vnd.ms-excel.intlMacrosheet+xml"/>'),
    ],
)
def test_macros_are_told_by_the_types_of_parts_whatever_they_are_called(told: bytes) -> None:
    assert refusal(docx(("word/data.dat", b"x"), list_of_types=told)) == "file_has_macros"


@pytest.mark.parametrize("program", [b"MZ\x90\0" + bytes(60), b"\x7fELF" + bytes(60)])
def test_a_program_among_the_parts_is_refused_whatever_it_is_called(program: bytes) -> None:
    assert refusal(docx(("word/media/image1.png", program))) == "file_has_a_program"


@pytest.mark.parametrize(
    "content",
    [
        b"PK\x03\x04",
        docx(("[content_types].xml", types(MACROS))),
        docx(list_of_types=b"<Types>"),
        docx(list_of_types=types().replace(b"?>", b'?><!DOCTYPE a [<!ENTITY m "macro">]>')),
        docx(*((f"word/{n}.xml", b"") for n in range(office.PARTS))),
        docx()[:-40],
    ],
)
def test_a_document_whose_parts_cannot_be_told_is_refused(content: bytes) -> None:
    assert refusal(content) == "file_damaged"
