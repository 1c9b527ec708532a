"""What a viewer may read: figures and bulletins within the own sight or city."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

import asyncpg

from services.reporting.access import Viewer
from services.reporting.bulletin_desk import Entry, ShownBulletin, bulletin, bulletins, next_draft
from services.reporting.figures import Asked, FigureKey, known
from services.reporting.manuscript import Wanted
from services.reporting.units import cities_below, path_to, tree_below
from shared.contracts.divisions import UnitKind
from shared.errors import InvalidValue, NotFound


async def asked_of(
    connection: asyncpg.Connection,
    viewer: Viewer,
    unit: str,
    year: int | None,
    day: date | None,
    boundaries: date | None = None,
) -> Asked:
    """What is asked, within the viewer's sight; in today's boundaries, or those of a day.

    Raises:
        NotFound, InvalidValue("day_in_the_future" | "no_figures_of_unit").
    """
    await viewer.require_sight(unit)
    if not known(unit):
        raise InvalidValue("no_figures_of_unit", "unit", {"unit": unit})
    drawn = viewer.boundaries(boundaries)
    units = (await tree_below(connection, unit, drawn)).codes
    return Asked(unit, units, year or viewer.today.year, viewer.day(day), boundaries=drawn)


@dataclass(frozen=True, slots=True)
class Stated:
    """A figure as an issued bulletin has it: what stands there, and what it was counted from."""

    bulletin: ShownBulletin
    value: str
    asked: Asked


async def stated_in(connection: asyncpg.Connection, viewer: Viewer, id: UUID, unit: str, key: FigureKey) -> Stated:
    """A figure of an issued bulletin, within the viewer's sight.

    Raises:
        NotFound: there is no such bulletin, it is not issued, or has no such figure.
    """
    await viewer.require_sight(unit)
    shown = await bulletin_for(connection, viewer, id)
    if shown.draft:
        raise NotFound("no_such_bulletin")
    value = shown.figures.get(Wanted(unit, key))
    if value is None:
        raise NotFound("no_such_figure_of_unit", None, {"unit": unit})
    units = (await tree_below(connection, unit, shown.day)).codes
    asked = Asked(unit, units, shown.manuscript.plan_year, shown.day, shown.page.as_of, shown.day)
    return Stated(shown, value, asked)


async def listed(connection: asyncpg.Connection, viewer: Viewer) -> list[Entry]:
    """The bulletins that the viewer may read."""
    entries: list[Entry] = []
    for city in await cities_of(connection, viewer):
        entries += await bulletins(connection, [city], drafts=await viewer.sees(city))
    return entries


async def cities_of(connection: asyncpg.Connection, viewer: Viewer) -> Sequence[str]:
    """The cities that the viewer's seats lie in, are, or have below them."""
    cities: set[str] = set()
    for seat in viewer.seats:
        path = await path_to(connection, seat)
        above = [unit.code for unit in path if unit.kind is UnitKind.CITY]
        cities.update(above or await cities_below(connection, seat))
    return sorted(cities)


async def draft_for(
    connection: asyncpg.Connection, viewer: Viewer, city: str | None, series: str | None
) -> ShownBulletin:
    """The next issue of a city that the viewer sees whole, the own city if none is named.

    Raises:
        NotFound: there is no such city, or nothing was ever written there.
    """
    city = city or await viewer.city()
    if city is None:
        raise NotFound("no_such_bulletin")
    await viewer.require_sight(city)
    shown = await next_draft(connection, city, series, viewer.today)
    if shown is None:
        raise NotFound("no_such_bulletin")
    return shown


async def bulletin_for(connection: asyncpg.Connection, viewer: Viewer, id: UUID) -> ShownBulletin:
    """A bulletin that the viewer may read: an issued one with a role in its city, a draft with sight of the city.

    Raises:
        NotFound.
    """
    shown = await bulletin(connection, str(id), viewer.today)
    if shown is None:
        raise NotFound("no_such_bulletin")
    if shown.draft:
        await viewer.require_sight(shown.manuscript.city)
    else:
        await viewer.require_reach(shown.manuscript.city)
    return shown
