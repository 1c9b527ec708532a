"""Files over HTTP: sent first, then named by a command; given out to who may see the project."""

from datetime import timedelta
from typing import Annotated
from urllib.parse import quote

import structlog
from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response
from pydantic import BaseModel

from services.registry.kept.access_log import write_down
from services.registry.kept.office import OFFICE, check_office
from services.registry.project.attaching import MEDIA_TYPES, check_media_type
from services.registry.project.seeing import seen_project
from services.registry.rights import ANYBODY
from shared import problems
from shared.auth import Principal, principal
from shared.authority_table import Reads, reads
from shared.contracts.reference import AccessKind, DataRead
from shared.contracts.values import Digest, PersonId, ProjectId
from shared.database import Database
from shared.errors import InvalidValue, NotFound, require
from shared.http import read_body
from shared.kept import File, body_of, keep_file, kept_lately, media_type_of, remove_unnamed
from shared.kit import Kit, kit
from shared.rights import NATION
from shared.settings import Settings

logger = structlog.get_logger()

router = APIRouter(prefix="/registry", tags=["files"], responses=problems.RESPONSES)

A_DAY = 300
"""Files that one person may send in a day."""


class KeptFile(BaseModel):
    """A file that was received: `digest` names it in a command."""

    digest: str
    media_type: str
    size: int


@router.post(
    "/files",
    status_code=201,
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {name: {"schema": {"type": "string", "format": "binary"}} for name in MEDIA_TYPES},
        },
        **reads(Reads.SIGNED_IN, "anywhere", "a post of any role"),
    },
)
async def send_file(request: Request, kit: Kit = Depends(kit), who: Principal = Depends(principal)) -> KeptFile:
    """Send a file of at most GUATU_FILE_LIMIT bytes; what it is is told by its content. For everybody with a post."""
    await kit.authority.grant(who.person, ANYBODY, NATION, await kit.moments.today())
    kept = await keep(kit, who.person, await read_body(request, kit.settings.file_limit))
    return KeptFile(digest=kept.digest, media_type=kept.media_type, size=kept.size)


async def keep(kit: Kit, person: PersonId, body: bytes) -> File:
    """Keep what a person has sent, if it is a file of a kind that is taken.

    Raises:
        InvalidValue: it is empty, of another kind, or an office file with macros or a program in it.
        RuleViolation("too_many_files").
    """
    if not body:
        raise InvalidValue("empty_file")
    media_type = check_media_type(media_type_of(body))
    if media_type.startswith(OFFICE):
        check_office(body)
    async with kit.database.driver() as connection:
        require(await kept_lately(connection, person) < A_DAY, "too_many_files", most=A_DAY)
        return await keep_file(connection, person, body, media_type)


async def let_go_unnamed(database: Database, settings: Settings) -> None:
    """Remove the files that were sent days ago, and that no command has named since."""
    async with database.driver() as connection:
        gone = await remove_unnamed(connection, timedelta(days=settings.file_days))
    if gone:
        logger.info("unnamed_files_removed", files=gone)


@router.get(
    "/projects/{id}/attachments/{digest}",
    response_class=Response,
    openapi_extra=reads(Reads.SIGHT, "the project's owner", "of a personal file a purpose, which is written down"),
)
async def attachment(
    id: ProjectId,
    digest: Digest,
    purpose: Annotated[str, Query(max_length=200, pattern=r"^[^\x00]*$")] = "",
    kit: Kit = Depends(kit),
    who: Principal = Depends(principal),
) -> Response:
    """The content of a project's file; one that tells of persons takes a purpose, and is written down."""
    _, project = await seen_project(kit, who, id)
    there = project.attachments.get(digest)
    if there is None:
        raise NotFound("no_such_attachment", "digest")
    if there.erased:
        raise NotFound("attachment_erased", "digest")
    if there.added.personal:
        if not purpose.strip():
            raise InvalidValue("purpose_missing", "purpose")
        read = DataRead(kind=AccessKind.FILE, what=digest, unit=project.proposed.owner, purpose=purpose)
        await write_down(kit, who.person, read)
    async with kit.database.driver() as connection:
        body = await body_of(connection, digest)
    if body is None:
        raise NotFound("attachment_erased", "digest")
    named = f"attachment; filename*=UTF-8''{quote(_file_name(there.added.name, there.added.media_type), safe='')}"
    return Response(body, media_type=there.added.media_type, headers={"Content-Disposition": named})


def _file_name(name: str, media_type: str) -> str:
    """A name that ends as its content says, whatever it was called."""
    ending = MEDIA_TYPES[media_type]
    return name if name.lower().endswith(ending) else f"{name}{ending}"
