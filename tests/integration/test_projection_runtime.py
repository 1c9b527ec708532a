"""The runtime on a real database, fed from a tape: the place, the seeks, what stops and what goes on."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import orjson
from aiokafka import TopicPartition
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared import offsets
from shared.batch import Limits
from shared.contracts.event import Event
from shared.contracts.progress import ProgressReported
from shared.contracts.project import ProjectStarted
from shared.contracts.topics import PARTITIONS, Topic
from shared.database import Database, driver_url
from shared.offsets import Offset
from shared.parked import list_parked
from shared.partition import partition_of
from shared.projection import Projection
from shared.view import View
from shared.view_table import Kept, ViewTable, make_tables
from tests.boards import BOARD, BoardRow, Lamp
from tests.feeding import Tape, rows_of
from tests.projecting import History, fold_all, interleavings
from tests.telling import a_life, proposed, reported, submitted
from tests.waiting import until

PROJECT, PROGRESS = Topic.PROJECT, Topic.PROGRESS
QUICK = Limits(waits=(0.01, 0.01), rest=0.05, longest_rest=0.1)


async def following(
    database: Database, view: View[Any], tape: Tape, limits: Limits = QUICK, **more: Any
) -> Projection[Any]:
    await make_tables(database, [view])
    projection = Projection(database, view, "test", limits=limits, **more)
    projection.consumer = tape
    await projection.take_over(tape.assign(view))
    return projection


async def places(database: Database, view: View[Any]) -> Mapping[tuple[int, str], Offset]:
    async with database.driver() as connection:
        return await offsets.read(connection, view)


def some_projects(many: int = 30, reports: int = 3) -> History:
    history = History()
    lives = {f"project-{n}": iter([*a_life(reports)]) for n in range(many)}
    while lives:
        for key in [*lives]:
            fact = next(lives[key], None)
            if fact is None:
                del lives[key]
            else:
                history.tell(key, fact)
    return history


def place_of(key: str, topic: Topic) -> TopicPartition:
    return TopicPartition(topic.value, partition_of(key))


async def test_the_rows_are_those_of_a_plain_fold(database: Database) -> None:
    history, tape = some_projects(), Tape()
    tape.add(history, history.events)
    projection = await following(database, BOARD, tape)
    await tape.play(projection, at_a_time=37)
    assert await rows_of(database, BOARD) == fold_all(BOARD, history.events)
    assert not any(projection.lag().values())
    there = await places(database, BOARD)
    assert {tp: len(records) for tp, records in tape.records.items()} == {
        TopicPartition(topic, number): one.next for (number, topic), one in there.items() if one.next
    }


async def test_small_and_large_batches_come_to_the_same(database: Database) -> None:
    history = some_projects(60)
    for name, limits in (("together", QUICK), ("apart", replace(QUICK, together=0))):
        tape, view = Tape(), replace(BOARD, name=name)
        tape.add(history, history.events)
        await tape.play(await following(database, view, tape, limits), at_a_time=150)
        assert await rows_of(database, view) == fold_all(BOARD, history.events)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
async def test_any_order_of_the_topics_gives_the_same_rows(database: Database, data: st.DataObject) -> None:
    history = History()
    keys = [key for key in (f"project-{n}" for n in range(200)) if partition_of(key) == 0][:4]
    lives = {key: iter([*a_life(4)]) for key in keys}
    day = date(2023, 3, 1)
    for turn in data.draw(st.lists(st.integers(0, 4), min_size=10, max_size=40)):
        if turn == 4:
            day += timedelta(days=data.draw(st.integers(1, 60)))
            history.begin_day(day)
        elif (fact := next(lives[keys[turn]], None)) is not None:
            history.tell(keys[turn], fact, on=day)
    view = replace(BOARD, name=f"b{uuid4().hex[:8]}")
    tape = Tape()
    projection = await following(database, view, tape)
    for event in data.draw(interleavings(history.by_topic())):
        tape.add(history, [event], partition=0)
        if data.draw(st.booleans()):
            await tape.play(projection)
    await tape.play(projection)
    assert await rows_of(database, view) == fold_all(BOARD, history.events)


async def test_another_process_goes_on_where_the_last_one_came_to(database: Database) -> None:
    history, tape = some_projects(), Tape()
    tape.add(history, history.events[:100])
    await tape.play(await following(database, BOARD, tape))
    tape.add(history, history.events[100:])
    await tape.play(await following(database, BOARD, tape))
    assert await rows_of(database, BOARD) == fold_all(BOARD, history.events)


async def test_records_that_are_not_the_next_send_the_consumer_back(database: Database) -> None:
    history, tape = some_projects(6), Tape()
    tape.add(history, history.events)
    projection = await following(database, BOARD, tape)
    tp = place_of("project-0", PROGRESS)
    records = tape.records[tp]
    await projection.batch(records[1:])
    assert (projection.positions[tp], tape.at[tp]) == (0, 0)
    await projection.batch([records[0], *records[2:]])
    assert (projection.positions[tp], tape.at[tp]) == (0, 0)
    await projection.batch(records[:2])
    await projection.batch(records[1:])
    assert (projection.positions[tp], tape.at[tp]) == (2, 2)
    await tape.play(projection)
    assert await rows_of(database, BOARD) == fold_all(BOARD, history.events)


async def test_of_two_owners_one_moves_and_the_other_is_told_where_to(database: Database) -> None:
    history, tape, twin = some_projects(), Tape(), Tape()
    tape.add(history, history.events)
    twin.records = tape.records
    one, other = await following(database, BOARD, tape), await following(database, BOARD, twin)
    await asyncio.gather(tape.play(one, at_a_time=20), twin.play(other, at_a_time=30))
    await tape.play(one)
    await twin.play(other)
    assert await rows_of(database, BOARD) == fold_all(BOARD, history.events)
    assert {tp: n for tp, n in one.positions.items() if n} == {tp: n for tp, n in other.positions.items() if n}


async def test_a_partition_that_was_given_back_is_not_folded(database: Database) -> None:
    history, tape = some_projects(), Tape()
    tape.add(history, history.events)
    projection = await following(database, BOARD, tape)
    records = tape.next(1000)
    await projection.give_back(list(tape.at))
    await projection.batch(records)
    assert await rows_of(database, BOARD) == {}


async def test_a_gap_stops_its_partition_and_keeps_what_came_before_and_why(database: Database) -> None:
    history, tape = some_projects(), Tape()
    missing = next(e for e in history.events if e.subject == "project-3" and e.type.endswith("progress.reported.v1"))
    tape.add(history, [event for event in history.events if event is not missing])
    projection = await following(database, BOARD, tape)
    await tape.play(projection, at_a_time=50)
    tp = place_of("project-3", PROGRESS)
    place = (await places(database, BOARD))[tp.partition, tp.topic]
    assert place.stopped is not None
    assert place.stopped.startswith("gap: project-3 has version 0 of progress.events.v1")
    assert projection.stopped.keys() == {tp}
    assert tape.paused == {tp}
    assert place.next == projection.positions[tp] == tape.at[tp]
    folded = {
        record.value
        for one, records in tape.records.items()
        for record in (records[: place.next] if one == tp else records)
    }
    rows = await rows_of(database, BOARD)
    assert rows == fold_all(BOARD, [event for event in history.events if history.bodies[event.id] in folded])
    assert rows["project-3"].number is not None, "the other topic goes on"


async def test_a_stopped_partition_stays_so_for_the_next_owner_until_it_is_let_go(database: Database) -> None:
    history, tape = History(), Tape()
    history.tell("project-1", reported(5), reported(6))
    tape.add(history, history.events[1:])
    await tape.play(await following(database, BOARD, tape))
    projection = await following(database, BOARD, tape)
    tp = place_of("project-1", PROGRESS)
    assert projection.stopped[tp].in_data
    tape.records[tp].clear()
    tape.add(history, history.events)
    await projection.stand_up()
    assert tp in projection.stopped
    async with database.driver() as connection:
        assert await offsets.go_on(connection, BOARD) == [(tp.partition, tp.topic)]
    await projection.stand_up()
    await tape.play(projection)
    assert not projection.stopped
    assert (await rows_of(database, BOARD))["project-1"].percent == 6


async def test_an_event_that_cannot_be_folded_parks_its_key_alone(database: Database) -> None:
    history, tape = some_projects(), Tape()
    for event in history.events:
        body = history.bodies[event.id]
        if event.subject == "project-3" and isinstance(event.data, ProgressReported) and event.topic_version == 2:
            body = orjson.dumps({**orjson.loads(body), "data": {"month": "yesterday"}})
        tape.add_raw(event.data.topic, partition_of(event.subject), event.subject.encode(), body)
    projection = await following(database, BOARD, tape)
    await tape.play(projection, at_a_time=40)
    rows, expected = await rows_of(database, BOARD), fold_all(BOARD, history.events)
    assert not projection.stopped
    assert {key for key in expected if rows[key] != expected[key]} == {"project-3"}
    async with database.driver() as connection:
        [parked] = await list_parked(connection, BOARD)
    assert (parked.key, parked.topic, parked.topic_version) == ("project-3", PROGRESS, 2)


async def test_a_row_that_the_database_refuses_parks_its_key_alone(database: Database) -> None:
    history, tape = some_projects(), Tape()
    history.tell("project-3", proposed(title="a\0b"))
    history.tell("project-4", proposed(title="renamed"))
    tape.add(history, history.events)
    projection = await following(database, BOARD, tape)
    await tape.play(projection)
    rows, expected = await rows_of(database, BOARD), fold_all(BOARD, history.events)
    assert {key for key in expected if rows.get(key) != expected[key]} == {"project-3"}
    assert rows["project-4"].title == "renamed"
    async with database.driver() as connection:
        [parked] = await list_parked(connection, BOARD)
    assert "Unicode" in parked.error


async def test_a_row_that_cannot_be_written_as_json_parks_its_key(database: Database) -> None:
    def evolve(row: BoardRow, event: Event[Any]) -> BoardRow:
        return replace(row, trail=2**70) if event.subject == "project-3" else BOARD.evolve(row, event)

    history, tape = some_projects(), Tape()
    tape.add(history, history.events)
    await tape.play(await following(database, replace(BOARD, evolve=evolve), tape))
    async with database.driver() as connection:
        assert [parked.key for parked in await list_parked(connection, BOARD)] == ["project-3"]


async def test_too_many_parked_keys_stop_the_partition(database: Database) -> None:
    def evolve(row: BoardRow, event: Event[Any]) -> BoardRow:
        raise ZeroDivisionError

    history, tape = History(), Tape()
    keys = [key for key in (f"project-{n}" for n in range(2000)) if partition_of(key) == 5][:60]
    for key in keys:
        history.tell(key, reported(5))
    tape.add(history, history.events[:40])
    view = replace(BOARD, evolve=evolve)
    projection = await following(database, view, tape)
    await tape.play(projection)
    assert not projection.stopped, "a few keys are no measure"
    tape.add(history, history.events[40:])
    await tape.play(projection)
    stop = projection.stopped[TopicPartition(PROGRESS.value, 5)]
    assert (stop.reason, stop.in_data) == ("60 of 60 keys are parked", True)


async def test_a_few_parked_keys_among_many_stop_nothing(database: Database) -> None:
    def evolve(row: BoardRow, event: Event[Any]) -> BoardRow:
        if event.subject in bad:
            raise ZeroDivisionError
        return row

    history, tape = History(), Tape()
    keys = [key for key in (f"project-{n}" for n in range(2000)) if partition_of(key) == 5][:60]
    bad = keys[:12]
    for key in keys:
        history.tell(key, reported(5))
    tape.add(history, history.events)
    projection = await following(database, replace(BOARD, evolve=evolve), tape)
    await tape.play(projection)
    assert not projection.stopped
    assert len(await rows_of(database, BOARD)) == 48


async def test_a_version_that_is_superseded_folds_nothing_more(database: Database) -> None:
    history, tape = some_projects(), Tape()
    tape.add(history, history.events)
    projection = await following(database, BOARD, tape)
    async with database.driver() as connection:
        await connection.execute("update offsets set live = false")
    await tape.play(projection)
    assert await rows_of(database, BOARD) == {}
    assert {stop.reason for stop in projection.stopped.values()} == {"superseded by a newer version"}


async def test_an_offset_outside_of_the_topic_stops_and_says_so(database: Database) -> None:
    history, tape = some_projects(), Tape()
    tape.add(history, history.events)
    await tape.play(await following(database, BOARD, tape))
    tape.records.clear()
    projection = await following(database, BOARD, tape)
    tp = place_of("project-1", PROGRESS)
    stop = projection.stopped[tp]
    assert stop.in_data
    assert stop.reason.endswith("is outside of the topic, which has 0 to 0")
    assert (await places(database, BOARD))[tp.partition, tp.topic].stopped == stop.reason


class Busy(Tape):
    """A tape on which the process that had it goes on while the ends are being asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.meanwhile: Awaitable[None] | None = None

    async def end_offsets(self, partitions: Iterable[TopicPartition]) -> dict[TopicPartition, int]:
        ends = await super().end_offsets(partitions)
        if self.meanwhile is not None:
            await self.meanwhile
        return ends


