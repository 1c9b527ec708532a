"""Site visits, and the difficulties of visits and projects."""

from datetime import date
from typing import Any

import pytest

from services.registry.around.difficulty import Helper
from services.registry.around.place import Place
from services.registry.around.visit import VisitFacts
from services.registry.around.visit_views import VISITS, DifficultyLine, SuggestionLine
from services.registry.commands.visits import (
    CollectSuggestion,
    HoldVisit,
    RaiseDifficulty,
    SolveDifficulty,
    SolveProjectDifficulty,
    TakeOnDifficulty,
    TakeOnProjectDifficulty,
)
from services.registry.project.life import PROJECT
from services.registry.project.state import Project
from services.registry.reference.person import PERSON, Person
from services.registry.reference.unit import UNIT, Unit
from services.registry.views import PROJECTS
from shared.contracts.event import EventData
from shared.contracts.reference import AppointmentEnded, Role
from shared.contracts.visits import (
    DifficultyRaised,
    DifficultySolved,
    DifficultyTakenOn,
    SuggestionCollected,
    VisitHeld,
    VisitStage,
)
from tests.projecting import History, assert_any_order_and_twice, fold_all
from tests.unit.registry.builders import (
    ANNOUNCED,
    COUNTY,
    TOWNSHIP,
    UNDER_WAY,
    VILLAGE,
    appointed,
    person,
    proposed,
    reported,
    unit,
)
from tests.unit.registry.dsl import ID, REVIEWER, TODAY, Told, folded, given

LEADER = "leader-1"
ON = date(2023, 5, 8)
SEATS = (VILLAGE, TOWNSHIP, COUNTY, "340800", "340000")


def _visit(**changes: Any) -> dict[str, Any]:
    told = {"leader": LEADER, "stage": VisitStage.CARRYING_OUT, "unit": VILLAGE, "county": COUNTY, "on": ON}
    return told | changes


def hold(**changes: Any) -> HoldVisit:
    return HoldVisit.model_validate(_visit(**changes))


def held(**changes: Any) -> VisitHeld:
    return VisitHeld.model_validate(_visit(**changes))


def knowing(
    *posts: EventData, county: str | None = COUNTY, project: Project | None = None, seats: tuple[str, ...] = SEATS
) -> VisitFacts:
    leader: Person = folded(PERSON, person(), *(posts or (appointed(Role.LEADER, COUNTY),)))
    return VisitFacts(Place(county, project), seats, leader)


SUGGESTED = SuggestionCollected(suggestion="s1", text="把评议会开到院子里")
RAISED = DifficultyRaised(difficulty="d1", text="路权不清")
TAKEN_ON = DifficultyTakenOn(difficulty="d1", by="县自然资源局")
SOLVED = DifficultySolved(difficulty="d1", how="已确权")
NOBODY = Helper(None, None)


def test_a_visit_of_the_countys_leader_is_recorded():
    given().when(hold(note="看现场"), by=REVIEWER, knowing=knowing()).then(held(note="看现场"))


def test_a_visit_may_be_about_a_project_of_the_county():
    project = folded(PROJECT, proposed())
    given().when(hold(project=ID), by=REVIEWER, knowing=knowing(project=project)).then(held(project=ID))
    approved_elsewhere = folded(PROJECT, proposed().model_copy(update={"county": "340825"}))
    assert given().when(hold(project=ID), by=REVIEWER, knowing=knowing(project=approved_elsewhere)).refused is None
    unknown = given().when(hold(project=ID), by=REVIEWER, knowing=knowing(project=Project()))
    unknown.then_refused("no_such_project", "project", id=ID)


@pytest.mark.parametrize("county", ["340825", None])
def test_the_visited_unit_lies_in_the_county(county: str | None):
    given().when(hold(), by=REVIEWER, knowing=knowing(county=county)).then_refused("unit_of_another_county", "unit")


@pytest.mark.parametrize(
    ("role", "unit"),
    [
        (Role.LEADER, "340800"),
        (Role.LEADER, VILLAGE),
        (Role.TOWNSHIP_SECRETARY, TOWNSHIP),
        (Role.BRANCH_SECRETARY, VILLAGE),
    ],
)
def test_a_leader_or_secretary_of_the_unit_or_above_it_works_on_site(role: Role, unit: str):
    assert given().when(hold(), by=REVIEWER, knowing=knowing(appointed(role, unit))).refused is None


