"""What a text may be made of when somebody tells it: what readers see, on one line where it is a name or a title.

Facts that were told before are read as they stand.
"""

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any, cast, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import InitErrorDetails, PydanticCustomError

from shared.contracts.values import OneLine

_UNSEEN = re.compile(
    r"\r(?!\n)|[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f"
    r"\u2028-\u202e\u2060-\u206f\u2800\u3164\ufeff\uffa0\ufff0-\ufffb\ufffe\uffff\U000e0000-\U000e007f]"
)
"""Controls, marks of direction, joiners and fillers of no width, what is no character; a line may end as on Windows."""
_BREAK = re.compile(r"[\n\t]")


def unseen_in(text: str) -> dict[str, Any] | None:
    """The first character of a text that no reader would see, and where it stands, counted from 1."""
    found = _UNSEEN.search(text)
    return {"character": f"U+{ord(found[0]):04X}", "place": found.start() + 1} if found else None


def has_lines(text: str) -> bool:
    """Whether a text is of several lines, or has columns."""
    return _BREAK.search(text) is not None


def check_visible(told: BaseModel) -> None:
    """Refuse a model with such a text.

    Raises:
        pydantic.ValidationError: each field that has one.
    """
    if wrong := [*_faults(told, (), one_line=False)]:
        raise ValidationError.from_exception_data(type(told).__name__, wrong)


def _faults(value: object, place: tuple[str | int, ...], *, one_line: bool) -> Iterator[InitErrorDetails]:
    match value:
        case str():
            if unseen := unseen_in(value):
                rule = PydanticCustomError("invisible_character", "not a text that readers see", unseen)
                yield InitErrorDetails(type=rule, loc=place, input=value)
            elif one_line and has_lines(value):
                rule = PydanticCustomError("not_one_line", "not a text of one line")
                yield InitErrorDetails(type=rule, loc=place, input=value)
        case BaseModel():
            for name, lined in _fields(type(value)):
                yield from _faults(getattr(value, name), (*place, name), one_line=lined)
        case tuple() | list():
            for n, each in enumerate(cast("tuple[object, ...]", value)):
                yield from _faults(each, (*place, n), one_line=one_line)
        case Mapping():
            for key, each in cast("Mapping[str, object]", value).items():
                yield from _faults(key, (*place, key), one_line=True)
                yield from _faults(each, (*place, key), one_line=one_line)
        case _:
            pass


@lru_cache(None)
def _fields(model: type[BaseModel]) -> tuple[tuple[str, bool], ...]:
    """The fields of a model, and whether their texts are of one line."""
    fields = model.model_fields.items()
    return tuple((name, _is_marked((field.annotation, *field.metadata))) for name, field in fields)


def _is_marked(declared: tuple[object, ...]) -> bool:
    return any(isinstance(each, OneLine) or _is_marked(get_args(each)) for each in declared)
