"""Who may what, as data: every route has its rule, and what the rules of commands allow is what they say."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from infra.authority import SERVICES, table
from services.registry.project.life import PROJECT
from shared.authority_table import ANYWHERE, Rule
from shared.authority_views import Appointment
from shared.command import Handler, Who
from shared.contracts.reference import Role
from shared.rights import NATION, right_by
from shared.settings import Rules
from tests.unit.registry.builders import proposed
from tests.unit.registry.dsl import folded
from tests.unit.test_authority import APPOINTMENTS, CODES, TODAY, climbed, reference, trees

MADE = [made(Rules()) for made in SERVICES]
WHO = [handler.who for service in MADE for handler in service.handlers]


def test_every_route_declares_who_may_use_it_and_where():
    undeclared = [line for found in table().values() for line in found if line.rule is None or not line.rule.where]
    assert undeclared == []


def test_a_commands_rule_is_in_the_description_of_its_route():
    routes = {line.path: line.rule for line in table()["registry"] if line.method == "POST"}
    assert routes["/registry/projects/{id}/find-problem"] == Rule(
        "`inspector`", "the project's owner: at it or above it", "a member of the campaign's group that it names"
    )
    start = routes["/registry/projects/{id}/start"]
    assert start is not None
    assert "`office`" in start.who
    assert start.where == "the project's owner: at that very unit, or at the heir of one that has ended"
    publish = routes["/registry/calendars/{id}/publish"]
    assert publish is not None
    assert publish.where == ANYWHERE


@settings(max_examples=200)
@given(st.sampled_from(WHO), trees(), st.sets(st.sampled_from(CODES), max_size=4), APPOINTMENTS, st.sampled_from(CODES))
def test_what_a_command_allows_is_what_climbing_the_tree_finds(
    who: Who[Any, Any],
    tree: dict[str, str | None],
    ended: set[str],
    appointments: list[Appointment],
    unit: str,
):
    right = right_by(appointments, who.roles, unit, climbed(tree, unit), TODAY, exactly=who.exactly, ended=ended)
    assert (right is not None) == reference(tree, ended, appointments, set(who.roles), unit, who.exactly)
    if right is not None:
        assert right.office == (right.role is Role.OFFICE)


@settings(max_examples=200)
@given(
    st.sampled_from([handler for service in MADE for handler in service.handlers if handler.aggregate is PROJECT]),
    trees(),
    st.sets(st.sampled_from(CODES), max_size=4),
    APPOINTMENTS,
    st.sampled_from(CODES),
    st.sampled_from(CODES),
)
def test_a_project_is_commanded_where_its_owner_lies_today_whichever_county_it_was_approved_under(
    handler: Handler[Any, Any],
    tree: dict[str, str | None],
    ended: set[str],
    appointments: list[Appointment],
    owner: str,
    county: str,
):
    who = handler.who
    project = folded(PROJECT, proposed().model_copy(update={"owner": owner, "county": county}))
    unit = who.at(project, handler.command.model_construct(owner=owner, checking=owner))
    right = right_by(appointments, who.roles, unit, climbed(tree, unit), TODAY, exactly=who.exactly, ended=ended)
    assert (right is not None) == reference(tree, ended, appointments, set(who.roles), owner, who.exactly)


@given(st.sampled_from([who for who in WHO if who.scope == ANYWHERE]), APPOINTMENTS)
def test_what_belongs_to_no_unit_takes_a_role_that_is_held_today_wherever(
    who: Who[Any, Any], appointments: list[Appointment]
):
    held = any(each.role in who.roles and each.holds_on(TODAY) for each in appointments)
    assert (right_by(appointments, who.roles, NATION, (), TODAY) is not None) == held
