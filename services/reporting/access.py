"""Who looks, and how far that person sees: the own subtree, and of the own city what everybody in it may see."""

from dataclasses import dataclass
from datetime import date

from fastapi import Depends

from shared.auth import Principal, principal
from shared.authority import Authority
from shared.contracts.divisions import UnitKind, kind_of
from shared.errors import InvalidValue
from shared.kit import Kit, kit


@dataclass(frozen=True, slots=True)
class Viewer:
    """A person who looks today; `seats` are the units at which he or she holds a role."""

    person: str
    name: str
    seats: tuple[str, ...]
    today: date
    authority: Authority

    async def require_sight(self, unit: str) -> None:
        """Refuse who may not read what belongs to the unit.

        Raises:
            NotFound("no_such_thing" | "no_such_unit").
        """
        await self.authority.require_sight(self.person, unit, self.today)

    async def sees(self, unit: str) -> bool:
        """Whether the unit is one of the seats or below one."""
        above = {unit, *await self.authority.ancestors(unit)}
        return any(seat in above for seat in self.seats)

    async def require_reach(self, unit: str) -> None:
        """Refuse who holds no role in the unit, above or below it: walls and issued bulletins are for all of these.

        Raises:
            NotFound("no_such_thing" | "no_such_unit").
        """
        await self.authority.require_reach(self.person, unit, self.today)

    async def city(self) -> str | None:
        """The city that the first seat lies in, or is; None for who sits above all cities, or nowhere."""
        for seat in self.seats:
            for unit in (seat, *await self.authority.standing_above(seat)):
                if kind_of(unit) is UnitKind.CITY:
                    return unit
        return None

    def day(self, asked: date | None) -> date:
        """The day that was asked for, today if none was.

        Raises:
            InvalidValue("day_in_the_future").
        """
        if asked is not None and asked > self.today:
            raise InvalidValue("day_in_the_future", "day", {"today": self.today.isoformat()})
        return asked or self.today

    def boundaries(self, asked: date | None) -> date | None:
        """The day whose tree sums are made in; None for today's.

        Raises:
            InvalidValue("day_in_the_future").
        """
        if asked is not None and asked > self.today:
            raise InvalidValue("day_in_the_future", "boundaries", {"today": self.today.isoformat()})
        return None if asked == self.today else asked


async def viewer(kit: Kit = Depends(kit), who: Principal = Depends(principal)) -> Viewer:
    """The dependency that gives a route its viewer; who is not signed in is refused."""
    today = await kit.moments.today()
    rights = await kit.authority.rights(who.person)
    seats = await kit.authority.visible_units(who.person, today)
    return Viewer(who.person, rights.name or who.name, tuple(sorted(seats)), today, kit.authority)
