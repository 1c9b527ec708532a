"""What scoring's decisions need beyond their own stream: streams of its store, and facts of its views."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeVar

import asyncpg

from services.scoring.commands import PublishResults, SubmitSheet
from services.scoring.facts import BrandFacts, Holding, ProjectFacts, counts
from services.scoring.index import UnitFacts
from services.scoring.period import PERIOD, PeriodCase
from services.scoring.periods import Span, length, span
from services.scoring.scheme import SCHEME
from services.scoring.sheet import SheetCase
from services.scoring.views import BRAND, PROJECT, RESULTS, SHEET, ResultsRow, SheetRow
from shared.at_least import At
from shared.authority_views import PERSON, UNIT, PersonRow
from shared.command import Case
from shared.contracts.assessment import Channel
from shared.contracts.divisions import UnitKind
from shared.contracts.reference import Role
from shared.contracts.topics import PARTITIONS
from shared.contracts.values import Period, Slug, UnitCode
from shared.errors import NotReady
from shared.rows import row_of, rows_where
from shared.store import state_of
from shared.tree import county_above, standing_below
from shared.view import View

R = TypeVar("R")

PEERS = UnitKind.TOWNSHIP
"""A county's peer group: its units of this kind, which are ranked against each other."""


async def for_sheet(connection: asyncpg.Connection, _: object, command: SubmitSheet, case: Case) -> SheetCase:
    """Where the unit lies, the county's scheme, whether the period's results are out, the posts of the assessor."""
    scheme = await state_of(connection, SCHEME, command.county)
    period = await state_of(connection, PERIOD, f"{command.county}-{command.period}")
    assessor = await row_of(connection, PERSON, f"person-{case.actor}") or PersonRow()
    posts = [post for post in assessor.appointments if post.holds_on(case.today)]
    return SheetCase(
        await county_above(connection, command.unit),
        scheme,
        period.published,
        own_units=frozenset(post.unit for post in posts),
        of_the_county=any(post.role is Role.ASSESSOR and post.unit == command.county for post in posts),
    )


async def for_results(connection: asyncpg.Connection, _: object, command: PublishResults, __: Case) -> PeriodCase:
    """All that the county's results are computed from, as of one moment.

    Raises:
        NotReady("facts_not_here_yet" | "facts_parked"): a fact of the period may not be in the views.
    """
    county, period = command.county, command.period
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        await _require_facts(connection, county, period)
        await _require_at_least(connection, command.at_least)
        units = await standing_below(connection, county, PEERS)
        sheets = await rows_where(connection, SHEET, "county = $1 and period = $2", county, period)
        found = Found(
            units,
            await _rows_below(connection, units, PROJECT, "owner"),
            await _rows_below(connection, units, BRAND, "unit"),
            [sheet for _, sheet in sheets],
        )
        published = [row for _, row in await rows_where(connection, RESULTS, "county = $1", county)]
        scheme = await state_of(connection, SCHEME, county)
    return PeriodCase(scheme, assembled(found, span(period)), ranks_before(published, period))


@dataclass(frozen=True, slots=True)
class Found:
    """What the views have of a county: its peer group, and facts each with the unit of the group it lies under."""

    units: Sequence[UnitCode]
    projects: Sequence[tuple[UnitCode, ProjectFacts]]
    brands: Sequence[tuple[UnitCode, BrandFacts]]
    sheets: Sequence[SheetRow]


def assembled(found: Found, period: Span) -> list[UnitFacts]:
    """The facts of each unit of the peer group."""
    projects, brands = _grouped(found.projects), _grouped(found.brands)
    sheets: dict[UnitCode, dict[tuple[Channel, Slug], list[Decimal]]] = defaultdict(lambda: defaultdict(list))
    for sheet in found.sheets:
        for indicator, points in sheet.points.items():
            sheets[sheet.unit][sheet.channel, indicator].append(points)
    return [
        UnitFacts(unit, counts(Holding(projects.get(unit, []), brands.get(unit, [])), period), sheets.get(unit, {}))
        for unit in sorted(found.units)
    ]


