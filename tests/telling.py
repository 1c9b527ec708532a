"""Records as a consumer hands them over, and lives of projects to make them of."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from shared.contracts.event import EventData
from shared.contracts.progress import ProgressReported
from shared.contracts.project import (
    Criteria,
    FourOnes,
    Milestone,
    PlanApproved,
    PlanSubmitted,
    ProjectClosed,
    ProjectProposed,
    ProjectStarted,
    TeamMember,
)
from shared.contracts.topics import Topic
from tests.projecting import History, Told


@dataclass(frozen=True, slots=True)
class Sent:
    """A record of a topic."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None


def sent(history: History, events: Sequence[Told], topic: Topic, *, partition: int = 0, begin: int = 0) -> list[Sent]:
    """The records of these events, at consecutive offsets of one partition."""
    return [
        Sent(topic.value, partition, begin + n, event.subject.encode(), history.bodies[event.id])
        for n, event in enumerate(events)
    ]


def proposed(title: str = "村级集体经济提升", county: str = "340822") -> ProjectProposed:
    return ProjectProposed.model_validate(
        {
            "title": title,
            "kind": "secretary",
            "category": "乡村振兴",
            "owner": f"{county}100",
            "county": county,
            "secretary": "p-1",
            "year": 2023,
            "criteria": Criteria(small="小", hard="难", exemplary="示范", doable="能"),
        }
    )


def submitted(*due: date, round: int = 1, note: str = "为群众办实事") -> PlanSubmitted:
    weight = Decimal(100) / len(due)
    return PlanSubmitted(
        round=round,
        goal=note,
        measures=("措施一", "措施二"),
        starts=due[0] - timedelta(days=60),
        ends=due[-1],
        four_ones=FourOnes(
            project="一个项目", secretary="p-1", team=(TeamMember(name="张三", duty="统筹"),), to_the_end="一抓到底"
        ),
        milestones=tuple(Milestone(id=f"m{n}", title=f"节点{n}", due=day, weight=weight) for n, day in enumerate(due)),
    )


def reported(percent: int, month: str = "2023-03", note: str = "") -> ProgressReported:
    return ProgressReported(month=month, percent=Decimal(percent), note=note)


def approved(number: int = 86) -> PlanApproved:
    return PlanApproved(round=1, number=f"怀组〔2023〕{number}号")


def closed(number: int = 1) -> ProjectClosed:
    return ProjectClosed(number=f"怀销〔2023〕{number}号")


def a_life(reports: int = 8, *, note: str = "") -> Iterator[EventData]:
    """The events of a project from its proposal to its last report, of both topics."""
    yield proposed()
    yield submitted(date(2023, 4, 1), date(2023, 6, 1), date(2023, 9, 1), date(2023, 12, 1), note=note or "目标")
    yield approved()
    yield ProjectStarted()
    for n in range(1, reports + 1):
        yield reported(min(100, n * 7), f"2023-{n:02}", note)


def lives(many: int = 40, reports: int = 6, *, prefix: str = "project-r") -> History:
    """Projects one after the other, each from its proposal to its last report."""
    history = History()
    for n in range(many):
        history.tell(f"{prefix}{n}", *a_life(reports))
    return history
