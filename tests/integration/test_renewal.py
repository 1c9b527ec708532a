"""Building a view again beside itself: what takes its place, when, and that nothing is missed or done twice."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any

import pytest

from shared import offsets
from shared.command import Aggregate
from shared.consume import Pace, Projector
from shared.contracts.event import Event
from shared.contracts.progress import ProgressReported
from shared.contracts.topics import Topic
from shared.contracts.values import StreamId
from shared.database import Database
from shared.errors import NotReady
from shared.partition import partition_of
from shared.reconcile import Reaction, Reconciler
from shared.renewal import beside, renew
from shared.store import load_many
from shared.view import View
from shared.view_table import ViewChanged, make_tables
from tests.boards import BOARD, BoardRow
from tests.feeding import Feed, rows_of
from tests.integration.test_reconcile import Alert, alert_of, evolve_alert, raised
from tests.projecting import History, fold_all
from tests.telling import lives, reported
from tests.waiting import until

PACE = Pace(look=0.1, ends=0.5, retry=0.1)


@asynccontextmanager
async def followed(
    database: Database,
    kafka: str,
    view: View[Any] = BOARD,
    *reconcilers: Reconciler[Any, Any],
    pace: Pace = PACE,
) -> AsyncIterator[Projector]:
    projector = Projector(database, kafka, [view], "test", reconcilers=reconcilers, pace=pace)
    await projector.start()
    try:
        yield projector
    finally:
        await projector.stop()


async def come_to(database: Database, view: View[Any], history: History) -> None:
    expected = fold_all(view, history.events)

    async def same() -> bool:
        return await rows_of(database, view) == expected

    await until(same, within=60, what="the rows of a plain fold")


async def spoiled(database: Database) -> None:
    """Let the rows be other than what the events make of them."""
    async with database.driver() as connection:
        await connection.execute("update views.board_1 set title = 'wrong'")


async def come_so_far(database: Database, view: View[Any]) -> dict[tuple[int, str], int]:
    async with database.driver() as connection:
        return {place: one.next for place, one in (await offsets.read(connection, view)).items()}


def report(key: StreamId, row: BoardRow, states: Mapping[StreamId, Alert]) -> Sequence[Reaction]:
    """An alert for every report: one too many has the business key of another, one too few is missed."""
    episode = states[alert_of(key)].episode + 1
    return [Reaction(alert_of(key), raised(row, key, episode), f"report/{key}/{row.trail}")]


def counted(row: BoardRow, event: Event[Any]) -> BoardRow:
    """The board with a trail that is the number of the reports."""
    trail = row.trail + isinstance(event.data, ProgressReported)
    return replace(BOARD.evolve(row, event), trail=trail)


COUNTED = replace(BOARD, evolve=counted)
REPORTS = Reconciler(
    view=COUNTED,
    aggregate=Aggregate("alert", Alert(), evolve_alert),
    streams=lambda key, row: [alert_of(key)],
    react=report,
    org=lambda row: row.county,
    relevant=lambda before, after: before.trail != after.trail,
)


async def test_while_events_come_and_a_projector_runs_it_ends_in_the_rows_of_a_plain_fold(
    database: Database, kafka: str, feed: Feed
) -> None:
    history, over = lives(20), asyncio.Event()
    await feed.send(history, history.events)

    async def telling() -> None:
        for n in range(10_000):
            await feed.send(history, history.tell(f"project-r{n % 20}", reported(n % 100, "2023-09")))
            if over.is_set():
                return

    one_by_one = replace(PACE, batch=1)  # else several reports of a project may be one change of its row
    async with followed(database, kafka, COUNTED, REPORTS, pace=one_by_one) as projector:
        await come_to(database, COUNTED, history)
        await spoiled(database)
        teller = asyncio.create_task(telling())
        for _ in range(3):
            assert (await renew(database, kafka, COUNTED, "test")).ready
        over.set()
        await teller
        await come_to(database, COUNTED, history)
        assert projector.stopped() == {"board": {}}
    told = Counter(e.subject for e in history.events if isinstance(e.data, ProgressReported))
    async with database.driver() as connection:
        streams = await load_many(connection, [alert_of(key) for key in told])
    assert {str(name): stream.version for name, stream in streams.items()} == {
        str(alert_of(key)): count for key, count in told.items()
    }
    assert len(history.events) > 300


_FOLDED_ONE = "update offsets set next = next + 1 where view = 'board' and partition = $1 and topic = $2"


async def _waits_for_places(database: Database) -> bool:
    async with database.driver() as connection:
        return await connection.fetchval("select exists (select 1 from pg_locks where not granted)")


async def test_what_comes_while_the_change_waits_for_the_projectors_is_taken_in(
    database: Database, kafka: str, feed: Feed
) -> None:
    """The batch that holds the places may fold records that came after the build had asked for the topics' ends."""
    history = lives(10)
    await feed.send(history, history.events)
    await renew(database, kafka, BOARD, "test")
    before = await come_so_far(database, BOARD)
    place = (partition_of("project-r0"), Topic.PROGRESS)
    async with database.driver() as owner, owner.transaction():
        await owner.fetch("select 1 from offsets where view = 'board' and partition = $1 for update", place[0])
        renewal = asyncio.create_task(renew(database, kafka, BOARD, "test"))
        await until(lambda: _waits_for_places(database), what="a change that waits")
        await feed.send(history, history.tell("project-r0", reported(77, "2023-09")))
        await owner.execute(_FOLDED_ONE, *place)
    assert (await renewal).ready
    assert await come_so_far(database, BOARD) == {**before, place: before[place] + 1}
    assert await rows_of(database, BOARD) == fold_all(BOARD, history.events)


