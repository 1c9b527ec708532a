"""What a wall shows (挂图作战): plain values that queries fill, and pure functions for how they are shown."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import pairwise
from typing import TypeVar

from shared.clock import day_of
from shared.contracts.alert import Lamp
from shared.lamps import DEFAULT, Thresholds
from shared.web.wording import moment, rounded

T = TypeVar("T")


@dataclass(frozen=True)
class Pace:
    """Actual and scheduled progress in percent; none where no project says so."""

    actual: Decimal | None
    scheduled: Decimal | None

    @property
    def deviation(self) -> Decimal | None:
        """Points ahead (+) or behind (−), of the figures as displayed, so that they add up for the reader."""
        if self.actual is None or self.scheduled is None:
            return None
        return rounded(self.actual, 1) - rounded(self.scheduled, 1)

    def lamp(self, thresholds: Thresholds) -> Lamp | None:
        """The lamp of the displayed deviation: picture and number never contradict each other."""
        deviation = self.deviation
        if deviation is None:
            return None
        if deviation < -thresholds.red:
            return Lamp.RED
        return Lamp.YELLOW if deviation <= -thresholds.yellow else Lamp.GREEN


@dataclass(frozen=True)
class Unit:
    """One county (or zone) of the wall with what the map, the card and the pace list say of it."""

    code: str
    name: str
    pace: Pace
    red_projects: int
    overdue_notices: int
    href: str


@dataclass(frozen=True)
class Kpis:
    """The totals. Notices are 预警通报 and 督办单 that are not closed; overdue ones lack a reply."""

    secretary_projects: int
    led_projects: int
    closed: int
    pace: Pace
    open_notices: int
    overdue_notices: int
    red_projects: int

    @property
    def projects(self) -> int:
        return self.secretary_projects + self.led_projects

    @property
    def closed_share(self) -> Decimal | None:
        """Percent of all projects that are closed."""
        return Decimal(100 * self.closed) / self.projects if self.projects else None


@dataclass(frozen=True)
class RankRow:
    """A unit's published result; `before` is its rank of the period before. What is not there yet is none."""

    code: str
    name: str
    rank: int | None
    before: int | None
    total: Decimal | None
    committee: Decimal | None
    branch: Decimal | None
    member: Decimal | None
    href: str

    @property
    def change(self) -> int | None:
        """Places gained since the period before."""
        return None if self.rank is None or self.before is None else self.before - self.rank


@dataclass(frozen=True)
class Ranking:
    """A table of ranks under one scheme. `note` says why it is this unit's; `period` is in words."""

    heading: str
    period: str
    note: str
    rows: tuple[RankRow, ...]
    href: str


@dataclass(frozen=True)
class TickerItem:
    """A live alert: who and what, the reason with the figure that matters, when and what happened."""

    lamp: Lamp
    unit: str
    subject: str
    reason: str
    figure: str
    at: datetime
    happening: str
    href: str


@dataclass(frozen=True)
class Ticker:
    """The live alerts, newest first; `last` is the time of the last one ever, for a quiet day."""

    today: int
    items: tuple[TickerItem, ...]
    last: datetime | None
    href: str


@dataclass(frozen=True)
class Parts:
    """What the units of a wall are called, in full and in a heading."""

    name: str = "县（市、区）"
    short: str = "县区"


@dataclass(frozen=True)
class Wall:
    """A whole wall. `place` is as in 安徽省安庆市; `map_approval` is the map's 审图号, "" if none is set.

    All its units are held against the `thresholds` of the unit whose wall it is: one legend holds for all.
    """

    place: str
    as_of: datetime
    kpis: Kpis
    units: tuple[Unit, ...]
    ranking: Ranking
    ticker: Ticker
    map_approval: str
    thresholds: Thresholds = DEFAULT
    parts: Parts = Parts()


@dataclass(frozen=True)
class UnitRow:
    """A unit with its lamp and short name."""

    unit: Unit
    name: str
    lamp: Lamp | None


def by_need(units: Sequence[Unit], thresholds: Thresholds) -> tuple[UnitRow, ...]:
    """The units with the worst behind first; those without figures last; equal ones by code."""

    def need(unit: Unit) -> tuple[bool, Decimal, str]:
        deviation = unit.pace.deviation
        return (deviation is None, deviation or Decimal(0), unit.code)

    return tuple(UnitRow(unit, short_name(unit.name), unit.pace.lamp(thresholds)) for unit in sorted(units, key=need))


def lamp_counts(units: Sequence[Unit], thresholds: Thresholds) -> tuple[tuple[Lamp | None, int], ...]:
    """How many units have which lamp: red, yellow and green always, none (待报) only if there are some."""
    counts = Counter(unit.pace.lamp(thresholds) for unit in units)
    shown = (Lamp.RED, Lamp.YELLOW, Lamp.GREEN, *((None,) if counts[None] else ()))
    return tuple((lamp, counts[lamp]) for lamp in shown)


def by_rank(rows: Sequence[RankRow]) -> tuple[RankRow, ...]:
    """The rows by rank, shared places by code, those without a rank last."""
    return tuple(sorted(rows, key=lambda row: (row.rank is None, row.rank or 0, row.code)))


def pages(items: Sequence[T], most: int) -> tuple[tuple[T, ...], ...]:
    """The items in as few groups of at most `most` as need be, all of nearly the same size."""
    count = -(-len(items) // most)
    bounds = [len(items) * i // count for i in range(count + 1)] if count else []
    return tuple(tuple(items[a:b]) for a, b in pairwise(bounds))


def short_name(name: str) -> str:
    """A zone's name as people say it: 安徽安庆经济开发区 is 安庆经开区. Other names stay as they are."""
    for ending, short in (
        ("高新技术产业开发区", "高新区"),
        ("高新技术开发区", "高新区"),
        ("经济技术开发区", "经开区"),
        ("经济开发区", "经开区"),
    ):
        if name.endswith(ending):
            return name.removesuffix(ending).removeprefix("安徽").removesuffix("市") + short
    return name


def happened(at: datetime, as_of: datetime) -> str:
    """The time of day of what happened on the wall's day, else the day: many things of a day happen as it begins."""
    return moment(at, "%H:%M" if day_of(at) == day_of(as_of) else "%m-%d")
