"""How numbers, days and names are written on pages: filters of the templates, and plain functions."""

from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal

from markupsafe import Markup, escape

from shared.clock import SHANGHAI

PENDING = "待报"
"""What stands for a value that is not there yet; it is never zero."""


def rounded(value: Decimal, places: int) -> Decimal:
    """Half up, as people round."""
    return value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)


def number(value: int | Decimal | None, places: int = 0) -> str:
    """12,400 with thousands' commas, a true minus and the given decimals, half up; 待报 if there is none."""
    if value is None:
        return PENDING
    shown = rounded(Decimal(value), places)
    return f"{abs(shown):,f}" if shown == 0 else f"{shown:,f}".replace("-", "−")


def signed(value: int | Decimal | None, places: int = 1) -> str:
    """A difference with its sign: +5.5, −12.7, 0.0."""
    text = number(value, places)
    return f"+{text}" if value is not None and rounded(Decimal(value), places) > 0 else text


def day(value: date | None) -> str:
    """2026-11-20, as in tables."""
    return PENDING if value is None else value.isoformat()[:10]


def day_in_words(value: date) -> str:
    """2026年11月20日, as in prose."""
    return f"{value.year}年{value.month}月{value.day}日"


def moment(value: datetime | None, form: str = "%Y-%m-%d %H:%M") -> str:
    """2026-11-20 09:30 in China's time, or in another form of strftime."""
    return PENDING if value is None else value.astimezone(SHANGHAI).strftime(form)


def person(name: str) -> str:
    """A name of two characters is set as wide as one of three: 程　亮."""
    return f"{name[0]}\u3000{name[1]}" if len(name) == 2 else name


def lines(text: str) -> Markup:
    """A text of several lines as HTML, each on its own."""
    return Markup("<br>").join(escape(line) for line in text.split("\n"))
