"""Building a view from the topics' beginning, beside the live one of an earlier version."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from shared import offsets
from shared.consume import Pace, Projector
from shared.contracts.event import Event
from shared.contracts.topics import PARTITIONS, Topic
from shared.database import Database
from shared.errors import NotReady
from shared.rebuild import rebuild
from tests.boards import BOARD, BoardRow
from tests.feeding import Feed, rows_of, until
from tests.projecting import History, fold_all
from tests.telling import lives, reported

PACE = Pace(look=0.1, ends=0.5, retry=0.1)


def shouting(row: BoardRow, event: Event[Any]) -> BoardRow:
    """The next version's fold: titles in brackets."""
    folded = BOARD.evolve(row, event)
    return replace(folded, title=f"[{folded.title}]") if folded.title != row.title else folded


NEXT = replace(BOARD, version=2, evolve=shouting)


async def test_the_next_version_is_built_beside_the_live_one_which_goes_on(
    database: Database, kafka: str, feed: Feed
) -> None:
    history = lives()
    await feed.send(history, history.events)
    told: list[tuple[int, int]] = []
    projector = Projector(database, kafka, [BOARD], "test", pace=PACE)
    await projector.start()
    try:
        built = await rebuild(database, kafka, NEXT, "test", progress=lambda done, total: told.append((done, total)))
        late = lives(5, prefix="project-late")
        await feed.send(late, late.events)

        async def followed() -> bool:
            return await rows_of(database, BOARD) == fold_all(BOARD, [*history.events, *late.events])

        await until(followed)
    finally:
        await projector.stop()
    assert built.ready
    assert built.records == len(history.events)
    assert await rows_of(database, NEXT) == fold_all(NEXT, history.events)
    assert told[-1] == (len(history.events), len(history.events))
    assert [done for done, _ in told] == sorted(done for done, _ in told)


async def test_the_new_code_goes_on_from_where_the_rebuild_came_to(database: Database, kafka: str, feed: Feed) -> None:
    history = lives()
    await feed.send(history, history.events)
    await rebuild(database, kafka, NEXT, "test")
    late = lives(5, prefix="project-late")
    await feed.send(late, late.events)
    folded: list[str] = []

    def noting(row: BoardRow, event: Event[Any]) -> BoardRow:
        folded.append(event.subject)
        return shouting(row, event)

    projector = Projector(database, kafka, [replace(NEXT, evolve=noting)], "test", pace=PACE)
    await projector.start()

    async def followed() -> bool:
        return await rows_of(database, NEXT) == fold_all(NEXT, [*history.events, *late.events])

    await until(followed)
    await projector.stop()
    assert {key.rstrip("0123456789") for key in folded} == {"project-late"}


async def test_a_rebuild_that_was_killed_is_continued(database: Database, kafka: str, feed: Feed) -> None:
    history = lives(150)
    await feed.send(history, history.events)

    class Killed(Exception):
        pass

    def die_half_way(done: int, total: int) -> None:
        if done > total / 3:
            raise Killed

    with pytest.raises(Killed):
        await rebuild(database, kafka, NEXT, "test", progress=die_half_way, batch=50)
    async with database.driver() as connection:
        before = sum(place.next for place in (await offsets.read(connection, NEXT)).values())
    built = await rebuild(database, kafka, NEXT, "test")
    async with database.driver() as connection:
        after = sum(place.next for place in (await offsets.read(connection, NEXT)).values())
    assert 0 < built.records == after - before < len(history.events)
    assert await rows_of(database, NEXT) == fold_all(NEXT, history.events)


async def test_two_do_not_build_the_same_version(database: Database, kafka: str, feed: Feed) -> None:
    history = lives(5)
    await feed.send(history, history.events)
    results = await asyncio.gather(*(rebuild(database, kafka, NEXT, "test") for _ in range(2)), return_exceptions=True)
    refused = [result for result in results if isinstance(result, NotReady)]
    assert [refusal.code for refusal in refused] == ["rebuild_running"] * len(refused)
    assert len(refused) < 2
    assert await rows_of(database, NEXT) == fold_all(NEXT, history.events)


async def test_processes_may_share_the_work_by_partitions(database: Database, kafka: str, feed: Feed) -> None:
    history = lives()
    await feed.send(history, history.events)
    halves = range(5), range(5, PARTITIONS)
    built = await asyncio.gather(*(rebuild(database, kafka, NEXT, "test", partitions=half) for half in halves))
    assert sum(half.records for half in built) == len(history.events)
    assert all(half.records > 0 for half in built)
    assert await rows_of(database, NEXT) == fold_all(NEXT, history.events)


async def test_what_stands_still_is_told(database: Database, kafka: str, feed: Feed) -> None:
    history = History()
    history.tell("project-1", reported(5), reported(6))
    await feed.send(history, history.events[1:])
    built = await rebuild(database, kafka, NEXT, "test")
    assert not built.ready
    assert [reason.partition(":")[0] for reason in built.stopped.values()] == ["gap"]


async def test_topics_without_records_are_built_at_once(database: Database, kafka: str, feed: Feed) -> None:
    empty_view = replace(BOARD, name="empty", topics={Topic.PROJECT: frozenset({"nothing"})})
    built = await rebuild(database, kafka, empty_view, "test")
    assert (built.ready, built.records) == (True, 0)
