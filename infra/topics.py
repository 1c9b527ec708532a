"""The declared topics and a broker's: create what is absent, say what differs, change nothing."""

import asyncio
import os
import time
import tomllib
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import KafkaConnectionError, TopicAlreadyExistsError, UnknownTopicOrPartitionError, for_code

from infra.stack.failure import StackError

_DECLARATION = Path(__file__).parent / "topics.toml"
_SECONDS = 30.0


@dataclass(frozen=True)
class Topic:
    """A topic as declared or as a broker has it."""

    name: str
    about: str
    partitions: int
    replication: int
    config: Mapping[str, str]


class TopicsError(Exception):
    """Topics that could not be created, or that differ from the declaration: one line each."""

    def __init__(self, lines: Sequence[str]) -> None:
        super().__init__("\n".join(lines))
        self.lines = list(lines)


def declared(replication: int | None = None) -> list[Topic]:
    """The topics of topics.toml; without `replication` it is GUATU_KAFKA_REPLICATION, else 1.

    From three replicas on two must have an event before it counts as written: the relay deletes from
    its outbox what was confirmed.
    """
    copies = int(os.environ.get("GUATU_KAFKA_REPLICATION", "1")) if replication is None else replication
    file = tomllib.loads(_DECLARATION.read_text(encoding="utf-8"))
    config = {**file["config"], "min.insync.replicas": "2" if copies >= 3 else "1"}
    return [Topic(name, about, file["partitions"], copies, config) for name, about in file["topics"].items()]


def differences(wanted: Topic, there: Topic) -> list[str]:
    """What a broker's topic has otherwise than declared, a line each."""
    lines: list[str] = []
    if there.partitions != wanted.partitions:
        lines.append(
            f"{wanted.name}: {there.partitions} partitions, declared are {wanted.partitions}; "
            "a topic's partitions are never changed: keys would move between them"
        )
    if there.replication != wanted.replication:
        lines.append(f"{wanted.name}: replication {there.replication}, declared is {wanted.replication}")
    lines += [
        f"{wanted.name}: {key}={there.config.get(key)}, declared is {value}"
        for key, value in wanted.config.items()
        if there.config.get(key) != value
    ]
    return lines


async def apply(bootstrap: str, topics: Sequence[Topic] | None = None) -> list[str]:
    """Create the topics that are absent and wait until they can be written to; returns their names.

    TopicsError if the broker refuses one, or if one that is there differs from its declaration;
    StackError if none answers.
    """
    wanted = declared() if topics is None else topics
    async with _admin(bootstrap) as admin:
        there = await _present(admin, wanted)
        absent = [topic for topic in wanted if topic.name not in there]
        if absent:
            await _create(admin, absent)
            there = await _until_led(admin, wanted)
    lines = [line for topic in wanted for line in differences(topic, there[topic.name])]
    if lines:
        raise TopicsError(lines)
    return [topic.name for topic in absent]


async def present(bootstrap: str, topics: Sequence[Topic] | None = None) -> dict[str, Topic]:
    """Those of the declared topics that the broker has, as it has them, by name."""
    async with _admin(bootstrap) as admin:
        return await _present(admin, declared() if topics is None else topics)


async def record_counts(bootstrap: str, topics: Mapping[str, Topic]) -> dict[str, int]:
    """How many records each topic holds, by name."""
    partitions = [TopicPartition(t.name, number) for t in topics.values() for number in range(t.partitions)]
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap)
    await consumer.start()
    try:
        first = await consumer.beginning_offsets(partitions)
        last = await consumer.end_offsets(partitions)
    finally:
        await consumer.stop()
    counts = dict.fromkeys(topics, 0)
    for partition in partitions:
        counts[partition.topic] += last[partition] - first[partition]
    return counts


@asynccontextmanager
async def _admin(bootstrap: str) -> AsyncGenerator[AIOKafkaAdminClient]:
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    try:
        try:
            await admin.start()
        except KafkaConnectionError as error:
            raise StackError(f"No Kafka answers at {bootstrap}.") from error
        yield admin
    finally:
        await admin.close()


async def _create(admin: AIOKafkaAdminClient, topics: Sequence[Topic]) -> None:
    answer: Any = await admin.create_topics(
        [NewTopic(t.name, t.partitions, t.replication, topic_configs=dict(t.config)) for t in topics]
    )
    lines: list[str] = []
    for name, code, *message in answer.topic_errors:
        # Another `apply` may have been quicker; what it made is compared like any other.
        if code not in (0, TopicAlreadyExistsError.errno):
            lines.append(f"{name}: {message[0] if message and message[0] else for_code(code).__name__}")
    if lines:
        raise TopicsError(lines)


async def _until_led(admin: AIOKafkaAdminClient, topics: Sequence[Topic]) -> dict[str, Topic]:
    deadline = time.monotonic() + _SECONDS
    while True:
        there = await _present(admin, topics)
        if all(topic.name in there for topic in topics):
            return there
        if time.monotonic() > deadline:
            missing = [topic.name for topic in topics if topic.name not in there]
            raise TopicsError([f"{name}: created, but has no leader after {_SECONDS:.0f} s" for name in missing])
        await asyncio.sleep(0.05)


async def _present(admin: AIOKafkaAdminClient, topics: Sequence[Topic]) -> dict[str, Topic]:
    """The broker's topics among `topics` of which each partition has a leader."""
    partitions: dict[str, list[dict[str, Any]]] = {}
    for answer in await admin.describe_topics([topic.name for topic in topics]):
        if answer["error_code"] == UnknownTopicOrPartitionError.errno:
            continue
        _require_no_error(answer["topic"], answer["error_code"])
        if all(partition["leader"] >= 0 for partition in answer["partitions"]):
            partitions[answer["topic"]] = answer["partitions"]
    if not partitions:
        return {}
    config = await _configurations(admin, list(partitions))
    return {
        topic.name: Topic(
            topic.name,
            topic.about,
            len(partitions[topic.name]),
            min(len(partition["replicas"]) for partition in partitions[topic.name]),
            config[topic.name],
        )
        for topic in topics
        if topic.name in partitions and topic.name in config
    }


async def _configurations(admin: AIOKafkaAdminClient, names: Sequence[str]) -> dict[str, dict[str, str]]:
    """The effective settings of each topic; one that the answering broker does not know yet is left out."""
    asked = [ConfigResource(ConfigResourceType.TOPIC, name) for name in names]
    found: dict[str, dict[str, str]] = {}
    answers: list[Any] = await admin.describe_configs(asked)
    for answer in answers:
        for code, _, _, name, entries in answer.resources:
            if code == UnknownTopicOrPartitionError.errno:
                continue
            _require_no_error(name, code)
            found[name] = {entry[0]: entry[1] for entry in entries}
    return found


def _require_no_error(topic: str, code: int) -> None:
    """Turn an error code of an answer into an exception: the client hands them through."""
    if code:
        raise TopicsError([f"{topic}: {for_code(code).__name__}"])
