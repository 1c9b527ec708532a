"""Who may do what where: the rules against a reading of them that shares nothing with them."""

from collections.abc import Collection
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.authority_views import PERSON, UNIT, Appointment, PersonRow, UnitRow, evolve_person
from shared.contracts.boundaries import Named, Placed
from shared.contracts.divisions import UnitKind
from shared.contracts.event import Context, Event, EventData, read, seal
from shared.contracts.project import BrandRecognised
from shared.contracts.reference import (
    Appointed,
    AppointmentEnded,
    PersonRegistered,
    PersonRenamed,
    Role,
    UnitClosed,
    UnitMerged,
    UnitMoved,
    UnitRegistered,
    UnitRenamed,
    UnitSplit,
)
from shared.contracts.values import StreamId
from shared.errors import RuleViolation
from shared.rights import ANY_ROLE, NATION, Right, acted_for, right_by, seats
from tests.projecting import History, assert_any_order_and_twice, fold_all

TODAY = date(2023, 8, 22)
NOON = datetime(2023, 8, 22, 4, tzinfo=UTC)
DAYS = st.integers(-2, 2).map(lambda days: TODAY + timedelta(days=days))
PROVINCE, CITY, COUNTY, TOWNSHIP, VILLAGE = "340000", "340800", "340822", "340822100", "340822100201"
ABOVE_VILLAGE = (TOWNSHIP, COUNTY, CITY, PROVINCE)
CODES = [PROVINCE, CITY, COUNTY, "340828", "340871", TOWNSHIP, "340822400", VILLAGE, "340822100001", "340822-D0001"]
TOWNSHIPS_AND_COUNTIES = {COUNTY, "340828", "340871", TOWNSHIP, "340822400"}
SECRETARY_ROLES = {Role.BRANCH_SECRETARY, Role.TOWNSHIP_SECRETARY}

APPOINTMENTS = st.lists(
    st.builds(Appointment, st.sampled_from(Role), st.sampled_from(CODES), DAYS, st.none() | DAYS), max_size=5
)


def allows(*asked: Any, exactly: bool = False, ended: Collection[str] = ()) -> bool:
    return right_by(*asked, exactly=exactly, ended=ended) is not None


@st.composite
def trees(draw: st.DrawFn) -> dict[str, str | None]:
    """A unit's parent by its code: any tree, since units are moved and their codes stay."""
    codes = draw(st.permutations(CODES))
    return {code: draw(st.sampled_from(codes[:n])) if n else None for n, code in enumerate(codes)}


def reference(
    tree: dict[str, str | None],
    ended: set[str],
    appointments: list[Appointment],
    roles: set[Role],
    unit: str,
    exactly: bool,
) -> bool:
    """The rule once more, by climbing: own unit's right, or that of a unit above it; an office for a secretary.

    The own unit of one that has ended is its heir, the nearest above it that has not. Nobody acts by a post at a unit
    that has ended.
    """
    here: str | None = unit
    own: str | None = unit
    while own in ended:
        own = tree[own]
    while here is not None:
        for each in appointments:
            if each.unit != here or here in ended or not each.since <= TODAY <= (each.until or date.max):
                continue
            office = each.role == Role.OFFICE and roles & SECRETARY_ROLES
            if office and here in TOWNSHIPS_AND_COUNTIES:
                return True
            if not office and each.role in roles and (here == (own or unit) or not exactly):
                return True
        here = tree[here]
    return False


def climbed(tree: dict[str, str | None], unit: str) -> tuple[str, ...]:
    above: list[str] = []
    while (parent := tree[unit]) is not None:
        above.append(parent)
        unit = parent
    return tuple(above)


@settings(max_examples=250)
@given(
    trees(),
    st.sets(st.sampled_from(CODES), max_size=4),
    APPOINTMENTS,
    st.sets(st.sampled_from(Role)),
    st.sampled_from(CODES),
    st.booleans(),
)
def test_the_rule_is_the_reference_rule(
    tree: dict[str, str | None],
    ended: set[str],
    appointments: list[Appointment],
    roles: set[Role],
    unit: str,
    exactly: bool,
):
    above = climbed(tree, unit)
    assert allows(appointments, roles, unit, above, TODAY, exactly=exactly, ended=ended) == reference(
        tree, ended, appointments, roles, unit, exactly
    )


