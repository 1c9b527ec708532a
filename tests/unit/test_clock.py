"""The time of a fact in scenario time, told and untold."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.clock import SHANGHAI, day_of, scenario_time, start_of
from shared.database import Database
from shared.errors import InvalidValue
from shared.moment import Moments
from shared.settings import AuthMode, ClockMode, Settings

DAY = date(2023, 8, 22)
EVENING = datetime(2023, 8, 22, 23, 59, 59, tzinfo=SHANGHAI)
INSTANT = timedelta(microseconds=1)


def test_what_is_told_holds_but_never_before_the_last_day():
    morning = datetime(2023, 8, 22, 8, 30, tzinfo=SHANGHAI)
    assert scenario_time(morning, DAY, EVENING) == morning
    assert scenario_time(morning - timedelta(days=3), DAY) == start_of(DAY)


def test_untold_it_is_the_present_time_of_day_on_the_last_day():
    before, told, after = datetime.now(UTC), scenario_time(None, DAY), datetime.now(UTC)
    present = told - start_of(DAY)
    assert any(abs(each - start_of(day_of(each)) - present) <= after - before for each in (before, after))


def test_untold_it_comes_after_the_latest_moment_of_the_day():
    assert scenario_time(None, DAY, EVENING) == EVENING + INSTANT


def test_a_moment_of_another_day_pushes_nothing():
    assert day_of(scenario_time(None, DAY, EVENING + timedelta(days=7))) == DAY
    assert scenario_time(None, DAY, EVENING - timedelta(days=1)) >= start_of(DAY)


@given(st.integers(0, 5))
def test_untold_it_stays_on_the_last_day_whatever_the_latest_moment(before: int):
    latest = start_of(DAY + timedelta(days=1)) - (before + 1) * INSTANT
    assert day_of(scenario_time(None, DAY, latest)) == DAY


def test_before_the_first_day_it_is_the_present():
    before = datetime.now(UTC)
    assert before <= scenario_time(None, None) <= datetime.now(UTC)
    assert scenario_time(EVENING, None) == EVENING


@pytest.mark.parametrize("told", ["9999-12-31T23:59:59Z", "9999-12-31T23:59:59-23:59", "1999-12-31T00:00:00Z"])
async def test_a_time_of_a_year_that_no_fact_is_about_is_none(told: str):
    nowhere = Database("postgresql://postgres@127.0.0.1:1/none", name="nowhere")
    moments = Moments(Settings(auth=AuthMode.LOCAL, clock=ClockMode.SCENARIO), nowhere)
    with pytest.raises(InvalidValue, match="not_a_time at Guatu-Now"):
        await moments.of(told)
