"""A ledger's desk (`/registry/desk/import`): a file is chosen, checked, corrected or imported; a job tells how far."""

from collections.abc import Mapping
from uuid import UUID, uuid5

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse
from starlette.responses import Response

from services.registry.desk.access import Caller, caller
from services.registry.desk.frame import HOME, frame, rendered, unit_names
from services.registry.ledger import importing, template
from services.registry.ledger.api import book
from services.registry.ledger.archive import PACKED, ROWS
from services.registry.ledger.asking import jobs_of, sent_in
from services.registry.ledger.importing import Progress, Sent
from services.registry.ledger.job import Doing, Job, State, file_of, job_of, jobs_of_person
from services.registry.ledger.jobs import Ended
from services.registry.ledger.marked import corrections, marked
from services.registry.rights import IMPORTER
from shared.authority_table import Reads, does, reads
from shared.errors import BadRequest, NotFound, NotReady, TooLarge
from shared.kit import Kit
from shared.web.forms import Form
from shared.web.pages import Crumb
from shared.web.posts import refused, see_other

router = APIRouter(prefix=f"{HOME}/import", include_in_schema=False)

TITLE = "导入台账"
DOINGS: Mapping[Doing, str] = {Doing.CHECK: "核对", Doing.IMPORT: "导入"}
PHASES: Mapping[str, str] = {
    "waiting": "排队等候",
    "reading": "读取文件",
    "checking": "逐行核对",
    "comparing": "与平台比对",
    "writing": "写入平台",
}
STATES: Mapping[State, tuple[str, str]] = {
    State.WAITING: ("排队", ""),
    State.RUNNING: ("进行中", "blue"),
    State.DONE: ("已完成", "green"),
    State.REFUSED: ("未通过", "red"),
    State.INTERRUPTED: ("已中断", "yellow"),
}
SHOWN = 100
"""Wrong cells that a page lists."""


@router.get("", openapi_extra=does(IMPORTER))
async def choose(caller: Caller = Depends(caller)) -> HTMLResponse:
    """The form that takes a ledger's file, and the caller's own jobs."""
    return await _choosing(caller, Form("ledger"))


@router.post("", openapi_extra=does(IMPORTER))
async def check(request: Request, caller: Caller = Depends(caller)) -> Response:
    """Take a file and begin to check it; nothing is imported yet."""
    try:
        sent = await sent_in(request, caller.kit, caller.person, "zh")
        jobs = jobs_of(request, caller.kit)
        id = await jobs.begin(sent, Doing.CHECK, lambda progress: _checked(caller.kit, sent, progress))
    except (BadRequest, TooLarge, NotReady) as error:
        page = await _choosing(caller, refused(Form("ledger", {"file": ""}), error).form)
        page.status_code = error.status
        return page
    return see_other(_address(id))


@router.get("/{id}", openapi_extra=reads(Reads.SIGNED_IN, "the caller's own jobs"))
async def job(id: UUID, request: Request, caller: Caller = Depends(caller)) -> Response:
    """How far a job has come, and what came of it."""
    fragment = "hx-request" in request.headers
    try:
        found, _ = await _job(caller, id)
    except NotFound:
        if fragment:
            return Response(status_code=404, headers={"HX-Redirect": _address(id)})
        raise
    return await _shown(caller, found, fragment=fragment)


@router.post("/{id}", openapi_extra=does(IMPORTER))
async def bring_in(id: UUID, request: Request, caller: Caller = Depends(caller)) -> Response:
    """Import the file that was checked; sent twice, it leads to the same import."""
    moment = await caller.kit.moments.of(None)
    await importing.require_importer(caller.kit, caller.person, moment)
    checked, content = await _job(caller, id, with_file=True)
    if checked.doing is not Doing.CHECK or checked.state is not State.DONE or not content:
        raise NotFound("no_such_job", None, {"id": str(id)})
    sent = Sent(content, checked.name, caller.person, moment, "zh")
    jobs, then = jobs_of(request, caller.kit), uuid5(id, Doing.IMPORT)
    await jobs.begin(sent, Doing.IMPORT, lambda progress: _imported(caller.kit, sent, progress), then)
    return see_other(_address(then))


@router.get("/{id}/errors", openapi_extra=reads(Reads.SIGNED_IN, "the caller's own jobs"))
async def errors(id: UUID, caller: Caller = Depends(caller)) -> Response:
    """The workbook with its wrong cells marked."""
    found, content = await _job(caller, id, with_file=True)
    if found.state is not State.REFUSED or not content:
        raise NotFound("no_such_job", None, {"id": str(id)})
    return book(content, corrections(found.name))


async def _job(caller: Caller, id: UUID, *, with_file: bool = False) -> tuple[Job, bytes]:
    """A job of the caller's, and the file that its page still offers if it is asked for."""
    async with caller.kit.database.driver() as connection:
        job = await job_of(connection, id, caller.person, "zh")
        return job, await file_of(connection, job) if with_file else b""


async def _checked(kit: Kit, sent: Sent, progress: Progress) -> Ended:
    """A check whose file goes on: to be imported if it is in order, else marked, to be corrected."""
    found = await importing.check(kit, sent, progress)
    if found.ledger is None or found.checked is None or not found.checked.wrong:
        return Ended(found.report, sent.content if found.report.new else b"")
    return Ended(found.report, await marked(found.ledger, found.checked.wrong, sent.language))


async def _imported(kit: Kit, sent: Sent, progress: Progress) -> Ended:
    return Ended(await importing.bring_in(kit, sent, progress))


async def _choosing(caller: Caller, form: Form) -> HTMLResponse:
    tops = await caller.kit.authority.visible_units(caller.person, caller.today, IMPORTER.roles)
    caller.require(tops)
    names = await unit_names(caller, tops)
    async with caller.kit.database.driver() as connection:
        jobs = await jobs_of_person(connection, caller.person, "zh")
    return rendered(
        caller,
        "desk_ledger.html",
        page=await frame(caller, TITLE, (Crumb(TITLE),), lead="一份电子表格里的项目，先核对，全部无误才导入"),
        form=form,
        places=[names.get(code, code) for code in sorted(tops)],
        notes=template.NOTES,
        limit=PACKED,
        rows=ROWS,
        jobs=jobs,
        doings=DOINGS,
        states=STATES,
    )


async def _shown(caller: Caller, job: Job, *, fragment: bool) -> HTMLResponse:
    owners = {line.owner for line in job.report.first} if job.report else set[str]()
    doing = DOINGS[job.doing]
    return rendered(
        caller,
        "desk_ledger_card.html" if fragment else "desk_ledger_job.html",
        page=await frame(caller, f"{doing}台账", (Crumb(TITLE, f"{HOME}/import"), Crumb(doing)), lead=job.name),
        job=job,
        phase=PHASES[job.phase],
        shown=SHOWN,
        names=await unit_names(caller, owners),
    )


def _address(id: UUID) -> str:
    return f"{HOME}/import/{id}"
