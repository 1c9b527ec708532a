"""Kills pieces of a running stack with SIGKILL while it is played, and starts them again."""

import asyncio
import os
import random
import signal
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from infra.scenario.client import Client
from infra.stack import kafka, lifecycle, postgres
from infra.stack.workspace import Workspace
from infra.terminal import Steps, console

PIECES = ("registry", "scoring", "alerts", "reporting", "gateway", "kafka", "postgres")
MANY = 100
"""Lines of a bulk during which somebody is always killed."""


class Fire:
    """Volleys that come while requests are on their way: every piece in some volley, all at once, each in some again.

    A volley's pieces are killed at random moments, then all that is down is started again while the requests go on.
    Who would send the request at which the next one is due waits until the last one has been recovered from.
    """

    def __init__(self, place: Workspace, seed: int) -> None:
        self._place = place
        self._random = random.Random(seed)
        self.volleys: list[Sequence[str]] = [*self._cut(), PIECES, *self._cut()]
        self.killed: Counter[str] = Counter()
        self._left = self._random.randint(2, 10)
        self._turn = asyncio.Lock()
        self._recovery: asyncio.Task[None] | None = None

    def _cut(self) -> list[Sequence[str]]:
        """Every piece once, in a random order, in four volleys of random size."""
        order = self._random.sample(PIECES, len(PIECES))
        cuts = sorted(self._random.sample(range(1, len(order)), 3))
        return [order[start:end] for start, end in zip([0, *cuts], [*cuts, len(order)], strict=True)]

    async def passes(self, lines: int) -> None:
        """A request with so many commands is about to be sent."""
        self._left -= 1
        if not self._due(lines):
            return
        async with self._turn:
            if self._due(lines):
                await self.recovered()
                self._left = self._random.randint(8, 32)
                strike = self._strike(self.volleys.pop(0), max(0.05, lines / 1000))
                self._recovery = asyncio.create_task(strike, name="strike")

    async def recovered(self) -> None:
        """Wait until all runs again."""
        if self._recovery is not None:
            await self._recovery

    def _due(self, lines: int) -> bool:
        return bool(self.volleys) and (self._left <= 0 or lines >= MANY)

    async def _strike(self, volley: Sequence[str], within: float) -> None:
        for name in volley:
            await asyncio.sleep(self._random.uniform(0, within))
            os.kill(self._pids()[name], signal.SIGKILL)
            self.killed[name] += 1
            console.print(f"killed {name}")
        with Steps(console) as steps:
            await asyncio.to_thread(lifecycle.up, self._place, steps)

    def _pids(self) -> dict[str, int]:
        pids = {process.name: process.pid for process in self._place.load().alive()}
        broker, server = kafka.find(self._place.kafka), postgres.find(self._place.postgres)
        if broker:
            pids["kafka"] = broker.pid
        if server:
            pids["postgres"] = server.pid
        return pids


@dataclass
class ClientUnderFire(Client):
    """The player's client: each request may be the one at which somebody is killed."""

    fire: Fire = field(kw_only=True)

    async def command(
        self, actor: str, path: str, body: Mapping[str, Any], *, key: str, at: datetime | None = None
    ) -> dict[str, Any]:
        """Send one command."""
        await self.fire.passes(1)
        return await super().command(actor, path, body, key=key, at=at)

    async def upload(self, actor: str, path: str, content: bytes, *, name: str, at: datetime | None = None) -> bytes:
        """Send a file."""
        await self.fire.passes(1)
        return await super().upload(actor, path, content, name=name, at=at)

    async def bulk(
        self, actor: str, service: str, lines: Sequence[Mapping[str, Any]], *, at: datetime
    ) -> AsyncIterator[int]:
        """Send many."""
        await self.fire.passes(len(lines))
        async for acknowledged in super().bulk(actor, service, lines, at=at):
            yield acknowledged
