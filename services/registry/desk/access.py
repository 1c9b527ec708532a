"""Who works at a desk: the person, today, what he or she may do, and the projects within sight."""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from fastapi import Depends
from sqlalchemy import literal, select
from sqlalchemy.dialects.postgresql import JSONB

from services.registry.around.campaign import CAMPAIGN
from services.registry.project.life import PROJECT
from services.registry.project.row import group_key
from services.registry.project.state import Project
from services.registry.rights import INSPECTOR, OWNER, REVIEWER, VERIFIER
from services.registry.views import CAMPAIGNS
from shared.auth import Principal, principal
from shared.command import Who
from shared.contracts.divisions import Rank, rank_of
from shared.contracts.event import Event
from shared.contracts.reference import SECRETARIES, Role
from shared.contracts.values import ProjectId, StreamId
from shared.errors import Forbidden, NotFound
from shared.kit import Kit, kit
from shared.store import load
from shared.tree import left_to


@dataclass(frozen=True, slots=True)
class Seats:
    """The units at which a person sits: those the own projects belong to, and those below which he or she acts.

    `secretary` are units themselves, the others the roots of subtrees; `sight` is all that may be read. A unit that has
    ended is among those of its heir, and a post at it gives sight alone. `groups` are those of campaigns, of which the
    person is a member (`group_key`).
    """

    secretary: frozenset[str]
    office: frozenset[str]
    reviewer: frozenset[str]
    inspector: frozenset[str]
    sight: frozenset[str]
    groups: frozenset[str]

    @property
    def owns(self) -> bool:
        """Whether projects may be the person's own, or those of a secretary whom he or she acts for."""
        return bool(self.secretary or self.office)

    @property
    def townships(self) -> frozenset[str]:
        """The townships whose step of an extension the person decides, as the secretary or for him or her."""
        return frozenset(unit for unit in self.secretary | self.office if rank_of(unit) is Rank.TOWNSHIP)

    @property
    def asked(self) -> frozenset[str]:
        """The units whose data requests the person answers, as the secretary or in their own office for him or her."""
        return self.secretary | self.townships

    @property
    def checks(self) -> frozenset[str]:
        """Where rectifications may be verified."""
        return self.reviewer | self.inspector


@dataclass(frozen=True, slots=True)
class Caller:
    """A person at a desk, today."""

    person: str
    name: str
    today: date
    now: datetime
    seats: Seats
    kit: Kit

    async def may(self, who: Who[Any, Any], project: Project) -> bool:
        """Whether a command about a project with this rule is open to the person, by rights alone."""
        return await self.may_at(who, who.at(project, None))

    async def may_at(self, who: Who[Any, Any], unit: str) -> bool:
        """The same of a command that this rule ties to a unit."""
        may = await self.kit.authority.may(self.person, who.roles, unit, self.today, exactly=who.exactly)
        return may is not None

    def require(self, seats: AbstractSet[str]) -> None:
        """Refuse who has none of the seats that a desk is for.

        Raises:
            Forbidden("not_your_desk").
        """
        if not seats:
            raise Forbidden("not_your_desk")


async def caller(kit: Kit = Depends(kit), who: Principal = Depends(principal)) -> Caller:
    """The dependency that gives a page its caller; who is not signed in is sent to sign in."""
    moment = await kit.moments.of(None)
    today = await kit.moments.today()

    sight = await kit.authority.visible_units(who.person, today)
    async with kit.database.driver() as connection:
        left = await left_to(connection, sight)

    async def at(*roles: Role) -> frozenset[str]:
        posts = await kit.authority.visible_units(who.person, today, frozenset(roles))
        return frozenset(each.code for each in left if each.heir in posts)

    rights = await kit.authority.rights(who.person)
    reviewer, inspector = await at(Role.REVIEWER), await at(Role.INSPECTOR)
    groups = await _groups_of(kit, who.person) if reviewer or inspector else frozenset[str]()
    seats = Seats(await at(*SECRETARIES), await at(Role.OFFICE), reviewer, inspector, sight, groups)
    return Caller(who.person, rights.name or who.name, today, moment.now, seats, kit)


async def _groups_of(kit: Kit, person: str) -> frozenset[str]:
    table, member = CAMPAIGNS.table, literal([{"members": [person]}], JSONB)
    query = select(table.c.key, table.c.groups).where(table.c.groups.contains(member))
    async with kit.database.core() as connection:
        rows = (await connection.execute(query)).all()
    return frozenset(
        group_key(row.key.removeprefix(f"{CAMPAIGN.category}-"), group["id"])
        for row in rows
        for group in row.groups
        if person in group["members"]
    )


@dataclass(frozen=True, slots=True)
class Seen:
    """A project as the store has it, and what the caller may do with it by his or her rights."""

    id: str
    version: int
    state: Project
    events: tuple[Event[Any], ...]
    may: Mapping[str, bool]

    @property
    def own_work(self) -> bool:
        """Whether the caller has acted for the owner, so that he or she checks nothing of it."""
        return self.may["own_work"]


async def seen(caller: Caller, id: ProjectId) -> Seen:
    """A project within the caller's sight.

    Raises:
        NotFound("no_such_project" | "no_such_thing").
    """
    async with caller.kit.database.driver() as connection:
        stream = await load(connection, StreamId(f"{PROJECT.category}-{id}"))
    if stream.version == 0:
        raise NotFound("no_such_project", None, {"id": id})
    state = PROJECT.of(stream.events)
    await caller.kit.authority.require_sight(caller.person, state.proposed.owner, caller.today)
    rules = {"own": OWNER, "review": REVIEWER, "inspect": INSPECTOR, "verify": VERIFIER}
    may = {name: await caller.may(rule, state) for name, rule in rules.items()}
    own_work = caller.person in state.owner_side
    return Seen(id, stream.version, state, tuple(stream.events), {**may, "own_work": own_work})
