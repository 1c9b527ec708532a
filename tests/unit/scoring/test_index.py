"""The index is exact: against a reference in fractions, at every border, and whatever the order of the input."""

import random
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from math import floor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.scoring.index import (
    Standing,
    UnitFacts,
    channel_mean,
    grade,
    half_up,
    indicator_points,
    ranks,
    results,
    score,
)
from shared.contracts.assessment import Channel
from shared.contracts.scoring import Deduct, Grade, IndexId, Metric, Ratio, Sheets, Source, Target, UnitResult
from tests.unit.scoring.build import CLOSED_RATIO, FIELD_TEST, INDICES, TOWN, index, indicator, unit

points = st.decimals(0, 100, places=6)
amounts = st.decimals(Decimal("0.000001"), 1000, places=6)
counts = st.integers(0, 300)
channel_shares = st.integers(1, 999_999).map(lambda n: (Decimal(n) / 10_000, 100 - Decimal(n) / 10_000))


def millionth(exact: Fraction) -> Fraction:
    """Rounded to 10^-6, a half going up: the reference."""
    return Fraction(floor(exact * 10**6 + Fraction(1, 2)), 10**6)


def of(source: Source, facts: UnitFacts) -> Fraction | None:
    """An indicator's points."""
    micro = indicator_points("i", source, facts)
    return None if micro is None else Fraction(micro, 10**6)


@given(counts, counts.filter(bool))
def test_a_ratio_is_done_of_due_and_never_more_than_100(done: int, due: int) -> None:
    facts = unit(projects_closed=done, projects_approved=due)
    assert of(CLOSED_RATIO, facts) == min(Fraction(100), millionth(Fraction(100 * done, due)))


def test_a_ratio_of_nothing_is_pending() -> None:
    assert of(CLOSED_RATIO, unit(projects_closed=0, projects_approved=0)) is None


@given(counts, amounts)
def test_a_target_is_done_of_the_target_and_never_more_than_100(done: int, target: Decimal) -> None:
    source = Target(done=Metric.BRANDS, target=target)
    assert of(source, unit(brands=done)) == min(Fraction(100), millionth(100 * done / Fraction(target)))


@given(counts, points, points)
def test_a_deduction_stops_at_its_floor(found: int, each: Decimal, least: Decimal) -> None:
    source = Deduct(occurrences=Metric.PROBLEMS_FOUND, each=each, floor=least)
    expected = max(100 - Fraction(each) * found, Fraction(least))
    assert of(source, unit(problems_found=found)) == millionth(expected)


@given(st.lists(points, min_size=1, max_size=9))
def test_a_channels_mean_is_trimmed_from_five_sheets_on(given_points: list[Decimal]) -> None:
    kept = sorted(given_points)
    if len(kept) >= 5:
        kept = kept[1:-1]
    mean = channel_mean(given_points)
    assert mean is not None
    assert Fraction(mean, 10**6) == millionth(sum(map(Fraction, kept), Fraction(0)) / len(kept))


def test_of_five_sheets_the_highest_and_the_lowest_do_not_count() -> None:
    assert channel_mean([Decimal(n) for n in (100, 80, 81, 82, 0)]) == 81_000_000
    assert channel_mean([Decimal(n) for n in (100, 80, 80, 0)]) == 65_000_000
    assert channel_mean([]) is None


@given(st.lists(points, min_size=1, max_size=6), st.lists(points, min_size=1, max_size=6), channel_shares)
def test_channels_add_up_by_their_weights_and_are_rounded_once_more(
    tested: list[Decimal], reviewed: list[Decimal], shares: tuple[Decimal, Decimal]
) -> None:
    weights = dict(zip((Channel.FIELD_TEST, Channel.REVIEW), shares, strict=True))
    source = Sheets(
        channels=tuple(FIELD_TEST.model_copy(update={"channel": c, "weight": w}) for c, w in weights.items())
    )
    facts = unit(sheets={(Channel.FIELD_TEST, "i"): tested, (Channel.REVIEW, "i"): reviewed})
    means = [Fraction(channel_mean(sheets) or 0, 10**6) for sheets in (tested, reviewed)]
    assert of(source, facts) == millionth(
        sum((Fraction(w) * m / 100 for w, m in zip(shares, means, strict=True)), Fraction(0))
    )


def test_a_channel_without_a_sheet_is_pending_and_not_zero() -> None:
    source = Sheets(channels=(FIELD_TEST,))
    assert of(source, unit(sheets={(Channel.REVIEW, "i"): [Decimal(90)]})) is None
    assert of(source, unit(sheets={(Channel.FIELD_TEST, "i"): [Decimal(0)]})) == 0


@given(st.fractions(0, 1000))
def test_half_up_is_the_nearest_millionth(exact: Fraction) -> None:
    assert Fraction(half_up(exact), 10**6) == millionth(exact)


def test_a_half_goes_up() -> None:
    assert half_up(Fraction(5, 10**7)) == 1
    assert half_up(Fraction(499_999_999, 10**15)) == 0


