"""The runtime of a view: records in, rows out, and the place in the log in the same transaction.

A driver (shared/consume.py live, shared/rebuild.py) hands over records and obeys the seeks. What holds always:

- All who write into a view hold the locks of the places (offset rows) of the partition in all the view's topics.
- Offsets are dense. Records that are not the expected ones are never filtered: the consumer is sent back to the
  database's offset.
- Nothing is raised to the driver, whose only answer could be to go on past a hole. Every failure ends in a seek;
  after some tries the partition stands still, the others go on.
"""

import asyncio
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from time import monotonic, perf_counter
from typing import Any, Generic, Protocol, TypeVar

import asyncpg
import structlog
from aiokafka import TopicPartition

from shared import offsets
from shared.contracts.topics import Topic
from shared.database import KEYED_HERE, Database
from shared.folding import Fault, Fold, Record, Withheld, keys_of, last_day
from shared.metrics import VIEW_BATCH_SECONDS, VIEW_EVENTS, VIEW_MOVED, VIEW_STOPPED
from shared.offsets import DAY_TOPICS, Move, Offset, Place
from shared.reconcile import Outrun, Reactions, Reconciler
from shared.view import View
from shared.view_table import Kept, ViewTable

R = TypeVar("R")

log = structlog.get_logger()


class Consumer(Protocol):
    """What the runtime asks of a Kafka consumer; aiokafka's is one."""

    def assignment(self) -> Collection[TopicPartition]: ...
    def seek(self, partition: TopicPartition, offset: int) -> None: ...
    def pause(self, *partitions: TopicPartition) -> None: ...
    def resume(self, *partitions: TopicPartition) -> None: ...
    def highwater(self, partition: TopicPartition) -> int | None: ...
    async def beginning_offsets(self, partitions: Iterable[TopicPartition]) -> dict[TopicPartition, int]: ...
    async def end_offsets(self, partitions: Iterable[TopicPartition]) -> dict[TopicPartition, int]: ...


