"""A scenario file, read and checked: the numbers and the story of a played year. Documented in docs/scenarios.md."""

import tomllib
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import Field, StringConstraints, ValidationError, model_validator

from infra.scenario.model_around import (
    Case,
    Help,
    Honour,
    Incomes,
    Label,
    Metric,
    MutualChecks,
    NamedBrand,
    Organisation,
    Review,
    Rhythm,
    Visits,
)
from infra.scenario.values import (
    Accepted,
    After,
    Count,
    Criteria,
    Days,
    Hour,
    LaterRange,
    Numbered,
    Paces,
    Part,
    Phrase,
    Phrases,
    PointsRange,
    Range,
    Share,
    Some,
    Titles,
    Weights,
    Words,
)
from shared.contracts.assessment import Channel
from shared.contracts.progress import CampaignKind, Severity
from shared.contracts.project import MOST_PARTS
from shared.contracts.values import Day, Month, Period, ShortText, Text, UnitCode
from shared.contracts.values import Year as PlanYear


class Year(Part):
    """A year's holidays on weekdays and its worked weekend days."""

    holidays: tuple[Day, ...]
    workdays: tuple[Day, ...]


class Story(Part):
    """The words that projects, plans and reports are made of. `{place}` is the owner's name."""

    surnames: str = Field(min_length=1)
    given_names: str = Field(min_length=2)
    given_name_lengths: tuple[Some, ...] = Field(min_length=1, description="characters of a given name, drawn evenly")
    titles: Titles
    categories: dict[ShortText, Phrases] = Field(min_length=1)
    criteria: Criteria
    goals: Phrases
    measures: Words
    duties: Words
    team: int = Field(ge=1, le=MOST_PARTS, description="members of a team, each with one of the duties")
    measures_each: int = Field(ge=1, le=MOST_PARTS, description="measures of a plan")
    signers: int = Field(ge=1, description="who signs at an acceptance")
    villages_every: Some = Field(description="every so many projects one is a village's own")
    milestones: Words
    to_the_end: Text
    opinions: Phrases
    remarks: Phrases
    answers: Phrases
    returns: Phrases
    rejections: Phrases
    notes: Phrases
    acceptances: Phrases
    problems: Phrases
    rectifications: Phrases

    @model_validator(mode="after")
    def _enough_to_draw_from(self) -> Self:
        for drawn, words in (("team", "duties"), ("measures_each", "measures")):
            if getattr(self, drawn) > len(getattr(self, words)):
                raise ValueError(f"{drawn} is more than there are {words}")
        if max(self.given_name_lengths) > len(self.given_names):
            raise ValueError("given_name_lengths has more than there are given_names")
        return self


class Course(Part):
    """How a project goes. All spans are in days, drawn evenly from their range."""

    proposed: Days
    submit_after: Range
    review_after: Range
    rounds: Weights = Field(min_length=1, description="weights of ending in round 1, 2, …")
    changes: Range = Field(description="opinions that ask for a change, in each round that ends in a return")
    remarked: Share = Field(description="share of the approvals that come with an approving remark")
    outcome: str = Field("approved", pattern="^(approved|returned|rejected)$")
    start_after: Range = (0, 0)
    lasts: LaterRange = (1, 1)
    milestones: LaterRange = (1, 1)
    pace: Paces = Field((Decimal(1), Decimal(1)), description="done as a share of what is due")
    finished: bool = False
    accept_after: Range = (1, 1)
    announce_after: Range = (1, 1)
    close_after: LaterRange = Field((1, 1), description="working days after the notice's last day")


class Campaign(Part):
    """A campaign of inspections of one county."""

    id: Annotated[str, StringConstraints(pattern="^[a-z0-9][a-z0-9_-]{0,47}$")]
    name: ShortText
    kind: CampaignKind
    opened: Day
    held: Days
    groups: Some
    group_name: Numbered = Field(description="`{n}` is the group's number")
    inspectors_per_group: Some
    townships: Some
    projects: Some = Field(description="projects inspected in all")
    problems: Count
    severities: tuple[Severity, ...] = Field(
        min_length=1, description="drawn from evenly: one that is twice there is oftener"
    )
    minutes_each: Some = Field(description="minutes that each problem takes to be written down")
    settled_within: After = Field(description="days in which what is found is settled: no acceptance comes sooner")
    deadline_after: Range
    rectified_after: LaterRange
    verified_after: int = Field(ge=1, le=3660, description="days from a rectification to its verification")
    rectified: Share = Field(description="share of the problems whose rectification is verified")


class Brands(Part):
    """Brands that are recognised: a name is one of `first` and one of `second`."""

    count: Count
    recognised: Days
    first: Words
    second: Words

    @property
    def names(self) -> list[str]:
        """The names that can be drawn, each once: no brand is recognised twice."""
        return list(dict.fromkeys(first + second for first in self.first for second in self.second))


