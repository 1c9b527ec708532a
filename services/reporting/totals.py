"""Totals by unit: SQL over one row a project, summed up the tree of units to the children of the one that is shown."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import asyncpg

from services.reporting.units import UNITS, tree_below
from services.reporting.views import CARD, LAMP, NOTICE
from shared.contracts.alert import Lamp
from shared.contracts.divisions import UnitKind
from shared.tree import name_on


@dataclass(frozen=True, slots=True)
class Totals:
    """The projects approved for a year that a unit and all below it own.

    `percent` and `scheduled` are the means of what is done and of what should be done by the last month end that a
    report was due for; a project without a report has done nothing, one that was terminated is left out. `lamps` counts
    the lamps that alerts has lit. A project that was carried over is of both years.
    """

    registered: int
    secretary: int
    closed: int
    terminated: int
    percent: Decimal | None
    scheduled: Decimal | None
    overdue_problems: int
    lamps: Mapping[Lamp, int]

    @property
    def led(self) -> int:
        """书记领办项目."""
        return self.registered - self.secretary

    @property
    def closed_share(self) -> Decimal | None:
        """Percent of the projects that are closed."""
        return Decimal(100 * self.closed) / self.registered if self.registered else None

    @property
    def on_track(self) -> int:
        """Those whose lamp is neither red nor yellow; what is closed counts, what was terminated does not."""
        return self.registered - self.terminated - self.lamps[Lamp.RED] - self.lamps[Lamp.YELLOW]


@dataclass(frozen=True, slots=True)
class UnitTotals:
    """A unit with its totals; `own` is the unit itself among its children: what it owns at its own level."""

    code: str
    name: str
    kind: UnitKind
    own: bool
    totals: Totals


@dataclass(frozen=True, slots=True)
class Summed:
    """A unit's totals, and those of its children and its own level, which add up to them."""

    whole: Totals
    parts: Sequence[UnitTotals]


async def totals_of(connection: asyncpg.Connection, unit: str, year: int, boundaries: date | None = None) -> Summed:
    """The totals of a unit for a plan year; children by code, the unit's own level last and only if it owns any.

    They are summed up today's tree, or the one of the day `boundaries`, with its names.
    """
    below = await tree_below(connection, unit, boundaries)
    rows = await connection.fetch(_TOTALS, year, below.codes, below.children, boundaries or date.max)
    parts = [
        UnitTotals(row["code"], row["name"], UnitKind(row["kind"]), row["code"] == unit, _totals(row))
        for row in rows
        if row["code"] is not None
    ]
    whole = next((_totals(row) for row in rows if row["code"] is None), NOTHING)
    return Summed(whole, [*(p for p in parts if not p.own), *(p for p in parts if p.own and p.totals.registered)])


@dataclass(frozen=True, slots=True)
class NoticeCount:
    """Notices to a unit and all below it that wait for a reply, and those of them whose day is over."""

    waiting: int = 0
    overdue: int = 0


def together(counts: Iterable[NoticeCount]) -> NoticeCount:
    """The notices to several units."""
    every = list(counts)
    return NoticeCount(sum(each.waiting for each in every), sum(each.overdue for each in every))


async def notices_of(connection: asyncpg.Connection, unit: str, day: date) -> dict[str, NoticeCount]:
    """督办单 and 预警通报 that are not replied to, overdue ones as of a day, by the unit's children.

    Under the unit's own code are those to the unit itself.
    """
    below = await tree_below(connection, unit)
    rows = await connection.fetch(_NOTICES, below.codes, below.children, day)
    return {row["child"]: NoticeCount(row["waiting"], row["overdue"]) for row in rows}


NOTHING = Totals(0, 0, 0, 0, None, None, 0, dict.fromkeys(Lamp, 0))


def _totals(row: asyncpg.Record) -> Totals:
    return Totals(
        row["registered"],
        row["secretary"],
        row["closed"],
        row["terminated"],
        row["percent"],
        row["scheduled"],
        row["overdue"],
        {lamp: row[lamp.value] for lamp in Lamp},
    )


_LAMPS = ", ".join(f"count(*) filter (where l.lamp = '{lamp}')::int as {lamp}" for lamp in Lamp)

_TOTALS = f"""
with summed as (
    select p.child, count(*)::int as registered, count(*) filter (where c.kind = 'secretary')::int as secretary,
           count(c.closed)::int as closed, count(c.terminated)::int as terminated,
           avg(coalesce(c.percent, 0)) filter (where c.terminated is null) as percent,
           avg(c.scheduled) filter (where c.terminated is null) as scheduled,
           sum(c.overdue)::int as overdue, {_LAMPS}
    from unnest($2::text[], $3::text[]) as p(code, child)
    join {CARD.sql_name} c on c.owner = p.code
    left join {LAMP.sql_name} l on l.key = 'lamp-' || substr(c.key, 9)
    where $1 between c.year and coalesce(c.carried_into, c.year) and c.approved is not null
    group by grouping sets ((p.child), ()))
select u.code, u.name, u.kind, coalesce(s.registered, 0) as registered, coalesce(s.secretary, 0) as secretary,
       coalesce(s.closed, 0) as closed, coalesce(s.terminated, 0) as terminated, s.percent, s.scheduled,
       coalesce(s.overdue, 0) as overdue,
       {", ".join(f"coalesce(s.{lamp}, 0) as {lamp}" for lamp in Lamp)}
from (select u.code, {name_on("u", "$4")} as name, u.kind from {UNITS} u where u.code in (select unnest($3::text[]))
      union all select null, null, null) u
left join summed s on s.child is not distinct from u.code
order by u.code"""  # noqa: S608
"""The units come in as arrays: of a recursive query's size the planner has no idea, and would read every project."""

_NOTICES = f"""
select p.child, count(*)::int as waiting, count(*) filter (where n.reply_by < $3)::int as overdue
from unnest($1::text[], $2::text[]) as p(code, child) join {NOTICE.sql_name} n on n.unit = p.code
where n.replied is null and n.kind in ('supervision', 'warning') group by p.child"""  # noqa: S608
