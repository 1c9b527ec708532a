"""Checks that several decisions make."""

from typing import TypeVar

from pydantic import TypeAdapter, ValidationError

from shared.errors import InvalidValue, RuleViolation

T = TypeVar("T")


def check_id(id: str, shape: TypeAdapter[str], code: str) -> None:
    """Refuse an id in the path that has not the shape of its kind; raises InvalidValue(code)."""
    try:
        shape.validate_python(id)
    except ValidationError:
        raise InvalidValue(code, "id", {"id": id}) from None


def found(value: T | None, code: str, field: str, **detail: object) -> T:
    """The value, or RuleViolation(code, field) if there is none."""
    if value is None:
        raise RuleViolation(code, field, detail)
    return value
