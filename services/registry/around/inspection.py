"""An inspection of a unit by a group of a campaign."""

from dataclasses import dataclass
from datetime import date

from services.registry.around.campaign import CampaignFacts, check_member
from services.registry.around.place import Place, check_place
from services.registry.commands.campaigns import InspectUnit
from services.registry.reference.person import Person
from shared.command import Aggregate
from shared.contracts.event import Event
from shared.contracts.progress import UnitInspected
from shared.errors import require


@dataclass(frozen=True)
class Inspection:
    """What was recorded."""

    held: UnitInspected | None = None


def evolve(_: Inspection, event: Event[UnitInspected]) -> Inspection:
    """Fold one event."""
    return Inspection(event.data)


INSPECTION = Aggregate("inspection", Inspection(), evolve)


@dataclass(frozen=True)
class UnitInspectionFacts:
    """The campaign, where the inspected unit lies, and the inspector."""

    campaign: CampaignFacts
    place: Place
    inspector: Person


def inspect_unit(cmd: InspectUnit, facts: UnitInspectionFacts, actor: str, today: date) -> list[UnitInspected]:
    """Record the inspection by a member of one of the campaign's groups, who holds no post at the unit."""
    check_place(facts.place, county=cmd.county, unit=cmd.unit, day=cmd.effective or today)
    require(not facts.inspector.holds_post(cmd.unit, today), "inspects_own_unit", field="unit")
    check_member(facts.campaign, cmd.group, actor)
    return [UnitInspected(campaign=cmd.campaign, group=cmd.group, unit=cmd.unit, county=cmd.county, note=cmd.note)]
