"""What may be asked of alerts."""

from shared.command import Command
from shared.contracts.values import Day, PersonId, ShortText, Text, UnitCode


class IssueNotice(Command):
    """The fields of every notice: to whom, about what, until when. Deadlines end at 24:00 of their day."""

    county: UnitCode
    unit: UnitCode
    addressee: PersonId
    subject: ShortText
    title: ShortText
    reason: Text
    sign_by: Day
    reply_by: Day


class IssueWarning(IssueNotice, route="/notices/issue-warning"):
    """Issue a warning notice (预警通报)."""


class IssueSupervision(IssueNotice, route="/notices/issue-supervision"):
    """Issue a supervision notice (督办单)."""


class SignNotice(Command, route="/notices/{id}/sign"):
    """Sign for a notice (签收)."""


class ReplyToNotice(Command, route="/notices/{id}/reply"):
    """Reply to a notice that was signed for (回复)."""

    text: Text
