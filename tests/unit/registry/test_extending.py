"""Extensions: who asks until when for how long, and the two steps."""

from datetime import date, timedelta
from typing import Any

import pytest

from services.registry.commands.extending import EndorseExtension, GrantExtension, RefuseExtension, RequestExtension
from services.registry.project.extending import Deciders
from services.registry.project.life import PROJECT
from services.registry.project.state import ExtensionStage
from services.registry.reference.person import PERSON, Person
from shared.command import Command
from shared.contracts.event import EventData
from shared.contracts.progress import (
    Extended,
    ExtensionEndorsed,
    ExtensionGranted,
    ExtensionRefused,
    RectificationRefused,
)
from shared.contracts.reference import Role
from shared.settings import Rules
from tests.unit.registry.builders import (
    ACCEPTED,
    APPROVED,
    COUNTY,
    REQUESTED,
    TERMINATED,
    TOWNSHIP,
    UNDER_WAY,
    VILLAGE,
    appointed,
    endorsed,
    extension,
    granted,
    inspected,
    person,
    problem,
    proposed,
    reached,
    rectified,
)
from tests.unit.registry.dsl import EXTENSION_DAYS, INSPECTOR, OWNER, REVIEWER, Told, by, folded, given

History = tuple[Told | EventData, ...]

DUE = date(2023, 10, 1)
OTHER_REVIEWER = "reviewer-2"
TOWNSHIP_SECRETARY = "secretary-9"


def posted(role: Role, unit: str) -> Person:
    return folded(PERSON, person(), appointed(role, unit))


def deciding(actor: Person, township: str | None = None) -> Deciders:
    """Who decides what is the county's, or of which the first step is a township's."""
    return Deciders(actor, COUNTY, township)


A_REVIEWER = deciding(posted(Role.REVIEWER, COUNTY))
A_SECRETARY = posted(Role.TOWNSHIP_SECRETARY, TOWNSHIP)
AN_OFFICE = posted(Role.OFFICE, TOWNSHIP)

ENDORSE = EndorseExtension(extension="e1")
GRANT = GrantExtension(extension="e1")
REFUSE = RefuseExtension(extension="e1", reason="工期充足")

FOUND = (*UNDER_WAY, inspected(), problem())
OF_A_BRANCH = (proposed().model_copy(update={"owner": VILLAGE}), *UNDER_WAY[1:])
ASKED = (*UNDER_WAY, extension())
ASKED_BY_A_BRANCH = (*OF_A_BRANCH, extension(endorsed_at=TOWNSHIP))
ENDORSED = (*ASKED, endorsed())
GRANTED = (*ENDORSED, granted())
OF_PROBLEM = {"of": Extended.PROBLEM, "subject": "p1", "was": date(2023, 5, 31), "due": date(2023, 6, 10)}


def ask(**changes: Any) -> RequestExtension:
    fields = extension().model_dump(exclude={"was", "endorsed_at"})
    return RequestExtension.model_validate(fields | changes)


def test_an_extension_of_a_milestone_names_its_present_day_and_where_it_is_decided():
    for there in (COUNTY, TOWNSHIP):
        given(*UNDER_WAY).when(ask(), knowing=there).then(extension(endorsed_at=there))


def test_an_extension_of_a_problem_names_its_deadline():
    command = ask(of=Extended.PROBLEM, subject="p1", due=date(2023, 6, 10))
    given(*FOUND).when(command, knowing=COUNTY).then(extension(**OF_PROBLEM))


def test_an_extension_is_asked_for_before_the_due_day():
    assert given(*UNDER_WAY).when(ask(), knowing=COUNTY, today=DUE - timedelta(days=1)).refused is None
    given(*UNDER_WAY).when(ask(), today=DUE).then_refused("extension_too_late", due="2023-10-01")
    told_late = ask(effective=DUE - timedelta(days=1))
    given(*UNDER_WAY).when(told_late, today=DUE).then_refused("extension_too_late")


def test_an_extension_is_later_by_a_limited_number_of_days():
    last = DUE + timedelta(days=EXTENSION_DAYS)
    assert given(*UNDER_WAY).when(ask(due=last), knowing=COUNTY).refused is None
    for due in (DUE, last + timedelta(days=1)):
        given(*UNDER_WAY).when(ask(due=due)).then_refused("extension_out_of_bounds", last=str(last))


def test_how_long_an_extension_may_be_is_read_from_the_environment(monkeypatch: pytest.MonkeyPatch):
    assert Rules().extension_days == 30
    monkeypatch.setenv("GUATU_EXTENSION_DAYS", "45")
    assert Rules().extension_days == 45


def test_an_extension_is_of_something_that_is_still_to_be_done():
    given(*UNDER_WAY).when(ask(subject="m9")).then_refused("no_such_milestone", milestone="m9")
    given(*UNDER_WAY, reached("m2")).when(ask()).then_refused("milestone_already_reached")
    of_problem = ask(of=Extended.PROBLEM, subject="p1", due=date(2023, 6, 10))
    given(*UNDER_WAY).when(of_problem).then_refused("no_such_problem", problem="p1")
    given(*FOUND, rectified()).when(of_problem).then_refused("problem_not_to_be_rectified")


