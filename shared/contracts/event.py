"""The envelope: one CloudEvents 1.0 event in structured JSON, as canonical bytes, and the models of its data."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, ClassVar, Generic, NamedTuple, TypeVar
from uuid import UUID, uuid5

import orjson
from pydantic import BaseModel, ConfigDict

from shared.contracts.topics import Topic
from shared.contracts.values import StreamId

PREFIX = "cn.guatu."
SCHEMA_URN = "urn:guatu:schema:"


class EventData(BaseModel):
    """What happened: the data of an event. A subclass names its type and topic and is thereby known.

    Unknown fields are refused when an event is made and ignored when one is read, so that an older
    reader understands a newer, additive writer.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    type: ClassVar[str] = ""
    topic: ClassVar[Topic]

    def __init_subclass__(cls, *, name: str = "", topic: Topic | None = None) -> None:
        super().__init_subclass__()
        if topic is not None:
            cls.topic = topic
        if name:
            cls.type = PREFIX + name
            if cls.type in _models:
                raise TypeError(f"two models of the type {cls.type}")
            _models[cls.type] = cls


class Part(BaseModel):
    """A value inside of an event's data."""

    model_config = ConfigDict(frozen=True, extra="forbid")


D = TypeVar("D", covariant=True)


class Event(NamedTuple, Generic[D]):
    """An event as it is read: the attributes of the envelope and its data. A tuple, since it is made by the million.

    `stream_version` counts within the stream, `topic_version` within the stream's part in this topic:
    a consumer of one topic sees the latter without gaps. `effective` is the day the fact holds for; why it was told
    late, `effective_reason` says.
    """

    id: UUID
    source: str
    type: str
    subject: StreamId
    time: datetime
    stream_version: int
    topic_version: int
    actor: str
    on_behalf_of: str | None
    org: str
    effective: date
    correlation_id: str
    causation_id: str
    traceparent: str | None
    data: D
    effective_reason: str | None = None


@dataclass(frozen=True, slots=True)
class Context:
    """Who makes an event, when, for whom and why: the attributes that all events of a command share."""

    command_id: UUID
    source: str
    time: datetime
    actor: str
    org: str
    effective: date
    on_behalf_of: str | None = None
    correlation_id: str | None = None
    causation_id: str | None = None
    traceparent: str | None = None
    effective_reason: str | None = None


class Sealed(NamedTuple):
    """An event made ready to be stored: `body` is what is stored, hashed and published."""

    event_id: UUID
    type: str
    topic: Topic
    topic_version: int
    body: bytes


class UnknownEventType(ValueError):
    """The type is of no model and no upcaster in this version of the contracts."""


Upcaster = Callable[[dict[str, Any]], dict[str, Any]]

_models: dict[str, type[EventData]] = {}
_upcasters: dict[str, tuple[str, Upcaster]] = {}


def models() -> Iterator[tuple[str, type[EventData]]]:
    """Every known event type with its model, by name."""
    yield from sorted(_models.items())


def upcaster(old: str, new: str) -> Callable[[Upcaster], Upcaster]:
    """Register a pure function from the data of type `old` to the data of the type `new` (names without prefix)."""

    def register(function: Upcaster) -> Upcaster:
        if PREFIX + old in _upcasters:
            raise TypeError(f"two upcasters from {old}")
        _upcasters[PREFIX + old] = (PREFIX + new, function)
        return function

    return register


def source_of(service: str) -> str:
    """The source of a service's events: `/guatu/registry`."""
    return f"/guatu/{service}"


def canonical(value: object) -> bytes:
    """Canonical JSON bytes, equal to RFC 8785 for values without floats, with ASCII keys and integers below 2^53."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


def timestamp(moment: datetime) -> str:
    """RFC 3339 in UTC with six decimals: `2023-08-22T01:02:03.123456Z`."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def seal(
    data: EventData, context: Context, *, n: int, stream: StreamId, stream_version: int, topic_version: int
) -> Sealed:
    """Make the n-th event of a command: its id is uuid5(command id, n), so that a retry makes the same event."""
    event_id = uuid5(context.command_id, str(n))
    command_id = str(context.command_id)
    envelope = {
        "specversion": "1.0",
        "id": str(event_id),
        "source": context.source,
        "type": data.type,
        "subject": stream,
        "time": timestamp(context.time),
        "datacontenttype": "application/json",
        "dataschema": SCHEMA_URN + data.type.removeprefix(PREFIX),
        "streamversion": stream_version,
        "topicversion": topic_version,
        "actor": context.actor,
        "org": context.org,
        "effective": context.effective.isoformat(),
        "correlationid": context.correlation_id or command_id,
        "causationid": context.causation_id or command_id,
        "data": data.model_dump(mode="json"),
    }
    if context.on_behalf_of is not None:
        envelope["onbehalfof"] = context.on_behalf_of
    if context.traceparent is not None:
        envelope["traceparent"] = context.traceparent
    if context.effective_reason is not None:
        envelope["effectivereason"] = context.effective_reason
    return Sealed(event_id, data.type, data.topic, topic_version, canonical(envelope))


def read(body: bytes) -> Event[EventData]:
    """Decode and upcast a stored or published event.

    Raises:
        UnknownEventType: this version of the contracts does not know the type.
        ValueError: the bytes are no valid event (pydantic.ValidationError and orjson.JSONDecodeError are such).
    """
    try:
        return _read(orjson.loads(body))
    except KeyError as missing:
        raise ValueError(f"the envelope lacks {missing}") from missing


def data_of(type: str, data: dict[str, Any]) -> EventData:
    """What happened, out of the type and the data as they were once stored: upcast, unknown fields left out.

    Raises:
        UnknownEventType: this version of the contracts does not know the type.
        pydantic.ValidationError: it is no such data.
    """
    while type in _upcasters:
        type, up = _upcasters[type]
        data = up(data)
    model = _models.get(type)
    if model is None:
        raise UnknownEventType(type)
    return model.model_validate(data, extra="ignore")


def _read(e: dict[str, Any]) -> Event[EventData]:
    data = data_of(e["type"], e["data"])
    return Event(
        UUID(e["id"]),
        e["source"],
        data.type,
        e["subject"],
        datetime.fromisoformat(e["time"]),
        e["streamversion"],
        e["topicversion"],
        e["actor"],
        e.get("onbehalfof"),
        e["org"],
        date.fromisoformat(e["effective"]),
        e["correlationid"],
        e["causationid"],
        e.get("traceparent"),
        data,
        e.get("effectivereason"),
    )
