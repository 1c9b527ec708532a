"""Tables of views that the present code does not read: of versions that were superseded, and builds left half-way."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import stamina
import structlog
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import GroupCoordinatorNotAvailableError, for_code

from shared.consume import group_id
from shared.database import Database
from shared.errors import RuleViolation
from shared.rebuild import require_not_built
from shared.renewal import SUFFIX
from shared.view import SCHEMA, View
from shared.view_table import drop_table

log = structlog.get_logger()

_TABLE = re.compile(r"(?P<name>.+)_(?P<version>\d+)")


@dataclass(frozen=True, slots=True)
class Leftover:
    """A version's table of a view that the code has, or had: `view` is the declaration with that name and version.

    `superseded` says that it is older than what the code reads; `unfinished` that it is a build left half-way, or
    one that is under way.
    """

    view: View[Any]
    superseded: bool
    unfinished: bool


async def leftovers(database: Database, views: Sequence[View[Any]]) -> list[Leftover]:
    """The tables of these views that are not read, by name."""
    declared = {view.name: view for view in views}
    async with database.driver() as connection:
        tables = await connection.fetch("select tablename from pg_tables where schemaname = $1 order by 1", SCHEMA)
    found: list[Leftover] = []
    for row in tables:
        match = _TABLE.fullmatch(row["tablename"])
        if match is None or row["tablename"] in {view.table_name for view in views}:
            continue
        name, version = match["name"], int(match["version"])
        view = declared.get(name.removesuffix(SUFFIX))
        if view is not None:
            unfinished = name != view.name
            one = replace(view, name=name, version=version)
            found.append(Leftover(one, superseded=not unfinished and version < view.version, unfinished=unfinished))
    return found


async def prune(database: Database, kafka: str, leftover: Leftover, service: str) -> None:
    """Drop a leftover's table, its places and what is parked of it.

    Raises:
        RuleViolation("view_in_use"): processes of an earlier code follow this version.
        NotReady("rebuild_running"): it is being built.
    """
    view = leftover.view
    members = await _members(kafka, group_id(service, view))
    if members:
        raise RuleViolation("view_in_use", detail={"view": view.name, "version": view.version, "members": members})
    async with database.driver() as connection, connection.transaction():
        await require_not_built(connection, view)
        await drop_table(connection, view.name, view.version)
    log.info("view_pruned", view=view.name, version=view.version)


_MEMBERS = 5
"""Where a group's description has its members, in every version of Kafka's answer."""


@stamina.retry(on=GroupCoordinatorNotAvailableError, timeout=20)
async def _members(kafka: str, group: str) -> int:
    """How many processes Kafka has in a group."""
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka)
    await admin.start()
    try:
        answers: list[Any] = await admin.describe_consumer_groups([group])
        described = [one for answer in answers for one in answer.groups]
        for error, *_ in described:
            if error:
                raise for_code(error)(group)
        return sum(len(one[_MEMBERS]) for one in described)
    finally:
        await admin.close()
