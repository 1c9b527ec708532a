"""What a unit was called and where it lay on a day."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from shared.contracts.boundaries import Named, Placed, name_on, parents_since, placed_on

FIRST = date(2023, 1, 1)
DAYS = st.integers(0, 9).map(lambda n: FIRST + timedelta(days=n))


@st.composite
def histories(draw: st.DrawFn) -> list[tuple[date | None, str]]:
    """Dated values in the order of their days, the first perhaps without one; several may be of one day."""
    days: list[date | None] = [*sorted(draw(st.lists(DAYS, min_size=1, max_size=5)))]
    if draw(st.booleans()):
        days[0] = None
    return [(day, f"{n}") for n, day in enumerate(days)]


@given(histories(), DAYS)
def test_of_a_day_is_what_was_said_last_by_then(history: list[tuple[date | None, str]], day: date):
    held = ""
    for since, value in history:
        if since is None or since <= day:
            held = value
    assert name_on([Named(*each) for each in history], day) == held
    place = placed_on([Placed(*each) for each in history], day)
    assert (place.parent if place else "") == held


@given(histories(), DAYS)
def test_the_parents_since_a_day_are_those_of_that_day_and_of_every_later_one(
    history: list[tuple[date | None, str]], day: date
):
    parents = [Placed(*each) for each in history]
    days = (day + timedelta(days=n) for n in range(11))
    held = {place.parent for each in days if (place := placed_on(parents, each)) is not None}
    replaced_at_once = {value for n, (since, value) in enumerate(history[:-1]) if since == history[n + 1][0]}
    assert held <= parents_since(parents, day) <= held | replaced_at_once


def test_a_province_lies_below_nothing():
    assert parents_since((Placed(None, None),), FIRST) == frozenset()
