"""The relay between a real PostgreSQL and a real Kafka: what it promises to those who read the topics."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from datetime import UTC, date, datetime
from uuid import uuid4

import asyncpg
import pytest
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from prometheus_client import REGISTRY

from infra import topics
from shared import relay as relay_module
from shared.appender import Appender
from shared.contracts import progress, project
from shared.contracts.event import Context, EventData
from shared.contracts.reference import PersonRegistered
from shared.contracts.topics import PARTITIONS, Topic
from shared.contracts.values import StreamId
from shared.database import Database, driver_url
from shared.metrics import OUTBOX_AGE
from shared.partition import partition_of
from shared.publisher import Message, Publisher, Sent, TopicsNotReady
from shared.relay import Relay
from shared.store import Item, Outcome, Stream, append_in, make_item
from tests.chaos.relay_topics import Tail
from tests.servers import free_port
from tests.waiting import until

DAY = date(2023, 8, 22)


def item(stream: str, *facts: EventData, after: Item | None = None, partition: int | None = None) -> Item:
    """Facts of a stream, `after` those that were appended last."""
    id = StreamId(stream)
    stood = Stream(id, after.version, after.topic_versions, after.head) if after else Stream(id)
    context = Context(uuid4(), "/guatu/test", datetime.now(UTC), "p-1", "340822", DAY)
    return make_item(stood, facts or (PersonRegistered(name="甲"),), context, partition=partition)


def with_body(of: Item, body: bytes) -> Item:
    """The same item with other bytes in its only event."""
    return replace(of, events=(of.events[0]._replace(body=body),))


def a_stream(of: str = "person") -> str:
    return f"{of}-{uuid4()}"


async def append(database: Database, *items: Item) -> None:
    """Append without telling the relay."""
    async with database.driver() as connection:
        verdicts = await append_in(connection, items)
    assert {verdict.outcome for verdict in verdicts} == {Outcome.OK}


async def outbox(database: Database) -> list[str]:
    async with database.driver() as connection:
        return [row["stream"] for row in await connection.fetch("select stream from outbox order by id")]


async def drained(database: Database) -> None:
    async def is_empty() -> bool:
        return not await outbox(database)

    await until(is_empty)


async def leads(relay: Relay) -> None:
    async def leading() -> bool:
        return relay.leading

    await until(leading)


def metric(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(name, labels) or 0


@asynccontextmanager
async def running(relay: Relay) -> AsyncIterator[Relay]:
    task = asyncio.create_task(relay.run())
    try:
        yield relay
    finally:
        await relay.stop()
        await task


@pytest.fixture
async def tail(kafka: str) -> Tail:
    """What comes into the platform's topics from now on."""
    await topics.apply(kafka)
    tail = Tail(kafka, list(Topic))
    await tail.start()
    return tail


@asynccontextmanager
async def a_topic(kafka: str, partitions: int = PARTITIONS, **config: str) -> AsyncIterator[str]:
    """A topic of the test's own."""
    name = f"test-{uuid4()}"
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka)
    await admin.start()
    try:
        await make_topic(admin, name, partitions, **config)
        yield name
        await admin.delete_topics([name])
    finally:
        await admin.close()


async def make_topic(admin: AIOKafkaAdminClient, name: str, partitions: int = PARTITIONS, **config: str) -> None:
    settings = {key.replace("_", "."): value for key, value in config.items()}
    await admin.create_topics([NewTopic(name, partitions, 1, topic_configs=settings)])

    async def is_led() -> bool:
        [answer] = await admin.describe_topics([name])
        parts = answer["partitions"]
        return len(parts) == partitions and all(partition["leader"] >= 0 for partition in parts)

    await until(is_led)


async def send_to(database: Database, topic: str) -> None:
    """Have what is in the outbox published to another topic than its own; only the owner may."""
    owner = await asyncpg.connect(driver_url(database.url))
    await owner.execute("update outbox set topic = $1", topic)
    await owner.close()


