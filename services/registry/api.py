"""What the registry answers: projects, their facts, units, persons, campaigns, each within the caller's sight."""

from asyncio import to_thread
from collections.abc import Collection, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any

from fastapi import Depends, Query, Request, Response
from pydantic import BaseModel

from services.registry.around.difficulty import Difficulty
from services.registry.asking import burden
from services.registry.asking.gathering import held_of
from services.registry.asking.held import ALWAYS_HELD, holder_of
from services.registry.asking.views import DATA_ANSWERS, DATA_REQUESTS
from services.registry.keyset import Part
from services.registry.project import listing
from services.registry.project.listing import Filter, ProjectLine
from services.registry.project.rounds import RoundLine, rounds_of
from services.registry.project.seeing import seen_project
from services.registry.project.state import Attachment, Extension, Objection, Opinion, Problem, Stage
from services.registry.reference import directory
from services.registry.rights import ADMIN_ANYWHERE
from services.registry.sight import narrowed, queries
from services.registry.views import CAMPAIGNS, PROJECTS
from shared.auth import Principal, principal
from shared.authority_table import Reads, reads
from shared.authority_views import PERSON, UNIT
from shared.contracts.progress import ProjectInspected
from shared.contracts.project import PlanSubmitted, ProjectKind, ProjectProposed
from shared.contracts.values import Month, PersonId, ProjectId, UnitCode, Year
from shared.errors import NotFound
from shared.kit import AtLeastHeader, Kit, kit
from shared.rights import NATION
from shared.settings import AuthMode

router = queries()

Limit = Annotated[int, Query(ge=1, le=200)]
Words = Annotated[str, Query(max_length=100, pattern=r"^[^\x00]*$")]
"""What is looked for; PostgreSQL's texts hold no NUL."""


class ProjectState(BaseModel):
    """A project as its facts stand; `version` is what If-Match takes.

    `secretary` and `year` are those of now: a hand-over and a carry-over change what the proposal says. The plan has
    the first due days; granted extensions say those that hold. A problem's `due` holds, its `found` has the first.
    """

    id: str
    version: int
    stage: Stage
    proposal: ProjectProposed
    secretary: str
    year: int
    plan: PlanSubmitted | None
    days: Mapping[Stage, date]
    numbers: Mapping[Stage, str]
    reopened_from: tuple[str, ...]
    opinions: Mapping[str, Opinion]
    reports: Mapping[str, Decimal]
    reached: Mapping[str, date]
    inspections: Mapping[str, ProjectInspected]
    problems: Mapping[str, Problem]
    extensions: Mapping[str, Extension]
    difficulties: Mapping[str, Difficulty]
    notice_ends: date | None
    objections: Mapping[str, Objection]
    attachments: Mapping[str, Attachment]


class ProjectRounds(BaseModel):
    """The review of a project, round by round, the first one first; `version` is what If-Match takes."""

    id: str
    version: int
    rounds: list[RoundLine]


class Fact(BaseModel):
    """An event of a stream: which one, when it was said, who did it and for whom, for which day and why late, what."""

    version: int
    id: str
    type: str
    time: datetime
    actor: str
    on_behalf_of: str | None
    effective: date
    effective_reason: str | None
    data: dict[str, Any]


class Facts(BaseModel):
    """All events of a stream in their order, and the head of its hash chain."""

    stream: str
    head: str
    items: list[Fact]


@router.get("/projects", openapi_extra=reads(Reads.SUBTREE, "the owners of projects"))
async def projects(
    county: UnitCode | None = None,
    owner: UnitCode | None = None,
    stage: Annotated[list[Stage] | None, Query()] = None,
    kind: ProjectKind | None = None,
    year: Year | None = None,
    q: Words = "",
    after: ProjectId | None = None,
    limit: Limit = 50,
    at_least: AtLeastHeader = None,
    kit: Kit = Depends(kit),
    who: Principal = Depends(principal),
) -> Part[ProjectLine]:
    """Projects in the caller's subtree, the last proposed first."""
    await kit.at_least(at_least, (PROJECTS,))
    roots = await kit.authority.visible_units(who.person, await kit.moments.today())
    within = await narrowed(kit, roots)
    wanted = Filter(county, owner, stage or (), kind, year, q)
    async with kit.database.core() as connection:
        return await listing.projects(connection, wanted, within, after=after, limit=limit)


