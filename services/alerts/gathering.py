"""What alerts' decisions need beyond their own stream."""

import asyncpg

from services.alerts.commands import IssueNotice
from shared.authority_views import PERSON
from shared.command import Case
from shared.rights import SECRETARIES
from shared.view import SCHEMA


async def addressee_of_unit(connection: asyncpg.Connection, _: object, command: IssueNotice, case: Case) -> bool:
    """Whether the addressee is today the secretary of the very unit."""
    statement = _PERSON.format(person=f"{SCHEMA}.{PERSON.table_name}", columns=", ".join(PERSON.columns))
    record = await connection.fetchrow(statement, f"person-{command.addressee}")
    return record is not None and any(
        post.role in SECRETARIES and post.unit == command.unit and post.holds_on(case.today)
        for post in PERSON.decode(tuple(record)).appointments
    )


_PERSON = "select {columns} from {person} where key = $1"