@pytest.mark.parametrize("history", [APPROVED, ACCEPTED, TERMINATED])
def test_an_extension_is_asked_for_while_the_work_goes_on(history: History):
    given(*history).when(ask()).then_refused("not_being_carried_out")


@pytest.mark.parametrize("history", [ASKED, ENDORSED, GRANTED])
def test_a_milestone_is_extended_once(history: History):
    given(*history).when(ask(extension="e2")).then_refused("extended_once")
    other = ask(extension="e2", subject="m1", due=date(2023, 4, 11))
    assert given(*history).when(other, knowing=COUNTY, today=date(2023, 3, 1)).refused is None


def test_after_a_refusal_another_extension_may_be_asked_for_under_an_id_of_its_own():
    refused = (*ASKED, by(REVIEWER, ExtensionRefused(extension="e1", reason="工期充足")))
    given(*refused).when(ask()).then_refused("extension_exists")
    assert given(*refused).when(ask(extension="e2"), knowing=COUNTY).refused is None


def test_two_persons_of_the_county_decide_a_townships_extension():
    given(*ASKED).when(ENDORSE, by=OTHER_REVIEWER, knowing=A_REVIEWER).then(ExtensionEndorsed(extension="e1"))
    given(*ENDORSED).when(GRANT, by=OTHER_REVIEWER).then_refused("decides_twice")
    expected = ExtensionGranted(extension="e1", of=Extended.MILESTONE, subject="m2", due=date(2023, 10, 21))
    given(*ENDORSED).when(GRANT, by=REVIEWER).then(expected)


@pytest.mark.parametrize(
    "actor", [A_SECRETARY, AN_OFFICE, posted(Role.OFFICE, COUNTY), posted(Role.REVIEWER, "340823")]
)
def test_nobody_but_a_reviewer_of_the_county_endorses_there(actor: Person):
    given(*ASKED).when(ENDORSE, by="somebody", knowing=deciding(actor)).then_refused("decided_by_reviewers")


def test_the_townships_secretary_endorses_a_branchs_extension_or_its_office_in_that_name():
    expected = ExtensionEndorsed(extension="e1")
    history = given(*ASKED_BY_A_BRANCH)
    history.when(ENDORSE, by=TOWNSHIP_SECRETARY, knowing=deciding(A_SECRETARY, TOWNSHIP)).then(expected)
    history.when(ENDORSE, by="office-1", knowing=deciding(AN_OFFICE, TOWNSHIP)).then_refused(
        "township_secretary_not_named"
    )
    named = EndorseExtension(extension="e1", secretary=TOWNSHIP_SECRETARY)
    history.when(named, by="office-1", knowing=deciding(AN_OFFICE, TOWNSHIP)).then(expected)


def test_of_a_unit_that_has_ended_its_heir_decides():
    heir = "340822101"
    history = given(*ASKED_BY_A_BRANCH)
    of_the_heir = deciding(posted(Role.TOWNSHIP_SECRETARY, heir), heir)
    for command in (ENDORSE, REFUSE):
        assert history.when(command, by=TOWNSHIP_SECRETARY, knowing=of_the_heir).refused is None
        refused = history.when(command, by=TOWNSHIP_SECRETARY, knowing=deciding(A_SECRETARY, heir))
        refused.then_refused("decided_by_the_township", unit=heir)


def test_the_county_that_decides_is_the_one_that_the_project_lies_in_today():
    there = posted(Role.REVIEWER, "340823")
    for asked, command in ((ASKED, ENDORSE), (ASKED, REFUSE), (ENDORSED, REFUSE)):
        history = given(*asked)
        assert history.when(command, by=REVIEWER, knowing=Deciders(there, "340823")).refused is None
        for county in (COUNTY, None):
            elsewhere = history.when(command, by=REVIEWER, knowing=Deciders(there, county))
            elsewhere.then_refused("decided_by_reviewers")


def test_of_a_branch_that_lies_in_no_township_any_more_the_county_decides_the_first_step():
    assert given(*ASKED_BY_A_BRANCH).when(ENDORSE, by=REVIEWER, knowing=A_REVIEWER).refused is None


@pytest.mark.parametrize(
    "actor", [A_REVIEWER.actor, posted(Role.OFFICE, COUNTY), posted(Role.BRANCH_SECRETARY, VILLAGE)]
)
def test_nobody_of_the_county_decides_the_townships_step(actor: Person):
    named = EndorseExtension(extension="e1", secretary=TOWNSHIP_SECRETARY)
    outcome = given(*ASKED_BY_A_BRANCH).when(named, by="somebody", knowing=deciding(actor, TOWNSHIP))
    outcome.then_refused("decided_by_the_township", unit=TOWNSHIP)


def test_whoever_endorsed_and_whoever_it_was_done_for_does_not_grant():
    history = (*ASKED_BY_A_BRANCH, endorsed("office-1", for_whom=TOWNSHIP_SECRETARY))
    for person_id in ("office-1", TOWNSHIP_SECRETARY):
        given(*history).when(GRANT, by=person_id).then_refused("decides_twice")


