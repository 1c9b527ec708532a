"""The rounds of a review, and the differences of their plans."""

from datetime import date
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from services.registry.project.life import PROJECT
from services.registry.project.rounds import (
    SHORT,
    Change,
    Difference,
    RoundLine,
    SpanKind,
    differences,
    rounds_of,
    spans,
)
from services.registry.project.state import Stage
from shared.contracts.event import EventData
from shared.contracts.project import OpinionKind, PlanSubmitted, TeamMember
from tests.unit.registry.builders import (
    FOUR_ONES,
    MILESTONES,
    WITHDRAWN,
    answered,
    approved,
    milestone,
    opinion,
    proposed,
    returned,
    submitted,
)
from tests.unit.registry.dsl import AT_LEISURE, OWNER, REVIEWER, TODAY, Told, by, folded


def plan(**changes: Any) -> PlanSubmitted:
    return PlanSubmitted.model_validate(submitted(2).model_dump() | changes)


def changed(before: PlanSubmitted, after: PlanSubmitted) -> list[Difference]:
    return [each for each in differences(before, after) if each.change is not Change.UNCHANGED]


def marked(before: str, after: str) -> str:
    """The spans as a text, [-removed-] and {+added+}."""
    marks = {SpanKind.SAME: "{}", SpanKind.REMOVED: "[-{}-]", SpanKind.ADDED: "{{+{}+}}"}
    return "".join(marks[span.kind].format(span.text) for span in spans(before, after))


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("年底前点亮六条背街小巷", "年底前点亮九条背街小巷", "年底前点亮[-六-]{+九+}条背街小巷"),
        ("投入12.5万元", "投入120万元", "投入[-12.5-]{+120+}万元"),
        ("每月推进，季度评比", "每月推进，逐户走访，季度评比", "每月推进，{+逐户走访，+}季度评比"),
        ("每月推进，逐户走访，季度评比", "每月推进，季度评比", "每月推进，[-逐户走访，-]季度评比"),
        ("由村委会牵头实施", "由镇党委牵头推进实施", "由[-村委会-]{+镇党委+}牵头{+推进+}实施"),
        ("甲乙丙丁", "戊己庚辛", "[-甲乙丙丁-]{+戊己庚辛+}"),
        ("2023-04-01", "2023-05-01", "[-2023-04-01-]{+2023-05-01+}"),
    ],
)
def test_changes_of_a_text_are_runs_that_can_be_read(before: str, after: str, expected: str):
    assert marked(before, after) == expected


TEXTS = st.text("路灯安装每户走访，。12 ab", max_size=40)


@AT_LEISURE
@for_all(TEXTS, TEXTS)
def test_the_spans_read_as_both_texts_and_no_kind_follows_itself(before: str, after: str):
    found = spans(before, after)
    assert "".join(span.text for span in found if span.kind is not SpanKind.ADDED) == before
    assert "".join(span.text for span in found if span.kind is not SpanKind.REMOVED) == after
    assert all(span.text for span in found)
    assert all(one.kind is not other.kind for one, other in pairwise(found))
    inside = [span for span in found[1:-1] if span.kind is SpanKind.SAME]
    assert all(len(span.text.strip()) >= SHORT for span in inside)


def test_a_plan_that_stays_as_it_was_has_every_field_unchanged():
    same = differences(plan(), plan())
    assert {each.change for each in same} == {Change.UNCHANGED}
    assert [each.field for each in same] == [
        "goal",
        "measures",
        "starts",
        "ends",
        *["milestones.title", "milestones.due", "milestones.weight"] * 2,
        "four_ones.project",
        "four_ones.secretary",
        "team",
        "four_ones.to_the_end",
    ]
    assert all(each.before == each.after and not each.spans for each in same)


def test_goal_term_and_the_four_ones_are_fields_of_their_own():
    ones = FOUR_ONES.model_copy(update={"project": "点亮背街大巷", "secretary": "secretary-2", "to_the_end": "包到底"})
    after = plan(goal="全镇点亮", starts=date(2023, 2, 1), ends=date(2023, 11, 1), four_ones=ones)
    found = changed(plan(), after)
    fields = ["goal", "starts", "ends", "four_ones.project", "four_ones.secretary", "four_ones.to_the_end"]
    assert [each.field for each in found] == fields
    assert {each.change for each in found} == {Change.CHANGED}
    assert (found[1].before, found[1].after) == ("2023-01-01", "2023-02-01")


