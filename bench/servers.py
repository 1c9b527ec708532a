"""The server pair that all measures of a run share: PostgreSQL, with a database for whoever wants one, and Kafka."""

import tempfile
from collections.abc import AsyncGenerator, Generator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, RecordsToDelete

from infra import topics
from infra.stack import kafka, postgres
from shared.contracts.topics import PARTITIONS, Topic
from shared.database import Database, database_url
from shared.migrate import migrate_all_async
from shared.publisher import Message, Publisher


@dataclass(frozen=True)
class Servers:
    """Where they are; `folder` is for logs. `owner_url` is of a user that may do anything."""

    owner_url: str = field(repr=False)
    kafka: str
    folder: Path

    @asynccontextmanager
    async def database(self, service: str | None = None, *, size: int = 34) -> AsyncGenerator[Database]:
        """A service's database, migrated; a new one if no service is named."""
        name = service or f"bench_{uuid4().hex[:8]}"
        await migrate_all_async(self.owner_url, [name])
        database = Database(database_url(self.owner_url, name), name="bench", size=size)
        try:
            yield database
        finally:
            await database.dispose()

    async def clear(self) -> None:
        """Make the topics if need be, and drop what is in them: they then begin where they ended."""
        await topics.apply(self.kafka)
        partitions = [TopicPartition(topic.value, number) for topic in Topic for number in range(PARTITIONS)]
        consumer = AIOKafkaConsumer(bootstrap_servers=self.kafka)
        await consumer.start()
        ends = await consumer.end_offsets(partitions)
        await consumer.stop()
        admin = AIOKafkaAdminClient(bootstrap_servers=self.kafka)
        await admin.start()
        await admin.delete_records({tp: RecordsToDelete(before_offset=end) for tp, end in ends.items()})
        await admin.close()

    async def publish(self, messages: Sequence[Message]) -> None:
        """Send messages as the relay does."""
        publisher = Publisher(self.kafka, client_id="bench")
        try:
            await publisher.start(list(Topic))
            for begin in range(0, len(messages), 5000):
                sent = await publisher.publish(messages[begin : begin + 5000])
                if sent.error is not None:
                    raise sent.error
        finally:
            await publisher.discard()


@contextmanager
def running() -> Generator[Servers]:
    """Start the pair, and stop it in the end."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        server = postgres.start(folder / "postgres")
        try:
            broker = kafka.start(folder / "kafka")
            try:
                yield Servers(server.url, broker.bootstrap, folder)
            finally:
                kafka.stop(broker)
        finally:
            postgres.stop(server)
