"""The way to Kafka: messages go out in order, a batch a partition, and what was confirmed is known."""

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple

from aiokafka import AIOKafkaProducer

from shared.contracts.topics import PARTITIONS
from shared.partition import partition_of

BATCH_BYTES = 900_000
"""A batch is sent once it is so long; a longer message goes alone. Below the topics' `max.message.bytes`."""
REQUEST_MILLISECONDS = 10_000

_CONTENT_TYPE = ("content-type", b"application/cloudevents+json")


class Message(NamedTuple):
    """A stored event on its way out: `id` is its row in the outbox, `pos` its place in the log."""

    id: int
    pos: int
    key: bytes
    topic: str
    partition: int | None
    body: bytes


class Sent(NamedTuple):
    """What became of messages: those confirmed, and why the others were not."""

    confirmed: list[Message]
    error: BaseException | None


class TopicsNotReady(Exception):
    """Topics are absent from the broker, or have another number of partitions than the contracts say."""


class Publisher:
    """An idempotent producer. After an error it is discarded: what it still holds may be delivered or not."""

    def __init__(self, bootstrap: str, *, client_id: str) -> None:
        self._producer = AIOKafkaProducer(
            bootstrap_servers=bootstrap,
            client_id=client_id,
            acks="all",
            enable_idempotence=True,
            linger_ms=0,
            max_batch_size=BATCH_BYTES,
            request_timeout_ms=REQUEST_MILLISECONDS,
        )

    async def start(self, topics: Sequence[str]) -> None:
        """Connect.

        Raises:
            TopicsNotReady: one of `topics` is absent or has another number of partitions.
        """
        await self._producer.start()
        # All topics are asked for at once: asking for one by name may create it.
        cluster = await self._producer.client.fetch_all_metadata()
        counts = {topic: len(cluster.partitions_for_topic(topic) or ()) for topic in topics}
        wrong = [f"{topic} has {count}" for topic, count in counts.items() if count != PARTITIONS]
        if wrong:
            raise TopicsNotReady(f"topics need {PARTITIONS} partitions, run `guatu topics apply`: {', '.join(wrong)}")

    async def publish(self, messages: Sequence[Message]) -> Sent:
        """Send messages, each partition's in their order, and wait for the confirmation of each.

        The partitions do not wait for each other; within one a batch follows only once the one before it is
        confirmed, so that a failure leaves no hole.
        """
        lanes: dict[tuple[str, int], list[Message]] = defaultdict(list)
        for message in messages:
            partition = partition_of(message.key.decode()) if message.partition is None else message.partition
            lanes[message.topic, partition].append(message)
        confirmed: list[Message] = []
        outcomes = await asyncio.gather(
            *(self._send(topic, partition, lane, confirmed) for (topic, partition), lane in lanes.items()),
            return_exceptions=True,
        )
        return Sent(confirmed, next((outcome for outcome in outcomes if outcome is not None), None))

    async def _send(self, topic: str, partition: int, lane: Sequence[Message], confirmed: list[Message]) -> None:
        rest = lane
        while rest:
            batch = self._producer.create_batch()
            count = 0
            for message in rest:
                headers = [("pos", b"%d" % message.pos), _CONTENT_TYPE]
                if batch.append(timestamp=None, key=message.key, value=message.body, headers=headers) is None:
                    break
                count += 1
            await (await self._producer.send_batch(batch, topic, partition=partition))
            confirmed += rest[:count]
            rest = rest[count:]

    async def discard(self) -> None:
        """Disconnect, giving up what is not yet confirmed. Takes as long as a request that is under way."""
        producer = self._producer
        # What its stop() does, but for sending all first: that may take until a broker is back, for hours.
        producer._closed = True  # pyright: ignore[reportPrivateUsage]
        await producer._sender.close()  # pyright: ignore[reportPrivateUsage]
        await producer.client.close()
