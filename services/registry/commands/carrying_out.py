"""Commands while a project is carried out: progress, inspections, problems."""

from shared.command import Command
from shared.contracts.progress import Severity
from shared.contracts.values import Day, Month, OptionalText, Percent, Slug, Text


class StartProject(Command, route="/projects/{id}/start"):
    """Begin the work."""


class ReportProgress(Command, route="/projects/{id}/report-progress"):
    """Report a month's progress: the share of the whole work that is done."""

    month: Month
    percent: Percent
    note: OptionalText = ""
    help_needed: OptionalText = ""


class CorrectProgress(Command, route="/projects/{id}/correct-progress"):
    """Correct the report of a month (更正); the old value stays visible."""

    month: Month
    percent: Percent
    reason: Text


class ReachMilestone(Command, route="/projects/{id}/reach-milestone"):
    """Report that a milestone of the plan was reached on a day."""

    milestone: Slug
    on: Day

    @property
    def happened(self) -> Day | None:
        """The day `on`."""
        return self.on


class CorrectMilestone(Command, route="/projects/{id}/correct-milestone"):
    """Correct the day on which a milestone was reached; without a day it was not reached at all (更正)."""

    milestone: Slug
    on: Day | None = None
    reason: Text

    @property
    def happened(self) -> Day | None:
        """The day `on`."""
        return self.on


class InspectProject(Command, route="/projects/{id}/inspect"):
    """Record a group's inspection of the project on site."""

    inspection: Slug
    campaign: Slug
    group: Slug
    note: OptionalText = ""


class FindProblem(Command, route="/projects/{id}/find-problem"):
    """Record a problem that an inspection found, to be rectified by the end of the day `due` (限期改正)."""

    problem: Slug
    inspection: Slug
    severity: Severity
    text: Text
    due: Day


class ReportRectification(Command, route="/projects/{id}/report-rectification"):
    """Report what was done about a problem (整改)."""

    problem: Slug
    text: Text


class VerifyRectification(Command, route="/projects/{id}/verify-rectification"):
    """Confirm on site that a problem is rectified."""

    problem: Slug
    note: OptionalText = ""


class RefuseRectification(Command, route="/projects/{id}/refuse-rectification"):
    """Find on site that a problem is not rectified, and set a new deadline."""

    problem: Slug
    reason: Text
    due: Day
