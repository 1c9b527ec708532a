"""A brand (品牌) that is recognised for a unit, and perhaps for one of its projects."""

from dataclasses import dataclass
from datetime import date

from services.registry.around.named import named
from services.registry.around.place import Place, check_place
from services.registry.commands.campaigns import RecogniseBrand
from shared.command import Aggregate
from shared.contracts.event import Event
from shared.contracts.project import BrandRecognised
from shared.errors import require


@dataclass(frozen=True)
class Brand:
    """What was recognised."""

    recognised: BrandRecognised | None = None


def evolve(_: Brand, event: Event[BrandRecognised]) -> Brand:
    """Fold one event."""
    return Brand(event.data)


BRAND = Aggregate("brand", Brand(), evolve)


def brand_id(cmd: RecogniseBrand) -> str:
    """What is one brand: a name of a unit, whether or not a project of it is named. So nothing is recognised twice."""
    return named("brands", cmd.unit, cmd.name)


def recognise_brand(brand: Brand, cmd: RecogniseBrand, place: Place, day: date) -> list[BrandRecognised]:
    """Recognise a brand of a unit of the county, once; a project that it names is the county's too."""
    require(brand.recognised is None, "brand_exists", field="name", name=cmd.name, unit=cmd.unit)
    check_place(place, county=cmd.county, unit=cmd.unit, day=day, project=cmd.project)
    return [BrandRecognised(name=cmd.name, unit=cmd.unit, county=cmd.county, project=cmd.project)]
