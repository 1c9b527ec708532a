"""The declared topics, and how one that differs is told."""

from dataclasses import replace

import pytest

from infra import topics
from infra.topics import declared, differences

FAMILIES = ("reference", "project", "progress", "assessment", "scoring", "alert", "bulletin")


def test_seven_topics_are_declared_for_ever_and_for_events_above_a_mebibyte():
    assert {topic.name for topic in declared(1)} == {f"{family}.events.v1" for family in FAMILIES}
    for topic in declared(1):
        assert topic.partitions == 12
        assert topic.config["retention.ms"] == topic.config["retention.bytes"] == "-1"
        assert topic.config["cleanup.policy"] == "delete"
        assert topic.config["max.message.bytes"] == str(2 * 1024 * 1024)


@pytest.mark.parametrize(("replicas", "in_sync"), [(1, "1"), (2, "1"), (3, "2")])
def test_what_counts_as_written_lies_on_two_brokers_once_there_are_three(
    replicas: int, in_sync: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("GUATU_KAFKA_REPLICATION", str(replicas))
    assert {(topic.replication, topic.config["min.insync.replicas"]) for topic in declared()} == {(replicas, in_sync)}


def test_what_differs_is_told_and_what_the_broker_adds_is_not():
    wanted = declared(1)[0]
    there = replace(wanted, config={**wanted.config, "segment.bytes": "1"})
    assert differences(wanted, there) == []
    there = replace(there, partitions=6, replication=3, config={**there.config, "cleanup.policy": "compact"})
    assert differences(wanted, there) == [
        f"{wanted.name}: 6 partitions, declared are 12; a topic's partitions are never changed: "
        "keys would move between them",
        f"{wanted.name}: replication 3, declared is 1",
        f"{wanted.name}: cleanup.policy=compact, declared is delete",
    ]


async def test_a_broker_that_does_not_answer_is_named():
    with pytest.raises(topics.StackError, match=r"No Kafka answers at 127\.0\.0\.1:9\."):
        await topics.apply("127.0.0.1:9", declared(1))
