"""The acceptance desk (`/registry/desk/acceptance`): request, site check, notice, closing, and the turns."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse
from starlette.responses import Response

from services.registry.around.named import named
from services.registry.commands.accepting import (
    AcceptProject,
    CloseProject,
    FailAcceptance,
    IssuePublicNotice,
    RaiseObjection,
    RequestAcceptance,
    ResolveObjection,
)
from services.registry.desk.access import Caller, Seen, caller, seen
from services.registry.desk.files import files_of
from services.registry.desk.frame import HOME, person_names, rendered, said
from services.registry.desk.owners import secretaries_of
from services.registry.desk.queue_page import QueueDesk, project_frame, queue_page
from services.registry.desk.turns import TURNS, Turns, turns_of
from services.registry.desk.waiting import Waiting
from services.registry.desk.words import SEVERITIES
from services.registry.desk.work import At, Done
from services.registry.keyset import After
from services.registry.project.accepting import notice_over
from services.registry.project.state import Project, Stage
from shared.authority_table import Reads, reads
from shared.command import Command
from shared.contracts.progress import AttachmentOf
from shared.contracts.values import ProjectId
from shared.errors import BadRequest
from shared.web.forms import Form, Forms, changed_rows, compact, next_id
from shared.web.pages import Step, StepState
from shared.web.posts import answered, give, posted_form

DESK = QueueDesk(
    "验收与销号",
    f"{HOME}/acceptance",
    lead="申请、验收、公示 5 个工作日、销号",
    who="申报单位申请验收；本县（市、区）组织部审核人员验收、公示、销号",
)
router = APIRouter(prefix=DESK.address, include_in_schema=False)

QUEUES = (Waiting.REQUEST, Waiting.ACCEPT, Waiting.ANNOUNCE, Waiting.NOTICE, Waiting.CLOSE)
COMMANDS: Mapping[str, type[Command]] = {
    each.verb(): each
    for each in (
        RequestAcceptance,
        AcceptProject,
        FailAcceptance,
        IssuePublicNotice,
        RaiseObjection,
        ResolveObjection,
        CloseProject,
        *TURNS.values(),
    )
}
IDS = ("severity",)
HEADS = {"problems": "text"}
_STEPS = (
    ("申请验收", Stage.ACCEPTANCE_REQUESTED),
    ("现场验收", Stage.ACCEPTED),
    ("公示", Stage.ANNOUNCED),
    ("销号", Stage.CLOSED),
)
_REACHED = {
    Stage.ACCEPTANCE_REQUESTED: 1,
    Stage.ACCEPTED: 2,
    Stage.ANNOUNCED: 2,
    Stage.CLOSED: 4,
}


@router.get("", openapi_extra=reads(Reads.SUBTREE, "the projects' owners", "what waits for the caller's roles"))
async def acceptances(
    kind: Waiting | None = None, after: After = "", at: At = "", caller: Caller = Depends(caller)
) -> HTMLResponse:
    """The projects on the way to their closing, by stage."""
    caller.require(caller.seats.secretary | caller.seats.office | caller.seats.reviewer)
    open = [each for each in QUEUES if (caller.seats.owns if each is Waiting.REQUEST else caller.seats.reviewer)]
    return await queue_page(caller, DESK, open, kind, after, at)


@router.get("/{id}", openapi_extra=reads(Reads.SIGHT, "the project's owner"))
async def of_project(id: ProjectId, done: Done = "", caller: Caller = Depends(caller)) -> HTMLResponse:
    """Where a project stands on the way to its closing, with what the caller may do now."""
    return await _acceptance(caller, await seen(caller, id), Forms(), said(done))


@router.post(
    "/{id}", openapi_extra=reads(Reads.SIGHT, "the project's owner", "each form by the rule of the command that it is")
)
async def told(request: Request, id: ProjectId, caller: Caller = Depends(caller)) -> Response:
    """The next step of the way, or a row more or less of a form."""
    posted = await posted_form(request, caller.kit)
    project = await seen(caller, id)
    if posted.rows:
        return await _acceptance(caller, project, Forms(changed_rows(posted.form, posted.rows, IDS, HEADS)))
    if posted.verb not in COMMANDS:
        raise BadRequest("malformed_form")
    form = replace(posted.form, fields=compact(posted.form.fields, IDS))
    if posted.verb == FailAcceptance.verb():
        form = with_names(form, id)
    outcome = await give(caller.kit, caller.person, COMMANDS[posted.verb], form, id=id)

    async def again(form: Form) -> Response:
        return await _acceptance(caller, await seen(caller, id), Forms(form))

    return await answered(outcome, f"{DESK.address}/{id}", again, posted.verb)


def with_names(form: Form, id: str) -> Form:
    """The form with a name for each problem, which follows from its key: sent twice, it finds them once."""
    names = {f"problems.{n}.problem": named("problem", id, form.key, str(n)) for n in range(form.rows("problems", 0))}
    return replace(form, fields={**form.fields, **names})


def steps(state: Project, today: date) -> list[Step]:
    """The way to the closing with the day of each step that is done; a notice is one while it runs."""
    over = state.ended and state.stage is not Stage.CLOSED
    reached = _REACHED.get(state.stage, 0) if state.stage else 0
    if state.stage is Stage.ANNOUNCED and notice_over(state, today):
        reached += 1
    return [
        Step(
            label,
            StepState.DONE if n < reached else StepState.CURRENT if n == reached and not over else StepState.FUTURE,
            (state.days[stage].isoformat(),) if n < reached and stage in state.days else (),
        )
        for n, (label, stage) in enumerate(_STEPS)
    ]


async def _turns(caller: Caller, project: Seen) -> Turns:
    if not project.may["review"] or project.own_work:
        return Turns()
    secretaries = await secretaries_of(caller, project.state.proposed.owner)
    return turns_of(project.state, secretaries, caller.person, caller.today)


async def _acceptance(caller: Caller, project: Seen, forms: Forms, done: str = "") -> HTMLResponse:
    state, version = project.state, project.version
    milestones = {each.id: each.title for each in state.plan.milestones} if state.plan else {}
    return rendered(
        caller,
        "desk_acceptance.html",
        page=await project_frame(caller, project, DESK),
        id=project.id,
        project=state,
        stage=state.stage.value if state.stage else "",
        steps=steps(state, caller.today),
        may=project.may,
        reviews=project.may["review"] and not project.own_work,
        own_work=project.own_work and project.may["review"],
        missing=[milestones[each] for each in state.missing_milestones],
        ended=notice_over(state, caller.today),
        forms=forms,
        version=version,
        turns=await _turns(caller, project),
        responsible=(await person_names(caller, [state.secretary])).get(state.secretary, state.secretary),
        objection=next_id("o", state.objections),
        severities=[(each.value, word) for each, word in SEVERITIES.items()],
        files=files_of(caller, project, Forms(), "acceptance", (AttachmentOf.ACCEPTANCE,)),
        done=done,
    )
