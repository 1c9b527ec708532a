"""Reconcilers: what should be against what the streams hold, appended exactly once with the view's own place."""

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4, uuid5

import asyncpg

from shared import clock
from shared.appender import Appender
from shared.batch import Limits
from shared.command import Aggregate
from shared.contracts.alert import AlertCleared, AlertRaised, AlertUpdated, Lamp
from shared.contracts.chain import extend, genesis
from shared.contracts.event import Context, Event
from shared.contracts.topics import PARTITIONS, Topic
from shared.contracts.values import StreamId
from shared.database import Database
from shared.parked import retry
from shared.partition import partition_of
from shared.projection import Projection
from shared.reconcile import ACTOR, Reaction, Reactions, Reconciler, reaction_id
from shared.store import Outcome, Stream, load, load_many, make_item
from shared.view_table import make_tables
from tests import boards
from tests.boards import BOARD, BoardRow
from tests.feeding import Tape, rows_of
from tests.integration.test_projection_runtime import cutting
from tests.projecting import History, Told
from tests.telling import a_life, proposed, reported, submitted
from tests.waiting import until

SOURCE = "/guatu/alerts"
QUICK = Limits(waits=(0.01, 0.05, 0.1), rest=0.05, longest_rest=0.1)


@dataclass(frozen=True, slots=True)
class Alert:
    """An alert's stream: its last episode, and whether it is open."""

    episode: int = 0
    open: bool = False


def evolve_alert(state: Alert, event: Event[Any]) -> Alert:
    match event.data:
        case AlertRaised() as e:
            return Alert(e.episode, open=True)
        case AlertCleared():
            return replace(state, open=False)
        case _:
            return state


def alert_of(key: str) -> StreamId:
    return StreamId(f"alert-behind-{key}")


def raised(row: BoardRow, key: StreamId, episode: int) -> AlertRaised:
    return AlertRaised(
        rule="behind",
        subject=key.removeprefix("project-"),
        owner=row.owner or "340822100",
        county=row.county or "340822",
        episode=episode,
        lamp=Lamp.RED,
        title="落后",
        text="落后于计划",
        as_of=date(2023, 4, 1),
    )


def react(key: StreamId, row: BoardRow, states: Mapping[StreamId, Alert]) -> Sequence[Reaction]:
    stream = alert_of(key)
    held, wanted = states[stream], row.lamp is boards.Lamp.RED
    if wanted and not held.open:
        return [Reaction(stream, raised(row, key, held.episode + 1), f"behind/{key}/{held.episode + 1}/raised")]
    if held.open and not wanted:
        cleared = AlertCleared(episode=held.episode, text="赶上", as_of=date(2023, 4, 1))
        return [Reaction(stream, cleared, f"behind/{key}/{held.episode}/cleared")]
    return []


BEHIND = Reconciler(
    view=BOARD,
    aggregate=Aggregate("alert", Alert(), evolve_alert),
    streams=lambda key, row: [alert_of(key)],
    react=react,
    org=lambda row: row.county,
    relevant=lambda before, after: before.lamp is not after.lamp,
)


async def folding(
    database: Database, tape: Tape, *reconcilers: Reconciler[Any, Any], limits: Limits = QUICK
) -> Projection[Any]:
    await make_tables(database, [BOARD])
    projection = Projection(database, BOARD, "alerts", reconcilers=reconcilers, limits=limits)
    projection.consumer = tape
    await projection.take_over(tape.assign(BOARD))
    return projection


def behind(*keys: str) -> History:
    """Projects that nobody reports on, a milestone being due on 1 April; every day begins up to 2 April."""
    history = History()
    for key in keys:
        history.tell(key, proposed(), submitted(date(2023, 4, 1), date(2023, 9, 1)))
    return history


def days(tape: Tape, *begin: date, numbers: Sequence[int] = range(PARTITIONS)) -> list[Told]:
    history = History()
    told: list[Told] = []
    for day in begin:
        for number in numbers:
            events = history.begin_day(day, partition=number)
            tape.add(history, events, partition=number)
            told += events
    return told


async def streams(database: Database) -> dict[str, Stream]:
    async with database.driver() as connection:
        names = [row[0] for row in await connection.fetch("select stream from streams")]
        return {str(name): stream for name, stream in (await load_many(connection, names)).items()}