@given(trees(), APPOINTMENTS, st.sampled_from(CODES))
def test_what_may_be_read_is_what_lies_below_a_seat(
    tree: dict[str, str | None], appointments: list[Appointment], unit: str
):
    roots = seats(appointments, ANY_ROLE, TODAY)
    lies_below = bool(roots & {unit, *climbed(tree, unit)})
    assert lies_below == any(
        each.holds_on(TODAY) and each.unit in (unit, *climbed(tree, unit)) for each in appointments
    )


def held(role: Role, unit: str, since: date = TODAY, until: date | None = None) -> Appointment:
    return Appointment(role, unit, since, until)


def test_an_appointment_counts_on_its_first_and_its_last_day():
    post = held(Role.REVIEWER, COUNTY, TODAY - timedelta(days=3), TODAY - timedelta(days=1))
    days = [n for n in range(-6, 3) if allows([post], {Role.REVIEWER}, COUNTY, (CITY,), TODAY + timedelta(days=n))]
    assert days == [-3, -2, -1]


def test_a_role_reaches_downwards_and_never_upwards_or_sideways():
    post = [held(Role.REVIEWER, COUNTY)]
    assert allows(post, {Role.REVIEWER}, VILLAGE, ABOVE_VILLAGE, TODAY)
    assert not allows(post, {Role.REVIEWER}, CITY, (PROVINCE,), TODAY)
    assert not allows(post, {Role.REVIEWER}, "340828", (CITY, PROVINCE), TODAY)
    assert not allows(post, {Role.SUPERVISOR}, COUNTY, (CITY, PROVINCE), TODAY)


def test_exactly_means_the_unit_itself():
    post = [held(Role.REVIEWER, COUNTY)]
    assert allows(post, {Role.REVIEWER}, COUNTY, (CITY,), TODAY, exactly=True)
    assert not allows(post, {Role.REVIEWER}, TOWNSHIP, (COUNTY, CITY), TODAY, exactly=True)


def test_what_a_unit_that_has_ended_left_is_its_heirs_and_no_longer_its_own():
    heir, above = "340822101", ("340822101", COUNTY, CITY, PROVINCE)
    roles = {Role.TOWNSHIP_SECRETARY}
    for at, allowed in ((heir, True), (TOWNSHIP, False), (COUNTY, False)):
        post = [held(Role.TOWNSHIP_SECRETARY, at)]
        assert allows(post, roles, TOWNSHIP, above, TODAY, exactly=True, ended={TOWNSHIP}) is allowed, at


@pytest.mark.parametrize("at", [TOWNSHIP, COUNTY])
def test_an_office_acts_for_a_secretary_below_it_even_where_the_secretary_must_be_the_units_own(at: str):
    right = right_by([held(Role.OFFICE, at)], {Role.BRANCH_SECRETARY}, VILLAGE, ABOVE_VILLAGE, TODAY, exactly=True)
    assert right == Right(Role.OFFICE, at)
    assert right.office


@pytest.mark.parametrize("at", [CITY, PROVINCE, VILLAGE])
def test_only_an_office_of_a_township_or_county_acts_for_a_secretary(at: str):
    assert not allows([held(Role.OFFICE, at)], {Role.BRANCH_SECRETARY}, VILLAGE, ABOVE_VILLAGE, TODAY)


def test_an_office_acts_for_no_reviewer():
    assert not allows([held(Role.OFFICE, COUNTY)], {Role.REVIEWER}, COUNTY, (CITY,), TODAY)


def test_who_is_secretary_and_office_acts_as_secretary():
    both = [held(Role.OFFICE, TOWNSHIP), held(Role.TOWNSHIP_SECRETARY, TOWNSHIP)]
    right = right_by(both, {Role.TOWNSHIP_SECRETARY}, TOWNSHIP, (COUNTY,), TODAY)
    assert right == Right(Role.TOWNSHIP_SECRETARY, TOWNSHIP)


