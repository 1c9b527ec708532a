"""Cases (案例): selected by a county, published in its columns. Written by the registry (stream `case-<uuid>`)."""

from enum import StrEnum

from shared.contracts.event import EventData
from shared.contracts.topics import Topic
from shared.contracts.values import ProjectId, ShortText, Text, UnitCode


class CaseColumn(StrEnum):
    """Where cases are published: 书记晒项目, 晒成效."""

    SHOWCASE = "showcase"
    RESULTS = "results"


class CaseSelected(EventData, topic=Topic.PROJECT, name="project.case-selected.v1"):
    """A unit's case was selected, perhaps that of one of its projects."""

    title: ShortText
    unit: UnitCode
    county: UnitCode
    project: ProjectId | None = None
    summary: Text


class CasePublished(EventData, topic=Topic.PROJECT, name="project.case-published.v1"):
    """The case was published in a column, under a title of its own."""

    column: CaseColumn
    title: ShortText
    text: Text


CaseEvent = CaseSelected | CasePublished