@pytest.mark.parametrize(
    "posts",
    [
        (appointed(Role.LEADER, "340825"),),
        (appointed(Role.OFFICE, COUNTY),),
        (appointed(Role.REVIEWER, COUNTY),),
        (appointed(Role.LEADER, COUNTY, since=date(2023, 5, 9)),),
        (
            appointed(Role.LEADER, COUNTY),
            AppointmentEnded(role=Role.LEADER, unit=COUNTY, until=date(2023, 5, 7), reason="调离"),
        ),
    ],
)
def test_nobody_else_does(posts: tuple[EventData, ...]):
    given().when(hold(), by=REVIEWER, knowing=knowing(*posts)).then_refused("not_a_leader_there", "leader")


def test_a_visit_that_has_not_been_is_not_recorded():
    late = given().when(hold(on=date(2023, 5, 11)), by=REVIEWER, knowing=knowing())
    late.then_refused("in_the_future", "on")
    assert given().when(hold(on=TODAY), by=REVIEWER, knowing=knowing()).refused is None


def test_suggestions_and_difficulties_of_a_visit_are_recorded_once():
    suggest = CollectSuggestion(suggestion="s1", text="把评议会开到院子里")
    given(held()).when(suggest, by=REVIEWER).then(SUGGESTED)
    given(held(), SUGGESTED).when(suggest, by=REVIEWER).then_refused("suggestion_exists", suggestion="s1")
    ask = RaiseDifficulty(difficulty="d1", text="路权不清")
    given(held()).when(ask, by=REVIEWER).then(RAISED)
    given(held(), RAISED).when(ask, by=REVIEWER).then_refused("difficulty_exists", difficulty="d1")


@pytest.mark.parametrize(
    "command", [CollectSuggestion(suggestion="s1", text="建议"), RaiseDifficulty(difficulty="d1", text="难点")]
)
def test_nothing_of_a_visit_holds_for_a_day_before_it(command: CollectSuggestion | RaiseDifficulty):
    early = command.model_copy(update={"effective": date(2023, 5, 7)})
    given(held()).when(early, by=REVIEWER).then_refused("before_the_visit", "effective", on="2023-05-08")
    assert given(held()).when(command.model_copy(update={"effective": ON}), by=REVIEWER).refused is None


def test_a_difficulty_is_taken_on_and_again_by_somebody_else_and_solved_once():
    take_on = TakeOnDifficulty(difficulty="d1", by="县自然资源局")
    given(held(), RAISED).when(take_on, by=REVIEWER, knowing=NOBODY).then(TAKEN_ON)
    given(held(), RAISED, TAKEN_ON).when(take_on, by=REVIEWER, knowing=NOBODY).then(TAKEN_ON)
    solve = SolveDifficulty(difficulty="d1", how="已确权")
    given(held(), RAISED, TAKEN_ON).when(solve, by=REVIEWER).then(SOLVED)
    given(held(), RAISED).when(solve, by=REVIEWER).then(SOLVED)
    given(held(), RAISED, SOLVED).when(solve, by=REVIEWER).then_refused("difficulty_already_solved")
    after = given(held(), RAISED, SOLVED).when(take_on, by=REVIEWER, knowing=NOBODY)
    after.then_refused("difficulty_already_solved")


@pytest.mark.parametrize(
    "command", [TakeOnDifficulty(difficulty="d1", by="谁"), SolveDifficulty(difficulty="d1", how="好")]
)
def test_a_visits_difficulty_is_taken_on_and_solved_on_no_day_before_it_was_raised(
    command: TakeOnDifficulty | SolveDifficulty,
):
    for day, code in ((date(2023, 5, 9), "before_the_last_step"), (TODAY, None)):
        dated = command.model_copy(update={"effective": day})
        outcome = given(held(), RAISED).when(dated, by=REVIEWER, today=date(2023, 5, 12), knowing=NOBODY)
        assert (outcome.refused and outcome.refused.code) == code


@pytest.mark.parametrize(
    "command", [TakeOnDifficulty(difficulty="d9", by="谁"), SolveDifficulty(difficulty="d9", how="好")]
)
def test_a_difficulty_that_nobody_raised_is_neither_taken_on_nor_solved(command: TakeOnDifficulty | SolveDifficulty):
    outcome = given(held(), RAISED).when(command, by=REVIEWER, knowing=NOBODY)
    outcome.then_refused("no_such_difficulty", "difficulty", difficulty="d9")


