"""The store: streams of events in PostgreSQL. An append is one statement over a list of items.

The winners of an append are written whole; a loser comes back with its reason and costs the winners nothing.
Locks are always taken in one order, so that appends never wait for each other in a circle: new streams by
name, then existing ones by name, then commands by id.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, TypeVar
from uuid import UUID

import asyncpg
import orjson

from shared.command import Aggregate
from shared.contracts.chain import extend, genesis
from shared.contracts.event import Context, Event, EventData, Sealed, read, seal
from shared.contracts.values import StreamId

S = TypeVar("S")


@dataclass(frozen=True, slots=True)
class Stream:
    """A stream as it was loaded; one that does not exist has version 0 and no events.

    `topic_versions` counts its events by topic, `head` is its hash chain's head.
    """

    id: StreamId
    version: int = 0
    topic_versions: dict[str, int] = field(default_factory=dict[str, int])
    head: bytes = b""
    events: tuple[Event[EventData], ...] = ()


@dataclass(frozen=True, slots=True)
class CommandRecord:
    """What makes a command idempotent: its id, who sent it, the digest of its content."""

    command_id: UUID
    actor: str
    digest: bytes


@dataclass(frozen=True, slots=True)
class Item:
    """Events of one stream to be appended at a version, with the reply that the command will get ever after."""

    stream: StreamId
    expected: int
    events: tuple[Sealed, ...]
    topic_versions: dict[str, int]
    head: bytes
    partition: int | None = None
    command: CommandRecord | None = None
    reply: bytes = b""

    @property
    def category(self) -> str:
        """The first word of the stream's id."""
        return self.stream.partition("-")[0]

    @property
    def version(self) -> int:
        """The stream's version once this is appended."""
        return self.expected + len(self.events)


class Outcome(StrEnum):
    """What became of an item."""

    OK = "ok"
    DUPLICATE = "duplicate"
    ID_REUSE = "id_reuse"
    CONFLICT = "conflict"


@dataclass(frozen=True, slots=True)
class Verdict:
    """The fate of an item, and the `reply` that its command gets.

    `version` is where the stream stood when it was appended, by this sending or an earlier one; for one that was
    not, it is the stream's present one, 0 where that is not known.
    """

    outcome: Outcome
    version: int
    reply: bytes = b""


async def load(connection: asyncpg.Connection, stream: StreamId) -> Stream:
    """Load one stream in one statement, so that head and events are of the same moment."""
    row = await connection.fetchrow(_LOAD, stream)
    return _stream(row) if row else Stream(stream)


async def state_of(connection: asyncpg.Connection, aggregate: Aggregate[S], id: str) -> S:
    """The state of a stream as it stands; the initial one if there is no such stream."""
    return aggregate.of((await load(connection, StreamId(f"{aggregate.category}-{id}"))).events)


async def load_many(
    connection: asyncpg.Connection, streams: Sequence[StreamId], *, lock: bool = False
) -> dict[StreamId, Stream]:
    """Load several streams; `lock` locks their rows, in the order of their names, to the transaction's end."""
    if lock:
        await connection.execute(_LOCK, sorted(streams))
    found = read_streams(await stored_streams(connection, streams))
    return {stream: found.get(stream) or Stream(stream) for stream in streams}


async def stored_streams(connection: asyncpg.Connection, streams: Sequence[StreamId]) -> Sequence[asyncpg.Record]:
    """Several streams as they are stored: to read many of them takes long, which another thread may do."""
    return await connection.fetch(_LOAD_MANY, list(streams))


def read_streams(stored: Sequence[asyncpg.Record]) -> dict[StreamId, Stream]:
    """The streams that are there, by their ids."""
    return {row["stream"]: _stream(row) for row in stored}


async def lock_head(connection: asyncpg.Connection, stream: StreamId) -> Stream:
    """Lock a stream to the transaction's end and give where it stands, without its events."""
    row = await connection.fetchrow(_LOCK_HEAD, stream)
    if row is None:
        return Stream(stream)
    return Stream(stream, row["version"], orjson.loads(row["topic_versions"]), row["head"])


