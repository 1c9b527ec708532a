"""The quick copy is the same as the standard library's."""

from dataclasses import FrozenInstanceError, dataclass, field, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.registry.project.state import Project
from services.registry.views import ProjectRow
from services.reporting.views.card import Card
from shared.changed import changed


@dataclass(frozen=True)
class Row:
    a: int = 0
    b: str = ""
    c: dict[str, int] = field(default_factory=dict[str, int])


@given(st.builds(Row), st.dictionaries(st.sampled_from(["a", "b", "c"]), st.integers()))
def test_it_is_what_the_standard_library_gives(row: Row, changes: dict[str, Any]) -> None:
    before = repr(row)
    assert changed(row, **changes) == replace(row, **changes)
    assert hash(changed(row, c=1)) == hash(replace(row, c=1))  # type: ignore[arg-type]
    assert repr(row) == before


def test_a_field_that_is_not_there_is_refused() -> None:
    with pytest.raises(TypeError, match="Row has no field d"):
        changed(Row(), a=1, d=2)


def test_a_copy_is_frozen_too() -> None:
    with pytest.raises(FrozenInstanceError):
        changed(Row(), a=1).a = 2  # type: ignore[misc]


@pytest.mark.parametrize("row", [Card(), ProjectRow(), Project()], ids=lambda row: type(row).__name__)
def test_those_whom_it_copies_have_nothing_but_fields(row: Any) -> None:
    assert changed(row) == row == replace(row)
    assert not hasattr(row, "__post_init__")
    assert vars(row).keys() == row.__dataclass_fields__.keys()
