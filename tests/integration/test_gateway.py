"""The gateway in front of real servers: what it passes on, to whom, and what it makes of their faults."""

import asyncio
import gzip
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest

from infra import replicas
from infra.call import REPLAYABLE
from infra.gateway import SERVER, Gateway
from shared.metrics import GATEWAY_RETRIES
from tests.serving import refusing, serving, speaking
from tests.waiting import until

COMPRESSED = gzip.compress(b"a long text" * 100)


@dataclass
class Recorder:
    """A service that tells what it was asked, and does what the path's last word says."""

    status: int = 200
    asked: list[dict[str, Any]] = field(default_factory=list)
    go_on: asyncio.Event = field(default_factory=asyncio.Event)
    left: asyncio.Event = field(default_factory=asyncio.Event)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            return
        match scope["path"].rsplit("/", 1)[-1]:
            case "events":
                await self._events(receive, send)
            case "refuse-early":
                await _answer(send, 413, b'{"code":"body_too_large"}')
            case "redirect":
                await _answer(send, 303, b"", [(b"location", b"/registry/elsewhere")])
            case "compressed":
                await _answer(send, 200, COMPRESSED, [(b"content-encoding", b"gzip")])
            case "first-chunk":
                first = await receive()
                self.asked.append({"first": len(first["body"])})
                self.go_on.set()
                await self._read(scope, receive, send)
            case _:
                await self._read(scope, receive, send)

    async def _read(self, scope: Any, receive: Any, send: Any) -> None:
        digest, length, more = sha256(), 0, True
        while more:
            message = await receive()
            digest.update(message.get("body", b""))
            length += len(message.get("body", b""))
            more = message.get("more_body", False)
        asked = {
            "method": scope["method"],
            "path": scope["raw_path"].decode(),
            "query": scope["query_string"].decode(),
            "headers": [(name.decode(), value.decode()) for name, value in scope["headers"]],
            "length": length,
            "digest": digest.hexdigest(),
        }
        self.asked.append(asked)
        cookies = [(b"set-cookie", b"a=1"), (b"set-cookie", b"b=2"), (b"connection", b"x-private"), (b"x-kept", b"1")]
        await _answer(send, self.status, orjson.dumps(asked), cookies)

    async def _events(self, receive: Any, send: Any) -> None:
        await receive()
        headers = [(b"content-type", b"text/event-stream")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b"data: one\n\n", "more_body": True})
        await self.go_on.wait()
        await send({"type": "http.response.body", "body": b"data: two\n\n", "more_body": True})
        while (await receive())["type"] != "http.disconnect":
            pass
        self.left.set()


async def _answer(send: Any, status: int, body: bytes, headers: Sequence[tuple[bytes, bytes]] = ()) -> None:
    length = (b"content-length", str(len(body)).encode())
    await send({"type": "http.response.start", "status": status, "headers": [*headers, length]})
    await send({"type": "http.response.body", "body": body})


@asynccontextmanager
async def gateway(registry: Sequence[str], **others: Sequence[str]) -> AsyncIterator[httpx.AsyncClient]:
    """A client of a gateway before these replicas; services that are not named are nowhere."""
    routes = {"registry": registry, **{name: [refusing()] for name in ("scoring", "alerts", "reporting")}, **others}
    async with (
        serving(Gateway(routes), **SERVER) as origin,
        httpx.AsyncClient(base_url=origin, trust_env=False, timeout=20) as client,
    ):
        yield client


