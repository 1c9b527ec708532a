"""Puts what views make of a history into their tables, without a broker."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from shared.contracts.topics import PARTITIONS
from shared.database import Database
from shared.view import View
from shared.view_table import Kept, ViewTable, make_tables
from tests.projecting import History, fold_all


async def put(database: Database, history: History, views: Sequence[View[Any]], *, day: date | None = None) -> None:
    """Write the rows of these views; with `day` they have come as far as that day, in every partition."""
    await make_tables(database, views)
    async with database.driver() as connection:
        for view in views:
            rows = fold_all(view, history.events, day)
            kept = [
                Kept(key, 0, row, [history.parts.get((key, topic), 0) for topic in view.ordered_topics])
                for key, row in rows.items()
            ]
            if kept:
                await ViewTable(view).upsert(connection, kept)
            await connection.executemany(
                "insert into offsets(view, version, partition, topic, next, day) values ($1, $2, $3, $4, 0, $5)"
                " on conflict (view, version, partition, topic) do update set day = excluded.day",
                [(view.name, view.version, n, topic, day) for topic in view.topics for n in range(PARTITIONS)],
            )
