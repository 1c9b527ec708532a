"""The views `campaign` and `inspection`: campaigns with their groups, and the visits to units."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from shared.contracts.event import Event
from shared.contracts.progress import CampaignKind, CampaignOpened, UnitInspected
from shared.contracts.topics import Topic
from shared.view import View


@dataclass(frozen=True, slots=True)
class NamedGroup:
    """A group of inspectors."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Campaign:
    """A campaign of inspections; `id` is what inspections and problems name it by."""

    id: str = ""
    name: str = ""
    kind: CampaignKind | None = None
    county: str = ""
    year: int | None = None
    opened: date | None = None
    groups: tuple[NamedGroup, ...] = ()


@dataclass(frozen=True, slots=True)
class Visit:
    """A group's inspection of a unit; in which township that lies, the tree says."""

    campaign: str = ""
    group: str = ""
    unit: str = ""
    county: str = ""
    day: date | None = None
    recorded: datetime | None = None


def evolve_campaign(campaign: Campaign, event: Event[Any]) -> Campaign:
    """Fold one event of a campaign."""
    match event.data:
        case CampaignOpened() as e:
            groups = tuple(NamedGroup(group.id, group.name) for group in e.groups)
            key = event.subject.partition("-")[2]
            return replace(
                campaign,
                id=key,
                name=e.name,
                kind=e.kind,
                county=e.county,
                year=e.year,
                opened=event.effective,
                groups=groups,
            )
        case _:
            return campaign


def evolve_visit(visit: Visit, event: Event[Any]) -> Visit:
    """Fold one event of an inspection."""
    match event.data:
        case UnitInspected() as e:
            return Visit(e.campaign, e.group, e.unit, e.county, event.effective, event.time)
        case _:
            return visit


CAMPAIGN = View(
    name="campaign",
    version=1,
    row=Campaign,
    topics={Topic.PROGRESS: frozenset({"campaign"})},
    evolve=evolve_campaign,
    indexes=[("county", "year")],
)

INSPECTION = View(
    name="inspection",
    version=3,
    row=Visit,
    topics={Topic.PROGRESS: frozenset({"inspection"})},
    evolve=evolve_visit,
    indexes=[("campaign",)],
)
