"""Reporting's answers for programs: figures with their facts, totals by unit, bulletins."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query

from services.reporting import replies, totals
from services.reporting.access import Viewer, viewer
from services.reporting.figures import FigureKey, counted, facts
from services.reporting.sight import asked_of, bulletin_for, draft_for, listed, stated_in
from services.reporting.units import path_to
from services.reporting.views import (
    BRAND,
    BULLETIN,
    CAMPAIGN,
    CARD,
    CASE,
    HONOUR,
    INSPECTION,
    LAMP,
    MEASURES,
    SCHEME,
    VISIT,
)
from shared import problems
from shared.authority_table import Reads, reads
from shared.contracts.values import UnitCode
from shared.errors import NotFound
from shared.kit import AtLeastHeader as AtLeast
from shared.kit import Kit, kit

router = APIRouter(prefix="/reporting", tags=["queries"], responses=problems.RESPONSES)

Year = Annotated[int | None, Query(ge=2000, le=2100, description="the plan year, this year if none is given")]
Boundaries = Annotated[
    date | None, Query(description="the day whose tree of units sums are made in, today's if none is given")
]
Limit = Annotated[int, Query(ge=1, le=5000)]
Offset = Annotated[int, Query(ge=0, le=10_000_000)]
Series = Annotated[str | None, Query(max_length=200, pattern=r"^[^\x00]*$")]

COUNTED = (CARD, BRAND, CAMPAIGN, INSPECTION, VISIT, CASE, HONOUR, MEASURES, SCHEME)
"""The views that figures are counted from."""


@router.get("/figures", openapi_extra=reads(Reads.SIGHT, "the unit"))
async def figures(
    unit: UnitCode,
    year: Year = None,
    day: date | None = None,
    boundaries: Boundaries = None,
    at_least: AtLeast = None,
    kit: Kit = Depends(kit),
    viewer: Viewer = Depends(viewer),
) -> replies.FiguresReply:
    """The figures of a county or city for a plan year, as known on a day."""
    await kit.at_least(at_least, COUNTED)
    async with kit.database.driver() as connection:
        asked = await asked_of(connection, viewer, unit, year, day, boundaries)
        return replies.figures_reply(asked, await counted(connection, asked))


@router.get("/figures/{key}/facts", openapi_extra=reads(Reads.SIGHT, "the unit"))
async def figure_facts(
    key: FigureKey,
    unit: UnitCode,
    year: Year = None,
    day: date | None = None,
    boundaries: Boundaries = None,
    bulletin: UUID | None = None,
    limit: Limit = 500,
    offset: Offset = 0,
    at_least: AtLeast = None,
    kit: Kit = Depends(kit),
    viewer: Viewer = Depends(viewer),
) -> replies.FactsReply:
    """The facts that one figure is counted from, by day; with `bulletin` those that this one was issued with."""
    await kit.at_least(at_least, (*COUNTED, BULLETIN) if bulletin else COUNTED)
    async with kit.database.driver() as connection:
        stated = await stated_in(connection, viewer, bulletin, unit, key) if bulletin else None
        asked = stated.asked if stated else await asked_of(connection, viewer, unit, year, day, boundaries)
        figure = (await counted(connection, asked)).get(key)
        if figure is None:
            raise NotFound("no_such_figure_of_unit", None, {"unit": unit})
        found = await facts(connection, key, asked, limit=limit + 1, offset=offset)
        return replies.facts_reply(
            asked, figure, found[:limit], more=len(found) > limit, stated=stated and stated.value
        )


@router.get("/totals", openapi_extra=reads(Reads.SIGHT, "the unit"))
async def totals_by_unit(
    unit: UnitCode,
    year: Year = None,
    boundaries: Boundaries = None,
    at_least: AtLeast = None,
    kit: Kit = Depends(kit),
    viewer: Viewer = Depends(viewer),
) -> replies.SummedReply:
    """The totals of a unit for a plan year, and of the units right below it."""
    await kit.at_least(at_least, (CARD, LAMP))
    await viewer.require_sight(unit)
    year, drawn = year or viewer.today.year, viewer.boundaries(boundaries)
    async with kit.database.driver() as connection:
        here = (await path_to(connection, unit))[-1]
        summed = await totals.totals_of(connection, unit, year, drawn)
    whole = totals.UnitTotals(here.code, here.name, here.kind, False, summed.whole)
    return replies.SummedReply(
        year=year,
        boundaries=drawn,
        totals=replies.totals_reply(whole),
        below=[replies.totals_reply(part) for part in summed.parts if not part.own],
        own=next((replies.totals_reply(part) for part in summed.parts if part.own), None),
    )


@router.get(
    "/bulletins", openapi_extra=reads(Reads.REACH, "the city", "drafts for who holds a post at the city or above it")
)
async def bulletins(
    at_least: AtLeast = None, kit: Kit = Depends(kit), viewer: Viewer = Depends(viewer)
) -> Sequence[replies.BulletinEntry]:
    """The bulletins of the caller's cities, the latest first; drafts for who sees the whole city."""
    await kit.at_least(at_least, (BULLETIN,))
    async with kit.database.driver() as connection:
        return [replies.entry_reply(entry) for entry in await listed(connection, viewer)]


@router.get("/bulletins/draft", openapi_extra=reads(Reads.SIGHT, "the city"))
async def next_draft(
    city: UnitCode | None = None,
    series: Series = None,
    at_least: AtLeast = None,
    kit: Kit = Depends(kit),
    viewer: Viewer = Depends(viewer),
) -> replies.BulletinReply:
    """The next issue as it would be now: the manuscript issued last with the figures as counted now."""
    await kit.at_least(at_least, (*COUNTED, BULLETIN))
    async with kit.database.driver() as connection:
        return replies.bulletin_reply(await draft_for(connection, viewer, city, series))


@router.get(
    "/bulletins/{id}",
    openapi_extra=reads(Reads.REACH, "the bulletin's city", "a draft for who holds a post at the city or above it"),
)
async def bulletin(
    id: UUID, at_least: AtLeast = None, kit: Kit = Depends(kit), viewer: Viewer = Depends(viewer)
) -> replies.BulletinReply:
    """A bulletin as it was issued; a draft with the figures as counted now."""
    await kit.at_least(at_least, (*COUNTED, BULLETIN))
    async with kit.database.driver() as connection:
        return replies.bulletin_reply(await bulletin_for(connection, viewer, id))
