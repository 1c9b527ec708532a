"""What a scenario file is made of: tables; counts, spans of days, words."""

import re
from datetime import date, time
from decimal import Decimal
from typing import Annotated, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from shared.contracts.project import Criterion
from shared.contracts.reference import Role
from shared.contracts.values import Day, ShortText, Text

E = TypeVar("E", int, date, Decimal)


class Part(BaseModel):
    """A table of the file; unknown names are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def _in_order(ends: tuple[E, E]) -> tuple[E, E]:
    if ends[0] > ends[1]:
        raise ValueError(f"{ends[0]} comes after {ends[1]}")
    return ends


def _with_place(text: str) -> str:
    try:
        text.format(place="")
    except (LookupError, ValueError, AttributeError) as error:
        raise ValueError(f"nothing but {{place}} may stand in braces: {text}") from error
    return text


def _with_number(text: str) -> str:
    try:
        text.format(n=1)
    except (LookupError, ValueError, AttributeError) as error:
        raise ValueError(f"nothing but {{n}} may stand in braces: {text}") from error
    return text


def _some(weights: tuple[int, ...]) -> tuple[int, ...]:
    if not any(weights):
        raise ValueError("one weight at least must be more than 0")
    return weights


def _every_criterion(criteria: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    if criteria.keys() != {criterion.value for criterion in Criterion}:
        raise ValueError(f"the criteria are {', '.join(Criterion)}")
    return criteria


def _every_role(titles: dict[Role, str]) -> dict[Role, str]:
    if titles.keys() != set(Role):
        raise ValueError(f"the roles are {', '.join(Role)}")
    return titles


def _of_the_city(hour: time) -> time:
    if hour.tzinfo is not None:
        raise ValueError("an hour is written 08:30, without a zone")
    return hour


def _range_or_text(accept: str) -> str:
    if ".." in accept and not re.fullmatch(r"[0-9]+(\.[0-9]+)?\.\.([0-9]+(\.[0-9]+)?)?", accept):
        raise ValueError("a range is written 55..65, or 55.. without an end")
    return accept


Count = Annotated[int, Field(ge=0, le=1_000_000)]
Some = Annotated[int, Field(ge=1, le=1_000_000)]
Share = Annotated[float, Field(ge=0, le=1)]
Weights = Annotated[tuple[Count, ...], AfterValidator(_some)]

After = Annotated[int, Field(ge=0, le=3660)]
"""Days after something, at most ten years."""
Later = Annotated[int, Field(ge=1, le=3660)]
"""The same, but not on the same day."""
Range = Annotated[tuple[After, After], AfterValidator(_in_order), Field(description="from and to, both included")]
LaterRange = Annotated[tuple[Later, Later], AfterValidator(_in_order), Field(description="from and to, both included")]
Days = Annotated[tuple[Day, Day], AfterValidator(_in_order), Field(description="first and last")]

Hour = Annotated[time, AfterValidator(_of_the_city), Field(description="`08:30`, in Asia/Shanghai")]

_Pace = Annotated[Decimal, Field(ge=Decimal("0.01"), le=100)]
Paces = Annotated[tuple[_Pace, _Pace], AfterValidator(_in_order)]
_Points = Annotated[int, Field(ge=0, le=100)]
PointsRange = Annotated[tuple[_Points, _Points], AfterValidator(_in_order)]

Words = Annotated[tuple[Text, ...], Field(min_length=1)]
Phrase = Annotated[Text, AfterValidator(_with_place), Field(description="`{place}` is the name of a unit")]
Phrases = Annotated[tuple[Phrase, ...], Field(min_length=1)]
Criteria = Annotated[dict[str, Phrases], AfterValidator(_every_criterion)]
Titles = Annotated[dict[Role, ShortText], AfterValidator(_every_role)]
Numbered = Annotated[ShortText, AfterValidator(_with_number), Field(description="`{n}` is the number")]
Accepted = Annotated[str, AfterValidator(_range_or_text), Field(description="a text, or a range `350..360`")]
