"""A client of the platform: signs in as anybody, sends commands until answered, keeps what was acknowledged."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import orjson
from stamina import AsyncRetryingCaller

UNAVAILABLE = (502, 503, 504)
PATIENCE = 120
"""Seconds for which a command is sent again while the platform does not answer."""


class Refused(Exception):
    """The platform refused a command or query; the message has its problem document."""

    def __init__(self, path: str, actor: str, status: int, problem: Mapping[str, Any]) -> None:
        self.status = status
        self.code = problem.get("code", "")
        super().__init__(f"{path} by {actor}: {status} {orjson.dumps(problem).decode()}")


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
        limits = httpx.Limits(max_connections=self.connections, max_keepalive_connections=self.connections)
        self._http = httpx.AsyncClient(base_url=self.origin, limits=limits, timeout=30, trust_env=False)
        self._retry = AsyncRetryingCaller(attempts=None, timeout=PATIENCE, wait_initial=0.1, wait_max=2).on(Unavailable)
        self._journal = self.journal.open("ab") if self.journal else None

    async def close(self) -> None:
        """Close the connections and the journal."""
        await self._http.aclose()
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
        response = await self._retry(self._sent, "POST", path, headers=headers, content=content)
        if response.status_code >= 400:
            raise Refused(path, actor, response.status_code, _problem(response))
        reply: dict[str, Any] = orjson.loads(response.content) if response.content else {}
        if self._journal:
            self._journal.write(orjson.dumps({"actor": actor, "key": key, "path": path, "reply": reply}) + b"\n")
        return reply

    async def bulk(
        self, actor: str, service: str, lines: Sequence[Mapping[str, Any]], *, at: datetime
    ) -> AsyncIterator[int]:
        """Send many commands as NDJSON, some thousand at a time; yields how many were acknowledged.

        Raises:
            Refused: a line was.
        """
        headers = await self._headers(actor, at)
        for start in range(0, len(lines), 2000):
            part = lines[start : start + 2000]
            content = b"\n".join(orjson.dumps(line) for line in part)
            response = await self._retry(self._sent, "POST", f"/{service}/commands", headers=headers, content=content)
            if response.status_code >= 400:
                raise Refused(f"/{service}/commands", actor, response.status_code, _problem(response))
            for line, answer in zip(part, response.content.splitlines(), strict=True):
                result = orjson.loads(answer)
                if result["status"] >= 400:
                    raise Refused(f"/{service}{line['path']}", actor, result["status"], result)
                if self._journal:
                    entry = {"actor": actor, "key": line["key"], "path": line["path"], "reply": result["reply"]}
                    self._journal.write(orjson.dumps(entry) + b"\n")
            yield len(part)

    async def get(self, actor: str, path: str, **parameters: str) -> Any:
        """Ask a query.

        Raises:
            Refused: it was answered with an error. Unavailable: it was not answered for two minutes.
        """
        response = await self._retry(
            self._sent, "GET", path, headers=await self._headers(actor, None), params=parameters
        )
        if response.status_code >= 400:
            raise Refused(path, actor, response.status_code, _problem(response))
        return orjson.loads(response.content)

    async def _sent(self, method: str, path: str, **request: Any) -> httpx.Response:
        try:
            response = await self._http.request(method, path, **request)
        except httpx.TransportError as error:
            raise Unavailable(f"{path}: {error!r}") from error
        if response.status_code in UNAVAILABLE:
            raise Unavailable(f"{path}: {response.status_code} {response.text[:300]}")
        return response

    async def _headers(self, actor: str, at: datetime | None) -> dict[str, str]:
        if actor not in self.tokens:
            response = await self._retry(self._sent, "POST", "/oidc/token", data={"person": actor})
            response.raise_for_status()
            self.tokens[actor] = orjson.loads(response.content)["access_token"]
        headers = {"Authorization": f"Bearer {self.tokens[actor]}", "Content-Type": "application/json"}
        return headers | ({"Guatu-Now": at.isoformat()} if at else {})


def _problem(response: httpx.Response) -> Mapping[str, Any]:
    try:
        return orjson.loads(response.content)
    except orjson.JSONDecodeError:
        return {"detail": response.text[:500]}


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
