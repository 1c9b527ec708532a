"""What a batch of records makes of a view's rows: the pure part of a projection, without any I/O."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from heapq import heappop, heappush
from typing import Any, Generic, Protocol, TypeVar

import orjson

from shared.contracts import progress, project
from shared.contracts.event import Event, UnknownEventType, read
from shared.contracts.topics import Topic
from shared.contracts.values import StreamId
from shared.view import View
from shared.view_table import Kept, Parked

R = TypeVar("R")

DAY_CATEGORY = "day"
NO_VERSION = "topicversion is no version"
WAITING = "an earlier event of this key is parked"


class Record(Protocol):
    """A record of a topic, as a consumer hands it over."""

    @property
    def topic(self) -> str: ...
    @property
    def partition(self) -> int: ...
    @property
    def offset(self) -> int: ...
    @property
    def key(self) -> bytes | None: ...
    @property
    def value(self) -> bytes | None: ...


@dataclass(frozen=True, slots=True)
class Change(Generic[R]):
    """A row before and after a part of a batch, the last event that changed it, and the view's day."""

    key: StreamId
    before: R
    after: R
    cause: Event[Any]
    day: date | None


@dataclass(frozen=True, slots=True)
class Withheld:
    """An event to be parked. Without a version to be read it has a negative one, which no event has."""

    partition: int
    key: str
    topic: str
    topic_version: int
    body: bytes
    error: str


@dataclass(frozen=True, slots=True)
class End:
    """Where folding came to: the index of the record it stands at, and why: a reason to stop, a day, or the end."""

    index: int
    stop: str | None = None
    day: Event[Any] | None = None


class Fault(Exception):
    """Rows that the view itself cannot make: the errors by key."""

    def __init__(self, errors: Mapping[str, str]) -> None:
        super().__init__(dict(errors))
        self.errors = errors


class Fold(Generic[R]):
    """The rows that one transaction works on.

    `take` folds records up to a day's beginning or to a reason to stop, `settle` ends such a part, `begin_day`
    lets a day begin for a partition. `changed` are the rows to write, `withheld` the events to park.
    """

    def __init__(
        self,
        view: View[R],
        rows: dict[str, Kept[R]],
        parked: Mapping[str, Mapping[str, Parked]],
        faulty: Mapping[str, str] | None = None,
    ) -> None:
        """`faulty` are keys whose events of this batch are to be parked, with their errors."""
        self.view = view
        self.rows = rows
        self.changed: dict[str, Kept[R]] = {}
        self.withheld: list[Withheld] = []
        self._blocked = dict.fromkeys(parked, WAITING) | dict(faulty or {})
        self._parked = {key: dict(topics) for key, topics in parked.items()}
        self._touched: dict[str, tuple[R, Event[Any] | None]] = {}
        self._due: dict[int, list[tuple[date, str]]] = {}

    def watch_days(self, partition: int, due: Iterable[Kept[R]]) -> None:
        """Days will begin in this partition: take in the rows that may become due by them."""
        for kept in due:
            self.rows.setdefault(kept.key, kept)
        heap = self._due[partition] = []
        for kept in self.rows.values():
            if kept.partition == partition and kept.due is not None:
                heappush(heap, (kept.due, kept.key))

    def take(self, topic: Topic, records: Sequence[Record], begin: int) -> End:
        """Fold the records from this index on; the rows of all their keys that exist have been given."""
        view, rows, touched, evolve = self.view, self.rows, self._touched, self.view.evolve
        position = view.ordered_topics.index(topic)
        folded = view.topics[topic]
        for index in range(begin, len(records)):
            record = records[index]
            key = key_of(record)
            if key is None:
                return End(index, f"offset {record.offset}: no stream id as the key")
            category = key[: key.find("-")]
            if category not in folded:
                if category == DAY_CATEGORY:
                    end = _day(record, index)
                    if end.day is not None or end.stop is not None:
                        return end
                continue
            kept = rows.get(key)
            if kept is None:
                kept = rows[key] = Kept(key, record.partition, view.row(), [0] * len(view.topics))
            event, version, error = decoded(record.value or b"")
            seen = kept.seen[position]
            if version is None or version != seen + 1 or error is not None or key in self._blocked:
                stop = self._irregular(record, key, version, seen, error)
                if stop is not None:
                    return End(index, stop)
                continue
            row = kept.row
            if event is not None:
                try:
                    row = evolve(row, event)
                except Exception as wrong:
                    self._withhold(record, key, version, repr(wrong))
                    continue
            before = touched.get(key)
            touched[key] = (kept.row if before is None else before[0], event or (before and before[1]))
            kept.row = row
            kept.seen[position] = version
        return End(len(records))

    def _irregular(self, record: Record, key: str, version: int | None, seen: int, error: str | None) -> str | None:
        """A copy, a gap, an event of a key that is parked or has to be; says why to stop, if so."""
        parked = self._parked.get(key, {}).get(record.topic, Parked(0, unversioned=False))
        known = max(seen, parked.highest)
        if version is not None and version <= known:
            return None
        if version is not None and version > known + 1 and not parked.unversioned:
            return f"gap: {key} has version {known} of {record.topic}, offset {record.offset} has {version}"
        self._withhold(record, key, version, error or self._blocked[key])
        return None

    def _withhold(self, record: Record, key: str, version: int | None, error: str) -> None:
        self._blocked.setdefault(key, WAITING)
        noted = -1 - record.offset % 2**31 if version is None else version
        self.withheld.append(Withheld(record.partition, key, record.topic, noted, record.value or b"", error[:2000]))
        topics = self._parked.setdefault(key, {})
        before = topics.get(record.topic, Parked(0, unversioned=False))
        topics[record.topic] = Parked(max(before.highest, noted), before.unversioned or version is None)

    def settle(self, day: date | None) -> list[Change[R]]:
        """End a part of the batch: settle the rows that it changed, with the view's day.

        Raises:
            Fault: the view cannot settle some of them.
        """
        touched, self._touched = self._touched, {}
        return self._settled(((self.rows[key], before, cause) for key, (before, cause) in touched.items()), day)

    def begin_day(self, partition: int, day: date, cause: Event[Any], *, first: bool) -> list[Change[R]]:
        """Settle the partition's rows that are due now that the view's day is this one; all, if it is the first."""
        if first:
            rows = [kept for kept in self.rows.values() if kept.partition == partition]
            return self._settled(((kept, kept.row, cause) for kept in rows), day)
        heap, keys = self._due[partition], set[str]()
        while heap and heap[0][0] <= day:
            due, key = heappop(heap)
            if self.rows[key].due == due:
                keys.add(key)
        return self._settled(((self.rows[key], self.rows[key].row, cause) for key in sorted(keys)), day)

    def _settled(self, parts: Iterable[tuple[Kept[R], R, Event[Any] | None]], day: date | None) -> list[Change[R]]:
        changes: list[Change[R]] = []
        errors: dict[str, str] = {}
        for kept, before, cause in parts:
            try:
                settle_row(self.view, kept, day)
            except Exception as error:
                errors[kept.key] = repr(error)
                continue
            self.changed[kept.key] = kept
            if kept.due is not None and kept.partition in self._due:
                heappush(self._due[kept.partition], (kept.due, kept.key))
            if cause is not None:
                changes.append(Change(StreamId(kept.key), before, kept.row, cause, day))
        if errors:
            raise Fault(errors)
        return changes