@pytest.mark.parametrize(("command", "history"), [(ENDORSE, ASKED), (GRANT, ENDORSED), (REFUSE, ASKED)])
def test_the_owners_side_decides_neither_step(command: Command, history: History):
    given(*history).when(command, by=OWNER, knowing=A_REVIEWER).then_refused("checks_own_work")


def test_an_office_does_not_decide_in_the_name_of_the_owners_side():
    named = EndorseExtension(extension="e1", secretary=OWNER)
    outcome = given(*ASKED_BY_A_BRANCH).when(named, by="office-1", knowing=deciding(AN_OFFICE, TOWNSHIP))
    outcome.then_refused("checks_own_work")


def test_the_steps_come_in_their_order_and_once():
    given(*ASKED).when(GRANT, by=REVIEWER).then_refused("extension_not_endorsed")
    given(*ENDORSED).when(ENDORSE, by=REVIEWER, knowing=A_REVIEWER).then_refused("extension_not_requested")
    given(*GRANTED).when(GRANT, by=REVIEWER).then_refused("extension_not_endorsed")
    given(*GRANTED).when(REFUSE, by=REVIEWER, knowing=A_REVIEWER).then_refused("extension_decided")
    for command in (ENDORSE, GRANT, REFUSE):
        given(*UNDER_WAY).when(command, by=REVIEWER, knowing=A_REVIEWER).then_refused("no_such_extension")


def test_either_step_may_refuse():
    expected = ExtensionRefused(extension="e1", reason="工期充足")
    for history, actor, knowing in (
        (ASKED, REVIEWER, A_REVIEWER),
        (ENDORSED, REVIEWER, A_REVIEWER),
        (ASKED_BY_A_BRANCH, TOWNSHIP_SECRETARY, deciding(A_SECRETARY, TOWNSHIP)),
        (ASKED_BY_A_BRANCH, REVIEWER, deciding(A_REVIEWER.actor, TOWNSHIP)),
    ):
        given(*history).when(REFUSE, by=actor, knowing=knowing).then(expected)
    given(*ENDORSED).when(REFUSE, by=OTHER_REVIEWER, knowing=A_REVIEWER).then_refused("decides_twice")
    second = (*ASKED_BY_A_BRANCH, endorsed(TOWNSHIP_SECRETARY))
    outcome = given(*second).when(REFUSE, by="office-1", knowing=deciding(AN_OFFICE, TOWNSHIP))
    outcome.then_refused("decided_by_reviewers")


def test_what_was_overtaken_is_not_decided_but_refused():
    reached_since = (*ENDORSED, reached("m2"))
    given(*reached_since).when(GRANT, by=REVIEWER).then_refused("milestone_already_reached")
    given(*ASKED, reached("m2")).when(ENDORSE, by=REVIEWER, knowing=A_REVIEWER).then_refused(
        "milestone_already_reached"
    )
    other_day = RectificationRefused(problem="p1", reason="没有更新", due=date(2023, 6, 15))
    since = (*FOUND, extension(**OF_PROBLEM), endorsed(), rectified(), by(INSPECTOR, other_day))
    given(*since).when(GRANT, by=REVIEWER).then_refused("extension_overtaken", due="2023-06-15")
    assert given(*since).when(REFUSE, by=REVIEWER, knowing=A_REVIEWER).refused is None


@pytest.mark.parametrize("command", [ENDORSE, GRANT, REFUSE])
def test_extensions_are_decided_while_the_work_goes_on(command: Command):
    history = (*ENDORSED, TERMINATED[-1]) if command is not ENDORSE else (*ASKED, TERMINATED[-1])
    given(*history).when(command, by=REVIEWER, knowing=A_REVIEWER).then_refused("not_being_carried_out")


def test_a_granted_day_holds_and_the_plan_keeps_the_first():
    project = folded(PROJECT, *GRANTED)
    assert project.due_of("m2") == date(2023, 10, 21)
    assert project.due_of("m1") == date(2023, 4, 1)
    assert project.plan is not None
    assert project.plan.milestones[1].due == DUE
    assert (folded(PROJECT, *ENDORSED).due_of("m2"), project.due_of("m9")) == (DUE, None)


def test_a_granted_deadline_holds_and_the_problem_keeps_the_first():
    project = folded(PROJECT, *FOUND, extension(**OF_PROBLEM), endorsed(), granted(**OF_PROBLEM))
    assert (project.problems["p1"].due, project.problems["p1"].found.due) == (date(2023, 6, 10), date(2023, 5, 31))
    assert project.extensions["e1"].stage is ExtensionStage.GRANTED
    assert project.granted == {}


def test_an_extension_may_still_be_decided_after_acceptance_was_asked_for():
    found_since = (*REQUESTED, inspected(), problem(), extension(**OF_PROBLEM), endorsed())
    assert given(*found_since).when(GRANT, by=REVIEWER).refused is None
