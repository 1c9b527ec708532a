"""For tests of views: a history told event by event, and a fold that shares nothing with the runtime."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID

from hypothesis import strategies as st

from shared.contracts import progress, project
from shared.contracts.event import Context, Event, EventData, read, seal
from shared.contracts.topics import Topic
from shared.contracts.values import StreamId
from shared.view import View

R = TypeVar("R")

Told = Event[Any]

DAY_TOPICS = (Topic.PROGRESS, Topic.PROJECT)


@dataclass
class History:
    """Events as the store would make them: versions by stream and topic, ids in the order of telling."""

    source: str = "/guatu/registry"
    events: list[Told] = field(default_factory=list[Told])
    bodies: dict[UUID, bytes] = field(default_factory=dict[UUID, bytes])
    streams: dict[str, int] = field(default_factory=dict[str, int])
    parts: dict[tuple[str, Topic], int] = field(default_factory=dict[tuple[str, Topic], int])

    def tell(
        self,
        stream: str,
        *facts: EventData,
        on: date = date(2023, 3, 1),
        actor: str = "p-1",
        for_whom: str | None = None,
    ) -> list[Told]:
        """Let these facts happen to a stream on a day; gives their events."""
        told: list[Told] = []
        for fact in facts:
            number = len(self.events) + 1
            self.streams[stream] = self.streams.get(stream, 0) + 1
            self.parts[stream, fact.topic] = self.parts.get((stream, fact.topic), 0) + 1
            moment = datetime(on.year, on.month, on.day, 1, tzinfo=UTC) + timedelta(seconds=number % 3600)
            context = Context(UUID(int=number), self.source, moment, actor, "340822", on, on_behalf_of=for_whom)
            sealed = seal(
                fact,
                context,
                n=0,
                stream=StreamId(stream),
                stream_version=self.streams[stream],
                topic_version=self.parts[stream, fact.topic],
            )
            event = read(sealed.body)
            self.bodies[event.id] = sealed.body
            self.events.append(event)
            told.append(event)
        return told

    def begin_day(self, day: date, *, partition: int = 0) -> list[Told]:
        """Let a day begin in one partition of both topics that have days."""
        facts = (progress.DayBegan(day=day), project.DayBegan(day=day))
        return [event for fact in facts for event in self.tell(f"day-{partition:02}", fact, on=day)]

    def by_topic(self) -> dict[Topic, list[Told]]:
        """The events of each topic in the order of telling, as one partition has them."""
        topics: dict[Topic, list[Told]] = {}
        for event in self.events:
            topics.setdefault(event.data.topic, []).append(event)
        return topics


def fold_all(view: View[R], events: Iterable[Told], day: date | None = None) -> dict[str, R]:
    """The rows that a view makes of these events, by key; a copy of an event is skipped.

    Days begin by the `DayBegan` events among them, the view's day being the lesser of its topics'. With `day`
    given, the events' days are left out and all is folded on that day.
    """
    rows: dict[str, R] = {}
    seen: dict[tuple[str, Topic], int] = {}
    days: dict[Topic, date] = {}
    today = day
    for event in events:
        topic = event.data.topic
        if topic not in view.topics:
            continue
        if isinstance(event.data, progress.DayBegan | project.DayBegan):
            days[topic] = max(event.data.day, days.get(topic, event.data.day))
            told = [days.get(one) for one in DAY_TOPICS if one in view.topics]
            before, today = today, day or (None if None in told else min(one for one in told if one))
            if today != before:
                for key, row in rows.items():
                    due = view.next_due(row) if view.next_due else None
                    if today is not None and view.next_due and (before is None or (due is not None and due <= today)):
                        rows[key] = _settled(view, row, today)
            continue
        if event.subject.partition("-")[0] not in view.topics[topic]:
            continue
        known = seen.get((event.subject, topic), 0)
        if event.topic_version <= known:
            continue
        assert event.topic_version == known + 1, f"a gap: {event.subject} {topic} {known} → {event.topic_version}"
        seen[event.subject, topic] = event.topic_version
        rows[event.subject] = _settled(view, view.evolve(rows.get(event.subject, view.row()), event), today)
    return rows


def _settled(view: View[R], row: R, day: date | None) -> R:
    return row if view.settle is None else view.settle(row, day)


def interleavings(by_topic: Mapping[Topic, Sequence[Told]]) -> st.SearchStrategy[list[Told]]:
    """Every order in which one partition of each topic may be read, the topics going at any pace."""

    def merged(turns: list[Topic]) -> list[Told]:
        queues = {topic: iter(events) for topic, events in by_topic.items()}
        return [next(queues[topic]) for topic in turns]

    turns = [topic for topic, events in by_topic.items() for _ in events]
    return st.permutations(turns).map(merged)


def assert_any_order_and_twice(view: View[Any], history: History, order: Sequence[Told]) -> None:
    """This order of the topics gives the rows of the order of telling, and so do all the events sent twice.

    `order` comes from `interleavings(history.by_topic())`.
    """
    expected = fold_all(view, history.events)
    assert fold_all(view, order) == expected
    assert fold_all(view, [*order, *order]) == expected
    assert fold_all(view, [copy for event in order for copy in (event, event)]) == expected
