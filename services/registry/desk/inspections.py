"""What the problem desk needs of campaigns: the groups, and of which the caller is a member."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from services.registry.desk.access import Caller
from services.registry.views import CAMPAIGNS
from shared.web.forms import Fields

CHOSEN = "chosen"
"""The one field in which a campaign and its group are chosen together."""


@dataclass(frozen=True, slots=True)
class GroupOfCampaign:
    """A group of a campaign of the county, in words; `mine` is whether the caller is a member of it."""

    campaign: str
    group: str
    words: str
    mine: bool

    @property
    def key(self) -> tuple[str, str]:
        """The campaign and the group."""
        return self.campaign, self.group

    @property
    def value(self) -> str:
        """How it is chosen in a form."""
        return f"{self.campaign} {self.group}"


async def groups_of(caller: Caller, county: str) -> Sequence[GroupOfCampaign]:
    """The groups of the county's campaigns, those of the last opened first."""
    table = CAMPAIGNS.table
    query = select(table.c.key, *CAMPAIGNS.core_columns).where(table.c.county == county)
    async with caller.kit.database.reading() as connection:
        rows = (await connection.execute(query.order_by(table.c.opened_on.desc(), table.c.key))).all()
    found: list[GroupOfCampaign] = []
    for row in rows:
        campaign, id = CAMPAIGNS.decode(row[1:]), row.key.removeprefix("campaign-")
        for group in campaign.groups:
            words = f"{campaign.name}　{group.name}"
            found.append(GroupOfCampaign(id, group.id, words, caller.person in group.members))
    return found


def with_group(fields: Fields) -> Fields:
    """The fields with the campaign and the group that were chosen together."""
    campaign, _, group = fields.get(CHOSEN, "").partition(" ")
    rest = {name: text for name, text in fields.items() if name != CHOSEN}
    return {**rest, "campaign": campaign, "group": group}