async def test_a_partition_that_its_last_owner_is_still_folding_is_taken_over(database: Database) -> None:
    history, tape, other = some_projects(), Busy(), Tape()
    other.records = tape.records
    half = len(history.events) // 2
    tape.add(history, history.events[:half])
    owner = await following(database, BOARD, other)
    await other.play(owner)

    async def goes_on() -> None:
        tape.add(history, history.events[half:])
        await other.play(owner)

    tape.meanwhile = goes_on()
    successor = await following(database, BOARD, tape)
    tape.meanwhile = None
    assert successor.stopped == {}
    await tape.play(successor)
    assert await rows_of(database, BOARD) == fold_all(BOARD, history.events)


async def test_a_topic_made_anew_under_a_running_consumer_is_noticed(database: Database) -> None:
    history, tape = some_projects(), Tape()
    tape.add(history, history.events)
    projection = await following(database, BOARD, tape, replace(QUICK, astray=3))
    await tape.play(projection)
    tp = place_of("project-1", PROGRESS)
    wiped = tape.records[tp][:1]
    tape.records[tp] = wiped
    for _ in range(4):
        await projection.batch(wiped)
    assert tp in projection.stopped

    async def recorded() -> bool:
        await projection.stand_up()
        return projection.stopped[tp].in_data

    await until(recorded)
    assert "is outside of the topic, which has 0 to 1" in projection.stopped[tp].reason


