"""The views `lamp`, `alert` and `notice`: what alerts says of projects and units."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from shared.contracts import alert as a
from shared.contracts.event import Event
from shared.contracts.topics import Topic
from shared.view import View


@dataclass(frozen=True, slots=True)
class LampRow:
    """A project's lamp and why; `since` is the day it last changed."""

    project: str = ""
    owner: str = ""
    county: str = ""
    lamp: a.Lamp | None = None
    was: a.Lamp | None = None
    scheduled: Decimal | None = None
    actual: Decimal | None = None
    as_of: date | None = None
    reason: str = ""
    since: date | None = None
    changed: datetime | None = None


@dataclass(frozen=True, slots=True)
class AlertRow:
    """A rule's alert about a subject, its latest episode. `raised` and `changed` are times."""

    rule: str = ""
    subject: str = ""
    owner: str = ""
    county: str = ""
    episode: int = 0
    open: bool = False
    lamp: a.Lamp | None = None
    title: str = ""
    text: str = ""
    as_of: date | None = None
    raised: datetime | None = None
    changed: datetime | None = None


@dataclass(frozen=True, slots=True)
class NoticeRow:
    """A notice and how far its answer is. Days are those that the facts hold for."""

    kind: a.NoticeKind | None = None
    number: str = ""
    county: str = ""
    unit: str = ""
    title: str = ""
    sign_by: date | None = None
    reply_by: date | None = None
    issued: date | None = None
    signed: date | None = None
    replied: date | None = None
    changed: datetime | None = None


def evolve_lamp(row: LampRow, event: Event[Any]) -> LampRow:
    """Fold one event of a lamp."""
    match event.data:
        case a.LampChanged() as e:
            return LampRow(
                e.project,
                e.owner,
                e.county,
                e.lamp,
                e.was,
                e.scheduled,
                e.actual,
                e.as_of,
                e.reason,
                event.effective,
                event.time,
            )
        case _:
            return row


def evolve_alert(row: AlertRow, event: Event[Any]) -> AlertRow:
    """Fold one event of an alert: raised, updated, cleared."""
    match event.data:
        case a.AlertRaised() as e:
            return AlertRow(
                e.rule,
                e.subject,
                e.owner,
                e.county,
                e.episode,
                True,
                e.lamp,
                e.title,
                e.text,
                e.as_of,
                event.time,
                event.time,
            )
        case a.AlertUpdated() as e:
            return replace(row, lamp=e.lamp, text=e.text, as_of=e.as_of, changed=event.time)
        case a.AlertCleared() as e:
            return replace(row, open=False, text=e.text, as_of=e.as_of, changed=event.time)
        case _:
            return row


def evolve_notice(row: NoticeRow, event: Event[Any]) -> NoticeRow:
    """Fold one event of a notice: issued, signed for, replied to."""
    match event.data:
        case a.NoticeIssued() as e:
            return NoticeRow(
                e.kind,
                e.number,
                e.county,
                e.unit,
                e.title,
                e.sign_by,
                e.reply_by,
                issued=event.effective,
                changed=event.time,
            )
        case a.NoticeSigned():
            return replace(row, signed=event.effective, changed=event.time)
        case a.NoticeReplied():
            return replace(row, replied=event.effective, changed=event.time)
        case _:
            return row


LAMP = View(
    name="lamp",
    version=1,
    row=LampRow,
    topics={Topic.ALERT: frozenset({"lamp"})},
    evolve=evolve_lamp,
    indexes=[("changed",)],
)

ALERT = View(
    name="alert",
    version=1,
    row=AlertRow,
    topics={Topic.ALERT: frozenset({"alert"})},
    evolve=evolve_alert,
    indexes=[("county", "open", "changed"), ("changed",)],
)

NOTICE = View(
    name="notice",
    version=2,
    row=NoticeRow,
    topics={Topic.ALERT: frozenset({"notice"})},
    evolve=evolve_notice,
    indexes=[("unit", "replied"), ("changed",)],
)
