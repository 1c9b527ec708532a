"""One request to one of a service's replicas and the answer back, as streams: the gateway's hot path."""

import asyncio
from typing import ClassVar

import aiohttp
import structlog
from starlette.requests import Request
from starlette.types import Receive, Scope, Send
from yarl import URL

from infra.call import HOP_BY_HOP, Body, Call, ClientGone
from infra.replicas import Replica, Replicas
from infra.texts import TEXTS
from shared.errors import GuatuError, NotReady
from shared.metrics import GATEWAY_REQUESTS, GATEWAY_RETRIES
from shared.problems import add_texts, refusal

logger = structlog.get_logger()

CONNECT_WITHIN = 2.0
ANSWER_WITHIN = 60.0
"""Seconds to the head of an answer, once the body is known."""
KEEP_ALIVE = 3.0
"""Seconds for which an idle connection is kept: less than the 5 s after which the services close it."""
HEALTHY_WITHIN = 2.0

add_texts(TEXTS)


class BadGateway(GuatuError):
    """A service broke off before it had answered."""

    status: ClassVar[int] = 502


class GatewayTimeout(GuatuError):
    """A service did not answer in time."""

    status: ClassVar[int] = 504


class _Refused(Exception):
    """A replica took no connection: nothing was sent."""


class Forwarder:
    """Forwards requests over kept connections."""

    def __init__(self) -> None:
        """Within a running event loop."""
        self._http = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=KEEP_ALIVE),
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_WITHIN),
            skip_auto_headers=("User-Agent", "Accept", "Accept-Encoding", "Content-Type"),
            auto_decompress=False,
            trust_env=False,
        )
        self._streams: set[aiohttp.ClientResponse] = set()
        self._stopping = False

    async def close(self) -> None:
        """Close every connection."""
        await self._http.close()

    def end_streams(self) -> None:
        """End the answers that are not whole yet, such as server-sent events; their readers connect anew."""
        self._stopping = True
        for answer in self._streams:
            answer.close()

    async def forward(self, replicas: Replicas, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request by one of the replicas, or by a problem document if none did."""
        try:
            call = await Call.of(scope, receive)
            try:
                answer = await self._answered(replicas, call)
            except GuatuError as error:
                GATEWAY_REQUESTS.labels(replicas.service, error.status).inc()
                refused = refusal(Request(scope), error)
                refused.headers["x-request-id"] = call.request_id.decode()
                await refused(scope, receive, send)
                return
            GATEWAY_REQUESTS.labels(replicas.service, answer.status).inc()
            await self._returned(answer, call, send)
        except ClientGone:
            return

    async def healthy(self, replica: Replica) -> bool:
        """Whether a replica says in time that it is ready."""
        try:
            async with asyncio.timeout(HEALTHY_WITHIN), self._http.get(f"{replica.origin}/health/ready") as answer:
                return answer.status == 200
        except (aiohttp.ClientError, TimeoutError):
            return False

    async def _answered(self, replicas: Replicas, call: Call) -> aiohttp.ClientResponse:
        """The head of an answer, its body still to come.

        The next replica is asked when one refused the connection, and, if the call is repeatable, when it broke off
        or answered 503: it may have been on its way up or down. A second 503 is the answer.

        Raises:
            NotReady("no_replica"), BadGateway("answer_broken_off"), GatewayTimeout("no_answer_in_time").
        """
        service: dict[str, object] = {"service": replicas.service}
        failure: GuatuError = NotReady("no_replica", None, service)
        candidates = list(await replicas.in_turn())
        unready = 0
        for number, replica in enumerate(candidates, 1):
            try:
                answer = await self._head(replica, call)
            except _Refused as error:
                replica.rest()
                _passed_over(replicas, replica, "refused", error)
            except TimeoutError as error:
                raise GatewayTimeout("no_answer_in_time", None, service) from error
            except (aiohttp.ClientError, ConnectionError) as error:
                _passed_over(replicas, replica, "broken_off", error)
                failure = BadGateway("answer_broken_off", None, service)
                if not call.repeatable:
                    raise failure from error
                if len(candidates) == 1:
                    candidates.append(replica)
            else:
                if answer.status != 503 or not call.repeatable or unready or number == len(candidates):
                    return answer
                unready += 1
                answer.release()
        raise failure

    async def _head(self, replica: Replica, call: Call) -> aiohttp.ClientResponse:
        body = call.body
        try:
            async with asyncio.timeout(ANSWER_WITHIN if body.whole else None):
                return await self._http.request(
                    call.method,
                    URL(replica.origin + call.path, encoded=True),
                    headers=call.headers,
                    data=(body.kept or None) if body.whole else body.stream(),
                    allow_redirects=False,
                )
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            if body.begun:
                raise
            raise _Refused(str(error)) from error

    async def _returned(self, answer: aiohttp.ClientResponse, call: Call, send: Send) -> None:
        """Pass an answer on as it comes; if it breaks off, so does ours, and the client knows it is not whole."""
        content = answer.content
        watcher: asyncio.Task[None] | None = None
        headers = [header for header in answer.raw_headers if header[0].lower() not in HOP_BY_HOP]
        headers.append((b"x-request-id", call.request_id))
        await send({"type": "http.response.start", "status": answer.status, "headers": headers})
        try:
            while not content.at_eof():
                chunk = await content.readany()
                whole = content.at_eof() and content.exception() is None
                await send({"type": "http.response.body", "body": chunk, "more_body": not whole})
                if whole:
                    return
                if watcher is None:
                    self._streams.add(answer)
                    watcher = asyncio.create_task(_let_go(answer, call.body), name="gateway watcher")
            if content.exception() is None:
                await send({"type": "http.response.body", "body": b""})
        except (aiohttp.ClientError, ConnectionError) as error:
            if self._stopping:
                await send({"type": "http.response.body", "body": b""})
            else:
                logger.info("answer_ended_early", path=call.path, error=repr(error))
        finally:
            self._streams.discard(answer)
            if watcher is not None:
                watcher.cancel()
            answer.release()


async def _let_go(answer: aiohttp.ClientResponse, body: Body) -> None:
    """Leave the service alone once nobody reads its answer any more."""
    if body.read:
        await body.receive()
        answer.close()


def _passed_over(replicas: Replicas, replica: Replica, reason: str, error: Exception) -> None:
    GATEWAY_RETRIES.labels(replicas.service, reason).inc()
    logger.info(
        "replica_passed_over", service=replicas.service, replica=replica.origin, reason=reason, error=repr(error)
    )
