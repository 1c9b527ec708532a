"""What queries make of a result: its place with its change, its lines with their names."""

from decimal import Decimal

import pytest

from services.scoring.queries import lines, place
from tests.unit.scoring.build import INDICES
from tests.unit.scoring.test_period import RESULT


@pytest.mark.parametrize(
    ("rank", "before", "change"), [(1, 3, 2), (3, 1, -2), (2, 2, 0), (1, None, None), (None, 2, None)]
)
def test_a_change_is_by_how_much_a_unit_rose(rank: int | None, before: int | None, change: int | None) -> None:
    assert place(RESULT.model_copy(update={"rank": rank, "rank_before": before}), "高河镇").change == change


@pytest.mark.parametrize(("exact", "shown"), [("73.405", "73.41"), ("73.404999999999999999", "73.40"), ("60", "60.00")])
def test_a_total_is_shown_with_two_decimals_half_up(exact: str, shown: str) -> None:
    result = RESULT.model_copy(update={"total": Decimal(exact)})
    assert place(result, "高河镇").model_dump(mode="json")["total"] == shown


def test_a_pending_total_is_shown_as_none() -> None:
    assert place(RESULT.model_copy(update={"total": None}), "高河镇").total is None


def test_a_score_is_shown_line_by_line_beside_its_scheme() -> None:
    committee = lines(RESULT, INDICES)[0].model_dump(mode="json")
    assert committee == {
        "id": "committee_index",
        "name": "committee_index",
        "weight": "40",
        "points": "75.2",
        "indicators": [
            {"id": "c1", "name": "指标c1", "weight": "30", "points": "50"},
            {"id": "c2", "name": "指标c2", "weight": "70", "points": "86"},
        ],
    }
