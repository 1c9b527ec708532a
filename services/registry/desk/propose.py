"""The forms of a proposal and of its plan (`/registry/desk/propose`, `/registry/desk/projects/{id}/plan`)."""

from collections.abc import Awaitable, Callable
from dataclasses import replace

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse
from starlette.responses import Response

from services.registry.commands.reviewing import CATEGORIES, AnswerOpinion, ProposeProject, SubmitPlan
from services.registry.commands.turning import WithdrawProject
from services.registry.desk.access import Caller, Seen, caller, seen
from services.registry.desk.files import files_of
from services.registry.desk.frame import HOME, frame, person_names, rendered, said, unit_names
from services.registry.desk.owners import county_of, own_units
from services.registry.desk.plan import (
    ANSWERS,
    HEADS,
    IDS,
    answers,
    asked_beside,
    open_opinions,
    plan_fields,
    ready,
    without_answers,
)
from services.registry.desk.turns import withdrawable
from services.registry.desk.words import CRITERIA, KINDS, stage_word
from services.registry.desk.work import Done
from services.registry.project.proposing import OPENS_IN
from services.registry.project.state import Stage
from services.registry.rights import PROPOSER
from shared.authority_table import Reads, does, reads
from shared.contracts.progress import AttachmentOf
from shared.contracts.project import PlanReturned
from shared.contracts.values import ProjectId, UnitCode
from shared.errors import Forbidden
from shared.web.forms import Form, Forms, Posted, changed_rows
from shared.web.pages import Crumb
from shared.web.posts import Refused, answered, give, posted_form, see_other

router = APIRouter(prefix=HOME, include_in_schema=False)

Again = Callable[[Form], Awaitable[Response]]


@router.get("/propose", openapi_extra=reads(Reads.SIGNED_IN, "the caller's own posts"))
async def propose(owner: UnitCode | None = None, caller: Caller = Depends(caller)) -> HTMLResponse:
    """The form of a proposal; who acts for several units chooses one first."""
    return await _proposal(caller, owner, Forms())


@router.post("/propose", openapi_extra=does(PROPOSER))
async def proposed(request: Request, caller: Caller = Depends(caller)) -> Response:
    """Propose, and go on to the plan."""
    posted = await posted_form(request, caller.kit)
    outcome = await give(caller.kit, caller.person, ProposeProject, posted.form)

    async def again(form: Form) -> Response:
        return await _proposal(caller, posted.form.value("owner") or None, Forms(form))

    id = "" if isinstance(outcome, Refused) else outcome.stream.partition("-")[2]
    return await answered(outcome, f"{HOME}/projects/{id}/plan", again, "propose")


async def _proposal(caller: Caller, owner: str | None, forms: Forms) -> HTMLResponse:
    caller.require(caller.seats.secretary | caller.seats.office)
    units = await own_units(caller, owner)
    if owner is not None and not units:
        raise Forbidden("not_allowed", None, {"unit": owner})
    chosen = units[0] if len({each.code for each in units}) == 1 else None
    county = await county_of(caller, chosen.code) if chosen else None
    today = caller.today
    years = range(today.year, today.year + (today.month >= OPENS_IN) + 1)
    prefilled = {
        "owner": chosen.code if chosen else "",
        "county": county or "",
        "secretary": chosen.secretary if chosen else "",
        "year": str(years[-1]),
    }
    return rendered(
        caller,
        "desk_propose.html",
        page=await frame(caller, "申报项目", (Crumb("申报项目"),), lead="切口小、有难度、示范强、能落实"),
        forms=forms,
        form=forms.of("propose", prefilled) if chosen else None,
        units=units,
        secretaries=[(each.secretary, each.secretary_name) for each in units],
        chosen=chosen,
        county=(await unit_names(caller, [county])).get(county, county) if county else "",
        years=[(year, f"{year}年") for year in years],
        kinds=[(kind.value, word) for kind, word in KINDS.items()],
        categories=CATEGORIES,
        criteria=[(each.value, word) for each, word in CRITERIA.items()],
    )


