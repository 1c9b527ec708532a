"""The replicas of a service: found by name, taken in turn, left alone for a moment when they refuse."""

import asyncio
import ipaddress
import socket
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from time import monotonic
from urllib.parse import urlsplit

import structlog

logger = structlog.get_logger()

REST = 1.0
"""Seconds for which a replica that refused a connection is not asked first."""
KNOWN_FOR = 3.0
"""Seconds for which the addresses of a name are taken as they were."""


@dataclass(slots=True)
class Replica:
    """One address of a service, such as `http://127.0.0.1:8001`; it rests until the monotonic time `resting`."""

    origin: str
    resting: float = 0.0

    def rest(self) -> None:
        """Ask others first for a moment."""
        self.resting = monotonic() + REST


@dataclass(frozen=True, slots=True)
class _Name:
    """A host that is a name: it may stand for several addresses, and for others a moment later."""

    host: str
    port: int

    async def origins(self) -> Sequence[str]:
        found = await asyncio.get_running_loop().getaddrinfo(self.host, self.port, type=socket.SOCK_STREAM)
        hosts = sorted({str(address[0]) for *_, address in found})
        return [f"http://[{host}]:{self.port}" if ":" in host else f"http://{host}:{self.port}" for host in hosts]


class Replicas:
    """All replicas of one service."""

    def __init__(self, service: str, origins: Sequence[str]) -> None:
        """`origins` are http origins; a host that is a name is looked up again and again.

        Raises:
            ValueError: one is no http origin.
        """
        self.service = service
        self._fixed: list[Replica] = []
        self._names: list[_Name] = []
        for origin in origins:
            self._add(origin)
        self._named: dict[str, Replica] = {}
        self._looked_up = 0.0
        self._looking: asyncio.Task[None] | None = None
        self._turn = 0

    def _add(self, origin: str) -> None:
        parts = urlsplit(origin)
        if parts.scheme != "http" or not parts.hostname or parts.path not in ("", "/") or parts.query:
            raise ValueError(f"{origin!r} is no http origin such as http://127.0.0.1:8001")
        try:
            ipaddress.ip_address(parts.hostname)
        except ValueError:
            self._names.append(_Name(parts.hostname, parts.port or 80))
        else:
            self._fixed.append(Replica(origin.rstrip("/")))

    async def all(self) -> Sequence[Replica]:
        """Every replica that there is now."""
        if self._names and monotonic() - self._looked_up > KNOWN_FOR:
            if self._looking is None or self._looking.done():
                self._looking = asyncio.create_task(self.look_up(), name=f"addresses of {self.service}")
            if not self._named:
                await self._looking
        return [*self._fixed, *self._named.values()]

    async def in_turn(self) -> Iterator[Replica]:
        """Every replica once, beginning with the next in turn; those that rest come last."""
        replicas = await self.all()
        if not replicas:
            return iter(())
        self._turn = (self._turn + 1) % len(replicas)
        ordered = [*replicas[self._turn :], *replicas[: self._turn]]
        now = monotonic()
        return iter(sorted(ordered, key=lambda replica: replica.resting > now))

    async def look_up(self) -> None:
        """Find the addresses of every name anew; a replica that is still there stays the same."""
        found: dict[str, Replica] = {}
        for name in self._names:
            try:
                origins = await name.origins()
            except OSError as error:
                logger.warning("name_unknown", service=self.service, host=name.host, error=repr(error))
                continue
            found |= {origin: self._named.get(origin) or Replica(origin) for origin in origins}
        self._named = found
        self._looked_up = monotonic()
