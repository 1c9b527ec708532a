"""The store on real PostgreSQL: what an append promises to its caller and to everybody else."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from uuid import UUID, uuid4

import asyncpg
import orjson
import pytest

from shared.appender import LANES, Appender
from shared.contracts.chain import extend, genesis
from shared.contracts.event import Context
from shared.contracts.reference import PersonRegistered
from shared.contracts.values import StreamId
from shared.database import Database, driver_url
from shared.errors import NotReady
from shared.store import CommandRecord, Item, Outcome, Stream, Verdict, append_in, load, make_item

SOURCE = "/guatu/test"


def context(command_id: UUID | None = None) -> Context:
    return Context(command_id or uuid4(), SOURCE, datetime.now(UTC), "p-1", "340822", date(2023, 8, 22))


def named(stream: Stream, *names: str, command: CommandRecord | None = None) -> Item:
    facts = [PersonRegistered(name=name) for name in names]
    return make_item(stream, facts, context(command.command_id if command else None), command=command)


def new(name: str) -> Stream:
    return Stream(StreamId(f"person-{name}"))


def record(digest: bytes = b"d") -> CommandRecord:
    return CommandRecord(uuid4(), "p-1", digest)


@pytest.fixture
async def appender(database: Database) -> AsyncIterator[Appender]:
    appender = Appender(database)
    await appender.start()
    yield appender
    await appender.stop()


async def stored(database: Database, stream: str) -> Stream:
    async with database.driver() as connection:
        return await load(connection, StreamId(stream))


async def test_while_the_disk_is_full_an_append_is_refused_at_once_and_then_it_goes_on(
    database: Database, appender: Appender
) -> None:
    """PostgreSQL's own error for a full disk, raised where the outbox would grow."""
    owner = await asyncpg.connect(driver_url(database.url))
    try:
        await owner.execute("""
            create function no_room() returns trigger language plpgsql as $$
            begin raise exception 'could not extend file: No space left on device' using errcode = 'disk_full'; end $$;
            create trigger no_room before insert on outbox for each statement execute function no_room()""")
        item = named(new("a"), "甲", command=record())
        with pytest.raises(NotReady) as refusal:
            await appender.append(item)
        assert refusal.value.code == "store_full"
        assert (await stored(database, "person-a")).version == 0
        await owner.execute("drop trigger no_room on outbox; drop function no_room()")
        assert (await appender.append(item)).outcome is Outcome.OK
    finally:
        await owner.close()


async def test_an_append_is_read_back_with_its_versions_and_its_chain(database: Database, appender: Appender) -> None:
    verdict = await appender.append(named(new("a"), "甲", "乙"))
    assert (verdict.outcome, verdict.version) == (Outcome.OK, 2)
    stream = await stored(database, "person-a")
    assert [event.data for event in stream.events] == [PersonRegistered(name="甲"), PersonRegistered(name="乙")]
    assert [event.stream_version for event in stream.events] == [1, 2]
    async with database.driver() as connection:
        bodies = [r["body"] for r in await connection.fetch("select body from events order by version")]
    assert stream.head == extend(genesis(SOURCE, "person-a"), bodies)


async def test_of_two_appends_at_one_version_one_wins_and_the_other_is_told(database: Database) -> None:
    async with database.driver() as one, database.driver() as other:
        verdicts = await asyncio.gather(
            append_in(one, [named(new("b"), "甲")]), append_in(other, [named(new("b"), "乙")])
        )
    assert sorted(v.outcome for (v,) in verdicts) == [Outcome.CONFLICT, Outcome.OK]
    assert len((await stored(database, "person-b")).events) == 1


async def test_a_loser_costs_the_winners_of_its_list_nothing(database: Database) -> None:
    async with database.driver() as connection:
        await append_in(connection, [named(new("c"), "甲")])
        verdicts = await append_in(connection, [named(new("c"), "乙"), named(new("d"), "丙")])
    assert [v.outcome for v in verdicts] == [Outcome.CONFLICT, Outcome.OK]
    assert verdicts[0].version == 1


async def test_the_same_command_again_gets_the_same_reply(database: Database, appender: Appender) -> None:
    command = record()
    item = named(new("e"), "甲", command=command)
    first = await appender.append(item)
    again = await appender.append(item)
    assert (first.outcome, again.outcome) == (Outcome.OK, Outcome.DUPLICATE)
    assert first.reply == again.reply != b""
    assert orjson.loads(first.reply)["at"] == "person-e@reference=1"
    assert len((await stored(database, "person-e")).events) == 1