async def test_what_was_appended_is_published_as_it_was_stored(database: Database, kafka: str, tail: Tail) -> None:
    people = [item(a_stream(), PersonRegistered(name="甲"), PersonRegistered(name="乙")) for _ in range(20)]
    await append(database, *people)
    async with running(Relay(database, kafka, "test")):
        await drained(database)
    records = await tail.records()
    stored = {person.stream: [event.body for event in person.events] for person in people}
    assert {key: [r.value for r in records if r.key == key] for key in stored} == stored
    assert all(record.partition == partition_of(record.key) for record in records)
    assert {record.headers["content-type"] for record in records} == {b"application/cloudevents+json"}


async def test_positions_are_dense_and_each_message_has_its_own(database: Database, kafka: str, tail: Tail) -> None:
    await append(database, *(item(a_stream()) for _ in range(2 * relay_module.ROUND + 7)))
    async with running(Relay(database, kafka, "test")):
        await drained(database)
        await append(database, item(a_stream()))
        await drained(database)
    async with database.driver() as connection:
        log = await connection.fetch("select pos, stream from log order by pos")
    assert [row["pos"] for row in log] == list(range(2 * relay_module.ROUND + 8))
    assert {(r.pos, r.key) for r in await tail.records()} == {(row["pos"], row["stream"]) for row in log}


async def test_the_events_of_a_stream_go_each_to_its_topic(database: Database, kafka: str, tail: Tail) -> None:
    stream = a_stream("project")
    facts = [project.DayBegan(day=DAY), progress.DayBegan(day=DAY), project.DayBegan(day=DAY)]
    await append(database, item(stream, *facts))
    async with running(Relay(database, kafka, "test")):
        await drained(database)
    records = await tail.records()
    assert [(r.topic, r.pos) for r in sorted(records, key=lambda r: r.pos)] == [
        (Topic.PROJECT, 0),
        (Topic.PROGRESS, 1),
        (Topic.PROJECT, 2),
    ]
    assert {record.partition for record in records} == {partition_of(stream)}


async def test_the_outbox_may_say_the_partition(database: Database, kafka: str, tail: Tail) -> None:
    items = [item(a_stream(), partition=partition) for partition in range(PARTITIONS)]
    await append(database, *items)
    async with running(Relay(database, kafka, "test")):
        await drained(database)
    assert {(r.key, r.partition) for r in await tail.records()} == {(i.stream, i.partition) for i in items}


async def test_messages_longer_than_a_batch_keep_their_order(database: Database, kafka: str, tail: Tail) -> None:
    stream, last = a_stream(), None
    bodies = [b"%d" % n + b"x" * size for n, size in enumerate((100, 1_500_000, 500_000, 500_000, 1_900_000, 100))]
    for body in bodies:
        last = with_body(item(stream, after=last), body)
        await append(database, last)
    async with running(Relay(database, kafka, "test")):
        await drained(database)
    assert [record.value for record in await tail.records()] == bodies


async def test_an_append_wakes_the_relay(
    database: Database, kafka: str, tail: Tail, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relay_module, "POLL_SECONDS", 3600)
    appender = Appender(database)
    await appender.start()
    async with running(Relay(database, kafka, "test")) as relay:
        await leads(relay)
        for _ in range(5):
            await appender.append(item(a_stream()))
            await drained(database)
    await appender.stop()
    assert len(await tail.records()) == 5


async def test_what_was_not_told_is_found(database: Database, kafka: str, tail: Tail) -> None:
    async with running(Relay(database, kafka, "test")) as relay:
        await leads(relay)
        await append(database, item(a_stream()))
        await drained(database)
    assert len(await tail.records()) == 1


async def test_of_two_relays_one_leads_and_the_other_takes_over(database: Database, kafka: str, tail: Tail) -> None:
    first, second = Relay(database, kafka, "test"), Relay(database, kafka, "test")
    async with AsyncExitStack() as later:
        async with running(first):
            await leads(first)
            await later.enter_async_context(running(second))
            await append(database, item(a_stream()))
            await drained(database)
            assert (first.leading, second.leading) == (True, False)
        await leads(second)
        await append(database, item(a_stream()))
        await drained(database)
    assert len(await tail.records()) == 2