async def test_until_then_the_view_is_read_as_it_was(database: Database, kafka: str, feed: Feed) -> None:
    history, over = lives(), asyncio.Event()
    await feed.send(history, history.events)
    expected = fold_all(BOARD, history.events)
    reads = 0

    async def reading() -> None:
        nonlocal reads
        async with database.driver() as connection:
            while not over.is_set():
                assert await connection.fetchval("select count(*) from views.board_1") == len(expected)
                reads += 1

    async with followed(database, kafka):
        await come_to(database, BOARD, history)
        reader = asyncio.create_task(reading())
        await renew(database, kafka, BOARD, "test")
        over.set()
        await reader
    assert reads > 10


async def test_what_nobody_has_followed_yet_is_left_to_the_projector(
    database: Database, kafka: str, feed: Feed
) -> None:
    """A mute build must not take what the reconcilers have to see."""
    history = lives(10)
    await feed.send(history, history.events)
    async with followed(database, kafka, COUNTED, REPORTS):
        await come_to(database, COUNTED, history)
    before, rows = await come_so_far(database, COUNTED), fold_all(COUNTED, history.events)
    await feed.send(history, history.tell("project-r0", reported(77, "2023-09")))
    built = await renew(database, kafka, COUNTED, "test")
    assert built.ready
    assert await come_so_far(database, COUNTED) == before
    assert await rows_of(database, COUNTED) == rows
    async with followed(database, kafka, COUNTED, REPORTS):
        await come_to(database, COUNTED, history)


async def test_the_next_version_comes_as_far_as_the_last_one_has(database: Database, kafka: str, feed: Feed) -> None:
    history = lives(10)
    await feed.send(history, history.events)
    async with followed(database, kafka):
        await come_to(database, BOARD, history)
    before = await come_so_far(database, BOARD)
    await feed.send(history, history.tell("project-r0", reported(77, "2023-09")))
    following = replace(BOARD, version=2)
    await renew(database, kafka, following, "test")
    assert await come_so_far(database, following) == before == await come_so_far(database, BOARD)
    assert await rows_of(database, following) == await rows_of(database, BOARD)


async def test_where_nobody_has_followed_the_view_it_comes_to_the_end(
    database: Database, kafka: str, feed: Feed
) -> None:
    history = lives(10)
    await feed.send(history, history.events)
    built = await renew(database, kafka, BOARD, "test")
    assert (built.ready, built.records) == (True, len(history.events))
    assert await rows_of(database, BOARD) == fold_all(BOARD, history.events)


class Killed(Exception):
    """A build is broken off."""


def die_half_way(done: int, total: int) -> None:
    if done > total / 3:
        raise Killed


async def test_a_build_that_is_broken_off_changes_nothing_and_can_be_continued(
    database: Database, kafka: str, feed: Feed
) -> None:
    history = lives(100)
    await feed.send(history, history.events)
    await renew(database, kafka, BOARD, "test")
    await spoiled(database)
    before = await rows_of(database, BOARD)
    with pytest.raises(Killed):
        await renew(database, kafka, BOARD, "test", progress=die_half_way, batch=50)
    assert await rows_of(database, BOARD) == before
    built = await renew(database, kafka, BOARD, "test", resume=True)
    assert 0 < built.records < len(history.events)
    assert await rows_of(database, BOARD) == fold_all(BOARD, history.events)