def test_the_nearest_right_is_named():
    both = [held(Role.LEADER, CITY), held(Role.LEADER, TOWNSHIP)]
    assert right_by(both, {Role.LEADER}, VILLAGE, ABOVE_VILLAGE, TODAY) == Right(Role.LEADER, TOWNSHIP)


def test_what_belongs_to_no_unit_is_done_by_a_role_held_anywhere():
    assert allows([held(Role.PLATFORM_ADMIN, CITY)], {Role.PLATFORM_ADMIN}, NATION, (), TODAY)
    assert not allows([held(Role.REVIEWER, CITY)], {Role.PLATFORM_ADMIN}, NATION, (), TODAY)
    assert not allows([held(Role.PLATFORM_ADMIN, CITY, until=TODAY - timedelta(days=1))], ANY_ROLE, NATION, (), TODAY)
    assert not allows([held(Role.PLATFORM_ADMIN, CITY)], {Role.PLATFORM_ADMIN}, NATION, (), TODAY, ended={CITY})


# The views


def event(data: EventData, version: int = 1) -> Event[EventData]:
    context = Context(UUID(int=1), "/guatu/registry", NOON, "admin", CITY, TODAY)
    stream = StreamId("person-zhang-wei")
    return read(seal(data, context, n=0, stream=stream, stream_version=version, topic_version=version).body)


def row(code: str, name: str, kind: UnitKind, parent: str | None) -> UnitRow:
    """A unit that was always there."""
    return UnitRow(code, name, kind, parent, names=(Named(None, name),), parents=(Placed(None, parent),))


@pytest.mark.parametrize(
    ("end", "heir", "parts"),
    [
        (UnitMerged(into="340822101", since=TODAY), "340822101", ()),
        (
            UnitSplit(into=("340822102", "340822101"), heir="340822101", since=TODAY),
            "340822101",
            ("340822102", "340822101"),
        ),
        (UnitClosed(heir=COUNTY, since=TODAY, reason="撤销"), COUNTY, ()),
    ],
)
def test_a_units_changes_are_kept_with_their_days_and_at_its_end_it_lies_below_its_heir(
    end: EventData, heir: str, parts: tuple[str, ...]
):
    days = [TODAY - timedelta(days=n) for n in (9, 6, 3)]
    history = History()
    told = (
        UnitRegistered(code=TOWNSHIP, name="高河镇", kind=UnitKind.TOWNSHIP, parent=COUNTY, since=days[0]),
        UnitRenamed(name="新河镇", since=days[1]),
        UnitMoved(parent="340828", since=days[2]),
        end,
    )
    history.tell(f"unit-{TOWNSHIP}", *told)
    expected = UnitRow(
        TOWNSHIP,
        "新河镇",
        UnitKind.TOWNSHIP,
        heir,
        TODAY,
        heir,
        (Named(days[0], "高河镇"), Named(days[1], "新河镇")),
        (Placed(days[0], COUNTY), Placed(days[2], "340828"), Placed(TODAY, heir)),
        parts,
    )
    assert fold_all(UNIT, history.events) == {f"unit-{TOWNSHIP}": expected}
    assert_any_order_and_twice(UNIT, history, history.events)


