"""A client of the platform: signs in as anybody, sends commands until answered, keeps what was acknowledged."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import aiohttp
import orjson
from stamina import AsyncRetryingCaller

UNAVAILABLE = (502, 503, 504)
PATIENCE = 120
"""Seconds for which a command is sent again while the platform does not answer."""
UPLOAD = aiohttp.ClientTimeout(total=600)
BULK = 500
"""Lines of a bulk that are sent at once: few enough to be answered in time by a busy machine."""


class Refused(Exception):
    """The platform refused a command or query; the message has its sentence, and each wrong field."""

    def __init__(self, path: str, actor: str, status: int, problem: Mapping[str, Any]) -> None:
        self.status = status
        self.code = problem.get("code", "")
        wrong = [f"{each['field']}: {each['detail']}" for each in problem.get("errors") or ()]
        words = "; ".join([problem.get("detail") or problem.get("title", ""), *wrong])
        super().__init__(
            " ".join(filter(None, [f"{path}{f' by {actor}' if actor else ''}:", str(status), self.code, words]))
        )


class Unavailable(Exception):
    """The platform did not answer, or said that it cannot for now."""


@dataclass
class Client:
    """Speaks to one platform at `origin`. `journal` takes a line for every acknowledged command."""

    origin: str
    journal: Path | None = None
    connections: int = 16
    tokens: dict[str, str] = field(default_factory=dict[str, str])

    def __post_init__(self) -> None:
        self._http: aiohttp.ClientSession | None = None
        self._retry = AsyncRetryingCaller(attempts=None, timeout=PATIENCE, wait_initial=0.1, wait_max=2).on(Unavailable)
        self._journal = self.journal.open("ab") if self.journal else None

    async def close(self) -> None:
        """Close the connections and the journal."""
        if self._http:
            await self._http.close()
        if self._journal:
            self._journal.close()

    async def command(
        self, actor: str, path: str, body: Mapping[str, Any], *, key: str, at: datetime | None = None
    ) -> dict[str, Any]:
        """Send one command until it is answered; the same key makes it be carried out once.

        Raises:
            Refused: it was answered with an error. Unavailable: it was not answered for two minutes.
        """
        headers = await self._headers(actor, at) | {"Idempotency-Key": key}
        content = orjson.dumps(body)
        answer = await self._retry(self._sent, "POST", path, headers=headers, data=content)
        if answer.status >= 400:
            raise Refused(path, actor, answer.status, answer.problem())
        reply: dict[str, Any] = orjson.loads(answer.body) if answer.body else {}
        if self._journal:
            self._journal.write(orjson.dumps({"actor": actor, "key": key, "path": path, "reply": reply}) + b"\n")
        return reply

    async def bulk(
        self, actor: str, service: str, lines: Sequence[Mapping[str, Any]], *, at: datetime
    ) -> AsyncIterator[int]:
        """Send many commands as NDJSON, some hundred at a time; yields how many were acknowledged.

        Raises:
            Refused: a line was.
        """
        for start in range(0, len(lines), BULK):
            part = lines[start : start + BULK]
            for line, result in zip(part, await self.answers(actor, service, part, at=at), strict=True):
                if result["status"] >= 400:
                    raise Refused(f"/{service}{line['path']}", actor, result["status"], result)
                if self._journal:
                    entry = {"actor": actor, "key": line["key"], "path": line["path"], "reply": result["reply"]}
                    self._journal.write(orjson.dumps(entry) + b"\n")
            yield len(part)

    async def upload(self, actor: str, path: str, content: bytes, *, name: str, at: datetime | None = None) -> bytes:
        """Send a file as it is, and give what is answered; sending it again must do no harm.

        Raises:
            Refused: it was answered with an error. Unavailable: it was not answered for two minutes.
        """
        headers = await self._headers(actor, at) | {"Content-Type": "application/octet-stream"}
        sent = {"headers": headers, "data": content, "params": {"name": name}, "timeout": UPLOAD}
        answer = await self._retry(self._sent, "POST", path, **sent)
        if answer.status >= 400:
            raise Refused(path, actor, answer.status, answer.problem())
        return answer.body

    async def answers(
        self, actor: str, service: str, lines: Sequence[Mapping[str, Any]], *, at: datetime | None = None
    ) -> list[dict[str, Any]]:
        """Send some hundred commands as NDJSON until all are answered; gives an answer a line, refusals among them.

        Raises:
            Refused: the whole was. Unavailable: it was not answered for two minutes.
        """
        headers = await self._headers(actor, at)
        content = b"\n".join(orjson.dumps(line) for line in lines)
        return await self._retry(self._answers, actor, f"/{service}/commands", headers, content)

    async def get(self, actor: str, path: str, **parameters: str) -> Any:
        """Ask a query.

        Raises:
            Refused: it was answered with an error. Unavailable: it was not answered for two minutes.
        """
        headers = await self._headers(actor, None)
        answer = await self._retry(self._sent, "GET", path, headers=headers, params=parameters)
        if answer.status >= 400:
            raise Refused(path, actor, answer.status, answer.problem())
        return orjson.loads(answer.body)

    async def _answers(self, actor: str, path: str, headers: Mapping[str, str], content: bytes) -> list[dict[str, Any]]:
        """The answers to the lines of a bulk. One that cannot be carried out for now is sent again with all others."""
        answer = await self._sent("POST", path, headers=headers, data=content)
        if answer.status >= 400:
            raise Refused(path, actor, answer.status, answer.problem())
        results: list[dict[str, Any]] = [orjson.loads(line) for line in answer.body.splitlines()]
        waiting = next((result for result in results if result["status"] in UNAVAILABLE), None)
        if waiting is not None:
            raise Unavailable(f"{path}: {orjson.dumps(waiting).decode()}")
        return results

    async def _sent(self, method: str, path: str, **request: Any) -> "Answer":
        if self._http is None:
            self._http = aiohttp.ClientSession(
                self.origin,
                connector=aiohttp.TCPConnector(limit=self.connections),
                timeout=aiohttp.ClientTimeout(total=30),
            )
        try:
            async with self._http.request(method, path, **request) as response:
                answer = Answer(response.status, await response.read())
        except (aiohttp.ClientError, TimeoutError) as error:
            raise Unavailable(f"{path}: {error!r}") from error
        if answer.status in UNAVAILABLE:
            raise Unavailable(f"{path}: {answer.status} {answer.body[:300].decode(errors='replace')}")
        return answer

    async def _headers(self, actor: str, at: datetime | None) -> dict[str, str]:
        if actor not in self.tokens:
            answer = await self._retry(self._sent, "POST", "/oidc/token", data={"person": actor})
            if answer.status >= 400:
                raise Refused("/oidc/token", actor, answer.status, answer.problem())
            self.tokens[actor] = orjson.loads(answer.body)["access_token"]
        headers = {"Authorization": f"Bearer {self.tokens[actor]}", "Content-Type": "application/json"}
        return headers | ({"Guatu-Now": at.isoformat()} if at else {})


@dataclass(frozen=True, slots=True)
class Answer:
    """A response, read whole."""

    status: int
    body: bytes

    def problem(self) -> Mapping[str, Any]:
        """Its problem document; of an answer that has none, the text."""
        try:
            return orjson.loads(self.body)
        except orjson.JSONDecodeError:
            return {"detail": self.body[:500].decode(errors="replace")}


async def caught_up(client: Client, actor: str, services: Sequence[str]) -> None:
    """Wait until every event is published and folded into every view of these services.

    A service's reactions are events again, so all must be still twice in a row.

    Raises:
        TimeoutError: a view stood still for two minutes.
    """
    still, last, moved = 0, None, asyncio.get_running_loop().time()
    while still < 2:
        states = await asyncio.gather(*(client.get(actor, f"/{service}/status") for service in services))
        behind = sum(state["outbox"] + sum(view["lag"] for view in state["views"]) for state in states)
        still = still + 1 if behind == 0 else 0
        if behind != last:
            last, moved = behind, asyncio.get_running_loop().time()
        elif behind and asyncio.get_running_loop().time() - moved > PATIENCE:
            raise TimeoutError(f"{behind} events are not in the views: {orjson.dumps(states).decode()}")
        await asyncio.sleep(0.1)
