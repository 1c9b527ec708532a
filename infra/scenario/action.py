"""What is played: single commands at their moments, in threads whose commands follow each other."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Action:
    """One command of one person: `{id}` in the path is the id of the thread's stream."""

    at: datetime
    actor: str
    path: str
    body: dict[str, Any]


@dataclass
class Thread:
    """Commands about one stream, in their order. `id` is known from the start, or from the first reply."""

    name: str
    actions: list[Action] = field(default_factory=list[Action])
    id: str = ""
