"""序时进度: the share of a project's work that should be done by a day."""

from collections.abc import Sequence
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from shared.contracts.project import Milestone

_HUNDREDTH = Decimal("0.01")


def scheduled_percent(milestones: Sequence[Milestone], starts: date, day: date) -> Decimal:
    """Percent from 0 to 100, two decimals, half up; linear between the plan's start and its milestones.

    At a milestone's due day the share is the sum of the weights up to it; milestones due on one day count
    together. Before the start it is 0, after the last milestone the sum of all weights.
    """
    before, share = starts, Fraction(0)
    for due, weight in _by_due(milestones):
        if day < due:
            return _rounded(share + _passed(before, due, day) * weight)
        before, share = max(before, due), share + weight
    return _rounded(share)


def _passed(before: date, due: date, day: date) -> Fraction:
    """The share of the way from one day to a later one that is gone on `day`, which is before the later one."""
    return Fraction((day - before).days, (due - before).days) if day > before else Fraction(0)


def _by_due(milestones: Sequence[Milestone]) -> list[tuple[date, Fraction]]:
    weights: dict[date, Fraction] = {}
    for milestone in milestones:
        weights[milestone.due] = weights.get(milestone.due, Fraction(0)) + Fraction(milestone.weight)
    return sorted(weights.items())


def _rounded(share: Fraction) -> Decimal:
    exact = Decimal(share.numerator) / Decimal(share.denominator)
    return exact.quantize(_HUNDREDTH, ROUND_HALF_UP)