async def alert(database: Database, key: str) -> list[Any]:
    async with database.driver() as connection:
        return [event.data for event in (await load(connection, alert_of(key))).events]


async def test_an_alert_is_raised_on_its_day_and_cleared_by_a_report(database: Database) -> None:
    history, tape = behind("project-1"), Tape()
    tape.add(history, history.events)
    projection = await folding(database, tape, BEHIND)
    await tape.play(projection)
    days(tape, date(2023, 4, 1))
    await tape.play(projection)
    assert await alert(database, "project-1") == []
    days(tape, date(2023, 4, 2))
    await tape.play(projection)
    assert [type(fact) for fact in await alert(database, "project-1")] == [AlertRaised]
    tape.add(history, history.tell("project-1", reported(50)))
    await tape.play(projection)
    assert [type(fact) for fact in await alert(database, "project-1")] == [AlertRaised, AlertCleared]


async def test_a_reaction_says_why_when_and_for_whom(database: Database) -> None:
    history, tape = behind("project-1"), Tape()
    number = partition_of("project-1")
    tape.add(history, history.events)
    began = days(tape, date(2023, 4, 1), date(2023, 4, 2), numbers=[number])
    projection = await folding(database, tape, BEHIND)
    await tape.play(projection)
    [cause] = history.tell("project-1", reported(50), on=date(2023, 4, 5))
    tape.add(history, [cause])
    await tape.play(projection)
    async with database.driver() as connection:
        stream = await load(connection, alert_of("project-1"))
        topics = [row[0] for row in await connection.fetch("select topic from outbox order by id")]
    raising, clearing = stream.events
    assert (raising.source, raising.actor, raising.org) == (SOURCE, ACTOR, "340822")
    assert (raising.effective, raising.time) == (date(2023, 4, 2), clock.start_of(date(2023, 4, 2)))
    assert raising.causation_id in {str(event.id) for event in began if event.data.day == date(2023, 4, 2)}
    assert raising.id == uuid5(reaction_id(SOURCE, "behind/project-1/1/raised"), "0")
    assert (clearing.effective, clearing.time) == (date(2023, 4, 5), cause.time)
    assert (clearing.causation_id, clearing.correlation_id) == (str(cause.id), cause.correlation_id)
    assert topics == [Topic.ALERT, Topic.ALERT]


async def test_many_days_in_one_batch_react_day_by_day(database: Database) -> None:
    number = partition_of("project-1")
    history, tape, calendar = behind("project-1"), Tape(), History()
    projection = await folding(database, tape, BEHIND)
    for day in (date(2023, 4, 1), date(2023, 4, 2), date(2023, 9, 2)):
        calendar.begin_day(day, partition=number)
    of_projects, of_progress = (calendar.by_topic()[topic] for topic in (Topic.PROJECT, Topic.PROGRESS))
    tape.add(history, history.events)
    tape.add(calendar, of_projects, partition=number)
    await tape.play(projection)
    tape.add(calendar, of_progress[:2], partition=number)
    tape.add(history, history.tell("project-1", reported(60)))
    tape.add(calendar, of_progress[2:], partition=number)
    await tape.play(projection)
    facts = await alert(database, "project-1")
    assert [type(fact) for fact in facts] == [AlertRaised, AlertCleared, AlertRaised]
    assert [fact.episode for fact in facts] == [1, 1, 2]


async def test_a_rebuild_is_mute(database: Database) -> None:
    history, tape = behind("project-1"), Tape()
    tape.add(history, history.events)
    days(tape, date(2023, 4, 1), date(2023, 4, 2))
    await tape.play(await folding(database, tape))
    assert (await rows_of(database, BOARD))["project-1"].lamp is boards.Lamp.RED
    assert await streams(database) == {}


async def test_two_rules_write_one_stream_in_one_item(database: Database) -> None:
    def note(key: StreamId, row: BoardRow, states: Mapping[StreamId, Alert]) -> Sequence[Reaction]:
        stream = alert_of(key)
        if row.lamp is boards.Lamp.RED and states[stream].episode == 1:
            return [Reaction(stream, raised(row, key, 2), f"other/{key}/2")]
        return []

    other = replace(BEHIND, react=note)
    history, tape = behind("project-1", "project-2"), Tape()
    tape.add(history, history.events)
    days(tape, date(2023, 4, 1), date(2023, 4, 2))
    await tape.play(await folding(database, tape, BEHIND, other))
    there = await streams(database)
    assert {name: [e.data.episode for e in stream.events] for name, stream in there.items()} == {
        alert_of("project-1"): [1, 2],
        alert_of("project-2"): [1, 2],
    }
    await chained(database)


