"""What a request brings is refused where it could not be stored or looked for, before anything is done."""

from collections.abc import Iterator
from datetime import date

import pytest
from fastapi._compat import ModelField
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from pydantic import TypeAdapter, ValidationError

from services.alerts.app import service as alerts
from services.registry.app import service as registry
from services.registry.commands.accepting import RequestAcceptance
from services.reporting.app import service as reporting
from services.scoring.app import service as scoring
from shared.contracts.values import Day, Period
from shared.errors import InvalidValue, NotFound
from shared.http import id_in, parse, version_of
from shared.settings import Rules


def test_a_text_with_a_nul_is_refused_since_no_view_could_hold_it():
    with pytest.raises(InvalidValue, match="unstorable_character"):
        parse(RequestAcceptance, rb'{"summary": "all done\u0000"}')
    with pytest.raises(InvalidValue, match="unstorable_character"):
        parse(RequestAcceptance, rb'{"summary": "a backslash, then it: \\\u0000"}')


def test_a_text_that_only_speaks_of_nul_is_taken():
    assert parse(RequestAcceptance, rb'{"summary": "\\u0000 is its name"}').summary == r"\u0000 is its name"


@pytest.mark.parametrize("day", ["0001-01-01", "1999-12-31", "2101-01-01", "9999-12-31"])
def test_a_day_lies_in_the_years_that_facts_are_about(day: str):
    with pytest.raises(ValidationError):
        TypeAdapter[date](Day).validate_python(day)


@pytest.mark.parametrize("period", ["0000-Q1", "9999-Q4", "1999", "２０２３-Q1"])
def test_a_period_lies_in_the_years_that_facts_are_about(period: str):
    with pytest.raises(ValidationError):
        TypeAdapter[str](Period).validate_python(period)


@pytest.mark.parametrize("header", ['"²"', "x", '"-1"', "9" * 5000, ""])
def test_if_match_names_a_version(header: str):
    with pytest.raises(InvalidValue, match="not_a_version"):
        version_of(header)


@pytest.mark.parametrize("header", ['"12"', 'W/"12"', "12"])
def test_a_version_is_read_as_an_etag(header: str):
    assert version_of(header) == 12


def test_no_stream_has_a_nul_in_its_id():
    assert id_in({"id": "2023"}) == "2023"
    assert id_in({}) is None
    with pytest.raises(NotFound):
        id_in({"id": "20\0"})


NEVER_LOOKED_FOR = frozenset({"next", "seen"})
"""Where to go after signing in, and the wall that a browser shows: no database is asked for them."""


def routes() -> Iterator[APIRoute]:
    """Every route of the services that answers queries."""
    for service in (each(Rules()) for each in (registry, scoring, alerts, reporting)):
        for router in service.routers:
            yield from (route for route in router.routes if isinstance(route, APIRoute))


@pytest.mark.parametrize("route", list(routes()), ids=lambda route: route.path)
def test_a_query_takes_no_value_that_the_database_cannot_look_for(route: APIRoute):
    for field in _parameters(route.dependant):
        for impossible in ("\0", "9" * 30):
            value, errors = field.validate(impossible, {}, loc=(field.name,))
            storable = "\0" not in str(value) and not (isinstance(value, int) and value > 2**62)
            assert errors or storable, f"{field.name} of {route.path} takes {impossible!r}"


def _parameters(dependant: Dependant) -> Iterator[ModelField]:
    every = (*dependant.query_params, *dependant.path_params)
    yield from (field for field in every if field.name not in NEVER_LOOKED_FOR)
    for below in dependant.dependencies:
        yield from _parameters(below)
