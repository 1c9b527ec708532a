"""`/registry/ledger`: the template, the check, the marked workbook, the import and the progress of both."""

from typing import Annotated, Any
from urllib.parse import quote
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response

from services.registry.ledger import importing, template
from services.registry.ledger.asking import jobs_of, sent_in
from services.registry.ledger.importing import Progress
from services.registry.ledger.jobs import Doing, Ended, JobLine
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
async def check(
    request: Request, name: Name = "", kit: Kit = Depends(kit), who: Principal = Depends(principal)
) -> JobLine:
    """Check a ledger row by row, and import nothing; the answer is a job, whose report comes later."""
    sent = await sent_in(request, kit, who.person, problems.language(request), name)

    async def work(progress: Progress) -> Ended:
        return Ended((await importing.check(kit, sent, progress)).report)

    return jobs_of(request).begin(sent, Doing.CHECK, work).line()


@router.post("/import", status_code=202, openapi_extra={**_FILE, **does(IMPORTER)})
async def bring_in(
    request: Request, name: Name = "", kit: Kit = Depends(kit), who: Principal = Depends(principal)
) -> JobLine:
    """Import a ledger, all of it or nothing; the answer is a job. The same file again changes nothing."""
    sent = await sent_in(request, kit, who.person, problems.language(request), name)

    async def work(progress: Progress) -> Ended:
        return Ended(await importing.bring_in(kit, sent, progress))

    return jobs_of(request).begin(sent, Doing.IMPORT, work).line()


@router.post("/errors", response_class=Response, responses=_BOOK, openapi_extra={**_FILE, **does(IMPORTER)})
async def errors(
    request: Request, name: Name = "", kit: Kit = Depends(kit), who: Principal = Depends(principal)
) -> Response:
    """The same ledger with its wrong cells marked and explained, to be corrected and sent again."""
    sent = await sent_in(request, kit, who.person, problems.language(request), name)
    found = await importing.check(kit, sent, Progress(), again=True)
    assert found.ledger is not None
    assert found.checked is not None
    return book(await marked(found.ledger, found.checked.wrong, sent.language), corrections(sent.name))


@router.get("/jobs/{id}", openapi_extra=reads(Reads.SIGNED_IN, "the caller's own jobs"))
async def job(id: UUID, request: Request, who: Principal = Depends(principal)) -> JobLine:
    """How far a job of the caller's has come. One that is not known was lost with its process: send the file again."""
    return jobs_of(request).of(str(id), who.person).line()


def book(content: bytes, name: str) -> Response:
    """A workbook as an answer, under a name."""
    return Response(
        content, media_type=XLSX, headers={"Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}"}
    )
