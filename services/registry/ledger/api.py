"""`/registry/ledger`: the template, the check, the marked workbook, the import and the progress of both."""

from typing import Annotated, Any
from urllib.parse import quote
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response

from services.registry.ledger import importing, template
from services.registry.ledger.asking import jobs_of, sent_in
from services.registry.ledger.importing import Progress, Sent
from services.registry.ledger.job import Doing, Job, job_of
from services.registry.ledger.jobs import Ended, Work
from services.registry.ledger.marked import corrections, marked
from services.registry.rights import IMPORTER
from shared import problems
from shared.auth import Principal, principal
from shared.authority_table import Reads, does, reads
from shared.kit import Kit, kit
from shared.spreadsheet import XLSX

router = APIRouter(prefix="/registry/ledger", tags=["ledgers"], responses=problems.RESPONSES)

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
    return book(template.made(), "台账模板.xlsx")


@router.post("/check", status_code=202, openapi_extra={**_FILE, **does(IMPORTER)})
async def check(request: Request, name: Name = "", kit: Kit = Depends(kit), who: Principal = Depends(principal)) -> Job:
    """Check a ledger row by row, and import nothing; the answer is a job, whose report comes later."""
    sent = await sent_in(request, kit, who.person, problems.language(request), name)

    async def work(progress: Progress) -> Ended:
        return Ended((await importing.check(kit, sent, progress)).report)

    return await _begun(request, kit, sent, Doing.CHECK, work)


@router.post("/import", status_code=202, openapi_extra={**_FILE, **does(IMPORTER)})
async def bring_in(
    request: Request, name: Name = "", kit: Kit = Depends(kit), who: Principal = Depends(principal)
) -> Job:
    """Import a ledger, all of it or nothing; the answer is a job. The same file again changes nothing."""
    sent = await sent_in(request, kit, who.person, problems.language(request), name)

    async def work(progress: Progress) -> Ended:
        return Ended(await importing.bring_in(kit, sent, progress))

    return await _begun(request, kit, sent, Doing.IMPORT, work)


@router.post("/errors", response_class=Response, responses=_BOOK, openapi_extra={**_FILE, **does(IMPORTER)})
async def errors(
    request: Request, name: Name = "", kit: Kit = Depends(kit), who: Principal = Depends(principal)
) -> Response:
    """The same ledger with its wrong cells marked and explained, to be corrected and sent again."""
    sent = await sent_in(request, kit, who.person, problems.language(request), name)

    async def work() -> bytes:
        found = await importing.check(kit, sent, Progress(), again=True)
        assert found.ledger is not None
        assert found.checked is not None
        return await marked(found.ledger, found.checked.wrong, sent.language)

    return book(await jobs_of(request, kit).in_turn(work), corrections(sent.name))


@router.get("/jobs/{id}", openapi_extra=reads(Reads.SIGNED_IN, "the caller's own jobs"))
async def job(id: UUID, request: Request, kit: Kit = Depends(kit), who: Principal = Depends(principal)) -> Job:
    """How far a job of the caller's has come. If it was interrupted, the same file may be sent again."""
    async with kit.database.driver() as connection:
        return await job_of(connection, id, who.person, problems.language(request))


async def _begun(request: Request, kit: Kit, sent: Sent, doing: Doing, work: Work) -> Job:
    id = await jobs_of(request, kit).begin(sent, doing, work)
    async with kit.database.driver() as connection:
        return await job_of(connection, id, sent.person, sent.language)


def book(content: bytes, name: str) -> Response:
    """A workbook as an answer, under a name."""
    return Response(
        content, media_type=XLSX, headers={"Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}"}
    )
