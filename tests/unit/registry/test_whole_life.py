"""A project's whole life under commands of every kind by anybody: what must always hold, whatever was asked."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import orjson
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule
from pydantic import BaseModel

from services.alerts.schedule import schedule_view
from services.registry.around.campaign import Campaign, CampaignFacts
from services.registry.commands import accepting as a
from services.registry.commands import carrying_out as c
from services.registry.commands import extending as e
from services.registry.commands import reviewing as r
from services.registry.commands import turning as t
from services.registry.handlers import handlers
from services.registry.project.extending import Deciders
from services.registry.project.inspecting import InspectionFacts
from services.registry.project.life import OF_THE_OWNER, PROJECT
from services.registry.project.listing import ProjectLine
from services.registry.project.proposing import OwnerFacts
from services.registry.project.state import AFTER_THE_WORK, ProblemStage, Project, Stage
from services.registry.project.turning import Successor
from services.registry.reference.person import PERSON, Person
from services.registry.views import PROJECTS
from shared.command import Case, Command
from shared.contracts import progress as p
from shared.contracts import project as q
from shared.contracts.event import Event
from shared.contracts.reference import Role
from shared.errors import GuatuError
from tests.e2e import reference
from tests.projecting import History, fold_all
from tests.unit.registry.builders import (
    COUNTY,
    FOUR_ONES,
    TOWNSHIP,
    VILLAGE,
    appointed,
    calendar,
    find,
    inspect,
    opened,
    person,
    propose,
    submit,
)
from tests.unit.registry.dsl import ID, INSPECTOR, OWNER, REVIEWER, folded

EXTENSION_DAYS = 30
HANDLERS = {handler.command: handler for handler in handlers(report_day=5, extension_days=EXTENSION_DAYS)}
KEY = f"project-{ID}"
SUCCESSOR, OFFICE, OTHER, OUTSIDER = "secretary-2", "office-1", "reviewer-2", "reviewer-3"
ACTORS = (OWNER, SUCCESSOR, OFFICE, REVIEWER, OTHER, OUTSIDER, INSPECTOR, "inspector-2")
FIRST = date(2023, 1, 2)

S = Stage
EDGES: dict[type, set[tuple[Stage | None, Stage]]] = {
    q.ProjectProposed: {(None, S.PROPOSED)},
    q.PlanSubmitted: {(S.PROPOSED, S.SUBMITTED), (S.RETURNED, S.SUBMITTED)},
    q.PlanReturned: {(S.SUBMITTED, S.RETURNED)},
    q.PlanRejected: {(S.SUBMITTED, S.REJECTED)},
    q.ProjectWithdrawn: {(stage, S.WITHDRAWN) for stage in (S.PROPOSED, S.SUBMITTED, S.RETURNED)},
    q.PlanApproved: {(S.SUBMITTED, S.APPROVED)},
    q.ProjectStarted: {(S.APPROVED, S.STARTED)},
    q.AcceptanceRequested: {(S.STARTED, S.ACCEPTANCE_REQUESTED)},
    q.AcceptanceFailed: {(S.ACCEPTANCE_REQUESTED, S.STARTED)},
    q.ProjectAccepted: {(S.ACCEPTANCE_REQUESTED, S.ACCEPTED)},
    q.PublicNoticeIssued: {(S.ACCEPTED, S.ANNOUNCED)},
    q.ProjectClosed: {(S.ANNOUNCED, S.CLOSED)},
    q.ProjectReopened: {(S.CLOSED, S.STARTED)},
    q.ProjectTerminated: {
        (stage, S.TERMINATED) for stage in (S.APPROVED, S.STARTED, S.ACCEPTANCE_REQUESTED, S.ACCEPTED)
    },
}
"""The diagram of the field: every other event leaves the stage as it is."""

NUMBERED = {S.APPROVED: q.PlanApproved, S.ANNOUNCED: q.PublicNoticeIssued, S.CLOSED: q.ProjectClosed}
NOT_CHECKS = (*OF_THE_OWNER, q.ObjectionRaised)


def posted(*posts: tuple[Role, str]) -> Person:
    return folded(PERSON, person(), *(appointed(role, unit) for role, unit in posts))


PERSONS = (
    posted((Role.REVIEWER, COUNTY)),
    posted((Role.TOWNSHIP_SECRETARY, TOWNSHIP)),
    posted((Role.OFFICE, TOWNSHIP)),
    posted((Role.BRANCH_SECRETARY, VILLAGE)),
)
CALENDARS = {year: calendar(year) for year in range(2023, 2027)}

persons = st.sampled_from((*PERSONS, PERSONS[0], PERSONS[0]))
KNOWN: dict[type[Command], st.SearchStrategy[Any]] = {
    r.ProposeProject: st.just(
        OwnerFacts(COUNTY, posted((Role.TOWNSHIP_SECRETARY, TOWNSHIP), (Role.BRANCH_SECRETARY, VILLAGE)))
    ),
    c.InspectProject: st.just(InspectionFacts(CampaignFacts(Campaign(opened()), here=True), TOWNSHIP)),
    c.FindProblem: st.just(CampaignFacts(Campaign(opened()), here=True)),
    c.VerifyRectification: st.just(CampaignFacts(Campaign(opened()), here=True)),
    c.RefuseRectification: st.just(CampaignFacts(Campaign(opened()), here=True)),
    t.HandOverProject: st.builds(Successor, persons, st.just(TOWNSHIP)),
    e.RequestExtension: st.sampled_from((TOWNSHIP, COUNTY)),
    e.EndorseExtension: st.builds(Deciders, persons, st.just(COUNTY), st.sampled_from((TOWNSHIP, None))),
    e.RefuseExtension: st.builds(Deciders, persons, st.just(COUNTY), st.sampled_from((TOWNSHIP, None))),
    a.IssuePublicNotice: st.just(CALENDARS),
}
"""What is gathered for a command, any of it."""


def of(*ids: str) -> st.SearchStrategy[str]:
    return st.sampled_from(ids)


REASON = st.just("另有原因")
MILESTONE, PROBLEM, OPINION, EXTENSION, OBJECTION = (
    of("m1", "m2"),
    of("p1", "p2"),
    of("o1", "o2"),
    of("e1", "e1", "e2"),
    of("b1", "b2"),
)
PERCENT = st.integers(0, 100).map(Decimal)
SECRETARY = of(OWNER, SUCCESSOR)


def plan(today: date, secretary: str) -> r.SubmitPlan:
    """A plan of two milestones from a day on."""
    days = [today + timedelta(days=n) for n in (40, 100)]
    milestones = tuple(
        q.Milestone(id=f"m{n}", title=f"节点{n}", due=due, weight=Decimal(weight))
        for n, (due, weight) in enumerate(zip(days, ("40", "60"), strict=True), 1)
    )
    ones = FOUR_ONES.model_copy(update={"secretary": secretary})
    return submit(starts=today, ends=days[-1], milestones=milestones, four_ones=ones)


NEAR = st.integers(-2, 34).map(lambda n: FIRST + timedelta(days=n))
MONTH = st.integers(1, 4).map(lambda n: f"2023-{n:02}")
SEEN = st.builds(a.ProblemSeen, problem=PROBLEM, severity=st.just(p.Severity.MINOR), text=REASON, due=NEAR)
OF_THE_OWNER_SIDE: st.SearchStrategy[Command] = st.one_of(
    st.builds(r.AnswerOpinion, opinion=OPINION, answer=REASON),
    st.builds(c.ReportProgress, month=MONTH, percent=PERCENT),
    st.builds(c.CorrectProgress, month=MONTH, percent=PERCENT, reason=REASON),
    st.builds(c.ReachMilestone, milestone=MILESTONE, on=NEAR),
    st.builds(c.CorrectMilestone, milestone=MILESTONE, on=st.none() | NEAR, reason=REASON),
    st.builds(c.ReportRectification, problem=PROBLEM, text=REASON),
    st.builds(plan, st.just(FIRST), SECRETARY),
    st.sampled_from((c.StartProject(), a.RequestAcceptance(summary="完成"))),
)
OF_INSPECTORS: st.SearchStrategy[Command] = st.one_of(
    st.builds(lambda id: inspect(inspection=id), of("i1", "i2")),
    st.builds(lambda id, at, due: find(problem=id, inspection=at, due=due), PROBLEM, of("i1", "i2"), NEAR),
    st.builds(c.VerifyRectification, problem=PROBLEM),
    st.builds(c.RefuseRectification, problem=PROBLEM, reason=REASON, due=NEAR),
)
EXTENSIONS: st.SearchStrategy[Command] = st.one_of(
    st.builds(
        e.RequestExtension,
        extension=EXTENSION,
        of=st.just(p.Extended.MILESTONE),
        subject=MILESTONE,
        due=NEAR,
        reason=REASON,
    ),
    st.builds(
        e.RequestExtension,
        extension=EXTENSION,
        of=st.just(p.Extended.PROBLEM),
        subject=PROBLEM,
        due=NEAR,
        reason=REASON,
    ),
    st.builds(e.EndorseExtension, extension=EXTENSION, secretary=st.none() | of("secretary-9", OWNER)),
    st.builds(e.GrantExtension, extension=EXTENSION),
    st.builds(e.RefuseExtension, extension=EXTENSION, reason=REASON),
)
OF_THE_COUNTY: st.SearchStrategy[Command] = st.one_of(
    st.builds(
        r.GiveOpinion,
        opinion=OPINION,
        criterion=st.just(q.Criterion.SMALL),
        kind=st.sampled_from(q.OpinionKind),
        text=REASON,
    ),
    st.builds(r.ReturnPlan, reason=REASON),
    st.builds(a.FailAcceptance, reason=REASON, problems=st.tuples(SEEN)),
    st.builds(a.RaiseObjection, objection=OBJECTION, text=REASON),
    st.builds(a.ResolveObjection, objection=OBJECTION, text=REASON),
    st.builds(t.HandOverProject, secretary=SECRETARY, reason=REASON),
    st.builds(t.CarryOverProject, year=st.integers(2023, 2026), reason=REASON),
    st.sampled_from((a.AcceptProject(signers=("李伟",)), a.IssuePublicNotice(), a.CloseProject(), r.ApprovePlan())),
)
ANYTHING = OF_THE_OWNER_SIDE | OF_INSPECTORS | EXTENSIONS | OF_THE_COUNTY
"""Commands about the project but those that end it, as of the first day.

