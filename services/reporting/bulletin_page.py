"""A bulletin (组工信息) as it is laid out: values in, a page or plain text out. Its figures were counted elsewhere."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from jinja2 import Environment

from shared.web.pages import Page


@dataclass(frozen=True)
class Text:
    """A run of words; a strong one leads a paragraph."""

    text: str
    strong: bool = False


@dataclass(frozen=True)
class Figure:
    """A counted figure as it stands in the text, and the address of what it was counted from."""

    text: str
    key: str
    href: str


Paragraph = tuple[Text | Figure, ...]


@dataclass(frozen=True)
class Section:
    """A county's section; the title is without its △."""

    title: str
    paragraphs: tuple[Paragraph, ...]


@dataclass(frozen=True)
class Instruction:
    """A leader's instruction (批示) on the bulletin."""

    leader: str
    day: date
    text: str


@dataclass(frozen=True)
class BulletinPage:
    """A bulletin to be shown: `unit` publishes it; a draft has no issue number yet; `as_of` is when it was counted."""

    series: str
    issue: int | None
    unit: str
    day: date
    editor_note: Paragraph
    sections: tuple[Section, ...]
    report_to: str
    send_to: str
    publish_to: str
    draft: bool
    as_of: datetime
    instructions: tuple[Instruction, ...] = ()


_MARKS = re.compile(r"\*\*(?P<strong>.+?)\*\*|\{(?P<figure>[^{}]+)\}")


def paragraph(source: str, figures: Mapping[str, Figure]) -> Paragraph:
    """A manuscript's paragraph with its `{name}` filled and its `**lead**` strong.

    Raises KeyError if a named figure is not among those given: a bulletin never shows a gap.
    """
    runs: list[Text | Figure] = []
    end = 0
    for mark in _MARKS.finditer(source):
        if mark.start() > end:
            runs.append(Text(source[end : mark.start()]))
        runs.append(Text(mark["strong"], strong=True) if mark["strong"] else figures[mark["figure"]])
        end = mark.end()
    if end < len(source):
        runs.append(Text(source[end:]))
    return tuple(runs)


def bulletin_html(templates: Environment, page: Page, bulletin: BulletinPage, text_href: str) -> str:
    """The bulletin as a printable page; `text_href` is where its plain text is."""
    template = templates.get_template("bulletin.html")
    return template.render(page=page, bulletin=bulletin, text_href=text_href)


def bulletin_text(templates: Environment, bulletin: BulletinPage) -> str:
    """The bulletin as plain text; the same values always give the same bytes."""
    return templates.get_template("bulletin.txt").render(bulletin=bulletin)
