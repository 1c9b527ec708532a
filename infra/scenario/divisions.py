"""The org units of a scenario, out of the national division codes in infra/data."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FILE = Path(__file__).parent.parent / "data" / "divisions" / "anhui.csv"


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit: its code, name and parent (None for the province)."""

    code: str
    name: str
    parent: str | None


def units_of(city: str, file: Path = FILE) -> list[Unit]:
    """The city, its province and everything below the city, parents before children."""
    inside = {city}
    chosen: list[Unit] = []
    for unit in _every(file):
        if unit.code == city or unit.parent in inside or unit.parent is None:
            chosen.append(unit)
            if unit.parent is not None:
                inside.add(unit.code)
    return chosen


@cache
def _every(file: Path) -> Sequence[Unit]:
    with file.open(encoding="utf-8", newline="") as lines:
        return [Unit(row["code"], row["name"], row["parent"] or None) for row in csv.DictReader(lines)]


def below(units: Sequence[Unit], code: str) -> list[Unit]:
    """The units right below one."""
    return [unit for unit in units if unit.parent == code]


def levels(units: Sequence[Unit]) -> list[list[Unit]]:
    """The units by their depth: the first have no parent among them, the others' parents are one level up."""
    depth: dict[str, int] = {}
    found: list[list[Unit]] = []
    for unit in units:
        depth[unit.code] = depth.get(unit.parent or "", -1) + 1
        if depth[unit.code] == len(found):
            found.append([])
        found[depth[unit.code]].append(unit)
    return found
