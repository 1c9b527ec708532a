"""Counts what a manuscript names, and tells which numbers its series has used."""

from collections.abc import Mapping, Sequence
from datetime import date

import asyncpg

from services.reporting.bulletin import BULLETIN
from services.reporting.figures import Asked, Figure, FigureKey, counted
from services.reporting.manuscript import Wanted
from services.reporting.units import counties_of
from shared.contracts.documents import Document
from shared.contracts.reference import NumberIssued
from shared.contracts.values import StreamId
from shared.store import load, load_many


async def count_wanted(
    connection: asyncpg.Connection, names: Sequence[Wanted], year: int, day: date
) -> dict[Wanted, Figure]:
    """The figures of these names for a plan year as known on a day, in their order."""
    by_unit: dict[str, Mapping[FigureKey, Figure]] = {}
    for unit in dict.fromkeys(name.unit for name in names):
        asked = Asked(unit, await counties_of(connection, unit), year, day)
        by_unit[unit] = await counted(connection, asked)
    return {name: by_unit[name.unit][name.key] for name in names}


async def numbers_taken(connection: asyncpg.Connection, city: str, series: str, year: int) -> frozenset[int]:
    """The issue numbers that bulletins of a series have in a year, by the register of the city.

    Within the transaction that issues one, which holds the register's lock, nobody else can take another.
    """
    register = await load(connection, StreamId(f"number-{city}-{year}-{Document.BULLETIN}"))
    entered = (event.data for event in register.events)
    issued = [StreamId(entry.subject) for entry in entered if isinstance(entry, NumberIssued)]
    bulletins = (BULLETIN.of(stream.events) for stream in (await load_many(connection, issued)).values())
    return frozenset(
        each.issue for each in bulletins if each.issue and each.manuscript and each.manuscript.series == series
    )
