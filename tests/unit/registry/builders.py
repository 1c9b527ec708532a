"""Facts and commands of the registry, each in one line."""

from datetime import date
from decimal import Decimal
from typing import Any

from services.registry.commands.carrying_out import FindProblem, InspectProject
from services.registry.commands.reviewing import ProposeProject, SubmitPlan
from shared.contracts.divisions import kind_of
from shared.contracts.progress import (
    ACCEPTANCE,
    CampaignKind,
    CampaignOpened,
    Extended,
    ExtensionEndorsed,
    ExtensionGranted,
    ExtensionRequested,
    Group,
    MilestoneReached,
    ProblemFound,
    ProgressReported,
    ProjectInspected,
    RectificationReported,
    RectificationVerified,
    Severity,
)
from shared.contracts.project import (
    AcceptanceFailed,
    AcceptanceRequested,
    Criteria,
    Criterion,
    FourOnes,
    Milestone,
    OpinionAnswered,
    OpinionGiven,
    OpinionKind,
    PlanApproved,
    PlanRejected,
    PlanReturned,
    PlanSubmitted,
    ProjectAccepted,
    ProjectClosed,
    ProjectKind,
    ProjectProposed,
    ProjectReopened,
    ProjectStarted,
    ProjectTerminated,
    ProjectWithdrawn,
    PublicNoticeIssued,
    TeamMember,
)
from shared.contracts.reference import Appointed, CalendarPublished, PersonRegistered, Role, UnitRegistered
from tests.unit.registry.dsl import INSPECTOR, OWNER, REVIEWER, Told, by

COUNTY = "340822"
TOWNSHIP = "340822100"
VILLAGE = "340822100201"
CAMPAIGN_ID = f"{COUNTY}-mid-term"
STARTED = date(2023, 2, 1)

CRITERIA = Criteria(small="一条街", hard="涉及多个部门", exemplary="可以复制", doable="资金已落实")
FOUR_ONES = FourOnes(
    project="点亮背街小巷", secretary=OWNER, team=(TeamMember(name="王芳", duty="统筹"),), to_the_end="不换人"
)


def propose(**changes: Any) -> ProposeProject:
    """The command that `proposed()` comes of."""
    return ProposeProject.model_validate(_proposal() | changes)


def proposed() -> ProjectProposed:
    """A township's project for 2023."""
    return ProjectProposed.model_validate(_proposal())


def _proposal() -> dict[str, Any]:
    return {
        "title": "点亮背街小巷",
        "kind": ProjectKind.SECRETARY,
        "category": "基层治理",
        "owner": TOWNSHIP,
        "county": COUNTY,
        "secretary": OWNER,
        "year": 2023,
        "criteria": CRITERIA.model_dump(),
    }


def milestone(id: str, due: date, weight: str | int) -> Milestone:
    """A milestone of a plan."""
    return Milestone(id=id, title=f"节点{id}", due=due, weight=Decimal(weight))


MILESTONES = (milestone("m1", date(2023, 4, 1), 40), milestone("m2", date(2023, 10, 1), 60))


def submit(**changes: Any) -> SubmitPlan:
    """The command that `submitted()` comes of."""
    return SubmitPlan.model_validate(_plan() | changes)


def submitted(round: int = 1) -> PlanSubmitted:
    """A plan from January to October 2023 with two milestones."""
    return PlanSubmitted.model_validate(_plan() | {"round": round})


def _plan() -> dict[str, Any]:
    return {
        "goal": "全街点亮",
        "measures": ("每月推进",),
        "starts": date(2023, 1, 1),
        "ends": date(2023, 10, 1),
        "four_ones": FOUR_ONES,
        "milestones": MILESTONES,
    }


def opinion(id: str, kind: OpinionKind = OpinionKind.CHANGE, round: int = 1) -> Told:
    """An opinion, by the reviewer."""
    given = OpinionGiven(opinion=id, round=round, criterion=Criterion.SMALL, kind=kind, text="切口偏大")
    return by(REVIEWER, given)


def answered(id: str) -> OpinionAnswered:
    """The owner's answer to it."""
    return OpinionAnswered(opinion=id, answer="已收缩")


def returned(round: int = 1) -> Told:
    """The plan goes back, by the reviewer."""
    return by(REVIEWER, PlanReturned(round=round, reason="请修改"))


def approved(number: str = "怀组〔2023〕1号") -> Told:
    """立项, by the reviewer."""
    return by(REVIEWER, PlanApproved(round=1, number=number))


UNDER_REVIEW = (proposed(), submitted())
APPROVED = (*UNDER_REVIEW, approved())
UNDER_WAY = (*APPROVED, by(OWNER, ProjectStarted(), on=STARTED))


def reported(month: str, percent: str | int) -> ProgressReported:
    """A month's report."""
    return ProgressReported(month=month, percent=Decimal(percent))


def reached(id: str) -> MilestoneReached:
    """A milestone is reached."""
    return MilestoneReached(milestone=id, on=date(2023, 4, 1))


