"""Reporting's desk pages: a unit and the way down from it, a project, the facts of a figure."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from services.reporting.access import Viewer, viewer
from services.reporting.api import AtLeast, Boundaries, Limit, Offset, Year
from services.reporting.figures import ALWAYS, LABELS, Asked, FigureKey, counted, facts, places_of
from services.reporting.frame import frame
from services.reporting.home import first_page, has_wall, overview
from services.reporting.manuscript import Wanted, facts_address, issued_address
from services.reporting.project_actions import actions, rights_of
from services.reporting.project_page import STAGES, persons_in, project_page
from services.reporting.projects import Size, Which, project, projects_of, size_of
from services.reporting.rendering import is_sample, templates
from services.reporting.sight import Stated, asked_of, stated_in
from services.reporting.totals import UnitTotals, notices_of, together, totals_of
from services.reporting.units import names_of, path_to, person_names
from services.reporting.views import CARD, HISTORY, LAMP
from services.reporting.wall_data import as_of, pace
from services.reporting.words import KINDS
from shared.authority_table import Reads, reads
from shared.clock import start_of
from shared.contracts.values import ProjectId, UnitCode
from shared.errors import NotFound
from shared.kit import Kit, kit
from shared.web.pages import Crumb, Knowledge
from shared.web.wording import moment, number

router = APIRouter(include_in_schema=False)

PAGE = 50
"""Lines of a long list that are shown at once."""
LIST = "/registry/desk/projects"
"""The list of projects, which is the registry's."""
LATEST = 8
"""Events of a project that are shown at once."""
HEADERS = {"Cache-Control": "no-store", "Vary": "Accept, HX-Request"}
"""What is shown to one person is kept by no cache."""


def rendered(kit: Kit, name: str, **context: Any) -> HTMLResponse:
    """A template as an answer that no cache keeps."""
    page = templates(sample=is_sample(kit.settings)).get_template(name).render(context)
    return HTMLResponse(page, headers=HEADERS)


@router.get("/", openapi_extra=reads(Reads.SIGNED_IN, "it leads to the caller's wall, desk or unit"))
async def start(viewer: Viewer = Depends(viewer)) -> Response:
    """To what is the caller's by his or her posts: the wall of the city or county, the desk, or the unit's page."""
    posts = (await viewer.authority.rights(viewer.person)).appointments
    return RedirectResponse(first_page([post for post in posts if post.holds_on(viewer.today)]), 303)


@router.get("/overview", openapi_extra=reads(Reads.SIGNED_IN, "it leads to the caller's wall or unit"))
async def own_overview(viewer: Viewer = Depends(viewer)) -> Response:
    """To the wall of the own city or county, or the own unit's page."""
    if not viewer.seats:
        raise NotFound("no_such_thing")
    return RedirectResponse(overview(viewer.seats), 303)


@router.get(
    "/projects",
    dependencies=[Depends(viewer)],
    openapi_extra=reads(Reads.SIGNED_IN, "it leads to the list of projects"),
)
async def list_of_projects() -> Response:
    """To the list of projects within the caller's sight, which is the registry's."""
    return RedirectResponse(LIST, 303)