async def test_while_the_database_refuses_the_partition_stands_and_then_goes_on_by_itself(database: Database) -> None:
    history, tape = some_projects(), Tape()
    tape.add(history, history.events)
    projection = await following(database, BOARD, tape)
    owner = await asyncpg.connect(driver_url(database.url))
    await owner.execute("revoke update on offsets from guatu_app")
    await tape.play(projection)
    assert projection.stopped
    assert not any(stop.in_data for stop in projection.stopped.values())
    assert await rows_of(database, BOARD) == {}
    await owner.execute("grant update on offsets to guatu_app")
    await owner.close()

    async def caught_up() -> bool:
        await projection.stand_up()
        await tape.play(projection)
        return not any(projection.lag().values())

    await until(caught_up)
    assert await rows_of(database, BOARD) == fold_all(BOARD, history.events)


@asynccontextmanager
async def cutting(database: Database) -> AsyncIterator[list[int]]:
    """End sessions of the database at any moment, as often as can be."""
    ended = [0]
    owner = await asyncpg.connect(driver_url(database.url))

    async def cut() -> None:
        while True:
            ended[0] += len(
                await owner.fetch(
                    "select pg_terminate_backend(pid) from pg_stat_activity"
                    " where application_name = $1 and state <> 'idle' order by random() limit 1",
                    database.name,
                )
            )
            await asyncio.sleep(0.1)

    task = asyncio.create_task(cut())
    try:
        yield ended
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await owner.close()


