"""The problem desk (`/registry/desk/problems`): inspections, problems, their rectification, extensions."""

from collections.abc import Mapping
from dataclasses import replace

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse
from starlette.responses import Response

from services.registry.commands.carrying_out import (
    FindProblem,
    InspectProject,
    RefuseRectification,
    ReportRectification,
    VerifyRectification,
)
from services.registry.commands.extending import RequestExtension
from services.registry.desk import extensions
from services.registry.desk.access import Caller, Seen, caller, seen
from services.registry.desk.files import files_of
from services.registry.desk.frame import HOME, rendered, said
from services.registry.desk.inspections import groups_of, with_group
from services.registry.desk.owners import county_of, seat_of, secretaries_of, township_of
from services.registry.desk.queue import concerns
from services.registry.desk.queue_page import QueueDesk, project_frame, queue_page
from services.registry.desk.waiting import Waiting
from services.registry.desk.words import PROBLEMS, SEVERITIES
from services.registry.desk.work import At, Done
from services.registry.keyset import After
from services.registry.project.state import Project
from shared.authority_table import Reads, reads
from shared.command import Command
from shared.contracts.divisions import Rank, rank_of
from shared.contracts.progress import AttachmentOf
from shared.contracts.values import ProjectId
from shared.errors import BadRequest
from shared.web.forms import Fields, Form, Forms, Posted, next_id
from shared.web.posts import answered, give, posted_form

DESK = QueueDesk(
    "问题与整改",
    f"{HOME}/problems",
    lead="问题：期限最近的在前；延期：先申请的在前",
    who="申报单位整改；指出问题的检查组核验，验收和互查中的问题、单位划转前外县检查组指出的问题由本县审核或检查人员核验；支部项目的延期由乡镇初审，其余由审核人员初审，都由另一名审核人员批准",
)
router = APIRouter(prefix=DESK.address, include_in_schema=False)

QUEUES = (Waiting.RECTIFY, Waiting.VERIFY, Waiting.ENDORSE, Waiting.GRANT)
COMMANDS: Mapping[str, type[Command]] = {
    each.verb(): each
    for each in (
        InspectProject,
        FindProblem,
        ReportRectification,
        VerifyRectification,
        RefuseRectification,
        *extensions.COMMANDS.values(),
    )
}


@router.get("", openapi_extra=reads(Reads.SUBTREE, "the projects' owners", "what waits for the caller's roles"))
async def problems(
    kind: Waiting | None = None, after: After = "", at: At = "", caller: Caller = Depends(caller)
) -> HTMLResponse:
    """The projects with problems or extensions that wait for the caller, the most pressing first."""
    caller.require(caller.seats.secretary | caller.seats.office | caller.seats.checks)
    open = [each for each in QUEUES if concerns(each, caller.seats)]
    return await queue_page(caller, DESK, open, kind, after, at)


@router.get("/{id}", openapi_extra=reads(Reads.SIGHT, "the project's owner"))
async def of_project(id: ProjectId, done: Done = "", caller: Caller = Depends(caller)) -> HTMLResponse:
    """A project's inspections and problems, with what the caller may do about each."""
    return await _problems(caller, await seen(caller, id), Forms(), said(done))


@router.post(
    "/{id}", openapi_extra=reads(Reads.SIGHT, "the project's owner", "each form by the rule of the command that it is")
)
async def told(request: Request, id: ProjectId, caller: Caller = Depends(caller)) -> Response:
    """Record an inspection or a problem, report and check a rectification, ask for more time or decide on it."""
    posted = await posted_form(request, caller.kit)
    if posted.verb not in COMMANDS:
        raise BadRequest("malformed_form")
    await seen(caller, id)
    form = replace(posted.form, fields=_chosen(posted))
    outcome = await give(caller.kit, caller.person, COMMANDS[posted.verb], form, id=id)

    async def again(form: Form) -> Response:
        kept = replace(form, fields=posted.form.fields)
        return await _problems(caller, await seen(caller, id), Forms(kept))

    return await answered(outcome, f"{DESK.address}/{id}", again, posted.verb)


def _chosen(posted: Posted) -> Fields:
    """The fields of the command, of which some are chosen as one."""
    fields = posted.form.fields
    if posted.verb == InspectProject.verb():
        return with_group(fields)
    if posted.verb == RequestExtension.verb():
        return extensions.with_subject(fields)
    return fields


async def _problems(caller: Caller, project: Seen, forms: Forms, done: str = "") -> HTMLResponse:
    state = project.state
    owner = state.proposed.owner
    county = await county_of(caller, owner) or ""
    of_a_branch = rank_of(await seat_of(caller, owner)) is Rank.BRANCH
    township = (await township_of(caller, owner) or "") if of_a_branch else ""
    groups = await groups_of(caller, county, {each.campaign for each in state.inspections.values()})
    words = {group.key: group.words for group in groups}
    theirs = {group.campaign for group in groups if group.county == county}
    chosen = [group for group in groups if group.here and group.mine]
    mine = {group.key for group in chosen}
    checks = state.being_carried_out and not project.own_work
    held = {id: each for id, each in state.inspections.items() if (each.campaign, each.group) in mine}
    decider = extensions.Decider(
        caller.person,
        township,
        secretary=township in caller.seats.secretary,
        office=township in caller.seats.office,
        reviews=project.may["review"],
        own_work=project.own_work,
    )
    lines = extensions.extension_lines(state, decider)
    acted_for = next((line.for_secretary for line in lines if line.for_secretary), "")
    subjects = extensions.subjects(state, caller.today) if project.may["own"] else []
    first = {"severity": "minor", "problem": next_id("p", state.problems), "inspection": next(reversed(held), "")}
    return rendered(
        caller,
        "desk_problems.html",
        page=await project_frame(caller, project, DESK),
        id=project.id,
        project=state,
        forms=forms,
        inspect=forms.of("inspect", {"inspection": next_id("i", state.inspections)})
        if checks and project.may["inspect"] and mine
        else None,
        groups=[(group.value, group.words) for group in chosen],
        find=forms.of("find", first) if checks and project.may["inspect"] and held else None,
        inspections=[
            (id, f"{words[each.campaign, each.group]}{f'：{each.note[:20]}' if each.note else ''}")
            for id, each in reversed(held.items())
        ],
        held={id: words.get((each.campaign, each.group), each.campaign) for id, each in state.inspections.items()},
        problems=_by_need(state),
        extensions=lines,
        subjects=subjects,
        ask=forms.of("ask-extension", {"extension": next_id("e", state.extensions)}) if subjects else None,
        most_days=caller.kit.settings.extension_days,
        secretaries=await secretaries_of(caller, acted_for) if acted_for else [],
        rectifies=project.may["own"],
        verifies={
            id
            for id, problem in state.problems.items()
            if checks
            and project.may["verify"]
            and (problem.found.campaign not in theirs or (problem.found.campaign, problem.found.group) in mine)
        },
        words=PROBLEMS,
        severities=[(each.value, word) for each, word in SEVERITIES.items()],
        severity=SEVERITIES,
        own_work=project.own_work and project.may["verify"],
        files=files_of(caller, project, Forms(), "problems", (AttachmentOf.PROBLEM,)),
        done=done,
    )


def _by_need(state: Project) -> list[str]:
    """The problems that are open by their deadlines, then those that are verified."""
    open = set(state.open_problems)
    return sorted(state.problems, key=lambda id: (id not in open, state.problems[id].due, id))