@router.get("/units/{code}", openapi_extra=reads(Reads.SIGHT, "the unit"))
async def unit(
    code: UnitCode,
    year: Year = None,
    boundaries: Boundaries = None,
    at_least: AtLeast = None,
    kit: Kit = Depends(kit),
    viewer: Viewer = Depends(viewer),
) -> Response:
    """A unit's totals and those of the units right below it, in the boundaries of a day; the projects of its own level.

    Sums in past boundaries are the unit's own, whoever sees its former parts today; lists are cut by today's tree.
    """
    await kit.at_least(at_least, (CARD, LAMP))
    await viewer.require_sight(code)
    year, drawn = year or viewer.today.year, viewer.boundaries(boundaries)
    async with kit.database.driver() as connection:
        way = await path_to(connection, code)
        here = way[-1]
        summed = await totals_of(connection, code, year, drawn)
        heir = await names_of(connection, [here.heir] if here.heir else [])
        own = await projects_of(connection, code, year, Which.REGISTERED, own=True, limit=PAGE + 1)
        waiting = await projects_of(connection, code, year, Which.REVIEW, own=True, limit=PAGE)
        notices = await notices_of(connection, code, viewer.today)
        page = await frame(
            connection,
            viewer,
            title=here.name,
            section="overview",
            unit=code,
            as_of=await as_of(connection, viewer.today),
            lead=f"{year}年度“书记项目”",
        )
    return rendered(
        kit,
        "unit.html",
        boundaries=drawn,
        visible={part.code for part in summed.parts if drawn is None or await viewer.sees(part.code)},
        heir=heir.get(here.heir or "", ""),
        page=page,
        here=here,
        year=year,
        whole=summed.whole,
        pace=pace,
        parts=sorted(summed.parts, key=_by_need),
        own=own[:PAGE],
        more=len(own) > PAGE,
        waiting=waiting,
        notices=together(notices.values()),
        stages=STAGES,
        kinds=KINDS,
        walls=[(step.name, f"/wall/{step.code}") for step in reversed(way) if has_wall(step.code)],
    )


def _sized(which: Which, size: Size) -> str:
    """How many projects a list has, of how many."""
    match which:
        case Which.REGISTERED:
            return f"{number(size.listed)} 件"
        case Which.REVIEW | Which.REJECTED:
            return f"{which.word} {number(size.listed)} 件"
        case Which.OVERDUE:
            return f"逾期未整改问题 {number(size.overdue_problems)} 个，在 {number(size.listed)} 件项目"
        case _:
            return f"{which.word} {number(size.listed)} 件，在册 {number(size.registered)} 件"


def end_of(day: date) -> datetime:
    """The last second of a day."""
    return start_of(day + timedelta(days=1)) - timedelta(seconds=1)


def _by_need(part: UnitTotals) -> tuple[bool, Decimal, str]:
    """The worst behind first; those without projects last."""
    deviation = pace(part.totals).deviation
    return deviation is None, deviation or Decimal(0), part.code


@router.get("/units/{code}/projects", openapi_extra=reads(Reads.SIGHT, "the unit"))
async def unit_projects(
    request: Request,
    code: UnitCode,
    which: Which = Which.REGISTERED,
    own: bool = False,
    year: Year = None,
    offset: Offset = 0,
    at_least: AtLeast = None,
    kit: Kit = Depends(kit),
    viewer: Viewer = Depends(viewer),
) -> Response:
    """The projects of a unit and all below it, or with `own` of its own level; what needs action comes first."""
    await kit.at_least(at_least, (CARD, LAMP))
    await viewer.require_sight(code)
    year = year or viewer.today.year
    async with kit.database.driver() as connection:
        lines = await projects_of(connection, code, year, which, own=own, limit=PAGE + 1, offset=offset)
        size = await size_of(connection, code, year, which, own=own)
        here = (await path_to(connection, code))[-1]
        page = await frame(
            connection,
            viewer,
            title=f"{here.name}{'本级' if own else ''}{which.word}",
            section="overview",
            unit=code,
            below=(Crumb(which.word),),
            as_of=await as_of(connection, viewer.today),
            lead=f"{year}年度，{_sized(which, size)}；需要处理的在前",
        )
    after = f"/units/{code}/projects?which={which}&own={str(own).lower()}&year={year}&offset={offset + PAGE}"
    return rendered(
        kit,
        "project_rows.html" if "hx-request" in request.headers else "projects.html",
        page=page,
        code=code,
        year=year,
        which=which,
        choices=list(Which),
        lines=lines[:PAGE],
        after=after if len(lines) > PAGE else "",
        stages=STAGES,
        kinds=KINDS,
    )


