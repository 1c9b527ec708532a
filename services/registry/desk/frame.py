"""The desks' templates, and the frame of a desk page: the way to its place, the caller's office, the time."""

from collections.abc import Collection, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from fastapi.responses import HTMLResponse
from jinja2 import Environment
from sqlalchemy import select

from services.registry.desk.access import Caller
from services.registry.desk.words import DONE
from shared.authority_views import PERSON, UNIT, PersonRow
from shared.settings import ClockMode
from shared.tree import climb
from shared.web.pages import AsOf, Crumb, Page, SignedIn, environment

TEMPLATES = Path(__file__).parent / "templates"
HEADERS = {"Cache-Control": "no-store", "Vary": "Accept, HX-Request"}
"""What is shown to one person is kept by no cache."""
HOME = "/registry/desk"


@cache
def _templates(*, sample: bool) -> Environment:
    return environment(TEMPLATES, sample=sample)


def rendered(caller: Caller, name: str, status: int = 200, **context: Any) -> HTMLResponse:
    """A template as an answer that no cache keeps."""
    sample = caller.kit.settings.clock is ClockMode.SCENARIO
    page = (
        _templates(sample=sample)
        .get_template(name)
        .render({"done": "", "forms": None, "today": caller.today, **context})
    )
    return HTMLResponse(page, status, headers=HEADERS)


def said(done: str, *, title: str = "") -> str:
    """What was done, in words, after a form has led here; empty if nothing is known of it, or not its title."""
    words = DONE.get(done, "")
    return words.format(title=title) if title or "{title}" not in words else ""


async def frame(
    caller: Caller,
    title: str,
    below: Sequence[Crumb] = (),
    *,
    section: str = "desk",
    unit: str | None = None,
    lead: str = "",
) -> Page:
    """The frame of a page of the registry, at the desks unless another section is named, perhaps one about a unit."""
    seats = sorted(caller.seats.sight)
    here = unit or (seats[0] if seats else None)
    async with caller.kit.database.driver() as connection:
        way = list(reversed(await climb(connection, here))) if here else []
    names = await unit_names(caller, seats[:1])
    begin = next((n for n, each in enumerate(way) if each.code in caller.seats.sight), 0)
    crumbs = [Crumb(each.name, f"/units/{each.code}") for each in way[begin:]]
    desk = [Crumb("办理", HOME if below else None)] if section == "desk" else []
    return Page(
        title=title,
        section=section,
        crumbs=(*crumbs, *desk, *below),
        as_of=AsOf(caller.now),
        person=SignedIn(caller.name, names.get(seats[0], "") if seats else ""),
        lead=lead,
    )


async def unit_names(caller: Caller, codes: Collection[str]) -> Mapping[str, str]:
    """The names of units by code; one that is not there is left out."""
    table = UNIT.table
    async with caller.kit.database.reading() as connection:
        rows = await connection.execute(select(table.c.code, table.c.name).where(table.c.code.in_(set(codes))))
        return {row.code: row.name for row in rows}


async def person_names(caller: Caller, ids: Collection[str]) -> Mapping[str, str]:
    """The names of persons by id; one that is not there is left out."""
    return {id: person.name for id, person in (await persons(caller, ids)).items()}


async def persons(caller: Caller, ids: Collection[str]) -> Mapping[str, PersonRow]:
    """Persons with every post there was, by id; one that is not there is left out."""
    table = PERSON.table
    query = select(table.c.key, *PERSON.core_columns).where(table.c.key.in_([f"person-{id}" for id in ids]))
    async with caller.kit.database.reading() as connection:
        rows = (await connection.execute(query)).all()
    return {row.key.removeprefix("person-"): PERSON.decode(row[1:]) for row in rows}