async def test_a_batch_that_waits_holds_up_its_own_lane_alone(database: Database, appender: Appender) -> None:
    first = await appender.append(named(new("held"), "前"))
    held = await stored(database, "person-held")
    elsewhere = next(
        name for name in (f"other-{n}" for n in range(100)) if _lane(f"person-{name}") != _lane("person-held")
    )
    async with database.driver() as connection, connection.transaction():
        await connection.execute("select 1 from streams where stream = 'person-held' for update")
        waiting = asyncio.create_task(appender.append(named(held, "后")))
        free = await asyncio.wait_for(appender.append(named(new(elsewhere), "旁")), 5)
        assert (free.outcome, waiting.done()) == (Outcome.OK, False)
    assert (first.outcome, (await waiting).outcome) == (Outcome.OK, Outcome.OK)


def _lane(stream: str) -> int:
    return hash(StreamId(stream)) % LANES


async def test_another_body_under_the_same_command_id_is_refused(appender: Appender) -> None:
    command = record()
    await appender.append(named(new("f"), "甲", command=command))
    other = CommandRecord(command.command_id, command.actor, b"another")
    verdict = await appender.append(named(new("g"), "甲", command=other))
    assert verdict.outcome is Outcome.ID_REUSE


async def test_the_same_command_at_once_over_two_connections_is_carried_out_once(database: Database) -> None:
    command = record()
    appenders = [Appender(database), Appender(database)]
    for appender in appenders:
        await appender.start()
    item = named(new("h"), "甲", command=command)
    verdicts = await asyncio.gather(*(a.append(item) for a in appenders for _ in range(20)))
    for appender in appenders:
        await appender.stop()
    assert sorted({v.outcome for v in verdicts}) == [Outcome.DUPLICATE, Outcome.OK]
    assert {v.reply for v in verdicts} == {verdicts[0].reply}
    assert (await stored(database, "person-h")).version == 1


async def test_one_bad_item_fails_alone(database: Database, appender: Appender) -> None:
    bad = named(Stream(StreamId("person-nul\0")), "甲")
    good = [named(new(f"i{n}"), "甲") for n in range(5)]
    results = await asyncio.gather(*(appender.append(item) for item in [bad, *good]), return_exceptions=True)
    assert isinstance(results[0], asyncpg.PostgresError | asyncpg.DataError)
    assert [r.outcome for r in results[1:] if not isinstance(r, BaseException)] == [Outcome.OK] * 5


async def test_an_event_id_that_exists_fails_its_item_alone(database: Database, appender: Appender) -> None:
    one = context()
    fact = PersonRegistered(name="甲")
    await appender.append(make_item(new("j"), [fact], one))
    results = await asyncio.gather(
        appender.append(make_item(new("k"), [fact], one)),
        appender.append(named(new("l"), "乙")),
        return_exceptions=True,
    )
    assert isinstance(results[0], asyncpg.UniqueViolationError)
    assert not isinstance(results[1], BaseException)
    assert results[1].outcome is Outcome.OK


async def test_a_lost_connection_neither_loses_nor_doubles(
    database: Database, appender: Appender, postgres: str
) -> None:
    await appender.append(named(new("m"), "甲", command=record()))
    admin = await asyncpg.connect(driver_url(database.url))
    items = [named(new(f"n{n}"), "甲", command=record()) for n in range(200)]

    async def cut() -> int:
        return len(
            await admin.fetch(
                "select pg_terminate_backend(pid) from pg_stat_activity"
                " where application_name = $1 and pid <> pg_backend_pid()",
                database.name,
            )
        )

    cuts = 0
    verdicts: list[Verdict] = []
    for item in items[:50]:
        verdict, ended = await asyncio.gather(appender.append(item), cut())
        verdicts.append(verdict)
        cuts += ended
    assert cuts > 10
    verdicts += await asyncio.gather(*(appender.append(item) for item in items[50:]))
    await admin.close()
    assert {v.outcome for v in verdicts} <= {Outcome.OK, Outcome.DUPLICATE}
    assert [v.reply for v in verdicts] == [item.reply for item in items]
    async with database.driver() as connection:
        assert await connection.fetchval("select count(*) from events where stream like 'person-n%'") == 200
        assert await connection.fetchval("select count(*) from outbox") == 201


@pytest.mark.parametrize(
    "statement",
    [
        "update events set body = 'x'",
        "delete from events",
        "truncate events",
        "delete from log",
        "update commands set reply = 'x'",
    ],
)
async def test_the_past_cannot_be_changed(database: Database, appender: Appender, statement: str) -> None:
    await appender.append(named(new("o"), "甲"))
    async with database.driver() as connection:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute(statement)
    owner = await asyncpg.connect(driver_url(database.url))
    with pytest.raises(asyncpg.InsufficientPrivilegeError, match="facts are never changed"):
        await owner.execute(statement)
    await owner.close()