def test_milestones_are_compared_by_their_ids():
    later = milestone("m2", date(2023, 11, 1), 30)
    after = plan(milestones=(later, milestone("m3", date(2023, 12, 1), "30.50"), MILESTONES[0]))
    found = [(each.field, each.item, each.change, each.before, each.after) for each in changed(plan(), after)]
    assert found == [
        ("milestones.due", "m2", Change.CHANGED, "2023-10-01", "2023-11-01"),
        ("milestones.weight", "m2", Change.CHANGED, "60", "30"),
        ("milestones.title", "m3", Change.ADDED, None, "节点m3"),
        ("milestones.due", "m3", Change.ADDED, None, "2023-12-01"),
        ("milestones.weight", "m3", Change.ADDED, None, "30.5"),
    ]
    gone = [each for each in changed(after, plan()) if each.change is Change.REMOVED]
    assert {(each.item, each.after) for each in gone} == {("m3", None)}


def test_a_measure_stands_beside_the_one_that_it_was_made_of():
    before = plan(measures=("每月推进一次", "逐户走访摸排", "年底评比"))
    after = plan(measures=("成立专班", "每月推进两次", "年底评比"))
    found = [(each.change, each.before, each.after) for each in differences(before, after) if each.field == "measures"]
    assert found == [
        (Change.ADDED, None, "成立专班"),
        (Change.CHANGED, "每月推进一次", "每月推进两次"),
        (Change.REMOVED, "逐户走访摸排", None),
        (Change.UNCHANGED, "年底评比", "年底评比"),
    ]


def test_what_repeats_itself_without_end_is_read_as_replaced():
    few, many = "，" * 60, "，" * 100
    assert [span.kind for span in spans(few, few + "可")] == [SpanKind.SAME, SpanKind.ADDED]
    assert [(span.kind, span.text) for span in spans(many, many + "可")] == [
        (SpanKind.REMOVED, many),
        (SpanKind.ADDED, many + "可"),
    ]
    before, after = plan(measures=["推进"] * 100), plan(measures=["推进"] * 100 + ["评比"])
    assert [(each.change, each.after) for each in changed(before, after)] == [(Change.ADDED, "评比")]
    assert changed(before, before) == []


def test_members_of_the_team_come_go_and_change_their_duty():
    team = (TeamMember(name="王芳", duty="统筹、调度"), TeamMember(name="李明", duty="资金"))
    found = changed(plan(), plan(four_ones=FOUR_ONES.model_copy(update={"team": team})))
    assert [(each.field, each.change, each.before, each.after) for each in found] == [
        ("team", Change.CHANGED, "王芳：统筹", "王芳：统筹、调度"),
        ("team", Change.ADDED, None, "李明：资金"),
    ]


def rounds(*facts: Told | EventData) -> list[RoundLine]:
    return rounds_of(folded(PROJECT, *facts))


def test_every_round_has_its_plan_its_opinions_with_their_answers_and_its_outcome():
    second = submitted(2).model_copy(update={"goal": "全镇点亮"})
    first, again = rounds(
        proposed(),
        submitted(),
        opinion("o1"),
        opinion("o2", OpinionKind.REMARK),
        returned(),
        answered("o1"),
        by("office-1", second, for_whom=OWNER),
        opinion("o3", round=2),
        approved(),
    )
    assert (first.round, first.plan, first.submitted_by, first.differences) == (1, submitted(), OWNER, [])
    assert (first.outcome, first.reason, first.decided_by, first.decided_on) == (
        Stage.RETURNED,
        "请修改",
        REVIEWER,
        TODAY,
    )
    assert [(each.opinion, each.by, each.answer) for each in first.opinions] == [
        ("o1", REVIEWER, "已收缩"),
        ("o2", REVIEWER, None),
    ]
    assert (again.round, again.plan, again.submitted_by) == (2, second, "office-1")
    assert [each.opinion for each in again.opinions] == ["o3"]
    assert (again.outcome, again.reason) == (Stage.APPROVED, "")
    assert [each.field for each in again.differences if each.change is Change.CHANGED] == ["goal"]


def test_a_round_that_is_under_review_has_no_outcome_and_a_withdrawn_one_ends_by_that():
    [waiting] = rounds(proposed(), submitted())
    assert (waiting.outcome, waiting.reason, waiting.decided_by, waiting.decided_on) == (None, "", None, None)
    [withdrawn] = rounds(*WITHDRAWN)
    assert (withdrawn.outcome, withdrawn.reason, withdrawn.decided_by) == (Stage.WITHDRAWN, "资金没有落实", OWNER)


def test_a_project_without_a_plan_has_no_rounds():
    assert rounds(proposed()) == []
