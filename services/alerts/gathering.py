"""What alerts' decisions need beyond their own stream."""

import asyncpg
from pydantic import TypeAdapter

from services.alerts.commands import IssueNotice
from shared.authority_views import PERSON, Appointment
from shared.command import Case
from shared.rights import SECRETARIES
from shared.view import SCHEMA

_appointments = TypeAdapter(tuple[Appointment, ...])


async def addressee_of_unit(connection: asyncpg.Connection, _: object, command: IssueNotice, case: Case) -> bool:
    """Whether the addressee is today the secretary of the very unit."""
    statement = _POSTS.format(person=f"{SCHEMA}.{PERSON.table_name}")
    posts = await connection.fetchval(statement, f"person-{command.addressee}")
    return posts is not None and any(
        post.role in SECRETARIES and post.unit == command.unit and post.holds_on(case.today)
        for post in _appointments.validate_json(posts)
    )


_POSTS = "select appointments::text from {person} where key = $1"
