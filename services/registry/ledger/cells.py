"""What a cell says: texts, days, months and numbers, however a spreadsheet has kept them."""

import re
import unicodedata
from datetime import date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from functools import lru_cache

from services.registry.ledger.workbook import Raw
from shared.contracts.months import month_of
from shared.errors import InvalidValue
from shared.spreadsheet import plain
from shared.visible import has_lines, unseen_in

_EPOCH = date(1899, 12, 30)
_FROM_1904 = timedelta(days=1462)
_SERIALS = range(20_000, 80_000)
"""Days of 1954 to 2119, as spreadsheets count them."""
_DAY = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[ T]00:00(?::00)?)?", re.ASCII)
_DIGITS = re.compile(r"(\d{4})(\d{2})(\d{2})", re.ASCII)
_MONTH = re.compile(r"(2\d{3})(?:[-/.年](\d{1,2})月?|(\d{2}))", re.ASCII)
_LINES = re.compile(r"[\n;；]+")


def text(raw: Raw) -> str:
    """A text, without what a spreadsheet was kept from evaluating it by; numbers as they are read.

    Raises:
        InvalidValue("invisible_character"): it has one that no reader would see.
    """
    match raw:
        case str():
            told = plain(raw.replace("\r\n", "\n").replace("\r", "\n") if "\r" in raw else raw).strip()
        case bool():
            return "是" if raw else "否"
        case float() | int():
            return _digits(raw)
        case datetime():
            return raw.date().isoformat()
        case date() | time() | timedelta():
            return str(raw)
    if unseen := unseen_in(told):
        raise InvalidValue("invisible_character", None, unseen)
    return told


def one_line(raw: Raw) -> str:
    """A text of one line: titles and the like.

    Raises:
        InvalidValue("invisible_character" | "not_one_line").
    """
    told = text(raw)
    if has_lines(told):
        raise InvalidValue("not_one_line")
    return told


def word(raw: Raw) -> str:
    """A text of one line in the usual width: names, codes."""
    return usual(text(raw))


def usual(told: str) -> str:
    """A text in the usual width: what is registered is found by it, however it is written."""
    return told if told.isascii() else unicodedata.normalize("NFKC", told).strip()


def lines(raw: Raw) -> list[str]:
    """The parts of a text between line breaks and semicolons."""
    return [part.strip() for part in _LINES.split(text(raw)) if part.strip()]


_READ = 1024
"""Days and months that are known by how they were written: rows name the same ones again and again."""


@lru_cache(_READ, typed=True)
def day(raw: Raw, *, from_1904: bool) -> date:
    """A day.

    Raises:
        InvalidValue("not_a_day").
    """
    match raw:
        case datetime():
            return raw.date()
        case date():
            return raw
        case float() | int() if not isinstance(raw, bool) and _SERIALS.start <= raw < _SERIALS.stop:
            return _EPOCH + timedelta(days=int(raw)) + (_FROM_1904 if from_1904 else timedelta())
        case _:
            told = word(raw)
            found = _DAY.fullmatch(told) or _DIGITS.fullmatch(told)
            made = found and _date(*map(int, found.groups()))
            if made is None:
                raise InvalidValue("not_a_day")
            return made


@lru_cache(_READ, typed=True)
def month(raw: Raw, *, from_1904: bool) -> str:
    """A month as `2023-07`; a day of it will do. What was typed as 2023.10 is the number 2023.1, as is 2023.1.

    Raises:
        InvalidValue("not_a_month").
    """
    if isinstance(raw, date):
        return month_of(raw)
    if isinstance(raw, float) and not raw.is_integer() and raw < _SERIALS.start:
        raise InvalidValue("not_a_month")
    found = _MONTH.fullmatch(word(raw))
    first = found and _date(int(found[1]), int(found[2] or found[3]), 1)
    if first is not None:
        return month_of(first)
    try:
        return month_of(day(raw, from_1904=from_1904))
    except InvalidValue:
        raise InvalidValue("not_a_month") from None


def number(raw: Raw) -> Decimal:
    """An exact number; a sign of percent after it is left out.

    Raises:
        InvalidValue("not_a_number").
    """
    told = word(raw).removesuffix("%").strip()
    try:
        value = Decimal(told)
    except InvalidOperation:
        raise InvalidValue("not_a_number") from None
    if not value.is_finite():
        raise InvalidValue("not_a_number")
    return value


def percent(raw: Raw) -> Decimal:
    """A percent. A number of at most 1 may be a share that a spreadsheet shows as a percent: which, nobody can say.

    Raises:
        InvalidValue("not_a_number" | "share_or_percent").
    """
    value = number(raw)
    if not isinstance(raw, str) and 0 < value <= 1:
        raise InvalidValue("share_or_percent")
    return value


def year(raw: Raw) -> int:
    """A year.

    Raises:
        InvalidValue("not_a_plan_year").
    """
    told = word(raw).removesuffix("年度").removesuffix("年")
    if not (told.isascii() and told.isdecimal() and len(told) == 4):
        raise InvalidValue("not_a_plan_year")
    return int(told)


def _digits(raw: float) -> str:
    """A number as its shortest decimal text: a binary float goes no further than this."""
    exact = Decimal(repr(raw))
    return f"{exact:f}" if exact != exact.to_integral_value() else f"{exact.to_integral_value():f}"


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
