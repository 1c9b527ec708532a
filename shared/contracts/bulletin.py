"""Bulletins. Written by reporting (stream `bulletin-<uuid7>`)."""

from datetime import datetime
from typing import Annotated

from pydantic import Field, StringConstraints

from shared.contracts.event import EventData, Part
from shared.contracts.topics import Topic
from shared.contracts.values import Day, OptionalText, ShortText, Slug, Text, UnitCode, Year

FullText = Annotated[str, StringConstraints(min_length=1, max_length=60_000)]
"""A whole bulletin, its line ends and full-width spaces as they are."""


class Section(Part):
    """A county's section. Its paragraphs hold `{figure}` names, filled with what is counted; `**` makes a lead."""

    unit: UnitCode
    title: ShortText
    paragraphs: tuple[Text, ...] = Field(min_length=1)


class Manuscript(Part):
    """What people write of a bulletin; every number in it is a named figure.

    In a section `{projects}` is its unit's figure; `{city.projects}` is the city's, there and in the editor's note.
    """

    series: ShortText
    publisher: ShortText
    city: UnitCode
    plan_year: Year
    editor_note: Text
    sections: tuple[Section, ...] = Field(min_length=1)
    report_to: ShortText
    send_to: ShortText
    publish_to: ShortText


class FigureCounted(Part):
    """A figure as it was counted: `unit` and `key` name it, `value` is what stands in the text."""

    unit: UnitCode
    key: Slug
    value: ShortText


class BulletinData(EventData, topic=Topic.BULLETIN):
    """The base of this module's events."""


class BulletinDrafted(BulletinData, name="bulletin.drafted.v1"):
    """A manuscript was written, or written anew."""

    manuscript: Manuscript


class BulletinIssued(BulletinData, name="bulletin.issued.v1"):
    """The bulletin was issued: its number, day, full text and the figures that it was made from."""

    issue: int = Field(ge=1)
    year: Year
    day: Day
    figures: tuple[FigureCounted, ...]
    text: FullText
    note: OptionalText = ""
    registration: OptionalText = ""
    """The entry in the register of what the city has issued in the year, without gaps."""
    as_of: datetime | None = None
    """The moment up to which facts had been recorded that the figures were counted from."""


BulletinEvent = BulletinDrafted | BulletinIssued
