"""The page models of what happens around projects: quarters, and the order of difficulties."""

from datetime import date

import pytest

from services.registry.around.visit_views import DifficultyLine
from services.registry.desk.difficulties import by_need, lines_of
from services.registry.desk.rhythm import last_day, quarter_of
from shared.contracts.visits import DifficultyRaised, DifficultySolved, DifficultyTakenOn
from tests.projecting import History


@pytest.mark.parametrize(
    ("day", "quarter", "last"),
    [
        (date(2023, 1, 1), "2023-Q1", date(2023, 3, 31)),
        (date(2023, 6, 30), "2023-Q2", date(2023, 6, 30)),
        (date(2023, 7, 1), "2023-Q3", date(2023, 9, 30)),
        (date(2024, 12, 31), "2024-Q4", date(2024, 12, 31)),
    ],
)
def test_a_quarter_is_named_by_its_days_and_ends_with_its_last(day: date, quarter: str, last: date) -> None:
    assert (quarter_of(day), last_day(quarter)) == (quarter, last)


def test_what_must_be_solved_first_comes_first_and_the_solved_last() -> None:
    day = date(2023, 3, 1)
    lines = {
        "solved": DifficultyLine("一", day, until=day, solved_on=day, how="好了"),
        "loose": DifficultyLine("二", day),
        "later": DifficultyLine("三", day, until=date(2023, 5, 1)),
        "soon": DifficultyLine("四", day, until=date(2023, 4, 1)),
    }
    assert list(by_need(lines)) == ["soon", "later", "loose", "solved"]


def test_a_streams_difficulties_are_those_that_its_events_tell_of() -> None:
    told = History().tell(
        "visit-1",
        DifficultyRaised(difficulty="d1", text="配套"),
        DifficultyRaised(difficulty="d2", text="缺人"),
        DifficultyTakenOn(difficulty="d1", by="县供电公司"),
        DifficultySolved(difficulty="d1", how="已接通"),
        on=date(2023, 3, 1),
    )
    lines = lines_of(told)
    assert lines["d1"] == DifficultyLine(
        "配套", date(2023, 3, 1), taken_by="县供电公司", solved_on=date(2023, 3, 1), how="已接通"
    )
    assert lines["d2"].solved_on is None