async def replied(connection: asyncpg.Connection, command: CommandRecord) -> Verdict | None:
    """What the command was answered before, or None if it is new."""
    row = await connection.fetchrow("select digest, reply from commands where command_id = $1", command.command_id)
    if row is None:
        return None
    return _again(row["reply"]) if row["digest"] == command.digest else Verdict(Outcome.ID_REUSE, 0)


def _again(reply: bytes) -> Verdict:
    """The fate of a command's second sending: the stream and version of the first are in its reply."""
    return Verdict(Outcome.DUPLICATE, orjson.loads(reply)["version"], reply)


def make_item(
    stream: Stream,
    data: Sequence[EventData],
    context: Context,
    *,
    command: CommandRecord | None = None,
    partition: int | None = None,
    first: int = 0,
) -> Item:
    """Seal events after the last one of a loaded stream. `first` numbers them within the command (see `seal`)."""
    item = item_of(stream, [(fact, context) for fact in data], partition=partition, first=first)
    return item if command is None else _with_reply(item, command)


def item_of(
    stream: Stream, told: Sequence[tuple[EventData, Context]], *, partition: int | None = None, first: int = 0
) -> Item:
    """The same of events that have each its own circumstances; at least one."""
    counts = dict(stream.topic_versions)
    events: list[Sealed] = []
    for n, (fact, context) in enumerate(told):
        topic = fact.topic.value
        counts[topic] = counts.get(topic, 0) + 1
        sealed = seal(
            fact,
            context,
            n=first + n,
            stream=stream.id,
            stream_version=stream.version + n + 1,
            topic_version=counts[topic],
        )
        events.append(sealed)
    head = extend(stream.head or genesis(told[0][1].source, stream.id), (event.body for event in events))
    return Item(stream.id, stream.version, tuple(events), counts, head, partition)


def _with_reply(item: Item, command: CommandRecord) -> Item:
    reply = orjson.dumps(
        {
            "stream": item.stream,
            "version": item.version,
            "at": at_token(item.stream, item.topic_versions),
            "head": item.head.hex(),
            "events": [{"id": str(event.event_id), "type": event.type} for event in item.events],
        }
    )
    return Item(item.stream, item.expected, item.events, item.topic_versions, item.head, item.partition, command, reply)


def at_token(stream: str, topic_versions: dict[str, int]) -> str:
    """Where a stream stands, for a query that must know it: `project-<id>@progress=3,project=5`."""
    parts = sorted(f"{topic.partition('.')[0]}={version}" for topic, version in topic_versions.items())
    return f"{stream}@{','.join(parts)}"


async def append_in(connection: asyncpg.Connection, items: Sequence[Item]) -> list[Verdict]:
    """Append within the caller's transaction, or as a statement of its own.

    The items must have distinct streams and distinct command ids. Verdicts are in the order of the items.

    Raises:
        asyncpg.UniqueViolationError: an event id or a command id came at the same moment from elsewhere;
            nothing of the list is written.
    """
    won = {row[0] for row in await connection.fetch(_APPEND, *_columns(items))}
    verdicts = [Verdict(Outcome.OK, item.version, item.reply) for item in items]
    lost = [n for n in range(len(items)) if n not in won]
    if lost:
        for n, verdict in await _why(connection, items, lost):
            verdicts[n] = verdict
    return verdicts


async def _why(connection: asyncpg.Connection, items: Sequence[Item], lost: list[int]) -> list[tuple[int, Verdict]]:
    """Losers are judged in a statement of their own: the append's snapshot may be older than the rival's commit."""
    ids = [command.command_id if (command := items[n].command) else None for n in lost]
    rows = await connection.fetch(_WHY, lost, [items[n].stream for n in lost], ids)
    fates: list[tuple[int, Verdict]] = []
    for row in rows:
        command = items[row["n"]].command
        if command is None or row["digest"] is None:
            verdict = Verdict(Outcome.CONFLICT, row["version"])
        elif row["digest"] == command.digest:
            verdict = _again(row["reply"])
        else:
            verdict = Verdict(Outcome.ID_REUSE, row["version"])
        fates.append((row["n"], verdict))
    return fates


