"""The dated names and parents of a unit, and which of them held on a day."""

from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Named:
    """A unit's name from the day `since` on; None: as long as the unit is known."""

    since: date | None
    name: str


@dataclass(frozen=True, slots=True)
class Placed:
    """The unit that another lies below from the day `since` on, None being above all; its heir once it has ended."""

    since: date | None
    parent: str | None


def name_on(names: Iterable[Named], day: date) -> str:
    """The name on a day out of a history in its order; empty before the unit is there."""
    held = [each.name for each in names if _had_begun(each.since, day)]
    return held[-1] if held else ""


def placed_on(parents: Iterable[Placed], day: date) -> Placed | None:
    """Where the unit lay on a day out of a history in its order; None before it was there."""
    held = [each for each in parents if _had_begun(each.since, day)]
    return held[-1] if held else None


def parents_since(parents: Iterable[Placed], day: date) -> AbstractSet[str]:
    """The units that it lay right below on the day, or on any later one."""
    history = tuple(parents)
    first = placed_on(history, day)
    later = [each for each in history if not _had_begun(each.since, day)]
    return {each.parent for each in (first, *later) if each is not None and each.parent is not None}


def _had_begun(since: date | None, day: date) -> bool:
    return since is None or since <= day
