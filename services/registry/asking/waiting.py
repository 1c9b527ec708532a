"""How many requests wait for an answer of units."""

from collections.abc import Collection

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from services.registry.asking.views import DATA_ANSWERS, DATA_REQUESTS
from shared.authority_views import UNIT


async def waiting(connection: AsyncConnection, units: Collection[str]) -> int:
    """The requests that were put to one of the units and not withdrawn, and that one of them has not answered.

    What is asked of a day on which the unit had ended cannot be answered, and waits for nobody.
    """
    return await connection.scalar(_WAITING, {"units": sorted(units)}) or 0 if units else 0


_WAITING = text(f"""
select count(*)
from {DATA_REQUESTS.sql_name} r
cross join jsonb_array_elements(r.asked) a
where a ->> 'withdrawn' = '' and exists (
  select from unnest(cast(:units as text[])) unit
  where a -> 'request' -> 'units' ? unit and not exists (
    select from {UNIT.sql_name} u, jsonb_array_elements(a -> 'request' -> 'items') item
    where u.code = unit and u.ended <= (item ->> 'as_of')::date) and not exists (
    select from {DATA_ANSWERS.sql_name} w
    where w.request = substr(r.key, 10) || '-' || (a -> 'request' ->> 'request') and w.unit = unit))""")  # noqa: S608
