"""The views of alerts' own events: lamps, alerts, notices."""

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any

from shared.contracts.alert import (
    AlertCleared,
    AlertRaised,
    AlertUpdated,
    Lamp,
    LampChanged,
    NoticeIssued,
    NoticeKind,
    NoticeReplied,
    NoticeSigned,
)
from shared.contracts.event import Event
from shared.contracts.topics import Topic
from shared.view import View


@dataclass(frozen=True, slots=True)
class LampRow:
    """A project's lamp as it last changed, `since` that day."""

    project: str = ""
    owner: str = ""
    county: str = ""
    lamp: Lamp | None = None
    reason: str = ""
    as_of: date | None = None
    scheduled: Decimal | None = None
    actual: Decimal | None = None
    since: date | None = None


def fold_lamp(row: LampRow, event: Event[Any]) -> LampRow:
    """A lamp after one more change."""
    match event.data:
        case LampChanged() as e:
            return LampRow(
                e.project, e.owner, e.county, e.lamp, e.reason, e.as_of, e.scheduled, e.actual, event.effective
            )
        case _:
            return row


@dataclass(frozen=True, slots=True)
class AlertRow:
    """The last episode of an alert; `lamp` is None once it is cleared."""

    rule: str = ""
    subject: str = ""
    owner: str = ""
    county: str = ""
    episode: int = 0
    lamp: Lamp | None = None
    title: str = ""
    text: str = ""
    as_of: date | None = None
    raised: date | None = None
    cleared: date | None = None


def fold_alert(row: AlertRow, event: Event[Any]) -> AlertRow:
    """An alert after one more event."""
    match event.data:
        case AlertRaised() as e:
            return AlertRow(
                e.rule, e.subject, e.owner, e.county, e.episode, e.lamp, e.title, e.text, e.as_of, event.effective
            )
        case AlertUpdated() as e:
            return replace(row, lamp=e.lamp, text=e.text, as_of=e.as_of)
        case AlertCleared() as e:
            return replace(row, lamp=None, text=e.text, as_of=e.as_of, cleared=event.effective)
        case _:
            return row


class Stage(StrEnum):
    """How far a notice has come."""

    ISSUED = "issued"
    SIGNED = "signed"
    REPLIED = "replied"


@dataclass(frozen=True, slots=True)
class NoticeRow:
    """A notice and the days of its life."""

    kind: NoticeKind = NoticeKind.SUPERVISION
    number: str = ""
    county: str = ""
    unit: str = ""
    addressee: str = ""
    subject: str = ""
    title: str = ""
    reason: str = ""
    sign_by: date = date.min
    reply_by: date = date.min
    stage: Stage = Stage.ISSUED
    issued: date | None = None
    signed: date | None = None
    replied: date | None = None
    reply: str = ""


def fold_notice(row: NoticeRow, event: Event[Any]) -> NoticeRow:
    """A notice after one more event."""
    match event.data:
        case NoticeIssued() as e:
            return NoticeRow(
                e.kind,
                e.number,
                e.county,
                e.unit,
                e.addressee,
                e.subject,
                e.title,
                e.reason,
                e.sign_by,
                e.reply_by,
                issued=event.effective,
            )
        case NoticeSigned():
            return replace(row, stage=Stage.SIGNED, signed=event.effective)
        case NoticeReplied() as e:
            return replace(row, stage=Stage.REPLIED, replied=event.effective, reply=e.text)
        case _:
            return row


def overdue(stage: Stage, sign_by: date, reply_by: date, today: date) -> int:
    """By how many days the next step of a notice is late; a deadline ends at 24:00 of its day."""
    match stage:
        case Stage.ISSUED:
            return max(0, (today - sign_by).days)
        case Stage.SIGNED:
            return max(0, (today - reply_by).days)
        case Stage.REPLIED:
            return 0


LAMPS = View("lamp", 1, LampRow, {Topic.ALERT: frozenset({"lamp"})}, fold_lamp, indexes=[("owner",)])
ALERTS = View("alert", 1, AlertRow, {Topic.ALERT: frozenset({"alert"})}, fold_alert, indexes=[("owner",)])
NOTICES = View("notice", 1, NoticeRow, {Topic.ALERT: frozenset({"notice"})}, fold_notice, indexes=[("unit",)])
