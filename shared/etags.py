"""Queries that are asked again: their answers have an ETag, and who has the same already is told so (RFC 9110)."""

from collections.abc import Callable, Coroutine
from hashlib import sha256
from typing import Any

from fastapi import Request
from fastapi.responses import Response
from fastapi.routing import APIRoute

NOT_MODIFIED = 304
DESCRIBED: dict[int | str, dict[str, Any]] = {304: {"description": "The caller has the same already"}}
"""What such a route answers besides, for its OpenAPI description."""


class Tagged(APIRoute):
    """The route class of routers whose GET answers get an ETag, if they have none of their own.

    They are the caller's alone, and asked for anew each time: `Cache-Control: private, no-cache`.
    """

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Wrap the route's own handler."""
        answer = super().get_route_handler()

        async def tagged(request: Request) -> Response:
            response = await answer(request)
            if request.method == "GET" and response.status_code == 200 and hasattr(response, "body"):
                return _tagged(request, response)
            return response

        return tagged


def _tagged(request: Request, response: Response) -> Response:
    tag = response.headers.setdefault("ETag", f'"{sha256(response.body).hexdigest()[:32]}"')
    response.headers.setdefault("Cache-Control", "private, no-cache")
    if _has(request.headers.get("if-none-match", ""), tag):
        kept = {name: response.headers[name] for name in ("ETag", "Cache-Control")}
        return Response(status_code=NOT_MODIFIED, headers=kept)
    return response


def _has(if_none_match: str, tag: str) -> bool:
    """Whether a list of tags has this one; for reading, weak tags compare like strong ones."""
    held = {each.strip().removeprefix("W/") for each in if_none_match.split(",")}
    return tag in held or "*" in held
