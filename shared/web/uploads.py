"""Forms that carry a file."""

from dataclasses import dataclass

from fastapi import Request
from starlette.datastructures import UploadFile
from starlette.types import Message

from shared.http import read_body
from shared.web.forms import Posted, of_pairs

ENVELOPE = 100_000
"""Bytes that a form may have around its file."""
FIELDS = 20


@dataclass(frozen=True, slots=True)
class Upload:
    """A file of a form: what it was called, and its content; both empty if none was chosen."""

    name: str
    content: bytes


def is_upload(request: Request) -> bool:
    """Whether the body is a form that may carry a file."""
    return request.headers.get("content-type", "").startswith("multipart/form-data")


async def posted_file(request: Request, limit: int) -> tuple[Posted, Upload]:
    """The form of a request with its field `file`, of which `limit` bytes are read at most.

    Raises:
        TooLarge("body_too_large"), BadRequest("malformed_form").
    """
    body = await read_body(request, limit + ENVELOPE)
    return await of_body(request, body)


async def of_body(request: Request, body: bytes) -> tuple[Posted, Upload]:
    """The same of a body that was read.

    Raises:
        BadRequest("malformed_form").
    """

    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    async with Request(request.scope, receive).form(max_files=1, max_fields=FIELDS) as form:
        file = form.get("file")
        posted = of_pairs((name, value) for name, value in form.multi_items() if isinstance(value, str))
        if not isinstance(file, UploadFile):
            return posted, Upload("", b"")
        return posted, Upload(file.filename or "", await file.read())
