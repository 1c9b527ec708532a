"""A scheme's versions, and what makes a scheme sound."""

from decimal import Decimal

import pytest
from pydantic import ValidationError

from shared.contracts.scoring import Deduct, Index, IndexId, Metric, SchemePublished
from tests.unit.scoring.build import COUNTY, DESK, INDICES, index, indicator, publish_scheme, scheme_published, sheets


def with_committee(*indicators: object) -> tuple[Index, ...]:
    """The sound indices, the first with other indicators."""
    return (index(IndexId.COMMITTEE, "40", *indicators), *INDICES[1:])  # type: ignore[arg-type]


def test_a_county_publishes_its_first_version() -> None:
    DESK.given().when(publish_scheme(), id=COUNTY).then(scheme_published())


def test_the_next_version_is_whole_in_itself() -> None:
    indices = with_committee(indicator("c9"))
    DESK.given(scheme_published()).when(publish_scheme(version=2, indices=indices), id=COUNTY).then(
        SchemePublished(county=COUNTY, name="指数", version=2, indices=indices)
    )


@pytest.mark.parametrize("version", [1, 3])
def test_versions_count_up_and_a_published_one_is_never_edited(version: int) -> None:
    DESK.given(scheme_published()).when(publish_scheme(version=version), id=COUNTY).then_refused(
        "not_the_next_version", "version"
    )


def test_a_scheme_stands_in_its_own_countys_stream() -> None:
    DESK.given().when(publish_scheme(), id="340828").then_refused("scheme_of_another_county", "county")


@pytest.mark.parametrize("code", ["340800", "340822100", "340822-D0001", "340000"])
def test_only_a_county_has_a_scheme(code: str) -> None:
    with pytest.raises(ValidationError) as refused:
        publish_scheme(county=code)
    assert [(error["loc"], error["type"]) for error in refused.value.errors()] == [(("county",), "not_a_county")]


def test_a_zone_of_county_rank_has_a_scheme() -> None:
    assert DESK.given().when(publish_scheme(county="340871"), id="340871").refused is None


def test_each_index_stands_once() -> None:
    twice = (INDICES[0], index(IndexId.COMMITTEE, "35", indicator("x")), INDICES[2])
    DESK.given().when(publish_scheme(indices=twice), id=COUNTY).then_refused("index_twice", "indices")


def test_the_weights_of_the_indices_sum_to_100() -> None:
    light = (index(IndexId.COMMITTEE, "39.9999", indicator("c1")), *INDICES[1:])
    DESK.given().when(publish_scheme(indices=light), id=COUNTY).then_refused("scheme_weights_not_100", "indices")


def test_the_weights_of_an_indexs_indicators_sum_to_100() -> None:
    light = with_committee(indicator("c1", "50"), indicator("c2", "49"))
    DESK.given().when(publish_scheme(indices=light), id=COUNTY).then_refused(
        "scheme_weights_not_100", "indices.0.indicators"
    )


def test_the_weights_of_an_indicators_channels_sum_to_100() -> None:
    light = with_committee(indicator("c1", source=sheets(field_test="40", review="59")))
    DESK.given().when(publish_scheme(indices=light), id=COUNTY).then_refused(
        "scheme_weights_not_100", "indices.0.indicators.0.source.channels"
    )


def test_a_channel_stands_once_in_an_indicator() -> None:
    halves = sheets(field_test="50")
    twice = with_committee(
        indicator("c1", source=halves.model_copy(update={"channels": halves.channels + halves.channels}))
    )
    DESK.given().when(publish_scheme(indices=twice), id=COUNTY).then_refused(
        "channel_twice", "indices.0.indicators.0.source.channels"
    )


def test_an_indicators_id_stands_once_in_the_whole_scheme() -> None:
    DESK.given().when(publish_scheme(indices=with_committee(indicator("b1"))), id=COUNTY).then_refused(
        "indicator_twice", "indices.1.indicators.0.id"
    )


def test_a_deductions_floor_is_not_above_100() -> None:
    high = Deduct(occurrences=Metric.PROBLEMS_FOUND, each=Decimal(1), floor=Decimal(101))
    DESK.given().when(publish_scheme(indices=with_committee(indicator("c1", source=high))), id=COUNTY).then_refused(
        "floor_too_high", "indices.0.indicators.0.source.floor"
    )