@router.get("/projects/{id}", openapi_extra=reads(Reads.SIGHT, "the project's owner"))
async def project(
    id: ProjectId, response: Response, kit: Kit = Depends(kit), who: Principal = Depends(principal)
) -> ProjectState:
    """A project as it stands in the store; its ETag is the version, as If-Match takes it."""
    stream, state = await seen_project(kit, who, id)
    response.headers["ETag"] = f'"{stream.version}"'
    assert state.stage is not None
    return ProjectState(
        id=id,
        version=stream.version,
        stage=state.stage,
        proposal=state.proposed,
        secretary=state.secretary,
        year=state.year,
        plan=state.plan,
        days=state.days,
        numbers=state.numbers,
        reopened_from=state.reopened_from,
        opinions=state.opinions,
        reports=state.reports,
        reached=state.reached,
        inspections=state.inspections,
        problems=state.problems,
        extensions=state.extensions,
        difficulties=state.difficulties,
        notice_ends=state.notice_ends,
        objections=state.objections,
        attachments=state.attachments,
    )


@router.get("/projects/{id}/rounds", openapi_extra=reads(Reads.SIGHT, "the project's owner"))
async def rounds(id: ProjectId, kit: Kit = Depends(kit), who: Principal = Depends(principal)) -> ProjectRounds:
    """The rounds of a project's review, with what each plan changed of the one before."""
    stream, state = await seen_project(kit, who, id)
    return ProjectRounds(id=id, version=stream.version, rounds=await to_thread(rounds_of, state))


@router.get("/projects/{id}/events", openapi_extra=reads(Reads.SIGHT, "the project's owner"))
async def events(id: ProjectId, kit: Kit = Depends(kit), who: Principal = Depends(principal)) -> Facts:
    """All that happened to a project."""
    stream, _ = await seen_project(kit, who, id)
    facts = [
        Fact(
            version=event.stream_version,
            id=str(event.id),
            type=event.type,
            time=event.time,
            actor=event.actor,
            on_behalf_of=event.on_behalf_of,
            effective=event.effective,
            effective_reason=event.effective_reason,
            data=event.data.model_dump(mode="json"),
        )
        for event in stream.events
    ]
    return Facts(stream=stream.id, head=stream.head.hex(), items=facts)


@router.get("/units", openapi_extra=reads(Reads.SIGHT, "the parent, without one the caller's own posts"))
async def units(
    parent: UnitCode | None = None,
    day: date | None = None,
    at_least: AtLeastHeader = None,
    kit: Kit = Depends(kit),
    who: Principal = Depends(principal),
) -> list[directory.UnitLine]:
    """The units right below one, today or as they lay on a day; without `parent` those where the caller's sight begins.

    What has left the caller's sight since that day is not among them.
    """
    await kit.at_least(at_least, (UNIT,))
    today = await kit.moments.today()
    roots = await kit.authority.visible_units(who.person, today)
    if parent is not None:
        await kit.authority.require_sight(who.person, parent, today)
    async with kit.database.core() as connection:
        if parent is None:
            return await directory.units(connection, roots)
        return await directory.units_below(connection, parent, roots, day)


@router.get("/units/{code}", openapi_extra=reads(Reads.SIGHT, "the unit"))
async def unit(
    code: UnitCode, at_least: AtLeastHeader = None, kit: Kit = Depends(kit), who: Principal = Depends(principal)
) -> directory.UnitLine:
    """One unit."""
    await kit.at_least(at_least, (UNIT,))
    await kit.authority.require_sight(who.person, code, await kit.moments.today())
    async with kit.database.core() as connection:
        found = await directory.units(connection, [code])
    if not found:
        raise NotFound("no_such_unit", None, {"unit": code})
    return found[0]


