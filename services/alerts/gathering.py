"""What alerts' decisions need beyond their own stream."""

from datetime import date

import asyncpg
from pydantic import TypeAdapter

from services.alerts.commands import IssueNotice
from services.alerts.notice import NoticeFacts
from shared.authority_views import PERSON, Appointment
from shared.command import Case
from shared.contracts.reference import SECRETARIES
from shared.tree import county_above

_appointments = TypeAdapter(tuple[Appointment, ...])


async def notice_facts(connection: asyncpg.Connection, _: object, command: IssueNotice, case: Case) -> NoticeFacts:
    """Where the unit lies, and whether the addressee is today the secretary of that very unit."""
    county = await county_above(connection, command.unit)
    return NoticeFacts(county, await _is_secretary(connection, command, case.today))


async def _is_secretary(connection: asyncpg.Connection, command: IssueNotice, today: date) -> bool:
    statement = _POSTS.format(person=PERSON.sql_name)
    posts = await connection.fetchval(statement, f"person-{command.addressee}")
    return posts is not None and any(
        post.role in SECRETARIES and post.unit == command.unit and post.holds_on(today)
        for post in _appointments.validate_json(posts)
    )


_POSTS = "select appointments::text from {person} where key = $1"
