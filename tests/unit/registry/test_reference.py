"""Units, persons and appointments, the calendar."""

from datetime import date

import pytest

from services.registry.commands.reference import (
    Appoint,
    EndAppointment,
    HandOver,
    PublishCalendar,
    RegisterPerson,
    RegisterUnit,
    RenamePerson,
)
from services.registry.reference.person import PERSON, PLACES, take_over
from services.registry.reference.unit import UNIT, Unit
from shared.contracts.divisions import UnitKind
from shared.contracts.reference import (
    Appointed,
    AppointmentEnded,
    PersonRenamed,
    Role,
    UnitClosed,
    UnitMoved,
    UnitRegistered,
    UnitRenamed,
)
from shared.errors import RuleViolation
from tests.unit.registry.builders import COUNTY, TOWNSHIP, VILLAGE, appointed, calendar, person, unit
from tests.unit.registry.dsl import folded, given

K = UnitKind


def a_unit(code: str, parent: str | None = None) -> Unit:
    return folded(UNIT, unit(code, parent))


@pytest.mark.parametrize(
    ("code", "kind", "parent"),
    [
        ("340800", K.CITY, "340000"),
        (COUNTY, K.COUNTY, "340800"),
        ("340871", K.ZONE, "340800"),
        (TOWNSHIP, K.TOWNSHIP, COUNTY),
        ("340871100", K.TOWNSHIP, "340871"),
        ("340822400", K.ZONE, COUNTY),
        (VILLAGE, K.VILLAGE, TOWNSHIP),
        ("340822400001", K.COMMUNITY, "340822400"),
        ("340822-D0001", K.DEPARTMENT, COUNTY),
        ("340822-E0001", K.ENTERPRISE, COUNTY),
        ("340822-X0001", K.ESTATE, "340822100001"),
    ],
)
def test_a_unit_is_registered_below_a_parent_of_a_fitting_kind(code: str, kind: K, parent: str):
    command = RegisterUnit(name=f"单位{code}", kind=kind, parent=parent)
    given().when(command, id=code, knowing=a_unit(parent)).then(unit(code, parent))


def test_a_province_is_registered_below_nothing():
    given().when(RegisterUnit(name="单位340000", kind=K.PROVINCE), id="340000").then(unit("340000", None))


def test_a_province_has_no_parent():
    command = RegisterUnit(name="安徽省", kind=K.PROVINCE, parent="340800")
    given().when(command, id="340000", knowing=a_unit("340800")).then_refused("parent_unfit")


def test_a_unit_other_than_a_province_has_a_parent():
    given().when(RegisterUnit(name="怀宁县", kind=K.COUNTY), id=COUNTY).then_refused("parent_unfit")


def test_a_unit_is_registered_once():
    command = RegisterUnit(name="怀宁县", kind=K.COUNTY, parent="340800")
    given(unit(COUNTY, "340800")).when(command, id=COUNTY, knowing=a_unit("340800")).then_refused("unit_exists")


def test_the_same_registration_again_is_no_event_whatever_became_of_the_unit():
    history = given(
        unit(TOWNSHIP, COUNTY),
        UnitRenamed(name="新名镇", since=date(2023, 3, 1)),
        UnitMoved(parent="340828", since=date(2023, 3, 1)),
    )
    as_registered = RegisterUnit(name=f"单位{TOWNSHIP}", kind=K.TOWNSHIP, parent=COUNTY)
    history.when(as_registered, id=TOWNSHIP, knowing=a_unit(COUNTY)).then()
    history.when(RegisterUnit(name="新名镇", kind=K.TOWNSHIP, parent="340828"), id=TOWNSHIP).then()
    mixed = RegisterUnit(name="新名镇", kind=K.TOWNSHIP, parent=COUNTY)
    history.when(mixed, id=TOWNSHIP).then_refused("unit_exists")
    later = as_registered.model_copy(update={"since": date(2023, 1, 1)})
    history.when(later, id=TOWNSHIP).then_refused("unit_exists")