COMPLETE = (*UNDER_WAY, reached("m1"), reached("m2"))
REQUESTED = (*COMPLETE, AcceptanceRequested(summary="全部完成"))
ACCEPTED = (*REQUESTED, by(REVIEWER, ProjectAccepted(signers=("李伟", "张敏"))))
NOTICE_ENDS = date(2023, 5, 17)
CLOSURE = "怀组销〔2023〕1号"
ANNOUNCED = (*ACCEPTED, by(REVIEWER, PublicNoticeIssued(number="怀组公示〔2023〕1号", ends=NOTICE_ENDS)))
CLOSED = (*ANNOUNCED, by(REVIEWER, ProjectClosed(number=CLOSURE), on=date(2023, 5, 18)))
REOPENED = (*CLOSED, by(REVIEWER, ProjectReopened(closure=CLOSURE, reason="群众反映返潮"), on=date(2023, 6, 1)))
WITHDRAWN = (*UNDER_REVIEW, ProjectWithdrawn(reason="资金没有落实"))
REJECTED = (*UNDER_REVIEW, by(REVIEWER, PlanRejected(round=1, reason="重复")))
TERMINATED = (*UNDER_WAY, by(REVIEWER, ProjectTerminated(reason="拆迁")))
ENDS = (WITHDRAWN, REJECTED, TERMINATED, CLOSED)
"""Every way in which a project's life ends."""


def opened(county: str = COUNTY) -> CampaignOpened:
    """A campaign of two groups; the inspector is in the first."""
    groups = (
        Group(id="g1", name="第一评估组", members=(INSPECTOR, "inspector-2", OWNER)),
        Group(id="g2", name="第二评估组", members=("inspector-3",)),
    )
    return CampaignOpened(name="中期评估", kind=CampaignKind.MID_TERM, county=county, year=2023, groups=groups)


def extension(**changes: Any) -> ExtensionRequested:
    """The owner asks for 20 more days for the second milestone."""
    asked = {
        "extension": "e1",
        "of": Extended.MILESTONE,
        "subject": "m2",
        "was": date(2023, 10, 1),
        "due": date(2023, 10, 21),
        "reason": "汛期停工",
        "endorsed_at": COUNTY,
    }
    return ExtensionRequested.model_validate(asked | changes)


def endorsed(by_whom: str = "reviewer-2", for_whom: str | None = None) -> Told:
    """Its first step."""
    return by(by_whom, ExtensionEndorsed(extension="e1"), for_whom=for_whom)


def granted(**changes: Any) -> Told:
    """Its second step."""
    asked = extension(**changes)
    data = ExtensionGranted(extension=asked.extension, of=asked.of, subject=asked.subject, due=asked.due)
    return by(REVIEWER, data)


def inspect(**changes: Any) -> InspectProject:
    """The command that `inspected()` comes of."""
    told = _inspection() | changes
    return InspectProject.model_validate({name: told[name] for name in told.keys() - {"township"}})


def inspected() -> Told:
    """The first group's inspection."""
    return by(INSPECTOR, ProjectInspected.model_validate(_inspection()))


def _inspection() -> dict[str, Any]:
    return {"inspection": "i1", "campaign": CAMPAIGN_ID, "group": "g1", "township": TOWNSHIP, "note": "看现场"}


def find(**changes: Any) -> FindProblem:
    """The command that `problem()` comes of."""
    told = _problem() | changes
    return FindProblem.model_validate({name: told[name] for name in told.keys() - {"campaign", "group"}})


def problem(id: str = "p1") -> Told:
    """A problem that the inspection found, to be rectified by the end of May."""
    return by(INSPECTOR, ProblemFound.model_validate(_problem() | {"problem": id}))


def _problem() -> dict[str, Any]:
    return {
        "problem": "p1",
        "inspection": "i1",
        "campaign": CAMPAIGN_ID,
        "group": "g1",
        "severity": Severity.MINOR,
        "text": "公示栏没有更新",
        "due": date(2023, 5, 31),
    }


def failed(*ids: str) -> tuple[Told, ...]:
    """The site check of the acceptance fails for these problems, to be rectified by the end of May."""
    of_it = {"inspection": ACCEPTANCE, "campaign": ACCEPTANCE, "group": ACCEPTANCE}
    found = (ProblemFound.model_validate(_problem() | of_it | {"problem": id}) for id in ids)
    return tuple(by(REVIEWER, fact) for fact in (AcceptanceFailed(reason="未完工", problems=ids), *found))


def rectified(id: str = "p1") -> RectificationReported:
    """The owner's report that it is done."""
    return RectificationReported(problem=id, text="已更新")


def verified(id: str = "p1") -> Told:
    """The inspector saw that it holds."""
    return by(INSPECTOR, RectificationVerified(problem=id))


def unit(code: str, parent: str | None) -> UnitRegistered:
    """A unit of the kind that its code says."""
    return UnitRegistered(code=code, name=f"单位{code}", kind=kind_of(code), parent=parent)


def person(name: str = "王强") -> PersonRegistered:
    """A person."""
    return PersonRegistered(name=name)


def appointed(role: Role = Role.TOWNSHIP_SECRETARY, unit: str = TOWNSHIP, since: date = date(2022, 1, 1)) -> Appointed:
    """An appointment."""
    return Appointed(role=role, unit=unit, since=since)


def calendar(year: int, holidays: tuple[date, ...] = (), workdays: tuple[date, ...] = ()) -> CalendarPublished:
    """A year's calendar."""
    return CalendarPublished(year=year, holidays=holidays, workdays=workdays)
