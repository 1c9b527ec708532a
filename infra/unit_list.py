"""A list of units in a CSV file: `code,name,parent` and, where a unit was not there always, `since`."""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from infra.stack.failure import StackError
from shared.contracts.divisions import UnitKind, kind_of

COLUMNS = frozenset({"code", "name", "parent"})
MOST_COMPLAINTS = 20


@dataclass(frozen=True, slots=True)
class ListedUnit:
    """A unit as the list has it; `parent` is None for a province, `since` for what was there always."""

    code: str
    name: str
    kind: UnitKind
    parent: str | None
    since: date | None


def read_units(file: Path) -> list[list[ListedUnit]]:
    """The units by their depth: those of the first level have no parent in the file, the others one a level up.

    Raises:
        StackError: it cannot be read, or lines of it are wrong; they are named.
    """
    try:
        with file.open(encoding="utf-8-sig", newline="") as lines:
            reader = csv.DictReader(lines)
            missing = COLUMNS - set(reader.fieldnames or ())
            if missing:
                raise StackError(f"{file} lacks the columns {', '.join(sorted(missing))}.")
            rows = [(reader.line_num, row) for row in reader]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise StackError(f"{file} cannot be read: {error}") from error
    units: dict[str, ListedUnit] = {}
    wrong: list[str] = []
    for number, row in rows:
        try:
            unit = _unit(row)
            if unit.code in units:
                raise ValueError(f"{unit.code} stands there twice")
        except ValueError as error:
            wrong.append(f"line {number}: {error}")
        else:
            units[unit.code] = unit
    if wrong:
        more = f"\n… and {len(wrong) - MOST_COMPLAINTS} more" if len(wrong) > MOST_COMPLAINTS else ""
        raise StackError(f"{file} is not imported:\n" + "\n".join(wrong[:MOST_COMPLAINTS]) + more)
    return _levels(units)


def _unit(row: Mapping[str, str | None]) -> ListedUnit:
    """A line's unit; ValueError if it is none."""
    code, name, parent, since = ((row.get(column) or "").strip() for column in ("code", "name", "parent", "since"))
    if not name:
        raise ValueError(f"{code} has no name")
    return ListedUnit(code, name, kind_of(code), parent or None, date.fromisoformat(since) if since else None)


def _levels(units: Mapping[str, ListedUnit]) -> list[list[ListedUnit]]:
    levels: list[list[ListedUnit]] = []
    placed: set[str] = set()
    left: Sequence[ListedUnit] = list(units.values())
    while left:
        level = [unit for unit in left if unit.parent not in units or unit.parent in placed]
        if not level:
            raise StackError(f"These lie below each other: {', '.join(unit.code for unit in left[:MOST_COMPLAINTS])}.")
        levels.append(level)
        placed |= {unit.code for unit in level}
        left = [unit for unit in left if unit.code not in placed]
    return levels
