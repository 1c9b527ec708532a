"""Who may ask for what: every command's roles, and the unit at which they count."""

from datetime import date
from typing import Any

import pytest

from services.registry.around.case import Case
from services.registry.around.rhythm import Rhythm
from services.registry.around.visit import Visit
from services.registry.asking.data_request import DataRequests
from services.registry.commands import accepting, attaching, carrying_out, extending, reviewing, turning, visits
from services.registry.commands.campaigns import InspectUnit, OpenCampaign, RecogniseBrand
from services.registry.commands.cases import PublishCase, SelectCase
from services.registry.commands.data_requests import AnswerDataRequest, RequestData, WithdrawDataRequest
from services.registry.commands.honours import LabelUnit, RecordHonour
from services.registry.commands.reference import (
    Appoint,
    EndAppointment,
    HandOver,
    PublishCalendar,
    RegisterPerson,
    RegisterUnit,
    RenamePerson,
)
from services.registry.commands.rhythm import (
    DrawMutualChecks,
    FindProblemMutually,
    HoldMutualCheck,
    HoldRhythm,
    SetRhythm,
)
from services.registry.commands.unit_metrics import CorrectMetric, DefineMetric, RecordMetric
from services.registry.commands.units import CloseUnit, MergeUnit, MoveUnit, RenameUnit, SplitUnit
from services.registry.project.life import PROJECT
from services.registry.project.state import Project
from services.registry.reference.person import PERSON
from services.registry.reference.unit import UNIT, Unit
from shared.command import Command
from shared.contracts.cases import CaseSelected
from shared.contracts.divisions import UnitKind
from shared.contracts.project import ProjectHandedOver
from shared.contracts.reference import SECRETARIES, DataRequested, Role, UnitRegistered
from shared.contracts.rhythm import RhythmItem, RhythmKind, RhythmSet
from shared.contracts.visits import VisitHeld, VisitStage
from shared.rights import NATION
from tests.unit.registry.builders import COUNTY, TOWNSHIP, appointed, extension, person, propose, proposed, unit
from tests.unit.registry.dsl import HANDLERS, OWNER, folded, handler_of

OF_THE_OWNER = [
    reviewing.SubmitPlan,
    reviewing.AnswerOpinion,
    carrying_out.StartProject,
    carrying_out.ReportProgress,
    carrying_out.CorrectProgress,
    carrying_out.ReachMilestone,
    carrying_out.CorrectMilestone,
    extending.RequestExtension,
    carrying_out.ReportRectification,
    accepting.RequestAcceptance,
    attaching.AddAttachment,
    turning.WithdrawProject,
]
OF_REVIEWERS = [
    reviewing.GiveOpinion,
    reviewing.ReturnPlan,
    reviewing.RejectPlan,
    reviewing.ApprovePlan,
    accepting.AcceptProject,
    accepting.FailAcceptance,
    accepting.IssuePublicNotice,
    accepting.RaiseObjection,
    accepting.ResolveObjection,
    accepting.CloseProject,
    attaching.EraseAttachment,
    extending.GrantExtension,
    turning.HandOverProject,
    turning.TerminateProject,
    turning.ReopenProject,
    turning.CarryOverProject,
]
OF_INSPECTORS = [
    carrying_out.InspectProject,
    carrying_out.FindProblem,
]
OF_VERIFIERS = [carrying_out.VerifyRectification, carrying_out.RefuseRectification, attaching.AddEvidence]
OF_ENDORSERS = [extending.EndorseExtension, extending.RefuseExtension]
OF_ASKERS = {RequestData, WithdrawDataRequest}
CHANGES = [RenameUnit, MoveUnit, MergeUnit, SplitUnit, CloseUnit]
OF_ADMINISTRATORS = [
    RegisterUnit,
    RegisterPerson,
    RenamePerson,
    Appoint,
    EndAppointment,
    HandOver,
    PublishCalendar,
    *CHANGES,
]
NAMING_A_COUNTY = {
    OpenCampaign: Role.REVIEWER,
    RecogniseBrand: Role.REVIEWER,
    InspectUnit: Role.INSPECTOR,
    SelectCase: Role.REVIEWER,
    RecordHonour: Role.REVIEWER,
    LabelUnit: Role.REVIEWER,
}
OF_A_VISIT = [visits.CollectSuggestion, visits.RaiseDifficulty, visits.TakeOnDifficulty, visits.SolveDifficulty]
OF_COUNTY_DESKS = [DrawMutualChecks, SetRhythm]
OF_CHECKERS = [HoldMutualCheck, FindProblemMutually]
OF_HELPERS = [visits.TakeOnProjectDifficulty, visits.SolveProjectDifficulty]
OF_UNITS = {
    DefineMetric: {Role.SCHEME_ADMIN, Role.PLATFORM_ADMIN},
    RecordMetric: {*SECRETARIES, Role.REVIEWER},
    CorrectMetric: {*SECRETARIES, Role.REVIEWER},
}

