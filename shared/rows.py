"""Whole rows of views, as their dataclasses."""

from collections.abc import Sequence
from typing import Any, TypeVar

import asyncpg

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
    return f"select {', '.join(('v.key', *view.sql_columns('v')))} from {view.sql_name} v"  # noqa: S608
