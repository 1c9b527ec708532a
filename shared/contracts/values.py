"""The values that events are made of. Exact numbers travel as decimal strings, days as ISO dates."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Annotated, NewType

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints

StreamId = NewType("StreamId", str)

FIRST_YEAR, LAST_YEAR = 2000, 2100
"""The years that facts are about; far beyond them the arithmetic of days, and with it a fold, would fail."""

Day = Annotated[date, Field(ge=date(FIRST_YEAR, 1, 1), le=date(LAST_YEAR, 12, 31))]


@dataclass(frozen=True)
class OneLine:
    """Marks what is told on one line; what was told before is read as it stands (shared/visible.py)."""


Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=4000)]
ShortText = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200), OneLine()]
OptionalText = Annotated[str, StringConstraints(strip_whitespace=True, max_length=4000)]
OptionalLine = Annotated[str, StringConstraints(strip_whitespace=True, max_length=4000), OneLine()]
SLUG = r"^[a-z0-9][a-z0-9_-]{0,63}$"
Slug = Annotated[str, StringConstraints(pattern=SLUG)]


def _of_ascii(text: str) -> str:
    if not text.isascii():
        raise ValueError("its digits are 0 to 9")
    return text


Digest = Annotated[str, StringConstraints(pattern="^[0-9a-f]{64}$")]
"""A SHA-256 in hexadecimal digits."""


UNIT_CODE = r"^(\d{2}0000|\d{6}|\d{9}|\d{12}|\d{6}-[DEX]\d{4})$"
UnitCode = Annotated[str, StringConstraints(pattern=UNIT_CODE), AfterValidator(_of_ascii)]
"""A national division code of 6, 9 or 12 digits, or `<county code>-D0001` (department), `-E0001`, `-X0001`."""

PERSON_ID = r"^[a-z0-9][a-z0-9-]{0,63}$"
PersonId = Annotated[str, StringConstraints(pattern=PERSON_ID)]
PROJECT_ID = r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"
ProjectId = Annotated[str, StringConstraints(pattern=PROJECT_ID)]


def of_known_years(period: str) -> str:
    """The period, whose year facts can be about; raises ValueError for another."""
    if not (period.isascii() and FIRST_YEAR <= int(period[:4]) <= LAST_YEAR):
        raise ValueError(f"its year is one from {FIRST_YEAR} to {LAST_YEAR}, in the digits 0 to 9")
    return period


PERIOD = r"^\d{4}(-Q[1-4]|-H[12])?$"
Period = Annotated[str, StringConstraints(pattern=PERIOD), AfterValidator(of_known_years)]
"""A quarter `2023-Q1`, a half `2023-H1` or a year `2023`."""
MONTH = r"^\d{4}-(0[1-9]|1[0-2])$"
Month = Annotated[str, StringConstraints(pattern=MONTH), AfterValidator(of_known_years)]
Year = Annotated[int, Field(ge=FIRST_YEAR, le=LAST_YEAR)]


def _exact(value: object) -> object:
    if isinstance(value, float):
        raise ValueError("an exact number is written as a string, such as '56.8'")
    return value


_Exact = BeforeValidator(_exact, json_schema_input_type=Annotated[str, Field(pattern=r"^-?\d+(\.\d+)?$")] | int)


def _places(limit: int) -> AfterValidator:
    def check(value: Decimal) -> Decimal:
        exponent = value.as_tuple().exponent
        if not isinstance(exponent, int) or -exponent > limit:
            raise ValueError(f"at most {limit} decimal places")
        return value

    return AfterValidator(check)


Percent = Annotated[Decimal, _Exact, Field(ge=0, le=100), _places(2)]
"""0 to 100, at most two decimals."""
Points = Annotated[Decimal, _Exact, Field(ge=0, le=1000), _places(6)]
"""Points of a score, at most six decimals."""
Amount = Annotated[Decimal, _Exact, Field(ge=-(10**15), le=10**15), _places(6)]
"""A measured amount in the unit that its field names."""
Weight = Annotated[Decimal, _Exact, Field(gt=0, le=100), _places(4)]
