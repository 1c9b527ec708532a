"""Carrying out: reports, milestones, inspections, problems, campaigns. Written by the registry."""

from enum import StrEnum
from typing import Final

from pydantic import Field

from shared.contracts.event import EventData, Part
from shared.contracts.topics import Topic
from shared.contracts.values import (
    Day,
    Digest,
    Month,
    OptionalText,
    Percent,
    PersonId,
    ShortText,
    Slug,
    Text,
    UnitCode,
    Year,
)
from shared.contracts.visits import DifficultyEvent

ACCEPTANCE: Final = "acceptance"
"""The inspection, campaign and group of a problem that the site check of an acceptance found; no campaign's id."""


_MUTUAL = "mutual-"


def mutual_campaign(county: str, quarter: str) -> str:
    """The inspection and campaign of a problem that a mutual check found; its group is the township that checked."""
    return f"{_MUTUAL}{county}-{quarter.lower()}"


def of_a_campaign(campaign: str) -> bool:
    """Whether what a problem names is the id of a campaign, not an acceptance or a mutual check."""
    return campaign != ACCEPTANCE and not campaign.startswith(_MUTUAL)


class Severity(StrEnum):
    """How grave a problem is."""

    MINOR = "minor"
    MAJOR = "major"


class CampaignKind(StrEnum):
    """中期评估, 抽查, 年底述评."""

    MID_TERM = "mid_term"
    SPOT_CHECK = "spot_check"
    YEAR_END = "year_end"


class Extended(StrEnum):
    """What an extension is of: a milestone of the plan, or a problem that has to be rectified."""

    MILESTONE = "milestone"
    PROBLEM = "problem"


class Group(Part):
    """A named group of inspectors (评估组)."""

    id: Slug
    name: ShortText
    members: tuple[PersonId, ...] = Field(min_length=1)


class ProgressData(EventData, topic=Topic.PROGRESS):
    """The base of this module's events."""


class ProgressReported(ProgressData, name="progress.reported.v1"):
    """The one report of a project and month; `percent` is the share of the whole work done."""

    month: Month
    percent: Percent
    note: OptionalText = ""
    help_needed: OptionalText = ""


class ProgressCorrected(ProgressData, name="progress.corrected.v1"):
    """A report of a month was corrected; the old value stays visible."""

    month: Month
    was: Percent
    percent: Percent
    reason: Text


class MilestoneReached(ProgressData, name="progress.milestone-reached.v1"):
    """A milestone of the approved plan was reached on the day `on`."""

    milestone: Slug
    on: Day


class MilestoneCorrected(ProgressData, name="progress.milestone-corrected.v1"):
    """A milestone was not reached on the day `was`: it was on the day `on`, or not at all (None)."""

    milestone: Slug
    was: Day
    on: Day | None
    reason: Text


class ExtensionRequested(ProgressData, name="progress.extension-requested.v1"):
    """延期: the owner asks for the day `due` in place of `was`, for a milestone or a problem, the `subject`.

    `endorsed_at` is the unit at which the first of the two steps is decided: the township of a branch, else the county.
    """

    extension: Slug
    of: Extended
    subject: Slug
    was: Day
    due: Day
    reason: Text
    endorsed_at: UnitCode


class ExtensionEndorsed(ProgressData, name="progress.extension-endorsed.v1"):
    """The first step: it is passed on to be granted by somebody else at the county."""

    extension: Slug
    note: OptionalText = ""


class ExtensionGranted(ProgressData, name="progress.extension-granted.v1"):
    """The second step: the subject is due on the day `due` from now on; plan and problem keep the first."""

    extension: Slug
    of: Extended
    subject: Slug
    due: Day


class ExtensionRefused(ProgressData, name="progress.extension-refused.v1"):
    """Either step said no; another one may be asked for."""

    extension: Slug
    reason: Text


class ProjectInspected(ProgressData, name="progress.project-inspected.v1"):
    """A group of a campaign inspected the project on site; `township` is the unit it lies in."""

    inspection: Slug
    campaign: Slug
    group: Slug
    township: UnitCode
    note: OptionalText = ""


class ProblemFound(ProgressData, name="progress.problem-found.v1"):
    """A problem was found, to be rectified by the end of the day `due` (限期改正).

    An inspection found it, or the site check of an acceptance that failed: then `inspection`, `campaign` and `group`
    are all `acceptance`; or a mutual check: then `inspection` and `campaign` are `mutual-<county>-<quarter>` in small
    letters, and `group` is the township that checked.
    """

    problem: Slug
    inspection: Slug
    campaign: Slug
    group: Slug
    severity: Severity
    text: Text
    due: Day


class RectificationReported(ProgressData, name="progress.rectification-reported.v1"):
    """What was done about a problem (整改)."""

    problem: Slug
    text: Text


class RectificationVerified(ProgressData, name="progress.rectification-verified.v1"):
    """Somebody else saw that it holds."""

    problem: Slug
    note: OptionalText = ""


class RectificationRefused(ProgressData, name="progress.rectification-refused.v1"):
    """Somebody else saw that it does not hold; a new deadline is set."""

    problem: Slug
    reason: Text
    due: Day


class AttachmentOf(StrEnum):
    """What of a project a file belongs to."""

    PLAN = "plan"
    REPORT = "report"
    MILESTONE = "milestone"
    PROBLEM = "problem"
    ACCEPTANCE = "acceptance"
    OTHER = "other"


class AttachmentAdded(ProgressData, name="progress.attachment-added.v1"):
    """A file was added; the event holds its SHA-256 alone. `ref` names the month, milestone or problem.

    `personal` says that it tells of persons: whoever reads it is written down. `of_owner` says that the owner's side
    added it, so that who did does not check the project; not told of those added before that was.
    """

    digest: Digest
    name: ShortText
    media_type: ShortText
    size: int = Field(ge=1)
    about: AttachmentOf
    ref: OptionalText = ""
    personal: bool = False
    of_owner: bool = False


class AttachmentErased(ProgressData, name="progress.attachment-erased.v1"):
    """The content of a file was erased; that it was there stays provable."""

    digest: Digest
    reason: Text


class CampaignOpened(ProgressData, name="progress.campaign-opened.v1"):
    """A campaign of inspections with its groups (stream `campaign-<county>-<slug>`)."""

    name: ShortText
    kind: CampaignKind
    county: UnitCode
    year: Year
    groups: tuple[Group, ...] = Field(min_length=1)


class UnitInspected(ProgressData, name="progress.unit-inspected.v1"):
    """A group of a campaign inspected a unit (stream `inspection-<uuid7>`)."""

    campaign: Slug
    group: Slug
    unit: UnitCode
    county: UnitCode
    note: OptionalText = ""


class DayBegan(ProgressData, name="progress.day-began.v1"):
    """A day has begun, as told to one partition of the progress topic (stream `day-<nn>`)."""

    day: Day


ProgressEvent = (
    ProgressReported
    | ProgressCorrected
    | MilestoneReached
    | ProjectInspected
    | ProblemFound
    | RectificationReported
    | RectificationVerified
    | RectificationRefused
    | AttachmentAdded
    | AttachmentErased
    | MilestoneCorrected
    | ExtensionRequested
    | ExtensionEndorsed
    | ExtensionGranted
    | ExtensionRefused
    | DifficultyEvent
)
