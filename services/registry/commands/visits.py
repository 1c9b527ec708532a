"""Commands about site visits, and about difficulties, those of visits and those of projects."""

from shared.command import Command
from shared.contracts.values import Day, OptionalText, PersonId, ProjectId, ShortText, Slug, Text, UnitCode
from shared.contracts.visits import VisitStage
from shared.unit_codes import CountyCode


class HoldVisit(Command, route="/visits/hold"):
    """Record that a leader worked on site at a unit of the county (书记现场办公), perhaps about one project."""

    leader: PersonId
    stage: VisitStage
    unit: UnitCode
    county: CountyCode
    project: ProjectId | None = None
    on: Day
    note: OptionalText = ""

    @property
    def happened(self) -> Day | None:
        """The day `on`."""
        return self.on


class CollectSuggestion(Command, route="/visits/{id}/collect-suggestion"):
    """Record a suggestion that was collected at the visit."""

    suggestion: Slug
    text: Text


class RaiseDifficulty(Command, route="/visits/{id}/raise-difficulty"):
    """Record a difficulty that was raised at the visit."""

    difficulty: Slug
    text: Text


class TakeOnDifficulty(Command, route="/visits/{id}/take-on-difficulty"):
    """Record who sees to a difficulty of the visit: `by` in words; taken on again, it goes from hand to hand."""

    difficulty: Slug
    by: ShortText
    person: PersonId | None = None
    unit: UnitCode | None = None
    until: Day | None = None


class SolveDifficulty(Command, route="/visits/{id}/solve-difficulty"):
    """Record how a difficulty of the visit was solved."""

    difficulty: Slug
    how: Text


class TakeOnProjectDifficulty(TakeOnDifficulty, route="/projects/{id}/take-on-difficulty"):
    """Record who sees to a difficulty that the project's report has asked for help with.

    Of several who lead the nearest unit `secretary` is the one whom an office acts for.
    """

    secretary: PersonId | None = None


class SolveProjectDifficulty(SolveDifficulty, route="/projects/{id}/solve-difficulty"):
    """Record how a difficulty of the project was solved; `secretary` as above."""

    secretary: PersonId | None = None
