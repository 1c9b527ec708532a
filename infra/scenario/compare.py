"""Holds what was counted against what was published."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from infra.scenario.model import Published


@dataclass(frozen=True, slots=True)
class Row:
    """One figure of a unit: as published, as counted, and whether the count is accepted."""

    unit: str
    figure: str
    published: str
    counted: str
    same: bool


def compared(published: Sequence[Published], counted: Mapping[tuple[str, str], str]) -> list[Row]:
    """A row for every published figure; one that was not counted, by unit and name, is not the same."""
    return [
        Row(
            each.unit,
            name,
            figure.published,
            counted.get((each.unit, name), "—"),
            accepted(counted.get((each.unit, name)), figure.accept),
        )
        for each in published
        for name, figure in each.figures.items()
    ]


def accepted(counted: str | None, accept: str) -> bool:
    """Whether a count is the text itself, or lies in the range `55..65` or `3..`, both ends included."""
    if counted is None:
        return False
    if ".." not in accept:
        return counted == accept
    low, high = accept.split("..")
    try:
        value = Decimal(counted)
    except InvalidOperation:
        return False
    return Decimal(low) <= value and (not high or value <= Decimal(high))
