"""Counts what a manuscript names, and tells which numbers its series has used."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime

import asyncpg

from services.reporting.bulletin import BULLETIN
from services.reporting.figures import ALWAYS, Asked, Figure, FigureKey, counted
from services.reporting.manuscript import Wanted
from services.reporting.units import tree_below
from services.reporting.views import BRAND, CARD, CASE, HONOUR, INSPECTION, MEASURES, SCHEME, VISIT
from shared.contracts.documents import Document, counter_of
from shared.contracts.reference import NumberIssued
from shared.contracts.values import StreamId
from shared.store import load, load_many


async def count_wanted(
    connection: asyncpg.Connection, names: Sequence[Wanted], year: int, day: date, as_of: datetime = ALWAYS
) -> dict[Wanted, Figure]:
    """The figures of these names for a plan year on a day, in its boundaries, as known at a moment, in their order."""
    by_unit: dict[str, Mapping[FigureKey, Figure]] = {}
    for unit in dict.fromkeys(name.unit for name in names):
        asked = Asked(unit, (await tree_below(connection, unit, day)).codes, year, day, as_of, day)
        by_unit[unit] = await counted(connection, asked)
    return {name: by_unit[name.unit][name.key] for name in names}


async def recorded_until(connection: asyncpg.Connection) -> datetime | None:
    """The time of the latest fact that figures could be counted from here and now; None before the first."""
    return await connection.fetchval(_LATEST)


async def numbers_taken(connection: asyncpg.Connection, city: str, series: str, year: int) -> frozenset[int]:
    """The issue numbers that bulletins of a series have in a year, by the register of the city.

    Within the transaction that issues one, which holds the register's lock, nobody else can take another.
    """
    register = await load(connection, counter_of(Document.BULLETIN, city, year))
    entered = (event.data for event in register.events)
    issued = [StreamId(entry.subject) for entry in entered if isinstance(entry, NumberIssued)]
    bulletins = (BULLETIN.of(stream.events) for stream in (await load_many(connection, issued)).values())
    return frozenset(
        each.issue for each in bulletins if each.issue and each.manuscript and each.manuscript.series == series
    )


_SCHEMES = f"select max((v ->> 'recorded')::timestamptz) from {SCHEME.sql_name}, jsonb_array_elements(versions) v"  # noqa: S608

_TOLD = (
    (CARD, "changed"),
    (BRAND, "recorded"),
    (INSPECTION, "recorded"),
    (VISIT, "changed"),
    (CASE, "changed"),
    (HONOUR, "recorded"),
    (MEASURES, "changed"),
)
"""The views that figures are counted from, with the columns that say when their facts were told."""

_LATEST = f"""
select greatest({", ".join(f"(select max({time}) from {view.sql_name})" for view, time in _TOLD)}, ({_SCHEMES}))"""  # noqa: S608
