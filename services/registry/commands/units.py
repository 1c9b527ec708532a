"""Commands that change the tree of units: each says from which day on, today or an earlier one."""

from pydantic import Field

from shared.command import Command
from shared.contracts.values import Day, ShortText, UnitCode


class UnitChange(Command):
    """A change of a unit from a day on."""

    since: Day

    @property
    def touches(self) -> tuple[str, ...]:
        """The other units whose subtree it changes."""
        return ()


class RenameUnit(UnitChange, route="/units/{id}/rename"):
    """Give a unit another name."""

    name: ShortText


class MoveUnit(UnitChange, route="/units/{id}/move"):
    """Move a unit, with all below it, to another parent."""

    parent: UnitCode

    @property
    def touches(self) -> tuple[str, ...]:
        """The new parent."""
        return (self.parent,)


class MergeUnit(UnitChange, route="/units/{id}/merge"):
    """Merge a unit into another, which goes on for both (撤并)."""

    into: UnitCode

    @property
    def touches(self) -> tuple[str, ...]:
        """The unit that goes on."""
        return (self.into,)


class SplitUnit(UnitChange, route="/units/{id}/split"):
    """Split a unit into others; the heir among them sees to what the unit leaves."""

    into: tuple[UnitCode, ...] = Field(min_length=2, max_length=20)
    heir: UnitCode

    @property
    def touches(self) -> tuple[str, ...]:
        """The units that it is split into."""
        return self.into


class CloseUnit(UnitChange, route="/units/{id}/close"):
    """Close a unit; without an heir its parent sees to what it leaves."""

    heir: UnitCode | None = None
    reason: ShortText

    @property
    def touches(self) -> tuple[str, ...]:
        """The heir that is named."""
        return (self.heir,) if self.heir else ()
