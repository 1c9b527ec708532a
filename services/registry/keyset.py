"""Lists a part at a time: each is asked for after the place where the one before it ended (keyset pagination)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Annotated, Any, Generic, TypeVar

from fastapi import Query
from pydantic import BaseModel
from sqlalchemy import ColumnElement, Select, bindparam, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.errors import InvalidValue

M = TypeVar("M", bound=BaseModel)
T = TypeVar("T")

After = Annotated[str, Query(max_length=300, pattern=r"^[^\x00]*$", description="The `next` of the answer before")]
_BETWEEN = "~"


class Part(BaseModel, Generic[M]):
    """Lines of a list in their order; `next` is the `after` of those that follow, null if these are the last."""

    items: list[M]
    next: str | None


@dataclass(frozen=True)
class Paging:
    """Which part of a list is asked for: so many lines, from the first on or after a place."""

    limit: int
    after: str = ""


@dataclass(frozen=True)
class Found(Generic[T]):
    """The rows of a part, and the place where it ends if others follow."""

    rows: list[T]
    next: str | None


async def part_of(
    connection: AsyncConnection, query: Select[Any], by: Sequence[ColumnElement[Any]], page: Paging, *, falling: bool
) -> Found[tuple[Any, ...]]:
    """The rows of a part, in the order of columns that are unique together.

    Raises:
        InvalidValue("no_such_place"): it is said to begin after something that is no place in this list.
    """
    query = query.add_columns(*by).order_by(*(column.desc() if falling else column.asc() for column in by))
    if page.after:
        bounds = zip(by, _values(page.after, by), strict=True)
        here, end = tuple_(*by), tuple_(*(bindparam(None, value, type_=column.type) for column, value in bounds))
        query = query.where(here < end if falling else here > end)
    rows = list((await connection.execute(query.limit(page.limit + 1))).all())
    shown = [tuple(row) for row in rows[: page.limit]]
    more = len(rows) > page.limit
    return Found([row[: -len(by)] for row in shown], place(shown[-1][-len(by) :]) if more else None)


def place(values: Iterable[Any]) -> str:
    """The place after the line that has these values in the columns of a list's order."""
    return _BETWEEN.join(value.isoformat() if isinstance(value, date) else str(value) for value in values)


def _values(after: str, by: Sequence[ColumnElement[Any]]) -> list[Any]:
    texts = after.split(_BETWEEN)
    try:
        return [_value(text, column.type.python_type) for text, column in zip(texts, by, strict=True)]
    except (ValueError, OverflowError):
        raise InvalidValue("no_such_place", "after") from None


def _value(text: str, kind: type) -> Any:
    if kind is datetime:
        return datetime.fromisoformat(text).astimezone(UTC)
    return date.fromisoformat(text) if kind is date else text