def _columns(items: Sequence[Item]) -> tuple[list[Any], ...]:
    heads: list[tuple[Any, ...]] = []
    events: list[tuple[Any, ...]] = []
    for n, i in enumerate(items):
        command = (i.command.command_id, i.command.actor, i.command.digest) if i.command else (None, None, None)
        counts = orjson.dumps(i.topic_versions).decode()
        heads.append((n, i.stream, i.category, i.expected, i.version, counts, i.head, *command, i.reply))
        events += (
            (n, i.expected + k, e.event_id, e.type, e.topic.value, e.body, i.partition)
            for k, e in enumerate(i.events, 1)
        )
    return *(list(column) for column in zip(*heads, strict=True)), *(list(c) for c in zip(*events, strict=True))


def _stream(row: asyncpg.Record) -> Stream:
    events = tuple(read(body) for body in row["bodies"])
    return Stream(row["stream"], row["version"], orjson.loads(row["topic_versions"]), row["head"], events)


_LOAD = """
select s.stream, s.version, s.topic_versions::text as topic_versions, s.head,
       array(select e.body from events e where e.stream = s.stream order by e.version) as bodies
from streams s where s.stream = $1"""

_LOAD_MANY = """
select s.stream, s.version, s.topic_versions::text as topic_versions, s.head,
       array(select e.body from events e where e.stream = s.stream order by e.version) as bodies
from streams s where s.stream = any($1)"""

_LOCK = "select 1 from streams where stream = any($1) order by stream for update"

_LOCK_HEAD = """
select version, topic_versions::text as topic_versions, head from streams where stream = $1 for update"""

_APPEND = """
with item as materialized (
    select * from unnest($1::int[], $2::text[], $3::text[], $4::int[], $5::int[], $6::text[], $7::bytea[],
                         $8::uuid[], $9::text[], $10::bytea[], $11::bytea[])
        as t(n, stream, category, expected, version, topic_versions, head, command_id, actor, digest, reply)),
fresh as materialized (
    select i.* from item i where not exists (select 1 from commands c where c.command_id = i.command_id)),
made as (
    insert into streams(stream, category, version, topic_versions, head)
    select stream, category, version, topic_versions::jsonb, head from fresh where expected = 0 order by stream
    on conflict do nothing returning stream),
locked as materialized (
    select f.*, s.version as present from streams s join fresh f using (stream)
    where f.expected > 0 and (select count(*) from made) >= 0 order by s.stream for update of s),
moved as (
    update streams s set version = l.version, topic_versions = l.topic_versions::jsonb, head = l.head
    from locked l where s.stream = l.stream and l.present = l.expected and s.version = l.expected returning l.n),
won as materialized (
    select * from fresh where n in (select n from moved) or stream in (select stream from made)),
command as (
    insert into commands(command_id, actor, digest, reply)
    select command_id, actor, digest, reply from won where command_id is not null order by command_id),
event as materialized (
    select w.stream, e.version, e.event_id, e.type, e.topic, e.body, e.partition
    from unnest($12::int[], $13::int[], $14::uuid[], $15::text[], $16::text[], $17::bytea[], $18::smallint[])
        as e(n, version, event_id, type, topic, body, partition) join won w using (n)),
stored as (
    insert into events(stream, version, event_id, type, topic, body)
    select stream, version, event_id, type, topic, body from event order by stream, version),
published as (
    insert into outbox(stream, version, topic, partition)
    select stream, version, topic, partition from event order by stream, version)
select n from won"""

_WHY = """
select i.n, coalesce(s.version, 0) as version, c.digest, c.reply
from unnest($1::int[], $2::text[], $3::uuid[]) as i(n, stream, command_id)
left join streams s using (stream) left join commands c using (command_id)"""