def test_who_takes_it_on_is_known_and_has_time_for_it():
    command = TakeOnDifficulty(difficulty="d1", by="王强", person="p-9", unit=TOWNSHIP, until=TODAY)
    known = Helper(folded(PERSON, person()), folded(UNIT, unit(TOWNSHIP, COUNTY)))
    expected = DifficultyTakenOn(difficulty="d1", by="王强", person="p-9", unit=TOWNSHIP, until=TODAY)
    given(held(), RAISED).when(command, by=REVIEWER, knowing=known).then(expected)
    nobody = Helper(Person(), known.unit)
    given(held(), RAISED).when(command, by=REVIEWER, knowing=nobody).then_refused("no_such_person", "person")
    nowhere = Helper(known.person, Unit())
    given(held(), RAISED).when(command, by=REVIEWER, knowing=nowhere).then_refused("no_such_unit", "unit")
    past = command.model_copy(update={"until": date(2023, 5, 9)})
    given(held(), RAISED).when(past, by=REVIEWER, knowing=known).then_refused("deadline_in_the_past", "until")


HELP = DifficultyRaised(difficulty="help-2023-03", text="资金缺口")


def test_a_projects_difficulty_is_taken_on_and_solved_even_after_the_work():
    take_on = TakeOnProjectDifficulty(difficulty="help-2023-03", by="县财政局")
    solve = SolveProjectDifficulty(difficulty="help-2023-03", how="已拨付")
    taken = DifficultyTakenOn(difficulty="help-2023-03", by="县财政局")
    solved = DifficultySolved(difficulty="help-2023-03", how="已拨付")
    given(*UNDER_WAY, HELP).when(take_on, by=REVIEWER, knowing=NOBODY).then(taken)
    given(*UNDER_WAY, HELP, taken).when(solve, by=REVIEWER).then(solved)
    assert given(*UNDER_WAY, HELP, *ANNOUNCED[len(UNDER_WAY) :]).when(solve, by=REVIEWER).refused is None
    given(*UNDER_WAY, HELP, solved).when(solve, by=REVIEWER).then_refused("difficulty_already_solved")
    given(*UNDER_WAY).when(solve, by=REVIEWER).then_refused("no_such_difficulty")


def visited() -> History:
    history = History()
    history.tell("visit-1", held(project=ID, note="看现场"), SUGGESTED, RAISED, on=ON)
    history.tell("visit-1", DifficultyRaised(difficulty="d2", text="缺钱"), on=ON)
    history.tell("visit-1", TAKEN_ON, SOLVED, on=TODAY)
    return history


def test_a_visits_row_has_its_suggestions_and_difficulties():
    history = visited()
    assert_any_order_and_twice(VISITS, history, history.events)
    row = fold_all(VISITS, history.events)["visit-1"]
    assert (row.leader, row.stage, row.unit, row.county) == (LEADER, VisitStage.CARRYING_OUT, VILLAGE, COUNTY)
    assert (row.project, row.held_on, row.note) == (ID, ON, "看现场")
    assert row.suggestions == {"s1": SuggestionLine("把评议会开到院子里", ON)}
    assert row.difficulties["d1"] == DifficultyLine(
        "路权不清", ON, taken_by="县自然资源局", solved_on=TODAY, how="已确权"
    )
    assert row.difficulties["d2"] == DifficultyLine("缺钱", ON)
    assert row.open_difficulties == 1


def test_a_projects_row_has_its_difficulties():
    history = History()
    for fact in (*UNDER_WAY, reported("2023-03", 30), HELP):
        history.tell(f"project-{ID}", fact.data if isinstance(fact, Told) else fact, on=TODAY)
    assert fold_all(PROJECTS, history.events)[f"project-{ID}"].open_difficulties == 1
    history.tell(f"project-{ID}", DifficultySolved(difficulty="help-2023-03", how="已拨付"), on=TODAY)
    assert_any_order_and_twice(PROJECTS, history, history.events)
    row = fold_all(PROJECTS, history.events)[f"project-{ID}"]
    assert (row.open_difficulties, row.difficulties["help-2023-03"].how) == (0, "已拨付")
