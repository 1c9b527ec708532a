"""What alerts' views answer, cut to what the caller may read."""

from collections.abc import Collection, Mapping
from datetime import date
from decimal import Decimal

from pydantic import BaseModel
from sqlalchemy import RowMapping, Text, case, cast, select
from sqlalchemy.ext.asyncio import AsyncConnection

from services.alerts.schedule import schedule_view
from services.alerts.views import ALERTS, LAMPS, NOTICES, Stage, overdue
from shared.authority import subtree
from shared.contracts.alert import Lamp, NoticeKind
from shared.contracts.values import UnitCode

_LAMPS, _ALERTS, _NOTICES = LAMPS.table, ALERTS.table, NOTICES.table
_PROJECTS = schedule_view({}).table
_GRAVEST_FIRST = (Lamp.RED, Lamp.YELLOW, Lamp.BLUE, Lamp.GREEN, Lamp.GREY)


class LampLine(BaseModel):
    """A project's lamp, `since` the day it last changed, with its reason and the percents of the day `as_of` by now."""

    project: str
    title: str
    owner: UnitCode
    county: UnitCode
    lamp: Lamp
    reason: str
    as_of: date
    scheduled: Decimal
    actual: Decimal
    since: date


class LampPage(BaseModel):
    """Lamps, the gravest first; `next` is the `after` of the next page, null on the last one."""

    items: list[LampLine]
    next: str | None


class AlertLine(BaseModel):
    """An alert's last episode, its text by now; `lamp` is null and `cleared` a day once it is over."""

    id: str
    rule: str
    subject: str
    subject_title: str
    owner: UnitCode
    county: UnitCode
    episode: int
    lamp: Lamp | None
    title: str
    text: str
    as_of: date
    raised: date
    cleared: date | None


class NoticeLine(BaseModel):
    """A notice; `overdue` is by how many days its next step is late today."""

    id: str
    kind: NoticeKind
    number: str
    county: UnitCode
    unit: UnitCode
    addressee: str
    subject: str
    title: str
    reason: str
    sign_by: date
    reply_by: date
    stage: Stage
    overdue: int
    issued: date
    signed: date | None
    replied: date | None
    reply: str


async def lamps(
    connection: AsyncConnection,
    roots: Collection[UnitCode],
    *,
    county: UnitCode | None,
    wanted: Collection[Lamp],
    after: str | None,
    limit: int,
) -> LampPage:
    """A page of the lamps of projects whose owners lie in the subtrees of `roots`."""
    mine = subtree(roots)
    gravity = case({lamp.value: n for n, lamp in enumerate(_GRAVEST_FIRST)}, value=_LAMPS.c.lamp)
    place = cast(gravity, Text) + " " + _LAMPS.c.project
    query = (
        select(_LAMPS, _PROJECTS.c.title, _PROJECTS.c.state, place.label("place"))
        .join(_PROJECTS, _PROJECTS.c.key == "project-" + _LAMPS.c.project)
        .where(_LAMPS.c.owner.in_(select(mine.c.code)))
    )
    if county is not None:
        query = query.where(_LAMPS.c.county == county)
    if wanted:
        query = query.where(_LAMPS.c.lamp.in_(wanted))
    if after is not None:
        query = query.where(place > after)
    rows = (await connection.execute(query.order_by(place).limit(limit + 1))).mappings().all()
    more = len(rows) > limit
    return LampPage(
        items=[LampLine.model_validate({**row, **_by_now(row)}) for row in rows[:limit]],
        next=rows[limit - 1]["place"] if more else None,
    )


async def alerts(
    connection: AsyncConnection, roots: Collection[UnitCode], *, county: UnitCode | None, cleared: bool
) -> list[AlertLine]:
    """The open alerts about what belongs to units in the subtrees of `roots`, or those that are over; latest first."""
    mine = subtree(roots)
    query = (
        select(_ALERTS, _PROJECTS.c.title.label("subject_title"), _PROJECTS.c.state)
        .join(_PROJECTS, _PROJECTS.c.key == "project-" + _ALERTS.c.subject)
        .where(_ALERTS.c.owner.in_(select(mine.c.code)))
        .where(_ALERTS.c.lamp.is_(None) if cleared else _ALERTS.c.lamp.is_not(None))
        .order_by(_ALERTS.c.raised.desc(), _ALERTS.c.key)
    )
    if county is not None:
        query = query.where(_ALERTS.c.county == county)
    rows = (await connection.execute(query)).mappings()
    return [_alert(row) for row in rows]


async def notices(
    connection: AsyncConnection,
    roots: Collection[UnitCode],
    today: date,
    *,
    county: UnitCode | None,
    stage: Stage | None,
) -> list[NoticeLine]:
    """The notices to units in the subtrees of `roots`, the last issued first."""
    mine = subtree(roots)
    query = select(_NOTICES).where(_NOTICES.c.unit.in_(select(mine.c.code)))
    if county is not None:
        query = query.where(_NOTICES.c.county == county)
    if stage is not None:
        query = query.where(_NOTICES.c.stage == stage)
    rows = (await connection.execute(query.order_by(_NOTICES.c.issued.desc(), _NOTICES.c.key.desc()))).mappings()
    return [_notice(row, today) for row in rows]


async def notice(connection: AsyncConnection, id: str, today: date) -> NoticeLine | None:
    """One notice, None if there is none."""
    rows = (await connection.execute(select(_NOTICES).where(_NOTICES.c.key == f"notice-{id}"))).mappings()
    return next((_notice(row, today) for row in rows), None)


def _alert(row: RowMapping) -> AlertLine:
    state = _by_now(row)
    text = {"text": state["reason"], "as_of": state["as_of"]} if state else {}
    return AlertLine.model_validate({"id": row["key"].removeprefix("alert-"), **row, **text})


def _by_now(row: RowMapping) -> Mapping[str, object]:
    """What the schedule says now, if it has the same lamp: an event says the reason of the day it happened."""
    state: Mapping[str, object] | None = row["state"]
    return state if state is not None and state["lamp"] == row["lamp"] else {}


def _notice(row: RowMapping, today: date) -> NoticeLine:
    late = overdue(row["stage"], row["sign_by"], row["reply_by"], today)
    return NoticeLine.model_validate({"id": row["key"].removeprefix("notice-"), "overdue": late, **row})