A_PROJECT: Project = folded(PROJECT, proposed())


def at(command: type[Command], state: object, **fields: Any) -> str:
    return handler_of(command).who.at(state, command.model_construct(**fields))


def test_every_command_is_somebodys():
    known = {
        reviewing.ProposeProject,
        *OF_THE_OWNER,
        *OF_REVIEWERS,
        *OF_INSPECTORS,
        *OF_VERIFIERS,
        *OF_ENDORSERS,
        *NAMING_A_COUNTY,
        *OF_ADMINISTRATORS,
        *OF_ASKERS,
        AnswerDataRequest,
        visits.HoldVisit,
        *OF_A_VISIT,
        *OF_HELPERS,
        PublishCase,
        *OF_UNITS,
        *OF_COUNTY_DESKS,
        *OF_CHECKERS,
        HoldRhythm,
    }
    assert known == {handler.command for handler in HANDLERS}


@pytest.mark.parametrize("command", OF_THE_OWNER)
def test_the_secretary_of_the_very_owner_acts_or_an_office_for_the_projects_secretary(command: type[Command]):
    who = handler_of(command).who
    assert who.roles == SECRETARIES
    assert who.exactly
    assert at(command, A_PROJECT) == TOWNSHIP
    assert who.for_whom(A_PROJECT, command.model_construct()) == OWNER


def test_a_project_is_proposed_at_the_owner_that_it_names():
    who = handler_of(reviewing.ProposeProject).who
    assert (who.roles, who.exactly) == (SECRETARIES, True)
    assert who.at(Project(), propose()) == TOWNSHIP
    assert who.for_whom(Project(), propose()) == OWNER


@pytest.mark.parametrize("command", OF_REVIEWERS)
def test_reviewers_act_at_the_owner_or_above_and_from_their_own_post(command: type[Command]):
    who = handler_of(command).who
    assert (who.roles, who.exactly, who.by_post) == ({Role.REVIEWER}, False, True)
    assert at(command, A_PROJECT) == TOWNSHIP


@pytest.mark.parametrize("command", OF_INSPECTORS)
def test_inspectors_act_at_the_owner_or_above_and_from_their_own_post(command: type[Command]):
    who = handler_of(command).who
    assert (who.roles, who.exactly, who.by_post) == ({Role.INSPECTOR}, False, True)
    assert at(command, A_PROJECT) == TOWNSHIP


@pytest.mark.parametrize("command", OF_VERIFIERS)
def test_reviewers_and_inspectors_verify_at_the_owner_or_above(command: type[Command]):
    who = handler_of(command).who
    assert (who.roles, who.exactly, who.by_post) == ({Role.INSPECTOR, Role.REVIEWER}, False, True)
    assert at(command, A_PROJECT) == TOWNSHIP


