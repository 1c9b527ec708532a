"""What is read of a view is kept until the view changes, and read once for all who ask at the same moment."""

import asyncio

import pytest

from shared.cache import Cache


class Source:
    """Gives 1, 2, 3 … one a reading; a reading waits to be let through."""

    def __init__(self) -> None:
        self.readings = 0
        self.free = asyncio.Event()

    async def read(self, _: str) -> int:
        self.readings += 1
        value = self.readings
        await self.free.wait()
        return value


@pytest.fixture
def source() -> Source:
    return Source()


async def test_what_was_read_is_kept_until_it_is_dropped(source: Source):
    cache = Cache[str, int](2, keeps=lambda: True)
    source.free.set()
    assert [await cache.get("a", source.read) for _ in range(2)] == [1, 1]
    cache.drop()
    assert await cache.get("a", source.read) == 2


async def test_who_asks_at_the_same_moment_shares_one_reading(source: Source):
    cache = Cache[str, int](2, keeps=lambda: True)
    asked = [asyncio.create_task(cache.get("a", source.read)) for _ in range(3)]
    await asyncio.sleep(0)
    source.free.set()
    assert await asyncio.gather(*asked) == [1, 1, 1]


async def test_who_asks_after_a_change_does_not_share_a_reading_from_before_it(source: Source):
    cache = Cache[str, int](2, keeps=lambda: True)
    before = asyncio.create_task(cache.get("a", source.read))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    cache.drop()
    after = asyncio.create_task(cache.get("a", source.read))
    source.free.set()
    assert (await before, await after) == (1, 2)
    assert await cache.get("a", source.read) == 2


async def test_a_caller_that_goes_away_does_not_take_the_reading_from_the_others(source: Source):
    cache = Cache[str, int](2, keeps=lambda: True)
    asked = [asyncio.create_task(cache.get("a", source.read)) for _ in range(2)]
    await asyncio.sleep(0)
    asked[0].cancel()
    source.free.set()
    assert await asked[1] == 1


async def test_nothing_is_kept_while_changes_are_not_heard_of(source: Source):
    cache = Cache[str, int](2, keeps=lambda: False)
    source.free.set()
    assert [await cache.get("a", source.read) for _ in range(2)] == [1, 2]


async def test_a_failed_reading_is_not_kept():
    cache = Cache[str, int](2, keeps=lambda: True)

    async def fail(_: str) -> int:
        raise ConnectionResetError

    async def one(_: str) -> int:
        return 1

    with pytest.raises(ConnectionResetError):
        await cache.get("a", fail)
    assert await cache.get("a", one) == 1


async def test_the_oldest_value_gives_way(source: Source):
    cache = Cache[str, int](1, keeps=lambda: True)
    source.free.set()
    await cache.get("a", source.read)
    await cache.get("b", source.read)
    assert await cache.get("a", source.read) == 3