async def test_what_does_not_matter_to_a_rule_is_not_looked_at(database: Database) -> None:
    asked: list[str] = []

    def streams_of(key: StreamId, row: BoardRow) -> Sequence[StreamId]:
        asked.append(key)
        return [alert_of(key)]

    history, tape = History(), Tape()
    for n in range(20):
        history.tell(f"project-{n}", *a_life(3))
    tape.add(history, history.events)
    await tape.play(await folding(database, tape, replace(BEHIND, streams=streams_of)))
    assert asked == []


async def test_a_reaction_to_a_stream_that_was_not_asked_for_is_a_fault(database: Database) -> None:
    history, tape = behind("project-1"), Tape()
    tape.add(history, history.events)
    number = partition_of("project-1")
    days(tape, date(2023, 4, 1), date(2023, 4, 2), numbers=[number])
    wrong = replace(
        BEHIND,
        streams=lambda key, row: [StreamId("alert-other-1")],
        react=lambda key, row, states: react(key, row, {alert_of(key): Alert()}),
    )
    projection = await folding(database, tape, wrong)
    await tape.play(projection)
    assert any("which was not asked for" in stop.reason for stop in projection.stopped.values())
    assert await streams(database) == {}


async def test_a_second_reaction_of_one_business_key_fails_loudly(database: Database) -> None:
    """The tripwire: it would be a fault of the rule, and nothing of its batch is kept."""
    number = partition_of("project-1")
    history, tape = behind("project-1"), Tape()
    tape.add(history, history.events)
    days(tape, date(2023, 4, 1), date(2023, 4, 2), numbers=[number])

    def forgetful(key: StreamId, row: BoardRow, states: Mapping[StreamId, Alert]) -> Sequence[Reaction]:
        return react(key, row, {alert_of(key): Alert()})

    projection = await folding(database, tape, replace(BEHIND, react=forgetful, relevant=lambda before, after: True))
    await tape.play(projection)
    tape.add(history, history.tell("project-1", reported(5)))
    await tape.play(projection)
    [stop] = projection.stopped.values()
    assert "UniqueViolationError" in stop.reason
    assert (await rows_of(database, BOARD))["project-1"].percent == 0
    assert len(await alert(database, "project-1")) == 1


async def test_what_is_unparked_is_reconciled(database: Database) -> None:
    def refuses(row: BoardRow, event: Event[Any]) -> BoardRow:
        if event.data.topic is Topic.PROGRESS:
            raise ZeroDivisionError
        return BOARD.evolve(row, event)

    history, tape = behind("project-1"), Tape()
    number = partition_of("project-1")
    tape.add(history, history.events)
    days(tape, date(2023, 4, 1), date(2023, 4, 2), numbers=[number])
    await tape.play(await folding(database, tape, BEHIND))
    tape.add(history, history.tell("project-1", reported(50)))
    faulty = replace(BOARD, evolve=refuses)
    projection = Projection(database, faulty, "alerts", reconcilers=[replace(BEHIND, view=faulty)])
    projection.consumer = tape
    await projection.take_over(tape.assign(BOARD))
    await tape.play(projection)
    assert len(await alert(database, "project-1")) == 1
    async with database.driver() as connection:
        result = await retry(connection, BOARD, "project-1", Reactions(BOARD, [BEHIND], SOURCE))
    assert (result.folded, result.left) == (1, 0)
    assert [type(fact) for fact in await alert(database, "project-1")] == [AlertRaised, AlertCleared]


async def test_the_outbox_is_told_of_reactions(database: Database) -> None:
    told: list[str] = []
    history, tape = behind("project-1"), Tape()
    tape.add(history, history.events)
    await make_tables(database, [BOARD])
    projection = Projection(
        database,
        BOARD,
        "alerts",
        reconcilers=[BEHIND],
        changed=lambda: told.append("view"),
        appended=lambda: told.append("outbox"),
    )
    projection.consumer = tape
    await projection.take_over(tape.assign(BOARD))
    await tape.play(projection)
    assert set(told) == {"view"}
    days(tape, date(2023, 4, 1), date(2023, 4, 2))
    await tape.play(projection)
    assert "outbox" in told


