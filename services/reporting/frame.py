"""The frame of a desk page for its viewer: the way down to the place, the name and office, the time of the data."""

from collections.abc import Sequence
from datetime import datetime

import asyncpg

from services.reporting.access import Viewer
from services.reporting.units import names_of, path_to
from shared.web.pages import AsOf, Crumb, Knowledge, Page, SignedIn


async def frame(
    connection: asyncpg.Connection,
    viewer: Viewer,
    *,
    title: str,
    section: str,
    as_of: datetime | None,
    lead: str = "",
    unit: str | None = None,
    below: Sequence[Crumb] = (),
    knowledge: Knowledge = Knowledge.LATEST,
) -> Page:
    """The frame of a page about a unit, or about something `below` it.

    Raises:
        NotFound("no_such_unit").
    """
    return Page(
        title=title,
        section=section,
        crumbs=(*await _way(connection, viewer, unit, last=not below), *below),
        as_of=AsOf(as_of, knowledge) if as_of else None,
        person=await _signed_in(connection, viewer),
        lead=lead,
    )


async def _way(connection: asyncpg.Connection, viewer: Viewer, unit: str | None, *, last: bool) -> list[Crumb]:
    """The units down to this one; those that the viewer does not see have no address, nor has the page's own."""
    if unit is None:
        return []
    crumbs: list[Crumb] = []
    for step in await path_to(connection, unit):
        here = last and step.code == unit
        crumbs.append(Crumb(step.name, f"/units/{step.code}" if not here and await viewer.sees(step.code) else None))
    return crumbs


async def _signed_in(connection: asyncpg.Connection, viewer: Viewer) -> SignedIn:
    seat = viewer.seats[0] if viewer.seats else ""
    return SignedIn(viewer.name, (await names_of(connection, [seat])).get(seat, ""))
