"""What the decisions about data requests need beyond their own stream, read from this service's store.

The metrics of the catalogues alone come out of a view, which follows within moments.
"""

from collections.abc import Iterable, Iterator, Mapping

import asyncpg

from services.registry.around.record_views import METRICS
from services.registry.asking.data_request import DATA_REQUESTS, AnswerFacts, RequestFacts
from services.registry.asking.held import ALWAYS_HELD, Held, catalogued
from services.registry.commands.data_requests import AnswerDataRequest, RequestData
from services.registry.reference.person import PERSON
from services.registry.reference.unit import UNIT, Unit
from shared.command import Case
from shared.contracts.values import StreamId
from shared.rows import rows_where
from shared.store import load_many, state_of


async def data_request(connection: asyncpg.Connection, _: object, cmd: RequestData, case: Case) -> RequestFacts:
    """What is held already or was asked for in the year before, and which units are not the county's or have ended."""
    units = await _with_all_above(connection, cmd.units)
    asked = sorted(set(cmd.units))
    return RequestFacts(
        await held_of(connection, cmd.county),
        strangers=tuple(code for code in asked if cmd.county not in _way_up(units, code)),
        ended={code: ended for code in asked if (ended := units[code].ended)},
        before=await state_of(connection, DATA_REQUESTS, f"{cmd.county}-{case.today.year - 1}"),
    )


async def held_of(connection: asyncpg.Connection, county: str) -> tuple[Held, ...]:
    """What the platform holds of a county: what it holds of all, and the metrics of the catalogues that hold there."""
    catalogues = list(_way_up(await _with_all_above(connection, [county]), county))
    metrics = await rows_where(connection, METRICS, "unit = any($1) order by unit, metric", catalogues)
    return (*ALWAYS_HELD, *catalogued(metric.name for _, metric in metrics))


async def data_answer(connection: asyncpg.Connection, _: object, cmd: AnswerDataRequest, case: Case) -> AnswerFacts:
    """The request that is answered, and for whom."""
    county, _, rest = case.id.partition("-")
    year, _, answer = rest.partition("-")
    requests = await state_of(connection, DATA_REQUESTS, f"{county}-{year}")
    request = requests.open(answer.removesuffix(f"-{cmd.unit}")) if answer.endswith(f"-{cmd.unit}") else None
    units = await _with_all_above(connection, [cmd.unit])
    return AnswerFacts(
        request=request,
        secretary=await state_of(connection, PERSON, cmd.secretary),
        seat=next((code for code in _way_up(units, cmd.unit) if units[code].ended is None), cmd.unit),
        ended=units[cmd.unit].ended,
    )


async def _with_all_above(connection: asyncpg.Connection, codes: Iterable[str]) -> dict[str, Unit]:
    """These units and all that lie above them, level by level: there may be thousands."""
    units: dict[str, Unit] = {}
    wanted = set(codes)
    while wanted:
        names = {code: StreamId(f"{UNIT.category}-{code}") for code in wanted}
        streams = await load_many(connection, list(names.values()))
        level = {code: UNIT.of(streams[name].events) for code, name in names.items()}
        units |= level
        wanted = {unit.parent for unit in level.values() if unit.parent} - units.keys()
    return units


def _way_up(units: Mapping[str, Unit], code: str) -> Iterator[str]:
    """A unit and those above it, of units that are all read."""
    above: str | None = code
    while above is not None:
        yield above
        above = units[above].parent
