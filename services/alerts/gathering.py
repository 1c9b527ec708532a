"""What alerts' decisions need beyond their own stream."""

from datetime import date

import asyncpg

from services.alerts.commands import IssueNotice
from services.alerts.notice import NoticeFacts
from shared.authority_views import PERSON
from shared.command import Case
from shared.contracts.reference import SECRETARIES
from shared.rows import row_of
from shared.tree import county_above


async def notice_facts(connection: asyncpg.Connection, _: object, command: IssueNotice, case: Case) -> NoticeFacts:
    """Where the unit lies, and whether the addressee is today the secretary of that very unit."""
    county = await county_above(connection, command.unit)
    return NoticeFacts(county, await _is_secretary(connection, command, case.today))


async def _is_secretary(connection: asyncpg.Connection, command: IssueNotice, today: date) -> bool:
    person = await row_of(connection, PERSON, f"person-{command.addressee}")
    return person is not None and any(
        post.role in SECRETARIES and post.unit == command.unit and post.holds_on(today) for post in person.appointments
    )
