"""A view's table: how it is made, and the statements by which the runtime reads and writes its rows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Generic, TypeVar

import asyncpg
import orjson
from sqlalchemy import Connection, text
from sqlalchemy.dialects import postgresql

from shared.database import Database
from shared.view import SCHEMA, View, encode_rows

R = TypeVar("R")

_DIALECT = postgresql.dialect()  # type: ignore[no-untyped-call]


@dataclass(slots=True)
class Kept(Generic[R]):
    """A row as a batch holds it. `seen` is per topic in the view's order, `due` the column next_due."""

    key: str
    partition: int
    row: R
    seen: list[int]
    due: date | None = None


@dataclass(frozen=True, slots=True)
class Parked:
    """What is parked of a key in one topic: the highest version, and whether a record had none to be read."""

    highest: int
    unversioned: bool


class ViewTable(Generic[R]):
    """The statements of one view's table; all of them run within the caller's transaction."""

    def __init__(self, view: View[R]) -> None:
        self._view = view
        self._name = view.sql_name
        names = [f'"{name}"' for name in view.columns]
        own = "".join(f", {column}" for column in view.sql_columns("t"))
        self._load = _LOAD.format(table=self._name, columns=own)
        self._all = _ALL.format(table=self._name, columns=own)
        seen = [f"seen_{n}" for n in range(len(view.topics))]
        types = [view.table.c[name].type.compile(_DIALECT) for name in view.columns]
        self._upsert = _UPSERT.format(
            table=self._name,
            columns="".join(f", {name}" for name in names),
            versions=", ".join(seen),
            arrays="".join(f", unnest(${n + 5}::int[])" for n in range(len(seen))),
            record=", ".join(f"{name} {kind}" for name, kind in zip(names, types, strict=True)),
            set="".join(f", {name} = excluded.{name}" for name in names),
        )

    async def load(
        self, connection: asyncpg.Connection, keys: Sequence[str]
    ) -> tuple[dict[str, Kept[R]], dict[str, dict[str, Parked]]]:
        """The rows of these keys, as far as there are any, and what is parked of them by topic."""
        rows: dict[str, Kept[R]] = {}
        parked: dict[str, dict[str, Parked]] = {}
        for record in await connection.fetch(self._load, keys, self._view.name, self._view.version):
            if record["seen"] is not None:
                rows[record["key"]] = self._kept(record)
            if record["parked"] is not None:
                kept_back = orjson.loads(record["parked"])
                parked[record["key"]] = {topic: Parked(*fields) for topic, fields in kept_back.items()}
        return rows, parked

    async def load_all(self, connection: asyncpg.Connection, partition: int) -> list[Kept[R]]:
        """The rows of a partition."""
        return [self._kept(record) for record in await connection.fetch(self._all, partition)]

    async def load_due(self, connection: asyncpg.Connection, partition: int, day: date) -> list[Kept[R]]:
        """The rows of a partition that may change by themselves up to this day."""
        records = await connection.fetch(self._all + " and t.next_due <= $2", partition, day)
        return [self._kept(record) for record in records]

    async def upsert(self, connection: asyncpg.Connection, kept: Sequence[Kept[R]]) -> None:
        """Write rows, of distinct keys, in one statement.

        Raises:
            asyncpg.DataError, asyncpg.IntegrityConstraintViolationError, TypeError: a row cannot be stored.
        """
        await connection.execute(
            self._upsert,
            encode_rows([one.row for one in kept]),
            [one.key for one in kept],
            [one.partition for one in kept],
            [one.due for one in kept],
            *([one.seen[n] for one in kept] for n in range(len(self._view.topics))),
        )

    async def count(self, connection: asyncpg.Connection, partition: int) -> int:
        """The rows of a partition."""
        return await connection.fetchval(f"select count(*) from {self._name} where partition = $1", partition)  # noqa: S608

    def _kept(self, record: asyncpg.Record) -> Kept[R]:
        return Kept(record[0], record[1], self._view.decode(record[_OWN:]), record[2], record[3])


class ViewChanged(Exception):
    """A view's declaration differs from the table that an earlier code made for the same version; says how."""


