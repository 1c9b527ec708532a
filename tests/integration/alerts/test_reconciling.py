"""Lamps and alerts in the store, appended by the real runtime: by events, by days, and once."""

from collections.abc import Collection, Iterable, Sequence
from datetime import date
from decimal import Decimal

import pytest
from aiokafka import TopicPartition

from services.alerts.reactions import reconcilers
from services.alerts.schedule import schedule_view
from shared.contracts.alert import AlertCleared, AlertRaised, AlertUpdated, LampChanged
from shared.contracts.event import EventData
from shared.contracts.progress import ProgressReported
from shared.contracts.project import ProjectClosed, ProjectStarted
from shared.contracts.topics import Topic
from shared.contracts.values import StreamId
from shared.database import Database
from shared.projection import Projection
from shared.store import load
from shared.view_table import make_tables
from tests.projecting import History
from tests.telling import Sent, sent
from tests.unit.alerts.build import PLAN, day
from tests.unit.alerts.test_schedule import APPROVED, KEY, submitted
from tests.unit.registry.builders import proposed

TOPICS = (Topic.PROGRESS, Topic.PROJECT)
PROJECT = KEY.removeprefix("project-")
LAMP, ALERT = StreamId(f"lamp-{PROJECT}"), StreamId(f"alert-behind-schedule-{PROJECT}")


class Partition:
    """One partition of both topics in memory; it is the consumer that the runtime asks."""

    def __init__(self, history: History) -> None:
        self._history = history

    def records(self, topic: Topic, begin: int) -> list[Sent]:
        """What was told, from an offset on."""
        return sent(self._history, self._history.by_topic().get(topic, []), topic)[begin:]

    def assignment(self) -> Collection[TopicPartition]:
        return {TopicPartition(topic.value, 0) for topic in TOPICS}

    def seek(self, partition: TopicPartition, offset: int) -> None:
        """Each round reads from where the projection stands."""

    def pause(self, *partitions: TopicPartition) -> None:
        """A partition that stops fails the test."""

    def resume(self, *partitions: TopicPartition) -> None:
        """Nothing was paused."""

    def highwater(self, partition: TopicPartition) -> int | None:
        return len(self.records(Topic(partition.topic), 0))

    async def beginning_offsets(self, partitions: Iterable[TopicPartition]) -> dict[TopicPartition, int]:
        return dict.fromkeys(partitions, 0)

    async def end_offsets(self, partitions: Iterable[TopicPartition]) -> dict[TopicPartition, int]:
        return {tp: len(self.records(Topic(tp.topic), 0)) for tp in partitions}


class Alerts:
    """The alerts service as far as its schedule goes, on one partition."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.history = History()
        self._partition = Partition(self.history)
        self.projection = self._started()

    def _started(self) -> Projection[object]:
        view = schedule_view({})
        projection = Projection(self.database, view, "alerts", reconcilers=reconcilers(view))
        projection.consumer = self._partition
        return projection

    async def restart(self) -> None:
        """Another process takes over."""
        self.projection = self._started()
        await self.take_over()

    async def take_over(self) -> None:
        """Begin to fold, where the database stands."""
        await make_tables(self.database, [self.projection.view])
        await self.projection.take_over(list(self._partition.assignment()))

    async def tell(self, text: str, *facts: EventData) -> None:
        """Let facts happen to the project on a day, and fold them."""
        self.history.tell(KEY, *facts, on=day(text))
        await self.fold()

    async def begin(self, text: str) -> None:
        """Let a day begin."""
        self.history.begin_day(day(text))
        await self.fold()

    async def fold(self) -> None:
        """Fold what was told."""
        for topic in TOPICS:
            place = TopicPartition(topic.value, 0)
            if waiting := self._partition.records(topic, self.projection.positions[place]):
                await self.projection.batch(waiting)
        assert self.projection.stopped == {}

    async def stream(self, stream: StreamId) -> Sequence[EventData]:
        """What a stream holds."""
        async with self.database.driver() as connection:
            return [event.data for event in (await load(connection, stream)).events]

    async def lamps(self) -> list[str]:
        """The lamps that were lit, in order."""
        return [data.lamp.value for data in await self.stream(LAMP) if isinstance(data, LampChanged)]

    async def alerts(self) -> list[type[EventData]]:
        """What became of the alert, in order."""
        return [type(data) for data in await self.stream(ALERT)]


@pytest.fixture
async def alerts(database: Database) -> Alerts:
    service = Alerts(database)
    await service.take_over()
    await service.begin("2022-12-31")
    await service.tell("01-01", proposed(), submitted(PLAN), APPROVED, ProjectStarted())
    await service.begin("01-01")
    return service


def reported(month: str, percent: str) -> ProgressReported:
    """A month's report."""
    return ProgressReported(month=month, percent=Decimal(percent))


async def test_lamps_and_alerts_follow_events_and_days(alerts: Alerts) -> None:
    await alerts.begin("02-06")
    assert (await alerts.lamps(), await alerts.alerts()) == (["green", "yellow"], [AlertRaised])
    await alerts.tell("02-07", reported("2023-01", "15"))
    assert (await alerts.lamps(), await alerts.alerts()) == (["green", "yellow", "green"], [AlertRaised, AlertCleared])
    await alerts.begin("03-06")
    await alerts.begin("04-06")
    await alerts.begin("05-06")
    assert (await alerts.alerts())[2:] == [AlertRaised, AlertUpdated]
    await alerts.tell("05-10", ProjectClosed(number="1"))
    assert (await alerts.lamps())[-1] == "grey"
    assert (await alerts.alerts())[4:] == [AlertCleared]
    cleared = (await alerts.stream(ALERT))[-1]
    assert isinstance(cleared, AlertCleared)
    assert cleared.episode == 2


async def test_days_that_are_folded_at_once_are_taken_one_after_the_other(alerts: Alerts) -> None:
    for text in ("02-05", "02-06", "03-06", "04-06", "05-06"):
        alerts.history.begin_day(day(text))
    await alerts.fold()
    assert await alerts.alerts() == [AlertRaised, AlertUpdated]
    [raised, updated] = await alerts.stream(ALERT)
    assert isinstance(raised, AlertRaised)
    assert isinstance(updated, AlertUpdated)
    assert (raised.as_of, updated.as_of) == (date(2023, 1, 31), date(2023, 3, 31))


async def test_another_process_appends_nothing_anew(alerts: Alerts) -> None:
    await alerts.begin("02-06")
    before = (await alerts.stream(LAMP), await alerts.stream(ALERT))
    await alerts.restart()
    await alerts.begin("02-07")
    await alerts.tell("02-08", reported("2022-12", "0"))
    assert (await alerts.stream(LAMP), await alerts.stream(ALERT)) == before
