"""Commands about what recurs in a county: mutual checks by the quarter, and the calendar of the year."""

from pydantic import Field

from shared.command import Command
from shared.contracts.mutual_checks import Quarter
from shared.contracts.progress import Severity
from shared.contracts.rhythm import RhythmItem
from shared.contracts.values import Day, OptionalLine, OptionalText, PersonId, Slug, Text, UnitCode, Year
from shared.unit_codes import CountyCode


class DrawMutualChecks(Command, route="/mutual-checks/draw"):
    """Draw by lot which township committee checks which in a quarter (互比互查)."""

    county: CountyCode
    quarter: Quarter


class HoldMutualCheck(Command, route="/mutual-checks/{id}/hold"):
    """Record that a township committee checked the one that it had drawn.

    Of several secretaries of the checking township `secretary` is the one whom an office acts for.
    """

    checking: UnitCode
    on: Day
    note: OptionalText = ""
    secretary: PersonId | None = None

    @property
    def happened(self) -> Day | None:
        """The day `on`."""
        return self.on


class FindProblemMutually(Command, route="/projects/{id}/find-problem-in-mutual-check"):
    """Record a problem of a project that a mutual check found, to be rectified by the end of the day `due`.

    `secretary` as above.
    """

    problem: Slug
    quarter: Quarter
    checking: UnitCode
    severity: Severity
    text: Text
    due: Day
    secretary: PersonId | None = None


class SetRhythm(Command, route="/rhythms/set"):
    """Set a county's calendar of a year, or replace it; what was held stays in it."""

    county: CountyCode
    year: Year
    items: tuple[RhythmItem, ...] = Field(min_length=1)


class HoldRhythm(Command, route="/rhythms/{id}/hold"):
    """Record that what was due was held."""

    item: Slug
    on: Day
    note: OptionalText = ""
    link: OptionalLine = ""

    @property
    def happened(self) -> Day | None:
        """The day `on`."""
        return self.on