A month stands for one of the last four, the new day of an extension for so many days after the present one.
"""


def on_the_day(value: Any, today: date) -> Any:
    """The same some time later: its days are moved."""
    match value:
        case date():
            return value + (today - FIRST)
        case tuple():
            return tuple(on_the_day(each, today) for each in value)
        case BaseModel():
            fields = {name: on_the_day(getattr(value, name), today) for name in type(value).model_fields}
            return value.model_copy(update=fields)
        case _:
            return value


ENDINGS: Sequence[Command] = (
    r.RejectPlan(reason="重复"),
    t.WithdrawProject(reason="资金没有落实"),
    t.TerminateProject(reason="拆迁"),
)


class WholeLife(RuleBasedStateMachine):
    """A project; the reviewer of the straight way is somebody who never acted for its owner."""

    def __init__(self) -> None:
        super().__init__()
        self.history = History()
        self.project: Project = PROJECT.initial
        self.today = FIRST
        self.owners: set[str] = set()
        self.asked = 0
        self.straight_again = 0

    @initialize(data=st.data(), steps=st.sampled_from((3, 3, 3, 0, 1, 2, 4, 5)))
    def it_is_proposed_and_has_come_some_way(self, data: st.DataObject, steps: int) -> None:
        self.ask(data, propose(), OWNER)
        for _ in range(steps):
            self.it_goes_on_the_straight_way(data)

    @rule(days=st.integers(1, 15))
    def a_time_goes_by(self, days: int) -> None:
        self.today += timedelta(days=days)

    @rule(data=st.data(), command=ANYTHING, actor=st.sampled_from(ACTORS))
    def anybody_asks_for_anything(self, data: st.DataObject, command: Command, actor: str) -> None:
        self.ask(data, self.fitted(command), actor)

    @rule(data=st.data(), command=OF_THE_OWNER_SIDE, actor=of(OWNER, SUCCESSOR, OFFICE))
    def the_owner_asks(self, data: st.DataObject, command: Command, actor: str) -> None:
        self.ask(data, self.fitted(command), actor)

    @rule(data=st.data(), command=OF_INSPECTORS, actor=of(INSPECTOR, "inspector-2"))
    def an_inspector_asks(self, data: st.DataObject, command: Command, actor: str) -> None:
        self.ask(data, self.fitted(command), actor)

    @rule(data=st.data(), command=EXTENSIONS, actor=of(OWNER, OTHER, OUTSIDER))
    def an_extension_is_asked_for_or_decided(self, data: st.DataObject, command: Command, actor: str) -> None:
        self.ask(data, self.fitted(command), actor)

    @rule(data=st.data(), command=OF_THE_COUNTY, actor=of(REVIEWER, OTHER))
    def the_county_asks(self, data: st.DataObject, command: Command, actor: str) -> None:
        self.ask(data, self.fitted(command), actor)

    @precondition(lambda self: self.asked > 40)
    @rule(data=st.data(), command=st.sampled_from(ENDINGS), actor=st.sampled_from(ACTORS))
    def anybody_ends_it(self, data: st.DataObject, command: Command, actor: str) -> None:
        self.ask(data, command, actor)

    @precondition(lambda self: self.asked >= self.straight_again)
    @rule(data=st.data())
    def it_goes_on_the_straight_way(self, data: st.DataObject) -> None:
        self.straight_again = self.asked + 5
        command, by_the_owner = self.straight()
        if command is not None:
            actor = self.project.secretary if by_the_owner else self.checker()
            self.ask(data, command, INSPECTOR if isinstance(command, c.VerifyRectification) else actor)

    def checker(self) -> str:
        """Somebody who never acted for the owner."""
        return next(actor for actor in (*ACTORS, "reviewer-9") if actor not in self.project.owner_side)

    def fitted(self, command: Command) -> Command:
        """A command of the first day as it may be given today."""
        match command:
            case c.ReportProgress() | c.CorrectProgress():
                then = self.today - timedelta(days=30 * (int(command.month[-2:]) - 1))
                return command.model_copy(update={"month": f"{then:%Y-%m}"})
            case e.RequestExtension():
                problem = self.project.problems.get(command.subject)
                due = self.project.due_of(command.subject) or (problem.due if problem else self.today)
                return command.model_copy(update={"due": due + (command.due - FIRST)})
            case _:
                return on_the_day(command, self.today)

    def straight(self) -> tuple[Command | None, bool]:
        """The next command on the way from the proposal to the closing, and whether it is the owner's."""
        project = self.project
        match project.stage:
            case S.PROPOSED | S.RETURNED:
                return plan(self.today, project.secretary), True
            case S.SUBMITTED if project.unanswered_changes:
                return r.AnswerOpinion(opinion=project.unanswered_changes[0], answer="已收缩"), True
            case S.SUBMITTED:
                return r.ApprovePlan(), False
            case S.APPROVED:
                return c.StartProject(), True
            case S.STARTED | S.ACCEPTANCE_REQUESTED if project.open_problems:
                problem = project.problems[project.open_problems[0]]
                if problem.stage is ProblemStage.RECTIFIED:
                    return c.VerifyRectification(problem=problem.found.problem), False
                return c.ReportRectification(problem=problem.found.problem, text="已更新"), True
            case S.STARTED if project.missing_milestones:
                return c.ReachMilestone(milestone=project.missing_milestones[0], on=self.today), True
            case S.STARTED:
                return a.RequestAcceptance(summary="完成"), True
            case S.ACCEPTANCE_REQUESTED:
                return a.AcceptProject(signers=("李伟",)), False
            case S.ACCEPTED:
                return a.IssuePublicNotice(), False
            case S.ANNOUNCED if project.open_objections:
                return a.ResolveObjection(objection=project.open_objections[0], text="已核实"), False
            case S.ANNOUNCED:
                assert project.notice_ends is not None
                self.today = max(self.today, project.notice_ends + timedelta(days=1))
                return a.CloseProject(), False
            case S.CLOSED:
                return t.ReopenProject(reason="返潮"), False
            case S.REJECTED | S.WITHDRAWN | S.TERMINATED | None:
                return None, False

    def ask(self, data: st.DataObject, command: Command, actor: str) -> None:
        handler = HANDLERS[type(command)]
        known = KNOWN.get(type(command))
        facts = None if known is None else data.draw(known)
        self.asked += 1
        case = Case(actor, ID, self.today, f"n{self.asked}", facts)
        try:
            decided = handler.decide(self.project, command, case)
        except GuatuError:
            return
        for_whom = handler.who.for_whom(self.project, command) if actor == OFFICE else None
        for event in self.history.tell(KEY, *decided, on=self.today, actor=actor, for_whom=for_whom):
            before, self.project = self.project, PROJECT.evolve(self.project, event)
            self.check(before, event)

    def check(self, before: Project, event: Event[Any]) -> None:
        after, data = self.project, event.data
        if before.ended:
            assert isinstance(data, q.ProjectReopened)
        if type(data) in EDGES:
            assert (before.stage, after.stage) in EDGES[type(data)]
        else:
            assert after.stage is before.stage
        self.check_who(before, event)
        check_plans(after)
        check_numbers(after)
        check_progress(before, after, data)
        check_first_dates(before, after, data)

    def check_who(self, before: Project, event: Event[Any]) -> None:
        """Who does a thing never checks it: told by the events alone."""
        if isinstance(event.data, OF_THE_OWNER):
            self.owners |= {event.actor, event.on_behalf_of or event.actor, self.project.secretary}
        if not isinstance(event.data, NOT_CHECKS):
            assert event.actor not in self.owners
        if isinstance(event.data, q.ProjectHandedOver):
            self.owners.add(event.data.secretary)
        assert self.project.owner_side == self.owners
        if isinstance(event.data, p.ExtensionGranted):
            assert event.actor not in before.extensions[event.data.extension].decided_by

    def teardown(self) -> None:
        """Its facts read again give the same, and the views say what a recount says that shares nothing with them."""
        assert PROJECT.of(self.history.events) == self.project
        events = [orjson.loads(body) for body in self.history.bodies.values()]
        recounted = reference.projects(events)[ID]
        row = fold_all(PROJECTS, self.history.events)[KEY]
        told = ProjectLine.model_validate({"id": ID} | {name: getattr(row, name, None) for name in LISTED})
        assert reference.differences(told.model_dump(mode="json"), reference.line(recounted)) == {}
        for later in (0, 3, 40):
            day = self.today + timedelta(days=later)
            state = fold_all(schedule_view({}), self.history.events, day)[KEY].state
            assert (state and state.lamp) == reference.lamp(recounted, day)


