"""What the measures store, publish and fold: projects' lives in the registry's own events, sealed as it seals them."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from uuid import UUID, uuid4

from shared.contracts import progress, project
from shared.contracts.event import Context, EventData
from shared.contracts.progress import MilestoneReached, ProgressReported
from shared.contracts.project import (
    Criteria,
    Criterion,
    FourOnes,
    Milestone,
    OpinionGiven,
    OpinionKind,
    PlanApproved,
    PlanSubmitted,
    ProjectKind,
    ProjectProposed,
    ProjectStarted,
    TeamMember,
)
from shared.contracts.topics import PARTITIONS
from shared.contracts.values import StreamId
from shared.publisher import Message
from shared.store import CommandRecord, Item, Stream, make_item

SOURCE = "/guatu/registry"
EVENTS_OF_A_LIFE = 12
NOTE = "本月完成主体工程，群众代表现场评议两次，提出建议七条已全部采纳；下月转入试运行并公开账目。" * 3
STARTS = date(2023, 2, 1)
TODAY = date(2023, 8, 22)


def context(command_id: UUID, on: date = TODAY) -> Context:
    """The circumstances of an event."""
    return Context(command_id, SOURCE, datetime.now(UTC), "340822100-office-1", "340822100", on)


def reported(month: int, percent: str = "50.5") -> ProgressReported:
    """A month's report; months count from January 2000."""
    return ProgressReported(month=f"{2000 + month // 12}-{month % 12 + 1:02d}", percent=Decimal(percent), note=NOTE)


def life(number: int) -> list[EventData]:
    """A project from its proposal to its sixth report: twelve events of some 1,100 bytes."""
    county = f"3408{number % 10 + 22}"
    milestones = [
        Milestone(id=f"m{n}", title="完成主体工程", due=STARTS + timedelta(days=60 * n), weight=Decimal(25))
        for n in range(1, 5)
    ]
    return [
        ProjectProposed(
            title=f"村级集体经济提升项目第{number}号",
            kind=ProjectKind.SECRETARY,
            category="乡村振兴",
            owner=f"{county}100",
            county=county,
            secretary=f"{county}100-secretary",
            year=2023,
            criteria=Criteria(small=NOTE[:40], hard=NOTE[:40], exemplary=NOTE[:40], doable=NOTE[:40]),
        ),
        PlanSubmitted(
            round=1,
            goal=NOTE[:80],
            measures=(NOTE[:40], NOTE[40:80]),
            starts=STARTS,
            ends=date(2023, 12, 20),
            four_ones=FourOnes(
                project="村级集体经济提升",
                secretary=f"{county}100-secretary",
                team=(TeamMember(name="张三", duty="统筹"), TeamMember(name="李四", duty="账目公开")),
                to_the_end=NOTE[:40],
            ),
            milestones=tuple(milestones),
        ),
        OpinionGiven(opinion="o1", round=1, criterion=Criterion.HARD, kind=OpinionKind.REMARK, text=NOTE[:60]),
        PlanApproved(round=1, number=f"组〔2023〕{number}号"),
        ProjectStarted(),
        reported(277, "10"),
        MilestoneReached(milestone="m1", on=date(2023, 4, 2)),
        *(reported(278 + n, f"{20 + 10 * n}.5") for n in range(5)),
    ]


class History:
    """Streams of projects that grow, as the store would have them; each item is one command's."""

    def __init__(self) -> None:
        self.streams: list[Stream] = []

    def lives(self, projects: int) -> Iterator[Item]:
        """New projects' whole lives, all of them going on at the same time."""
        begun = range(len(self.streams), len(self.streams) + projects)
        self.streams += [Stream(StreamId(f"project-{uuid4()}")) for _ in begun]
        for facts in zip(*(life(number) for number in begun), strict=True):
            for number, fact in zip(begun, facts, strict=True):
                yield self.add(number, fact)

    def reports(self, numbers: Iterable[int]) -> Iterator[Item]:
        """One more report of each of these projects."""
        for number in numbers:
            yield self.add(number, reported(self.streams[number].version))

    def add(self, number: int, fact: EventData) -> Item:
        """One more event of a project."""
        stream = self.streams[number]
        record = CommandRecord(uuid4(), "340822100-office-1", b"digest")
        item = make_item(stream, [fact], context(record.command_id), command=record)
        self.streams[number] = Stream(stream.id, item.version, item.topic_versions, item.head)
        return item


def days_begun() -> Iterator[Item]:
    """A day begins in every partition of both topics."""
    for number in range(PARTITIONS):
        facts = (project.DayBegan(day=TODAY), progress.DayBegan(day=TODAY))
        yield make_item(Stream(StreamId(f"day-{number:02}")), facts, context(uuid4()), partition=number)


def messages(items: Iterable[Item]) -> Sequence[Message]:
    """Items as the relay would publish them."""
    return [
        Message(0, 0, item.stream.encode(), event.topic.value, item.partition, event.body)
        for item in items
        for event in item.events
    ]