@router.get("/projects/{id}", openapi_extra=reads(Reads.SIGHT, "the project's owner"))
async def one_project(
    id: ProjectId, at_least: AtLeast = None, kit: Kit = Depends(kit), viewer: Viewer = Depends(viewer)
) -> Response:
    """A project: its four ones, steps, milestones, progress, problems, and every event."""
    await kit.at_least(at_least, (CARD, HISTORY))
    async with kit.database.driver() as connection:
        known = await project(connection, id)
        if known is None:
            raise NotFound("no_such_project", None, {"id": id})
        await viewer.require_sight(known.card.owner)
        shown = project_page(known, await person_names(connection, persons_in(known)), viewer.today)
        owner = await names_of(connection, [known.card.owner])
        page = await frame(
            connection,
            viewer,
            title=known.card.title,
            section="projects",
            unit=known.card.owner,
            below=(Crumb("项目台账", LIST), Crumb("本项目")),
            as_of=await as_of(connection, viewer.today),
        )
    return rendered(
        kit,
        "project.html",
        page=page,
        project=shown,
        id=id,
        today=viewer.today,
        place=owner.get(known.card.owner, ""),
        latest=LATEST,
        actions=actions(id, known.card, await rights_of(viewer, known.card)),
    )


@router.get("/figures/{key}", openapi_extra=reads(Reads.SIGHT, "the unit"))
async def figure_facts(
    key: FigureKey,
    unit: UnitCode,
    year: Year = None,
    day: date | None = Query(None),
    boundaries: Boundaries = None,
    bulletin: UUID | None = None,
    offset: Offset = 0,
    limit: Limit = 200,
    kit: Kit = Depends(kit),
    viewer: Viewer = Depends(viewer),
) -> Response:
    """The facts that a figure is counted from, as known on a day; with `bulletin` those that it was issued with."""
    async with kit.database.driver() as connection:
        stated = await stated_in(connection, viewer, bulletin, unit, key) if bulletin else None
        asked = stated.asked if stated else await asked_of(connection, viewer, unit, year, day, boundaries)
        figure = (await counted(connection, asked)).get(key)
        if figure is None:
            raise NotFound("no_such_figure_of_unit", None, {"unit": unit})
        now = (await counted(connection, replace(asked, as_of=ALWAYS)))[key] if stated else figure
        found = await facts(connection, key, asked, limit=limit + 1, offset=offset)
        names = await names_of(connection, [fact.unit for fact in found])
        latest = asked.day == viewer.today and stated is None
        page = await frame(
            connection,
            viewer,
            title=f"{LABELS[key]}：{stated.value if stated else figure.value}",
            section="bulletins",
            unit=unit,
            below=(*_bulletin_of(stated), Crumb("数字来源")),
            as_of=await as_of(connection, viewer.today) if latest else asked.as_of if stated else end_of(asked.day),
            lead=_counted_as(asked, stated),
            knowledge=Knowledge.LATEST if latest else Knowledge.PAST,
        )
    wanted = Wanted(unit, key)
    anew = facts_address(wanted, asked.year, asked.day, boundaries=None if stated else asked.boundaries)
    here = issued_address(wanted, str(bulletin)) if stated else anew
    return rendered(
        kit,
        "facts.html",
        page=page,
        key=key,
        stated=stated,
        figure=figure,
        now=now,
        anew=anew,
        facts=found[:limit],
        places=places_of(key),
        names=names,
        after=f"{here}&offset={offset + limit}&limit={limit}" if len(found) > limit else "",
    )


def _bulletin_of(stated: Stated | None) -> tuple[Crumb, ...]:
    """The way by the bulletin that a figure stands in."""
    if stated is None:
        return ()
    return Crumb("通报", "/bulletins"), Crumb(f"第 {stated.bulletin.issue} 期", f"/bulletins/{stated.bulletin.id}")


def _counted_as(asked: Asked, stated: Stated | None) -> str:
    """How a figure was counted, in words."""
    if stated is None:
        drawn = f"，按 {asked.boundaries} 的区划" if asked.boundaries else ""
        return f"{asked.year}年度，按 {asked.day} 所知{drawn}；同一事项只计一次"
    name = f"{stated.bulletin.manuscript.series}第 {stated.bulletin.issue} 期所载"
    return f"{name}：{asked.year}年度，截至 {asked.day}、在 {moment(asked.as_of)} 以前记录的；同一事项只计一次"
