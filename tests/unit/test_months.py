"""Which month's report is due when."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.contracts.months import LAST_REPORT_DAY, last_due_month, next_month, report_due


@pytest.mark.parametrize(
    ("month", "report_day", "due"),
    [
        ("2023-01", 5, date(2023, 2, 5)),
        ("2023-01", 28, date(2023, 2, 28)),
        ("2023-12", 1, date(2024, 1, 1)),
    ],
)
def test_a_report_is_due_on_a_day_of_the_next_month(month: str, report_day: int, due: date) -> None:
    assert report_due(month, report_day) == due


@given(st.dates(date(2020, 1, 1), date(2030, 12, 31)), st.integers(1, LAST_REPORT_DAY))
def test_the_last_month_that_is_due_is_the_last_whose_day_is_over(day: date, report_day: int) -> None:
    month = last_due_month(day, report_day)
    assert report_due(month, report_day) < day <= report_due(next_month(month), report_day)
