"""Inspections of projects, problems and their rectification."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from services.registry.around.campaign import CAMPAIGN, Campaign, CampaignFacts
from services.registry.commands.carrying_out import (
    FindProblem,
    InspectProject,
    RefuseRectification,
    ReportRectification,
    VerifyRectification,
)
from services.registry.project.inspecting import InspectionFacts
from shared.command import Command
from shared.contracts.event import EventData
from shared.contracts.progress import RectificationRefused, RectificationVerified
from tests.unit.registry.builders import (
    ACCEPTED,
    APPROVED,
    REQUESTED,
    TOWNSHIP,
    UNDER_WAY,
    failed,
    find,
    inspect,
    inspected,
    opened,
    problem,
    rectified,
    verified,
)
from tests.unit.registry.dsl import INSPECTOR, OWNER, REVIEWER, TODAY, Told, by, folded, given

CAMPAIGN_KNOWN = CampaignFacts(folded(CAMPAIGN, opened()), here=True)
NO_CAMPAIGN = CampaignFacts(Campaign(), here=True)
ELSEWHERE = CampaignFacts(folded(CAMPAIGN, opened()), here=False)
KNOWN = InspectionFacts(CAMPAIGN_KNOWN, TOWNSHIP)
INSPECTED = (*UNDER_WAY, inspected())
FOUND = (*INSPECTED, problem())
RECTIFIED = (*FOUND, rectified())
VERIFY = VerifyRectification(problem="p1", note="属实")
REFUSE = RefuseRectification(problem="p1", reason="没有更新", due=date(2023, 6, 15))


def test_a_group_inspects_a_project():
    given(*UNDER_WAY).when(inspect(), by=INSPECTOR, knowing=KNOWN).then(inspected().data)


@pytest.mark.parametrize("history", [APPROVED, ACCEPTED])
def test_a_project_is_inspected_while_it_is_carried_out(history: tuple[Told | EventData, ...]):
    given(*history).when(inspect(), by=INSPECTOR, knowing=KNOWN).then_refused("not_being_carried_out")
    assert given(*REQUESTED).when(inspect(), by=INSPECTOR, knowing=KNOWN).refused is None


def test_inspections_have_ids_of_their_own():
    given(*INSPECTED).when(inspect(), by=INSPECTOR, knowing=KNOWN).then_refused("inspection_exists")


def test_the_township_is_where_the_project_lies_and_is_not_asked_for():
    elsewhere = inspected().data.model_copy(update={"township": "340822101"})
    given(*UNDER_WAY).when(inspect(), by=INSPECTOR, knowing=replace(KNOWN, township="340822101")).then(elsewhere)
    assert not {"township", "campaign", "group"} & FindProblem.model_fields.keys()
    assert "township" not in InspectProject.model_fields


def test_a_problem_of_an_inspection_is_found():
    given(*INSPECTED).when(find(), by=INSPECTOR, knowing=CAMPAIGN_KNOWN).then(problem().data)


def test_problems_are_found_while_the_project_is_carried_out():
    outcome = given(*UNDER_WAY, inspected(), *ACCEPTED[len(UNDER_WAY) :])
    outcome.when(find(), by=INSPECTOR, knowing=CAMPAIGN_KNOWN).then_refused("not_being_carried_out")


def test_a_problem_is_that_of_the_inspections_campaign_and_group():
    history = given(*INSPECTED)
    history.when(find(inspection="i2"), by=INSPECTOR, knowing=NO_CAMPAIGN).then_refused("no_such_inspection")
    second = inspected().data.model_copy(update={"group": "g2"})
    expected = problem().data.model_copy(update={"group": "g2"})
    given(*UNDER_WAY, by("inspector-3", second)).when(find(), by="inspector-3", knowing=CAMPAIGN_KNOWN).then(expected)


def test_problems_have_ids_of_their_own():
    given(*FOUND).when(find(), by=INSPECTOR, knowing=CAMPAIGN_KNOWN).then_refused("problem_exists")


def test_a_deadline_is_today_at_the_earliest():
    history = given(*INSPECTED)
    yesterday = TODAY - timedelta(days=1)
    history.when(find(due=yesterday), by=INSPECTOR, knowing=CAMPAIGN_KNOWN).then_refused("deadline_in_the_past")
    assert history.when(find(due=TODAY), by=INSPECTOR, knowing=CAMPAIGN_KNOWN).refused is None


def knowing(command: Command, campaign: CampaignFacts) -> object:
    return InspectionFacts(campaign, TOWNSHIP) if isinstance(command, type(inspect())) else campaign


CHECKS: list[tuple[Command, tuple[Told | EventData, ...]]] = [
    (inspect(), UNDER_WAY),
    (find(), INSPECTED),
    (VERIFY, RECTIFIED),
    (REFUSE, RECTIFIED),
]


@pytest.mark.parametrize(("command", "history"), CHECKS)
def test_only_a_member_of_the_group_checks(command: Command, history: tuple[Told | EventData, ...]):
    for actor, code in ((INSPECTOR, None), ("inspector-2", None), ("inspector-3", "not_of_the_group")):
        outcome = given(*history).when(command, by=actor, knowing=knowing(command, CAMPAIGN_KNOWN))
        assert (outcome.refused and outcome.refused.code) == code


@pytest.mark.parametrize(("command", "history"), CHECKS)
def test_nobody_checks_what_he_or_she_has_reported(command: Command, history: tuple[Told | EventData, ...]):
    outcome = given(*history).when(command, by=OWNER, knowing=knowing(command, CAMPAIGN_KNOWN))
    outcome.then_refused("checks_own_work")


@pytest.mark.parametrize(("command", "history"), CHECKS)
def test_there_is_such_a_campaign(command: Command, history: tuple[Told | EventData, ...]):
    outcome = given(*history).when(command, by=INSPECTOR, knowing=knowing(command, NO_CAMPAIGN))
    outcome.then_refused("no_such_campaign")


@pytest.mark.parametrize(("command", "history"), CHECKS[:2])
def test_a_campaign_inspects_what_lies_in_its_county_today(command: Command, history: tuple[Told | EventData, ...]):
    outcome = given(*history).when(command, by=INSPECTOR, knowing=knowing(command, ELSEWHERE))
    outcome.then_refused("campaign_of_another_county")


@pytest.mark.parametrize("command", [VERIFY, REFUSE])
def test_what_a_campaign_found_before_the_project_came_to_lie_in_another_county_is_checked_by_any_there(
    command: Command,
):
    for actor in (REVIEWER, INSPECTOR, "inspector-3"):
        assert given(*RECTIFIED).when(command, by=actor, knowing=ELSEWHERE).refused is None
    given(*RECTIFIED).when(command, by=OWNER, knowing=ELSEWHERE).then_refused("checks_own_work")


def test_the_group_is_one_of_the_campaign():
    outcome = given(*UNDER_WAY).when(inspect(group="g9"), by=INSPECTOR, knowing=KNOWN)
    outcome.then_refused("no_such_group", group="g9")


REPORT = ReportRectification(problem="p1", text="已更新")


def test_the_owner_reports_what_was_done():
    given(*FOUND).when(REPORT).then(rectified())


def test_what_was_refused_is_rectified_again():
    refused = by(INSPECTOR, RectificationRefused(problem="p1", reason="没有更新", due=date(2023, 6, 15)))
    given(*RECTIFIED, refused).when(REPORT).then(rectified())


def test_a_rectification_is_reported_for_a_problem_that_waits_for_one():
    given(*RECTIFIED).when(REPORT).then_refused("problem_not_to_be_rectified")
    given(*RECTIFIED, verified()).when(REPORT).then_refused("problem_not_to_be_rectified")
    given(*INSPECTED).when(REPORT).then_refused("no_such_problem", problem="p1")


def test_somebody_else_verifies_or_refuses_it():
    verified = RectificationVerified(problem="p1", note="属实")
    given(*RECTIFIED).when(VERIFY, by=INSPECTOR, knowing=CAMPAIGN_KNOWN).then(verified)
    refused = RectificationRefused(problem="p1", reason="没有更新", due=date(2023, 6, 15))
    given(*RECTIFIED).when(REFUSE, by=INSPECTOR, knowing=CAMPAIGN_KNOWN).then(refused)


def test_whoever_rectified_for_the_secretary_does_not_verify():
    history = given(*FOUND, by("inspector-2", rectified(), for_whom=OWNER))
    for command in (VERIFY, REFUSE):
        history.when(command, by="inspector-2", knowing=CAMPAIGN_KNOWN).then_refused("checks_own_work")


@pytest.mark.parametrize("command", [VERIFY, REFUSE])
def test_what_an_acceptance_found_is_checked_by_any_reviewer_or_inspector_but_not_by_the_rectifier(command: Command):
    history = given(*REQUESTED, *failed("p1"), by("inspector-2", rectified(), for_whom=OWNER))
    for actor in (REVIEWER, INSPECTOR):
        assert history.when(command, by=actor, knowing=NO_CAMPAIGN).refused is None
    for actor in ("inspector-2", OWNER):
        history.when(command, by=actor, knowing=NO_CAMPAIGN).then_refused("checks_own_work")


@pytest.mark.parametrize("command", [VERIFY, REFUSE])
def test_only_what_is_rectified_is_verified(command: Command):
    given(*FOUND).when(command, by=INSPECTOR, knowing=CAMPAIGN_KNOWN).then_refused("problem_not_rectified")
    given(*RECTIFIED, verified()).when(command, by=INSPECTOR, knowing=CAMPAIGN_KNOWN).then_refused(
        "problem_not_rectified"
    )
    given(*INSPECTED).when(command, by=INSPECTOR, knowing=NO_CAMPAIGN).then_refused("no_such_problem")


def test_the_new_deadline_is_today_at_the_earliest():
    late = REFUSE.model_copy(update={"due": TODAY - timedelta(days=1)})
    given(*RECTIFIED).when(late, by=INSPECTOR, knowing=CAMPAIGN_KNOWN).then_refused("deadline_in_the_past")
    today = REFUSE.model_copy(update={"due": TODAY})
    assert given(*RECTIFIED).when(today, by=INSPECTOR, knowing=CAMPAIGN_KNOWN).refused is None