def test_units_and_persons_are_folded_from_the_reference_topic():
    history = History()
    history.tell("unit-340000", UnitRegistered(code=PROVINCE, name="安徽省", kind=UnitKind.PROVINCE, parent=None))
    history.tell("unit-340800", UnitRegistered(code=CITY, name="安庆市", kind=UnitKind.CITY, parent=PROVINCE))
    history.tell("person-zhang-wei", PersonRegistered(name="章伟"), PersonRenamed(name="张伟"))
    history.tell("person-zhang-wei", Appointed(role=Role.LEADER, unit=CITY, since=TODAY, title="市长"))
    history.tell("person-zhang-wei", AppointmentEnded(role=Role.LEADER, unit=CITY, until=TODAY, reason="调离"))
    later = TODAY + timedelta(days=9)
    history.tell("person-zhang-wei", Appointed(role=Role.LEADER, unit=CITY, since=later))
    history.tell("person-zhang-wei", AppointmentEnded(role=Role.LEADER, unit=CITY, until=later, reason="退休"))
    assert fold_all(UNIT, history.events) == {
        "unit-340000": row(PROVINCE, "安徽省", UnitKind.PROVINCE, None),
        "unit-340800": row(CITY, "安庆市", UnitKind.CITY, PROVINCE),
    }
    first = Appointment(Role.LEADER, CITY, TODAY, TODAY, "市长")
    second = Appointment(Role.LEADER, CITY, later, later)
    assert fold_all(PERSON, history.events) == {"person-zhang-wei": PersonRow("张伟", (first, second))}
    for view in (UNIT, PERSON):
        assert_any_order_and_twice(view, history, history.events)


def test_the_end_of_one_post_leaves_the_others():
    row = PersonRow("张伟", (held(Role.LEADER, CITY), held(Role.LEADER, COUNTY), held(Role.AUDITOR, CITY)))
    ended = evolve_person(row, event(AppointmentEnded(role=Role.LEADER, unit=CITY, until=TODAY, reason="调离")))
    assert [each.until for each in ended.appointments] == [TODAY, None, None]


def test_events_of_no_concern_leave_the_row():
    row = PersonRow("张伟", (held(Role.LEADER, CITY),))
    other = event(BrandRecognised(name="红色庭院", unit=TOWNSHIP, county=COUNTY))
    assert evolve_person(row, other) == row


def leads(role: Role, unit: str, until: date | None = None) -> Appointment:
    return Appointment(role, unit, TODAY, until)


LEAD = {
    "village": [leads(Role.BRANCH_SECRETARY, VILLAGE)],
    "township-1": [leads(Role.TOWNSHIP_SECRETARY, TOWNSHIP)],
    "township-2": [leads(Role.TOWNSHIP_SECRETARY, TOWNSHIP), leads(Role.INSPECTOR, COUNTY)],
    "county": [leads(Role.LEADER, COUNTY)],
}
UP = (VILLAGE, TOWNSHIP, COUNTY)


@pytest.mark.parametrize(
    ("roles", "way", "named", "expected"),
    [
        (SECRETARY_ROLES, UP, None, "village"),
        (SECRETARY_ROLES, UP, "township-2", "township-2"),
        ({Role.LEADER, Role.TOWNSHIP_SECRETARY}, (VILLAGE, COUNTY), None, "county"),
    ],
)
def test_an_office_acts_for_who_leads_the_nearest_unit_or_is_named(
    roles: set[Role], way: tuple[str, ...], named: str | None, expected: str
):
    assert acted_for(LEAD, roles, way, TODAY, named) == expected


@pytest.mark.parametrize(
    ("roles", "way", "named", "code"),
    [
        ({Role.TOWNSHIP_SECRETARY}, UP, None, "secretary_not_named"),
        ({Role.TOWNSHIP_SECRETARY}, UP, "village", "nobody_to_act_for"),
        (SECRETARY_ROLES, (TOWNSHIP,), "village", "nobody_to_act_for"),
        (SECRETARY_ROLES, (COUNTY,), None, "nobody_to_act_for"),
        ({Role.INSPECTOR}, UP, None, "nobody_to_act_for"),
    ],
)
def test_of_several_one_is_named_and_nobody_else_is_acted_for(
    roles: set[Role], way: tuple[str, ...], named: str | None, code: str
):
    with pytest.raises(RuleViolation) as refused:
        acted_for(LEAD, roles, way, TODAY, named)
    assert (refused.value.code, refused.value.field) == (code, "secretary")


def test_who_has_left_is_not_acted_for():
    left = {"old": [leads(Role.BRANCH_SECRETARY, VILLAGE, TODAY - timedelta(days=1))], "new": LEAD["village"]}
    assert acted_for(left, SECRETARY_ROLES, UP, TODAY) == "new"
