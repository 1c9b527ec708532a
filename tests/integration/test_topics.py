"""The declared topics on a real broker."""

import asyncio
from dataclasses import replace
from uuid import uuid4

import pytest

from infra.topics import Topic, TopicsError, apply, declared, present, record_counts


@pytest.fixture
def topics() -> list[Topic]:
    """The declared topics under names of their own: the broker is shared."""
    prefix = uuid4().hex[:8]
    return [replace(topic, name=f"{prefix}.{topic.name}") for topic in declared(1)]


async def test_absent_topics_are_made_as_declared_and_only_once(kafka: str, topics: list[Topic]):
    names = [topic.name for topic in topics]
    assert await present(kafka, topics) == {}
    assert await apply(kafka, topics) == names
    assert await apply(kafka, topics) == []
    there = await present(kafka, topics)
    assert list(there) == names
    for topic in topics:
        assert there[topic.name].partitions == 12
        assert topic.config.items() <= there[topic.name].config.items()
    assert await record_counts(kafka, there) == dict.fromkeys(names, 0)


async def test_the_rest_is_made_where_some_are_there(kafka: str, topics: list[Topic]):
    await apply(kafka, topics[:2])
    assert await apply(kafka, topics) == [topic.name for topic in topics[2:]]


async def test_two_who_apply_at_once_end_with_the_same_topics(kafka: str, topics: list[Topic]):
    await asyncio.gather(apply(kafka, topics), apply(kafka, topics))
    assert await apply(kafka, topics) == []


async def test_a_topic_that_differs_is_told_and_left_as_it_is(kafka: str, topics: list[Topic]):
    wanted = topics[0]
    other = replace(wanted, partitions=3, config={**wanted.config, "cleanup.policy": "compact"})
    await apply(kafka, [other])
    with pytest.raises(TopicsError) as raised:
        await apply(kafka, topics)
    assert raised.value.lines == [
        f"{wanted.name}: 3 partitions, declared are 12; a topic's partitions are never changed: "
        "keys would move between them",
        f"{wanted.name}: cleanup.policy=compact, declared is delete",
    ]
    there = (await present(kafka, topics))[wanted.name]
    assert there.partitions == 3
    assert there.config["cleanup.policy"] == "compact"


async def test_what_the_broker_refuses_is_told_by_topic(kafka: str, topics: list[Topic]):
    with pytest.raises(TopicsError, match=rf"^{topics[0].name}: .*replicat"):
        await apply(kafka, [replace(topics[0], replication=9)])
