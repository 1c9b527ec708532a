"""Lamps, alerts and notices. Written by alerts."""

from enum import StrEnum

from shared.contracts.event import EventData
from shared.contracts.topics import Topic
from shared.contracts.values import Day, Percent, PersonId, ProjectId, ShortText, Slug, Text, UnitCode


class Lamp(StrEnum):
    """红 over 30 points behind, 黄 10–30, 蓝 near a deadline, 绿 normal, 灰 closed or terminated."""

    RED = "red"
    YELLOW = "yellow"
    BLUE = "blue"
    GREEN = "green"
    GREY = "grey"


class NoticeKind(StrEnum):
    """督办单, 预警通报, 通报批评, 批示办理."""

    SUPERVISION = "supervision"
    WARNING = "warning"
    CRITICISM = "criticism"
    FOLLOW_UP = "follow_up"


class AlertData(EventData, topic=Topic.ALERT):
    """The base of this module's events."""


class LampChanged(AlertData, name="alert.lamp-changed.v1"):
    """A project's lamp (stream `lamp-<project>`), held against 序时进度 on the day `as_of`."""

    project: ProjectId
    owner: UnitCode
    county: UnitCode
    lamp: Lamp
    was: Lamp | None
    scheduled: Percent
    actual: Percent
    as_of: Day
    reason: ShortText


class AlertRaised(AlertData, name="alert.raised.v1"):
    """A rule's condition holds for a subject (stream `alert-<rule>-<subject>`); each time anew is an episode."""

    rule: Slug
    subject: ShortText
    owner: UnitCode
    county: UnitCode
    episode: int
    lamp: Lamp
    title: ShortText
    text: ShortText
    as_of: Day


class AlertUpdated(AlertData, name="alert.updated.v1"):
    """The condition still holds, with another lamp."""

    episode: int
    lamp: Lamp
    text: ShortText
    as_of: Day


class AlertCleared(AlertData, name="alert.cleared.v1"):
    """The condition holds no longer."""

    episode: int
    text: ShortText
    as_of: Day


class NoticeIssued(AlertData, name="alert.notice-issued.v1"):
    """A notice was issued to a unit (stream `notice-<uuid7>`); deadlines end at 24:00 of their day."""

    kind: NoticeKind
    number: ShortText
    county: UnitCode
    unit: UnitCode
    addressee: PersonId
    subject: ShortText
    title: ShortText
    reason: Text
    sign_by: Day
    reply_by: Day


class NoticeSigned(AlertData, name="alert.notice-signed.v1"):
    """签收: the addressee has it."""


class NoticeReplied(AlertData, name="alert.notice-replied.v1"):
    """回复: what was done about it."""

    text: Text


NoticeEvent = NoticeIssued | NoticeSigned | NoticeReplied