def settle_row(view: View[R], kept: Kept[R], day: date | None) -> None:
    """Settle a row with the view's day, and note when it is due next."""
    if view.settle is not None:
        kept.row = view.settle(kept.row, day)
    if view.next_due is not None:
        kept.due = view.next_due(kept.row)


def key_of(record: Record) -> str | None:
    """The record's key, a stream id; None if it is no text or no such id."""
    try:
        key = (record.key or b"").decode()
    except UnicodeDecodeError:
        return None
    return key if "-" in key else None


def keys_of(view: View[Any], topic: Topic, records: Iterable[Record]) -> Collection[str]:
    """The keys among the records that the view folds from this topic."""
    folded = view.topics[topic]
    keys = (key_of(record) for record in records)
    return {key for key in keys if key is not None and key[: key.find("-")] in folded}


def last_day(records: Iterable[Record]) -> date | None:
    """The last day that begins in these records."""
    days = [
        event.data.day
        for record in records
        if (record.key or b"").startswith(b"day-") and (event := _day(record, 0).day) is not None
    ]
    return max(days, default=None)


def _day(record: Record, index: int) -> End:
    try:
        event = read(record.value or b"")
    except UnknownEventType:
        return End(index)
    except Exception as wrong:
        return End(index, f"offset {record.offset}: a day that cannot be read: {wrong!r}")
    if isinstance(event.data, project.DayBegan | progress.DayBegan):
        return End(index, day=event)
    return End(index)


def decoded(body: bytes) -> tuple[Event[Any] | None, int | None, str | None]:
    """An event, its version within the topic, and why it cannot be read. An unknown type is no event and no error."""
    event: Event[Any] | None = None
    error: str | None = None
    try:
        event = read(body)
        version: object = event.topic_version
    except UnknownEventType:
        version = _version_of(body)
    except Exception as wrong:
        error, version = repr(wrong), _version_of(body)
    if type(version) is not int or version < 1:
        return None, None, error or NO_VERSION
    return event, version, error


def _version_of(body: bytes) -> object:
    """The version that a body names whose event cannot be read."""
    try:
        return orjson.loads(body)["topicversion"]
    except (ValueError, KeyError, TypeError):
        return None