@router.get("/persons", openapi_extra=reads(Reads.OPEN, "with local sign-in", "else a `platform_admin` of the persons"))
async def persons(
    request: Request,
    q: Words = "",
    after: PersonId | None = None,
    limit: Annotated[int, Query(ge=1, le=5000)] = 200,
    at_least: AtLeastHeader = None,
    kit: Kit = Depends(kit),
) -> Part[directory.PersonLine]:
    """Persons with today's posts, by id: with local sign-in for everybody, else for their administrators."""
    today = await kit.moments.today()
    within = None
    if kit.settings.auth is not AuthMode.LOCAL:
        within = await administered(kit, (await principal(request)).person, today)
    await kit.at_least(at_least, (PERSON, UNIT))
    async with kit.database.core() as connection:
        found = await directory.persons(connection, today, q=q, after=after or "", limit=limit + 1, within=within)
    return Part(items=found[:limit], next=found[limit - 1].id if len(found) > limit else None)


async def administered(kit: Kit, person: str, today: date) -> Collection[str] | None:
    """The roots of the subtrees whose persons an administrator may list; None if they are the whole tree.

    Raises:
        Forbidden("not_allowed").
    """
    await kit.authority.grant(person, ADMIN_ANYWHERE, NATION, today)
    roots = await kit.authority.visible_units(person, today, ADMIN_ANYWHERE.roles)
    return await narrowed(kit, roots)


@router.get("/campaigns", openapi_extra=reads(Reads.SUBTREE, "the counties of campaigns"))
async def campaigns(
    county: UnitCode | None = None,
    year: Year | None = None,
    at_least: AtLeastHeader = None,
    kit: Kit = Depends(kit),
    who: Principal = Depends(principal),
) -> list[directory.CampaignLine]:
    """Campaigns of inspections in the caller's subtree, the last opened first."""
    await kit.at_least(at_least, (CAMPAIGNS,))
    roots = await kit.authority.visible_units(who.person, await kit.moments.today())
    async with kit.database.core() as connection:
        return await directory.campaigns(connection, roots, county=county, year=year)


class Place(BaseModel):
    """Where the platform holds something; null if it does not."""

    where: str | None


@router.get("/held", openapi_extra=reads(Reads.SIGNED_IN, "what the platform holds of every county"))
async def held(
    name: Annotated[str, Query(min_length=1, max_length=200, pattern=r"^[^\x00]*$")],
    county: UnitCode | None = None,
    kit: Kit = Depends(kit),
    who: Principal = Depends(principal),
) -> Place:
    """Whether what units might be asked for by this name is held already, for all; of a county with its metrics."""
    async with kit.database.driver() as connection:
        known = await held_of(connection, county) if county else ALWAYS_HELD
    found = holder_of(name, known)
    return Place(where=found.where if found else None)


@router.get("/data-requests", openapi_extra=reads(Reads.SUBTREE, "the units that were asked"))
async def data_requests(
    county: UnitCode,
    year: Year,
    at_least: AtLeastHeader = None,
    kit: Kit = Depends(kit),
    who: Principal = Depends(principal),
) -> list[burden.DataRequestState]:
    """What a county asked units in the caller's subtree for in a year, and what these answered."""
    await kit.at_least(at_least, (DATA_REQUESTS, DATA_ANSWERS, UNIT))
    roots = await kit.authority.visible_units(who.person, await kit.moments.today())
    async with kit.database.core() as connection:
        return await burden.data_requests(connection, county, year, roots)


@router.get("/burden", openapi_extra=reads(Reads.SUBTREE, "the townships"))
async def burden_ledger(
    county: UnitCode,
    month: Month,
    at_least: AtLeastHeader = None,
    kit: Kit = Depends(kit),
    who: Principal = Depends(principal),
) -> list[burden.BurdenLine]:
    """What each township of a county was asked for in a month, of those in the caller's subtree."""
    await kit.at_least(at_least, (DATA_REQUESTS, PROJECTS, UNIT))
    roots = await kit.authority.visible_units(who.person, await kit.moments.today())
    async with kit.database.core() as connection:
        return await burden.burden(connection, county, month, roots)