class Assessment(Part):
    """Sheets of one county: `channels` names each with its number of assessors."""

    periods: dict[Period, Day] = Field(description="period and the day on which its results are published")
    sheets_before: int = Field(ge=1, le=3660, description="days before that on which the sheets come in")
    channels: dict[Channel, Some]
    points: PointsRange
    leaning: int = Field(ge=0, le=100, description="points by which a township stands above or below these at most")


class Notice(Part):
    """A warning notice, signed and replied to."""

    kind: Literal["warning", "supervision"]
    township: int = Field(ge=1, description="the number of the township in the order of its code, from 1")
    title: ShortText
    reason: Phrase
    reply: Phrase
    issued: Day
    sign_by: Day
    reply_by: Day
    signed_after: After
    replied_after: After


class County(Part):
    """What a county does in the year."""

    code: UnitCode
    courses: dict[str, Count] = Field(description="how many projects go each course")
    led: Share = Field(0.0, description="share of them that are 书记领办项目")
    reviewers: Some = 2
    scheme: dict[str, Any] | None = None
    assessment: Assessment | None = None
    campaigns: tuple[Campaign, ...] = ()
    brands: Brands | None = None
    notices: tuple[Notice, ...] = ()
    organisations: tuple[Organisation, ...] = ()
    categories: dict[ShortText, Count] = Field(
        default_factory=dict[str, int], description="how many of the approved projects are of these categories"
    )
    review: Review | None = None
    help: Help | None = None
    visits: Visits | None = None
    incomes: Incomes | None = None
    honours: tuple[Honour, ...] = ()
    labels: tuple[Label, ...] = ()
    cases: tuple[Case, ...] = ()
    named_brands: tuple[NamedBrand, ...] = ()
    mutual_checks: tuple[MutualChecks, ...] = ()
    rhythm: Rhythm | None = None


class Bulletin(Part):
    """The bulletin that ends the year: `manuscript` as the platform takes it."""

    issue: int = Field(ge=1, le=9999)
    manuscript: dict[str, Any]


class Ledger(Part):
    """The projects that come in from one spreadsheet: as many as the city's total wants beside the played ones."""

    total: Count = Field(description="projects approved for the plan year in the whole city")
    counties: tuple[UnitCode, ...] = Field(min_length=1, description="whose townships and villages they are")
    imported: Day
    approved: Days
    start_after: Range
    lasts: LaterRange
    milestones: LaterRange
    pace: Paces
    month: Month = Field(description="the last month that is reported")
    led: Share = 0.0


class Figure(Part):
    """A published figure; `accept` is an exact text or a range `350..360`."""

    published: str
    accept: Accepted


class Published(Part):
    """What was published of a unit, read by the comparison alone."""

    unit: UnitCode
    figures: dict[str, Figure]


class Scenario(Part):
    """A played year."""

    name: str
    seed: int
    first_day: Day
    last_day: Day
    city: UnitCode
    plan_year: PlanYear
    started: Hour = Field(description="when a working day starts")
    ended: Hour
    calendar: dict[str, Year]
    story: Story
    courses: dict[str, Course]
    metrics: tuple[Metric, ...] = ()
    counties: tuple[County, ...] = Field(min_length=1)
    bulletin: Bulletin
    published: tuple[Published, ...]
    ledger: Ledger | None = None


class BadScenario(Exception):
    """The file is no scenario; the message says what is wrong and where."""


def read(path: Path) -> Scenario:
    """Read a scenario file.

    Raises:
        BadScenario: it cannot be read, or something in it is wrong.
    """
    try:
        return Scenario.model_validate(tomllib.loads(path.read_text("utf-8")))
    except FileNotFoundError as error:
        there = ", ".join(sorted(file.name for file in path.parent.glob("*.toml"))) or "none"
        raise BadScenario(f"There is no scenario file {path}. Scenarios in its folder: {there}.") from error
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise BadScenario(f"{path}: {error}") from error
    except ValidationError as error:
        places = (f"  {line}" for line in places_of(error))
        raise BadScenario(f"{path} is no scenario:\n" + "\n".join(places)) from error


def places_of(error: ValidationError, *below: str) -> Iterator[str]:
    """What does not fit a model, a line each with its place, which lies below another."""
    for each in error.errors():
        words = _WORDS.get(each["type"]) or each["msg"].removeprefix("Value error, ")
        yield f"{'.'.join(map(str, (*below, *each['loc'])))}: {words}"


_WORDS = {"missing": "it is missing, and a scenario must say it", "extra_forbidden": "there is nothing of this name"}
"""Where pydantic's own words speak of fields and inputs."""
