"""The reviews of a county that says what they come to in all: who is refused at first, and who is asked for what."""

import random
from collections.abc import Sequence

from infra.scenario.model import County, Scenario
from infra.scenario.projects import Reviewed


def refused_for_good(scenario: Scenario, courses: Sequence[str]) -> list[int]:
    """Which projects, by their courses, are returned and never submitted again, or rejected."""
    return [n for n, name in enumerate(courses) if scenario.courses[name].outcome != "approved"]


def reviews_of(scenario: Scenario, county: County, courses: Sequence[str]) -> list[Reviewed | None]:
    """The review of each project; None where it is left to its course.

    Those that come to nothing are refused once, and so are as many of the others as are missing: they are approved in
    the second round. The opinions are spread over all, the refused before the others.
    """
    if county.review is None:
        return [None] * len(courses)
    rng = random.Random(f"{scenario.seed} {county.code} reviews")
    lost = refused_for_good(scenario, courses)
    others = [n for n in range(len(courses)) if n not in set(lost)]
    again = rng.sample(others, county.review.not_approved - len(lost))
    first = [*lost, *again]
    order = [*first, *rng.sample([n for n in others if n not in set(again)], len(others) - len(again))]
    opinions = dict.fromkeys(order, 0)
    for k in range(county.review.opinions):
        opinions[order[k % len(order)]] += 1
    rounds = {n: 2 if n in again else 1 for n in order}
    return [Reviewed(rounds[n], opinions[n]) for n in range(len(courses))]
