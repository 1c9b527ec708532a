"""Reporting's commands: for each its stream, who may, what is decided, and what is read for it."""

from collections.abc import Sequence
from functools import partial
from typing import Any

from services.reporting import bulletin, gathering
from services.reporting.bulletin import BULLETIN
from services.reporting.commands import DraftBulletin, IssueBulletin, RewriteBulletin
from shared.command import Handler, Numbered, Who
from shared.contracts.documents import Document, document_number
from shared.contracts.reference import Role

SUPERVISORS = frozenset({Role.SUPERVISOR})
OF_ITS_CITY: Who[Any, Any] = Who(SUPERVISORS, at=lambda state, _: state.city, scope="the bulletin's city")
"""A supervisor at the bulletin's city, or above it."""

HANDLERS: Sequence[Handler[Any, Any]] = (
    Handler(
        DraftBulletin,
        BULLETIN,
        Who(SUPERVISORS, at=lambda _, command: command.manuscript.city, scope="the city that it names"),
        lambda state, command, case: bulletin.draft(state, command.manuscript, case.facts),
        gather=gathering.for_draft,
    ),
    Handler(
        RewriteBulletin,
        BULLETIN,
        OF_ITS_CITY,
        lambda state, command, case: bulletin.draft(state, command.manuscript, case.facts),
        gather=gathering.for_draft,
    ),
    Handler(
        IssueBulletin,
        BULLETIN,
        OF_ITS_CITY,
        lambda state, _, case: bulletin.issue(state, case.facts, case.number),
        numbered=Numbered(
            Document.BULLETIN.value,
            county=lambda state, _: state.city,
            format=partial(document_number, Document.BULLETIN),
        ),
        gather=gathering.for_issue,
    ),
)
"""Every command of reporting."""
