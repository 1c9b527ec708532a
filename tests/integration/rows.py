"""Puts rows into the tables of views, without a broker."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, TypeVar

from shared.contracts.topics import PARTITIONS
from shared.database import Database
from shared.view import View
from shared.view_table import Kept, ViewTable, make_tables
from tests.projecting import History, fold_all

R = TypeVar("R")


async def put(database: Database, history: History, views: Sequence[View[Any]], *, day: date | None = None) -> None:
    """Write what these views make of a history; with `day` they have come as far as that day, in every partition."""
    await make_tables(database, views)
    for view in views:
        rows = fold_all(view, history.events, day)
        seen = {key: [history.parts.get((key, topic), 0) for topic in view.ordered_topics] for key in rows}
        await put_rows(database, view, rows, seen)
        async with database.driver() as connection:
            await connection.executemany(
                _COME_AS_FAR_AS,
                [(view.name, view.version, n, topic, day) for topic in view.topics for n in range(PARTITIONS)],
            )


async def put_rows(
    database: Database, view: View[R], rows: Mapping[str, R], seen: Mapping[str, list[int]] | None = None
) -> None:
    """Write these rows by their keys."""
    nothing = [0] * len(view.topics)
    kept = [Kept(key, 0, row, seen[key] if seen else nothing) for key, row in rows.items()]
    if kept:
        async with database.driver() as connection:
            await ViewTable(view).upsert(connection, kept)


_COME_AS_FAR_AS = """
insert into offsets(view, version, partition, topic, next, day) values ($1, $2, $3, $4, 0, $5)
on conflict (view, version, partition, topic) do update set day = excluded.day"""
