"""Values that are drawn and fitted: to an exact mean, and to how many lie above a line. In whole hundredths."""

import random
from collections.abc import Sequence
from decimal import Decimal

from infra.scenario.model_around import Incomes

HUNDREDTHS = 100


class NoFit(Exception):
    """No values have this mean with so many of them above the line."""


def fitted(incomes: Incomes, count: int, rng: random.Random) -> list[Decimal]:
    """So many values, in an order of chance, whose mean is exactly that of `incomes`.

    Raises:
        NoFit: there are fewer than are to lie above the line, or the mean cannot be met between the bounds.
    """
    low, high = map(_whole, incomes.between)
    line, above = _whole(incomes.line), incomes.above
    if above > count:
        raise NoFit(f"{above} are to lie above the line, and there are {count}")
    bounds = [(line + 1, high)] * above + [(low, line)] * (count - above)
    if any(least > most for least, most in bounds):
        raise NoFit("the line does not lie between the lowest and the highest value")
    drawn = [min(rng.randint(*ends), rng.randint(*ends)) for ends in bounds]
    moved = _moved(drawn, bounds, _whole(incomes.mean) * count - sum(drawn))
    rng.shuffle(moved)
    return [Decimal(value) / HUNDREDTHS for value in moved]


def _moved(values: Sequence[int], bounds: Sequence[tuple[int, int]], by: int) -> list[int]:
    """The values moved by so much in all, each by its share of the room that there is towards its bound."""
    room = [most - value if by > 0 else value - least for value, (least, most) in zip(values, bounds, strict=True)]
    if abs(by) > sum(room):
        raise NoFit("the mean cannot be met between the lowest and the highest value")
    steps = [abs(by) * each // sum(room) for each in room] if by else [0] * len(values)
    left = abs(by) - sum(steps)
    for n, each in enumerate(room):
        if left and steps[n] < each:
            steps[n] += 1
            left -= 1
    sign = 1 if by > 0 else -1
    return [value + sign * step for value, step in zip(values, steps, strict=True)]


def _whole(amount: Decimal) -> int:
    return int(amount * HUNDREDTHS)
