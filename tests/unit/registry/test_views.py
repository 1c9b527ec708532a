"""The registry's views: the same row in whatever order their topics are read."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

import orjson
import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from services.registry.desk.month import owed_months
from services.registry.project.life import PROJECT
from services.registry.project.row import ExtensionLine, ProblemLine, ProjectRow
from services.registry.project.state import ProblemStage, Stage
from services.registry.views import CAMPAIGNS, INSPECTIONS, PROJECTS, InspectionRow
from shared.contracts.event import EventData
from shared.contracts.months import REPORT_DAY, report_due
from shared.contracts.progress import (
    Extended,
    ExtensionRefused,
    MilestoneCorrected,
    ProgressCorrected,
    RectificationRefused,
    UnitInspected,
)
from shared.contracts.project import (
    AcceptanceFailed,
    PlanApproved,
    PlanRejected,
    ProjectCarriedOver,
    ProjectClosed,
    ProjectHandedOver,
    ProjectStarted,
)
from shared.view import encode_rows
from tests.projecting import History, assert_any_order_and_twice, fold_all, interleavings
from tests.unit.registry.builders import (
    ACCEPTED,
    ANNOUNCED,
    APPROVED,
    CAMPAIGN_ID,
    CLOSURE,
    COUNTY,
    ENDS,
    MILESTONES,
    NOTICE_ENDS,
    REOPENED,
    REQUESTED,
    STARTED,
    TERMINATED,
    TOWNSHIP,
    UNDER_WAY,
    answered,
    endorsed,
    extension,
    failed,
    granted,
    inspected,
    opened,
    opinion,
    problem,
    proposed,
    reached,
    rectified,
    reported,
    returned,
    submitted,
    verified,
)
from tests.unit.registry.dsl import AT_LEISURE, ID, OWNER, TODAY, Told, by, folded

KEY = f"project-{ID}"


def told(*facts: Told | EventData) -> History:
    history = History()
    for fact in facts:
        if isinstance(fact, Told):
            history.tell(KEY, fact.data, on=fact.on or TODAY, actor=fact.actor or OWNER)
        else:
            history.tell(KEY, fact, on=TODAY)
    return history


def row(*facts: Told | EventData) -> ProjectRow:
    return fold_all(PROJECTS, told(*facts).events)[KEY]


def corrected(month: str, was: int, percent: int) -> ProgressCorrected:
    return ProgressCorrected(month=month, was=Decimal(was), percent=Decimal(percent), reason="误填")


REFUSED = RectificationRefused(problem="p1", reason="没有更新", due=date(2023, 6, 15))
FULL_LIFE = (
    *UNDER_WAY[:2],
    opinion("o1"),
    returned(),
    answered("o1"),
    submitted(2),
    *UNDER_WAY[2:],
    reported("2023-02", 30),
    corrected("2023-02", 30, 13),
    inspected(),
    problem("p1"),
    problem("p2"),
    rectified("p1"),
    REFUSED,
    rectified("p1"),
    verified("p1"),
    rectified("p2"),
    verified("p2"),
    reported("2023-03", 40),
    reached("m1"),
    reached("m2"),
    REQUESTED[-1],
    AcceptanceFailed(reason="未完工"),
    *REQUESTED[-1:],
    *ACCEPTED[-1:],
    *ANNOUNCED[-1:],
    ProjectClosed(number="怀组销〔2023〕1号"),
)
OF_PROBLEM: dict[str, object] = {
    "extension": "e2",
    "of": Extended.PROBLEM,
    "subject": "p3",
    "was": date(2023, 5, 31),
    "due": date(2023, 6, 10),
}
TAKEN_BACK = MilestoneCorrected(milestone="m2", was=date(2023, 4, 1), on=None, reason="误填")
HANDED = ProjectHandedOver(was=OWNER, secretary="secretary-2", reason="调任")
CARRIED = ProjectCarriedOver(year=2024, reason="汛期停工")
TURNED = (
    *FULL_LIFE,
    REOPENED[-1],
    TAKEN_BACK,
    HANDED,
    extension(),
    endorsed(),
    granted(),
    problem("p3"),
    extension(**OF_PROBLEM),
    granted(**OF_PROBLEM),
    extension(extension="e3", subject="m9"),
    ExtensionRefused(extension="e3", reason="工期充足"),
    CARRIED,
    TERMINATED[-1],
)


def test_a_row_tells_the_proposal_and_its_stage():
    found = row(proposed())
    assert (found.title, found.owner, found.year, found.stage) == ("点亮背街小巷", "340822100", 2023, Stage.PROPOSED)
    assert found.proposed_on == TODAY


def test_a_row_tells_the_days_and_numbers_of_the_whole_life():
    found = row(*FULL_LIFE)
    assert found.stage is Stage.CLOSED
    assert found.round == 2
    assert found.approval_number == "怀组〔2023〕1号"
    assert found.notice_number == "怀组公示〔2023〕1号"
    assert found.closure_number == "怀组销〔2023〕1号"
    assert found.started_on == date(2023, 2, 1)
    assert found.notice_ends == NOTICE_ENDS
    days = (found.submitted_on, found.decided_on, found.approved_on, found.acceptance_requested_on)
    assert days == (TODAY,) * 4
    assert (found.accepted_on, found.announced_on, found.closed_on) == (TODAY,) * 3
    assert (found.inspections, found.inspected_on, found.inspected_by) == (1, TODAY, {f"{CAMPAIGN_ID} g1"})


def test_a_reopened_project_has_what_comes_after_the_work_before_it_again():
    found = row(*REOPENED)
    assert (found.stage, found.started_on, found.approval_number) == (Stage.STARTED, STARTED, "怀组〔2023〕1号")
    days = (found.acceptance_requested_on, found.accepted_on, found.announced_on, found.notice_ends, found.closed_on)
    assert days == (None,) * 5
    assert (found.notice_number, found.closure_number, found.ended_on) == ("", "", None)
    assert (found.reopened_on, found.reopened_from) == (date(2023, 6, 1), (CLOSURE,))


def test_every_end_has_its_day_and_nothing_is_next_after_it():
    stages = (Stage.WITHDRAWN, Stage.REJECTED, Stage.TERMINATED, Stage.CLOSED)
    for history, stage in zip(ENDS, stages, strict=True):
        found = row(*history)
        assert (found.stage, found.next_milestone, found.next_milestone_due) == (stage, "", None)
        assert found.ended_on == (date(2023, 5, 18) if stage is Stage.CLOSED else TODAY)
    stopped = row(*UNDER_WAY, inspected(), problem(), extension(), TERMINATED[-1])
    assert (stopped.open_problems, stopped.next_deadline, stopped.pending_extensions) == (0, None, 0)


def test_a_hand_over_and_a_carry_over_change_the_responsible_and_the_last_year():
    found = row(*UNDER_WAY, HANDED, CARRIED)
    assert (found.secretary, found.year, found.carried_into) == ("secretary-2", 2023, 2024)


def test_a_granted_day_is_the_next_one():
    found = row(*UNDER_WAY, reached("m1"), extension(), endorsed(), granted())
    assert (found.next_milestone_due, found.milestones) == (date(2023, 10, 21), MILESTONES)
    of_problem = (problem("p3"), extension(**OF_PROBLEM), granted(**OF_PROBLEM))
    assert row(*UNDER_WAY, inspected(), *of_problem).next_deadline == date(2023, 6, 10)


def test_an_extension_is_pending_until_it_is_decided_or_overtaken():
    asked = (*UNDER_WAY, inspected(), problem("p3"), extension(), extension(**OF_PROBLEM))
    refused = ExtensionRefused(extension="e1", reason="工期充足")
    for further, pending in (
        ((), 2),
        ((endorsed(),), 2),
        ((granted(),), 1),
        ((refused,), 1),
        ((reached("m2"),), 1),
        ((rectified("p3"),), 1),
        ((granted(), granted(**OF_PROBLEM)), 0),
    ):
        assert row(*asked, *further).pending_extensions == pending
    waiting = ExtensionLine(Extended.MILESTONE, "m2", COUNTY, TODAY, endorsed=True)
    assert row(*asked, endorsed()).extensions["e1"] == waiting


def test_a_milestones_corrected_day_counts_and_what_was_taken_back_is_open_again():
    corrected = MilestoneCorrected(milestone="m1", was=date(2023, 4, 1), on=date(2023, 4, 3), reason="误填")
    assert row(*UNDER_WAY, reached("m1"), corrected).reached == {"m1": date(2023, 4, 3)}
    found = row(*UNDER_WAY, reached("m1"), reached("m2"), TAKEN_BACK)
    assert (found.milestones_reached, found.milestone_percent, found.next_milestone) == (1, 40, "节点m2")


def test_a_failed_acceptance_leads_back_to_the_work():
    assert row(*REQUESTED).stage is Stage.ACCEPTANCE_REQUESTED
    assert row(*REQUESTED, AcceptanceFailed(reason="未完工")).stage is Stage.STARTED


def test_a_row_has_what_decides_for_which_months_reports_are_owed():
    asked = row(*TURNED)
    assert (asked.report_day, asked.paused, asked.resumed) == (REPORT_DAY, (TODAY,) * 3, (TODAY, date(2023, 6, 1)))
    assert row(*UNDER_WAY, TERMINATED[-1]).paused == (TODAY,)
    late = PlanApproved(round=1, number="怀组〔2023〕1号", report_day=15)
    assert row(*UNDER_WAY[:2], late).report_day == 15


def test_the_problems_of_a_failed_acceptance_are_open_until_they_are_verified():
    history = (*REQUESTED, *failed("a1", "a2"), rectified("a1"), verified("a1"))
    found = row(*history)
    assert (found.stage, found.open_problems, found.next_deadline) == (Stage.STARTED, 1, date(2023, 5, 31))


def test_a_returned_and_a_rejected_plan_are_decided_but_not_approved():
    for decision, stage in ((returned(), Stage.RETURNED), (PlanRejected(round=1, reason="重复"), Stage.REJECTED)):
        found = row(proposed(), submitted(), decision)
        assert (found.stage, found.decided_on, found.approved_on) == (stage, TODAY, None)


def test_the_percent_is_that_of_the_last_month_whenever_it_was_reported():
    found = row(*UNDER_WAY, reported("2023-03", 40), reported("2023-02", 30))
    assert (found.reported_month, found.percent) == ("2023-03", 40)


def test_a_correction_replaces_the_percent_of_its_month():
    assert row(*UNDER_WAY, reported("2023-02", 30), corrected("2023-02", 30, 13)).percent == 13


def test_the_next_milestone_is_the_earliest_that_is_not_reached():
    found = row(*UNDER_WAY)
    assert (found.next_milestone, found.next_milestone_due) == ("节点m1", MILESTONES[0].due)
    found = row(*UNDER_WAY, reached("m1"))
    assert (found.next_milestone, found.next_milestone_due, found.milestones_reached) == (
        "节点m2",
        MILESTONES[1].due,
        1,
    )
    found = row(*UNDER_WAY, reached("m1"), reached("m2"))
    assert (found.next_milestone, found.next_milestone_due, found.milestones_reached) == ("", None, 2)


def test_a_report_is_prefilled_with_the_weights_of_the_milestones_that_are_reached():
    assert row(*UNDER_WAY).milestone_percent == 0
    assert row(*UNDER_WAY, reached("m2")).milestone_percent == 60
    assert row(*UNDER_WAY, reached("m2"), reached("m1")).milestone_percent == 100


def test_problems_are_open_until_they_are_verified_and_the_nearest_deadline_is_shown():
    found = row(*UNDER_WAY, inspected(), problem("p1"), problem("p2"), rectified("p1"))
    assert (found.open_problems, found.next_deadline) == (2, date(2023, 5, 31))
    assert found.problems["p1"] == ProblemLine(date(2023, 5, 31), ProblemStage.RECTIFIED, CAMPAIGN_ID, "g1")
    refused = (problem("p1"), rectified("p1"), REFUSED)
    assert row(*UNDER_WAY, inspected(), *refused).next_deadline == date(2023, 6, 15)
    found = row(*UNDER_WAY, inspected(), problem("p1"), rectified("p1"), verified("p1"))
    assert (found.open_problems, found.next_deadline) == (0, None)


def test_opinions_that_ask_for_a_change_wait_for_their_answers():
    assert row(proposed(), submitted(), opinion("o1"), opinion("o2"), answered("o1")).unanswered == {"o2"}


@AT_LEISURE
@for_all(st.data())
def test_any_order_of_the_topics_gives_the_same_row(data: st.DataObject):
    history = told(*TURNED)
    assert_any_order_and_twice(PROJECTS, history, data.draw(interleavings(history.by_topic())))


def test_a_row_comes_back_from_its_columns():
    found = row(*TURNED[:-4])
    columns = orjson.loads(encode_rows([found]))[0]
    values: list[object] = []
    for name in PROJECTS.columns:
        value = getattr(found, name)
        complex_value = isinstance(value, dict | tuple | frozenset)
        values.append(orjson.dumps(columns[name]).decode() if complex_value else value)
    assert PROJECTS.decode(values) == found


def test_a_campaign_has_a_row():
    history = History()
    history.tell(f"campaign-{CAMPAIGN_ID}", opened(), on=TODAY)
    assert_any_order_and_twice(CAMPAIGNS, history, history.events)
    found = fold_all(CAMPAIGNS, history.events)[f"campaign-{CAMPAIGN_ID}"]
    assert (found.name, found.county, found.year, found.opened_on) == ("中期评估", "340822", 2023, TODAY)
    assert [group.id for group in found.groups] == ["g1", "g2"]


REPORTED = tuple(reported(month, 30) for month in ("2023-02", "2023-03", "2023-04"))


@pytest.mark.parametrize(
    ("facts", "due"),
    [
        (UNDER_WAY[:3], None),
        (UNDER_WAY, date(2023, 3, 5)),
        ((*UNDER_WAY, reported("2023-02", 30), reported("2023-04", 40)), date(2023, 4, 5)),
        ((*APPROVED, by(OWNER, ProjectStarted(reports_from="2023-05"), on=STARTED)), date(2023, 6, 5)),
        ((*UNDER_WAY, reported("2023-02", 30), REQUESTED[-1]), date(2023, 4, 5)),
        ((*UNDER_WAY, *REPORTED, REQUESTED[-1]), None),
        ((*UNDER_WAY, *REPORTED, REQUESTED[-1], failed()[0]), date(2023, 6, 5)),
        ((*UNDER_WAY, TERMINATED[-1]), None),
    ],
    ids=["not begun", "none made", "a gap", "a ledger's", "owed before a rest", "resting", "failed", "ended"],
)
def test_the_next_report_is_due_for_the_first_month_that_owes_one(
    facts: Sequence[Told | EventData], due: date | None
) -> None:
    assert row(*facts).next_report_due == due


@for_all(st.sets(st.integers(2, 12)), st.booleans(), st.integers(2, 12))
def test_a_row_waits_for_a_report_when_months_of_its_project_are_owed(
    months: set[int], from_a_ledger: bool, today: int
) -> None:
    came = ProjectStarted(reports_from="2023-06" if from_a_ledger else None)
    facts = (*APPROVED, by(OWNER, came, on=STARTED), *(reported(f"2023-{n:02}", 10) for n in months))
    day = date(2023, today, 20)
    owed = owed_months(folded(PROJECT, *facts), day)
    due = row(*facts).next_report_due
    assert due is not None
    assert (due.month <= today and due.year == day.year) == bool(owed)
    assert not owed or report_due(owed[0], REPORT_DAY) == due


def test_which_group_inspected_a_unit_is_told_by_the_inspection():
    history = History()
    visit = UnitInspected(campaign=CAMPAIGN_ID, group="g1", unit=TOWNSHIP, county=COUNTY)
    history.tell("inspection-1", visit)
    assert_any_order_and_twice(INSPECTIONS, history, history.events)
    assert fold_all(INSPECTIONS, history.events) == {"inspection-1": InspectionRow(CAMPAIGN_ID, "g1", TOWNSHIP)}
