"""Live walls: each is rendered once for all who look at it, when facts have come, and at most once a second."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from hashlib import sha256

import structlog
from sse_starlette import ServerSentEvent

from services.reporting.views import ALERT, CARD, LAMP, NOTICE, RESULTS
from shared.authority_views import UNIT
from shared.consume import VIEW_CHANNEL
from shared.database import Database
from shared.listener import Listener

log = structlog.get_logger()

SHOWN = frozenset(view.name for view in (CARD, LAMP, ALERT, NOTICE, RESULTS, UNIT))
"""The views that a wall is made of."""
PAUSE = 1.0
"""Seconds between two renderings of a wall."""
HEARTBEAT = 15.0
"""Seconds after which the time the data is as of is sent again: a browser cannot tell silence from a broken line."""
HEARTBEAT_PANEL = "asof"

Panels = Mapping[str, str]
Render = Callable[[], Awaitable[Panels]]


@dataclass(frozen=True)
class Shown:
    """A wall as rendered: the HTML of its panels, the digest of each, and the id of them all together."""

    panels: Panels
    digests: Mapping[str, str]
    id: str


def shown(panels: Panels) -> Shown:
    """Panels with their digests."""
    digests = {name: _digest(html) for name, html in panels.items()}
    return Shown(panels, digests, _digest("".join(digests.values())))


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()[:16]


class Feed:
    """One wall of one process: renders while somebody looks, and tells the lookers."""

    def __init__(self, render: Render) -> None:
        self._render = render
        self._dirty = asyncio.Event()
        self._rendered = asyncio.Condition()
        self._now: Shown | None = None
        self._task: asyncio.Task[None] | None = None
        self._lookers = 0

    def touch(self) -> None:
        """Facts have come, or may have."""
        self._dirty.set()

    @asynccontextmanager
    async def looked_at(self) -> AsyncGenerator[None]:
        """Keep it rendered meanwhile."""
        self._lookers += 1
        if self._lookers == 1:
            self._begin()
        try:
            yield
        finally:
            self._lookers -= 1
            if self._lookers == 0:
                self._end()

    def _begin(self) -> None:
        self.touch()
        self._task = asyncio.create_task(self._run(), name="wall feed")

    def _end(self) -> None:
        assert self._task is not None
        self._task.cancel()
        self._now = None

    async def events(self, seen: str | None) -> AsyncGenerator[ServerSentEvent]:
        """What changes from now on, panel by panel; `seen` is the id of the wall that the browser shows.

        The id comes with the last panel of a rendering: who is cut off before gets all of them again.
        """
        had: Mapping[str, str] = {}
        async with self.looked_at():
            now = await self._next(None)
            if now.id == seen:
                had = now.digests
            while True:
                changed = [name for name in now.panels if now.digests[name] != had.get(name)]
                for name in changed:
                    last = name == changed[-1]
                    yield ServerSentEvent(now.panels[name], event=name, id=now.id if last else None)
                had = now.digests
                before = now
                while now is before:
                    try:
                        async with asyncio.timeout(HEARTBEAT):
                            now = await self._next(before)
                    except TimeoutError:
                        yield ServerSentEvent(now.panels[HEARTBEAT_PANEL], event=HEARTBEAT_PANEL)

    async def _next(self, before: Shown | None) -> Shown:
        """The wall as soon as it is another one than before."""
        async with self._rendered:
            while self._now is None or (before is not None and self._now.id == before.id):
                await self._rendered.wait()
            return self._now

    async def _run(self) -> None:
        while True:
            await self._dirty.wait()
            self._dirty.clear()
            try:
                now = shown(await self._render())
            except Exception as error:
                log.warning("wall_not_rendered", error=repr(error))
                self._dirty.set()
            else:
                async with self._rendered:
                    self._now = now
                    self._rendered.notify_all()
            await asyncio.sleep(PAUSE)


class Feeds:
    """The walls of one process, woken by what its database notifies; it listens only while somebody looks."""

    def __init__(self, database: Database) -> None:
        self._listener = Listener(database, VIEW_CHANNEL)
        self._listener.subscribe(self._heard)
        self._feeds: dict[str, Feed] = {}
        self._lookers = 0
        self._lock = asyncio.Lock()

    async def events(self, unit: str, render: Render, seen: str | None) -> AsyncGenerator[ServerSentEvent]:
        """The events of a unit's wall, without end; `render` is taken from who comes first."""
        await self._begin()
        try:
            feed = self._feeds.setdefault(unit, Feed(render))
            events = feed.events(seen)
            try:
                async for event in events:
                    yield event
            finally:
                await events.aclose()
        finally:
            await asyncio.shield(self._end())

    async def _begin(self) -> None:
        async with self._lock:
            self._lookers += 1
            if self._lookers == 1:
                await self._listener.start()

    async def _end(self) -> None:
        async with self._lock:
            self._lookers -= 1
            if self._lookers == 0:
                await self._listener.stop()
                self._feeds.clear()

    def _heard(self, payload: str | None) -> None:
        view = payload.partition(" ")[0] if payload else None
        if view is None or view in SHOWN:
            for feed in self._feeds.values():
                feed.touch()
