"""Lists of projects below a unit, and all that is known of one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

import asyncpg

from services.reporting.units import UNITS, tree_below
from services.reporting.views import CARD, HISTORY, LAMP
from services.reporting.views.alerts import LampRow
from services.reporting.views.card import Card, Stage
from services.reporting.views.history import History
from services.reporting.words import lamp_reason
from shared.contracts.alert import Lamp
from shared.contracts.project import ProjectKind
from shared.rows import row_of


class Which(StrEnum):
    """What of a unit's projects is listed: those approved, by state, lamp or overdue problems, or those before."""

    REGISTERED = "registered"
    CLOSED = "closed"
    TERMINATED = "terminated"
    RED = "red"
    YELLOW = "yellow"
    BLUE = "blue"
    GREEN = "green"
    OVERDUE = "overdue"
    REVIEW = "review"
    REJECTED = "rejected"

    @property
    def word(self) -> str:
        """As people read it."""
        return _WORDS[self]


_WORDS = {
    Which.REGISTERED: "在册项目",
    Which.CLOSED: "已销号",
    Which.TERMINATED: "已终止",
    Which.RED: "红灯",
    Which.YELLOW: "黄灯",
    Which.BLUE: "蓝灯",
    Which.GREEN: "绿灯",
    Which.OVERDUE: "问题逾期",
    Which.REVIEW: "评审中",
    Which.REJECTED: "未立项",
}

_CONDITIONS = {
    Which.REGISTERED: "c.approved is not null",
    Which.CLOSED: "c.closed is not null",
    Which.TERMINATED: "c.terminated is not null",
    **{Which(lamp.value): f"l.lamp = '{lamp}'" for lamp in (Lamp.RED, Lamp.YELLOW, Lamp.BLUE, Lamp.GREEN)},
    Which.OVERDUE: "c.overdue > 0 and c.approved is not null",
    Which.REVIEW: "c.stage in ('proposed', 'submitted', 'returned')",
    Which.REJECTED: "c.stage in ('rejected', 'withdrawn')",
}


@dataclass(frozen=True, slots=True)
class Line:
    """A project in a list. `reason` is why its lamp is lit, in words.lamp_reason's."""

    key: str
    title: str
    owner: str
    owner_name: str
    kind: ProjectKind
    category: str
    stage: Stage
    percent: Decimal | None
    scheduled: Decimal | None
    overdue: int
    closed: date | None
    lamp: Lamp | None
    reason: str

    @property
    def id(self) -> str:
        """The project's id, the stream's without its category."""
        return self.key.removeprefix("project-")


@dataclass(frozen=True, slots=True)
class Known:
    """All that is known of a project."""

    card: Card
    history: History
    lamp: LampRow | None


async def projects_of(
    connection: asyncpg.Connection, unit: str, year: int, which: Which, *, own: bool, limit: int, offset: int = 0
) -> Sequence[Line]:
    """Projects of a unit and all below it, or with `own` of its own level; what needs action comes first."""
    owners = await _owners(connection, unit, own=own)
    rows = await connection.fetch(_LIST.format(condition=_CONDITIONS[which]), owners, year, limit, offset)
    return [_line(row) for row in rows]


@dataclass(frozen=True, slots=True)
class Size:
    """How many projects a list has, how many the same units have registered, and the overdue problems of the list."""

    listed: int
    registered: int
    overdue_problems: int


async def size_of(connection: asyncpg.Connection, unit: str, year: int, which: Which, *, own: bool) -> Size:
    """The size of a list of projects, whatever part of it is shown."""
    owners = await _owners(connection, unit, own=own)
    row = await connection.fetchrow(_SIZE.format(condition=_CONDITIONS[which]), owners, year)
    assert row is not None
    return Size(*row)


async def _owners(connection: asyncpg.Connection, unit: str, *, own: bool) -> tuple[str, ...]:
    below = await tree_below(connection, unit)
    return below.own if own else below.codes


async def project(connection: asyncpg.Connection, id: str) -> Known | None:
    """A project by its id, or None."""
    card = await row_of(connection, CARD, f"project-{id}")
    if card is None or not card.owner:
        return None
    history = await row_of(connection, HISTORY, f"project-{id}") or History()
    return Known(card, history, await row_of(connection, LAMP, f"lamp-{id}"))


def _line(row: asyncpg.Record) -> Line:
    lamp = Lamp(row["lamp"]) if row["lamp"] else None
    return Line(
        row["key"],
        row["title"],
        row["owner"],
        row["owner_name"],
        ProjectKind(row["kind"]),
        row["category"],
        Stage(row["stage"]),
        row["percent"],
        row["scheduled"],
        row["overdue"],
        row["closed"],
        lamp,
        lamp_reason(lamp, row["reason"] or "", row["since"]),
    )


_LIST = f"""
select c.key, c.title, c.owner, u.name as owner_name, c.kind, c.category, c.stage, c.percent, c.scheduled, c.overdue,
       c.closed, l.lamp, l.reason, l.since
from unnest($1::text[]) as t(code) join {CARD.sql_name} c on c.owner = t.code join {UNITS} u on u.code = c.owner
left join {LAMP.sql_name} l on l.key = 'lamp-' || substr(c.key, 9)
where $2 between c.year and coalesce(c.carried_into, c.year) and {{condition}}
order by array_position(array['red', 'yellow', 'blue', 'green'], l.lamp) nulls last,
         coalesce(c.percent, 0) - coalesce(c.scheduled, 0), c.key
limit $3 offset $4"""  # noqa: S608

_SIZE = f"""
select count(*) filter (where {{condition}})::int, count(c.approved)::int,
       coalesce(sum(c.overdue) filter (where {{condition}}), 0)::int
from unnest($1::text[]) as t(code) join {CARD.sql_name} c on c.owner = t.code
left join {LAMP.sql_name} l on l.key = 'lamp-' || substr(c.key, 9)
where $2 between c.year and coalesce(c.carried_into, c.year)"""  # noqa: S608
