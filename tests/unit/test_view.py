"""What a view is: its table, and its rows there and back."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

import orjson
import pytest
from pydantic import Field
from sqlalchemy.dialects import postgresql

from shared.contracts.event import Event
from shared.contracts.project import Milestone
from shared.contracts.topics import Topic
from shared.contracts.values import StreamId
from shared.view import View, encode_rows
from tests.boards import BOARD


class Colour(StrEnum):
    RED = "red"


@dataclass(frozen=True, slots=True)
class Row:
    text: str = ""
    stream: StreamId | None = None
    order: int = 0
    flag: bool | None = None
    exact: Decimal = Decimal(0)
    limited: Annotated[Decimal, Field(ge=0)] | None = None
    day: date | None = None
    moment: datetime | None = None
    id: UUID | None = None
    colour: Colour = Colour.RED
    tags: frozenset[str] = frozenset()
    by_colour: dict[Colour, Decimal] | None = None
    milestones: tuple[Milestone, ...] = ()


def ignore(row: Row, event: Event[Any]) -> Row:
    return row


VIEW = View("sample", 3, Row, {Topic.PROJECT: frozenset({"project"}), Topic.PROGRESS: frozenset({"project"})}, ignore)


def test_a_row_is_a_table_with_columns_of_its_fields() -> None:
    dialect = postgresql.dialect()
    types = {column.name: column.type.compile(dialect) for column in VIEW.table.columns}
    assert VIEW.table.fullname == "views.sample_3"
    assert types == {
        "key": "TEXT",
        "partition": "SMALLINT",
        "seen": "INTEGER[]",
        "next_due": "DATE",
        "text": "TEXT",
        "stream": "TEXT",
        "order": "INTEGER",
        "flag": "BOOLEAN",
        "exact": "NUMERIC",
        "limited": "NUMERIC",
        "day": "DATE",
        "moment": "TIMESTAMP WITH TIME ZONE",
        "id": "UUID",
        "colour": "TEXT",
        "tags": "JSONB",
        "by_colour": "JSONB",
        "milestones": "JSONB",
    }


def test_topics_stand_in_the_order_of_their_names() -> None:
    assert VIEW.ordered_topics == (Topic.PROGRESS, Topic.PROJECT)


def test_indexes_are_the_views_own_and_one_for_what_is_due() -> None:
    assert not VIEW.table.indexes
    assert {index.name for index in BOARD.table.indexes} == {"board_1_county_year", "board_1_partition_next_due"}


def test_a_row_comes_back_from_its_columns() -> None:
    milestone = Milestone(id="m1", title="开工", due=date(2023, 4, 1), weight=Decimal("33.3"))
    row = Row(
        text="挂图",
        tags=frozenset({"b", "a"}),
        by_colour={Colour.RED: Decimal("0.10")},
        milestones=(milestone,),
        id=UUID(int=7),
    )
    [written] = orjson.loads(encode_rows([row]))
    assert written["tags"] == ["a", "b"]
    assert written["milestones"][0]["weight"] == "33.3"
    json = {"tags", "by_colour", "milestones"}
    given = [
        orjson.dumps(written[name]).decode() if name in json and written[name] is not None else getattr(row, name)
        for name in VIEW.columns
    ]
    assert VIEW.decode(given) == row


def test_exact_numbers_are_written_exactly() -> None:
    [written] = orjson.loads(encode_rows([Row(exact=Decimal("0.10"))]))
    assert written["exact"] == "0.10"


def test_a_value_without_a_form_is_refused() -> None:
    with pytest.raises(TypeError):
        encode_rows([replace(Row(), by_colour=object())])  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["key", "partition", "seen", "next_due", "_hidden"])
def test_a_field_cannot_have_the_name_of_a_column_of_the_runtime(name: str) -> None:
    taken = dataclass(frozen=True)(type("Taken", (), {"__annotations__": {name: str}, name: ""}))
    with pytest.raises(TypeError, match=name):
        View("taken", 1, taken, {Topic.PROJECT: frozenset({"project"})}, lambda row, event: row)


def test_a_row_has_to_exist_before_its_first_event() -> None:
    @dataclass(frozen=True)
    class Demanding:
        name: str

    with pytest.raises(TypeError):
        View("demanding", 1, Demanding, {Topic.PROJECT: frozenset({"project"})}, lambda row, event: row)
