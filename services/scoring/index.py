"""The computation of the 红色指数: exact, from counts and sheets to totals, ranks and grades.

An indicator's points and a channel's mean are rounded once, half up, to 10^-6 and are integers of 10^-6 from
there on; an index and a total are exact sums over weights. No binary float is in it. What is missing is
pending (待报), never zero: an index with a pending indicator is pending, and so is the total, which then has
neither rank nor grade.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Context, Decimal, Inexact
from fractions import Fraction
from typing import NamedTuple, assert_never

from shared.contracts.assessment import Channel
from shared.contracts.scoring import (
    Deduct,
    Grade,
    Index,
    IndexId,
    IndexScore,
    IndicatorScore,
    Metric,
    Ratio,
    Sheets,
    Source,
    Target,
    UnitResult,
)
from shared.contracts.values import Slug, UnitCode

MICRO = 10**6
FULL = 100 * MICRO
"""100 points, in units of 10^-6."""
TRIMMED_FROM = 5
"""From so many sheets on a channel's mean leaves out one highest and one lowest."""
FLOORS = ((90, Grade.EXCELLENT), (80, Grade.GOOD), (60, Grade.FAIR))
"""The lowest exact total of each grade above 差: [90,100] 优, [80,90) 良, [60,80) 中."""

Counts = Mapping[Metric, int]
SheetPoints = Mapping[tuple[Channel, Slug], Sequence[Decimal]]
"""The points of a unit's sheets by channel and indicator, one of each assessor."""


@dataclass(frozen=True, slots=True)
class UnitFacts:
    """What is known of a unit at the period's end: its counts by metric, and its sheets."""

    unit: UnitCode
    counts: Counts
    sheets: SheetPoints

    @property
    def workload(self) -> int:
        """The number of projects approved: of two equal totals the heavier workload stands first."""
        return self.counts[Metric.PROJECTS_APPROVED]


@dataclass(frozen=True, slots=True)
class Score:
    """A unit's points: each indicator's in units of 10^-6, each index's and the total exactly; None while pending."""

    indicators: Mapping[Slug, int | None]
    indices: Mapping[IndexId, Fraction | None]
    total: Fraction | None


class Standing(NamedTuple):
    """What a unit is ranked by."""

    unit: UnitCode
    total: Fraction
    workload: int


def results(
    indices: Sequence[Index], units: Sequence[UnitFacts], ranks_before: Mapping[UnitCode, int]
) -> tuple[UnitResult, ...]:
    """The results of a peer group, all its units: by rank, those pending last, then by code."""
    scores = [(unit, score(indices, unit)) for unit in units]
    rank_of = ranks(Standing(unit.unit, s.total, unit.workload) for unit, s in scores if s.total is not None)
    found = [
        UnitResult(
            unit=unit.unit,
            total=_decimal(s.total),
            grade=None if s.total is None else grade(s.total),
            rank=rank_of.get(unit.unit),
            rank_before=ranks_before.get(unit.unit),
            indices=tuple(IndexScore(id=id, points=_decimal(points)) for id, points in s.indices.items()),
            indicators=tuple(IndicatorScore(id=id, points=_decimal(_points(m))) for id, m in s.indicators.items()),
            workload=unit.workload,
        )
        for unit, s in scores
    ]
    return tuple(sorted(found, key=lambda result: (result.rank is None, result.rank or 0, result.unit)))


def score(indices: Sequence[Index], unit: UnitFacts) -> Score:
    """Compute a unit's points from its facts and sheets."""
    micro = {i.id: indicator_points(i.id, i.source, unit) for index in indices for i in index.indicators}
    exact = {index.id: _weighted((i.weight, _points(micro[i.id])) for i in index.indicators) for index in indices}
    return Score(micro, exact, _weighted((index.weight, exact[index.id]) for index in indices))


def _weighted(parts: Iterable[tuple[Decimal, Fraction | None]]) -> Fraction | None:
    total = Fraction(0)
    for weight, points in parts:
        if points is None:
            return None
        total += Fraction(weight) * points / 100
    return total


def indicator_points(indicator: Slug, source: Source, unit: UnitFacts) -> int | None:
    """An indicator's points in units of 10^-6, rounded once; None while a fact or a sheet of it is missing."""
    match source:
        case Ratio():
            due = unit.counts[source.of]
            return None if due == 0 else min(FULL, half_up(Fraction(100 * unit.counts[source.done], due)))
        case Target():
            return min(FULL, half_up(100 * unit.counts[source.done] / Fraction(source.target)))
        case Deduct():
            left = 100 - Fraction(source.each) * unit.counts[source.occurrences]
            return half_up(max(left, Fraction(source.floor)))
        case Sheets():
            means = ((c.weight, channel_mean(unit.sheets.get((c.channel, indicator), ()))) for c in source.channels)
            exact = _weighted((weight, _points(mean)) for weight, mean in means)
            return None if exact is None else half_up(exact)
        case _:
            assert_never(source)


def channel_mean(points: Sequence[Decimal]) -> int | None:
    """The mean of a channel's sheets in units of 10^-6, trimmed from five sheets on; None without a sheet."""
    if not points:
        return None
    counted = sorted(points)
    if len(counted) >= TRIMMED_FROM:
        counted = counted[1:-1]
    return half_up(sum(map(Fraction, counted), Fraction(0)) / len(counted))


def half_up(points: Fraction) -> int:
    """Points, not negative, in units of 10^-6; a half goes up."""
    return (2 * MICRO * points.numerator + points.denominator) // (2 * points.denominator)


def grade(total: Fraction) -> Grade:
    """The grade of an exact total: 89.9999999999 is not yet 优."""
    return next((reached for floor, reached in FLOORS if total >= floor), Grade.POOR)


def ranks(standings: Iterable[Standing]) -> dict[UnitCode, int]:
    """Ranks by exact total; of equals the heavier workload stands first, then places are shared (1, 1, 3)."""
    rank_of: dict[UnitCode, int] = {}
    last: tuple[Fraction, int] | None = None
    rank = 0
    for place, standing in enumerate(sorted(standings, key=lambda s: (-s.total, -s.workload)), 1):
        if (standing.total, standing.workload) != last:
            rank, last = place, (standing.total, standing.workload)
        rank_of[standing.unit] = rank
    return rank_of


def _points(micro: int | None) -> Fraction | None:
    return None if micro is None else Fraction(micro, MICRO)


_EXACT = Context(prec=60, traps=[Inexact])


def _decimal(exact: Fraction | None) -> Decimal | None:
    """The same number, as `100` or `87.5`. Raises decimal.Inexact if no decimal is the same."""
    if exact is None:
        return None
    short = _EXACT.divide(Decimal(exact.numerator), Decimal(exact.denominator)).normalize(_EXACT)
    return short.quantize(Decimal(1), context=_EXACT) if short == short.to_integral_value() else short
