"""Parked keys: listed, tried again in order, dropped with a record of it."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import asyncpg
import orjson
import pytest
from structlog.testing import capture_logs

from shared.contracts.event import Event
from shared.contracts.progress import ProgressReported
from shared.contracts.topics import Topic
from shared.database import Database
from shared.parked import Retried, drop, list_parked, retry
from shared.partition import partition_of
from shared.projection import Projection
from shared.view import View
from shared.view_table import make_tables
from tests.boards import BOARD, BoardRow
from tests.feeding import Tape, rows_of
from tests.projecting import History, fold_all
from tests.telling import approved, proposed, reported

PROGRESS = Topic.PROGRESS


def refusing(*months: str) -> View[BoardRow]:
    """The board with a fault: reports of these months cannot be folded."""

    def evolve(row: BoardRow, event: Event[Any]) -> BoardRow:
        if isinstance(event.data, ProgressReported) and event.data.month in months:
            raise ZeroDivisionError(event.data.month)
        return BOARD.evolve(row, event)

    return replace(BOARD, evolve=evolve)


def a_project() -> History:
    history = History()
    history.tell("project-1", proposed(), reported(10, "2023-01"), reported(20, "2023-02"), approved())
    history.tell("project-1", reported(30, "2023-03"), reported(40, "2023-04"))
    history.tell("project-2", reported(50, "2023-01"))
    return history


async def folded(database: Database, view: View[Any], history: History) -> tuple[Projection[Any], Tape]:
    tape = Tape()
    tape.add(history, history.events)
    return await played(database, view, tape), tape


async def played(database: Database, view: View[Any], tape: Tape) -> Projection[Any]:
    await make_tables(database, [view])
    projection = Projection(database, view, "test")
    projection.consumer = tape
    await projection.take_over(tape.assign(view))
    await tape.play(projection)
    return projection


async def tried(database: Database, view: View[Any], key: str = "project-1") -> Retried:
    async with database.driver() as connection:
        return await retry(connection, view, key)


async def versions(database: Database) -> Sequence[tuple[str, int]]:
    async with database.driver() as connection:
        rows = await connection.fetch("select topic, topic_version from parked order by id")
    return [(row[0], row[1]) for row in rows]


async def test_parked_keys_are_listed_with_their_first_error(database: Database) -> None:
    await folded(database, refusing("2023-02"), a_project())
    async with database.driver() as connection:
        [parked] = await list_parked(connection, BOARD)
    assert (parked.key, parked.partition, parked.topic) == ("project-1", partition_of("project-1"), PROGRESS)
    assert (parked.topic_version, parked.error) == (2, "ZeroDivisionError('2023-02')")
    assert parked.events == len(await versions(database))


async def test_a_retry_of_what_still_fails_changes_nothing_but_the_error(database: Database) -> None:
    await folded(database, refusing("2023-02"), a_project())
    before = await rows_of(database, BOARD), await versions(database)
    result = await tried(database, refusing("2023-02", "other"))
    assert (result.folded, result.error) == (0, "ZeroDivisionError('2023-02')")
    assert (await rows_of(database, BOARD), await versions(database)) == before


async def test_a_retry_after_the_cause_is_mended_folds_all_in_order(database: Database) -> None:
    history = a_project()
    await folded(database, refusing("2023-02"), history)
    waiting = len(await versions(database))
    assert await tried(database, BOARD) == Retried(waiting, 0)
    assert await rows_of(database, BOARD) == fold_all(BOARD, history.events)
    assert await versions(database) == []


async def test_a_retry_stops_at_the_first_that_still_fails(database: Database) -> None:
    history = a_project()
    await folded(database, refusing("2023-02", "2023-04"), history)
    result = await tried(database, refusing("2023-04"))
    assert (result.folded, result.error) == (2, "ZeroDivisionError('2023-04')")
    assert await versions(database) == [(PROGRESS, 4), (Topic.PROJECT, 1), (Topic.PROJECT, 2)]
    assert (await rows_of(database, BOARD))["project-1"].percent == 30


async def test_after_a_retry_the_live_view_goes_on_with_the_key(database: Database) -> None:
    history = a_project()
    _, tape = await folded(database, refusing("2023-02"), history)
    await tried(database, BOARD)
    tape.add(history, history.tell("project-1", reported(60, "2023-05")))
    await played(database, BOARD, tape)
    assert await rows_of(database, BOARD) == fold_all(BOARD, history.events)


async def test_while_a_key_is_parked_its_later_events_join_it(database: Database) -> None:
    history = a_project()
    _, tape = await folded(database, refusing("2023-02"), history)
    waiting = len(await versions(database))
    tape.add(history, history.tell("project-1", reported(60, "2023-05")))
    await played(database, BOARD, tape)
    assert len(await versions(database)) == waiting + 1
    assert await tried(database, BOARD) == Retried(waiting + 1, 0)
    assert await rows_of(database, BOARD) == fold_all(BOARD, history.events)


async def test_retries_and_the_live_view_take_turns(database: Database) -> None:
    """A retry waits for the batch that holds the partition's places."""
    await folded(database, refusing("2023-02"), a_project())
    async with database.driver() as owner, owner.transaction():
        await owner.fetch("select 1 from offsets for update")
        async with database.driver() as connection:
            await connection.execute("set lock_timeout = '100ms'")
            with pytest.raises(asyncpg.LockNotAvailableError):
                await retry(connection, BOARD, "project-1")
            await connection.execute("reset lock_timeout")


