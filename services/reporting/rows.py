"""Whole rows of views, as their dataclasses."""

from collections.abc import Iterator, Sequence
from typing import Any, TypeVar

import asyncpg
from sqlalchemy import Column
from sqlalchemy.dialects.postgresql import JSONB

from services.reporting.views import table_of
from shared.view import View

R = TypeVar("R")


async def row_of(connection: asyncpg.Connection, view: View[R], key: str) -> R | None:
    """The row of a subject, or None if nothing is known of it."""
    record = await connection.fetchrow(f"{_select(view)} where key = $1", key)
    return view.decode(tuple(record)[1:]) if record else None


async def rows_where(
    connection: asyncpg.Connection, view: View[R], condition: str, *arguments: Any
) -> Sequence[tuple[str, R]]:
    """The rows for which an SQL condition holds, with their keys; the condition may also order and limit them."""
    records = await connection.fetch(f"{_select(view)} where {condition}", *arguments)
    return [(record[0], view.decode(tuple(record)[1:])) for record in records]


def _select(view: View[Any]) -> str:
    """Rows as `decode` takes them: jsonb as text."""
    columns = (f', "{c.name}"{"::text" if isinstance(c.type, JSONB) else ""}' for c in _own_columns(view))
    return f"select key{''.join(columns)} from {table_of(view)}"  # noqa: S608


def _own_columns(view: View[Any]) -> Iterator[Column[Any]]:
    return (view.table.c[name] for name in view.columns)
