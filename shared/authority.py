"""Who may do what where, asked of this service's own views through caches that changes of the views drop."""

import asyncio
from collections.abc import Collection, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date
from time import monotonic
from typing import Any

from sqlalchemy import ARRAY, CTE, Text, any_, bindparam, cast, literal, select
from sqlalchemy.dialects.postgresql import JSONB

from shared.authority_views import PERSON, UNIT, VIEWS, Appointment, PersonRow
from shared.cache import Cache
from shared.caught_up import CaughtUp
from shared.command import Who
from shared.consume import VIEW_CHANNEL
from shared.contracts.reference import SECRETARIES, Role
from shared.database import Database
from shared.errors import Forbidden, NotFound, NotReady
from shared.listener import Listener
from shared.rights import ANY_ROLE, NATION, Right, acted_for, leading, right_by, seats
from shared.settings import Settings
from shared.tree import DEEPEST, Step, climb

PERSONS = 10_000
UNITS = 50_000
ON_ITS_WAY = 1.0
"""Seconds for which a unit, or one above it, is waited for that is not in the view: it may be registered just now."""


@dataclass(frozen=True, slots=True)
class Above:
    """The units above one, the nearest first, and which of it and them have ended."""

    codes: tuple[str, ...] = ()
    ended: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Rights:
    """A person as the facts know him or her; without a name and appointments if they do not."""

    person: str
    name: str = ""
    appointments: tuple[Appointment, ...] = ()


