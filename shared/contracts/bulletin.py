"""Bulletins. Written by reporting (stream `bulletin-<uuid7>`)."""

from pydantic import Field

from shared.contracts.event import EventData, Part
from shared.contracts.topics import Topic
from shared.contracts.values import Day, OptionalText, ShortText, Slug, Text, UnitCode, Year


class Section(Part):
    """A county's section. Its paragraphs hold `{figure}` names, filled with what is counted."""

    unit: UnitCode
    title: ShortText
    paragraphs: tuple[Text, ...] = Field(min_length=1)


class Manuscript(Part):
    """What people write of a bulletin; every number in it is a named figure."""

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
    text: Text
    note: OptionalText = ""


BulletinEvent = BulletinDrafted | BulletinIssued