async def test_cut_connections_neither_lose_nor_double_anything(database: Database) -> None:
    history, tape = some_projects(60, 6), Tape()
    tape.add(history, history.events)
    projection = await following(database, BOARD, tape, replace(QUICK, together=20))
    async with cutting(database) as ended:

        async def caught_up() -> bool:
            await projection.stand_up()
            await tape.play(projection, at_a_time=60)
            return not any(projection.lag().values())

        async def tried() -> bool:
            try:
                return await caught_up()
            except Exception:
                return False

        await until(tried, within=60)
    assert ended[0] > 0
    assert await rows_of(database, BOARD) == fold_all(BOARD, history.events)


async def test_lamps_change_on_their_days(database: Database) -> None:
    history, tape = History(), Tape()
    keys = [key for key in (f"project-{n}" for n in range(200)) if partition_of(key) == 3][:2]
    history.tell(keys[0], proposed(), submitted(date(2023, 4, 1), date(2023, 9, 1)))
    history.tell(keys[1], proposed(), submitted(date(2023, 6, 1), date(2023, 9, 1)))
    tape.add(history, history.events)
    projection = await following(database, BOARD, tape)
    await tape.play(projection)
    days = History()
    for n in range(120):
        days.begin_day(date(2023, 3, 1) + timedelta(days=n), partition=3)
    by_topic = days.by_topic()
    tape.add(days, by_topic[PROJECT], partition=3)
    tape.add(days, by_topic[PROGRESS][:40], partition=3)
    await tape.play(projection)
    rows = await rows_of(database, BOARD)
    assert [rows[key].lamp for key in keys] == [Lamp.RED, Lamp.GREEN]
    late = History()
    late.parts[keys[0], PROGRESS] = late.parts[keys[1], PROGRESS] = 0
    late.tell(keys[0], ProgressReported(month="2023-04", percent=Decimal(50)))
    tape.add(late, late.events)
    await tape.play(projection)
    assert (await rows_of(database, BOARD))[keys[0]].lamp is Lamp.GREEN
    tape.add(days, by_topic[PROGRESS][40:], partition=3)
    await tape.play(projection)
    rows = await rows_of(database, BOARD)
    assert [rows[key].lamp for key in keys] == [Lamp.GREEN, Lamp.RED]
    there = await places(database, BOARD)
    assert there[3, PROJECT].day == there[3, PROGRESS].day == date(2023, 6, 28)