@dataclass(frozen=True)
class Limits:
    """When a projection gives way: shares, counts and seconds.

    A partition stops when more than `parked_share` of its keys are parked, once it has `parked_least` keys. A
    batch of up to `together` records is one transaction for all partitions. A failed batch is tried again after
    each of `waits`; a partition that stopped for no reason of its data is tried again after `rest`, then after
    twice that and so on up to `longest_rest`. Partitions that are taken away wait up to `drain` for their batch.
    A consumer that hands over other records than the expected ones `astray` times on end has its topic looked at.
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
class _Slice:
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
    def begin(self) -> int:
        return self.records[0].offset

    @property
    def end(self) -> int:
        return self.records[-1].offset + 1


@dataclass(frozen=True, slots=True)
class _Outcome:
    """Where a partition is after a batch, and how many of its records this batch took in."""

    next: int
    stop: Stop | None = None
    taken: int = 0


class _Unstorable(Exception):
    """The database refuses some of these rows."""

    def __init__(self, rows: Sequence[Kept[Any]]) -> None:
        super().__init__(f"{len(rows)} rows")
        self.rows = rows


def _silent() -> None:
    """Nobody is told."""


class Projection(Generic[R]):
    """One view, as one process folds it.

    `consumer` is set by the driver before it takes partitions over. `changed` is called after each commit that
    changed rows, parked events or began a day, `appended` after one that appended reactions. Without `reconcilers`
    it is mute, and its commits need not wait for the disk: rows and offset are lost together or not at all.
    """

    def __init__(
        self,
        database: Database,
        view: View[R],
        service: str,
        *,
        reconcilers: Sequence[Reconciler[Any, Any]] = (),
        limits: Limits | None = None,
        changed: Callable[[], None] = _silent,
        appended: Callable[[], None] = _silent,
        turns: asyncio.Semaphore | None = None,
    ) -> None:
        """`turns` bounds the transactions at one time of all the projections that share it."""
        self.view = view
        self.table = ViewTable(view)
        self.limits = limits or Limits()
        self.consumer: Consumer | None = None
        self.positions: dict[TopicPartition, int] = {}
        self.ends: dict[TopicPartition, int] = {}
        self.stopped: dict[TopicPartition, Stop] = {}
        self.moved_at = monotonic()
        self._database = database
        self._source = f"/guatu/{service}"
        self._reconcilers = [one for one in reconcilers if one.view is view]
        self._changed = changed
        self._appended = appended
        self._turns = turns or asyncio.Semaphore(self.limits.parallel)
        self._tails: dict[int, asyncio.Task[None]] = {}
        self._astray: dict[TopicPartition, int] = {}
        self._rests: dict[TopicPartition, int] = {}

    async def take_over(self, partitions: Collection[TopicPartition]) -> None:
        """Begin to fold these partitions, each from the database's offset."""
        if not partitions:
            return
        consumer = self._consumer()
        consumer.pause(*partitions)
        numbers = sorted({tp.partition for tp in partitions})
        places = [TopicPartition(topic.value, number) for topic in self.view.topics for number in numbers]
        beginnings = await consumer.beginning_offsets(places)
        async with self._database.driver() as connection:
            await offsets.make(connection, self.view, {_place(tp): offset for tp, offset in beginnings.items()})
            there = await offsets.read(connection, self.view)
        # After the places: the last owner may still commit, and its place would lie beyond ends asked for before.
        ends = await consumer.end_offsets(places)
        assigned = consumer.assignment()
        self.ends |= ends
        for tp in partitions:
            if tp in assigned:
                await self._begin(tp, there[_place(tp)], beginnings[tp], ends[tp])

    async def give_back(self, partitions: Collection[TopicPartition]) -> None:
        """Forget these partitions and let their running batches commit; if that takes too long, the offset fences."""
        for tp in partitions:
            self.positions.pop(tp, None)
            self._let_go(tp)
        running = [task for task in self._tails.values() if not task.done()]
        if running and (await asyncio.wait(running, timeout=self.limits.drain))[1]:
            log.warning("view_batch_outlives_its_partitions", view=self.view.name)

    async def batch(self, records: Sequence[Record]) -> None:
        """Fold records of any partitions, each partition's in the order of their offsets. Raises nothing."""
        await self.hand_over(records)
        await self.idle()

    async def hand_over(self, records: Sequence[Record]) -> None:
        """The same, but return while as many batches as may run in parallel are still being folded."""
        by_number: dict[int, dict[TopicPartition, list[Record]]] = {}
        for record in records:
            slices = by_number.setdefault(record.partition, {})
            slices.setdefault(TopicPartition(record.topic, record.partition), []).append(record)
        if len(records) <= self.limits.together:
            together = {tp: found for slices in by_number.values() for tp, found in slices.items()}
            self._follow(list(by_number), together)
        else:
            for number, slices in by_number.items():
                self._follow([number], slices)
        await self._until_at_most(self.limits.parallel)

    async def idle(self) -> None:
        """Wait until all that was handed over is folded, or was sent back."""
        await self._until_at_most(0)

    def _follow(self, numbers: Sequence[int], slices: Mapping[TopicPartition, Sequence[Record]]) -> None:
        """Fold these slices once all that came before in their partitions is folded."""
        before = {task for number in numbers if (task := self._tails.get(number)) is not None and not task.done()}
        task = asyncio.create_task(self._after(before, slices), name=f"view {self.view.name}")
        self._tails |= dict.fromkeys(numbers, task)

    async def _after(
        self, before: Collection[asyncio.Task[None]], slices: Mapping[TopicPartition, Sequence[Record]]
    ) -> None:
        if before:
            await asyncio.wait(before)
        expected = [_Slice(tp, slices[tp]) for tp in sorted(slices) if self._expected(tp, slices[tp])]
        if expected:
            await self._group(expected)

    async def _until_at_most(self, many: int) -> None:
        while len(running := {task for task in self._tails.values() if not task.done()}) > many:
            await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)

    async def stand_up(self) -> None:
        """Try the stopped partitions again: those whose reason was taken away, or who rested."""
        if not self.stopped and self._consumer().assignment() == self.positions.keys():
            return
        async with self._database.driver() as connection:
            there = await offsets.read(connection, self.view)
        ready = [tp for tp in self._consumer().assignment() if tp not in self.positions]
        for tp, stop in self.stopped.items():
            place = there.get(_place(tp))
            if stop.in_data:
                if place is None or place.stopped is None:
                    ready.append(tp)
            elif monotonic() - stop.since > min(
                self.limits.longest_rest, self.limits.rest * 2 ** self._rests.get(tp, 0)
            ):
                self._rests[tp] = self._rests.get(tp, 0) + 1
                ready.append(tp)
        if ready:
            await self.take_over(set(ready))

    async def ask_ends(self) -> None:
        """Ask Kafka where the topics end, which an idle or stuck consumer is not told."""
        self.ends = await self._consumer().end_offsets(list(self.positions))

    def has_its_places(self) -> bool:
        """Whether every partition that is assigned has been taken over."""
        return self.positions.keys() >= set(self._consumer().assignment())

    def lag(self) -> dict[TopicPartition, int]:
        """Records that are not yet in the view, by partition, as far as is known."""
        consumer = self._consumer()
        assigned = consumer.assignment()
        behind: dict[TopicPartition, int] = {}
        for tp, position in self.positions.items():
            told = (consumer.highwater(tp) or 0) if tp in assigned else 0
            behind[tp] = max(told, self.ends.get(tp, 0), position) - position
        return behind

    def _consumer(self) -> Consumer:
        assert self.consumer is not None, "the driver sets the consumer first"
        return self.consumer

    async def _begin(self, tp: TopicPartition, place: Offset, beginning: int, end: int) -> None:
        consumer = self._consumer()
        self.positions[tp] = place.next
        self._astray.pop(tp, None)
        self.moved_at = monotonic()
        consumer.seek(tp, place.next)
        if not place.live:
            self._stop(tp, Stop("superseded by a newer version", in_data=False))
        elif place.stopped is not None:
            self._stop(tp, Stop(place.stopped, in_data=True))
        elif not beginning <= place.next <= end:
            reason = f"offset {place.next} is outside of the topic, which has {beginning} to {end}"
            await self._record(tp, reason)
            self._stop(tp, Stop(reason, in_data=True))
        else:
            self._let_go(tp)
            consumer.resume(tp)

    async def _record(self, tp: TopicPartition, reason: str) -> None:
        async with self._database.driver() as connection, connection.transaction():
            place = (await offsets.lock(connection, self.view, [tp.partition]))[_place(tp)]
            await offsets.move(connection, self.view, {_place(tp): Move(place.next, place.day, reason)})

    def _expected(self, tp: TopicPartition, records: Sequence[Record]) -> bool:
        """Whether these are the next records of a partition that is ours and moves; else go back."""
        position = self.positions.get(tp)
        if position is None or tp in self.stopped:
            return False
        first, last = records[0].offset, records[-1].offset
        if first == position and last - first == len(records) - 1:
            return True
        self._astray[tp] = self._astray.get(tp, 0) + 1
        log.info("view_seeks_back", view=self.view.name, partition=_name(tp), expected=position, got=first)
        if self._astray[tp] > self.limits.astray:
            # The topic may have been made anew under us: looking at its ends again tells, at the next try.
            self._stop(tp, Stop(f"offset {position} does not come, but {first}", in_data=False))
        self._seek(tp, position)
        return False

    async def _group(self, slices: Sequence[_Slice]) -> None:
        """One transaction for these slices; if it fails, one for each partition, over and over."""
        begun = perf_counter()
        async with self._turns:
            try:
                outcomes = await self._transaction(slices, {})
            except Exception as error:
                log.info("view_batch_failed", view=self.view.name, error=repr(error))
                outcomes = None
        if outcomes is None:
            insisted = await asyncio.gather(*(self._insist(one) for one in slices))
            outcomes = {one.partition: outcome for one, outcome in zip(slices, insisted, strict=True)}
        for one in slices:
            self._conclude(one, outcomes[one.partition])
        VIEW_BATCH_SECONDS.labels(self.view.name).observe(perf_counter() - begun)

    async def _insist(self, one: _Slice) -> _Outcome:
        """Try one partition's slice until it is in, or until the partition has to stop."""
        faulty: dict[str, str] = {}
        reason = ""
        waits = iter(self.limits.waits)
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
            log.warning("view_batch_failed", view=self.view.name, partition=_name(one.partition), error=reason)
            wait = next(waits, None)
            if wait is None:
                return _Outcome(one.begin, Stop(f"error: {reason}", in_data=False))
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
                    log.info("view_rows_not_tried", view=self.view.name, error=repr(wrong))
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
                            await self.table.upsert(connection, [kept])
                    except (asyncpg.PostgresError, asyncpg.InterfaceError, TypeError) as error:
                        refused[kept.key] = repr(error)
            finally:
                await attempt.rollback()
        return refused

    async def _transaction(self, slices: Sequence[_Slice], faulty: Mapping[str, str]) -> dict[TopicPartition, _Outcome]:
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
        self, connection: asyncpg.Connection, slices: Sequence[_Slice], faulty: Mapping[str, str]
    ) -> tuple[dict[TopicPartition, _Outcome], bool, bool]:
        """Says where the slices are then, whether the view has changed, and whether reactions were appended."""
        places = await offsets.lock(connection, self.view, {one.partition.partition for one in slices})
        outcomes = {one.partition: self._fenced(one, places.get(one.place)) for one in slices}
        ours = [one for one in slices if outcomes[one.partition] is None]
        keys = {key for one in ours for key in keys_of(self.view, one.topic, one.records)}
        rows, parked = await self.table.load(connection, sorted(keys)) if keys else ({}, {})
        fold = Fold(self.view, rows, parked, {key: faulty[key] for key in faulty.keys() & keys})
        days = Days(self.view, places)
        reactions = Reactions(self.view, self._reconcilers, self._source)
        await self._watch_days(connection, fold, ours, days)
        moves: dict[Place, Move] = {}
        for one in ours:
            next_offset, why = await self._fold(connection, fold, one, days, reactions)
            moves[one.place] = Move(next_offset, days[one.place], why)
        await self._park(connection, fold.withheld, moves)
        if fold.changed:
            try:
                await self.table.upsert(connection, list(fold.changed.values()))
            except (asyncpg.DataError, asyncpg.IntegrityConstraintViolationError, TypeError) as error:
                raise _Unstorable(list(fold.changed.values())) from error
        if moves:
            await offsets.move(connection, self.view, moves)
        appended = await reactions.append(connection)
        done = {one.partition: outcomes[one.partition] or _outcome(one, moves[one.place]) for one in slices}
        day_began = any(move.day != places[place].day for place, move in moves.items())
        return done, bool(fold.changed or fold.withheld or day_began), appended

    def _fenced(self, one: _Slice, place: Offset | None) -> _Outcome | None:
        """Why a slice may not be folded, now that its place is locked."""
        if place is None:
            return _Outcome(one.begin, Stop("its place is gone: the view is being built again", in_data=False))
        if not place.live:
            return _Outcome(place.next, Stop("superseded by a newer version", in_data=False))
        if place.stopped is not None:
            return _Outcome(place.next, Stop(place.stopped, in_data=True))
        if place.next != one.begin:
            VIEW_MOVED.labels(self.view.name).inc()
            return _Outcome(place.next)
        return None

    async def _watch_days(
        self, connection: asyncpg.Connection, fold: Fold[R], slices: Sequence[_Slice], days: "Days"
    ) -> None:
        """Load what may become due by the days that begin in these slices, once for all of them."""
        if self.view.settle is None or self.view.next_due is None:
            return
        begun: dict[Place, date] = {}
        for one in slices:
            if one.topic in DAY_TOPICS and (day := last_day(one.records)) is not None:
                begun[one.place] = day
        for number in {number for number, _ in begun}:
            if days.of(number) is None:
                if days.have_begun(number, begun):
                    fold.watch_days(number, await self.table.load_all(connection, number))
            else:
                last = max(day for (partition, _), day in begun.items() if partition == number)
                fold.watch_days(number, await self.table.load_due(connection, number, last))

    async def _fold(
        self, connection: asyncpg.Connection, fold: Fold[R], one: _Slice, days: "Days", reactions: Reactions
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
            if now is not None and now != before and self.view.settle is not None and self.view.next_due is not None:
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
            self.view.name,
            self.view.version,
            [one.partition for one in withheld],
            [one.key for one in withheld],
            [one.topic for one in withheld],
            [one.topic_version for one in withheld],
            [one.body for one in withheld],
            [one.error for one in withheld],
        )
        for one in withheld:
            log.warning(
                "event_parked", view=self.view.name, stream=one.key, topic=one.topic, version=one.topic_version,
                error=one.error,
            )  # fmt: skip
        for number, topic in {(one.partition, one.topic) for one in withheld}:
            parked = await connection.fetchval(_PARKED_KEYS, self.view.name, self.view.version, number)
            keys = max(await self.table.count(connection, number), parked)
            move = moves[number, topic]
            if keys >= self.limits.parked_least and parked > keys * self.limits.parked_share and move.stopped is None:
                moves[number, topic] = Move(move.next, move.day, f"{parked} of {keys} keys are parked")

    def _conclude(self, one: _Slice, outcome: _Outcome) -> None:
        """Believe the outcome; where it is not the end of the slice, send the consumer there."""
        tp = one.partition
        if tp not in self.positions:
            return
        if outcome.next != self.positions[tp]:
            self.moved_at = monotonic()
        self.positions[tp] = outcome.next
        self._astray.pop(tp, None)
        if outcome.taken:
            self._rests.pop(tp, None)
            VIEW_EVENTS.labels(self.view.name, tp.topic).inc(outcome.taken)
        if outcome.stop is not None:
            self._stop(tp, outcome.stop)
        if outcome.stop is not None or outcome.next != one.end:
            self._seek(tp, outcome.next)

    def _seek(self, tp: TopicPartition, offset: int) -> None:
        consumer = self._consumer()
        if tp in consumer.assignment():
            consumer.seek(tp, offset)

    def _stop(self, tp: TopicPartition, stop: Stop) -> None:
        consumer = self._consumer()
        if tp in consumer.assignment():
            consumer.pause(tp)
        self.stopped[tp] = stop
        VIEW_STOPPED.labels(self.view.name, tp.topic, tp.partition).set(1)
        log.error("view_partition_stopped", view=self.view.name, partition=_name(tp), reason=stop.reason)

    def _let_go(self, tp: TopicPartition) -> None:
        self.stopped.pop(tp, None)
        VIEW_STOPPED.labels(self.view.name, tp.topic, tp.partition).set(0)


