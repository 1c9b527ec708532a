"""A notice (督办单, 预警通报): issued, signed for, replied to. A missed deadline is seen by the day, not written."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import assert_never

from services.alerts.commands import IssueNotice, ReplyToNotice
from shared.command import Aggregate
from shared.contracts.alert import NoticeEvent, NoticeIssued, NoticeKind, NoticeReplied, NoticeSigned
from shared.contracts.divisions import UnitKind, kind_of
from shared.contracts.event import Event
from shared.contracts.values import UnitCode
from shared.errors import require


@dataclass(frozen=True, slots=True)
class Notice:
    """What is known of a notice; `issued` is None before it is."""

    issued: NoticeIssued | None = None
    signed: bool = False
    replied: bool = False

    @property
    def unit(self) -> str:
        """The unit that it was issued to."""
        return self.issued.unit if self.issued else ""

    @property
    def addressee(self) -> str | None:
        """The person that it was issued to."""
        return self.issued.addressee if self.issued else None


def evolve(notice: Notice, event: Event[NoticeEvent]) -> Notice:
    """The notice after one more event."""
    match event.data:
        case NoticeIssued() as e:
            return Notice(e)
        case NoticeSigned():
            return replace(notice, signed=True)
        case NoticeReplied():
            return replace(notice, replied=True)
        case _:
            assert_never(event.data)


NOTICE = Aggregate("notice", Notice(), evolve)


@dataclass(frozen=True, slots=True)
class NoticeFacts:
    """The county that the unit lies in, None without one, and whether the addressee is its secretary today."""

    county: UnitCode | None
    addressee_of_unit: bool


def issue(
    command: IssueNotice, kind: NoticeKind, number: str, today: date, facts: NoticeFacts
) -> Sequence[NoticeEvent]:
    """Issue a notice to the secretary of a unit of the county, with a day to sign by and a later one to reply by."""
    unknown = facts.county is None and kind_of(command.unit) is not UnitKind.PROVINCE
    require(not unknown, "no_such_unit", field="unit", unit=command.unit)
    require(
        facts.county == command.county,
        "notice_unit_not_in_county",
        field="unit",
        unit=command.unit,
        county=command.county,
    )
    require(facts.addressee_of_unit, "addressee_not_of_unit", field="addressee", unit=command.unit)
    require(today <= command.sign_by, "sign_by_past", field="sign_by")
    require(command.sign_by < command.reply_by, "reply_before_signing", field="reply_by")
    return [
        NoticeIssued(
            kind=kind,
            number=number,
            county=command.county,
            unit=command.unit,
            addressee=command.addressee,
            subject=command.subject,
            title=command.title,
            reason=command.reason,
            sign_by=command.sign_by,
            reply_by=command.reply_by,
        )
    ]


def sign(notice: Notice) -> Sequence[NoticeEvent]:
    """Sign for it, once; late is better than never."""
    require(not notice.signed, "already_signed")
    return [NoticeSigned()]


def reply(notice: Notice, command: ReplyToNotice) -> Sequence[NoticeEvent]:
    """Reply to it, once, after it was signed for."""
    require(notice.signed, "not_signed")
    require(not notice.replied, "already_replied")
    return [NoticeReplied(text=command.text)]