def test_a_unit_may_be_there_from_a_day_on_that_has_come_and_on_which_its_parent_was_there():
    command = RegisterUnit(name="高新镇", kind=K.TOWNSHIP, parent=COUNTY, since=date(2023, 3, 1))
    expected = UnitRegistered(code=TOWNSHIP, name="高新镇", kind=K.TOWNSHIP, parent=COUNTY, since=date(2023, 3, 1))
    given().when(command, id=TOWNSHIP, knowing=a_unit(COUNTY)).then(expected)
    tomorrow = command.model_copy(update={"since": date(2023, 5, 11)})
    given().when(tomorrow, id=TOWNSHIP, knowing=a_unit(COUNTY)).then_refused("change_in_the_future")
    young = folded(UNIT, unit(COUNTY, "340800").model_copy(update={"since": date(2023, 3, 2)}))
    given().when(command, id=TOWNSHIP, knowing=young).then_refused("unit_not_there_yet", unit=COUNTY)
    always = command.model_copy(update={"since": None})
    given().when(always, id=TOWNSHIP, knowing=young).then_refused("unit_not_there_yet")


ENDED_UNIT = folded(UNIT, unit(TOWNSHIP, COUNTY), UnitClosed(heir=COUNTY, since=date(2023, 4, 1), reason="撤销"))


def test_nothing_new_lies_below_a_unit_that_has_ended():
    command = RegisterUnit(name="凌桥村", kind=K.VILLAGE, parent=TOWNSHIP)
    given().when(command, id=VILLAGE, knowing=ENDED_UNIT).then_refused("unit_has_ended", "parent", unit=TOWNSHIP)


def test_a_units_kind_is_the_one_that_its_code_says():
    command = RegisterUnit(name="高河镇", kind=K.COUNTY, parent="340800")
    given().when(command, id=TOWNSHIP, knowing=a_unit("340800")).then_refused("kind_not_of_the_code")


def test_a_unit_has_a_code():
    command = RegisterUnit(name="高河镇", kind=K.TOWNSHIP, parent=COUNTY)
    given().when(command, id="gaohe", knowing=a_unit(COUNTY)).then_refused("not_a_unit_code")


def test_a_unit_is_not_registered_before_its_parent():
    command = RegisterUnit(name="高河镇", kind=K.TOWNSHIP, parent=COUNTY)
    given().when(command, id=TOWNSHIP, knowing=Unit()).then_refused("no_such_parent", parent=COUNTY)


def test_a_village_does_not_lie_right_below_a_county():
    command = RegisterUnit(name="凌桥村", kind=K.VILLAGE, parent=COUNTY)
    given().when(command, id=VILLAGE, knowing=a_unit(COUNTY)).then_refused("parent_unfit")


def test_a_person_is_registered_once():
    given().when(RegisterPerson(name="王强"), id="wang").then(person())
    given(person()).when(RegisterPerson(name="王强"), id="wang").then_refused("person_exists")


def test_a_persons_id_is_one_that_a_token_can_name():
    given().when(RegisterPerson(name="王强"), id="Wang Qiang").then_refused("not_a_person_id")


def test_a_person_gets_the_right_name_and_the_same_one_is_no_event():
    given(person()).when(RenamePerson(name="王 强")).then(PersonRenamed(name="王 强"))
    given(person(), PersonRenamed(name="王强二")).when(RenamePerson(name="王强二")).then()


def appoint(since: date = date(2022, 1, 1), role: Role = Role.TOWNSHIP_SECRETARY, unit: str = TOWNSHIP) -> Appoint:
    return Appoint(role=role, unit=unit, since=since, title="党委书记")


def test_a_person_is_appointed_at_a_unit():
    expected = Appointed(role=Role.TOWNSHIP_SECRETARY, unit=TOWNSHIP, since=date(2022, 1, 1), title="党委书记")
    given(person()).when(appoint(), knowing=a_unit(TOWNSHIP)).then(expected)


