"""When a wall is rendered: once for facts that come at once, and only while somebody looks."""

import asyncio
from contextlib import aclosing

import pytest

from services.reporting import wall_feed
from services.reporting.wall_feed import Feed, Panels


class Renderings:
    """Renders a wall that is another one each time; each rendering waits to be let go."""

    def __init__(self) -> None:
        self.begun = 0
        self._changed = asyncio.Condition()
        self._allowed = asyncio.Semaphore(0)

    async def render(self) -> Panels:
        """What a feed asks for."""
        async with self._changed:
            self.begun += 1
            self._changed.notify_all()
        await self._allowed.acquire()
        return {"kpi": str(self.begun)}

    def let_go(self) -> None:
        """Let the rendering that was begun, or the next one, come to its end."""
        self._allowed.release()

    async def until(self, begun: int) -> None:
        """Wait until so many renderings have begun."""
        async with asyncio.timeout(10), self._changed:
            await self._changed.wait_for(lambda: self.begun >= begun)


@pytest.fixture(autouse=True)
def without_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    """One rendering follows the other without a pause."""
    monkeypatch.setattr(wall_feed, "PAUSE", 0)


async def test_facts_that_come_during_a_rendering_are_rendered_together() -> None:
    renderings = Renderings()
    feed = Feed(renderings.render)
    async with feed.looked_at():
        await renderings.until(1)
        for _ in range(6):
            feed.touch()
        renderings.let_go()
        await renderings.until(2)
        renderings.let_go()
        async with aclosing(feed.events(None)) as events:
            while (await anext(events)).data != "2":
                pass
        feed.touch()
        await renderings.until(3)
        assert renderings.begun == 3


async def test_a_wall_that_nobody_looks_at_is_not_rendered() -> None:
    renderings = Renderings()
    feed = Feed(renderings.render)
    async with feed.looked_at():
        renderings.let_go()
        async with aclosing(feed.events(None)) as events:
            assert (await anext(events)).data == "1"
    feed.touch()
    async with asyncio.timeout(10):
        while any(task.get_name() == "wall feed" for task in asyncio.all_tasks()):  # it has been told to end
            await asyncio.sleep(0)
    assert renderings.begun == 1
    async with feed.looked_at():
        await renderings.until(2)
