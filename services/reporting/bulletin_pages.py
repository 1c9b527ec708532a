"""Bulletins for people: the list, a bulletin as a page and as plain text, the next issue's draft."""

from uuid import UUID

import asyncpg
from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, PlainTextResponse, Response

from services.reporting.access import Viewer, viewer
from services.reporting.api import COUNTED, AtLeast, Series
from services.reporting.bulletin_desk import ShownBulletin
from services.reporting.bulletin_page import bulletin_html
from services.reporting.frame import frame
from services.reporting.pages import HEADERS, rendered
from services.reporting.rendering import is_sample, templates
from services.reporting.replies import bulletin_reply
from services.reporting.sight import bulletin_for, draft_for, listed
from services.reporting.units import names_of
from services.reporting.views import BULLETIN
from services.reporting.wall_data import as_of
from shared.authority_table import Reads, reads
from shared.contracts.values import UnitCode
from shared.kit import Kit, kit
from shared.problems import prefers_page
from shared.web.pages import Crumb

router = APIRouter(include_in_schema=False)

TEXT = ".txt"


@router.get(
    "/bulletins", openapi_extra=reads(Reads.REACH, "the city", "drafts for who holds a post at the city or above it")
)
async def bulletin_list(
    at_least: AtLeast = None, kit: Kit = Depends(kit), viewer: Viewer = Depends(viewer)
) -> Response:
    """The bulletins that the viewer may read, drafts first."""
    await kit.at_least(at_least, (BULLETIN,))
    async with kit.database.driver() as connection:
        entries = await listed(connection, viewer)
        city = await viewer.city()
        page = await frame(
            connection,
            viewer,
            title="通报",
            section="bulletins",
            unit=city,
            below=(Crumb("通报"),),
            as_of=await as_of(connection, viewer.today),
        )
        names = await names_of(connection, list({entry.city for entry in entries}))
    drafts = bool(entries) and city is not None and await viewer.sees(city)
    return rendered(kit, "bulletins.html", page=page, entries=entries, names=names, next=drafts)


@router.get("/bulletins/draft", openapi_extra=reads(Reads.SIGHT, "the city"))
@router.get("/bulletins/draft.txt", openapi_extra=reads(Reads.SIGHT, "the city"))
async def draft(
    request: Request,
    city: UnitCode | None = None,
    series: Series = None,
    at_least: AtLeast = None,
    kit: Kit = Depends(kit),
    viewer: Viewer = Depends(viewer),
) -> Response:
    """The next issue as it would be now: the manuscript issued last with the figures as counted now."""
    await kit.at_least(at_least, (*COUNTED, BULLETIN))
    async with kit.database.driver() as connection:
        shown = await draft_for(connection, viewer, city, series)
        return await _answer(request, kit, connection, viewer, shown)


@router.get(
    "/bulletins/{id}",
    openapi_extra=reads(Reads.REACH, "the bulletin's city", "a draft for who holds a post at the city or above it"),
)
@router.get(
    "/bulletins/{id}.txt",
    openapi_extra=reads(Reads.REACH, "the bulletin's city", "a draft for who holds a post at the city or above it"),
)
async def bulletin(
    request: Request, id: UUID, at_least: AtLeast = None, kit: Kit = Depends(kit), viewer: Viewer = Depends(viewer)
) -> Response:
    """A bulletin as it was issued; a draft with the figures as counted now."""
    await kit.at_least(at_least, (*COUNTED, BULLETIN))
    async with kit.database.driver() as connection:
        return await _answer(request, kit, connection, viewer, await bulletin_for(connection, viewer, id))


async def _answer(
    request: Request, kit: Kit, connection: asyncpg.Connection, viewer: Viewer, shown: ShownBulletin
) -> Response:
    """The bulletin as text, as a page for a browser, else as JSON."""
    path = request.url.path
    if path.endswith(TEXT):
        return PlainTextResponse(shown.text, headers=HEADERS)
    if not prefers_page(request.headers):
        return Response(bulletin_reply(shown).model_dump_json(), headers=HEADERS, media_type="application/json")
    name = f"第 {shown.issue} 期" + ("（草稿）" if shown.draft else "")
    page = await frame(
        connection,
        viewer,
        title=f"{shown.manuscript.series}{name}",
        section="bulletins",
        unit=shown.manuscript.city,
        below=(Crumb("通报", "/bulletins"), Crumb(name)),
        as_of=None,
    )
    query = f"?{request.url.query}" if request.url.query else ""
    html = bulletin_html(templates(sample=is_sample(kit.settings)), page, shown.page, path + TEXT + query)
    return HTMLResponse(html, headers=HEADERS)