def test_nobody_is_appointed_at_a_unit_that_is_not_registered():
    given(person()).when(appoint(), knowing=Unit()).then_refused("no_such_unit", unit=TOWNSHIP)


def test_nobody_is_appointed_at_a_unit_that_has_ended():
    given(person()).when(appoint(), knowing=ENDED_UNIT).then_refused("unit_has_ended", "unit", day="2023-04-01")


PROVINCES, CITIES = ["340000"], ["340800"]
COUNTIES, TOWNSHIPS = [COUNTY, "340871"], [TOWNSHIP, "340822400"]
BRANCHES = [VILLAGE, "340822100001", "340800-D0001", "340822-D0001", "340822-E0001", "340822-X0001"]
EVERYWHERE = [*PROVINCES, *CITIES, *COUNTIES, *TOWNSHIPS, *BRANCHES]


@pytest.mark.parametrize(
    ("role", "units"),
    [
        (Role.BRANCH_SECRETARY, BRANCHES),
        (Role.TOWNSHIP_SECRETARY, TOWNSHIPS),
        (Role.OFFICE, [*COUNTIES, *TOWNSHIPS]),
        (Role.REVIEWER, COUNTIES),
        (Role.INSPECTOR, [*CITIES, *COUNTIES]),
        (Role.ASSESSOR, [*COUNTIES, *TOWNSHIPS]),
        (Role.SCHEME_ADMIN, [*CITIES, *COUNTIES]),
        (Role.SUPERVISOR, [*CITIES, *COUNTIES]),
        (Role.LEADER, EVERYWHERE),
        (Role.AUDITOR, EVERYWHERE),
        (Role.PLATFORM_ADMIN, [*PROVINCES, *CITIES]),
    ],
)
def test_a_role_is_held_where_its_work_is_done_and_nowhere_else(role: Role, units: list[str]):
    for code in EVERYWHERE:
        outcome = given(person()).when(appoint(role=role, unit=code), knowing=a_unit(code))
        if code in units:
            assert outcome.refused is None, code
        else:
            outcome.then_refused("role_unfit", role=role.value)


def test_every_role_has_its_places():
    assert PLACES.keys() == set(Role)


def test_the_same_post_is_not_held_twice_at_a_time():
    given(person(), appointed()).when(appoint(), knowing=a_unit(TOWNSHIP)).then_refused("already_appointed")


ENDED = AppointmentEnded(role=Role.TOWNSHIP_SECRETARY, unit=TOWNSHIP, until=date(2022, 12, 31), reason="调离")


def test_a_post_is_taken_up_again_after_it_has_ended():
    history = given(person(), appointed(), ENDED)
    history.when(appoint(date(2022, 12, 31)), knowing=a_unit(TOWNSHIP)).then_refused("already_appointed")
    outcome = history.when(appoint(date(2023, 1, 1)), knowing=a_unit(TOWNSHIP))
    assert outcome.refused is None


def end(until: date, role: Role = Role.TOWNSHIP_SECRETARY) -> EndAppointment:
    return EndAppointment(role=role, unit=TOWNSHIP, until=until, reason="调离")


def test_an_appointment_ends():
    given(person(), appointed()).when(end(date(2022, 12, 31))).then(ENDED)


def test_only_a_post_that_is_held_ends():
    given(person(), appointed()).when(end(date(2022, 12, 31), Role.LEADER)).then_refused("not_appointed")
    given(person(), appointed(), ENDED).when(end(date(2023, 1, 1))).then_refused("not_appointed")


def test_an_appointment_does_not_end_before_it_began():
    given(person(), appointed()).when(end(date(2021, 12, 31))).then_refused("ends_before_it_began")
    assert given(person(), appointed()).when(end(date(2022, 1, 1))).refused is None


