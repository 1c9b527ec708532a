"""A changed copy of a frozen dataclass of many fields, such as a view's row or an aggregate's state."""

from typing import Any, TypeVar

R = TypeVar("R")


def changed(row: R, /, **changes: Any) -> R:
    """What `dataclasses.replace` gives, at a seventh of its cost for forty fields.

    That one reads each field by its name, and a frozen class sets each by a call; here the copy takes the fields
    over at once. The class has no `__slots__`, no `__post_init__` and no cached properties.

    Raises:
        TypeError: there is no such field.
    """
    copy = object.__new__(type(row))
    fields = copy.__dict__
    fields.update(row.__dict__)
    known = len(fields)
    fields.update(changes)
    if len(fields) != known:
        raise TypeError(f"{type(row).__name__} has no field {', '.join(changes.keys() - row.__dict__.keys())}")
    return copy
