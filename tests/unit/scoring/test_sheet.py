"""Score sheets: one an assessor, on the channel's own indicators, never about an own unit."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from services.scoring.scheme import Scheme
from services.scoring.sheet import SheetCase, sheet_id
from shared.contracts.assessment import Channel
from tests.unit.deciding import Decision
from tests.unit.scoring.build import (
    ASSESSOR,
    COUNTY,
    DESK,
    INDICES,
    PERIOD,
    TOWN,
    sheet_submitted,
    submit_sheet,
    value,
)

ID = f"{COUNTY}-{PERIOD}-{TOWN}-field_test-{ASSESSOR}"
CASE = SheetCase(COUNTY, Scheme(1, INDICES), results_published=False, own_units=frozenset({COUNTY}), of_the_county=True)


def submitted(*facts: Any, case: SheetCase = CASE, today: date | None = None, **changes: Any) -> Decision:
    """Submit a sheet under its proper id, with changes."""
    command = submit_sheet(**changes)
    id = sheet_id(command.county, command.period, command.unit, command.channel, ASSESSOR)
    return DESK.given(*facts).when(command, by=ASSESSOR, id=id, knowing=case, today=today)


def test_an_assessor_submits_a_sheet() -> None:
    submitted().then(sheet_submitted())


def test_the_sheets_id_says_whose_it_is_and_about_what() -> None:
    assert sheet_id(COUNTY, PERIOD, TOWN, Channel.FIELD_TEST, ASSESSOR) == ID
    DESK.given().when(submit_sheet(), by=ASSESSOR, id=ID, knowing=CASE).then(sheet_submitted())


@pytest.mark.parametrize("id", [ID + "0", ID.replace("Q1", "Q2"), ID.replace("assessor-1", "assessor-2"), "x"])
def test_a_sheet_under_another_id_is_refused(id: str) -> None:
    DESK.given().when(submit_sheet(), by=ASSESSOR, id=id, knowing=CASE).then_refused("not_the_sheets_id", "id")


def test_there_is_no_second_sheet() -> None:
    submitted(sheet_submitted()).then_refused("sheet_already_submitted", "id")


@pytest.mark.parametrize("county", ["340828", "340800", None])
def test_the_unit_lies_in_the_county_by_the_tree_whatever_its_code(county: str | None) -> None:
    submitted(case=replace(CASE, county=county)).then_refused("unit_not_in_county", "unit")
    assert submitted(unit="340828100").refused is None


def test_nobody_scores_an_own_unit() -> None:
    submitted(case=replace(CASE, own_units=frozenset({COUNTY, TOWN}))).then_refused("own_unit", "unit")


def test_the_spot_check_is_the_countys() -> None:
    of_the_town = replace(CASE, own_units=frozenset({TOWN}), of_the_county=False)
    branch = {"unit": f"{TOWN}201", "values": (value("m2", "80"),)}
    submitted(case=of_the_town, channel=Channel.SPOT_CHECK, **branch).then_refused("channel_of_the_county", "channel")
    submitted(channel=Channel.SPOT_CHECK, **branch).then(sheet_submitted(channel=Channel.SPOT_CHECK, **branch))
    submitted(case=of_the_town, unit=f"{TOWN}201").then(sheet_submitted(unit=f"{TOWN}201"))


def test_a_sheet_may_come_from_the_periods_first_day_on() -> None:
    submitted(today=date(2023, 1, 1)).then(sheet_submitted())
    submitted(today=date(2022, 12, 31)).then_refused("period_not_begun", "period")


def test_no_sheet_comes_after_the_results() -> None:
    submitted(case=replace(CASE, results_published=True)).then_refused("results_already_published", "period")


def test_without_a_scheme_there_is_nothing_to_score() -> None:
    submitted(case=replace(CASE, scheme=Scheme())).then_refused("no_scheme", "county")


@pytest.mark.parametrize("indicator", ["c1", "m2", "unknown"])
def test_a_sheet_has_only_indicators_of_its_channel(indicator: str) -> None:
    submitted(values=(value("c2", "80"), value(indicator, "80"))).then_refused(
        "indicator_not_of_channel", "values.1.indicator"
    )


def test_an_indicator_stands_once_in_a_sheet() -> None:
    submitted(values=(value("c2", "80"), value("c2", "81"))).then_refused("indicator_twice", "values.0.indicator")


def test_points_go_from_0_to_100() -> None:
    submitted(values=(value("c2", "0"), value("b2", "100"))).then(
        sheet_submitted(values=(value("c2", "0"), value("b2", "100")))
    )
    for wrong in ("-1", "100.000001"):
        with pytest.raises(ValueError, match="points"):
            value("c2", wrong)
