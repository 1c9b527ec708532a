"""The live driver: FastStream batch subscribers that hand raw records to the runtime, one for each view.

The broker commits nothing: what has been folded stands in the database, and each assignment begins by a seek to
it. Kafka's group offsets are written now and then, for lag graphs alone.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from time import monotonic
from typing import Any, cast

import structlog
from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, ConsumerRecord, TopicPartition
from aiokafka.coordinator.assignors.range import RangePartitionAssignor
from aiokafka.errors import KafkaError
from faststream import AckPolicy
from faststream.kafka import KafkaBroker
from faststream.kafka.message import KafkaMessage

from shared.appender import OUTBOX_CHANNEL
from shared.batch import Limits
from shared.bell import Bell
from shared.database import Database
from shared.metrics import VIEW_LAG, VIEW_PARKED
from shared.projection import Projection
from shared.reconcile import Reconciler
from shared.view import View
from shared.view_table import make_tables

log = structlog.get_logger()

VIEW_CHANNEL = "guatu_view"
"""NOTIFY channel: the payload is the name of a view that has moved."""

Records = tuple[ConsumerRecord[bytes | None, bytes | None], ...]


def group_id(service: str, view: View[Any]) -> str:
    """The consumer group of a view's version."""
    return f"guatu.{service}.{view.name}.{view.version}"


@dataclass(frozen=True)
class Pace:
    """How a projector takes records and looks after itself; seconds unless said otherwise.

    Up to `batch` records are taken at once, after at most `poll` of waiting for one; fewer than `trickle` are those
    of a view that keeps up. It folds every batch to its end and then rests as long as that took beyond `easy`, at most
    `longest_rest`: on a busy machine what trickles in meanwhile is folded together. One that is behind never rests.
    It is ready while at most `ready_lag` records of each view wait. Every `look` it looks after itself, and every
    `ends` it asks Kafka, for as long at most, where the topics end. A consumer that has records waiting and has moved
    nothing for `stuck`, or that failed, is started anew after `retry`. A process that is killed keeps its partitions
    for `session`; one that is stopped lets running batches commit for `graceful`, and for as long again takes leave
    of Kafka.
    """

    batch: int = 5000
    trickle: int = 200
    easy: float = 0.01
    longest_rest: float = 0.1
    poll: float = 1.0
    look: float = 1.0
    ends: float = 5.0
    stuck: float = 60.0
    ready_lag: int = 1000
    session: float = 10.0
    graceful: float = 3.0
    retry: float = 2.0

    def rest_after(self, work: float) -> float:
        """How long to rest after a batch that took so long."""
        return min(max(0.0, work - self.easy), self.longest_rest)


class Projector:
    """Folds the views of a service, as one of any number of processes that share the partitions."""

    def __init__(
        self,
        database: Database,
        kafka: str,
        views: Sequence[View[Any]],
        service: str,
        *,
        reconcilers: Sequence[Reconciler[Any, Any]] = (),
        limits: Limits | None = None,
        pace: Pace | None = None,
    ) -> None:
        """`kafka` is host:port, with commas between several."""
        self._database = database
        self._pace = pace or Pace()
        self.broker = KafkaBroker(
            kafka,
            consumer_only=True,
            apply_types=False,  # else every batch goes by way of two threads
            logger=None,
            graceful_timeout=self._pace.graceful,
            allow_auto_create_topics=False,
        )
        self._views = views
        view_bell, outbox_bell = Bell(database, VIEW_CHANNEL), Bell(database, OUTBOX_CHANNEL)
        self._bells = (view_bell, outbox_bell)
        turns = asyncio.Semaphore((limits or Limits()).parallel)
        self._followers = [
            _Follower(
                self.broker,
                Projection(
                    database,
                    view,
                    service,
                    reconcilers=reconcilers,
                    limits=limits,
                    changed=_ringing(view_bell, view.name),
                    appended=outbox_bell.ring,
                    turns=turns,
                ),
                group_id(service, view),
                self._pace,
                database,
            )
            for view in views
        ]

    async def start(self) -> None:
        """Make the views' tables and begin to follow the topics; `ready` tells when they have been caught up with.

        Kafka may be away: it is waited for.
        """
        await make_tables(self._database, self._views)
        await self.broker.connect()
        for follower in self._followers:
            follower.start()

    async def stop(self) -> None:
        """Let running batches commit and give the partitions back."""
        await asyncio.gather(*(follower.stop() for follower in self._followers))
        await self.broker.stop()
        for bell in self._bells:
            await bell.stop()

    def ready(self) -> bool:
        """Whether every view has been given its partitions and is not far behind."""
        return all(follower.ready() for follower in self._followers)

    def lag(self) -> dict[str, int]:
        """Records that are not yet in the view, of the partitions that this process has, by view."""
        return {follower.name: sum(follower.lag().values()) for follower in self._followers}

    def stopped(self) -> dict[str, dict[str, str]]:
        """Why partitions of this process stand still, by view and `<topic>/<partition>`."""
        return {follower.name: follower.stopped() for follower in self._followers}