async def test_a_view_without_lamps_notes_the_days_all_the_same(database: Database) -> None:
    days, tape = History(), Tape()
    days.begin_day(date(2023, 4, 1), partition=3)
    tape.add(days, days.events, partition=3)
    view = replace(BOARD, settle=None, next_due=None)
    await tape.play(await following(database, view, tape))
    assert (await places(database, view))[3, PROJECT].day == date(2023, 4, 1)


async def test_tables_are_made_once_by_many_at_once(database: Database) -> None:
    views = [replace(BOARD, name=f"v{n}") for n in range(3)]
    await asyncio.gather(*(make_tables(database, views) for _ in range(5)))
    async with database.driver() as connection:
        made = await connection.fetch("select tablename from pg_tables where schemaname = 'views'")
        indexes = await connection.fetch("select indexname from pg_indexes where tablename = 'v0_1'")
    assert {row[0] for row in made} == {"v0_1", "v1_1", "v2_1"}
    assert {row[0] for row in indexes} == {"v0_1_pkey", "v0_1_county_year", "v0_1_partition_next_due"}


@dataclass(frozen=True, slots=True)
class Everything:
    """A row of every kind of column."""

    text: str = ""
    order: int = 0
    flag: bool = False
    exact: Decimal = Decimal(0)
    day: date | None = None
    moment: datetime | None = None
    id: UUID | None = None
    lamp: Lamp = Lamp.NONE
    tags: frozenset[str] = frozenset()
    by_lamp: dict[Lamp, Decimal] | None = None
    nested: tuple[tuple[str, Decimal], ...] = ()


async def test_every_kind_of_column_comes_back_as_it_was_written(database: Database) -> None:
    view = View("everything", 1, Everything, {PROJECT: frozenset({"project"})}, lambda row, event: row)
    full = Everything(
        text="挂图 'a' \"b\" \\ \n",
        order=-5,
        flag=True,
        exact=Decimal("56.80"),
        day=date(2023, 8, 22),
        moment=datetime.fromisoformat("2023-08-22T01:02:03.456789+00:00"),
        id=uuid4(),
        lamp=Lamp.RED,
        tags=frozenset({"b", "a"}),
        by_lamp={Lamp.RED: Decimal("0.1")},
        nested=(("x", Decimal("19.22")),),
    )
    await make_tables(database, [view])
    table = ViewTable(view)
    async with database.driver() as connection:
        await table.upsert(
            connection, [Kept("project-1", 3, full, [7], date(2024, 1, 1)), Kept("project-2", 3, Everything(), [1])]
        )
        rows, _ = await table.load(connection, ["project-1", "project-2", "project-3"])
        again = rows["project-1"]
        await table.upsert(connection, [again])
        rows, _ = await table.load(connection, ["project-1", "project-2", "project-3"])
    assert rows["project-1"] == Kept("project-1", 3, full, [7], date(2024, 1, 1))
    assert str(rows["project-1"].row.exact) == "56.80"
    assert rows["project-2"].row == Everything()
    assert "project-3" not in rows


def test_the_samples_are_of_twelve_partitions() -> None:
    assert {partition_of(f"project-{n}") for n in range(300)} == set(range(PARTITIONS))
    assert ProjectStarted().topic is PROJECT
