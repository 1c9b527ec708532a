"""The pure rules that the contracts hold: 序时进度, working days, document numbers."""

import csv
from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from math import floor
from pathlib import Path

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

import infra
from shared.contracts.documents import OFFICE_LETTERS, Document, document_number
from shared.contracts.project import Milestone
from shared.contracts.schedule import scheduled_percent
from shared.contracts.working_days import NoCalendar, is_working_day, nth_working_day_after
from tests.unit.registry.builders import MILESTONES, calendar, milestone
from tests.unit.registry.dsl import AT_LEISURE

STARTS = date(2023, 1, 1)


@pytest.mark.parametrize(
    ("day", "percent"),
    [
        (date(2022, 12, 31), "0"),
        (STARTS, "0"),
        (date(2023, 1, 10), "4"),
        (date(2023, 4, 1), "40"),
        (date(2023, 7, 1), "69.84"),
        (date(2023, 10, 1), "100"),
        (date(2024, 1, 1), "100"),
    ],
)
def test_the_scheduled_share_is_linear_between_milestones(day: date, percent: str):
    assert scheduled_percent(MILESTONES, STARTS, day) == Decimal(percent)


def test_milestones_of_one_day_count_together_in_any_order():
    planned = [milestone("m3", date(2023, 10, 1), 50), *(milestone(f"m{n}", date(2023, 4, 1), 25) for n in (1, 2))]
    assert scheduled_percent(planned, STARTS, date(2023, 4, 1)) == 50


def test_a_milestone_on_the_day_of_the_start_is_due_at_once():
    planned = [milestone("m1", STARTS, 30), milestone("m2", date(2023, 1, 11), 70)]
    shares = [scheduled_percent(planned, STARTS, STARTS + timedelta(days=n)) for n in (-1, 0, 5)]
    assert shares == [0, 30, 65]


def test_half_a_hundredth_is_rounded_up():
    planned = [milestone("m1", STARTS + timedelta(days=800), "100")]
    assert scheduled_percent(planned, STARTS, STARTS + timedelta(days=1)) == Decimal("0.13")


def exactly(planned: Sequence[Milestone], starts: date, day: date) -> Fraction:
    """The share in fractions, each milestone on its own."""
    dues = [starts, *sorted({each.due for each in planned if each.due > starts})]
    last = max(due for due in dues if due <= day) if day >= starts else None
    if last is None:
        return Fraction(0)
    share = sum((Fraction(each.weight) for each in planned if each.due <= day), Fraction(0))
    following = next((due for due in dues if due > last), None)
    if following is None:
        return share
    weight = sum((Fraction(each.weight) for each in planned if each.due == following), Fraction(0))
    return share + weight * Fraction((day - last).days, (following - last).days)


@st.composite
def plans(draw: st.DrawFn) -> list[Milestone]:
    """Milestones within a year of the start, with weights that sum to 100."""
    cuts = sorted(draw(st.sets(st.integers(min_value=1, max_value=9999), max_size=6)))
    weights = [b - a for a, b in zip([0, *cuts], [*cuts, 10000], strict=True)]
    days = st.integers(min_value=0, max_value=365)
    return [
        milestone(f"m{n}", STARTS + timedelta(days=draw(days)), str(Decimal(weight) / 100))
        for n, weight in enumerate(weights)
    ]


@AT_LEISURE
@for_all(plans(), st.integers(min_value=-30, max_value=400), st.integers(min_value=0, max_value=100))
def test_the_scheduled_share_never_falls_and_stays_within_0_and_100(planned: list[Milestone], offset: int, later: int):
    day = STARTS + timedelta(days=offset)
    share = scheduled_percent(planned, STARTS, day)
    assert 0 <= share <= scheduled_percent(planned, STARTS, day + timedelta(days=later)) <= 100
    assert scheduled_percent(planned, STARTS, STARTS - timedelta(days=1)) == 0
    last = max(milestone.due for milestone in planned)
    assert scheduled_percent(planned, STARTS, last) == 100


@AT_LEISURE
@for_all(plans())
def test_at_a_milestone_the_share_is_the_sum_of_the_weights_up_to_it(planned: list[Milestone]):
    for each in planned:
        due = sum((m.weight for m in planned if m.due <= each.due), Decimal(0))
        assert scheduled_percent(planned, STARTS, each.due) == due


@AT_LEISURE
@for_all(plans(), st.integers(min_value=-30, max_value=400))
def test_the_scheduled_share_is_the_exact_one_rounded_half_up(planned: list[Milestone], offset: int):
    day = STARTS + timedelta(days=offset)
    hundredths = exactly(planned, STARTS, day) * 100
    assert scheduled_percent(planned, STARTS, day) == Decimal(floor(hundredths + Fraction(1, 2))) / 100


CALENDARS = {
    2022: calendar(2022),
    2023: calendar(2023, holidays=(date(2023, 1, 2), date(2023, 5, 1)), workdays=(date(2023, 5, 6),)),
}


def test_holidays_are_off_and_worked_weekends_are_not():
    days = [date(2023, 5, day) for day in (1, 2, 5, 6, 7)]
    assert [is_working_day(day, CALENDARS) for day in days] == [False, True, True, True, False]


@pytest.mark.parametrize(
    ("day", "n", "expected"),
    [
        (date(2023, 4, 30), 1, date(2023, 5, 2)),
        (date(2023, 5, 5), 1, date(2023, 5, 6)),
        (date(2023, 5, 5), 2, date(2023, 5, 8)),
        (date(2022, 12, 30), 1, date(2023, 1, 3)),
    ],
)
def test_working_days_are_counted_from_the_day_after(day: date, n: int, expected: date):
    assert nth_working_day_after(day, n, CALENDARS) == expected


def test_days_are_not_counted_into_a_year_without_a_calendar():
    with pytest.raises(NoCalendar) as raised:
        nth_working_day_after(date(2023, 12, 29), 1, CALENDARS)
    assert raised.value.year == 2024


@AT_LEISURE
@for_all(st.dates(date(2023, 1, 1), date(2023, 10, 1)), st.integers(min_value=1, max_value=30))
def test_the_nth_working_day_is_worked_and_n_worked_days_away(day: date, n: int):
    found = nth_working_day_after(day, n, CALENDARS)
    between = [day + timedelta(days=k) for k in range(1, (found - day).days + 1)]
    assert is_working_day(found, CALENDARS)
    assert sum(is_working_day(each, CALENDARS) for each in between) == n


def test_documents_are_numbered_by_office_kind_and_year():
    assert document_number(Document.APPROVAL, "340822", 2023, 86) == "怀组〔2023〕86号"
    assert document_number(Document.SUPERVISION, "340828", 2026, 31) == "岳组督〔2026〕31号"
    assert document_number(Document.BULLETIN, "340800", 2023, 23) == "安组简〔2023〕23号"


def test_no_two_kinds_of_documents_have_the_same_number():
    numbers = {document_number(kind, "340822", 2023, 1) for kind in Document}
    assert len(numbers) == len(Document)


def test_an_office_without_a_letter_is_named_by_its_code():
    assert document_number(Document.CLOSURE, "350102", 2023, 1) == "350102组销〔2023〕1号"


def test_the_letters_are_those_of_the_counties_and_cities_of_the_division_data():
    with (Path(infra.__file__).parent / "data/divisions/anhui.csv").open(encoding="utf-8", newline="") as file:
        names = {row["code"]: row["name"] for row in csv.DictReader(file) if len(row["code"]) == 6}
    assert {code: name[0] for code, name in names.items()} | {"340000": "皖"} == OFFICE_LETTERS
