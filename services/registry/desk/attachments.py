"""A project's files (`/registry/desk/attachments/{id}`): added, given out, erased where the caller may."""

from collections.abc import Mapping
from dataclasses import replace
from urllib.parse import quote

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.responses import Response

from services.registry.commands.attaching import EraseAttachment
from services.registry.desk.access import Caller, Seen, caller, seen
from services.registry.desk.files import KINDS, adds_by, files_of, target
from services.registry.desk.frame import HOME, frame, person_names, rendered, said, unit_names
from services.registry.desk.words import stage_word
from services.registry.desk.work import Done
from services.registry.kept.files import keep
from shared.authority_table import Reads, reads
from shared.contracts.values import ProjectId
from shared.errors import BadRequest, Forbidden, GuatuError, InvalidValue, TooLarge
from shared.web.forms import Form, Forms, Posted
from shared.web.pages import Crumb
from shared.web.posts import Given, Refused, answered, give, posted_form, refused
from shared.web.uploads import Upload, is_upload, posted_file

router = APIRouter(prefix=f"{HOME}/attachments", include_in_schema=False)

BACK: Mapping[str, str] = {
    "plan": "/projects/{id}/plan",
    "report": "/report/{id}",
    "problems": "/problems/{id}",
    "acceptance": "/acceptance/{id}",
}
"""The pages that have files of their own, by the name with which their forms come."""
READ, ERASE, ADD = "read-file", "erase-file", "add-file"
MORE_THAN = "文件超过了 {} MB 的上限，请压缩或分成几个。"


@router.get("/{id}", openapi_extra=reads(Reads.SIGHT, "the project's owner"))
async def attachments(id: ProjectId, done: Done = "", caller: Caller = Depends(caller)) -> HTMLResponse:
    """All files of a project."""
    return await _attachments(caller, await seen(caller, id), Forms(), said(done))


@router.post(
    "/{id}", openapi_extra=reads(Reads.SIGHT, "the project's owner", "each form by the rule of the command that it is")
)
async def told(request: Request, id: ProjectId, caller: Caller = Depends(caller)) -> Response:
    """Add a file, erase one, or say what one that tells of persons is read for."""
    project = await seen(caller, id)
    if is_upload(request):
        return await _added(request, caller, project)
    posted = await posted_form(request, caller.kit)
    if posted.verb == READ:
        return await _read(caller, project, posted)
    if posted.verb != ERASE:
        raise BadRequest("malformed_form")
    outcome = await give(caller.kit, caller.person, EraseAttachment, posted.form, id=id)

    async def again(form: Form) -> Response:
        return await _attachments(caller, await seen(caller, id), Forms(form))

    return await answered(outcome, f"{HOME}/attachments/{id}", again, ERASE)


async def _read(caller: Caller, project: Seen, posted: Posted) -> Response:
    """On to the file, with the purpose that its route asks for."""
    purpose, digest = posted.form.value("purpose").strip(), posted.form.value("digest")
    if not purpose:
        wrong = refused(posted.form, InvalidValue("purpose_missing", "purpose"))
        page = await _attachments(caller, project, Forms(wrong.form))
        page.status_code = wrong.status
        return page
    path = f"/registry/projects/{project.id}/attachments/{quote(digest, safe='')}"
    return RedirectResponse(f"{path}?purpose={quote(purpose[:200])}", 303)


async def _added(request: Request, caller: Caller, project: Seen) -> Response:
    try:
        posted, file = await posted_file(request, caller.kit.settings.file_limit)
    except TooLarge:
        outcome, back = _too_large(caller, Form("upload")), ""
    else:
        outcome, back = await _kept(caller, project, posted.form, file), posted.form.value("back")

    async def again(form: Form) -> Response:
        return await _attachments(caller, await seen(caller, project.id), Forms(form))

    then = BACK.get(back, "/attachments/{id}").format(id=project.id)
    return await answered(outcome, f"{HOME}{then}", again, ADD)


def _too_large(caller: Caller, form: Form) -> Refused:
    words = MORE_THAN.format(caller.kit.settings.file_limit // 1_000_000)
    return Refused(replace(form, errors={"file": words}, refusal=words), TooLarge.status)


async def _kept(caller: Caller, project: Seen, form: Form, file: Upload) -> Given | Refused:
    """Keep a file and add it to the project; what is wrong with it stands beside the choice of the file."""
    command = adds_by(project)
    if command is None:
        raise Forbidden("not_your_desk")
    if len(file.content) > caller.kit.settings.file_limit:
        return _too_large(caller, form)
    try:
        kept = await keep(caller.kit, caller.person, file.content)
    except GuatuError as error:
        outcome = refused(form, error)
    else:
        about, ref = target(form.value("target"))
        name = form.value("name").strip() or file.name[-200:]
        told = {"digest": kept.digest, "name": name, "about": about, "ref": ref, "personal": form.value("personal")}
        outcome = await give(caller.kit, caller.person, command, replace(form, fields=told), id=project.id)
    if isinstance(outcome, Given):
        return outcome
    shown = outcome.form
    beside = {
        {"name": "name", "about": "target", "ref": "target"}.get(path, "file"): text
        for path, text in shown.errors.items()
    }
    return replace(outcome, form=replace(shown, fields=form.fields, errors=beside or {"file": shown.refusal}))


async def _attachments(caller: Caller, project: Seen, forms: Forms, done: str = "") -> HTMLResponse:
    state = project.state
    owner = (await unit_names(caller, [state.proposed.owner])).get(state.proposed.owner, state.proposed.owner)
    files = files_of(caller, project, forms)
    return rendered(
        caller,
        "desk_attachments.html",
        page=await frame(
            caller,
            state.proposed.title,
            (Crumb("附件"),),
            unit=state.proposed.owner,
            lead=f"附件　{owner}　{stage_word(state.stage)}",
        ),
        id=project.id,
        files=files,
        kinds=KINDS,
        persons=await person_names(caller, {line.by for line in files.lines}),
        erases=project.may["review"],
        forms=forms,
        done=done,
    )
