"""What the groups of running campaigns have not visited yet: projects that are carried out, and townships."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import and_, func, not_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from services.registry.around.campaign import CAMPAIGN
from services.registry.desk.access import Caller
from services.registry.desk.owners import seat_of
from services.registry.desk.waiting import carried_out
from services.registry.keyset import Paging, part_of
from services.registry.project.listing import COLUMNS, ProjectLine, line_in
from services.registry.project.row import group_key
from services.registry.rights import INSPECTOR_NAMED
from services.registry.views import CAMPAIGNS, INSPECTIONS, PROJECTS, CampaignRow
from shared.authority import subtree
from shared.authority_views import UNIT
from shared.contracts.divisions import TOWNSHIP_DIGITS

_T = PROJECTS.table


@dataclass(frozen=True, slots=True)
class RunningGroup:
    """A group of a campaign of this year, or of one to come; `county` is where it inspects today."""

    campaign: str
    group: str
    name: str
    group_name: str
    county: str

    @property
    def key(self) -> str:
        """The campaign and the group in one."""
        return group_key(self.campaign, self.group)


@dataclass(frozen=True, slots=True)
class ToInspect:
    """What a group has not visited: a page of its projects out of so many, the longest carried out first; townships.

    `visited` is how many projects of those that are carried out it has visited; `next` is the place after which the
    next page begins, None on the last.
    """

    group: RunningGroup
    projects: Sequence[ProjectLine]
    left: int
    visited: int
    next: str | None
    units: list[tuple[str, str]]
    visited_units: list[tuple[str, str]]


async def running_groups(caller: Caller) -> Sequence[RunningGroup]:
    """The groups that a person is a member of and inspects in, the last opened campaign first."""
    if not caller.seats.groups:
        return ()
    table = CAMPAIGNS.table
    keys = {f"{CAMPAIGN.category}-{each.partition(' ')[0]}" for each in caller.seats.groups}
    query = select(table.c.key, *CAMPAIGNS.core_columns).where(table.c.key.in_(keys), table.c.year >= caller.today.year)
    async with caller.kit.database.reading() as connection:
        rows = (await connection.execute(query.order_by(table.c.opened_on.desc(), table.c.key))).all()
    found: list[RunningGroup] = []
    for row in rows:
        campaign = CAMPAIGNS.decode(row[1:])
        county = await seat_of(caller, campaign.county)
        if await caller.may_at(INSPECTOR_NAMED, county):
            found += _groups(row.key.removeprefix(f"{CAMPAIGN.category}-"), campaign, county, caller.person)
    return found


def _groups(id: str, campaign: CampaignRow, county: str, person: str) -> Sequence[RunningGroup]:
    return [
        RunningGroup(id, each.id, campaign.name, each.name, county)
        for each in campaign.groups
        if person in each.members
    ]


async def to_inspect(connection: AsyncConnection, group: RunningGroup, page: Paging) -> ToInspect:
    """What is left to a group, with a page of its projects."""
    below = subtree([group.county])
    visited = func.jsonb_exists(_T.c.inspected_by, group.key)
    here = and_(_T.c.owner.in_(select(below.c.code)), carried_out())
    numbers = select(func.count().filter(not_(visited)), func.count().filter(visited)).where(here)
    left, seen = (await connection.execute(numbers)).one()
    query = select(_T.c.key, *COLUMNS).where(here, not_(visited))
    found = await part_of(connection, query, (_T.c.started_on, _T.c.key), page, falling=False)
    lines = [line_in(row) for row in found.rows]
    units = await _units(connection, group)
    return ToInspect(group, lines, left, seen, found.next, units[False], units[True])


async def _units(connection: AsyncConnection, group: RunningGroup) -> dict[bool, list[tuple[str, str]]]:
    """The townships of the group's county by code, by whether it has visited them."""
    units, held, below = UNIT.table, INSPECTIONS.table, subtree([group.county])
    of_group = and_(held.c.campaign == group.campaign, held.c.group == group.group, held.c.unit == units.c.code)
    visited = select(1).select_from(held).where(of_group).exists()
    query = select(units.c.code, units.c.name, visited).where(
        units.c.code.in_(select(below.c.code)),
        func.length(units.c.code) == TOWNSHIP_DIGITS,
        units.c.ended.is_(None),
    )
    found: dict[bool, list[tuple[str, str]]] = {False: [], True: []}
    for code, name, was_there in await connection.execute(query.order_by(units.c.code)):
        found[was_there].append((code, name))
    return found
