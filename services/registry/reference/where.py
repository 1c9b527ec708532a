"""Where a unit lies in the tree of today: the way up from it, read from this service's store."""

from collections.abc import AsyncIterator

import asyncpg

from services.registry.reference.unit import UNIT, Unit
from shared.contracts.divisions import Rank
from shared.store import state_of


async def county_of(connection: asyncpg.Connection, code: str) -> str | None:
    """The county, or zone of county rank, that a unit lies in or is; None if there is none above it."""
    return await nearest(connection, code, Rank.COUNTY)


async def nearest(connection: asyncpg.Connection, code: str, rank: Rank) -> str | None:
    """The unit itself or the nearest one above it that is of a rank and has not ended; None if there is none."""
    async for each, unit in upwards(connection, code):
        if unit.rank is rank and unit.ended is None:
            return each
    return None


async def seat_of(connection: asyncpg.Connection, code: str) -> str:
    """The unit at which posts of a unit are held today: the unit itself, or of one that has ended its heir."""
    async for each, unit in upwards(connection, code):
        if unit.ended is None:
            return each
    return code


async def lies_in(connection: asyncpg.Connection, code: str, above: str) -> bool:
    """Whether a unit is another one, or lies below it."""
    return above in [each async for each, _ in upwards(connection, code)]


async def upwards(connection: asyncpg.Connection, code: str) -> AsyncIterator[tuple[str, Unit]]:
    """The unit itself and those above it, the nearest first; none that is not registered."""
    above: str | None = code
    while above is not None:
        unit = await state_of(connection, UNIT, above)
        if unit.registered is None:
            return
        yield above, unit
        above = unit.parent
