"""A campaign of inspections (中期评估, 抽查): its county and its groups."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated

from pydantic import StringConstraints, TypeAdapter

from services.registry.checks import check_id, found
from services.registry.commands.campaigns import OpenCampaign
from services.registry.reference.unit import check_standing
from shared.command import Aggregate
from shared.contracts.event import Event
from shared.contracts.progress import CampaignOpened
from shared.errors import require

_IDS = "^[0-9]{6}-[a-z0-9][a-z0-9_-]{0,56}$"
_ID = TypeAdapter[str](Annotated[str, StringConstraints(pattern=_IDS)])


@dataclass(frozen=True)
class Campaign:
    """A campaign, or the want of one: `opened` is None before it is opened."""

    opened: CampaignOpened | None = None


def evolve(_: Campaign, event: Event[CampaignOpened]) -> Campaign:
    """Fold one event."""
    return Campaign(event.data)


@dataclass(frozen=True)
class CampaignFacts:
    """A campaign, and whether what it inspects lies in its county today, or in the heir of a county that has ended."""

    campaign: Campaign
    here: bool


CAMPAIGN = Aggregate("campaign", Campaign(), evolve, ids=_IDS)


def open_campaign(
    campaign: Campaign, cmd: OpenCampaign, id: str, ended: date | None, day: date
) -> list[CampaignOpened]:
    """Open a campaign once, under an id that the caller gives: `<county>-<slug>`, so that each county has its own.

    `ended` is the day on which the county did.
    """
    check_id(id, _ID, "not_a_campaign_id")
    require(id.startswith(f"{cmd.county}-"), "not_the_campaigns_id", field="id", county=cmd.county)
    require(campaign.opened is None, "campaign_exists", field="id", campaign=id)
    check_standing(ended, cmd.county, day, "county")
    ids = [group.id for group in cmd.groups]
    require(len(set(ids)) == len(ids), "groups_share_an_id", field="groups")
    return [CampaignOpened(name=cmd.name, kind=cmd.kind, county=cmd.county, year=cmd.year, groups=cmd.groups)]


def check_member(facts: CampaignFacts, group: str, actor: str) -> None:
    """Refuse who is not a member of that group of a campaign, and a campaign of another county."""
    opened = found(facts.campaign.opened, "no_such_campaign", "campaign")
    require(facts.here, "campaign_of_another_county", field="campaign")
    members = {g.id: g.members for g in opened.groups}
    require(
        actor in found(members.get(group), "no_such_group", "group", group=group), "not_of_the_group", field="group"
    )
