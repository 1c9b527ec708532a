"""Site visits (书记现场办公) and difficulties, raised there or in a month's report. Written by the registry."""

from enum import StrEnum

from shared.contracts.event import EventData
from shared.contracts.topics import Topic
from shared.contracts.values import Day, OptionalText, PersonId, ProjectId, ShortText, Slug, Text, UnitCode


class VisitStage(StrEnum):
    """What a visit looks at: 立项评审, 实施, 验收评估."""

    REVIEW = "review"
    CARRYING_OUT = "carrying_out"
    ACCEPTANCE = "acceptance"


class VisitHeld(EventData, topic=Topic.PROGRESS, name="progress.visit-held.v1"):
    """A leader worked on site, on the day `on`, at a unit and perhaps about one project (stream `visit-<uuid7>`)."""

    leader: PersonId
    stage: VisitStage
    unit: UnitCode
    county: UnitCode
    project: ProjectId | None = None
    on: Day
    note: OptionalText = ""


class SuggestionCollected(EventData, topic=Topic.PROGRESS, name="progress.suggestion-collected.v1"):
    """A suggestion that was collected at the visit (意见建议)."""

    suggestion: Slug
    text: Text


class DifficultyRaised(EventData, topic=Topic.PROGRESS, name="progress.difficulty-raised.v1"):
    """A difficulty (痛难点问题), in the stream of the visit or of the project whose report asks for help.

    That of a report is called `help-<month>`.
    """

    difficulty: Slug
    text: Text


class DifficultyTakenOn(EventData, topic=Topic.PROGRESS, name="progress.difficulty-taken-on.v1"):
    """Somebody sees to a difficulty: `by` in words, `person` and `unit` if they are of the platform, up to a day."""

    difficulty: Slug
    by: ShortText
    person: PersonId | None = None
    unit: UnitCode | None = None
    until: Day | None = None


class DifficultySolved(EventData, topic=Topic.PROGRESS, name="progress.difficulty-solved.v1"):
    """A difficulty is solved, and how."""

    difficulty: Slug
    how: Text


DifficultyEvent = DifficultyRaised | DifficultyTakenOn | DifficultySolved
VisitEvent = VisitHeld | SuggestionCollected | DifficultyEvent
