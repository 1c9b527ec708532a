"""The tables of a scenario file about what happens around projects. Documented in docs/scenarios.md."""

from decimal import Decimal
from typing import Annotated

from pydantic import AfterValidator, Field, model_validator

from infra.scenario.values import Count, Days, LaterRange, Part, Phrases, Some, Words
from shared.contracts.cases import CaseColumn
from shared.contracts.honours import HonourKind, HonourLevel
from shared.contracts.mutual_checks import Quarter
from shared.contracts.rhythm import RhythmKind
from shared.contracts.values import Day, OptionalText, ShortText, Slug, Text, UnitCode


def _hundredths(amount: Decimal) -> Decimal:
    if amount != amount.quantize(Decimal("0.01")):
        raise ValueError("an amount has at most two decimals")
    return amount


Amount = Annotated[Decimal, Field(ge=0, le=10**9), AfterValidator(_hundredths)]


class Organisation(Part):
    """A unit that has no division code: a department, an enterprise, a housing estate."""

    code: UnitCode
    name: ShortText
    parent: UnitCode


class Metric(Part):
    """A metric that the city's catalogue has."""

    metric: Slug
    name: ShortText
    measure: ShortText


class Review(Part):
    """What a county's reviewers do in all, where it is not left to the courses' chances."""

    not_approved: Count = Field(description="plans that are returned or rejected at least once")
    opinions: Count = Field(description="opinions that ask for a change, on all plans together")


class Help(Part):
    """Monthly reports that ask for help; the first `solved` of these difficulties are solved."""

    reports: Count
    solved: Count
    texts: Phrases
    by: Words
    solutions: Phrases
    taken_on_after: LaterRange
    solved_after: LaterRange

    @model_validator(mode="after")
    def _no_more_than_there_are(self) -> "Help":
        if self.solved > self.reports:
            raise ValueError("solved is more than there are reports")
        return self


class Visits(Part):
    """Site visits of the county's leader, with what they collect in all; the first `solved` difficulties are solved."""

    count: Some
    held: Days
    suggestions: Count
    difficulties: Count
    solved: Count
    notes: Phrases
    suggested: Phrases
    raised: Phrases
    by: Words
    solutions: Phrases
    taken_on_after: LaterRange
    solved_after: LaterRange

    @model_validator(mode="after")
    def _no_more_than_there_are(self) -> "Visits":
        if self.solved > self.difficulties:
            raise ValueError("solved is more than there are difficulties")
        return self


class Incomes(Part):
    """The income of every village of a county: drawn, and fitted to the mean and to how many lie above a line."""

    metric: Slug
    as_of: Day = Field(description="the day that the values hold for")
    recorded: Days
    mean: Amount
    line: Amount
    above: Count = Field(description="villages above the line")
    between: tuple[Amount, Amount] = Field(description="the lowest and the highest value that there can be")
    mistaken: Count = Field(0, description="values that are first recorded tenfold, and corrected")
    corrected_after: LaterRange = (1, 1)
    reason: Text


class Honour(Part):
    """An honour of a unit."""

    kind: HonourKind
    level: HonourLevel
    unit: UnitCode
    title: ShortText
    day: Day
    given_by: ShortText
    recorded: Day
    note: OptionalText = ""


class Label(Part):
    """A label of a unit."""

    label: ShortText
    unit: UnitCode
    since: Day
    recorded: Day
    note: OptionalText = ""


class Case(Part):
    """A case that is selected, and published in a column."""

    title: ShortText
    unit: UnitCode
    summary: Text
    selected: Day
    column: CaseColumn
    headline: ShortText
    text: Text
    published: Day


class NamedBrand(Part):
    """A brand that is recognised by its name."""

    name: ShortText
    unit: UnitCode
    recognised: Day


class MutualChecks(Part):
    """The mutual checks of a quarter: who checks whom is drawn at the platform, the file says how many are held."""

    quarter: Quarter
    drawn: Day
    held: Days
    count: Some = Field(description="townships that hold the check that they have drawn")
    notes: Phrases


class RhythmItem(Part):
    """What is due by the end of a day, and the day on which it was held, if it was."""

    id: Slug
    kind: RhythmKind
    title: ShortText
    due: Day
    held: Day | None = None
    note: OptionalText = ""


class Rhythm(Part):
    """The calendar of a county for the plan year, and the day on which it is set."""

    set: Day
    items: tuple[RhythmItem, ...] = Field(min_length=1)