async def end_sessions(database: Database, name: str) -> int:
    """End every session of an application, as a restart of the server does."""
    owner = await asyncpg.connect(driver_url(database.url))
    ended = await owner.fetch(
        "select pg_terminate_backend(pid) from pg_stat_activity where application_name = $1", name
    )
    await owner.close()
    return len(ended)


async def test_a_leader_whose_sessions_are_ended_begins_again(database: Database, kafka: str, tail: Tail) -> None:
    own = Database(database.url, name=f"relay-{uuid4()}")
    async with running(Relay(own, kafka, "test")) as relay:
        for _ in range(3):
            await leads(relay)
            assert await end_sessions(database, own.name) > 0
            await append(database, item(a_stream()))
            await drained(database)
    assert len({record.key for record in await tail.records()}) == 3


class Standing(Relay):
    """A leader that stands still."""

    async def _round(self, session: asyncpg.Connection, publisher: Publisher) -> int:
        await asyncio.Event().wait()
        return 0


async def test_a_leader_that_stands_still_loses_its_lock(
    database: Database, kafka: str, tail: Tail, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relay_module, "IDLE_MILLISECONDS", 700)
    await append(database, item(a_stream()))
    async with running(Standing(database, kafka, "test")) as standing:
        await leads(standing)
        async with running(Relay(database, kafka, "test")):
            await drained(database)
    assert len(await tail.records()) == 1


async def test_a_leader_that_loses_only_its_listening_session_listens_again(
    database: Database, kafka: str, tail: Tail
) -> None:
    admin = await asyncpg.connect(driver_url(database.url))

    async def listening() -> list[int]:
        rows = await admin.fetch(
            "select pid from pg_stat_activity"
            " where datname = current_database() and query ilike 'listen %guatu_outbox%'"
        )
        return [row["pid"] for row in rows]

    async with running(Relay(database, kafka, "test")) as relay:
        await leads(relay)
        [old] = await listening()
        await admin.execute("select pg_terminate_backend($1)", old)

        async def anew() -> bool:
            return bool(set(await listening()) - {old})

        await until(anew)
    await admin.close()


class Interrupted(Relay):
    """Its first round ends after the positions are given, and waits there for `go_on`."""

    taken: asyncio.Event
    go_on: asyncio.Event

    async def _publish(self, session: asyncpg.Connection, publisher: Publisher, messages: Sequence[Message]) -> None:
        if not self.taken.is_set():
            self.taken.set()
            await self.go_on.wait()
            raise ConnectionResetError
        await super()._publish(session, publisher, messages)


async def test_positions_tell_the_order_of_publishing_also_after_an_error(
    database: Database, kafka: str, tail: Tail
) -> None:
    early, late = a_stream(), a_stream()
    relay = Interrupted(database, kafka, "test")
    relay.taken, relay.go_on = asyncio.Event(), asyncio.Event()
    async with database.driver() as slow, slow.transaction():
        await append_in(slow, [item(late, partition=0)])  # the older row of the outbox, seen later
        await append(database, item(early, partition=0))
        task = asyncio.create_task(relay.run())
        await relay.taken.wait()
    relay.go_on.set()
    await drained(database)
    await relay.stop()
    await task
    assert [(record.key, record.pos) for record in await tail.records()] == [(early, 0), (late, 1)]


async def test_absent_topics_are_named_and_waited_for(database: Database, kafka: str, tail: Tail) -> None:
    name = f"test-{uuid4()}"
    await append(database, item(a_stream()))
    errors = metric("guatu_relay_errors_total", error="TopicsNotReady")
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka)
    await admin.start()

    async def complained() -> bool:
        return metric("guatu_relay_errors_total", error="TopicsNotReady") >= errors + 2

    async with running(Relay(database, kafka, "test", topics=[name])) as relay:
        await until(complained)
        assert not relay.leading
        assert len(await outbox(database)) == 1
        await make_topic(admin, name)
        await drained(database)
    await admin.delete_topics([name])
    await admin.close()
    assert len(await tail.records()) == 1


