"""What a projection does in one transaction: records in, rows and places out, or the reason why not.

All who write into a view hold the locks of the places (offset rows) of the partition in all the view's topics. A
failure is answered by one transaction for each partition, then by parking the keys at fault, then by trying again.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from time import monotonic, perf_counter
from typing import Any, Generic, TypeVar

import asyncpg
import structlog
from aiokafka import TopicPartition

from shared import offsets
from shared.contracts.event import source_of
from shared.contracts.topics import Topic
from shared.database import KEYED_HERE, Database
from shared.folding import Fault, Fold, Record, Withheld, keys_of, last_day
from shared.metrics import VIEW_BATCH_SECONDS, VIEW_MOVED
from shared.offsets import DAY_TOPICS, Days, Move, Offset, Place
from shared.reconcile import Outrun, Reactions, Reconciler
from shared.view import View
from shared.view_table import Kept, ViewTable

R = TypeVar("R")

log = structlog.get_logger()


@dataclass(frozen=True)
class Limits:
    """When a projection gives way: shares, counts and seconds.

    A partition stops when more than `parked_share` of its keys are parked, once it has `parked_least` keys. A
    batch of up to `together` records is one transaction for all partitions; `parallel` transactions run at one time,
    for all views of a process together. A failed batch is tried again after each of `waits`; a partition that stopped
    for no reason of its data is tried again after `rest`, then after twice that and so on up to `longest_rest`.
    Partitions that are taken away wait up to `drain` for their batch. A consumer that hands over other records than
    the expected ones `astray` times on end has its topic looked at.
    """

    parked_share: float = 0.2
    parked_least: int = 50
    together: int = 200
    parallel: int = 4
    waits: tuple[float, ...] = (0.05, 0.2, 1, 3)
    rest: float = 5
    longest_rest: float = 60
    drain: float = 3
    astray: int = 20


@dataclass(frozen=True, slots=True)
class Stop:
    """Why a partition stands still. What its data caused is kept in the database; the rest is tried again later."""

    reason: str
    in_data: bool
    since: float = field(default_factory=monotonic)


@dataclass(frozen=True, slots=True)
class Slice:
    """Consecutive records of one partition, from the offset that this member believes to be the next."""

    partition: TopicPartition
    records: Sequence[Record]

    @property
    def topic(self) -> Topic:
        return Topic(self.partition.topic)

    @property
    def place(self) -> Place:
        return self.partition.partition, self.partition.topic

    @property
    def name(self) -> str:
        """As messages name it: `<topic>/<partition>`."""
        return f"{self.partition.topic}/{self.partition.partition}"

    @property
    def begin(self) -> int:
        return self.records[0].offset

    @property
    def end(self) -> int:
        return self.records[-1].offset + 1


@dataclass(frozen=True, slots=True)
class Outcome:
    """Where a partition is after a batch, and how many of its records this batch took in."""

    next: int
    stop: Stop | None = None
    taken: int = 0


class _Unstorable(Exception):
    """The database refuses some of these rows."""

    def __init__(self, rows: Sequence[Kept[Any]]) -> None:
        super().__init__(f"{len(rows)} rows")
        self.rows = rows


class Batches(Generic[R]):
    """The transactions of one view in one process.

    `changed` is called after each commit that changed rows, parked events or began a day, `appended` after one that
    appended reactions. Without `reconcilers` it is mute, and its commits need not wait for the disk: rows and offset
    are lost together or not at all.
    """

    def __init__(
        self,
        database: Database,
        view: View[R],
        service: str,
        *,
        reconcilers: Sequence[Reconciler[Any, Any]],
        limits: Limits,
        changed: Callable[[], None],
        appended: Callable[[], None],
        turns: asyncio.Semaphore,
    ) -> None:
        """`turns` bounds the transactions at one time of all views that share it."""
        self._database = database
        self._view = view
        self._table = ViewTable(view)
        self._source = source_of(service)
        self._reconcilers = [one for one in reconcilers if one.view is view]
        self._limits = limits
        self._changed = changed
        self._appended = appended
        self._turns = turns

    async def fold(self, slices: Sequence[Slice]) -> dict[TopicPartition, Outcome]:
        """One transaction for these slices; if it fails, one for each partition, over and over. Raises nothing."""
        begun = perf_counter()
        try:
            async with self._turns:
                return await self._transaction(slices, {})
        except Exception as error:
            log.info("view_batch_failed", view=self._view.name, error=repr(error))
            insisted = await asyncio.gather(*(self._insist(one) for one in slices))
            return {one.partition: outcome for one, outcome in zip(slices, insisted, strict=True)}
        finally:
            VIEW_BATCH_SECONDS.labels(self._view.name).observe(perf_counter() - begun)

    async def _insist(self, one: Slice) -> Outcome:
        """Try one partition's slice until it is in, or until the partition has to stop."""
        faulty: dict[str, str] = {}
        reason = ""
        waits = iter(self._limits.waits)
        while True:
            try:
                async with self._turns:
                    return (await self._transaction([one], faulty))[one.partition]
            except Exception as error:
                reason = repr(error)
                found = await self._faults(error)
                if found.keys() - faulty.keys():
                    faulty |= found
                    continue
            log.warning("view_batch_failed", view=self._view.name, partition=one.name, error=reason)
            wait = next(waits, None)
            if wait is None:
                return Outcome(one.begin, Stop(f"error: {reason}", in_data=False))
            await asyncio.sleep(wait)

    async def _faults(self, error: Exception) -> Mapping[str, str]:
        """The keys that an error is the fault of."""
        match error:
            case Fault():
                return error.errors
            case _Unstorable():
                try:
                    return await self._refused(error.rows)
                except Exception as wrong:
                    log.info("view_rows_not_tried", view=self._view.name, error=repr(wrong))
                    return {}
            case _:
                return {}

    async def _refused(self, rows: Sequence[Kept[R]]) -> Mapping[str, str]:
        """Try each row alone, and write none."""
        refused: dict[str, str] = {}
        async with self._database.driver() as connection:
            attempt = connection.transaction()
            await attempt.start()
            try:
                for kept in rows:
                    try:
                        async with connection.transaction():
                            await self._table.upsert(connection, [kept])
                    except (asyncpg.PostgresError, asyncpg.InterfaceError, TypeError) as error:
                        refused[kept.key] = repr(error)
            finally:
                await attempt.rollback()
        return refused

    async def _transaction(self, slices: Sequence[Slice], faulty: Mapping[str, str]) -> dict[TopicPartition, Outcome]:
        async with self._database.driver() as connection:
            try:
                async with connection.transaction():
                    await connection.execute(KEYED_HERE if self._reconcilers else _BEGIN_MUTE)
                    outcomes, changed, appended = await self._work(connection, slices, faulty)
            except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError, Fault, _Unstorable, Outrun):
                raise
            except Exception as error:
                # The connection may be between two states. By this error the pool does not use it again.
                raise asyncpg.InterfaceError(f"given up after {error!r}") from error
        if changed:
            self._changed()
        if appended:
            self._appended()
        return outcomes

    async def _work(
        self, connection: asyncpg.Connection, slices: Sequence[Slice], faulty: Mapping[str, str]
    ) -> tuple[dict[TopicPartition, Outcome], bool, bool]:
        """Says where the slices are then, whether the view has changed, and whether reactions were appended."""
        places = await offsets.lock(connection, self._view, {one.partition.partition for one in slices})
        outcomes = {one.partition: self._fenced(one, places.get(one.place)) for one in slices}
        ours = [one for one in slices if outcomes[one.partition] is None]
        keys = {key for one in ours for key in keys_of(self._view, one.topic, one.records)}
        rows, parked = await self._table.load(connection, sorted(keys)) if keys else ({}, {})
        fold = Fold(self._view, rows, parked, {key: faulty[key] for key in faulty.keys() & keys})
        days = Days(self._view, places)
        reactions = Reactions(self._view, self._reconcilers, self._source)
        await self._watch_days(connection, fold, ours, days)
        moves: dict[Place, Move] = {}
        for one in ours:
            next_offset, why = await self._fold(connection, fold, one, days, reactions)
            moves[one.place] = Move(next_offset, days[one.place], why)
        await self._park(connection, fold.withheld, moves)
        if fold.changed:
            try:
                await self._table.upsert(connection, list(fold.changed.values()))
            except (asyncpg.DataError, asyncpg.IntegrityConstraintViolationError, TypeError) as error:
                raise _Unstorable(list(fold.changed.values())) from error
        if moves:
            await offsets.move(connection, self._view, moves)
        appended = await reactions.append(connection)
        done = {one.partition: outcomes[one.partition] or _outcome(one, moves[one.place]) for one in slices}
        day_began = any(move.day != places[place].day for place, move in moves.items())
        return done, bool(fold.changed or fold.withheld or day_began), appended

    def _fenced(self, one: Slice, place: Offset | None) -> Outcome | None:
        """Why a slice may not be folded, now that its place is locked."""
        if place is None:
            return Outcome(one.begin, Stop("its place is gone: the view is being built again", in_data=False))
        if not place.live:
            return Outcome(place.next, Stop("superseded by a newer version", in_data=False))
        if place.stopped is not None:
            return Outcome(place.next, Stop(place.stopped, in_data=True))
        if place.next != one.begin:
            VIEW_MOVED.labels(self._view.name).inc()
            return Outcome(place.next)
        return None

    async def _watch_days(
        self, connection: asyncpg.Connection, fold: Fold[R], slices: Sequence[Slice], days: Days
    ) -> None:
        """Load what may become due by the days that begin in these slices, once for all of them."""
        if self._view.settle is None or self._view.next_due is None:
            return
        begun: dict[Place, date] = {}
        for one in slices:
            if one.topic in DAY_TOPICS and (day := last_day(one.records)) is not None:
                begun[one.place] = day
        for number in {number for number, _ in begun}:
            if days.of(number) is None:
                if days.have_begun(number, begun):
                    fold.watch_days(number, await self._table.load_all(connection, number))
            else:
                last = max(day for (partition, _), day in begun.items() if partition == number)
                fold.watch_days(number, await self._table.load_due(connection, number, last))

    async def _fold(
        self, connection: asyncpg.Connection, fold: Fold[R], one: Slice, days: Days, reactions: Reactions
    ) -> tuple[int, str | None]:
        """Fold one slice, part by part between the days; says the next offset and why to stop."""
        number = one.partition.partition
        begin = 0
        while True:
            end = fold.take(one.topic, one.records, begin)
            await reactions.consider(connection, fold.settle(days.of(number)))
            if end.day is None:
                return one.begin + end.index, end.stop
            before = days.of(number)
            days.begin(one.place, end.day.data.day)
            now = days.of(number)
            if now is not None and now != before and self._view.settle is not None and self._view.next_due is not None:
                changes = fold.begin_day(number, now, end.day, first=before is None)
                await reactions.consider(connection, changes)
            begin = end.index + 1

    async def _park(
        self, connection: asyncpg.Connection, withheld: Sequence[Withheld], moves: dict[Place, Move]
    ) -> None:
        """Park events; a partition of which too many keys are parked stops."""
        if not withheld:
            return
        await connection.execute(
            _PARK,
            self._view.name,
            self._view.version,
            [one.partition for one in withheld],
            [one.key for one in withheld],
            [one.topic for one in withheld],
            [one.topic_version for one in withheld],
            [one.body for one in withheld],
            [one.error for one in withheld],
        )
        for one in withheld:
            log.warning(
                "event_parked", view=self._view.name, stream=one.key, topic=one.topic, version=one.topic_version,
                error=one.error,
            )  # fmt: skip
        for number, topic in {(one.partition, one.topic) for one in withheld}:
            parked = await connection.fetchval(_PARKED_KEYS, self._view.name, self._view.version, number)
            keys = max(await self._table.count(connection, number), parked)
            move = moves[number, topic]
            if keys >= self._limits.parked_least and parked > keys * self._limits.parked_share and move.stopped is None:
                moves[number, topic] = Move(move.next, move.day, f"{parked} of {keys} keys are parked")


def _outcome(one: Slice, move: Move) -> Outcome:
    stop = None if move.stopped is None else Stop(move.stopped, in_data=True)
    return Outcome(move.next, stop, move.next - one.begin)


_BEGIN_MUTE = f"{KEYED_HERE}; set local synchronous_commit = off"

_PARK = """
insert into parked(view, version, partition, key, topic, topic_version, body, error)
select $1, $2, partition, key, topic, topic_version, body, error
from unnest($3::smallint[], $4::text[], $5::text[], $6::int[], $7::bytea[], $8::text[]) with ordinality
     as t(partition, key, topic, topic_version, body, error, n)
order by n on conflict do nothing"""

_PARKED_KEYS = "select count(distinct key) from parked where view = $1 and version = $2 and partition = $3"
