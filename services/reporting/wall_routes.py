"""The wall over HTTP: the page, and its panels as server-sent events."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from functools import cache
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Request
from fastapi.responses import HTMLResponse, Response
from sse_starlette import EventSourceResponse, ServerSentEvent

from services.reporting.access import Viewer, viewer
from services.reporting.rendering import is_sample, templates
from services.reporting.shapes import Shape
from services.reporting.wall import Wall
from services.reporting.wall_data import Setting, wall_of
from services.reporting.wall_feed import Feeds, Panels, shown
from services.reporting.wall_map import city_shapes
from services.reporting.wall_page import page, panels
from shared.authority_table import Reads, reads
from shared.contracts.values import UnitCode
from shared.errors import NotFound
from shared.kit import Kit, kit
from shared.lamps import DEFAULT

router = APIRouter(include_in_schema=False)


@router.get("/wall/{code}", openapi_extra=reads(Reads.REACH, "the unit"))
async def wall(code: UnitCode, kit: Kit = Depends(kit), viewer: Viewer = Depends(viewer)) -> Response:
    """The wall of a city or county, for whoever holds a role in it."""
    await viewer.require_reach(code)
    now = await present(kit, code)
    made = templates(sample=is_sample(kit.settings))
    id = shown(panels(made, now, shapes_of(code))).id
    html = page(made, now, shapes_of(code), f"/wall/{code}/events?seen={id}")
    return HTMLResponse(html, headers={"Cache-Control": "no-store"})


@router.get("/wall/{code}/events", openapi_extra=reads(Reads.REACH, "the unit"))
async def wall_events(
    request: Request,
    code: UnitCode,
    seen: str | None = None,
    last_event_id: Annotated[str | None, Header()] = None,
    kit: Kit = Depends(kit),
    viewer: Viewer = Depends(viewer),
) -> Response:
    """The panels that change, as they change, as long as the viewer may see them.

    `seen` or Last-Event-ID says which wall the browser shows.
    """
    await viewer.require_reach(code)

    async def render() -> Panels:
        made = templates(sample=is_sample(kit.settings))
        return panels(made, await present(kit, code), shapes_of(code))

    async def while_reached() -> AsyncGenerator[ServerSentEvent]:
        async with aclosing(feeds(request, kit).events(code, render, last_event_id or seen)) as events:
            async for event in events:
                try:
                    await viewer.require_reach(code)
                except NotFound:
                    return
                yield event

    return EventSourceResponse(while_reached(), ping=0)


async def present(kit: Kit, code: str) -> Wall:
    """The wall as it is now.

    Raises:
        NotFound("no_such_unit").
    """
    today = await kit.moments.today()
    thresholds = kit.settings.lamp_thresholds.get(code, DEFAULT)
    async with kit.database.driver() as connection:
        return await wall_of(connection, Setting(code, today, kit.settings.map_approval, thresholds))


def feeds(request: Request, kit: Kit) -> Feeds:
    """The live walls of this process, made when the first one is looked at."""
    state = request.app.state
    if not hasattr(state, "wall_feeds"):
        state.wall_feeds = Feeds(kit.database)
    return state.wall_feeds


@cache
def shapes_of(code: str) -> Sequence[Shape]:
    """The county shapes of a city, read once."""
    return city_shapes(code)
