"""A scenario file, read and checked: the numbers and the story of a played year. Documented in docs/scenarios.md."""

import tomllib
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

Range = Annotated[tuple[int, int], Field(description="from and to, both included")]
Days = tuple[date, date]
Share = Annotated[float, Field(ge=0, le=1)]


class Part(BaseModel):
    """A table of the file; unknown names are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Year(Part):
    """A year's holidays on weekdays and its worked weekend days."""

    holidays: tuple[date, ...]
    workdays: tuple[date, ...]


class Story(Part):
    """The words that projects, plans and reports are made of. `{place}` is the owner's name."""

    surnames: str
    given_names: str
    categories: dict[str, tuple[str, ...]]
    criteria: dict[str, tuple[str, ...]]
    goals: tuple[str, ...]
    measures: tuple[str, ...]
    duties: tuple[str, ...]
    team: int = Field(ge=1, description="members of a team, each with one of the duties")
    measures_each: int = Field(ge=1, description="measures of a plan")
    signers: int = Field(ge=1, description="who signs at an acceptance")
    milestones: tuple[str, ...]
    to_the_end: str
    opinions: tuple[str, ...]
    remarks: tuple[str, ...]
    answers: tuple[str, ...]
    returns: tuple[str, ...]
    rejections: tuple[str, ...]
    notes: tuple[str, ...]
    acceptances: tuple[str, ...]
    problems: tuple[str, ...]
    rectifications: tuple[str, ...]

    @model_validator(mode="after")
    def _enough_to_draw_from(self) -> Self:
        for drawn, words in (("team", "duties"), ("measures_each", "measures")):
            if getattr(self, drawn) > len(getattr(self, words)):
                raise ValueError(f"{drawn} is more than there are {words}")
        return self


class Course(Part):
    """How a project goes. All spans are in days, drawn evenly from their range."""

    proposed: Days
    submit_after: Range
    review_after: Range
    rounds: tuple[int, ...] = Field(min_length=1, description="weights of ending in round 1, 2, …")
    changes: Range = Field(description="opinions that ask for a change, in each round that ends in a return")
    remarked: Share = Field(description="share of the approvals that come with an approving remark")
    outcome: str = Field("approved", pattern="^(approved|returned|rejected)$")
    start_after: Range = (0, 0)
    lasts: Range = (1, 1)
    milestones: Range = (1, 1)
    pace: tuple[Decimal, Decimal] = Field((Decimal(1), Decimal(1)), description="done as a share of what is due")
    finished: bool = False
    accept_after: Range = (1, 1)
    announce_after: Range = (1, 1)
    close_after: Range = Field((1, 1), description="working days after the notice's last day")


class Campaign(Part):
    """A campaign of inspections of one county."""

    id: str
    name: str
    kind: str
    opened: date
    held: Days
    groups: int
    group_name: str = Field(description="`{n}` is the group's number")
    inspectors_per_group: int
    townships: int
    projects: int = Field(description="projects inspected in all")
    problems: int
    severities: tuple[str, ...] = Field(
        min_length=1, description="drawn from evenly: one that is twice there is oftener"
    )
    deadline_after: Range
    rectified_after: Range
    verified_after: int = Field(description="days from a rectification to its verification")
    rectified: Share = Field(description="share of the problems whose rectification is verified")


class Brands(Part):
    """Brands that are recognised: a name is one of `first` and one of `second`."""

    count: int
    recognised: Days
    first: tuple[str, ...]
    second: tuple[str, ...]


class Assessment(Part):
    """Sheets of one county: `channels` names each with its number of assessors."""

    periods: dict[str, date] = Field(description="period and the day on which its results are published")
    sheets_before: int = Field(description="days before that on which the sheets come in")
    channels: dict[str, int]
    points: Range
    leaning: int = Field(ge=0, description="points by which a township stands above or below these at most")


class Notice(Part):
    """A warning notice, signed and replied to."""

    kind: str
    township: int = Field(description="the number of the township in the order of its code, from 1")
    title: str
    reason: str
    reply: str
    issued: date
    sign_by: date
    reply_by: date
    signed_after: int
    replied_after: int


class County(Part):
    """What a county does in the year."""

    code: str
    courses: dict[str, int] = Field(description="how many projects go each course")
    led: Share = Field(0.0, description="share of them that are 书记领办项目")
    reviewers: int = 2
    scheme: dict[str, Any] | None = None
    assessment: Assessment | None = None
    campaigns: tuple[Campaign, ...] = ()
    brands: Brands | None = None
    notices: tuple[Notice, ...] = ()


class Bulletin(Part):
    """The bulletin that ends the year: `manuscript` as the platform takes it."""

    issue: int
    manuscript: dict[str, Any]


class Figure(Part):
    """A published figure; `accept` is an exact text or a range `350..360`."""

    published: str
    accept: str


class Published(Part):
    """What was published, read by the comparison alone."""

    unit: str
    figures: dict[str, Figure]


class Scenario(Part):
    """A played year."""

    name: str
    seed: int
    first_day: date
    last_day: date
    city: str
    plan_year: int
    started: str = Field(pattern=r"^\d\d:\d\d$", description="when a working day starts")
    ended: str = Field(pattern=r"^\d\d:\d\d$")
    calendar: dict[str, Year]
    story: Story
    courses: dict[str, Course]
    counties: tuple[County, ...] = Field(min_length=1)
    bulletin: Bulletin
    published: Published

    @model_validator(mode="after")
    def _courses_exist(self) -> Self:
        for county in self.counties:
            for course in county.courses:
                if course not in self.courses:
                    raise ValueError(f"county {county.code} names the course {course!r}, which is not in [courses]")
        return self


class BadScenario(Exception):
    """The file is no scenario; the message says what is wrong and where."""


def read(path: Path) -> Scenario:
    """Read a scenario file.

    Raises:
        BadScenario: it cannot be read, or something in it is wrong.
    """
    try:
        return Scenario.model_validate(tomllib.loads(path.read_text("utf-8")))
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise BadScenario(f"{path}: {error}") from error
    except ValidationError as error:
        places = (f"  {'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
        raise BadScenario(f"{path} is no scenario:\n" + "\n".join(places)) from error