def test_a_person_sits_where_posts_are_held_or_where_the_last_one_was():
    elsewhere = appointed(Role.LEADER, COUNTY, date(2023, 1, 1))
    gone = AppointmentEnded(role=Role.LEADER, unit=COUNTY, until=date(2023, 4, 30), reason="调离")
    assert folded(PERSON, person()).seats == ()
    assert folded(PERSON, person(), appointed(), elsewhere).seats == (COUNTY, TOWNSHIP)
    assert folded(PERSON, person(), appointed(), elsewhere, gone).seats == (TOWNSHIP,)
    assert folded(PERSON, person(), appointed(), ENDED, elsewhere, gone).seats == (COUNTY,)


def hand_over(since: date = date(2023, 5, 1), to: str = "zhang") -> HandOver:
    return HandOver(role=Role.TOWNSHIP_SECRETARY, unit=TOWNSHIP, to=to, since=since, reason="调离", title="党委书记")


def test_a_role_is_handed_over_from_one_day_to_the_next():
    ended = AppointmentEnded(role=Role.TOWNSHIP_SECRETARY, unit=TOWNSHIP, until=date(2023, 4, 30), reason="调离")
    given(person(), appointed()).when(hand_over(), id="wang").then(ended)
    taken = Appointed(role=Role.TOWNSHIP_SECRETARY, unit=TOWNSHIP, since=date(2023, 5, 1), title="党委书记")
    assert take_over(folded(PERSON, person("张伟")), hand_over(), a_unit(TOWNSHIP)) == [taken]


def test_only_what_is_held_is_handed_over_and_to_somebody_else_who_is_known():
    given(person()).when(hand_over(), id="wang").then_refused("not_appointed")
    given(person(), appointed()).when(hand_over(to="wang"), id="wang").then_refused("hands_over_to_oneself")
    first_day = hand_over(since=date(2022, 1, 1))
    given(person(), appointed()).when(first_day, id="wang").then_refused("ends_before_it_began")
    with pytest.raises(RuleViolation, match="no_such_person"):
        take_over(folded(PERSON), hand_over(), a_unit(TOWNSHIP))
    with pytest.raises(RuleViolation, match="already_appointed"):
        take_over(folded(PERSON, person("张伟"), appointed()), hand_over(), a_unit(TOWNSHIP))


MAY_DAY, WORKED = date(2023, 5, 1), date(2023, 5, 6)


def publish(*, holidays: tuple[date, ...] = (MAY_DAY,), workdays: tuple[date, ...] = (WORKED,)) -> PublishCalendar:
    return PublishCalendar(holidays=holidays, workdays=workdays)


def test_a_years_calendar_is_published_in_the_order_of_its_days():
    later = date(2023, 6, 22)
    given().when(publish(holidays=(later, MAY_DAY, later)), id="2023").then(calendar(2023, (MAY_DAY, later), (WORKED,)))


def test_a_changed_calendar_is_published_again_and_the_same_one_is_no_event():
    history = given(calendar(2023, (MAY_DAY,), (WORKED,)))
    history.when(publish(workdays=()), id="2023").then(calendar(2023, (MAY_DAY,), ()))
    history.when(publish(), id="2023").then()


@pytest.mark.parametrize("id", ["23", "02023", "1999", "２０２３", "next"])
def test_a_calendar_is_that_of_a_year(id: str):
    given().when(publish(), id=id).then_refused("not_a_year")


def test_a_calendar_has_days_of_its_year_alone():
    given().when(publish(holidays=(date(2024, 1, 1),)), id="2023").then_refused("day_of_another_year")
    given().when(publish(workdays=(date(2024, 2, 4),)), id="2023").then_refused("day_of_another_year")


def test_holidays_are_weekdays_and_workdays_are_not():
    given().when(publish(holidays=(WORKED,)), id="2023").then_refused("holiday_on_a_weekend")
    given().when(publish(workdays=(MAY_DAY,)), id="2023").then_refused("workday_on_a_weekday")