async def test_a_topic_with_another_number_of_partitions_is_refused(kafka: str) -> None:
    async with a_topic(kafka, partitions=3) as name:
        publisher = Publisher(kafka, client_id="test")
        with pytest.raises(TopicsNotReady, match=f"guatu topics apply.*{name} has 3"):
            await publisher.start([name])
        await publisher.discard()


async def test_a_refused_message_is_not_overtaken_and_holds_up_only_its_partition(
    database: Database, kafka: str
) -> None:
    async with a_topic(kafka, max_message_bytes="5000") as name:
        tail = Tail(kafka, [name])
        await tail.start()
        stream, last, bodies = a_stream(), None, [b"1", b"2" * 9000, b"3"]
        for body in bodies:
            last = with_body(item(stream, after=last, partition=0), body)
            await append(database, last)
        others = [item(a_stream(), partition=partition) for partition in range(1, PARTITIONS)]
        await append(database, *others)
        await send_to(database, name)
        errors = metric("guatu_relay_errors_total", error="MessageSizeTooLargeError")

        async def refused() -> bool:
            return metric("guatu_relay_errors_total", error="MessageSizeTooLargeError") >= errors + 3

        async with running(Relay(database, kafka, "test")):
            await until(refused)
            assert await outbox(database) == [stream] * 3
            assert sorted(record.key for record in await tail.records()) == sorted(other.stream for other in others)
            await allow(kafka, name, "100000")
            await drained(database)
        assert [record.value for record in await tail.records() if record.key == stream] == bodies


async def allow(kafka: str, topic: str, size: str) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka)
    await admin.start()
    await admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, topic, {"max.message.bytes": size})])
    await admin.close()


