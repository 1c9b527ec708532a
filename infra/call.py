"""A request on its way through the gateway: its headers for the next hop, and its body, kept or streamed."""

import re
from collections.abc import AsyncGenerator, Iterable
from dataclasses import dataclass, field
from uuid import uuid4

from starlette.types import Receive, Scope

REPLAYABLE = 256 * 1024
"""Bytes of a body that are kept so that it can be sent again; longer ones go through as they come."""
HOP_BY_HOP = frozenset(
    {
        b"connection",
        b"keep-alive",
        b"proxy-authenticate",
        b"proxy-authorization",
        b"proxy-connection",
        b"te",
        b"trailer",
        b"transfer-encoding",
        b"upgrade",
    }
)
"""Headers that are for one connection alone (RFC 9110, 7.6.1)."""
_IDEMPOTENT = frozenset({"GET", "HEAD", "OPTIONS", "PUT", "DELETE"})
_OURS = frozenset(
    {b"expect", b"forwarded", b"x-forwarded-for", b"x-forwarded-host", b"x-forwarded-proto", b"x-request-id"}
)
_REQUEST_ID = re.compile(rb"[A-Za-z0-9._-]{8,64}")

Header = tuple[bytes, bytes]


class ClientGone(Exception):
    """Who asked is no longer there."""


@dataclass(slots=True)
class Body:
    """The body of a request: whole in `kept`, or the beginning of it, the rest being still to come."""

    receive: Receive
    kept: bytes = b""
    whole: bool = False
    begun: bool = False
    read: bool = False
    """Whether all of it was received, so that the next message can only be that the client has gone."""

    async def keep(self) -> None:
        """Read until it is whole or longer than what is kept."""
        parts: list[bytes] = []
        size = 0
        while not self.read and size <= REPLAYABLE:
            part, self.read = await _part(self.receive)
            parts.append(part)
            size += len(part)
        self.whole = self.read
        self.kept = parts[0] if len(parts) == 1 else b"".join(parts)

    async def stream(self) -> AsyncGenerator[bytes]:
        """All of it, once."""
        self.begun = True
        yield self.kept
        while not self.read:
            part, self.read = await _part(self.receive)
            if part:
                yield part


async def _part(receive: Receive) -> tuple[bytes, bool]:
    message = await receive()
    if message["type"] == "http.disconnect":
        raise ClientGone
    return message.get("body", b""), not message.get("more_body", False)


@dataclass(slots=True)
class Call:
    """A request on its way: what every try sends."""

    scope: Scope
    body: Body
    request_id: bytes
    headers: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    path: str = ""
    method: str = ""
    repeatable: bool = False
    """Whether it may be sent again after bytes of it were: it changes nothing, or carries an Idempotency-Key."""

    @classmethod
    async def of(cls, scope: Scope, receive: Receive) -> "Call":
        """Read the request, and as much of its body as is kept."""
        given: list[Header] = scope["headers"]
        known = {name: value for name, value in given if name in (b"x-request-id", b"idempotency-key")}
        request_id = known.get(b"x-request-id", b"")
        if not _REQUEST_ID.fullmatch(request_id):
            request_id = uuid4().hex.encode()
        call = cls(scope, Body(receive), request_id)
        await call.body.keep()
        call.method = scope["method"]
        query: bytes = scope["query_string"]
        call.path = (scope["raw_path"] + (b"?" + query if query else b"")).decode("latin-1")
        call.repeatable = call.body.whole and (call.method in _IDEMPOTENT or b"idempotency-key" in known)
        call.headers = [*_outgoing(given, call.body.whole), *_about(scope, given, request_id)]
        return call


def _outgoing(headers: Iterable[Header], whole: bool) -> list[tuple[str, str]]:
    """What is passed on; the length of a body that is kept is written anew."""
    dropped = HOP_BY_HOP | _OURS | _named(headers) | ({b"content-length"} if whole else frozenset[bytes]())
    return [(name.decode("latin-1"), value.decode("latin-1")) for name, value in headers if name not in dropped]


def _named(headers: Iterable[Header]) -> frozenset[bytes]:
    """The headers that Connection names: they are for this hop alone."""
    named = [value for name, value in headers if name == b"connection"]
    return frozenset(part.strip().lower() for value in named for part in value.split(b","))


def _about(scope: Scope, given: Iterable[Header], request_id: bytes) -> list[tuple[str, str]]:
    """Who asks, at which address: always our own words, never those of the client."""
    host = next((value for name, value in given if name == b"host"), b"").decode("latin-1")
    client = scope["client"][0] if scope.get("client") else "unknown"
    return [
        ("x-forwarded-for", client),
        ("x-forwarded-proto", scope["scheme"]),
        ("x-forwarded-host", host),
        ("x-request-id", request_id.decode()),
    ]
