"""The desks' page models: differences, verdicts, months, plans; plain values in, plain values out."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from services.registry.desk.acceptance import steps
from services.registry.desk.frame import said
from services.registry.desk.month import due, owed_months
from services.registry.desk.parts import Text, parts_of
from services.registry.desk.plan import (
    HEADS,
    IDS,
    answers,
    asked_beside,
    open_opinions,
    plan_fields,
    ready,
    without_answers,
)
from services.registry.desk.review import days_left
from services.registry.desk.verdicts import decision, judged
from services.registry.project.life import PROJECT
from services.registry.project.rounds import SpanKind
from services.registry.project.state import Project
from shared.contracts.event import EventData
from shared.contracts.project import (
    AcceptanceFailed,
    AcceptanceRequested,
    OpinionKind,
    PlanApproved,
    ProjectReopened,
    ProjectStarted,
    ProjectTerminated,
)
from shared.web.forms import Form, changed_rows
from shared.web.pages import StepState
from tests.unit.registry.builders import (
    ACCEPTED,
    ANNOUNCED,
    APPROVED,
    FOUR_ONES,
    MILESTONES,
    NOTICE_ENDS,
    STARTED,
    UNDER_REVIEW,
    UNDER_WAY,
    answered,
    milestone,
    opinion,
    proposed,
    reached,
    reported,
    returned,
    submitted,
)
from tests.unit.registry.dsl import OWNER, REVIEWER, TODAY, Told, by, folded

ID = "0190a1b2-0000-7000-8000-000000000001"


def shown(text: Text) -> str:
    marks = {SpanKind.SAME: "{}", SpanKind.REMOVED: "[-{}-]", SpanKind.ADDED: "[+{}+]"}
    return "".join(marks[span.kind].format(span.text) for span in text)


def test_a_part_is_read_as_it_was_and_as_it_is():
    dated = (milestone("m1", date(2023, 5, 1), 40), milestone("m3", date(2023, 9, 1), 60))
    later = submitted(2).model_copy(update={"milestones": dated, "measures": ("每月推进", "每周会商")})
    parts = {part.label: (shown(part.before), shown(part.after)) for part in parts_of(later, submitted())}
    assert parts["目标"] == ("全街点亮", "全街点亮")
    assert parts["措施"] == ("每月推进", "每月推进\n[+每周会商+]")
    was, now = parts["期限与节点"]
    assert was.splitlines() == [
        "2023-01-01 至 2023-10-01",
        "[-2023-04-01-]　节点m1　权重 40",
        "[-2023-10-01-]　[-节点m2-]　权重 [-60-]",
    ]
    assert now.splitlines()[1:] == ["[+2023-05-01+]　节点m1　权重 40", "[+2023-09-01+]　[+节点m3+]　权重 [+60+]"]


def test_a_first_round_has_nothing_to_be_held_against():
    assert not any(part.changed for part in parts_of(submitted(), None))
    assert not any(part.changed for part in parts_of(submitted(2), submitted()))


def test_a_changed_part_of_a_plan_is_marked_and_the_others_are_not():
    ones = FOUR_ONES.model_copy(update={"project": "点亮一条街"})
    changed = [
        part.label
        for part in parts_of(submitted(2).model_copy(update={"four_ones": ones}), submitted())
        if part.changed
    ]
    assert changed == ["项目内容"]
    dated = (milestone("m1", date(2023, 5, 1), 40), MILESTONES[1])
    later = submitted(2).model_copy(update={"milestones": dated})
    assert [part.label for part in parts_of(later, submitted()) if part.changed] == ["期限与节点"]


def project_of(*facts: Told | EventData) -> Project:
    return folded(PROJECT, *facts)


def under_review() -> Project:
    return project_of(*UNDER_REVIEW)


def verdicts(**given: str) -> Form:
    return Form("review", {name.replace("_", "."): text for name, text in given.items()}, "k")


MET = {f"{each}_verdict": "meets" for each in ("small", "hard", "exemplary", "doable")}


def test_who_approves_has_judged_every_criterion_and_fails_none():
    assert judged(verdicts(**MET), ID, "approve-plan").errors == {}
    lacking = judged(verdicts(**{**MET, "hard_verdict": ""}), ID, "approve-plan")
    assert set(lacking.errors) == {"hard.verdict"}
    failing = judged(verdicts(**{**MET, "hard_verdict": "fails", "hard_text": "未写"}), ID, "approve-plan")
    assert set(failing.errors) == {"hard.verdict"}


def test_an_opinion_has_words_a_kind_and_an_id_and_a_key_of_its_own():
    form = verdicts(
        small_verdict="fails", small_text=" 过宽 ", hard_verdict="nearly", hard_text="再细", doable_verdict="fails"
    )
    read = judged(form, ID, "return-plan")
    assert set(read.errors) == {"doable.text"}
    first, second = read.opinions
    assert (first.fields["kind"], first.fields["text"]) == (OpinionKind.CHANGE, "过宽")
    assert (second.fields["kind"], second.key) == (OpinionKind.REMARK, "k-hard")
    names = [each.fields["opinion"] for each in read.opinions]
    assert len(set(names)) == 2
    assert [each.fields["opinion"] for each in judged(form, ID, "return-plan").opinions] == names
    other = judged(replace(form, key="l"), ID, "return-plan").opinions
    assert not {each.fields["opinion"] for each in other} & set(names)


def test_returning_and_rejecting_take_a_reason_and_opinions_may_stand_for_the_first():
    assert set(judged(verdicts(), ID, "return-plan").errors) == {"reason"}
    assert set(judged(verdicts(small_verdict="fails", small_text="宽"), ID, "reject-plan").errors) == {"reason"}
    asked = verdicts(small_verdict="fails", small_text="宽", hard_verdict="fails", hard_text="空")
    assert judged(asked, ID, "return-plan").errors == {}
    assert decision(asked, "return-plan").fields == {"reason": "“切口小”“有难度”须修改，见各项意见。"}
    assert decision(verdicts(reason="收缩"), "return-plan").fields == {"reason": "收缩"}
    assert decision(verdicts(reason="收缩"), "approve-plan").fields == {}


def test_a_plan_is_due_for_review_within_ten_days():
    assert [days_left(day, TODAY, 10) for day in (date(2023, 5, 10), date(2023, 4, 29))] == [10, -1]


def carried_out(*more: Told | EventData) -> Project:
    return project_of(*UNDER_WAY, *more)


def test_the_first_month_that_is_owed_is_reported_first():
    project = carried_out(reported("2023-03", 10))
    assert owed_months(project, TODAY) == ["2023-02", "2023-04"]
    month = due(project, TODAY)
    assert month is not None
    assert (month.month, month.owed, month.percent, month.before) == ("2023-02", 2, Decimal(0), None)
    assert month.after == ("2023-03", Decimal(10))


def test_months_in_which_the_project_rests_are_not_owed():
    asked = by(OWNER, AcceptanceRequested(summary="已完成"), on=date(2023, 3, 20))
    failed = by(REVIEWER, AcceptanceFailed(reason="未完工"), on=date(2023, 4, 10))
    assert owed_months(carried_out(asked), TODAY) == ["2023-02"]
    assert owed_months(carried_out(asked, failed), TODAY) == ["2023-02", "2023-04"]
    stopped = by(OWNER, ProjectTerminated(reason="征地未成"), on=date(2023, 4, 7))
    assert owed_months(carried_out(stopped), TODAY) == ["2023-02", "2023-03"]
    again = by(REVIEWER, ProjectReopened(closure="1", reason="返工"), on=date(2023, 4, 10))
    assert owed_months(carried_out(asked, again), TODAY) == ["2023-02", "2023-04"]
    earlier = by(REVIEWER, PlanApproved(round=1, number="1", report_day=9), on=date(2023, 1, 10))
    assert owed_months(project_of(*UNDER_WAY[:2], earlier, *UNDER_WAY[3:], stopped), TODAY) == ["2023-02"]


def test_a_project_of_a_ledger_owes_reports_from_the_month_of_its_import():
    came = by(OWNER, ProjectStarted(reports_from="2023-04"), on=STARTED)
    project = project_of(*APPROVED, came, reported("2023-02", 30))
    assert owed_months(project, TODAY) == ["2023-04"]
    month = due(project, TODAY)
    assert month is not None
    assert (month.month, month.percent, month.before) == ("2023-04", Decimal(30), ("2023-02", Decimal(30)))


def test_a_report_is_filled_in_from_reached_milestones_and_never_below_the_last():
    reports = [reported(month, 45) for month in ("2023-02", "2023-03")]
    month = due(carried_out(*reports, reached("m1")), TODAY)
    assert month is not None
    assert (month.month, month.percent, month.before) == ("2023-04", Decimal(45), ("2023-03", Decimal(45)))
    assert month.note == "完成“节点m1”。继续推进“节点m2”（计划 10月1日）。"
    low = [reported(month, 5) for month in ("2023-02", "2023-03")]
    fresh = due(carried_out(*low, reached("m1")), TODAY)
    assert fresh is not None
    assert fresh.percent == Decimal(40)


def test_nothing_is_owed_before_the_start_nor_twice_in_a_month():
    assert due(under_review(), TODAY) is None
    months = [reported(f"2023-0{n}", n) for n in (2, 3, 4, 5)]
    assert due(carried_out(*months), TODAY) is None
    assert due(carried_out(*months[:3]), TODAY) is not None


def test_a_first_plan_holds_the_proposal_and_a_returned_one_the_last_round():
    assert plan_fields(project_of(proposed())) == {"four_ones.project": "点亮背街小巷", "four_ones.secretary": OWNER}
    fields = plan_fields(project_of(*UNDER_REVIEW, returned()))
    assert (fields["milestones.1.id"], fields["goal"], "round" in fields) == ("m2", "全街点亮", False)


def test_opinions_stand_beside_their_field_the_unanswered_first():
    project = project_of(proposed(), submitted(), opinion("o1"), answered("o1"), opinion("o2"))
    beside = asked_beside(project, {REVIEWER: "丁静"})
    assert [(each.id, each.by, each.answer) for each in beside["four_ones.project"]] == [
        ("o2", "丁静", None),
        ("o1", "丁静", "已收缩"),
    ]
    assert open_opinions(project) == ["o2"]


def test_answers_are_commands_of_their_own_beside_the_plan():
    form = Form("plan", {"goal": "点亮", "answers-7": "已改", "answers-o2": " ", "milestones.0.title": "一"}, "k", 4)
    assert set(without_answers(ready(form)).fields) == {"goal", "milestones.0.title", "milestones.0.id"}
    [(id, answer)] = answers(ready(form), ["7", "o2"]).items()
    assert (id, answer.fields, answer.key, answer.version) == ("7", {"opinion": "7", "answer": "已改"}, "k-7", None)
    assert changed_rows(form, "add milestones", IDS, HEADS).value("answers-7") == "已改"


def states(project: Project, today: date = TODAY) -> list[StepState]:
    return [step.state for step in steps(project, today)]


def test_the_steps_to_the_closing_stop_where_the_project_is():
    done, current, future = StepState.DONE, StepState.CURRENT, StepState.FUTURE
    assert states(carried_out()) == [current, future, future, future]
    assert states(project_of(*ACCEPTED)) == [done, done, current, future]
    assert states(project_of(*ANNOUNCED), NOTICE_ENDS) == [done, done, current, future]
    assert states(project_of(*ANNOUNCED), NOTICE_ENDS + timedelta(days=1)) == [done, done, done, current]


def test_what_was_done_to_a_project_is_not_said_without_its_title() -> None:
    assert said("approve-plan", title="点亮背街小巷") == "已通过立项：点亮背街小巷。"
    assert [said("approve-plan"), said("nothing-known"), said("start")] == ["", "", "已开工。"]
