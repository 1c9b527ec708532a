"""The rounds of review."""

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st
from pydantic import ValidationError

from services.registry.commands.reviewing import AnswerOpinion, ApprovePlan, GiveOpinion, RejectPlan, ReturnPlan
from services.registry.project.life import PROJECT
from services.registry.project.state import Stage
from shared.command import Command
from shared.contracts.event import EventData
from shared.contracts.project import Criterion, OpinionKind, PlanApproved, PlanRejected, PlanReturned
from shared.settings import Rules
from tests.unit.registry.builders import (
    APPROVED,
    UNDER_REVIEW,
    answered,
    opinion,
    proposed,
    returned,
    submit,
    submitted,
)
from tests.unit.registry.dsl import AT_LEISURE, OWNER, REPORT_DAY, REVIEWER, Told, by, folded, given

NUMBER = "怀组〔2023〕86号"


def give(id: str = "o1") -> GiveOpinion:
    return GiveOpinion(opinion=id, criterion=Criterion.SMALL, kind=OpinionKind.CHANGE, text="切口偏大")


DECISIONS: list[Command] = [give("o9"), ReturnPlan(reason="请修改"), RejectPlan(reason="重复"), ApprovePlan()]


def test_a_reviewer_gives_an_opinion_on_a_criterion():
    given(*UNDER_REVIEW).when(give(), by=REVIEWER).then(opinion("o1").data)


def test_opinions_have_ids_of_their_own():
    given(*UNDER_REVIEW, opinion("o1")).when(give("o1"), by=REVIEWER).then_refused("opinion_exists")


def test_a_plan_is_returned_or_rejected_with_a_reason():
    given(*UNDER_REVIEW).when(ReturnPlan(reason="请修改"), by=REVIEWER).then(PlanReturned(round=1, reason="请修改"))
    given(*UNDER_REVIEW).when(RejectPlan(reason="重复"), by=REVIEWER).then(PlanRejected(round=1, reason="重复"))


def test_a_plan_is_approved_with_its_number_and_the_day_on_which_its_reports_are_due():
    expected = PlanApproved(round=1, number=NUMBER, report_day=REPORT_DAY)
    given(*UNDER_REVIEW).when(ApprovePlan(), by=REVIEWER, number=NUMBER).then(expected)


def test_the_day_on_which_reports_are_due_is_read_from_the_environment(monkeypatch: pytest.MonkeyPatch):
    assert Rules().report_day == 5
    monkeypatch.setenv("GUATU_REPORT_DAY", "10")
    assert Rules().report_day == 10
    for none in ("0", "29"):
        monkeypatch.setenv("GUATU_REPORT_DAY", none)
        with pytest.raises(ValidationError):
            Rules()


def test_an_approval_of_before_has_the_fifth():
    assert PlanApproved.model_validate({"round": 1, "number": NUMBER}).report_day == 5


def test_a_plan_with_an_open_opinion_cannot_be_approved():
    outcome = given(*UNDER_REVIEW, opinion("o1"), opinion("o2"), answered("o1")).when(ApprovePlan(), by=REVIEWER)
    outcome.then_refused("opinions_open", opinions="o2")


def test_an_open_opinion_of_an_earlier_round_counts_too():
    history = given(*UNDER_REVIEW, opinion("o1"), returned(), submitted(2))
    history.when(ApprovePlan(), by=REVIEWER).then_refused("opinions_open", opinions="o1")


def test_a_remark_needs_no_answer():
    remark = opinion("o1", OpinionKind.REMARK)
    assert given(*UNDER_REVIEW, remark).when(ApprovePlan(), by=REVIEWER, number=NUMBER).refused is None


@pytest.mark.parametrize("command", DECISIONS)
@pytest.mark.parametrize("history", [(proposed(),), (*UNDER_REVIEW, returned()), APPROVED])
def test_only_a_plan_under_review_is_reviewed(command: Command, history: tuple[Told | EventData, ...]):
    given(*history).when(command, by=REVIEWER, number=NUMBER).then_refused("not_under_review")


@pytest.mark.parametrize("command", DECISIONS)
def test_nobody_reviews_what_he_or_she_has_submitted(command: Command):
    given(*UNDER_REVIEW).when(command, by=OWNER, number=NUMBER).then_refused("checks_own_work")


@pytest.mark.parametrize("command", DECISIONS)
@pytest.mark.parametrize("reviewer", ["office-1", "deputy", OWNER])
def test_whoever_acted_for_the_owner_and_who_was_acted_for_do_not_review(command: Command, reviewer: str):
    history = given(by("office-1", proposed(), for_whom="deputy"), by("office-1", submitted(), for_whom="deputy"))
    history.when(command, by=reviewer, number=NUMBER).then_refused("checks_own_work")


def test_whoever_answered_an_opinion_does_not_review():
    history = given(*UNDER_REVIEW, opinion("o1"), by("office-1", answered("o1")))
    history.when(ApprovePlan(), by="office-1", number=NUMBER).then_refused("checks_own_work")


class Desk:
    """A project at the review desk; takes commands one after another, refused ones change nothing."""

    def __init__(self) -> None:
        self.facts: list[Told | EventData] = [proposed()]

    def ask(self, command: Command, actor: str) -> None:
        self.facts += (by(actor, data) for data in given(*self.facts).when(command, by=actor, number=NUMBER).data)


ids = st.sampled_from(["o1", "o2", "o3"])
moves = st.one_of(
    st.just((submit(), OWNER)),
    ids.map(lambda id: (give(id), REVIEWER)),
    ids.map(lambda id: (AnswerOpinion(opinion=id, answer="已收缩"), OWNER)),
    st.just((ReturnPlan(reason="请修改"), REVIEWER)),
    st.just((ApprovePlan(), REVIEWER)),
)


@AT_LEISURE
@for_all(st.lists(moves, max_size=25))
def test_however_a_review_goes_rounds_are_dense_and_approval_leaves_no_opinion_open(
    sequence: list[tuple[Command, str]],
):
    desk = Desk()
    for command, actor in sequence:
        desk.ask(command, actor)
    facts = [fact.data if isinstance(fact, Told) else fact for fact in desk.facts]
    rounds = [fact.round for fact in facts if isinstance(fact, type(submitted()))]
    assert rounds == list(range(1, len(rounds) + 1))
    project = folded(PROJECT, *desk.facts)
    if project.stage is Stage.APPROVED:
        assert not project.unanswered_changes
        assert isinstance(facts[-1], PlanApproved)
        assert facts[-1].round == rounds[-1]
