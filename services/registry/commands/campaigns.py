"""Commands about campaigns of inspections, units that are inspected, and brands."""

from pydantic import Field

from shared.command import Command
from shared.contracts.progress import CampaignKind, Group
from shared.contracts.values import OptionalText, ProjectId, ShortText, Slug, UnitCode, Year
from shared.unit_codes import CountyCode


class OpenCampaign(Command, route="/campaigns/{id}/open"):
    """Open a campaign of inspections with its groups (评估组); the id is `<county>-<slug>`."""

    name: ShortText
    kind: CampaignKind
    county: CountyCode
    year: Year
    groups: tuple[Group, ...] = Field(min_length=1)


class InspectUnit(Command, route="/inspections/inspect-unit"):
    """Record a group's inspection of a unit."""

    campaign: Slug
    group: Slug
    unit: UnitCode
    county: CountyCode
    note: OptionalText = ""


class RecogniseBrand(Command, route="/brands/recognise"):
    """Recognise a brand of a unit, and perhaps of one of its projects (品牌)."""

    name: ShortText
    unit: UnitCode
    county: CountyCode
    project: ProjectId | None = None
