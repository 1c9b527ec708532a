"""Commands over HTTP: one route a command model, generated from it, and many commands in one NDJSON stream."""

import asyncio
import re
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeVar
from uuid import uuid4

import orjson
from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response, StreamingResponse
from pydantic import BaseModel, ConfigDict, ValidationError

from shared import handle, problems
from shared.auth import Principal, principal
from shared.authority_table import Reads, does, reads
from shared.command import Command, Handler
from shared.errors import BadRequest, GuatuError, InvalidValue, NotFound, TooLarge
from shared.kit import Kit, kit
from shared.metrics import COMMAND_SECONDS, COMMANDS
from shared.store import Verdict
from shared.uuid7 import uuid7

T = TypeVar("T", bound=BaseModel)

NDJSON = "application/x-ndjson"
BULK_FACTOR = 10
"""The body of a bulk may be so many times as long as that of a single command."""
WAVE = 100
"""Lines of a bulk that are carried out at the same moment."""


class Reply(BaseModel):
    """What a command is answered: where its stream stands now, and the events that were appended.

    `at`, sent back as Guatu-At-Least, makes a query wait until it knows of these events; `head` is the
    stream's hash chain up to here.
    """

    stream: str
    version: int
    at: str
    head: str
    events: list[dict[str, str]]


class Line(BaseModel):
    """One line of a bulk: the path of a command's route, its Idempotency-Key, its body.

    `now` and `if_match` are what Guatu-Now and If-Match are to a single command, the latter as a plain number.
    """

    model_config = ConfigDict(extra="forbid")

    path: str
    key: str
    body: dict[str, Any]
    now: str | None = None
    if_match: int | None = None


@dataclass(frozen=True, slots=True)
class Sent:
    """How a command was sent, apart from its body."""

    actor: str
    id: str | None
    key: str | None = None
    if_match: int | None = None
    now: str | None = None
    traceparent: str | None = None


def command_routes(service: str, handlers: Sequence[Handler[Any, Any]]) -> APIRouter:
    """The routes of a service's commands, below `/<service>`."""
    router = APIRouter(prefix=f"/{service}")
    for handler in handlers:
        router.add_api_route(
            handler.command.route,
            _single(handler),
            methods=["POST"],
            status_code=201,
            response_model=Reply,
            tags=["commands"],
            name=handler.command.verb(),
            summary=(handler.command.__doc__ or "").strip().split("\n")[0],
            responses={**problems.RESPONSES, **_ANSWERS},
            openapi_extra=_takes(handler) | does(handler.who),
        )
    router.add_api_route(
        "/commands",
        _bulk(_matcher(handlers)),
        methods=["POST"],
        tags=["commands"],
        name="bulk",
        response_class=StreamingResponse,
        responses={**problems.RESPONSES, 200: {"content": {NDJSON: {}}, "description": "A line each"}},
        openapi_extra={
            "parameters": [_NOW],
            "requestBody": {"content": {NDJSON: {"schema": Line.model_json_schema()}}},
        }
        | reads(Reads.SIGNED_IN, "each line by its command's rule"),
    )
    return router


def _single(handler: Handler[Any, Any]) -> Callable[..., Awaitable[Response]]:
    async def post(request: Request, kit: Kit = Depends(kit), who: Principal = Depends(principal)) -> Response:
        command = parse(handler.command, await read_body(request, kit.settings.body_limit))
        sent = Sent(
            who.person,
            id_in(request.path_params),
            request.headers.get("idempotency-key"),
            version_of(request.headers.get("if-match")),
            request.headers.get("guatu-now"),
            request.headers.get("traceparent"),
        )
        verdict = await carry_out(kit, handler, command, sent)
        return Response(verdict.reply, _status(verdict), {"ETag": f'"{verdict.version}"'}, "application/json")

    return post


def _status(verdict: Verdict) -> int:
    """201 with a reply; 204 if the command asked for what is so already, and no event was needed."""
    return 201 if verdict.reply else 204


def id_in(path: Mapping[str, str]) -> str | None:
    """The id in a path, None if the route has none.

    Raises:
        NotFound("no_such_thing"): no stream can have it.
    """
    id = path.get("id")
    if id and "\0" in id:
        raise NotFound("no_such_thing")
    return id


def _bulk(match: Callable[[str], "Match"]) -> Callable[..., Awaitable[Response]]:
    async def post(request: Request, kit: Kit = Depends(kit), who: Principal = Depends(principal)) -> Response:
        """Carry out a command a line; the answer has a line for each, in the same order.

        Lines about one stream are carried out in their order, others at the same time. A refused line costs the
        others nothing; the same stream of lines can be sent again. A line without a time of its own has the
        request's.
        """
        body = await read_body(request, kit.settings.body_limit * BULK_FACTOR)
        lines = (line_of(text, match) for text in body.split(b"\n") if text.strip())
        language = problems.language(request)
        now = request.headers.get("guatu-now")

        def refused(n: int, error: Unread) -> bytes:
            return orjson.dumps({**problems.document(error, language), "line": n}) + b"\n"

        async def one(n: int, line: Planned | Unread) -> bytes:
            if not isinstance(line, Planned):
                return refused(n, line)
            try:
                verdict = await _line(kit, who, line, now)
            except (GuatuError, ValidationError) as error:
                return refused(n, error)
            except Exception as error:
                return refused(n, problems.unforeseen(request, error))
            return b'{"line":%d,"status":%d,"reply":%s}\n' % (n, _status(verdict), verdict.reply or b"null")

        async def answers() -> AsyncGenerator[bytes]:
            for wave in waves(lines):
                yield b"".join(await asyncio.gather(*(one(n, line) for n, line in wave)))

        return StreamingResponse(answers(), media_type=NDJSON)

    return post


