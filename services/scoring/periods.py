"""The days of a period: a quarter `2023-Q1`, a half `2023-H1` or a year `2023`."""

from dataclasses import dataclass
from datetime import date, timedelta

from shared.contracts.values import Period

_MONTHS = {"Q": 3, "H": 6}


@dataclass(frozen=True, slots=True)
class Span:
    """A period's first and last day, and its year."""

    first: date
    last: date

    @property
    def year(self) -> int:
        """The plan year that the period belongs to."""
        return self.first.year


def span(period: Period) -> Span:
    """The days of a period."""
    year, _, part = period.partition("-")
    if not part:
        return Span(date(int(year), 1, 1), date(int(year), 12, 31))
    length = _MONTHS[part[0]]
    first = date(int(year), (int(part[1:]) - 1) * length + 1, 1)
    after = date(first.year + (first.month + length > 12), (first.month + length - 1) % 12 + 1, 1)
    return Span(first, after - timedelta(days=1))


def length(period: Period) -> str:
    """Which periods it is one of: `Q` quarters, `H` halves, `Y` years. Only such follow each other."""
    part = period.partition("-")[2]
    return part[:1] or "Y"
