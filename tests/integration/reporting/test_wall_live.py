"""The live wall: what a browser that keeps the connection open is told, and when it is told nothing."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import httpx
import pytest

from services.reporting import wall_feed
from services.reporting.wall_page import PANELS
from shared.contracts.alert import Lamp
from tests.integration.reporting import world
from tests.integration.reporting.conftest import PAGE, Site
from tests.unit.reporting.builders import reported

DEADLINE = 20.0


@dataclass(frozen=True)
class Told:
    """One server-sent event."""

    name: str
    data: str
    id: str | None


class Stream:
    """The events of one connection, as they come."""

    def __init__(self, response: httpx.Response) -> None:
        self._lines = response.aiter_lines()

    async def next(self) -> Told:
        """The next event."""
        fields: dict[str, list[str]] = {}
        async with asyncio.timeout(DEADLINE):
            async for line in self._lines:
                if not line and fields:
                    return Told(fields["event"][0], "\n".join(fields["data"]), fields.get("id", [None])[0])
                name, _, value = line.partition(":")
                if name:
                    fields.setdefault(name, []).append(value.removeprefix(" "))
        raise AssertionError("the stream has ended")

    async def until_id(self) -> list[Told]:
        """The events of one rendering, the last of which has its id."""
        told = [await self.next()]
        while told[-1].id is None:
            told.append(await self.next())
        return told


@asynccontextmanager
async def looking(site: Site, path: str, person: str = "wang", **headers: str) -> AsyncIterator[Stream]:
    async with site.browser(person, **headers) as browser, browser.stream("GET", path) as response:
        assert response.headers["content-type"].startswith("text/event-stream")
        yield Stream(response)


async def events_address(site: Site) -> str:
    """The address of events that the wall's page names."""
    page = (await site.get("wang", "/wall/340800", **PAGE)).text
    found = re.search(r'sse-connect="([^"]+)"', page)
    assert found
    return found[1]


def more(n: int) -> world.Story:
    """One more project with a report, at noon of the last day."""
    return world.project(n, world.YUESHAN).then(world.TODAY, reported("2023-07", "55"))


async def test_who_shows_the_present_wall_is_told_nothing_until_a_fact_comes(site: Site) -> None:
    async with looking(site, await events_address(site)) as stream:
        waiting = asyncio.create_task(stream.until_id())
        done, _ = await asyncio.wait([waiting], timeout=2 * wall_feed.PAUSE)
        assert not done
        await site.learn(more(7))
        told = await waiting
    assert [event.name for event in told] == ["asof", "kpi", "map", "pace", "ticker"]
    assert "<b>6</b>" in next(event.data for event in told if event.name == "kpi")


async def test_who_shows_another_wall_is_told_all_of_it(site: Site) -> None:
    async with looking(site, "/wall/340800/events") as stream:
        told = await stream.until_id()
    assert [event.name for event in told] == list(PANELS)
    assert told[-1].id is not None


async def test_a_connection_taken_up_again_tells_only_what_changed_meanwhile(site: Site) -> None:
    async with looking(site, "/wall/340800/events") as stream:
        last = (await stream.until_id())[-1].id
    assert last is not None
    async with looking(site, "/wall/340800/events?seen=old", **{"Last-Event-ID": last}) as stream:
        await site.learn(world.alert(3, world.YUESHAN, Lamp.YELLOW))
        told = await stream.until_id()
    assert [event.name for event in told] == ["ticker"]


async def test_the_last_of_many_facts_that_come_at_once_is_told(site: Site) -> None:
    async with looking(site, await events_address(site)) as stream:
        for n in range(20, 26):
            await site.learn(more(n))
        told: list[Told] = []
        while not told or "<b>11</b>" not in next((e.data for e in reversed(told) if e.name == "kpi"), ""):
            told += await stream.until_id()


async def test_the_time_of_the_data_is_told_again_and_again(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wall_feed, "HEARTBEAT", 0.2)
    async with looking(site, await events_address(site)) as stream:
        beats = [await stream.next() for _ in range(3)]
    assert {(beat.name, beat.id) for beat in beats} == {("asof", None)}


async def test_a_wall_that_nobody_looks_at_is_not_rendered(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    rendered = 0
    present = wall_feed.shown

    def counted(panels: wall_feed.Panels) -> wall_feed.Shown:
        nonlocal rendered
        rendered += 1
        return present(panels)

    monkeypatch.setattr(wall_feed, "shown", counted)
    async with looking(site, "/wall/340800/events") as one, looking(site, "/wall/340800/events") as two:
        await asyncio.gather(one.until_id(), two.until_id())
    after = rendered
    assert after == 1
    await site.learn(more(7))
    async with looking(site, "/wall/340800/events") as again:
        await again.until_id()
    assert rendered == after + 1


async def test_the_events_of_another_citys_wall_are_not_told(site: Site) -> None:
    assert (await site.get("nobody", "/wall/340800/events")).status_code == 404
