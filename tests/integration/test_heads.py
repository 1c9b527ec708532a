"""Heads of requests: one that is longer than the limit is refused by a problem document, wherever it comes."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import orjson
import pytest

from infra.gateway import SERVER, Gateway
from shared.server import HEAD_LIMIT, SERVING
from tests.serving import refusing, serving


async def taken(scope: Any, receive: Any, send: Any) -> None:
    """An application that reads the body, and takes everything."""
    if scope["type"] != "http":
        await _lifespan(receive, send)
        return
    while (await receive()).get("more_body"):
        pass
    await send({"type": "http.response.start", "status": 204, "headers": []})
    await send({"type": "http.response.body", "body": b""})


async def _lifespan(receive: Any, send: Any) -> None:
    while True:
        kind: str = (await receive())["type"]
        await send({"type": f"{kind}.complete"})
        if kind == "lifespan.shutdown":
            return


@pytest.fixture
async def service() -> AsyncIterator[str]:
    async with serving(taken, **SERVING) as origin:
        yield origin


async def said(origin: str, sent: bytes) -> bytes:
    """What a server answers first to a connection that sends this."""
    host, port = origin.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(sent)
    answer = await asyncio.wait_for(reader.read(65_536), 10)
    writer.close()
    return answer


def refused(answer: bytes) -> tuple[int, str]:
    """The status of a problem document, and its code."""
    head, _, body = answer.partition(b"\r\n\r\n")
    assert b"content-type: application/problem+json" in head
    problem = orjson.loads(body)
    assert head.startswith(b"HTTP/1.1 %d " % problem["status"])
    return problem["status"], problem["code"]


def asking(*headers: bytes, path: bytes = b"/wall/340800") -> bytes:
    return b"\r\n".join((b"GET %b HTTP/1.1" % path, b"Host: guatu.example", *headers, b"", b""))


TOO_LARGE = (431, "head_too_large")


@pytest.mark.parametrize(
    "head",
    [
        asking(b"Cookie: " + b"x" * HEAD_LIMIT),
        asking(*(b"X-%d: y" % n for n in range(HEAD_LIMIT // 4))),
        asking(path=b"/?" + b"x" * HEAD_LIMIT),
    ],
)
async def test_a_head_that_is_too_long_is_refused_by_services_and_gateway(service: str, head: bytes) -> None:
    assert refused(await said(service, head)) == TOO_LARGE
    nobody = {name: [refusing()] for name in ("registry", "scoring", "alerts", "reporting")}
    async with serving(Gateway(nobody), **SERVER) as gateway:
        assert refused(await said(gateway, head)) == TOO_LARGE


async def test_what_stands_between_headers_counts_too(service: str) -> None:
    assert refused(await said(service, asking(*[b"a:"] * (HEAD_LIMIT // 4)))) == TOO_LARGE


async def test_a_head_without_an_end_is_not_waited_for(service: str) -> None:
    assert refused(await said(service, b"GET / HTTP/1.1\r\nCookie: " + b"x" * HEAD_LIMIT)) == TOO_LARGE


async def test_trailers_are_part_of_the_head(service: str) -> None:
    begun = b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n"
    trailers = b"".join(b"X-%d: y\r\n" % n for n in range(HEAD_LIMIT // 4))
    assert TOO_LARGE[1].encode() in await said(service, begun + trailers)


async def test_long_heads_within_the_limit_and_long_bodies_are_taken_one_after_the_other(service: str) -> None:
    head = asking(b"Cookie: " + b"x" * (HEAD_LIMIT - 100))
    body = b"x" * 1_000_000
    post = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)
    host, port = service.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    for sent in (head, post, head, post):
        writer.write(sent)
        answer = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 10)
        assert answer.startswith(b"HTTP/1.1 204 ")
    writer.close()


async def test_what_is_no_http_is_refused_by_a_problem_document(service: str) -> None:
    assert refused(await said(service, b"GET  / HTTP/9\r\n\r\n")) == (400, "malformed_request")
