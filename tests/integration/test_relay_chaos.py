"""The relay keeps its promises while its processes die or stand still at each step, and the broker is killed."""

import asyncio
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra import topics
from infra.stack import kafka as local_kafka
from infra.stack.failure import StackError
from shared.contracts.topics import Topic
from shared.database import Database
from shared.publisher import Message, Publisher
from tests.chaos import relay
from tests.chaos.relay_topics import Tail


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[local_kafka.Broker]:
    """A broker that the test may kill."""
    try:
        broker = local_kafka.start(tmp_path / "kafka")
    except StackError as missing:
        pytest.skip(f"needs a broker that it may kill: {missing}")
    yield broker
    if running := local_kafka.find(tmp_path / "kafka"):
        local_kafka.stop(running)


async def test_every_event_gets_to_its_topic_in_order_whatever_breaks(
    database: Database, broker: local_kafka.Broker, tmp_path: Path
) -> None:
    await topics.apply(broker.bootstrap)
    tail = Tail(broker.bootstrap, relay.TOPICS)
    await tail.start()
    did = await relay.run(database.url, broker, tmp_path / "fire", seconds=12)
    wrong, seen = await relay.check(database.url, tail)
    assert wrong == []
    assert min(did["killed"], did["stopped"], did["ended"], did["broker killed"]) > 0
    assert did["crashed"] == 0
    assert seen["events"] == did["appended"] > 1000


async def test_a_publisher_is_discarded_though_its_broker_is_gone(broker: local_kafka.Broker) -> None:
    await topics.apply(broker.bootstrap)
    publisher = Publisher(broker.bootstrap, client_id="test")
    await publisher.start(list(Topic))
    sent = await publisher.publish([Message(0, 0, b"k", Topic.PROJECT, 0, b"x")])
    assert len(sent.confirmed) == 1
    os.kill(broker.pid, signal.SIGKILL)
    sending = asyncio.create_task(publisher.publish([Message(1, 1, b"k", Topic.PROJECT, 0, b"x")]))
    await asyncio.wait({sending}, timeout=1)
    assert not sending.done()
    sending.cancel()
    async with asyncio.timeout(20):
        await publisher.discard()