class Authority:
    """The rights of one service's callers. Until units and persons have caught up once, every answer is NotReady.

    Caught up means that both views hold everything that was in the reference topic when this process began,
    whichever process folds them; afterwards they are followed, and a removal works as soon as it is in the view.
    """

    def __init__(self, database: Database, settings: Settings) -> None:
        self._database = database
        self._bootstrap = settings.bootstrap_admin
        self._listener = Listener(database, VIEW_CHANNEL)
        self._caught_up = CaughtUp(database, settings.kafka, VIEWS)
        self._persons = Cache[str, Rights](PERSONS, keeps=self.hears)
        self._tops = Cache[None, frozenset[str]](1, keeps=self.hears)
        self._above = Cache[str, Above](UNITS, keeps=self.hears)
        self._admins = Cache[None, tuple[Appointment, ...]](1, keeps=self.hears)
        self._at_unit = Cache[str, dict[str, Sequence[Appointment]]](UNITS, keeps=self.hears)
        self._units_changed = asyncio.Event()
        self._listener.subscribe(self._heard)

    async def start(self) -> None:
        """Begin to follow the views."""
        await self._listener.start()
        await self._caught_up.start()

    async def stop(self) -> None:
        """Follow them no more."""
        await self._caught_up.stop()
        await self._listener.stop()

    def ready(self) -> bool:
        """Whether the views have caught up once."""
        return self._caught_up()

    async def rights(self, person: str) -> Rights:
        """A person's name and appointments.

        Raises:
            NotReady("authority_not_ready").
        """
        self._require_ready()
        return await self._persons.get(person, self._read_person)

    async def ancestors(self, unit: str) -> tuple[str, ...]:
        """The units above one, the nearest first; one that has ended lies below its heir.

        Raises:
            NotFound("no_such_unit"), NotReady("authority_not_ready").
        """
        return (await self._above_of(unit)).codes

    async def standing_above(self, unit: str) -> tuple[str, ...]:
        """Those of the units above one that have not ended.

        Raises:
            NotFound("no_such_unit"), NotReady("authority_not_ready").
        """
        above = await self._above_of(unit)
        return tuple(code for code in above.codes if code not in above.ended)

    async def _above_of(self, unit: str) -> Above:
        self._require_ready()
        return await self._above.get(unit, self._read_above)

    async def may(
        self, person: str, roles: AbstractSet[Role], unit: str, today: date, *, exactly: bool = False
    ) -> Right | None:
        """The right by which a person may act in one of `roles` at a unit, or None (shared/rights.py).

        Raises:
            NotFound("no_such_unit"), NotReady("authority_not_ready").
        """
        if Role.PLATFORM_ADMIN in roles and await self._is_bootstrap(person, today):
            return Right(Role.PLATFORM_ADMIN, unit)
        rights = await self.rights(person)
        if not rights.appointments:
            return None
        above = Above() if unit == NATION else await self._above_of(unit)
        ended = above.ended if unit != NATION else await self._ended(post.unit for post in rights.appointments)
        return right_by(rights.appointments, roles, unit, above.codes, today, exactly=exactly, ended=ended)

    async def _ended(self, units: Iterable[str]) -> set[str]:
        return {unit for unit in units if unit in (await self._above_of(unit)).ended}

    async def grant(self, person: str, who: Who[Any, Any], unit: str, today: date) -> Right:
        """The right by which a person may give a command about a unit.

        Raises:
            Forbidden("not_allowed"), NotFound("no_such_unit"), NotReady("authority_not_ready").
        """
        right = await self.may(person, who.roles, unit, today, exactly=who.exactly)
        if right is None:
            raise Forbidden("not_allowed", None, {"unit": unit})
        return right

    async def may_be_acted_for(self, person: str, who: Who[Any, Any], unit: str, today: date) -> bool:
        """Whether an office may act for a person by `who`: for a secretary, if he or she holds that role there today.

        Raises:
            NotFound("no_such_unit"), NotReady("authority_not_ready").
        """
        secretaries = who.roles & SECRETARIES
        if not secretaries:
            return True
        right = await self.may(person, secretaries, unit, today, exactly=who.exactly)
        return right is not None and not right.office

    async def acted_for(self, who: Who[Any, Any], unit: str, office: str, today: date, named: str | None) -> str:
        """Whom the office of a unit acts for in what is about a unit at or below it (shared/rights.py).

        Raises:
            RuleViolation("secretary_not_named" | "nobody_to_act_for"), NotFound("no_such_unit"),
            NotReady("authority_not_ready").
        """
        reach, persons = await self._reach(who, unit, office)
        return acted_for(persons, who.roles, reach, today, named)

    async def leaders(self, who: Who[Any, Any], unit: str, office: str, today: date) -> Sequence[str]:
        """Whom it may act for without naming one further up: all who lead the nearest unit; empty if nobody does.

        Raises:
            NotFound("no_such_unit"), NotReady("authority_not_ready").
        """
        reach, persons = await self._reach(who, unit, office)
        return next((there for code in reach if (there := leading(persons, who.roles, code, today))), [])

    async def _reach(
        self, who: Who[Any, Any], unit: str, office: str
    ) -> tuple[Sequence[str], Mapping[str, Sequence[Appointment]]]:
        """The units from one up to that of an office, and who ever held a post there."""
        above = await self._above_of(unit)
        way = (unit, *above.codes)
        within = [code for code in way[: way.index(office) + 1] if code not in above.ended] or [unit]
        reach = within[:1] if who.exactly else within
        persons: dict[str, Sequence[Appointment]] = {}
        for code in reach:
            persons |= await self._at_unit.get(code, self._read_at_unit)
        return reach, persons

    async def require_sight(self, person: str, unit: str, today: date) -> None:
        """Refuse a person who may not read what belongs to a unit; what is out of sight is as if it were not there.

        Raises:
            NotFound("no_such_thing" | "no_such_unit"), NotReady("authority_not_ready").
        """
        seats = await self.visible_units(person, today)
        if not seats or (unit != NATION and seats.isdisjoint((unit, *await self.ancestors(unit)))):
            raise NotFound("no_such_thing")

    async def require_reach(self, person: str, unit: str, today: date) -> None:
        """Refuse a person who holds no role at the unit, above or below it: some things are for all of these.

        Raises:
            NotFound("no_such_thing" | "no_such_unit"), NotReady("authority_not_ready").
        """
        above = {unit, *await self.ancestors(unit)}
        for seat in await self.visible_units(person, today):
            if seat in above or unit in await self.ancestors(seat):
                return
        raise NotFound("no_such_thing")

    async def visible_units(self, person: str, today: date, roles: AbstractSet[Role] = ANY_ROLE) -> frozenset[str]:
        """The roots of the subtrees that a person may read by one of `roles`; give them to `subtree`.

        Raises:
            NotReady("authority_not_ready").
        """
        if Role.PLATFORM_ADMIN in roles and await self._is_bootstrap(person, today):
            return await self._tops.get(None, self._read_tops)
        rights = await self.rights(person)
        return seats(rights.appointments, roles, today)

    async def is_whole(self, roots: Collection[str]) -> bool:
        """Whether the subtrees of `roots` are the whole tree: then nothing need be filtered by them."""
        return (await self._tops.get(None, self._read_tops)) <= set(roots)

    def _require_ready(self) -> None:
        if not self.ready():
            raise NotReady("authority_not_ready")

    async def _is_bootstrap(self, person: str, today: date) -> bool:
        """Whether it is the person of GUATU_BOOTSTRAP_ADMIN and nobody is platform_admin today.

        Asked before the person's own rights are read: else somebody just being appointed has for a moment neither.
        """
        self._require_ready()
        if not self._bootstrap or person != self._bootstrap:
            return False
        appointed = await self._admins.get(None, self._read_admins)
        return not any(each.holds_on(today) for each in appointed)

    def hears(self) -> bool:
        """Whether changes of the views are heard of just now; while they are not, nothing is kept."""
        return self._listener.connected

    def _heard(self, payload: str | None) -> None:
        view = payload.partition(" ")[0] if payload else None
        if view in (None, UNIT.name):
            self._above.drop()
            self._tops.drop()
            self._units_changed.set()
            self._units_changed = asyncio.Event()
        if view in (None, PERSON.name):
            self._persons.drop()
            self._at_unit.drop()
            self._admins.drop()

    async def _read_person(self, person: str) -> Rights:
        query = select(*PERSON.core_columns).where(PERSON.table.c.key == f"person-{person}")
        async with self._database.reading() as connection:
            values = (await connection.execute(query)).one_or_none()
        row = PERSON.decode(values) if values else PersonRow()
        return Rights(person, row.name, row.appointments)

    async def _read_at_unit(self, unit: str) -> dict[str, Sequence[Appointment]]:
        """The persons who ever held a post at a unit, with their posts."""
        held = cast(literal([{"unit": unit}], JSONB), JSONB)
        query = select(PERSON.table.c.key, *PERSON.core_columns).where(PERSON.table.c.appointments.contains(held))
        async with self._database.reading() as connection:
            rows = (await connection.execute(query.order_by(PERSON.table.c.key))).all()
        return {row[0].removeprefix("person-"): PERSON.decode(row[1:]).appointments for row in rows}

    async def _read_admins(self, _: None) -> tuple[Appointment, ...]:
        """Every appointment as platform_admin that there ever was."""
        held = cast(literal([{"role": Role.PLATFORM_ADMIN}], JSONB), JSONB)
        query = select(*PERSON.core_columns).where(PERSON.table.c.appointments.contains(held))
        async with self._database.reading() as connection:
            rows = (await connection.execute(query)).all()
        found = (each for row in rows for each in PERSON.decode(row).appointments)
        return tuple(each for each in found if each.role is Role.PLATFORM_ADMIN)

    async def _read_above(self, unit: str) -> Above:
        deadline = monotonic() + ON_ITS_WAY
        while True:
            changed = self._units_changed
            way = await self._read_chain(unit)
            if way:
                ended = frozenset(each.code for each in way if each.ended is not None)
                return Above(tuple(each.code for each in way[1:]), ended)
            try:
                await asyncio.wait_for(changed.wait(), deadline - monotonic())
            except TimeoutError:
                raise NotFound("no_such_unit", None, {"unit": unit}) from None

    async def _read_chain(self, unit: str) -> Sequence[Step]:
        """A unit and those above it up to a province; empty while one of them is not in the view yet."""
        async with self._database.driver() as connection:
            way = await climb(connection, unit)
        whole = bool(way) and (way[-1].parent is None or len(way) == DEEPEST)
        return way if whole else ()

    async def _read_tops(self, _: None) -> frozenset[str]:
        table = UNIT.table
        async with self._database.reading() as connection:
            found = await connection.scalars(select(table.c.code).where(table.c.code != "", table.c.parent.is_(None)))
            return frozenset(found)


def subtree(roots: Collection[str], name: str = "subtree") -> CTE:
    """The codes of the units `roots` and of all below them, as a CTE with the column `code`.

    A list query of a service is filtered by it: `.where(table.c.unit.in_(select(mine.c.code)))`.
    """
    table = UNIT.table
    given = bindparam(None, sorted(roots), type_=ARRAY(Text))
    tree = select(table.c.code).where(table.c.code == any_(given)).cte(name, recursive=True)
    return tree.union(select(table.c.code).join(tree, table.c.parent == tree.c.code))