async def test_nothing_is_dropped_but_what_was_shown(database: Database) -> None:
    await folded(database, refusing("2023-02"), a_project())
    async with database.driver() as connection:
        [shown] = await list_parked(connection, BOARD)
        other = replace(shown, topic_version=shown.topic_version + 1)
        waiting = await versions(database)
        view = refusing("2023-02")
        result = await drop(connection, view, "project-1", reason="", by="p-9", wanted=other)
        assert (result.folded, await versions(database)) == (0, waiting)
        result = await drop(connection, view, "project-1", reason="", by="p-9", wanted=shown)
        assert (result.left, await versions(database)) == (0, [])


async def test_a_dropped_event_is_left_out_and_told_of_and_the_rest_is_folded(database: Database) -> None:
    history = a_project()
    await folded(database, refusing("2023-02"), history)
    with capture_logs() as logs:
        async with database.driver() as connection:
            result = await drop(connection, refusing("2023-02"), "project-1", reason="a report of nothing", by="p-9")
    assert (result.left, result.error) == (0, None)
    left_out = next(e for e in history.events if isinstance(e.data, ProgressReported) and e.data.month == "2023-02")
    rows = await rows_of(database, BOARD)
    others = [event for event in history.events if event is not left_out]
    expected = BOARD.row()
    for event in others:
        if event.subject == "project-1":
            expected = BOARD.evolve(expected, event)
    assert BOARD.settle is not None
    assert rows["project-1"] == BOARD.settle(expected, None)
    [record] = [entry for entry in logs if entry["event"] == "parked_event_dropped"]
    assert (record["audit"], record["by"], record["reason"]) == (True, "p-9", "a report of nothing")
    assert (record["stream"], record["topic"], record["topic_version"]) == ("project-1", PROGRESS, 2)
    assert orjson.loads(record["body"])["id"] == str(left_out.id)


async def test_after_a_drop_the_next_event_is_no_gap(database: Database) -> None:
    history = History()
    history.tell("project-1", reported(10, "2023-01"), reported(20, "2023-02"))
    view = refusing("2023-02")
    _, tape = await folded(database, view, history)
    async with database.driver() as connection:
        await drop(connection, view, "project-1", reason="", by="p-9")
    tape.add(history, history.tell("project-1", reported(30, "2023-03")))
    projection = await played(database, view, tape)
    assert not projection.stopped
    assert (await rows_of(database, BOARD))["project-1"].percent == 30


async def test_an_unreadable_body_can_be_dropped_and_hides_no_event(database: Database) -> None:
    history, tape = History(), Tape()
    history.tell("project-1", reported(10, "2023-01"), reported(20, "2023-02"), reported(30, "2023-03"))
    number = partition_of("project-1")
    for event in history.events:
        body = b'{"id' if event.topic_version == 2 else history.bodies[event.id]
        tape.add_raw(PROGRESS, number, b"project-1", body)
    projection = await played(database, BOARD, tape)
    assert not projection.stopped
    assert (await tried(database, BOARD)).folded == 0
    async with database.driver() as connection:
        assert await drop(connection, BOARD, "project-1", reason="torn", by="p-9") == Retried(1, 0)
    row = (await rows_of(database, BOARD))["project-1"]
    assert (row.month, row.percent) == ("2023-03", 30)


async def test_an_unreadable_body_that_was_no_event_can_be_dropped_too(database: Database) -> None:
    history, tape = History(), Tape()
    history.tell("project-1", reported(10, "2023-01"), reported(20, "2023-02"))
    number = partition_of("project-1")
    for body in (history.bodies[history.events[0].id], b"noise", history.bodies[history.events[1].id]):
        tape.add_raw(PROGRESS, number, b"project-1", body)
    await played(database, BOARD, tape)
    async with database.driver() as connection:
        assert await drop(connection, BOARD, "project-1", reason="noise", by="p-9") == Retried(1, 0)
    assert await rows_of(database, BOARD) == fold_all(BOARD, history.events)


async def test_a_row_that_the_database_refuses_stays_parked_and_the_ones_before_are_folded(database: Database) -> None:
    history = History()
    history.tell("project-1", proposed(title="good"), proposed(title="a\0b"))
    _, tape = await folded(database, BOARD, history)
    tape.add(history, history.tell("project-1", proposed(title="better")))
    await played(database, BOARD, tape)
    result = await tried(database, BOARD)
    assert (result.folded, result.left) == (1, 2)
    assert (await rows_of(database, BOARD))["project-1"].title == "good"
    async with database.driver() as connection:
        assert await drop(connection, BOARD, "project-1", reason="no such title", by="p-9") == Retried(1, 0)
    assert (await rows_of(database, BOARD))["project-1"].title == "better"


async def test_a_key_that_is_not_parked_has_nothing_to_be_tried(database: Database) -> None:
    await folded(database, BOARD, a_project())
    assert await tried(database, BOARD) == Retried(0, 0)
    async with database.driver() as connection:
        assert await drop(connection, BOARD, "project-1", reason="", by="p-9") == Retried(0, 0)
