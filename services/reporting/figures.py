"""The figures that bulletins name: each is the number of distinct facts that its rule finds, so that both agree."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum

import asyncpg

from services.reporting.figure_sql import RULES
from services.reporting.units import tree_below
from shared.contracts.divisions import UnitKind, kind_of
from shared.web.wording import PENDING


class FigureKey(StrEnum):
    """The names by which manuscripts ask for figures."""

    PROJECTS = "projects"
    PROJECTS_DONE = "projects_done"
    EVALUATION_GROUPS = "evaluation_groups"
    TOWNSHIPS_EVALUATED = "townships_evaluated"
    PROBLEMS = "problems"
    BRANDS = "brands"
    INDEX_ITEMS = "index_items"
    PLANS_NOT_APPROVED = "plans_not_approved"
    REVISION_OPINIONS = "revision_opinions"
    VILLAGE_INCOME_AVG = "village_income_avg"
    VILLAGES_OVER_50 = "villages_over_50"
    SUGGESTIONS = "suggestions"
    DIFFICULTIES_SOLVED = "difficulties_solved"
    HONOURS = "honours"
    GOVERNANCE_PROJECTS = "governance_projects"
    CASES_PUBLISHED = "cases_published"


LABELS: Mapping[FigureKey, str] = {
    FigureKey.PROJECTS: "立项项目（件）",
    FigureKey.PROJECTS_DONE: "已销号（件）",
    FigureKey.EVALUATION_GROUPS: "中期评估组（个）",
    FigureKey.TOWNSHIPS_EVALUATED: "实地评估乡镇（个）",
    FigureKey.PROBLEMS: "中期评估指出问题（个）",
    FigureKey.BRANDS: "认定品牌（个）",
    FigureKey.INDEX_ITEMS: "各指数核心指标（项）",
    FigureKey.PLANS_NOT_APPROVED: "审核未通过方案（个）",
    FigureKey.REVISION_OPINIONS: "提出修改意见（条）",
    FigureKey.VILLAGE_INCOME_AVG: "村均经营性收入（万元）",
    FigureKey.VILLAGES_OVER_50: "经营性收入超50万元的村（个）",
    FigureKey.SUGGESTIONS: "现场办公收集意见建议（条）",
    FigureKey.DIFFICULTIES_SOLVED: "现场办公解决痛难点问题（个）",
    FigureKey.HONOURS: "获得荣誉（项）",
    FigureKey.GOVERNANCE_PROJECTS: "基层治理类项目和事项（件）",
    FigureKey.CASES_PUBLISHED: "“晒成效”专栏刊发案例（个）",
}

OF_A_COUNTY: Mapping[FigureKey, str] = {
    FigureKey.PROJECTS: RULES["secretary_projects"],
    FigureKey.PROJECTS_DONE: RULES["secretary_projects_closed"],
    FigureKey.EVALUATION_GROUPS: RULES["groups"],
    FigureKey.TOWNSHIPS_EVALUATED: RULES["townships"],
    FigureKey.PROBLEMS: RULES["problems"],
    FigureKey.BRANDS: RULES["brands"],
    FigureKey.INDEX_ITEMS: RULES["indices"],
    FigureKey.PLANS_NOT_APPROVED: RULES["refusals"],
    FigureKey.REVISION_OPINIONS: RULES["changes"],
    FigureKey.VILLAGE_INCOME_AVG: RULES["village_incomes"],
    FigureKey.VILLAGES_OVER_50: RULES["village_incomes_over_50"],
    FigureKey.SUGGESTIONS: RULES["suggestions"],
    FigureKey.DIFFICULTIES_SOLVED: RULES["difficulties_solved"],
    FigureKey.HONOURS: RULES["honours"],
    FigureKey.GOVERNANCE_PROJECTS: RULES["governance_projects"],
    FigureKey.CASES_PUBLISHED: RULES["cases_published"],
}
OF_A_CITY: Mapping[FigureKey, str] = {FigureKey.PROJECTS: RULES["projects"]}


ALWAYS = datetime.max.replace(tzinfo=UTC)
"""The moment by which everything was recorded that is known here."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Of which unit, for which plan year, on which day, as known at which moment.

    `units` are the unit and all below it, in the tree of the day `boundaries` or, if that is None, in today's. A fact
    counts that holds by the day and was recorded by the moment.
    """

    unit: str
    units: tuple[str, ...]
    year: int
    day: date
    as_of: datetime = ALWAYS
    boundaries: date | None = None


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure: `counts` are the numbers that it is made of, none if it is not known yet."""

    key: FigureKey
    counts: tuple[int | Decimal, ...]

    @property
    def value(self) -> str:
        """What stands in a text: 269, 4-6, 56.8 or 待报."""
        return "-".join(map(str, self.counts)) or PENDING


