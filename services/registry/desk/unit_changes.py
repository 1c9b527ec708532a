"""A unit's page, the tree's part: what the unit was called and where it lay, who its heir is, how it may change."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from services.registry.commands.units import CloseUnit, MergeUnit, MoveUnit, RenameUnit, SplitUnit
from services.registry.desk.access import Caller
from services.registry.desk.frame import unit_names
from services.registry.reference import directory
from services.registry.reference.unit import PARENTS
from services.registry.rights import ADMIN_AT_UNIT
from shared.authority_views import UNIT, UnitRow
from shared.command import Command
from shared.contracts.divisions import rank_of
from shared.errors import NotFound
from shared.rows import row_of

COMMANDS: Mapping[str, type[Command]] = {
    f"{each.verb()}-unit": each for each in (RenameUnit, MoveUnit, MergeUnit, SplitUnit, CloseUnit)
}
"""By their forms' verbs: a project is closed as well."""

Choice = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Ending:
    """That a unit has ended, and who sees to what it has left."""

    heir: str
    heir_name: str
    parts: Choice


@dataclass(frozen=True, slots=True)
class Tree:
    """A unit in the tree with its history, `words` for the units named there, and those that a change may name."""

    row: UnitRow
    words: Mapping[str, str]
    ending: Ending | None
    beside: Choice
    """Units of its rank within the caller's right: what it may be merged into, split into or left to."""
    parents: Choice
    """Units that it may be moved below, within the caller's right."""
    moves: bool


async def tree_of(caller: Caller, code: str) -> Tree:
    """A unit with its history.

    Raises:
        NotFound("no_such_unit").
    """
    async with caller.kit.database.driver() as connection:
        row = await row_of(connection, UNIT, f"unit-{code}")
    if row is None or row.kind is None:
        raise NotFound("no_such_unit", None, {"unit": code})
    words = await unit_names(caller, {code, *_named(row)})
    moves = row.ended is None and row.parent is not None and await caller.may_at(ADMIN_AT_UNIT, row.parent)
    beside = await _below(caller, row.parent, {code}) if moves and row.parent else []
    return Tree(
        row,
        words,
        _ending(row, words),
        [(each, name) for each, name in beside if rank_of(each) is rank_of(code)],
        await _new_parents(caller, row) if moves else [],
        moves,
    )


def _named(row: UnitRow) -> Collection[str]:
    return {*(each.parent for each in row.parents if each.parent), *row.parts, *([row.heir] if row.heir else [])}


def _ending(row: UnitRow, words: Mapping[str, str]) -> Ending | None:
    if row.heir is None:
        return None
    parts = [(each, words.get(each, each)) for each in row.parts]
    return Ending(row.heir, words.get(row.heir, row.heir), parts)


async def _new_parents(caller: Caller, row: UnitRow) -> Choice:
    """The units beside the parent, and of a fitting kind, if the caller's right begins above them."""
    assert row.kind is not None
    async with caller.kit.database.driver() as connection:
        parent = await row_of(connection, UNIT, f"unit-{row.parent}")
    above = parent.parent if parent else None
    if above is None or not await caller.may_at(ADMIN_AT_UNIT, above):
        return []
    async with caller.kit.database.core() as connection:
        found = await directory.units_below(connection, above, [])
    fitting = PARENTS[row.kind]
    return [(each.code, each.name) for each in found if each.ended is None and each.kind in fitting]


async def _below(caller: Caller, parent: str, but: Collection[str]) -> Choice:
    async with caller.kit.database.core() as connection:
        found = await directory.units_below(connection, parent, [])
    return [(each.code, each.name) for each in found if each.ended is None and each.code not in but]
