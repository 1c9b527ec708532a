"""The topics: one a family of events. Each has the same number of partitions, so that families are co-partitioned."""

from enum import StrEnum


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
