"""What a view is: a table of rows, the events it reads, and one pure function."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from functools import cached_property
from types import NoneType, UnionType
from typing import Any, Generic, NewType, TypeVar, Union, get_args, get_origin, get_type_hints
from uuid import UUID

import orjson
from pydantic import BaseModel, TypeAdapter
from sqlalchemy import (
    Boolean,
    Column,
    ColumnElement,
    Date,
    DateTime,
    Index,
    Integer,
    MetaData,
    Numeric,
    SmallInteger,
    Table,
    Text,
    Uuid,
    cast,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.types import TypeEngine

from shared.contracts.event import Event
from shared.contracts.topics import Topic

R = TypeVar("R")

SCHEMA = "views"
RUNTIME_COLUMNS = ("key", "partition", "seen", "next_due")

_SQL_TYPES: Mapping[type, TypeEngine[Any]] = {
    str: Text(),
    int: Integer(),
    bool: Boolean(),
    Decimal: Numeric(),
    date: Date(),
    datetime: DateTime(timezone=True),
    UUID: Uuid(),
}


@dataclass(frozen=True)
class View(Generic[R]):
    """A projection of events into rows, one row a subject.

    Shapes: `row` is a frozen dataclass whose fields all have defaults; `row()` is what a subject is before its
    first event. Its table has these fields as columns (str, int, bool, Decimal, date, datetime, UUID, StrEnum
    and their optionals by type, everything else as jsonb) beside the runtime's own: `key` (the stream id, which
    is the message's key), `partition`, `seen` (per topic of `topics`, in the order of their names: the version
    up to which the row has folded) and `next_due`.

    `topics` says which categories of streams are folded from which topics; other keys only advance the offset.
    `evolve(row, event)` folds one event. A row that two topics feed keeps a part for each, and `settle(row,
    day)` computes what needs both, or needs today: it looks at nothing but the row and the day, is run on every
    changed row and, for rows with `next_due(row) <= day`, when a day begins. `day` is the lesser of the topics'
    days, None before the first; when that begins all rows are settled.

    `indexes` are of columns, `member_indexes` of what is in a jsonb column (SQLAlchemy's `has_all`).

    A changed view gets the next `version`, and with it a new table beside the old one.
    """

    name: str
    version: int
    row: type[R]
    topics: Mapping[Topic, frozenset[str]]
    evolve: Callable[[R, Event[Any]], R]
    settle: Callable[[R, date | None], R] | None = None
    next_due: Callable[[R], date | None] | None = None
    indexes: Sequence[tuple[str, ...]] = ()
    member_indexes: Sequence[str] = ()

    def __post_init__(self) -> None:
        self.row()
        for name in self.columns:
            if name in RUNTIME_COLUMNS or name.startswith("_"):
                raise TypeError(f"a row's field cannot be called {name}")

    @cached_property
    def ordered_topics(self) -> tuple[Topic, ...]:
        """The topics by name: the order of locks and of `seen`."""
        return tuple(sorted(self.topics))

    @property
    def table_name(self) -> str:
        """`<name>_<version>`, in the schema `views`."""
        return f"{self.name}_{self.version}"

    @property
    def sql_name(self) -> str:
        """The name of the view's table, with its schema, as it stands in a statement."""
        return f'{SCHEMA}."{self.table_name}"'

    def sql_columns(self, table: str) -> tuple[str, ...]:
        """The row's own columns as `decode` takes them, of the table with this name in a statement."""
        as_text = ("::text" if isinstance(self.table.c[name].type, JSONB) else "" for name in self.columns)
        return tuple(f'{table}."{name}"{text}' for name, text in zip(self.columns, as_text, strict=True))

    @cached_property
    def core_columns(self) -> tuple[ColumnElement[Any], ...]:
        """The same of the view's table, for queries by SQLAlchemy Core."""
        columns = (self.table.c[name] for name in self.columns)
        return tuple(cast(each, Text) if isinstance(each.type, JSONB) else each for each in columns)

    @cached_property
    def table(self) -> Table:
        """The view's table, for queries by SQLAlchemy Core."""
        hints = get_type_hints(self.row)
        return Table(
            self.table_name,
            MetaData(schema=SCHEMA),
            Column("key", Text, primary_key=True),
            Column("partition", SmallInteger, nullable=False),
            Column("seen", ARRAY(Integer), nullable=False),
            Column("next_due", Date),
            *(Column(f.name, _sql_type(hints[f.name])) for f in fields(self.row)),  # type: ignore[arg-type]
            *(Index(f"{self.table_name}_{'_'.join(columns)}", *columns) for columns in self._all_indexes()),
            *(Index(f"{self.table_name}_{name}", name, postgresql_using="gin") for name in self.member_indexes),
            comment=self._reads,
        )

    @property
    def _reads(self) -> str:
        """What the table is made for, in words: a view of the same version that reads other things is refused."""
        parts = [f"{topic.value} ({', '.join(sorted(self.topics[topic]))})" for topic in self.ordered_topics]
        return f"folds {', '.join(parts)}"

    def _all_indexes(self) -> Sequence[tuple[str, ...]]:
        return [*self.indexes, ("partition", "next_due")] if self.next_due else self.indexes

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """The names of the row's own columns, in the order of its fields."""
        return tuple(f.name for f in fields(self.row))  # type: ignore[arg-type]

    @cached_property
    def _decoders(self) -> tuple[Callable[[Any], Any] | None, ...]:
        hints = get_type_hints(self.row)
        return tuple(_decoder(hints[name]) for name in self.columns)

    def decode(self, values: Sequence[Any]) -> R:
        """A row from its columns' values as the driver gives them, in the order of `columns`, jsonb as text."""
        return self.row(
            *(
                value if decode is None or value is None else decode(value)
                for value, decode in zip(values, self._decoders, strict=True)
            )
        )


def encode_rows(rows: Sequence[object]) -> str:
    """Rows as the JSON text that `jsonb_to_recordset` takes; exact numbers as strings.

    Raises:
        TypeError: a value has no JSON form.
    """
    return orjson.dumps(rows, default=_plain, option=orjson.OPT_NON_STR_KEYS).decode()


def _plain(value: object) -> object:
    match value:
        case Decimal() | UUID():
            return str(value)
        case set() | frozenset():
            return sorted(value)  # type: ignore[type-var]
        case BaseModel():
            return value.model_dump(mode="json")
        case _:
            raise TypeError(f"{type(value).__name__} cannot be a column's value")


def _without_none(hint: Any) -> Any:
    if get_origin(hint) in (Union, UnionType):
        rest = [a for a in get_args(hint) if a is not NoneType]
        if len(rest) == 1:
            return _without_none(rest[0])
    if isinstance(hint, NewType):
        return _without_none(hint.__supertype__)
    return hint


def _sql_type(hint: Any) -> TypeEngine[Any]:
    plain = _without_none(hint)
    if isinstance(plain, type) and issubclass(plain, StrEnum):
        return Text()
    return _SQL_TYPES.get(plain, JSONB())


def _decoder(hint: Any) -> Callable[[Any], Any] | None:
    plain = _without_none(hint)
    if isinstance(plain, type) and issubclass(plain, StrEnum):
        return plain
    if plain in _SQL_TYPES:
        return None
    return TypeAdapter[Any](plain).validate_json