async def _line(kit: Kit, who: Principal, line: "Planned", now: str | None) -> Verdict:
    told, handler = line.told, line.match.handler
    command = handler.command.model_validate(told.body)
    sent = Sent(who.person, line.match.id, told.key, told.if_match, told.now or now)
    return await carry_out(kit, handler, command, sent)


Unread = GuatuError | ValidationError
"""Why a line names no command."""


class Planned(NamedTuple):
    """A line of a bulk with the command that its path names."""

    told: Line
    match: "Match"

    @property
    def about(self) -> str | None:
        """The stream that it is about; None if it makes one of its own."""
        handler, id = self.match
        return f"{handler.aggregate.category}-{id}" if id else None


def line_of(text: bytes, match: Callable[[str], "Match"]) -> Planned | Unread:
    """Read a line of a bulk; its body is not yet looked at."""
    try:
        line = parse(Line, text)
        return Planned(line, match(line.path))
    except (GuatuError, ValidationError) as error:
        return error


def waves(lines: Iterable[Planned | Unread]) -> Iterable[list[tuple[int, Planned | Unread]]]:
    """The numbered lines in groups to be carried out at once; no group has two lines about one stream."""
    wave: list[tuple[int, Planned | Unread]] = []
    streams: set[str] = set()
    for n, line in enumerate(lines, 1):
        about = line.about if isinstance(line, Planned) else None
        if len(wave) == WAVE or about in streams:
            yield wave
            wave, streams = [], set()
        wave.append((n, line))
        if about:
            streams.add(about)
    if wave:
        yield wave


async def carry_out(kit: Kit, handler: Handler[Any, Any], command: Command, sent: Sent) -> Verdict:
    """Carry out one command as it was sent; its metrics are counted by name and outcome."""
    verb = command.verb()
    moment = await kit.moments.of(sent.now)
    request = handle.Request(
        actor=sent.actor,
        key=sent.key or str(uuid4()),
        id=sent.id or (handler.named(command) if handler.named else str(uuid7())),
        now=moment.now,
        today=moment.today,
        new=sent.id is None,
        if_match=sent.if_match,
        traceparent=sent.traceparent,
    )
    with COMMAND_SECONDS.labels(verb).time():
        try:
            verdict = await kit.desk.carry_out(handler, command, request)
        except GuatuError as error:
            COMMANDS.labels(verb, error.code).inc()
            raise
    COMMANDS.labels(verb, verdict.outcome.value).inc()
    await kit.moments.took(moment)
    return verdict


class Match(NamedTuple):
    """The command that a path names, and the id in it."""

    handler: Handler[Any, Any]
    id: str | None


def _matcher(handlers: Sequence[Handler[Any, Any]]) -> Callable[[str], Match]:
    routes = [(re.compile(h.command.route.replace("{id}", "(?P<id>[^/]+)")), h) for h in handlers]

    def match(path: str) -> Match:
        for pattern, handler in routes:
            found = pattern.fullmatch(path)
            if found:
                return Match(handler, found.groupdict().get("id"))
        raise NotFound("no_such_command", "path")

    return match


def parse(model: type[T], body: bytes) -> T:
    """Read a JSON body into its model.

    Raises:
        BadRequest("malformed_json"), InvalidValue("unstorable_character"), pydantic.ValidationError: with the place
            that is wrong.
    """
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise BadRequest("malformed_json", None, {"line": error.lineno, "column": error.colno}) from None
    if _NUL.search(body):
        raise InvalidValue("unstorable_character")
    return model.model_validate(value)


_NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")
"""U+0000 as JSON writes it. PostgreSQL's texts hold none: an event with one could be folded into no view."""


async def read_body(request: Request, limit: int) -> bytes:
    """The whole body, refused as soon as it is known to be longer than `limit` bytes.

    Raises:
        TooLarge: it is.
    """
    announced = request.headers.get("content-length", "0")
    if announced.isdigit() and int(announced) > limit:
        raise TooLarge("body_too_large", None, {"limit": limit})
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > limit:
            raise TooLarge("body_too_large", None, {"limit": limit})
    return bytes(body)


def version_of(if_match: str | None) -> int | None:
    """The version that an If-Match header names: `"5"`.

    Raises:
        InvalidValue: it names none.
    """
    if if_match is None:
        return None
    version = _VERSION.fullmatch(if_match.strip())
    if version is None:
        raise InvalidValue("not_a_version", "If-Match")
    return int(version[1])


_VERSION = re.compile(r'(?:W/)?"?([0-9]{1,9})"?')


def _header(name: str, description: str, **schema: str | int) -> dict[str, Any]:
    return {"name": name, "in": "header", "description": description, "schema": {"type": "string", **schema}}


_NOW = _header("Guatu-Now", "The moment of the command, in scenario time alone", format="date-time")
_HEADERS = (
    _header("Idempotency-Key", "The same command with the same key is carried out once"),
    _header("If-Match", "The version that the stream must have", pattern=f"^{_VERSION.pattern}$"),
    _NOW,
)
_ETAG = {"ETag": {"description": "The stream's version, as If-Match takes it", "schema": {"type": "string"}}}
_ANSWERS: dict[int | str, dict[str, Any]] = {
    201: {"headers": _ETAG},
    204: {"description": "It is so already", "headers": _ETAG},
}


def _takes(handler: Handler[Any, Any]) -> dict[str, Any]:
    id = {"name": "id", "in": "path", "required": True, "schema": {"type": "string", "pattern": handler.aggregate.ids}}
    schema = handler.command.model_json_schema()
    return {
        "parameters": [*([id] if "{id}" in handler.command.route else []), *_HEADERS],
        "requestBody": {"required": True, "content": {"application/json": {"schema": schema}}},
    }
