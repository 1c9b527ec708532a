"""The days of quarters, halves and years."""

from datetime import date

import pytest

from services.scoring.periods import Span, length, span


@pytest.mark.parametrize(
    ("period", "first", "last"),
    [
        ("2023-Q1", date(2023, 1, 1), date(2023, 3, 31)),
        ("2023-Q2", date(2023, 4, 1), date(2023, 6, 30)),
        ("2023-Q4", date(2023, 10, 1), date(2023, 12, 31)),
        ("2024-Q1", date(2024, 1, 1), date(2024, 3, 31)),
        ("2023-H1", date(2023, 1, 1), date(2023, 6, 30)),
        ("2023-H2", date(2023, 7, 1), date(2023, 12, 31)),
        ("2023", date(2023, 1, 1), date(2023, 12, 31)),
    ],
)
def test_a_period_has_a_first_and_a_last_day(period: str, first: date, last: date) -> None:
    assert span(period) == Span(first, last)
    assert span(period).year == int(period[:4])


def test_quarters_follow_quarters_halves_halves_and_years_years() -> None:
    assert [length(period) for period in ("2023-Q3", "2023-H1", "2023")] == ["Q", "H", "Y"]