@pytest.mark.parametrize("command", OF_ENDORSERS)
def test_an_extension_is_decided_by_a_township_or_a_reviewer_at_the_owner_or_above(command: type[Command]):
    who = handler_of(command).who
    assert (who.roles, who.exactly, who.by_post) == ({Role.TOWNSHIP_SECRETARY, Role.REVIEWER}, False, True)
    for place in (TOWNSHIP, COUNTY):
        project = folded(PROJECT, proposed(), extension(endorsed_at=place))
        assert at(command, project, extension="e1") == TOWNSHIP
    assert who.for_whom(A_PROJECT, command.model_construct(secretary="secretary-9")) == "secretary-9"


def test_after_a_hand_over_an_office_acts_for_the_successor():
    handed = ProjectHandedOver(was=OWNER, secretary="secretary-2", reason="调任")
    who = handler_of(carrying_out.StartProject).who
    assert who.for_whom(folded(PROJECT, proposed(), handed), carrying_out.StartProject()) == "secretary-2"


@pytest.mark.parametrize(("command", "role"), NAMING_A_COUNTY.items())
def test_what_names_a_county_is_done_there_or_above(command: type[Command], role: Role):
    who = handler_of(command).who
    assert (who.roles, who.exactly) == ({role}, False)
    assert at(command, None, county=COUNTY) == COUNTY


@pytest.mark.parametrize("command", OF_ADMINISTRATORS)
def test_the_reference_facts_are_the_administrators(command: type[Command]):
    who = handler_of(command).who
    assert (who.roles, who.exactly) == ({Role.PLATFORM_ADMIN}, False)


def test_administrators_act_within_their_subtree_and_for_what_belongs_to_no_unit():
    assert at(RegisterUnit, Unit(), parent=COUNTY) == COUNTY
    assert at(RegisterUnit, Unit(), parent=None) == NATION
    there = UnitRegistered(code=COUNTY, name="怀宁县", kind=UnitKind.COUNTY, parent="340800")
    assert at(RegisterUnit, Unit(there), parent="340800") == COUNTY
    assert at(RegisterUnit, Unit(there), parent=None) == NATION
    assert at(Appoint, None, unit=TOWNSHIP) == TOWNSHIP
    assert at(EndAppointment, None, unit=TOWNSHIP) == TOWNSHIP
    assert at(HandOver, None, unit=TOWNSHIP) == TOWNSHIP
    assert at(RegisterPerson, None) == NATION
    assert at(PublishCalendar, None) == NATION
    assert at(RenamePerson, folded(PERSON, person())) == NATION
    assert at(RenamePerson, folded(PERSON, person(), appointed())) == TOWNSHIP


def test_units_are_asked_by_the_reviewers_and_supervisors_of_their_county():
    asking, withdrawing = handler_of(RequestData).who, handler_of(WithdrawDataRequest).who
    assert asking.roles == withdrawing.roles == {Role.REVIEWER, Role.SUPERVISOR}
    assert not asking.exactly
    assert at(RequestData, None, county=COUNTY) == COUNTY
    request = DataRequested.model_construct(request="flood", county=COUNTY)
    assert at(WithdrawDataRequest, DataRequests({"flood": request})) == COUNTY


def test_a_unit_answers_by_its_own_secretary_or_an_office_for_the_secretary():
    who = handler_of(AnswerDataRequest).who
    assert (who.roles, who.exactly) == (SECRETARIES, True)
    assert at(AnswerDataRequest, None, unit=TOWNSHIP) == TOWNSHIP
    assert who.for_whom(None, AnswerDataRequest.model_construct(secretary=OWNER)) == OWNER


OTHER = "340822101"


@pytest.mark.parametrize(
    ("command", "fields", "where"),
    [
        (RenameUnit, {}, (TOWNSHIP,)),
        (MergeUnit, {"into": OTHER}, (TOWNSHIP, OTHER)),
        (SplitUnit, {"into": (OTHER, "340822102"), "heir": OTHER}, (TOWNSHIP, OTHER, "340822102")),
        (CloseUnit, {"heir": None}, (TOWNSHIP,)),
        (CloseUnit, {"heir": OTHER}, (TOWNSHIP, OTHER)),
        (MoveUnit, {"parent": "340828"}, (COUNTY, "340828")),
    ],
)
def test_a_unit_is_changed_by_who_administers_it_and_all_that_it_goes_to(
    command: type[Command], fields: dict[str, Any], where: tuple[str, ...]
):
    state, asked = folded(UNIT, unit(TOWNSHIP, COUNTY)), command.model_construct(**fields)
    who = handler_of(command).who
    assert (who.at(state, asked), *who.also_at(state, asked)) == where


