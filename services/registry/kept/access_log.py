"""The access log: who read personal data, files that tell of persons, and lists that were taken out, and what for.

A reading is a fact like others: it is appended before anything is given out, to a stream of its own.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Annotated
from uuid import uuid4

from fastapi import Depends, Query
from pydantic import BaseModel
from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from services.registry.kept.access_views import ACCESS
from services.registry.keyset import After, Found, Paging, Part, part_of
from services.registry.sight import queries
from shared.auth import Principal, principal
from shared.authority import subtree
from shared.authority_table import Reads, reads
from shared.authority_views import UNIT
from shared.contracts.event import Context, source_of
from shared.contracts.reference import AccessKind, DataRead, Role
from shared.contracts.values import Month, PersonId, StreamId
from shared.kit import AtLeastHeader, Kit, kit
from shared.rights import NATION
from shared.store import Stream, make_item
from shared.uuid7 import uuid7

router = queries()


async def write_down(kit: Kit, reader: str, read: DataRead) -> None:
    """Append a reading.

    Raises:
        NotReady: then nothing may be given out.
    """
    moment = await kit.moments.of(None)
    stream = Stream(StreamId(f"access-{uuid7()}"))
    context = Context(
        command_id=uuid4(),
        source=source_of(kit.service.name),
        time=moment.now,
        actor=reader,
        org=read.unit,
        effective=moment.today,
    )
    # A new stream's only rival is its own append sent twice: then it is written.
    await kit.appender.append(make_item(stream, [read], context))


class AccessLine(BaseModel):
    """Who read what, of which unit, when and what for."""

    reader: str
    at: datetime
    kind: AccessKind
    what: str
    unit: str
    purpose: str
    rows: int


@router.get(
    "/access-log", openapi_extra=reads(Reads.SUBTREE, "the units of what was read", "a post as `auditor`, and no other")
)
async def access_log(
    month: Month,
    reader: PersonId | None = None,
    after: After = "",
    limit: Annotated[int, Query(ge=1, le=1000)] = 200,
    at_least: AtLeastHeader = None,
    kit: Kit = Depends(kit),
    who: Principal = Depends(principal),
) -> Part[AccessLine]:
    """What was read in a month, perhaps by one person, of the units that the caller is auditor of, the last first."""
    await kit.at_least(at_least, (ACCESS, UNIT))
    roots = await kit.authority.visible_units(who.person, await kit.moments.today(), frozenset({Role.AUDITOR}))
    async with kit.database.core() as connection:
        found = await readings(connection, month, roots, reader=reader, page=Paging(limit, after))
    return Part(items=found.rows, next=found.next)


async def readings(
    connection: AsyncConnection,
    month: Month,
    roots: Collection[str],
    *,
    reader: PersonId | None = None,
    page: Paging,
) -> Found[AccessLine]:
    """The readings of a month of what belongs to units in the subtrees of `roots`, the last one first.

    What belongs to no unit is for those who see the whole tree.
    """
    table = ACCESS.table
    query = select(*ACCESS.core_columns).where(table.c.month == month, _of_units(roots))
    if reader is not None:
        query = query.where(ACCESS.table.c.reader == reader)
    found = await part_of(connection, query, (table.c.at, table.c.key), page, falling=True)
    return Found([AccessLine.model_validate(vars(ACCESS.decode(row))) for row in found.rows], found.next)


async def numbers_of_readers(
    connection: AsyncConnection, month: Month, roots: Collection[str]
) -> dict[PersonId, dict[AccessKind, int]]:
    """How often each person has read each kind in a month, of what belongs to units in the subtrees of `roots`."""
    table = ACCESS.table
    query = (
        select(table.c.reader, table.c.kind, func.count())
        .where(table.c.month == month, _of_units(roots))
        .group_by(table.c.reader, table.c.kind)
        .order_by(table.c.reader)
    )
    found: dict[PersonId, dict[AccessKind, int]] = {}
    for reader, kind, number in await connection.execute(query):
        found.setdefault(reader, {})[AccessKind(kind)] = number
    return found


def _of_units(roots: Collection[str]) -> ColumnElement[bool]:
    unit, mine, tops = ACCESS.table.c.unit, subtree(roots), UNIT.table.alias()
    unseen = exists().where(tops.c.code != "", tops.c.parent.is_(None), tops.c.code.not_in(roots))
    return or_(unit.in_(select(mine.c.code)), and_(unit == NATION, ~unseen))
