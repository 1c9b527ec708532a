"""A query waits for what its sender has written."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from shared.at_least import At, AtLeast
from shared.bell import Bell
from shared.consume import VIEW_CHANNEL
from shared.contracts.topics import Topic
from shared.contracts.values import StreamId
from shared.database import Database
from shared.errors import InvalidValue, NotReady
from shared.partition import partition_of
from shared.projection import Projection
from shared.view_table import make_tables
from tests.boards import BOARD
from tests.feeding import Tape
from tests.projecting import History
from tests.telling import proposed, reported
from tests.waiting import until


@pytest.fixture
async def at_least(database: Database) -> AsyncIterator[AtLeast]:
    await make_tables(database, [BOARD])
    at_least = AtLeast(database, [BOARD])
    await at_least.start()
    yield at_least
    await at_least.stop()


async def following(database: Database, tape: Tape, bell: Bell | None = None) -> Projection[Any]:
    ring = {} if bell is None else {"changed": lambda: bell.ring(BOARD.name)}
    projection = Projection(database, BOARD, "test", **ring)
    projection.consumer = tape
    await projection.take_over(tape.assign(BOARD))
    return projection


def token(stream: str = "project-1", **versions: int) -> str:
    return str(At(StreamId(stream), {Topic[name.upper()]: version for name, version in versions.items()}))


async def code_of(waiting: Any) -> str:
    with pytest.raises(NotReady) as refusal:
        await waiting
    return refusal.value.code


async def test_without_a_token_nobody_waits(at_least: AtLeast) -> None:
    await at_least(None)
    await at_least("", (BOARD,))


async def test_a_token_that_is_none_is_refused(at_least: AtLeast) -> None:
    with pytest.raises(InvalidValue):
        await at_least("yesterday")


async def test_what_the_view_has_is_not_waited_for(database: Database, at_least: AtLeast) -> None:
    history, tape = History(), Tape()
    history.tell("project-1", proposed(), reported(5), reported(6))
    tape.add(history, history.events)
    await tape.play(await following(database, tape))
    await at_least(token(project=1, progress=2), timeout=0)
    await at_least(token(progress=1), (BOARD,), timeout=0)


async def test_what_the_view_does_not_fold_is_not_waited_for(at_least: AtLeast) -> None:
    await at_least(token("campaign-1", progress=9), timeout=0)
    await at_least(token(alert=9), timeout=0)


async def test_what_does_not_come_in_time_is_a_503_with_a_hint(database: Database, at_least: AtLeast) -> None:
    history, tape = History(), Tape()
    history.tell("project-1", proposed(), reported(5))
    tape.add(history, history.events)
    await tape.play(await following(database, tape))
    with pytest.raises(NotReady) as refusal:
        await at_least(token(project=1, progress=2), timeout=0.2)
    assert (refusal.value.code, refusal.value.status) == ("view_behind", 503)
    assert refusal.value.detail["retry_after"] == 1


async def test_it_waits_for_all_the_topics(database: Database, at_least: AtLeast) -> None:
    history, tape = History(), Tape()
    history.tell("project-1", proposed(), reported(5))
    tape.add(history, history.by_topic()[Topic.PROGRESS])
    projection = await following(database, tape)
    await tape.play(projection)
    waiting = asyncio.create_task(at_least(token(project=1, progress=1), timeout=20))
    assert not (await asyncio.wait([waiting], timeout=0.3))[0]
    tape.add(history, history.by_topic()[Topic.PROJECT])
    await tape.play(projection)
    await waiting


async def test_a_notification_wakes_those_who_wait(
    database: Database, at_least: AtLeast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.at_least.POLL", 60)
    history, tape, bell = History(), Tape(), Bell(database, VIEW_CHANNEL)
    history.tell("project-1", proposed(), reported(5))
    projection = await following(database, tape, bell)
    await until(at_least.listens)
    waiting = asyncio.create_task(at_least(token(project=1, progress=1), timeout=50))
    assert not (await asyncio.wait([waiting], timeout=0.3))[0]
    tape.add(history, history.events)
    await tape.play(projection)
    await asyncio.wait_for(waiting, 20)
    await bell.stop()


async def test_those_who_wait_share_a_statement(
    database: Database, at_least: AtLeast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.at_least.POLL", 60)
    history, tape, bell = History(), Tape(), Bell(database, VIEW_CHANNEL)
    for n in range(200):
        history.tell(f"project-{n}", proposed())
    projection = await following(database, tape, bell)
    await until(at_least.listens)
    waiting = [asyncio.create_task(at_least(token(f"project-{n}", project=1), timeout=50)) for n in range(200)]
    absent = asyncio.create_task(at_least(token("project-absent", project=1), timeout=50))
    assert not (await asyncio.wait(waiting, timeout=0.3))[0]
    tape.add(history, history.events)
    await tape.play(projection)
    await asyncio.wait_for(asyncio.gather(*waiting), 20)
    async with database.driver() as connection:
        sessions = await connection.fetchval("select count(*) from pg_stat_activity where datname = current_database()")
    assert sessions <= 6, "the listener, the projection's, the bell's and one for all who wait"
    assert not absent.done()
    absent.cancel()
    await bell.stop()


async def test_a_lost_notification_costs_a_poll_only(database: Database, at_least: AtLeast) -> None:
    history, tape = History(), Tape()
    history.tell("project-1", proposed())
    projection = await following(database, tape)
    waiting = asyncio.create_task(at_least(token(project=1), timeout=20))
    tape.add(history, history.events)
    await tape.play(projection)
    await waiting


async def test_a_parked_stream_is_not_waited_for(database: Database, at_least: AtLeast) -> None:
    tape = Tape()
    tape.add_raw(Topic.PROJECT, partition_of("project-1"), b"project-1", b"{}")
    await tape.play(await following(database, tape))
    assert await code_of(at_least(token(project=1), timeout=60)) == "events_parked"


async def test_a_stopped_partition_is_not_waited_for(database: Database, at_least: AtLeast) -> None:
    history, tape = History(), Tape()
    history.tell("project-1", reported(5), reported(6), proposed())
    tape.add(history, history.events[1:])
    await tape.play(await following(database, tape))
    assert await code_of(at_least(token(progress=2), timeout=60)) == "view_stopped"
    await at_least(token(project=1), timeout=0)


async def test_a_table_that_is_not_made_yet_is_waited_for(database: Database) -> None:
    at_least = AtLeast(database, [BOARD])
    assert await code_of(at_least(token(project=1), timeout=0.2)) == "view_behind"