@given(st.lists(st.none() | points, min_size=6, max_size=6))
def test_index_and_total_are_exact_sums_over_weights_or_pending(given_points: list[Decimal | None]) -> None:
    weights = [Decimal(w) for w in ("33.3333", "66.6667", "0.0001", "99.9999", "12.5", "87.5")]
    indices = [
        index(
            id,
            weight,
            *(
                indicator(f"i{n}", str(weights[n]), Sheets(channels=(FIELD_TEST,)))
                for n in range(2 * place, 2 * place + 2)
            ),
        )
        for place, (id, weight) in enumerate(zip(IndexId, ("40.0001", "34.9999", "25"), strict=True))
    ]
    facts = unit(sheets={(Channel.FIELD_TEST, f"i{n}"): [p] for n, p in enumerate(given_points) if p is not None})
    expected: dict[IndexId, Fraction | None] = {}
    for place, each in enumerate(indices):
        a, b = given_points[2 * place : 2 * place + 2]
        expected[each.id] = (
            None
            if a is None or b is None
            else (Fraction(weights[2 * place]) * Fraction(a) + Fraction(weights[2 * place + 1]) * Fraction(b)) / 100
        )
    found = score(indices, facts)
    assert found.indices == expected
    known = [Fraction(each.weight) * exact / 100 for each in indices if (exact := expected[each.id]) is not None]
    assert found.total == (sum(known, Fraction(0)) if len(known) == 3 else None)
    [result] = results(indices, [facts], {})
    assert result.total == (None if found.total is None else Decimal(result.total or 0))
    assert (None if result.total is None else Fraction(result.total)) == found.total
    assert [None if s.points is None else Fraction(s.points) for s in result.indices] == list(expected.values())
    assert UnitResult.model_validate(result.model_dump(mode="json")) == result


def test_what_is_pending_has_neither_total_nor_grade_nor_rank_and_comes_last() -> None:
    done = {(c, i): [Decimal(60)] for c in Channel for i in ("c2", "b2", "m2")}
    full = unit("340822102", sheets=done, projects_approved=1)
    pending = unit("340822101", sheets=done)
    first, last = results(INDICES, [pending, full], {"340822101": 1, "340822102": 2})
    assert (first.unit, first.rank, first.rank_before) == ("340822102", 1, 2)
    assert (last.total, last.grade, last.rank, last.rank_before) == (None, None, None, 1)
    assert [s.points is None for s in last.indices] == [True, False, False]
    assert [s.points is None for s in last.indicators] == [True, False, False, False, False, False]


@pytest.mark.parametrize(
    ("total", "expected"),
    [
        ("100", Grade.EXCELLENT),
        ("90", Grade.EXCELLENT),
        ("89.999999999999999999", Grade.GOOD),
        ("80", Grade.GOOD),
        ("79.999999999999999999", Grade.FAIR),
        ("60", Grade.FAIR),
        ("59.999999999999999999", Grade.POOR),
        ("0", Grade.POOR),
    ],
)
def test_a_grade_comes_from_the_exact_total(total: str, expected: Grade) -> None:
    assert grade(Fraction(total)) is expected


def standing(unit: str, total: str, workload: int = 0) -> Standing:
    """What a unit is ranked by."""
    return Standing(unit, Fraction(total), workload)


def test_the_exact_total_ranks_also_where_two_decimals_are_the_same() -> None:
    close = [standing("a", "85.000000000000000001"), standing("b", "85.000000000000000002")]
    assert ranks(close) == {"b": 1, "a": 2}


def test_of_equal_totals_the_heavier_workload_stands_first_then_places_are_shared() -> None:
    equal = [standing("a", "85", 10), standing("b", "85", 12), standing("c", "85", 12), standing("d", "84", 99)]
    assert ranks(equal) == {"b": 1, "c": 1, "a": 3, "d": 4}


standings = st.lists(
    st.builds(Standing, st.uuids().map(str), st.sampled_from([Fraction(n, 3) for n in range(250, 256)]), counts),
    unique_by=lambda s: s.unit,
    max_size=12,
)


@given(standings, st.randoms(use_true_random=False))
def test_ranks_do_not_depend_on_the_order_of_the_input(given_standings: list[Standing], rng: random.Random) -> None:
    mixed = list(given_standings)
    rng.shuffle(mixed)
    found = ranks(given_standings)
    assert ranks(mixed) == found
    for each in given_standings:
        before = [s for s in given_standings if (s.total, s.workload) > (each.total, each.workload)]
        assert found[each.unit] == len(before) + 1


@given(st.lists(st.tuples(points, counts), min_size=1, max_size=8), st.randoms(use_true_random=False))
def test_results_do_not_depend_on_the_order_of_the_units(
    scores: Sequence[tuple[Decimal, int]], rng: random.Random
) -> None:
    units = [
        unit(
            str(int(TOWN) + n),
            sheets={(c, i): [p] for c in Channel for i in ("c2", "b2", "m2")},
            projects_approved=approved,
        )
        for n, (p, approved) in enumerate(scores)
    ]
    mixed = list(units)
    rng.shuffle(mixed)
    assert results(INDICES, mixed, {}) == results(INDICES, units, {})


def test_a_ratio_names_its_own_metrics() -> None:
    facts = unit(reports_made=3, reports_due=4, projects_closed=1, projects_approved=4)
    assert of(Ratio(done=Metric.REPORTS_MADE, of=Metric.REPORTS_DUE), facts) == 75
