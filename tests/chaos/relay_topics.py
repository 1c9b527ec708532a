"""What stands in the topics, read by a consumer of the checks' own."""

from collections.abc import Sequence
from typing import NamedTuple

from aiokafka import AIOKafkaConsumer, TopicPartition

from shared.contracts.topics import PARTITIONS


class Record(NamedTuple):
    """A message as a consumer gets it."""

    topic: str
    partition: int
    offset: int
    key: str
    value: bytes
    headers: dict[str, bytes]

    @property
    def pos(self) -> int:
        """The position in the log, as the header has it."""
        return int(self.headers["pos"])


class Tail:
    """All that comes into some topics after this was started: other tests write to them too."""

    def __init__(self, kafka: str, topics: Sequence[str]) -> None:
        self._kafka = kafka
        self._partitions = [TopicPartition(topic, number) for topic in topics for number in range(PARTITIONS)]
        self._begin: dict[TopicPartition, int] = {}

    async def start(self) -> None:
        """Remember where the topics end now."""
        consumer = await self._consumer()
        self._begin = await consumer.end_offsets(self._partitions)
        await consumer.stop()

    async def records(self) -> list[Record]:
        """What has come since, each partition's in its order."""
        consumer = await self._consumer()
        try:
            consumer.assign(self._partitions)
            ends = await consumer.end_offsets(self._partitions)
            for partition in self._partitions:
                consumer.seek(partition, self._begin[partition])
            found: list[Record] = []
            while any([await consumer.position(partition) < end for partition, end in ends.items()]):
                for partition, records in (await consumer.getmany(timeout_ms=300)).items():
                    for r in records:
                        assert r.key is not None
                        assert r.value is not None
                        key = r.key.decode()
                        found.append(Record(*partition, r.offset, key, r.value, dict(r.headers)))
            return found
        finally:
            await consumer.stop()

    async def _consumer(self) -> AIOKafkaConsumer:
        consumer = AIOKafkaConsumer(bootstrap_servers=self._kafka, enable_auto_commit=False)
        await consumer.start()
        return consumer