def _ringing(bell: Bell, name: str) -> Callable[[], None]:
    return lambda: bell.ring(name)


class _Follower(ConsumerRebalanceListener):
    """One view's subscriber: hands over records, is told of assignments, and watches that it gets on."""

    def __init__(
        self, broker: KafkaBroker, projection: Projection[Any], group: str, pace: Pace, database: Database
    ) -> None:
        self._projection = projection
        self._pace = pace
        self._database = database
        self._group = group
        self._assigned = False
        self._asked = 0.0
        self._task: asyncio.Task[None] | None = None
        view = projection.view
        self._subscriber = broker.subscriber(
            *(topic.value for topic in view.ordered_topics),
            group_id=group,
            batch=True,
            max_records=pace.batch,
            batch_timeout_ms=1,
            ack_policy=AckPolicy.MANUAL,
            auto_offset_reset="earliest",
            partition_assignment_strategy=[RangePartitionAssignor],
            listener=self,
            session_timeout_ms=int(pace.session * 1000),
            heartbeat_interval_ms=1000,
            parser=_as_it_is,
            decoder=_raw,
            title=f"view {view.name} {view.version}",
            description=f"The view {view.name}, version {view.version}, follows these topics.",
        )
        self._subscriber(self._take)

    @property
    def name(self) -> str:
        return self._projection.view.name

    def start(self) -> None:
        self._task = asyncio.create_task(self._run(), name=f"view {self.name}")

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
        await self._end()

    def ready(self) -> bool:
        known = self._assigned and self._projection.has_its_places()
        return known and sum(self.lag().values()) <= self._pace.ready_lag

    def lag(self) -> dict[TopicPartition, int]:
        if not self._assigned:
            return {}
        return self._projection.lag()

    def stopped(self) -> dict[str, str]:
        return {f"{tp.topic}/{tp.partition}": stop.reason for tp, stop in self._projection.stopped.items()}

    async def _take(self, records: Records) -> None:
        begun = monotonic()
        try:
            await self._projection.hand_over(records)
            if len(records) < self._pace.trickle:
                await self._projection.idle()
                await asyncio.sleep(self._pace.rest_after(monotonic() - begun))
        except Exception:
            # FastStream would drop the error and go on. The next records do not fit then, and lead back to these.
            log.exception("view_handler_failed", view=self.name)

    async def on_partitions_revoked(  # pyright: ignore[reportIncompatibleMethodOverride]
        self, revoked: set[TopicPartition]
    ) -> None:
        """aiokafka's call before a rebalance."""
        await self._projection.give_back(revoked)
        for tp in revoked:
            VIEW_LAG.labels(self.name, tp.topic, tp.partition).set(0)

    async def on_partitions_assigned(  # pyright: ignore[reportIncompatibleMethodOverride]
        self, assigned: set[TopicPartition]
    ) -> None:
        """aiokafka's call after one. If the database is away, the watch takes the partitions over later."""
        self._projection.consumer = self._subscriber.consumer
        try:
            await self._projection.take_over(assigned)
        except Exception as error:
            log.warning("view_assignment_failed", view=self.name, error=repr(error))
        self._assigned = True

    async def _run(self) -> None:
        """Start the subscriber, watch it, start it anew if it is stuck."""
        while True:
            try:
                await self._subscriber.start()
                _wait_in_the_poll(self._subscriber.consumer, self._pace.poll)
                await self._watch()
            except Exception as error:
                log.warning("view_consumer_failed", view=self.name, error=repr(error))
            await self._end()
            await asyncio.sleep(self._pace.retry)

    async def _end(self) -> None:
        self._assigned = False
        await self._projection.give_back(list(self._projection.positions))
        try:
            async with asyncio.timeout(self._pace.graceful):
                await self._subscriber.stop()
        except Exception as error:
            log.warning("view_consumer_not_stopped", view=self.name, error=repr(error))

    async def _watch(self) -> None:
        """Look after the consumer until it is stuck."""
        while True:
            await asyncio.sleep(self._pace.look)
            if not self._assigned:
                continue
            try:
                await self._projection.stand_up()
                if monotonic() - self._asked > self._pace.ends:
                    self._asked = monotonic()
                    await self._look_around()
            except Exception as error:
                log.warning("view_not_looked_after", view=self.name, error=repr(error))
            behind = [tp for tp, lag in self.lag().items() if lag and tp not in self._projection.stopped]
            if not behind:
                self._projection.moved_at = monotonic()
            elif monotonic() - self._projection.moved_at > self._pace.stuck:
                log.error("view_consumer_stuck", view=self.name, behind=len(behind))
                return

    async def _look_around(self) -> None:
        """Ask where the topics end, for the lag; write the group's offsets; count what is parked."""
        consumer, view = self._subscriber.consumer, self._projection.view
        if consumer is None:
            return
        positions = dict(self._projection.positions)
        async with asyncio.timeout(self._pace.ends):
            await self._projection.ask_ends()
        for tp, lag in self.lag().items():
            VIEW_LAG.labels(view.name, tp.topic, tp.partition).set(lag)
        async with self._database.driver() as connection:
            VIEW_PARKED.labels(view.name).set(await connection.fetchval(_PARKED_KEYS, view.name, view.version))
        try:
            await consumer.commit({tp: offset for tp, offset in positions.items() if tp in consumer.assignment()})
        except KafkaError as error:
            log.info("group_offsets_not_written", view=view.name, error=repr(error))


def _wait_in_the_poll(consumer: AIOKafkaConsumer | None, seconds: float) -> None:
    """Let empty polls wait long: FastStream sleeps as long as an empty poll may take, deaf to new records."""
    if consumer is not None:
        poll = consumer.getmany

        async def getmany(
            *partitions: TopicPartition, timeout_ms: int = 0, max_records: int | None = None
        ) -> Mapping[TopicPartition, list[Any]]:
            return await poll(*partitions, timeout_ms=int(seconds * 1000), max_records=max_records)

        cast("Any", consumer).getmany = getmany


async def _as_it_is(records: Any) -> KafkaMessage:
    """Take records with any headers; FastStream's own parser would drop a batch with a binary one."""
    return KafkaMessage(body=b"", headers={}, raw_message=records, message_id="", correlation_id="", consumer=_NOBODY)


async def _raw(message: Any) -> Any:
    return message.raw_message


class _Nobody:
    """Commits and seeks for FastStream, which has nothing to commit or seek here."""

    async def commit(self) -> None:
        """Nothing."""

    def seek(self, partition: TopicPartition, offset: int) -> None:
        """Nothing."""


_NOBODY = _Nobody()

_PARKED_KEYS = "select count(distinct key) from parked where view = $1 and version = $2"