async def chained(database: Database) -> None:
    """Every stream's versions are dense and its chain is that of its bodies, in one item a batch or many."""
    async with database.driver() as connection:
        rows = await connection.fetch("select stream, version, body from events order by stream, version")
        heads = {row["stream"]: row for row in await connection.fetch("select * from streams")}
        outbox = await connection.fetchval("select count(*) from outbox")
    assert outbox == len(rows)
    by_stream: dict[str, list[asyncpg.Record]] = {}
    for row in rows:
        by_stream.setdefault(row["stream"], []).append(row)
    assert by_stream.keys() == heads.keys()
    for name, events in by_stream.items():
        assert [event["version"] for event in events] == list(range(1, len(events) + 1))
        assert heads[name]["version"] == len(events)
        assert heads[name]["head"] == extend(genesis(SOURCE, name), [event["body"] for event in events])


async def test_every_reaction_happens_once_among_twins_cut_sessions_and_other_writers(database: Database) -> None:
    """Two owners of every partition, commands on the same streams at the same time, sessions ended at random."""
    keys = [f"project-{n}" for n in range(100)]
    history, tape, twin = behind(*keys), Tape(), Tape()
    twin.records = tape.records
    owners = [(await folding(database, own, BEHIND), own) for own in (tape, twin)]
    appender = Appender(database)
    await appender.start()
    done = asyncio.Event()
    writers = [asyncio.create_task(_look_at(database, appender, keys[n::6], done)) for n in range(6)]
    async with cutting(database) as ended:
        tape.add(history, history.events)
        days(tape, *(date(2023, 4, 1) + timedelta(days=n) for n in range(4)))
        await asyncio.gather(*(until(lambda o=o: _caught_up(*o), within=90) for o in owners))
        for n, key in enumerate(keys):
            tape.add(history, history.tell(key, reported(50 if n % 2 else 10)))
        await asyncio.gather(*(until(lambda o=o: _caught_up(*o), within=90) for o in owners))
    done.set()
    commands = [command for written in await asyncio.gather(*writers) for command in written]
    await appender.stop()
    assert ended[0] > 0
    assert commands
    await chained(database)
    there = await streams(database)
    for n, key in enumerate(keys):
        reactions = [event.data for event in there[alert_of(key)].events if event.actor == ACTOR]
        expected = [AlertRaised, AlertCleared] if n % 2 else [AlertRaised]
        assert [type(fact) for fact in reactions] == expected, key
    written = [e.correlation_id for stream in there.values() for e in stream.events if e.actor != ACTOR]
    assert Counter(commands) <= Counter(written)
    assert len(written) == len(set(written))


async def _caught_up(projection: Projection[Any], tape: Tape) -> bool:
    try:
        await projection.stand_up()
    except Exception:
        return False
    await tape.play(projection, at_a_time=30)
    return not any(projection.lag().values())


async def _look_at(database: Database, appender: Appender, keys: Sequence[str], done: asyncio.Event) -> list[str]:
    """Write to the alerts' streams whatever the rule does with them; gives the commands that were acknowledged."""
    acknowledged: list[str] = []
    while not done.is_set():
        for key in keys:
            try:
                async with database.driver() as connection:
                    stream = await load(connection, alert_of(key))
            except Exception:
                continue
            fact = AlertUpdated(episode=1, lamp=Lamp.RED, text="看过", as_of=date(2023, 4, 1))
            context = Context(uuid4(), SOURCE, datetime.now(UTC), "p-1", "340822", date(2023, 4, 1))
            verdict = await appender.append(make_item(stream, [fact], context))
            if verdict.outcome is Outcome.OK:
                acknowledged.append(str(context.command_id))
    return acknowledged


def test_a_business_key_has_one_id_in_its_service_for_ever() -> None:
    key = "behind/project-1/1/raised"
    assert reaction_id(SOURCE, key) == UUID("dc86f79c-0cb7-595a-b24d-f1a118631991")
    assert reaction_id("/guatu/scoring", key) != reaction_id(SOURCE, key) != reaction_id(SOURCE, key + "/")
