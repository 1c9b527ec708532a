"""What the problem desk needs of campaigns: the groups, and of which the caller is a member."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import or_, select

from services.registry.around.campaign import CAMPAIGN
from services.registry.desk.access import Caller
from services.registry.project.row import group_key
from services.registry.views import CAMPAIGNS
from shared.tree import left_to
from shared.web.forms import Fields

CHOSEN = "chosen"
"""The one field in which a campaign and its group are chosen together."""


@dataclass(frozen=True, slots=True)
class GroupOfCampaign:
    """A group of a campaign, in words.

    `here` is whether the campaign inspects what lies in the county today, `mine` whether the caller is a member of the
    group.
    """

    campaign: str
    group: str
    words: str
    county: str
    here: bool
    mine: bool

    @property
    def key(self) -> tuple[str, str]:
        """The campaign and the group."""
        return self.campaign, self.group

    @property
    def value(self) -> str:
        """How it is chosen in a form."""
        return group_key(self.campaign, self.group)


async def groups_of(caller: Caller, county: str, inspected_by: Collection[str]) -> Sequence[GroupOfCampaign]:
    """The groups of the county's campaigns, and of those that inspected before; those of the last opened first.

    The campaigns of a county that has ended are its heir's.
    """
    async with caller.kit.database.driver() as connection:
        counties = {each.code for each in await left_to(connection, [county])}
    table = CAMPAIGNS.table
    before = [f"{CAMPAIGN.category}-{id}" for id in inspected_by]
    query = select(table.c.key, *CAMPAIGNS.core_columns).where(
        or_(table.c.county.in_(counties), table.c.key.in_(before))
    )
    async with caller.kit.database.reading() as connection:
        rows = (await connection.execute(query.order_by(table.c.opened_on.desc(), table.c.key))).all()
    found: list[GroupOfCampaign] = []
    for row in rows:
        campaign, id = CAMPAIGNS.decode(row[1:]), row.key.removeprefix(f"{CAMPAIGN.category}-")
        for group in campaign.groups:
            words = f"{campaign.name}　{group.name}"
            county, mine = campaign.county, caller.person in group.members
            found.append(GroupOfCampaign(id, group.id, words, county, county in counties, mine))
    return found


def with_group(fields: Fields) -> Fields:
    """The fields with the campaign and the group that were chosen together."""
    campaign, _, group = fields.get(CHOSEN, "").partition(" ")
    rest = {name: text for name, text in fields.items() if name != CHOSEN}
    return {**rest, "campaign": campaign, "group": group}
