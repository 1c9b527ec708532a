"""Where a thing belongs that a county records of a unit, and perhaps of one of its projects."""

from dataclasses import dataclass
from datetime import date

from services.registry.checks import found
from services.registry.project.state import Project
from services.registry.reference.unit import check_standing
from shared.errors import require


@dataclass(frozen=True)
class Place:
    """The county that the unit lies in (None without one), and the project that the command names, if it does.

    `ended` is the day on which the unit ended, None while it stands. `its_own` says of the project that its owner is
    the unit or lies below it.
    """

    county: str | None
    project: Project | None = None
    ended: date | None = None
    its_own: bool = True


def check_place(place: Place, *, county: str, unit: str, day: date, project: str | None = None) -> None:
    """Refuse a unit that is not of the county or had ended on that day, and a project that is not the unit's."""
    require(place.county == county, "unit_of_another_county", field="unit", unit=unit, county=county)
    check_standing(place.ended, unit, day)
    if place.project is not None:
        found(place.project.proposal, "no_such_project", "project", id=project)
        require(place.its_own, "project_of_another_unit", field="project", unit=unit)