@asynccontextmanager
async def breaking_off(seen: list[bytes]) -> AsyncIterator[str]:
    """A replica that reads a request's first bytes and hangs up."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen.append(await reader.read(65536))
        writer.close()

    async with speaking(handle) as origin:
        yield origin


async def test_each_prefix_goes_to_its_service_and_everything_else_to_reporting():
    async with AsyncExitStack() as stack:
        services = {name: Recorder() for name in ("registry", "scoring", "alerts", "reporting")}
        routes = {name: [await stack.enter_async_context(serving(app))] for name, app in services.items()}
        client = await stack.enter_async_context(gateway(**routes))
        for path in (
            "/registry",
            "/registry/units",
            "/scoring/x",
            "/alerts/x",
            "/",
            "/registryx",
            "/wall",
            "/static/a",
        ):
            await client.get(path)
        paths = {name: [asked["path"] for asked in app.asked] for name, app in services.items()}
    assert paths == {
        "registry": ["/registry", "/registry/units"],
        "scoring": ["/scoring/x"],
        "alerts": ["/alerts/x"],
        "reporting": ["/", "/registryx", "/wall", "/static/a"],
    }


async def test_a_request_arrives_as_it_was_sent_but_for_what_belongs_to_the_connection():
    service = Recorder()
    async with serving(service) as origin, gateway([origin]) as client:
        answer = await client.post(
            "/registry/a%2Fb%20c?x=%20y&x=2",
            content=b'{"a":1}',
            headers={
                "Connection": "keep-alive, X-Private",
                "X-Private": "for this hop",
                "TE": "trailers",
                "X-Forwarded-For": "6.6.6.6",
                "Forwarded": "for=6.6.6.6",
                "traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
                "X-Request-Id": "request-0001",
                "Host": "guatu.example",
            },
        )
    asked = service.asked[0]
    headers = dict(asked["headers"])
    assert (asked["method"], asked["path"], asked["query"]) == ("POST", "/registry/a%2Fb%20c", "x=%20y&x=2")
    assert asked["digest"] == sha256(b'{"a":1}').hexdigest()
    assert not {"x-private", "te", "forwarded"} & headers.keys()
    assert headers["x-forwarded-for"] == "127.0.0.1"
    assert headers["x-forwarded-host"] == headers["host"] == "guatu.example"
    assert headers["traceparent"].startswith("00-0af7651916cd43dd")
    assert headers["x-request-id"] == answer.headers["x-request-id"] == "request-0001"
    assert answer.headers.get_list("set-cookie") == ["a=1", "b=2"]
    assert answer.headers["x-kept"] == "1"


async def test_a_request_without_a_usable_id_is_given_one():
    service = Recorder()
    async with serving(service) as origin, gateway([origin]) as client:
        answers = [await client.get("/registry/x", headers=given) for given in ({}, {"X-Request-Id": "a b\tc"})]
    ids = [dict(asked["headers"])["x-request-id"] for asked in service.asked]
    assert ids == [answer.headers["x-request-id"] for answer in answers]
    assert all(len(id) == 32 for id in ids)
    assert ids[0] != ids[1]


async def test_cookies_are_the_clients_matter():
    service = Recorder()
    async with serving(service) as origin, gateway([origin]) as client:
        for _ in range(2):
            await client.get("/registry/x")
            client.cookies.clear()
    assert not any("cookie" in dict(asked["headers"]) for asked in service.asked)


async def test_redirects_and_compressed_answers_are_passed_on_as_they_are():
    service = Recorder()
    async with serving(service) as origin, gateway([origin]) as client:
        redirect = await client.get("/registry/redirect")
        async with client.stream("GET", "/registry/compressed") as answer:
            raw = b"".join([part async for part in answer.aiter_raw()])
    assert (redirect.status_code, redirect.headers["location"]) == (303, "/registry/elsewhere")
    assert (raw, answer.headers["content-encoding"]) == (COMPRESSED, "gzip")
    assert service.asked == []


async def test_an_empty_post_has_the_length_zero():
    service = Recorder()
    async with serving(service) as origin, gateway([origin]) as client:
        assert (await client.post("/registry/x")).status_code == 200
    assert service.asked[0]["length"] == 0


async def test_replicas_take_turns():
    first, second = Recorder(), Recorder()
    async with serving(first) as one, serving(second) as two, gateway([one, two]) as client:
        for _ in range(10):
            await client.get("/registry/x")
    assert (len(first.asked), len(second.asked)) == (5, 5)


async def test_a_replica_that_refuses_costs_no_request_even_a_post_without_a_key():
    service = Recorder()
    async with serving(service) as origin, gateway([refusing(), origin, refusing()]) as client:
        answers = [await client.post("/registry/x", content=b"{}") for _ in range(6)]
    assert [answer.status_code for answer in answers] == [200] * 6
    assert len(service.asked) == 6


async def test_a_replica_that_refused_is_left_alone_for_a_moment(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(replicas, "REST", 1000.0)
    refused = GATEWAY_RETRIES.labels("registry", "refused")
    async with serving(Recorder()) as origin, gateway([refusing(), origin]) as client:
        before = refused._value.get()
        for _ in range(10):
            await client.get("/registry/x")
    assert refused._value.get() - before == 1


async def test_a_long_body_too_goes_to_another_replica_when_the_first_refuses():
    service = Recorder()
    body = os.urandom(REPLAYABLE * 4)
    async with serving(service) as origin, gateway([refusing(), origin]) as client:
        answers = [await client.post("/registry/x", content=body) for _ in range(2)]
    assert [answer.json()["digest"] for answer in answers] == [sha256(body).hexdigest()] * 2


async def test_a_query_is_asked_again_when_a_replica_breaks_off():
    service, seen = Recorder(), []
    async with serving(service) as origin, breaking_off(seen) as broken, gateway([broken, origin]) as client:
        answers = [await client.get("/registry/x") for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200] * 4
    assert seen


async def test_a_command_with_a_key_is_sent_again_whole_when_a_replica_breaks_off():
    service, seen = Recorder(), []
    async with serving(service) as origin, breaking_off(seen) as broken, gateway([broken, origin]) as client:
        for n in range(4):
            answer = await client.post("/registry/x", content=b'{"n":1}', headers={"Idempotency-Key": f"k{n}"})
            assert answer.status_code == 200
    assert seen
    assert [asked["digest"] for asked in service.asked] == [sha256(b'{"n":1}').hexdigest()] * 4


async def test_a_write_without_a_key_is_never_sent_twice():
    service, seen = Recorder(), []
    async with serving(service) as origin, breaking_off(seen) as broken, gateway([broken, origin]) as client:
        answers = [await client.post("/registry/x", content=b"{}") for _ in range(4)]
    refused = [answer for answer in answers if answer.status_code == 502]
    assert len(refused) == len(seen) == 2
    assert len(service.asked) == 2
    assert refused[0].headers["content-type"] == "application/problem+json"
    assert refused[0].json()["code"] == "answer_broken_off"


async def test_without_any_replica_the_answer_is_a_problem_in_the_callers_language():
    async with gateway([refusing(), refusing()]) as client:
        chinese = await client.get("/registry/x")
        english = await client.get("/registry/x", headers={"Accept-Language": "en-GB,en;q=0.9"})
        page = await client.get("/registry/x", headers={"Accept": "text/html,*/*;q=0.8"})
    assert (chinese.status_code, chinese.headers["retry-after"]) == (503, "1")
    assert chinese.json()["code"] == english.json()["code"] == "no_replica"
    assert "没有运行" in chinese.json()["detail"]
    assert "No replica of registry" in english.json()["detail"]
    assert page.headers["content-type"].startswith("text/html")
    assert chinese.headers["x-request-id"]


async def test_a_replica_that_is_not_ready_is_passed_over_for_what_can_be_sent_again():
    early, service = Recorder(status=503), Recorder()
    async with serving(early) as one, serving(service) as two, gateway([one, two]) as client:
        keyed = [await client.post("/registry/x", headers={"Idempotency-Key": f"k{n}"}) for n in range(4)]
        plain = [await client.post("/registry/x") for _ in range(4)]
    assert [answer.status_code for answer in keyed] == [200] * 4
    assert sorted(answer.status_code for answer in plain) == [200, 200, 503, 503]


async def test_when_all_are_not_ready_their_own_answer_is_given():
    async with (
        serving(Recorder(status=503)) as one,
        serving(Recorder(status=503)) as two,
        gateway([one, two]) as client,
    ):
        answer = await client.get("/registry/x")
    assert (answer.status_code, answer.json()["path"]) == (503, "/registry/x")


async def test_events_arrive_one_by_one_and_a_reader_who_leaves_is_no_longer_served():
    service = Recorder()
    async with serving(service) as origin, gateway([origin]) as client:
        async with client.stream("GET", "/registry/events") as answer:
            parts = answer.aiter_raw()
            assert await anext(parts) == b"data: one\n\n"
            assert not service.go_on.is_set()
            service.go_on.set()
            assert await anext(parts) == b"data: two\n\n"
        await until(service.left.is_set)


async def test_a_long_upload_streams_through():
    service = Recorder()
    rest = os.urandom(20_000_000)
    first = os.urandom(REPLAYABLE + 1)

    async def body() -> AsyncIterator[bytes]:
        yield first
        await service.go_on.wait()
        yield rest

    async with serving(service) as origin, gateway([origin]) as client:
        await client.post("/registry/first-chunk", content=body())
    assert 0 < service.asked[0]["first"] <= len(first)
    assert service.asked[0]["first"] + service.asked[1]["length"] == len(first) + len(rest)


@pytest.mark.parametrize("http", ["httptools", "h11"])
async def test_a_service_that_refuses_a_body_before_it_has_read_it_is_heard(http: str):
    async with serving(Recorder(), http=http) as origin, gateway([origin]) as client:
        for _ in range(5):
            answer = await client.post("/registry/refuse-early", content=bytes(5_000_000))
            assert (answer.status_code, answer.json()) == (413, {"code": "body_too_large"})


async def test_an_answer_that_breaks_off_does_not_look_whole():
    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(65536)
        writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n")
        await writer.drain()
        writer.close()

    async with speaking(handle) as origin, gateway([origin]) as client:
        with pytest.raises(httpx.RemoteProtocolError):
            await client.get("/registry/x")


async def test_a_head_request_has_the_length_and_no_body():
    async with serving(Recorder()) as origin, gateway([origin]) as client:
        answer = await client.head("/registry/x")
    assert int(answer.headers["content-length"]) > 100
    assert answer.content == b""


async def test_a_name_stands_for_the_addresses_that_it_has():
    service = Recorder()
    async with serving(service) as origin:
        named = origin.replace("127.0.0.1", "localhost")
        async with gateway([named]) as client:
            assert (await client.get("/registry/x")).status_code == 200
        async with gateway(["http://no-such-host.invalid:80"]) as client:
            assert (await client.get("/registry/x")).status_code == 503


async def test_it_is_ready_when_every_service_has_a_ready_replica():
    ready, unready = Recorder(), Recorder(status=503)
    async with serving(ready) as one, serving(unready) as two:
        rest = {"scoring": [one], "alerts": [one]}
        async with gateway([two, one], **rest, reporting=[one]) as client:
            assert (await client.get("/health/ready")).status_code == 200
        async with gateway([two, one], **rest, reporting=[two, refusing()]) as client:
            answer = await client.get("/health/ready")
            assert (await client.get("/health/live")).status_code == 200
    assert answer.status_code == 503
    assert answer.json()["services"] == {"registry": True, "scoring": True, "alerts": True, "reporting": False}


async def test_the_metrics_are_the_gateways_own():
    service = Recorder()
    async with serving(service) as origin, gateway([origin], reporting=[origin]) as client:
        await client.get("/registry/x")
        metrics = (await client.get("/metrics")).text
    assert 'guatu_gateway_requests_total{service="registry",status="200"}' in metrics
    assert len(service.asked) == 1


async def test_it_ends_on_sigterm_although_somebody_reads_events(tmp_path: Path):
    service = Recorder()
    service.go_on.set()
    async with serving(service) as origin:
        port = refusing().rsplit(":", 1)[-1]
        routes = {name: [origin] for name in ("registry", "scoring", "alerts", "reporting")}
        environment = {
            **os.environ,
            "GUATU_AUTH": "local",
            "GUATU_PORT": port,
            "GUATU_ROUTES": orjson.dumps(routes).decode(),
        }
        log = (tmp_path / "gateway.log").open("wb")
        process = subprocess.Popen([sys.executable, "-m", "infra.gateway"], env=environment, stderr=log)
        try:
            async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client:
                await _answers(client, process)
                async with client.stream("GET", "/registry/events", timeout=60) as answer:
                    parts = answer.aiter_raw()
                    await anext(parts)
                    process.send_signal(signal.SIGTERM)
                    rest = [part async for part in parts]
            await asyncio.to_thread(process.wait, 60)
        finally:
            process.kill()
            log.close()
    assert rest in ([], [b"data: two\n\n"])
    assert process.returncode == 0


async def _answers(client: httpx.AsyncClient, process: subprocess.Popen[bytes]) -> None:
    async with asyncio.timeout(120):
        while process.poll() is None:
            try:
                await client.get("/health/live")
            except httpx.ConnectError:
                await asyncio.sleep(0.05)
            else:
                return
    raise AssertionError(f"the gateway ended with {process.returncode}")
