"""A brand (品牌) that is recognised for a unit, and perhaps for one of its projects."""

import unicodedata
from dataclasses import dataclass
from uuid import NAMESPACE_URL, uuid5

from services.registry.checks import found
from services.registry.commands.campaigns import RecogniseBrand
from services.registry.state import Project
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

_BRANDS = uuid5(NAMESPACE_URL, "urn:guatu:brands")


@dataclass(frozen=True)
class BrandFacts:
    """The county that the unit lies in (None without one), and the project that the command names, if it does."""

    county: str | None
    project: Project | None


def brand_id(cmd: RecogniseBrand) -> str:
    """What is one brand: a name of a unit, whether or not a project of it is named. So nothing is recognised twice."""
    return str(uuid5(_BRANDS, f"{cmd.unit}\n{_as_read(cmd.name)}"))


def _as_read(name: str) -> str:
    """A name without what readers do not tell it apart by: width, case, blanks, characters that are not seen."""
    folded = unicodedata.normalize("NFKC", name).casefold()
    return "".join(each for each in folded if unicodedata.category(each)[0] not in "CZ")


def recognise_brand(brand: Brand, cmd: RecogniseBrand, facts: BrandFacts) -> list[BrandRecognised]:
    """Recognise a brand of a unit of the county, once; a project that it names is the county's too."""
    require(brand.recognised is None, "brand_exists", field="name", name=cmd.name, unit=cmd.unit)
    require(facts.county == cmd.county, "unit_of_another_county", field="unit", unit=cmd.unit, county=cmd.county)
    if facts.project is not None:
        proposal = found(facts.project.proposal, "no_such_project", "project", id=cmd.project)
        require(proposal.county == cmd.county, "project_of_another_county", field="project")
    return [BrandRecognised(name=cmd.name, unit=cmd.unit, county=cmd.county, project=cmd.project)]