@router.get("/projects/{id}/plan", openapi_extra=reads(Reads.SIGHT, "the project's owner"))
async def plan(id: ProjectId, done: Done = "", caller: Caller = Depends(caller)) -> HTMLResponse:
    """The plan's form: the first time, or again after the plan was returned."""
    return await _plan(caller, await seen(caller, id), Forms(), said(done))


@router.post(
    "/projects/{id}/plan",
    openapi_extra=reads(Reads.SIGHT, "the project's owner", "each form by the rule of the command that it is"),
)
async def submit(request: Request, id: ProjectId, caller: Caller = Depends(caller)) -> Response:
    """Submit the plan and the answers to opinions, take the proposal back, or change the rows of the form."""
    posted = await posted_form(request, caller.kit)
    project = await seen(caller, id)
    if posted.verb == AnswerOpinion.verb():
        return await _answered(caller, project, posted.form)
    if posted.rows:
        return await _plan(caller, project, Forms(changed_rows(posted.form, posted.rows, IDS, HEADS)))

    async def again(form: Form) -> Response:
        return await _plan(caller, await seen(caller, id), Forms(form))

    if posted.verb == WithdrawProject.verb():
        outcome = await give(caller.kit, caller.person, WithdrawProject, posted.form, id=id)
        return await answered(outcome, HOME, again, posted.verb)
    return await _submitted(caller, project, posted, again)


async def _submitted(caller: Caller, project: Seen, posted: Posted, again: Again) -> Response:
    """The plan comes first: if it is refused, no answer has been given yet and all can still be changed."""
    form = ready(posted.form)
    outcome = await give(caller.kit, caller.person, SubmitPlan, without_answers(form), id=project.id)
    if isinstance(outcome, Refused):
        return await answered(replace(outcome, form=replace(outcome.form, fields=form.fields)), "", again)
    return await _answered(caller, project, form, outcome.at)


async def _answered(caller: Caller, project: Seen, form: Form, at: str = "") -> Response:
    for each in answers(form, open_opinions(project.state)).values():
        answer = await give(caller.kit, caller.person, AnswerOpinion, each, id=project.id)
        if isinstance(answer, Refused):
            kept = replace(answer.form, name=ANSWERS, fields=form.fields, key=form.key, errors={})
            page = await _plan(caller, await seen(caller, project.id), Forms(kept))
            page.status_code = answer.status
            return page
        at = answer.at or at
    return see_other(HOME, at, SubmitPlan.verb() if form.name == "plan" else AnswerOpinion.verb())


async def _plan(caller: Caller, project: Seen, forms: Forms, done: str = "") -> HTMLResponse:
    if not project.may["own"]:
        raise Forbidden("not_your_desk")
    state = project.state
    proposed = state.proposed
    names = await person_names(caller, {state.secretary, *(opinion.by for opinion in state.opinions.values())})
    units = await unit_names(caller, [proposed.owner, proposed.county])
    awaited = state.stage in (Stage.PROPOSED, Stage.RETURNED)
    lead = f"第 {state.round + 1} 轮" if awaited else stage_word(state.stage)
    page = await frame(caller, proposed.title, (Crumb("方案"),), unit=proposed.owner, lead=f"项目方案　{lead}")
    return rendered(
        caller,
        "desk_plan.html",
        page=page,
        id=project.id,
        project=state,
        forms=forms,
        form=forms.of("plan", plan_fields(state), version=project.version) if awaited else None,
        awaited=awaited,
        stage=state.stage.value if state.stage else "",
        withdraw=forms.of("withdraw", version=project.version) if withdrawable(state) else None,
        answering=forms.of(ANSWERS) if state.stage is Stage.SUBMITTED and open_opinions(state) else None,
        returned=_returned_because(project),
        asked=asked_beside(state, names),
        secretary=names.get(state.secretary, state.secretary),
        owner=units.get(proposed.owner, proposed.owner),
        county=units.get(proposed.county, proposed.county),
        kind=KINDS[proposed.kind],
        files=files_of(caller, project, Forms(), "plan", (AttachmentOf.PLAN,)),
        done=done,
    )


def _returned_because(project: Seen) -> str:
    if project.state.stage is not Stage.RETURNED:
        return ""
    return next((event.data.reason for event in reversed(project.events) if isinstance(event.data, PlanReturned)), "")
