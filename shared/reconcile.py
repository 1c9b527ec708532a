"""Reconcilers (process managers): what should be, by a view's rows, against what this service's streams hold.

The difference is appended last in the projection's transaction. That the offset moves in the same transaction
makes each reaction happen once; that its id comes from its business key makes a second one fail loudly.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Generic, TypeVar
from uuid import NAMESPACE_URL, UUID, uuid5

import asyncpg

from shared.clock import start_of
from shared.command import Aggregate
from shared.contracts import progress, project
from shared.contracts.event import Context, Event, EventData, Sealed, read
from shared.contracts.values import StreamId
from shared.folding import Change
from shared.store import Item, Outcome, Stream, append_in, load_many, make_item
from shared.view import View

R = TypeVar("R")
S = TypeVar("S")

ACTOR = "system"
"""Who does what follows of itself: reactions, and the real days."""


@dataclass(frozen=True, slots=True)
class Reaction:
    """An event to be appended to a stream of this service.

    `business_key` names it among all reactions of the service, for ever: rule, subject and episode, such as
    `behind-schedule/project-…/3/raised`. Its id comes from it.
    """

    stream: StreamId
    data: EventData
    business_key: str


def differs(before: object, after: object) -> bool:
    """Whether the row has changed at all."""
    return before != after


@dataclass(frozen=True)
class Reconciler(Generic[R, S]):
    """A rule on a view's rows that keeps streams of this service as they should be.

    For each changed row for which `relevant(before, after)` holds (the row before its subject's first event is
    `view.row()`), the streams that `streams(key, row)` names are loaded, locked and folded by `aggregate`; then
    `react(key, row, states)` says what is missing, a stream that does not exist having the aggregate's initial
    state. All of these are pure. `org(row)` is the unit that the reactions belong to.
    """

    view: View[R]
    aggregate: Aggregate[S]
    streams: Callable[[StreamId, R], Sequence[StreamId]]
    react: Callable[[StreamId, R, Mapping[StreamId, S]], Sequence[Reaction]]
    org: Callable[[R], str]
    relevant: Callable[[R, R], bool] = differs


class Outrun(Exception):
    """A stream was written meanwhile: the whole batch has to be run again."""


@dataclass(slots=True)
class _Open:
    """A stream as it is once the reactions so far are appended, and these reactions."""

    stream: Stream
    at: int
    sealed: list[Sealed] = field(default_factory=list[Sealed])


class Reactions:
    """The reactions of one transaction: gathered part by part, appended at its end."""

    def __init__(self, view: View[Any], reconcilers: Sequence[Reconciler[Any, Any]], source: str) -> None:
        """Of the service's `reconcilers` those of this view; `source` is as its events name it: `/guatu/alerts`."""
        self._reconcilers = [one for one in reconcilers if one.view is view]
        self._source = source
        self._open: dict[StreamId, _Open] = {}

    async def consider(self, connection: asyncpg.Connection, changes: Sequence[Change[Any]]) -> None:
        """React to rows that were changed by one part of a batch."""
        for reconciler in self._reconcilers:
            wanted = [
                (change, reconciler.streams(change.key, change.after))
                for change in changes
                if reconciler.relevant(change.before, change.after)
            ]
            await self._load(connection, {stream for _, streams in wanted for stream in streams})
            for change, streams in wanted:
                states = {name: reconciler.aggregate.of(self._open[name].stream.events) for name in streams}
                for reaction in reconciler.react(change.key, change.after, states):
                    if reaction.stream not in states:
                        raise ValueError(f"a reaction to {change.key} on {reaction.stream}, which was not asked for")
                    self._add(reaction, self._context(reaction, change, reconciler.org(change.after)))

    async def append(self, connection: asyncpg.Connection) -> bool:
        """Append what was gathered, one item a stream; says whether there was anything.

        Raises:
            Outrun: a stream was written meanwhile.
            asyncpg.UniqueViolationError: a reaction of this business key exists.
        """
        items = [_item(opened) for _, opened in sorted(self._open.items()) if opened.sealed]
        if not items:
            return False
        for item, verdict in zip(items, await append_in(connection, items), strict=True):
            if verdict.outcome is not Outcome.OK:
                raise Outrun(f"{item.stream} is at version {verdict.version}, not {item.expected}")
        return True

    async def _load(self, connection: asyncpg.Connection, streams: set[StreamId]) -> None:
        missing = sorted(streams - self._open.keys())
        if missing:
            loaded = await load_many(connection, missing, lock=True)
            self._open.update((name, _Open(stream, stream.version)) for name, stream in loaded.items())

    def _add(self, reaction: Reaction, context: Context) -> None:
        opened = self._open[reaction.stream]
        item = make_item(opened.stream, [reaction.data], context)
        opened.sealed += item.events
        events = (*opened.stream.events, *(read(event.body) for event in item.events))
        opened.stream = Stream(item.stream, item.version, item.topic_versions, item.head, events)

    def _context(self, reaction: Reaction, change: Change[Any], org: str) -> Context:
        cause = change.cause
        time, effective = _when(cause, change.day)
        return Context(
            command_id=reaction_id(self._source, reaction.business_key),
            source=self._source,
            time=time,
            actor=ACTOR,
            org=org,
            effective=effective,
            correlation_id=cause.correlation_id,
            causation_id=str(cause.id),
            traceparent=cause.traceparent,
        )


def reaction_id(source: str, business_key: str) -> UUID:
    """The id that stands for a reaction where a command's would: its event is the first under it."""
    return uuid5(NAMESPACE_URL, f"urn:guatu:reaction:{source}:{business_key}")


def _when(cause: Event[Any], day: date | None) -> tuple[datetime, date]:
    """A day's reactions are of its first moment and hold for it, others are of their cause's moment and day."""
    if isinstance(cause.data, project.DayBegan | progress.DayBegan) and day is not None:
        return start_of(day), day
    return cause.time, cause.effective


def _item(opened: _Open) -> Item:
    stream = opened.stream
    return Item(stream.id, opened.at, tuple(opened.sealed), stream.topic_versions, stream.head)
