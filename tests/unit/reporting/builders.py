"""Events of whole streams in one line each, sealed and read as the wire has them."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any
from uuid import uuid4

from hypothesis import strategies as st

from shared.contracts import progress as p
from shared.contracts import project as q
from shared.contracts.event import Context, Event, EventData, read, seal
from shared.contracts.topics import Topic
from shared.contracts.values import StreamId
from shared.view import View


def day(text: str) -> date:
    """A day by its ISO form."""
    return date.fromisoformat(text)


class Story:
    """A stream as it grows: each event gets the next version of the stream and of its topic's part."""

    def __init__(self, stream: str, actor: str = "wang") -> None:
        self.stream = StreamId(stream)
        self.actor = actor
        self.bodies: list[tuple[Topic, bytes]] = []
        self._versions: dict[Topic, int] = {}

    def then(self, on: str, *facts: EventData, told: str | None = None) -> "Story":
        """These happened on a day, and were told on it or on a later one."""
        for fact in facts:
            version = self._versions[fact.topic] = self._versions.get(fact.topic, 0) + 1
            noon = datetime.combine(day(told or on), time(4, len(self.bodies) % 60), UTC)
            context = Context(uuid4(), "/guatu/test", noon, self.actor, "340822", day(on))
            sealed = seal(
                fact, context, n=0, stream=self.stream, stream_version=len(self.bodies) + 1, topic_version=version
            )
            self.bodies.append((fact.topic, sealed.body))
        return self

    @property
    def events(self) -> list[Event[Any]]:
        """As they are read."""
        return [read(body) for _, body in self.bodies]


def folded(view: View[Any], events: Sequence[Event[Any]], today: date | None = None) -> Any:
    """The row that a view makes of a subject's events, settled on a day."""
    row = view.row()
    for event in events:
        row = view.evolve(row, event)
    return view.settle(row, today) if view.settle else row


def interleavings(events: Sequence[Event[Any]]) -> st.SearchStrategy[list[Event[Any]]]:
    """Every order in which the events can come while each topic keeps its own."""

    def merged(picks: list[bool]) -> list[Event[Any]]:
        parts = [[e for e in events if (e.data.topic is Topic.PROJECT) is first] for first in (True, False)]
        order: list[Event[Any]] = []
        for pick in picks:
            source = parts[0] if (pick and parts[0]) or not parts[1] else parts[1]
            order.append(source.pop(0))
        return order

    return st.lists(st.booleans(), min_size=len(events), max_size=len(events)).map(merged)


CRITERIA = q.Criteria(small="一条街", hard="多年未解决", exemplary="可复制", doable="资金已落实")


def proposed(**changes: Any) -> q.ProjectProposed:
    fields: dict[str, Any] = {
        "title": "石牌镇背街小巷“点亮工程”",
        "kind": q.ProjectKind.SECRETARY,
        "category": "人居环境",
        "owner": "340822101",
        "county": "340822",
        "secretary": "wang",
        "year": 2023,
        "criteria": CRITERIA,
    }
    return q.ProjectProposed(**{**fields, **changes})


def submitted(round: int = 1, **changes: Any) -> q.PlanSubmitted:
    fields: dict[str, Any] = {
        "round": round,
        "goal": "年底前六条背街小巷有路灯",
        "measures": ("每月推进会",),
        "starts": day("2023-01-01"),
        "ends": day("2023-12-31"),
        "four_ones": q.FourOnes(
            project="补装路灯84盏",
            secretary="wang",
            team=(q.TeamMember(name="程亮", duty="统筹协调"),),
            to_the_end="一抓到底",
        ),
        "milestones": (
            q.Milestone(id="m1", title="摸清底数", due=day("2023-03-31"), weight=Decimal(40)),
            q.Milestone(id="m2", title="安装调试", due=day("2023-08-31"), weight=Decimal(60)),
        ),
    }
    return q.PlanSubmitted(**{**fields, **changes})


def approved(number: str = "怀组〔2023〕86号", report_day: int = 5) -> q.PlanApproved:
    return q.PlanApproved(round=1, number=number, report_day=report_day)


def reported(month: str, percent: str) -> p.ProgressReported:
    return p.ProgressReported(month=month, percent=Decimal(percent))


def inspected(campaign: str = "mid-2023", group: str = "g1", township: str = "340822101") -> p.ProjectInspected:
    return p.ProjectInspected(inspection="i1", campaign=campaign, group=group, township=township)


def found(problem: str, due: str, campaign: str = "mid-2023", group: str = "g1") -> p.ProblemFound:
    return p.ProblemFound(
        problem=problem,
        inspection="i1",
        campaign=campaign,
        group=group,
        severity=p.Severity.MINOR,
        text="公示栏没有更新",
        due=day(due),
    )


def campaign_opened(**changes: Any) -> p.CampaignOpened:
    fields: dict[str, Any] = {
        "name": "2023年中期评估",
        "kind": p.CampaignKind.MID_TERM,
        "county": "340822",
        "year": 2023,
        "groups": tuple(p.Group(id=f"g{n}", name=f"第{n}评估组", members=("li",)) for n in (1, 2, 3, 4)),
    }
    return p.CampaignOpened(**{**fields, **changes})