class Days:
    """The days of the places of a transaction. A view's day in a partition is the lesser of its topics'."""

    def __init__(self, view: View[Any], places: Mapping[Place, Offset]) -> None:
        self._topics = [topic.value for topic in view.ordered_topics if topic in DAY_TOPICS]
        self._days = {place: offset.day for place, offset in places.items()}

    def __getitem__(self, place: Place) -> date | None:
        return self._days.get(place)

    def of(self, partition: int) -> date | None:
        """The view's day in this partition; None before the first, or if no topic of the view has days."""
        days = [day for topic in self._topics if (day := self._days.get((partition, topic))) is not None]
        return min(days) if days and len(days) == len(self._topics) else None

    def have_begun(self, partition: int, begun: Collection[Place]) -> bool:
        """Whether the view will have a day in this partition once days have begun in these places."""
        return bool(self._topics) and all(
            (partition, topic) in begun or self._days.get((partition, topic)) is not None for topic in self._topics
        )

    def begin(self, place: Place, day: date) -> None:
        """A day begins in one topic; one that began before changes nothing."""
        before = self._days.get(place)
        self._days[place] = day if before is None else max(before, day)


def _place(tp: TopicPartition) -> Place:
    return tp.partition, tp.topic


def _name(tp: TopicPartition) -> str:
    return f"{tp.topic}/{tp.partition}"


def _outcome(one: _Slice, move: Move) -> _Outcome:
    stop = None if move.stopped is None else Stop(move.stopped, in_data=True)
    return _Outcome(move.next, stop, move.next - one.begin)


_BEGIN_MUTE = f"{KEYED_HERE}; set local synchronous_commit = off"

_PARK = """
insert into parked(view, version, partition, key, topic, topic_version, body, error)
select $1, $2, partition, key, topic, topic_version, body, error
from unnest($3::smallint[], $4::text[], $5::text[], $6::int[], $7::bytea[], $8::text[]) with ordinality
     as t(partition, key, topic, topic_version, body, error, n)
order by n on conflict do nothing"""

_PARKED_KEYS = "select count(distinct key) from parked where view = $1 and version = $2 and partition = $3"
