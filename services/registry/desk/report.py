"""Reports from the phone (`/registry/desk/report`): the own projects that owe one, and the form of three fields."""

from dataclasses import replace

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse
from starlette.responses import Response

from services.registry.commands.carrying_out import CorrectMilestone, ReachMilestone, ReportProgress, StartProject
from services.registry.desk.access import Caller, Seen, caller, seen
from services.registry.desk.files import files_of
from services.registry.desk.frame import HOME, frame, rendered, said, unit_names
from services.registry.desk.month import due, owed_months
from services.registry.desk.queue import queue
from services.registry.desk.waiting import Waiting
from services.registry.desk.words import stage_word
from services.registry.desk.work import PAGE, At, Done, known
from services.registry.keyset import After, Paging
from services.registry.project.state import Stage
from shared.authority_table import Reads, reads
from shared.command import Command
from shared.contracts.progress import AttachmentOf
from shared.contracts.values import ProjectId
from shared.errors import BadRequest, Forbidden
from shared.web.forms import Form, Forms, Posted
from shared.web.pages import Crumb
from shared.web.posts import answered, give, posted_form

router = APIRouter(prefix=f"{HOME}/report", include_in_schema=False)

COMMANDS: dict[str, type[Command]] = {
    each.verb(): each for each in (ReportProgress, ReachMilestone, CorrectMilestone, StartProject)
}
TAKEN_BACK = "take-back-"
"""How the names of the forms begin that say that a milestone was not reached: without a day, which others need."""


@router.get("", openapi_extra=reads(Reads.SUBTREE, "the projects' owners", "what waits for the caller's roles"))
async def owing(after: After = "", at: At = "", done: Done = "", caller: Caller = Depends(caller)) -> HTMLResponse:
    """The own projects that owe a report, the one that is due first at the top."""
    caller.require(caller.seats.secretary | caller.seats.office)
    await known(caller, at)
    async with caller.kit.database.core() as connection:
        found = await queue(connection, Waiting.REPORT, caller.seats, caller.today, Paging(PAGE, after))
    return rendered(
        caller,
        "desk_reports.html",
        page=await frame(caller, "报送进展", (Crumb("报送进展"),), lead="每件项目每月报一次，一次约 1 分钟"),
        person=caller.person,
        found=found,
        names=await unit_names(caller, {item.line.owner for item in found.items}),
        done=said(done),
    )


@router.get("/{id}", openapi_extra=reads(Reads.SIGHT, "the project's owner"))
async def report(id: ProjectId, done: Done = "", caller: Caller = Depends(caller)) -> HTMLResponse:
    """The form of a report, filled in as far as the system knows."""
    project = await seen(caller, id)
    return await _report(caller, project, Forms(), _said(done, len(owed_months(project.state, caller.today))))


def _said(done: str, owed: int) -> str:
    """What was done; after a report, also that more months of the project wait for theirs."""
    return said(done) + (f"还有 {owed} 个月待报。" if owed and done == ReportProgress.verb() else "")


@router.post(
    "/{id}", openapi_extra=reads(Reads.SIGHT, "the project's owner", "each form by the rule of the command that it is")
)
async def reported(request: Request, id: ProjectId, caller: Caller = Depends(caller)) -> Response:
    """Report the month, or say that a milestone is reached, or was not, or that the work has begun.

    A report leads to the form of the project's next month, if that is owed, too.
    """
    posted = await posted_form(request, caller.kit)
    if posted.verb not in COMMANDS:
        raise BadRequest("malformed_form")
    if dayless(posted):
        refused = replace(posted.form, errors={"on": _NO_DAY}, refusal=_NO_DAY)
        page = await _report(caller, await seen(caller, id), Forms(refused))
        page.status_code = 422
        return page
    outcome = await give(caller.kit, caller.person, COMMANDS[posted.verb], posted.form, id=id)
    done = posted.verb == ReportProgress.verb() and not owed_months((await seen(caller, id)).state, caller.today)
    then = f"{HOME}/report" if done else f"{HOME}/report/{id}"

    async def again(form: Form) -> Response:
        return await _report(caller, await seen(caller, id), Forms(replace(form, name=posted.form.name)))

    return await answered(outcome, then, again, posted.verb)


_NO_DAY = "填写实际完成的日期；其实没有完成的，在“其实没有完成”里更正。"


def dayless(posted: Posted) -> bool:
    """Whether a corrected day was left blank, which would take the milestone back: that has a form of its own."""
    corrects = posted.verb == CorrectMilestone.verb() and not posted.form.name.startswith(TAKEN_BACK)
    return corrects and not posted.form.value("on").strip()


async def _report(caller: Caller, project: Seen, forms: Forms, done: str = "") -> HTMLResponse:
    if not project.may["own"]:
        raise Forbidden("not_your_desk")
    state = project.state
    month = due(state, caller.today)
    prefilled = {"month": month.month, "percent": f"{month.percent.normalize():f}", "note": month.note} if month else {}
    planned = state.plan.milestones if state.plan and state.being_carried_out else ()
    missing = [each for each in planned if each.id not in state.reached]
    correctable = [(each, state.reached[each.id]) for each in planned if each.id in state.reached]
    return rendered(
        caller,
        "desk_report.html",
        page=await frame(
            caller, "报送进展", (Crumb("报送进展", f"{HOME}/report"), Crumb(state.proposed.title)), lead=""
        ),
        person=caller.person,
        id=project.id,
        title=state.proposed.title,
        month=month,
        owed=len(owed_months(state, caller.today)),
        forms=forms,
        form=forms.of("report", prefilled) if month else None,
        granted=state.granted,
        correctable=[
            (each, on, forms.of(f"correct-{each.id}", {"on": on.isoformat()}), forms.of(f"{TAKEN_BACK}{each.id}"))
            for each, on in correctable
        ],
        milestones=[(each, forms.of(f"reach-{each.id}", {"on": caller.today.isoformat()})) for each in missing],
        start=forms.of("start") if state.stage is Stage.APPROVED else None,
        whole=state.stage is Stage.STARTED and not missing,
        held=len(state.inspections) + len(state.reached) + len(state.reports),
        days=(state.plan.ends - caller.today).days if state.plan else 0,
        stage=stage_word(state.stage),
        files=files_of(caller, project, Forms(), "report", (AttachmentOf.REPORT, AttachmentOf.MILESTONE)),
        done=done,
    )
