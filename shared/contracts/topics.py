"""The topics: one a family of events. Each has the same number of partitions, so that families are co-partitioned."""

from enum import StrEnum
from functools import lru_cache

from aiokafka.partitioner import murmur2


class Topic(StrEnum):
    """A Kafka topic of events; the version in its name changes only with the number of partitions."""

    REFERENCE = "reference.events.v1"
    PROJECT = "project.events.v1"
    PROGRESS = "progress.events.v1"
    ASSESSMENT = "assessment.events.v1"
    SCORING = "scoring.events.v1"
    ALERT = "alert.events.v1"
    BULLETIN = "bulletin.events.v1"

    @property
    def family(self) -> str:
        """The first word of the topic, as it stands in `at` tokens: `project`."""
        return self.value.split(".", 1)[0]


PARTITIONS = 12


@lru_cache(maxsize=16_384)
def partition_of(key: str) -> int:
    """The partition of a message's key, which is its stream, as Java's clients choose it."""
    return (murmur2(key.encode()) & 0x7FFFFFFF) % PARTITIONS