def test_what_changes_the_shape_of_the_tree_goes_one_after_the_other():
    words = {handler_of(command).alone for command in CHANGES if command is not RenameUnit}
    assert len(words) == 1
    assert "" not in words


DESK = {Role.REVIEWER, Role.SUPERVISOR, Role.LEADER, Role.OFFICE}
A_VISIT = Visit(
    VisitHeld(leader="leader-1", stage=VisitStage.REVIEW, unit=TOWNSHIP, county=COUNTY, on=date(2023, 5, 8))
)


def test_a_visit_is_recorded_at_the_county_that_it_names_the_office_acting_for_the_leader():
    who = handler_of(visits.HoldVisit).who
    assert (who.roles, who.exactly) == (DESK, False)
    assert at(visits.HoldVisit, None, county=COUNTY) == COUNTY
    assert who.for_whom(None, visits.HoldVisit.model_construct(leader="leader-1")) == "leader-1"


@pytest.mark.parametrize("command", OF_A_VISIT)
def test_what_comes_of_a_visit_is_recorded_by_the_same_desk(command: type[Command]):
    who = handler_of(command).who
    assert (who.roles, who.exactly) == (DESK, False)
    assert at(command, A_VISIT) == COUNTY
    assert who.for_whom(A_VISIT, command.model_construct()) == "leader-1"


@pytest.mark.parametrize("command", OF_HELPERS)
def test_a_project_is_helped_by_its_township_and_its_county(command: type[Command]):
    who = handler_of(command).who
    assert (who.roles, who.exactly) == ({*DESK, Role.TOWNSHIP_SECRETARY}, False)
    assert at(command, A_PROJECT) == TOWNSHIP


def test_a_case_is_published_by_a_reviewer_of_its_county():
    who = handler_of(PublishCase).who
    assert (who.roles, who.exactly) == ({Role.REVIEWER}, False)
    assert at(PublishCase, Case(CaseSelected(title="案例", unit=TOWNSHIP, county=COUNTY, summary="摘要"))) == COUNTY


@pytest.mark.parametrize(("command", "roles"), OF_UNITS.items())
def test_metrics_are_the_business_of_the_unit_that_they_are_of(command: type[Command], roles: set[Role]):
    who = handler_of(command).who
    assert (who.roles, who.exactly) == (roles, False)
    assert at(command, None, unit=TOWNSHIP) == TOWNSHIP


@pytest.mark.parametrize("command", OF_COUNTY_DESKS)
def test_what_recurs_is_set_by_a_reviewer_or_supervisor_of_the_county(command: type[Command]):
    who = handler_of(command).who
    assert (who.roles, who.exactly) == ({Role.REVIEWER, Role.SUPERVISOR}, False)
    assert at(command, None, county=COUNTY) == COUNTY


def test_what_was_held_of_the_calendar_is_told_by_the_same_desk():
    item = RhythmItem(id="m05", kind=RhythmKind.MONTHLY_BULLETIN, title="通报", due=date(2023, 6, 5))
    who = handler_of(HoldRhythm).who
    assert (who.roles, who.exactly) == ({Role.REVIEWER, Role.SUPERVISOR}, False)
    assert at(HoldRhythm, Rhythm(RhythmSet(county=COUNTY, year=2023, items=(item,)))) == COUNTY


@pytest.mark.parametrize("command", OF_CHECKERS)
def test_a_mutual_check_is_the_business_of_the_township_that_checks(command: type[Command]):
    who = handler_of(command).who
    assert (who.roles, who.exactly) == ({Role.TOWNSHIP_SECRETARY}, True)
    assert at(command, A_PROJECT, checking="340822101") == "340822101"