@dataclass(frozen=True, slots=True)
class Fact:
    """A fact that a figure was counted from. Facts with the same `what` count once.

    `subject` is the stream that holds it, `amount` what it contributes where facts are measured, not counted.
    """

    what: str
    subject: str
    title: str
    unit: str
    day: date
    amount: int | Decimal | None


def places_of(key: FigureKey) -> int:
    """With how many decimals the amounts of a figure's facts are shown."""
    return 2 if key in (FigureKey.VILLAGE_INCOME_AVG, FigureKey.VILLAGES_OVER_50) else 0


def known(unit: str) -> Mapping[FigureKey, str]:
    """The figures that there are for a unit, with their rules; none for units below a county."""
    match kind_of(unit):
        case UnitKind.CITY:
            return OF_A_CITY
        case UnitKind.COUNTY:
            return OF_A_COUNTY
        case UnitKind.ZONE if len(unit) == 6:
            return OF_A_COUNTY
        case _:
            return {}


async def counted(connection: asyncpg.Connection, asked: Asked) -> dict[FigureKey, Figure]:
    """Every figure of the unit, counted in one statement."""
    rules = known(asked.unit)
    if not rules:
        return {}
    statement = "\nunion all\n".join(_count(key, rule) for key, rule in rules.items())
    rows = await connection.fetch(statement, list(asked.units), asked.year, asked.day, asked.as_of)
    return {key: _figure(key, row) for row in rows for key in [FigureKey(row["key"])]}


async def facts(
    connection: asyncpg.Connection, key: FigureKey, asked: Asked, *, limit: int, offset: int = 0
) -> Sequence[Fact]:
    """The facts that a figure is counted from, by day; those of units that lie elsewhere today are left out.

    They count in the boundaries of a day, and what a county did stays that county's, but lists follow today's tree.

    Raises:
        KeyError: there is no such figure of this unit.
    """
    rule, seen = known(asked.unit)[key], (await tree_below(connection, asked.unit, None)).codes
    statement = f"select * from ({rule}) f where unit = any($5) order by day, what, subject limit $6 offset $7"  # noqa: S608
    counted_by = (list(asked.units), asked.year, asked.day, asked.as_of)
    rows = await connection.fetch(statement, *counted_by, list(seen), limit, offset)
    return [Fact(*row) for row in rows]


def _count(key: FigureKey, rule: str) -> str:
    return (
        f"select '{key}' as key, count(distinct what)::int as found, "  # noqa: S608
        f"min(amount) as low, max(amount) as high, sum(amount) as total from ({rule}) f"
    )


def _figure(key: FigureKey, row: asyncpg.Record) -> Figure:
    match key:
        case FigureKey.INDEX_ITEMS:
            ends = {row["low"], row["high"]} - {None}
            return Figure(key, tuple(sorted(map(int, ends))))
        case FigureKey.VILLAGE_INCOME_AVG:
            return Figure(key, (_mean(row["total"], row["found"]),) if row["found"] else ())
        case _:
            return Figure(key, (row["found"],))


def _mean(total: Decimal, count: int) -> Decimal:
    """One decimal, half up."""
    return (total / count).quantize(Decimal("0.1"), ROUND_HALF_UP)