async def test_within_a_partition_a_batch_waits_for_the_one_before(kafka: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shared.publisher.BATCH_BYTES", 1000)
    async with a_topic(kafka, max_message_bytes="5000") as name:
        tail = Tail(kafka, [name])
        await tail.start()
        publisher = Publisher(kafka, client_id="test")
        await publisher.start([name])
        sizes = [600, 600, 600, 9000, 600, 600]
        messages = [Message(n, n, b"k", name, 0, b"x" * size) for n, size in enumerate(sizes)]
        sent = await publisher.publish(messages)
        await publisher.discard()
        assert [message.id for message in sent.confirmed] == [0, 1, 2]
        assert type(sent.error).__name__ == "MessageSizeTooLargeError"
        assert [record.pos for record in await tail.records()] == [0, 1, 2]


class NeverConfirmed(Publisher):
    """Of what it sends nothing is ever heard again."""

    async def publish(self, messages: Sequence[Message]) -> Sent:
        await asyncio.Event().wait()
        return Sent([], None)


async def test_a_round_that_gets_stuck_is_given_up_and_nothing_leaves_the_outbox(
    database: Database, kafka: str, tail: Tail, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relay_module, "STUCK_SECONDS", 0.2)
    monkeypatch.setattr(relay_module, "Publisher", NeverConfirmed)
    errors = metric("guatu_relay_errors_total", error="TimeoutError")

    async def given_up() -> bool:
        return metric("guatu_relay_errors_total", error="TimeoutError") >= errors + 2

    await append(database, *(item(a_stream()) for _ in range(30)))
    async with running(Relay(database, kafka, "test")):
        await until(given_up)
    assert len(await outbox(database)) == 30


async def test_a_relay_stops_though_its_round_is_never_confirmed(
    database: Database, kafka: str, tail: Tail, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relay_module, "Publisher", NeverConfirmed)
    await append(database, item(a_stream()))
    relay = Relay(database, kafka, "test")
    task = asyncio.create_task(relay.run())
    await leads(relay)
    async with asyncio.timeout(3):
        await relay.stop()
        await task
    assert len(await outbox(database)) == 1


class BrokenOff(Publisher):
    """Its first start ends as if somebody had cancelled it."""

    begun = 0

    async def start(self, topics: Sequence[str]) -> None:
        BrokenOff.begun += 1
        if BrokenOff.begun == 1:
            raise asyncio.CancelledError
        await super().start(topics)


async def test_what_the_producer_breaks_off_does_not_end_the_relay(
    database: Database, kafka: str, tail: Tail, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relay_module, "Publisher", BrokenOff)
    await append(database, item(a_stream()))
    async with running(Relay(database, kafka, "test")):
        await drained(database)
    assert BrokenOff.begun > 1
    assert len(await tail.records()) == 1


@asynccontextmanager
async def silent_server() -> AsyncIterator[str]:
    """An address where connections are taken and nothing is ever answered."""

    async def ignore(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    server = await asyncio.start_server(ignore, "127.0.0.1", free_port())
    host, port = server.sockets[0].getsockname()
    try:
        yield f"{host}:{port}"
    finally:
        server.close()


async def old_outbox() -> bool:
    return metric("guatu_outbox_age_seconds") > 0


async def test_without_a_broker_the_outbox_grows_old_and_the_relay_still_stops(database: Database) -> None:
    OUTBOX_AGE.set(0)
    await append(database, item(a_stream()))
    relay = Relay(database, f"127.0.0.1:{free_port()}", "test")
    task = asyncio.create_task(relay.run())
    await until(old_outbox)
    async with asyncio.timeout(3):
        await relay.stop()
        await task
    assert len(await outbox(database)) == 1


async def test_with_a_broker_that_never_answers_the_leader_keeps_its_session_and_still_stops(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relay_module, "IDLE_MILLISECONDS", 500)
    monkeypatch.setattr(relay_module, "TOUCH_SECONDS", 0.1)
    await append(database, item(a_stream()))
    admin = await asyncpg.connect(driver_url(database.url))
    locked = """
        select pid from pg_locks l join pg_database d on d.oid = l.database
        where locktype = 'advisory' and granted and datname = current_database()"""
    async with silent_server() as kafka:
        relay = Relay(database, kafka, "test")
        task = asyncio.create_task(relay.run())

        async def held() -> bool:
            return await admin.fetchval(locked) is not None

        await until(held)
        pid = await admin.fetchval(locked)
        age = await admin.fetchval("select clock_timestamp()")

        async def long_after() -> bool:
            return await admin.fetchval("select clock_timestamp() - $1 > interval '1500 ms'", age)

        await until(long_after)
        assert await admin.fetchval(locked) == pid
        async with asyncio.timeout(3):
            await relay.stop()
            await task
        assert metric("guatu_relay_leader") == 0
    await admin.close()


async def test_a_cancelled_relay_lets_go_of_the_lock(database: Database, kafka: str, tail: Tail) -> None:
    relay = Relay(database, kafka, "test")
    task = asyncio.create_task(relay.run())
    await leads(relay)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    async with running(Relay(database, kafka, "test")) as other:
        await leads(other)


async def test_a_relay_that_is_stopped_before_it_runs_ends_at_once(database: Database, kafka: str) -> None:
    relay = Relay(database, kafka, "test")
    await relay.stop()
    await relay.run()
    assert not relay.leading


async def test_confirmed_events_are_counted(database: Database, kafka: str, tail: Tail) -> None:
    published = metric("guatu_relay_published_total", topic=Topic.REFERENCE)
    await append(database, *(item(a_stream()) for _ in range(5)))
    async with running(Relay(database, kafka, "test")):
        await drained(database)
        assert metric("guatu_relay_leader") == 1

        async def counted() -> bool:
            return metric("guatu_relay_published_total", topic=Topic.REFERENCE) == published + 5

        await until(counted)
    assert len(await tail.records()) == 5
