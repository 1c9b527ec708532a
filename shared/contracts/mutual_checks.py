"""Mutual checks (互比互查): each quarter every township committee of a county checks another one, drawn by lot.

Written by the registry (stream `mutual-<county>-<quarter>`).
"""

from collections.abc import Collection
from hashlib import sha256
from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints

from shared.contracts.event import EventData, Part
from shared.contracts.topics import Topic
from shared.contracts.values import Day, OptionalText, ShortText, UnitCode, of_known_years

QUARTER = r"^\d{4}-Q[1-4]$"
Quarter = Annotated[str, StringConstraints(pattern=QUARTER), AfterValidator(of_known_years)]
"""A quarter, `2023-Q1`."""


class Pair(Part):
    """Who checks whom."""

    checking: UnitCode
    checked: UnitCode


class MutualChecksDrawn(EventData, topic=Topic.PROGRESS, name="progress.mutual-checks-drawn.v1"):
    """The lot of a county and quarter; anybody can draw it again from the seed (`drawn`)."""

    county: UnitCode
    quarter: Quarter
    seed: ShortText
    pairs: tuple[Pair, ...] = Field(min_length=2)


class MutualCheckHeld(EventData, topic=Topic.PROGRESS, name="progress.mutual-check-held.v1"):
    """A township committee checked the one that it had drawn, on the day `on`."""

    checking: UnitCode
    checked: UnitCode
    on: Day
    note: OptionalText = ""


MutualEvent = MutualChecksDrawn | MutualCheckHeld


def drawn(seed: str, townships: Collection[str]) -> tuple[Pair, ...]:
    """The pairs that a seed gives over townships: one cycle through all of them, so that nobody checks itself.

    Sattolo's algorithm over the codes in their order; the number that swaps place `i` is
    SHA-256("<seed>/<i>"), read as an integer, modulo `i`.
    """
    checking = sorted(townships)
    checked = list(checking)
    for i in range(len(checked) - 1, 0, -1):
        k = int.from_bytes(sha256(f"{seed}/{i}".encode()).digest()) % i
        checked[i], checked[k] = checked[k], checked[i]
    return tuple(Pair(checking=one, checked=other) for one, other in zip(checking, checked, strict=True))
