"""Alerts' commands: for each its stream, who may, what is decided, and what is read for it."""

from collections.abc import Sequence
from functools import partial
from typing import Any

from services.alerts import notice
from services.alerts.commands import IssueNotice, IssueSupervision, IssueWarning, ReplyToNotice, SignNotice
from services.alerts.gathering import notice_facts
from services.alerts.notice import NOTICE
from shared.command import Handler, Numbered, Who
from shared.contracts.alert import NoticeKind
from shared.contracts.documents import Document, document_number
from shared.contracts.reference import SECRETARIES, Role

SUPERVISOR: Who[Any, Any] = Who(
    frozenset({Role.SUPERVISOR}), at=lambda _, cmd: cmd.county, scope="the county that it names"
)
"""A supervisor at the county that the command names, or above it."""

ADDRESSEE: Who[Any, Any] = Who(
    SECRETARIES | {Role.OFFICE},
    at=lambda state, _: state.unit,
    exactly=True,
    for_whom=lambda state, _: state.addressee,
    scope="the notice's unit",
)
"""The secretary of the very unit, who may be the addressee's successor; the office acts for the addressee, as
long as he or she is that secretary."""


def _issuing(command: type[IssueNotice], kind: NoticeKind, document: Document) -> Handler[Any, Any]:
    return Handler(
        command,
        NOTICE,
        SUPERVISOR,
        lambda _, cmd, case: notice.issue(cmd, kind, case.number, case.today, case.facts),
        numbered=Numbered(
            document.value,
            county=lambda _, cmd: cmd.county,
            format=partial(document_number, document),
        ),
        gather=notice_facts,
    )


HANDLERS: Sequence[Handler[Any, Any]] = (
    _issuing(IssueWarning, NoticeKind.WARNING, Document.WARNING),
    _issuing(IssueSupervision, NoticeKind.SUPERVISION, Document.SUPERVISION),
    Handler(SignNotice, NOTICE, ADDRESSEE, lambda s, _, __: notice.sign(s)),
    Handler(ReplyToNotice, NOTICE, ADDRESSEE, lambda s, cmd, _: notice.reply(s, cmd)),
)
"""Every command of alerts."""
