"""Building a view from its topics' beginning, beside the live one: mute, and able to be killed and continued."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any

import stamina
import structlog
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import GroupCoordinatorNotAvailableError, for_code
from sqlalchemy import column, delete, func, select

from shared.consume import group_id
from shared.contracts.topics import PARTITIONS
from shared.database import Database
from shared.errors import NotReady, RuleViolation
from shared.metrics import REBUILD_PROGRESS
from shared.projection import Limits, Projection
from shared.schema import offsets, parked
from shared.view import View
from shared.view_table import lock_tables, make_tables

log = structlog.get_logger()

BATCH = 5000
CLOSE = 500
"""Records that may be left: the live consumer takes them in at once."""

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What a rebuild came to: records folded by it, and partitions that stand still with the reason."""

    records: int
    stopped: dict[str, str]

    @property
    def ready(self) -> bool:
        """Whether the live consumer can go on from here."""
        return not self.stopped


async def rebuild(
    database: Database,
    kafka: str,
    view: View[Any],
    service: str,
    *,
    partitions: Collection[int] = range(PARTITIONS),
    progress: Progress | None = None,
    limits: Limits | None = None,
    batch: int = BATCH,
) -> Rebuilt:
    """Fold all of these partitions' records into the view's table until it has caught up, from where it is.

    A first run begins at the topics' beginning; one that was killed goes on from where it came to. Reconcilers
    have no part in it. Several processes may share the work by `partitions`, which is how it takes the time of
    many processors. `progress(done, total)` is called after each batch of up to `batch` records, in records.

    Raises:
        NotReady("rebuild_running"): another process is building one of these partitions of this version.
    """
    await make_tables(database, [view])
    guard = await database.dedicated()
    try:
        if not await guard.fetchval(_GUARD, _guarded(view), list(partitions)):
            raise NotReady("rebuild_running", detail={"view": view.name, "version": view.version})
        projection = Projection(database, view, service, limits=limits)
        return await _catch_up(projection, kafka, sorted(partitions), batch, progress)
    finally:
        await guard.close()


async def start_over(database: Database, kafka: str, view: View[Any], service: str) -> None:
    """Drop the table of this very version, its places and what is parked of it, so that it can be built again.

    Raises:
        RuleViolation("view_in_use"): processes follow this version; they have to be stopped first, and the last
            one to be gone from Kafka's group for its session's few seconds.
        NotReady("rebuild_running"): another process is building this version.
    """
    members = await _members(kafka, group_id(service, view))
    if members:
        raise RuleViolation("view_in_use", detail={"view": view.name, "version": view.version, "members": members})
    async with database.core() as connection:
        await lock_tables(connection)
        guard = select(func.bool_and(func.pg_try_advisory_xact_lock(func.hashtext(_guarded(view)), column("number"))))
        if not await connection.scalar(guard.select_from(func.generate_series(0, PARTITIONS - 1).alias("number"))):
            raise NotReady("rebuild_running", detail={"view": view.name, "version": view.version})
        mine = (offsets.c.view == view.name, offsets.c.version == view.version)
        await connection.execute(
            select(offsets.c.next).where(*mine).order_by(offsets.c.partition, offsets.c.topic).with_for_update()
        )
        await connection.run_sync(lambda sync: view.table.drop(sync, checkfirst=True))
        await connection.execute(delete(offsets).where(*mine))
        await connection.execute(delete(parked).where(parked.c.view == view.name, parked.c.version == view.version))
    log.warning("view_dropped", view=view.name, version=view.version)


def _guarded(view: View[Any]) -> str:
    return f"guatu rebuild {view.table_name}"


_GUARD = "select bool_and(pg_try_advisory_lock(hashtext($1), number)) from unnest($2::int[]) as number"


async def _catch_up(
    projection: Projection[Any], kafka: str, numbers: Sequence[int], batch: int, progress: Progress | None
) -> Rebuilt:
    view = projection.view
    partitions = [TopicPartition(topic.value, number) for topic in view.ordered_topics for number in numbers]
    consumer = AIOKafkaConsumer(
        bootstrap_servers=kafka,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        max_partition_fetch_bytes=4 * 1024 * 1024,
    )
    consumer.assign(partitions)
    await consumer.start()
    try:
        projection.consumer = consumer
        await projection.take_over(partitions)
        beginnings = await consumer.beginning_offsets(partitions)
        begun = sum(projection.positions.values())
        close = False
        while not close:
            ends = await consumer.end_offsets(partitions)
            close = _left(projection, ends) <= CLOSE
            await _reach(projection, consumer, Span(beginnings, ends), batch, progress)
    finally:
        stopped = {f"{tp.topic}/{tp.partition}": stop.reason for tp, stop in projection.stopped.items()}
        come_to = sum(projection.positions.values())
        await projection.give_back(partitions)
        await consumer.stop()
    return Rebuilt(come_to - begun, stopped)


@dataclass(frozen=True, slots=True)
class Span:
    """The topics' beginnings and ends, as they were asked for."""

    beginnings: dict[TopicPartition, int]
    ends: dict[TopicPartition, int]

    @property
    def total(self) -> int:
        """The records between."""
        return sum(self.ends.values()) - sum(self.beginnings.values())


def _left(projection: Projection[Any], ends: dict[TopicPartition, int]) -> int:
    positions = projection.positions
    return sum(max(0, end - positions[tp]) for tp, end in ends.items() if tp not in projection.stopped)


async def _reach(
    projection: Projection[Any], consumer: AIOKafkaConsumer, span: Span, batch: int, progress: Progress | None
) -> None:
    """Fold until these ends are reached."""
    gauge = REBUILD_PROGRESS.labels(projection.view.name)
    while True:
        done = min(span.total, sum(projection.positions.values()) - sum(span.beginnings.values()))
        gauge.set(done / span.total if span.total else 1)
        if progress is not None:
            progress(done, span.total)
        if not _left(projection, span.ends):
            return
        got = await consumer.getmany(timeout_ms=100, max_records=batch)
        if got:
            await projection.hand_over([record for records in got.values() for record in records])
        else:
            await projection.idle()


@stamina.retry(on=GroupCoordinatorNotAvailableError, timeout=20)
async def _members(kafka: str, group: str) -> int:
    """How many processes Kafka has in a group."""
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka)
    await admin.start()
    try:
        answers: list[Any] = await admin.describe_consumer_groups([group])
        described = [one for answer in answers for one in answer.groups]
        for error, *_ in described:
            if error:
                raise for_code(error)(group)
        return sum(len(members) for *_, members, _ in described)
    finally:
        await admin.close()