LISTED = [name for name in ProjectLine.model_fields if name != "id"]


def check_plans(project: Project) -> None:
    """One plan each, round by round, whose weights sum to 100."""
    assert [each.round for each in project.plans] == list(range(1, len(project.rounds) + 1))
    assert all(sum(m.weight for m in each.milestones) == 100 for each in project.plans)
    assert all(each.outcome is not None for each in project.rounds[:-1])


def check_numbers(project: Project) -> None:
    """A number comes with its stage, and no closing has that of another."""
    assert project.numbers.keys() == project.days.keys() & NUMBERED.keys()
    closures = [*project.reopened_from, *([project.numbers[S.CLOSED]] if S.CLOSED in project.numbers else [])]
    assert len(set(closures)) == len(closures)
    assert (project.stage is S.CLOSED) == (S.CLOSED in project.numbers)
    assert project.last_step >= max(project.days.values())
    if project.stage in (S.APPROVED, S.STARTED):
        assert S.ACCEPTED not in project.days.keys() & set(AFTER_THE_WORK)


def check_progress(before: Project, after: Project, data: Any) -> None:
    """A month's percent changes, and the percent falls, by correction alone; so does the day of a milestone."""
    for month, percent in before.reports.items():
        assert after.reports[month] == percent or isinstance(data, p.ProgressCorrected)
    if isinstance(data, p.ProgressReported):
        assert data.month not in before.reports
        assert all(percent <= data.percent for month, percent in last_before(before, data.month))
    for milestone, on in before.reached.items():
        assert after.reached.get(milestone) == on or isinstance(data, p.MilestoneCorrected)


def last_before(project: Project, month: str) -> list[tuple[str, Decimal]]:
    earlier = sorted((each, percent) for each, percent in project.reports.items() if each < month)
    return earlier[-1:]


def check_first_dates(before: Project, after: Project, data: Any) -> None:
    """The plan and the problems keep their first dates; what is granted is later, once, and within bounds."""
    if before.plan is not None and not isinstance(data, q.PlanSubmitted):
        assert after.plan == before.plan
    for id, problem in before.problems.items():
        assert after.problems[id].found == problem.found
        moved = after.problems[id].due != problem.due
        assert not moved or isinstance(data, p.RectificationRefused | p.ExtensionGranted)
    if isinstance(data, p.ExtensionRequested):
        assert data.was < data.due <= data.was + timedelta(days=EXTENSION_DAYS)
    live = [x.asked for x in after.extensions.values() if x.pending or x.stage.value == "granted"]
    assert len({(each.of, each.subject) for each in live}) == len(live)
    for milestone, due in after.granted.items():
        assert due == after.due_of(milestone)


TestWholeLife = WholeLife.TestCase
TestWholeLife.settings = settings(
    max_examples=40,
    stateful_step_count=100,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