def ranks_before(published: Iterable[ResultsRow], period: Period) -> Mapping[UnitCode, int]:
    """The ranks of the last period of the same length before this one that was published."""
    earlier = [
        row for row in published if length(row.period) == length(period) and span(row.period).first < span(period).first
    ]
    last = max(earlier, key=lambda row: span(row.period).first, default=None)
    return {} if last is None else {result.unit: result.rank for result in last.results if result.rank is not None}


async def _require_facts(connection: asyncpg.Connection, county: UnitCode, period: Period) -> None:
    """Every fact recorded in the period must be in the views, and every sheet that was acknowledged.

    The day after the period has begun in each partition of both topics: what came before it has been folded, or
    parked, and then results wait until an operator has seen to it.
    """
    expected = PARTITIONS * len(PROJECT.topics)
    begun = await connection.fetchval(_BEGUN, PROJECT.name, PROJECT.version, span(period).last)
    brands = await connection.fetchval(_BEGUN, BRAND.name, BRAND.version, span(period).last)
    unfolded = await connection.fetchval(_UNFOLDED.format(sheet=SHEET.sql_name), f"sheet-{county}-{period}-")
    if begun < expected or brands < PARTITIONS or unfolded:
        raise NotReady("facts_not_here_yet")
    for view in (PROJECT, BRAND):
        if await connection.fetchval(_PARKED.format(view=view.sql_name), view.name, view.version, county):
            raise NotReady("facts_parked")


async def _require_at_least(connection: asyncpg.Connection, tokens: Sequence[str]) -> None:
    """The views must also have what these tokens of earlier replies name, as far as they read it.

    Raises:
        InvalidValue("not_a_position"): one is no token. NotReady("facts_not_here_yet").
    """
    for token in tokens:
        at = At.parse(token)
        for view in (PROJECT, BRAND, SHEET):
            seen: Sequence[int] = await connection.fetchval(_SEEN.format(view=view.sql_name), at.stream) or ()
            known = dict(zip(view.ordered_topics, seen, strict=False))
            if any(known.get(topic, 0) < version for topic, version in at.wanted(view).items()):
                raise NotReady("facts_not_here_yet")


async def _rows_below(
    connection: asyncpg.Connection, group: Sequence[UnitCode], view: View[R], unit: str
) -> list[tuple[UnitCode, R]]:
    """The rows of a view whose column `unit` lies in a peer group, each with the unit of the group."""
    columns = ", ".join(view.sql_columns("v"))
    statement = _BELOW.format(tree=UNIT.sql_name, columns=columns, view=view.sql_name, unit=unit)
    return [(record[0], view.decode(record[1:])) for record in await connection.fetch(statement, group)]


def _grouped(rows: Iterable[tuple[UnitCode, R]]) -> Mapping[UnitCode, Sequence[R]]:
    groups: dict[UnitCode, list[R]] = defaultdict(list)
    for unit, row in rows:
        groups[unit].append(row)
    return groups


_BELOW = """
with recursive below(top, code) as (
    select code, code from unnest($1::text[]) as g(code)
    union select b.top, u.code from {tree} u join below b on u.parent = b.code)
select b.top, {columns} from {view} v join below b on b.code = v.{unit}"""
"""Each unit of the peer group with every unit below it, and what belongs to these."""

_BEGUN = "select count(*) from offsets where view = $1 and version = $2 and day > $3"

_PARKED = """
select exists (
    select from parked p left join {view} v on v.key = p.key
    where p.view = $1 and p.version = $2 and coalesce(v.county, '') in ('', $3))"""
"""Whether events of the county are parked; whose they are is not known where the first one is."""

_SEEN = "select seen from {view} where key = $1"

_UNFOLDED = """
select exists (
    select from streams s where s.category = 'sheet' and starts_with(s.stream, $1)
    and not exists (select from {sheet} v where v.key = s.stream))"""
