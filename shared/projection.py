"""The runtime of a view: which partitions this process has, how far each has come, and where the consumer goes on.

A driver (shared/consume.py live, shared/rebuild.py) hands over records and obeys the seeks. What holds always:

- Offsets are dense. Records that are not the expected ones are never filtered: the consumer is sent back to the
  database's offset.
- Nothing is raised to the driver, whose only answer could be to go on past a hole. Every failure ends in a seek;
  after some tries the partition stands still, the others go on.
"""

import asyncio
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from time import monotonic
from typing import Any, Generic, Protocol, TypeVar

import structlog
from aiokafka import TopicPartition

from shared import offsets
from shared.batch import Batches, Limits, Outcome, Slice, Stop
from shared.database import Database
from shared.folding import Record
from shared.metrics import VIEW_EVENTS, VIEW_STOPPED
from shared.offsets import Move, Offset, Place
from shared.reconcile import Reconciler
from shared.view import View

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


def _silent() -> None:
    """Nobody is told."""


class Projection(Generic[R]):
    """One view, as one process folds it.

    `consumer` is set by the driver before it takes partitions over; for the rest see Batches.
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
        self.limits = limits or Limits()
        self.consumer: Consumer | None = None
        self.positions: dict[TopicPartition, int] = {}
        self.ends: dict[TopicPartition, int] = {}
        self.stopped: dict[TopicPartition, Stop] = {}
        self.moved_at = monotonic()
        self._database = database
        self._batches = Batches(
            database,
            view,
            service,
            reconcilers=reconcilers,
            limits=self.limits,
            changed=changed,
            appended=appended,
            turns=turns or asyncio.Semaphore(self.limits.parallel),
        )
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
        expected = [Slice(tp, slices[tp]) for tp in sorted(slices) if self._expected(tp, slices[tp])]
        if expected:
            outcomes = await self._batches.fold(expected)
            for one in expected:
                self._conclude(one, outcomes[one.partition])

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

    def _conclude(self, one: Slice, outcome: Outcome) -> None:
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


def _place(tp: TopicPartition) -> Place:
    return tp.partition, tp.topic


def _name(tp: TopicPartition) -> str:
    return f"{tp.topic}/{tp.partition}"
