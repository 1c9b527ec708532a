"""The access log: who read personal data, files that tell of persons, and lists that were taken out, and what for.

A reading is a fact like others: it is appended before anything is given out, to the reader's stream of the month.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Annotated, Any
from uuid import uuid4

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel
from sqlalchemy import (
    ColumnElement,
    DateTime,
    Integer,
    Select,
    TableValuedAlias,
    Text,
    and_,
    column,
    exists,
    func,
    or_,
    select,
    true,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from services.registry.kept.access_views import ACCESS
from shared import problems
from shared.auth import Principal, principal
from shared.authority import subtree
from shared.authority_table import Reads, reads
from shared.authority_views import UNIT
from shared.contracts.event import Context, source_of
from shared.contracts.months import month_of
from shared.contracts.reference import AccessKind, DataRead, Role
from shared.contracts.values import Month, PersonId, StreamId
from shared.errors import NotReady
from shared.kit import AtLeastHeader, Kit, kit
from shared.rights import NATION
from shared.store import Outcome, append_in, load_many, make_item

router = APIRouter(prefix="/registry", tags=["queries"], responses=problems.RESPONSES)

TRIES = 5


async def write_down(kit: Kit, reader: str, read: DataRead) -> None:
    """Append a reading to the reader's stream of this month; readings of one person go one after the other.

    Raises:
        NotReady("too_many_conflicts"): then nothing may be given out.
    """
    moment = await kit.moments.of(None)
    stream_id = StreamId(f"access-{reader}-{month_of(moment.today)}")
    context = Context(
        command_id=uuid4(),
        source=source_of(kit.service.name),
        time=moment.now,
        actor=reader,
        org=read.unit,
        effective=moment.today,
    )
    for _ in range(TRIES):
        async with kit.database.keyed() as connection:
            stream = (await load_many(connection, [stream_id], lock=True))[stream_id]
            [verdict] = await append_in(connection, [make_item(stream, [read], context)])
        if verdict.outcome is Outcome.OK:
            kit.appender.appended()
            return
    raise NotReady("too_many_conflicts")


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
    offset: Annotated[int, Query(ge=0, le=1_000_000)] = 0,
    limit: Annotated[int, Query(ge=1, le=1000)] = 200,
    at_least: AtLeastHeader = None,
    kit: Kit = Depends(kit),
    who: Principal = Depends(principal),
) -> list[AccessLine]:
    """What was read in a month, perhaps by one person, of the units that the caller is auditor of, the last first."""
    await kit.at_least(at_least, (ACCESS, UNIT))
    roots = await kit.authority.visible_units(who.person, await kit.moments.today(), frozenset({Role.AUDITOR}))
    async with kit.database.core() as connection:
        return await readings(connection, month, roots, reader=reader, offset=offset, limit=limit)


async def readings(
    connection: AsyncConnection,
    month: Month,
    roots: Collection[str],
    *,
    reader: PersonId | None = None,
    offset: int,
    limit: int,
) -> list[AccessLine]:
    """The readings of a month of what belongs to units in the subtrees of `roots`, the last one first."""
    line = _reading()
    query = (
        _of(month, roots, line, select(ACCESS.table.c.reader, *line.c))
        .order_by(line.c.at.desc(), ACCESS.table.c.reader)
        .offset(offset)
        .limit(limit)
    )
    if reader is not None:
        query = query.where(ACCESS.table.c.reader == reader)
    return [AccessLine.model_validate(dict(row)) for row in (await connection.execute(query)).mappings()]


async def numbers_of_readers(
    connection: AsyncConnection, month: Month, roots: Collection[str]
) -> dict[PersonId, dict[AccessKind, int]]:
    """How often each person has read each kind in a month, of what belongs to units in the subtrees of `roots`."""
    line, reader = _reading(), ACCESS.table.c.reader
    counted = select(reader, line.c.kind, func.count())
    query = _of(month, roots, line, counted).group_by(reader, line.c.kind).order_by(reader)
    found: dict[PersonId, dict[AccessKind, int]] = {}
    for who, kind, number in await connection.execute(query):
        found.setdefault(who, {})[AccessKind(kind)] = number
    return found


def _reading() -> TableValuedAlias:
    texts = (column(name, Text) for name in ("kind", "what", "unit", "purpose"))
    return (
        func.jsonb_to_recordset(ACCESS.table.c.readings)
        .table_valued(column("at", DateTime(timezone=True)), column("rows", Integer), *texts, name="reading")
        .render_derived(with_types=True)
    )


def _of(month: Month, roots: Collection[str], line: TableValuedAlias, query: Select[Any]) -> Select[Any]:
    table, mine = ACCESS.table, subtree(roots)
    return query.select_from(table.join(line, true())).where(
        table.c.month == month, or_(line.c.unit.in_(select(mine.c.code)), _of_nobody(line.c.unit, roots))
    )


def _of_nobody(unit: ColumnElement[str], roots: Collection[str]) -> ColumnElement[bool]:
    """What belongs to no unit is for those who see the whole tree."""
    tops = UNIT.table.alias()
    unseen = exists().where(tops.c.code != "", tops.c.parent.is_(None), tops.c.code.not_in(roots))
    return and_(unit == NATION, ~unseen)