async def test_without_being_told_to_continue_it_begins_anew(database: Database, kafka: str, feed: Feed) -> None:
    """What was built by other code may be wrong."""
    history = lives(100)
    await feed.send(history, history.events)
    wrong = replace(BOARD, evolve=lambda row, event: replace(BOARD.evolve(row, event), title="wrong"))
    with pytest.raises(Killed):
        await renew(database, kafka, wrong, "test", progress=die_half_way, batch=50)
    built = await renew(database, kafka, BOARD, "test")
    assert built.records == len(history.events)
    assert await rows_of(database, BOARD) == fold_all(BOARD, history.events)


async def test_two_do_not_build_the_same_view(database: Database, kafka: str, feed: Feed) -> None:
    history = lives(10)
    await feed.send(history, history.events)

    async def again() -> None:
        await renew(database, kafka, BOARD, "test")

    refused: list[str] = []

    def intrude(done: int, total: int) -> None:
        if not intruders:
            intruders.append(asyncio.ensure_future(again()))

    intruders: list[asyncio.Future[None]] = []
    built = await renew(database, kafka, BOARD, "test", progress=intrude, batch=5)
    for result in await asyncio.gather(*intruders, return_exceptions=True):
        assert isinstance(result, NotReady)
        refused.append(result.code)
    assert (built.ready, refused) == (True, ["rebuild_running"])
    assert await rows_of(database, BOARD) == fold_all(BOARD, history.events)


async def test_what_stands_still_takes_no_place(database: Database, kafka: str, feed: Feed) -> None:
    history = History()
    history.tell("project-1", reported(5), reported(6))
    await feed.send(history, history.events[1:])
    await make_tables(database, [BOARD])
    built = await renew(database, kafka, BOARD, "test")
    assert [reason.partition(":")[0] for reason in built.stopped.values()] == ["gap"]
    assert await come_so_far(database, BOARD) == {}


async def test_parked_events_are_tried_again(database: Database, kafka: str, feed: Feed) -> None:
    def refusing(row: BoardRow, event: Event[Any]) -> BoardRow:
        if isinstance(event.data, ProgressReported):
            raise ZeroDivisionError
        return BOARD.evolve(row, event)

    history = lives(5)
    await feed.send(history, history.events)
    await renew(database, kafka, replace(BOARD, evolve=refusing), "test")
    async with database.driver() as connection:
        assert await connection.fetchval("select count(*) from parked where view = 'board'") > 0
    await renew(database, kafka, BOARD, "test")
    assert await rows_of(database, BOARD) == fold_all(BOARD, history.events)
    async with database.driver() as connection:
        assert await connection.fetchval("select count(*) from parked") == 0
        assert await offsets.read(connection, beside(BOARD)) == {}


@dataclass(frozen=True, slots=True)
class Other:
    """A row that has a column less than BoardRow, and one of another type."""

    title: str = ""
    year: str = ""


def title_of(row: Other, event: Event[Any]) -> Other:
    return replace(row, title=getattr(event.data, "title", row.title))


async def test_a_view_that_was_changed_without_a_new_version_is_refused_until_it_is_built_again(
    database: Database, kafka: str, feed: Feed
) -> None:
    history = lives(5)
    await feed.send(history, history.events)
    await renew(database, kafka, BOARD, "test")
    changed = View("board", 1, Other, {Topic.PROJECT: frozenset({"project"})}, title_of)
    projector = Projector(database, kafka, [changed], "test", pace=PACE)
    with pytest.raises(ViewChanged) as refusal:
        await projector.start()
    await projector.stop()
    words = str(refusal.value)
    assert "The view board was changed, and its version is still 1" in words
    assert "column year is integer in the table and text in the code" in words
    assert "column lamp is text in the table and absent in the code" in words
    assert "guatu views rebuild <service> board" in words
    await renew(database, kafka, changed, "test")
    async with followed(database, kafka, changed):
        await come_to(database, changed, history)
    assert {topic for _, topic in await come_so_far(database, changed)} == {Topic.PROJECT}


async def test_a_view_that_reads_other_categories_is_refused(database: Database) -> None:
    await make_tables(database, [BOARD])
    await make_tables(database, [BOARD])
    wider = replace(BOARD, topics={**BOARD.topics, Topic.PROGRESS: frozenset({"project", "inspection"})})
    with pytest.raises(ViewChanged) as refusal:
        await make_tables(database, [wider])
    assert (
        "the table folds progress.events.v1 (project), project.events.v1 (project) "
        "and the code folds progress.events.v1 (inspection, project), project.events.v1 (project)"
    ) in str(refusal.value)
