"""What changes of the units' tree need beyond the unit's own stream, read from this service's store."""

from datetime import date

import asyncpg

from services.registry.commands.units import CloseUnit, MergeUnit, MoveUnit, SplitUnit
from services.registry.reference.restructuring import Seat
from services.registry.reference.unit import UNIT, Unit
from shared.command import Case
from shared.contracts.boundaries import parents_since
from shared.store import state_of


async def new_parent(connection: asyncpg.Connection, _: Unit, cmd: MoveUnit, __: Case) -> Seat:
    """The unit that a moved one is to lie below."""
    return await _place(connection, cmd.parent, cmd.since)


async def merged_into(connection: asyncpg.Connection, _: Unit, cmd: MergeUnit, __: Case) -> Seat:
    """The unit that another is merged into."""
    return await _place(connection, cmd.into, cmd.since)


async def parts(connection: asyncpg.Connection, _: Unit, cmd: SplitUnit, __: Case) -> dict[str, Seat]:
    """The units that another is split into."""
    return {code: await _place(connection, code, cmd.since) for code in cmd.into}


async def heir(connection: asyncpg.Connection, unit: Unit, cmd: CloseUnit, __: Case) -> Seat | None:
    """The heir that is named for a unit, or the nearest one above it that has not ended; None above all."""
    code = cmd.heir or unit.parent
    while code is not None:
        place = await _place(connection, code, cmd.since)
        if cmd.heir or place.unit.ended is None:
            return place
        code = place.unit.parent
    return None


async def _place(connection: asyncpg.Connection, code: str, since: date) -> Seat:
    """A unit, and all that lie above it on a day or on any later one."""
    unit = await state_of(connection, UNIT, code)
    above: set[str] = set()
    to_see = [unit]
    while to_see:
        for parent in parents_since(to_see.pop().parents, since) - above:
            above.add(parent)
            to_see.append(await state_of(connection, UNIT, parent))
    return Seat(unit, frozenset(above))