async def make_tables(database: Database, views: Sequence[View[Any]]) -> None:
    """Make the tables that are not there, with their indexes; safe when several processes start at once.

    Raises:
        ViewChanged: a table that is there has other columns, or was made for other topics or categories.
    """
    async with database.core() as connection:
        await connection.execute(text(LOCK_TABLES))
        for view in views:
            await connection.run_sync(_create, view)
    async with database.driver() as connection:
        changes = {view.table_name: await _changes(connection, view) for view in views}
    words = [_in_words(view, changes[view.table_name]) for view in views if changes[view.table_name]]
    if words:
        raise ViewChanged(" ".join(words))


def _create(connection: Connection, view: View[Any]) -> None:
    view.table.create(connection, checkfirst=True)


async def _changes(connection: asyncpg.Connection, view: View[Any]) -> list[str]:
    """How a view's table differs from its declaration."""
    there = {row["name"]: row["type"] for row in await connection.fetch(_COLUMNS, view.sql_name)}
    declared = {column.name: column.type.compile(_DIALECT).lower() for column in view.table.columns}
    changes = [
        f"column {name} is {there.get(name, 'absent')} in the table and {declared.get(name, 'absent')} in the code"
        for name in [*declared, *sorted(there.keys() - declared.keys())]
        if there.get(name) != declared.get(name)
    ]
    made_for = await connection.fetchval("select obj_description(to_regclass($1), 'pg_class')", view.sql_name)
    if made_for is not None and made_for != view.table.comment:
        changes.append(f"the table {made_for} and the code {view.table.comment}")
    return changes


def _in_words(view: View[Any], changes: Sequence[str]) -> str:
    return (
        f"The view {view.name} was changed, and its version is still {view.version}: {'; '.join(changes)}. "
        f"Give it version {view.version + 1}, or build this one again: guatu views rebuild <service> {view.name}."
    )


async def drop_table(connection: asyncpg.Connection, name: str, version: int) -> None:
    """Drop a view's version: table, places, parked events. The caller has a transaction."""
    await connection.execute(LOCK_TABLES)
    await connection.fetch(_LOCK_PLACES, name, version)
    await connection.execute(f'drop table if exists {SCHEMA}."{name}_{version}"')
    await connection.execute("delete from offsets where view = $1 and version = $2", name, version)
    await connection.execute("delete from parked where view = $1 and version = $2", name, version)


LOCK_TABLES = "select pg_advisory_xact_lock(hashtext('guatu views'))"
"""To be the only one that makes, changes or drops tables of views, until the transaction ends."""

_COLUMNS = """
select attname as name, format_type(atttypid, atttypmod) as type from pg_attribute
where attrelid = to_regclass($1) and attnum > 0 and not attisdropped order by attnum"""

_LOCK_PLACES = "select 1 from offsets where view = $1 and version = $2 order by partition, topic for update"

_OWN = 5
"""Where the row's own columns begin in what `_LOAD` and `_ALL` give."""

_LOAD = """
select k.key, t.partition, t.seen, t.next_due, p.parked{columns}
from unnest($1::text[]) as k(key)
left join {table} t on t.key = k.key
left join (
    select q.key, jsonb_object_agg(q.topic, jsonb_build_array(q.highest, q.unversioned))::text as parked
    from (select key, topic, max(topic_version) as highest, bool_or(topic_version < 0) as unversioned
          from parked where view = $2 and version = $3 and key = any($1::text[]) group by key, topic) q
    group by q.key) p on p.key = k.key"""

_ALL = """
select t.key, t.partition, t.seen, t.next_due, null as parked{columns} from {table} t where t.partition = $1"""

_UPSERT = """
insert into {table} as t (key, partition, next_due, seen{columns})
select x.key, x.partition, x.next_due, array[{versions}]{columns}
from rows from (unnest($2::text[]), unnest($3::smallint[]), unnest($4::date[]){arrays},
                jsonb_to_recordset($1::jsonb) as ({record}))
     as x(key, partition, next_due, {versions}{columns})
on conflict (key) do update set partition = excluded.partition, seen = excluded.seen,
    next_due = excluded.next_due{set}"""
