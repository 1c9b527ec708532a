"""What the registry answers about projects, each within the caller's sight."""

from asyncio import to_thread
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any

from fastapi import Depends, Query, Response
from pydantic import BaseModel

from services.registry.around.difficulty import Difficulty
from services.registry.keyset import Part
from services.registry.project import listing
from services.registry.project.listing import Filter, ProjectLine
from services.registry.project.rounds import RoundLine, rounds_of
from services.registry.project.seeing import seen_project
from services.registry.project.state import Attachment, Extension, Objection, Opinion, Problem, Stage
from services.registry.sight import Words, narrowed, queries
from services.registry.views import PROJECTS
from shared.auth import Principal, principal
from shared.authority_table import Reads, reads
from shared.contracts.progress import ProjectInspected
from shared.contracts.project import PlanSubmitted, ProjectKind, ProjectProposed
from shared.contracts.values import ProjectId, UnitCode, Year
from shared.kit import AtLeastHeader, Kit, kit

router = queries()

Limit = Annotated[int, Query(ge=1, le=200)]


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
