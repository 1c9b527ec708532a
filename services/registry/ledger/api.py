"""`/registry/ledger`: the template, the check, the marked workbook, the import and the progress of both."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any
from urllib.parse import quote
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response
from starlette.datastructures import UploadFile
from starlette.types import Message

from services.registry.ledger import importing, template
from services.registry.ledger.archive import PACKED
from services.registry.ledger.importing import Progress, Sent
from services.registry.ledger.jobs import Doing, JobLine, Jobs
from services.registry.ledger.marked import marked
from services.registry.ledger.report import Report
from services.registry.rights import IMPORTER
from shared import problems
from shared.auth import Principal, principal
from shared.authority_table import Reads, does, reads
from shared.errors import BadRequest
from shared.http import read_body
from shared.kit import Kit, kit
from shared.spreadsheet import XLSX

router = APIRouter(prefix="/registry/ledger", tags=["ledgers"], responses=problems.RESPONSES)

ENVELOPE = 100_000
"""Bytes that a form may have around the file."""
Name = Annotated[str, Query(max_length=200, pattern=r"^[^\x00-\x1f]*$")]
_FILE: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            XLSX: {"schema": {"type": "string", "format": "binary"}},
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "properties": {"file": {"type": "string", "format": "binary"}},
                    "required": ["file"],
                }
            },
        },
    }
}
_BOOK: dict[int | str, dict[str, Any]] = {200: {"content": {XLSX: {}}, "description": "A workbook"}}


@router.get(
    "/template",
    response_class=Response,
    responses=_BOOK,
    openapi_extra=reads(Reads.SIGNED_IN, "it tells of nobody"),
)
async def empty(who: Principal = Depends(principal)) -> Response:
    """An empty ledger with its heads, choices and explanations."""
    return _book(template.made(), "台账模板.xlsx")


@router.post("/check", status_code=202, openapi_extra={**_FILE, **does(IMPORTER)})
async def check(
    request: Request, name: Name = "", kit: Kit = Depends(kit), who: Principal = Depends(principal)
) -> JobLine:
    """Check a ledger row by row, and import nothing; the answer is a job, whose report comes later."""
    sent = await _sent(request, name, kit, who)

    async def work(progress: Progress) -> Report:
        return (await importing.check(kit, sent, progress)).report

    return _begun(request, sent, Doing.CHECK, work)


@router.post("/import", status_code=202, openapi_extra={**_FILE, **does(IMPORTER)})
async def bring_in(
    request: Request, name: Name = "", kit: Kit = Depends(kit), who: Principal = Depends(principal)
) -> JobLine:
    """Import a ledger, all of it or nothing; the answer is a job. The same file again changes nothing."""
    sent = await _sent(request, name, kit, who)

    async def work(progress: Progress) -> Report:
        return await importing.bring_in(kit, sent, progress)

    return _begun(request, sent, Doing.IMPORT, work)


@router.post("/errors", response_class=Response, responses=_BOOK, openapi_extra={**_FILE, **does(IMPORTER)})
async def errors(
    request: Request, name: Name = "", kit: Kit = Depends(kit), who: Principal = Depends(principal)
) -> Response:
    """The same ledger with its wrong cells marked and explained, to be corrected and sent again."""
    sent = await _sent(request, name, kit, who)
    found = await importing.check(kit, sent, Progress(), again=True)
    assert found.ledger is not None
    assert found.checked is not None
    return _book(await marked(found.ledger, found.checked.wrong, sent.language), f"需更正-{sent.name}")


@router.get("/jobs/{id}", openapi_extra=reads(Reads.SIGNED_IN, "the caller's own jobs"))
async def job(id: UUID, request: Request, who: Principal = Depends(principal)) -> JobLine:
    """How far a job of the caller's has come. One that is not known was lost with its process: send the file again."""
    return _jobs(request).of(str(id), who.person).line()


def _begun(request: Request, sent: Sent, doing: Doing, work: Callable[[Progress], Awaitable[Report]]) -> JobLine:
    return _jobs(request).begin(sent.person, doing, sent.name, work, sent.language).line()


def _jobs(request: Request) -> Jobs:
    state = request.app.state
    if not hasattr(state, "ledger_jobs"):
        state.ledger_jobs = Jobs()
    return state.ledger_jobs


async def _sent(request: Request, name: str, kit: Kit, who: Principal) -> Sent:
    """The file of a request, which is its body or the file of its form.

    Raises:
        Forbidden("not_allowed"), TooLarge("body_too_large"), BadRequest("no_file").
    """
    moment = await kit.moments.of(request.headers.get("guatu-now"))
    await importing.require_importer(kit, who.person, moment)
    content = await read_body(request, PACKED + ENVELOPE)
    if request.headers.get("content-type", "").startswith("multipart/form-data"):
        given, content = await _of_form(request, content)
        name = name or given
    if not content:
        raise BadRequest("no_file", "file")
    shown = "".join(each for each in name if each.isprintable()).strip()[-200:]
    return Sent(content, shown or "台账.xlsx", who.person, moment, problems.language(request))


async def _of_form(request: Request, body: bytes) -> tuple[str, bytes]:
    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    async with Request(request.scope, receive).form(max_files=1, max_fields=10) as form:
        file = form.get("file")
        if not isinstance(file, UploadFile):
            raise BadRequest("no_file", "file")
        return file.filename or "", await file.read()


def _book(content: bytes, name: str) -> Response:
    return Response(
        content, media_type=XLSX, headers={"Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}"}
    )
