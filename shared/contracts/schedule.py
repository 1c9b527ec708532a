"""序时进度: the share of a project's work that should be done by a day."""

from collections.abc import Sequence
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from shared.contracts.project import Milestone

_NOTHING = Decimal(0)
_HUNDREDTH = Decimal("0.01")


def scheduled_percent(milestones: Sequence[Milestone], starts: date, day: date) -> Decimal:
    """Percent from 0 to 100, two decimals, half up; linear between the plan's start and its milestones.

    At a milestone's due day the share is the sum of the weights up to it; milestones due on one day count
    together. Before the start it is 0, after the last milestone the sum of all weights.
    """
    weights: dict[date, Decimal] = {}
    for milestone in milestones:
        weights[milestone.due] = weights.get(milestone.due, _NOTHING) + milestone.weight
    before, share = starts, _NOTHING
    for due, weight in sorted(weights.items()):
        if day < due:
            if day <= before:
                return _rounded(share)
            # Sums and products of such numbers are exact; the one quotient has more digits than a half needs.
            whole, passed = (due - before).days, (day - before).days
            return _rounded((share * whole + weight * passed) / whole)
        before, share = max(before, due), share + weight
    return _rounded(share)


def _rounded(share: Decimal) -> Decimal:
    return share.quantize(_HUNDREDTH, ROUND_HALF_UP)
