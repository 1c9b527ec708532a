"""What of the tables around projects does not fit together, or not to its city; each a line with its place."""

from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta

from infra.scenario.around import villages_of
from infra.scenario.divisions import Unit, below
from infra.scenario.model import County, Scenario
from infra.scenario.model_around import Help, Incomes, MutualChecks, Rhythm, Visits
from infra.scenario.reviews import refused_for_good
from infra.scenario.timing import Timing
from services.registry.around.mutual import FEWEST, first_day
from services.registry.reference.unit import PARENTS
from shared.contracts.divisions import UnitKind, kind_of

Played = Callable[..., Iterator[str]]
"""The check that days are played ones: a line for each that is not."""


class FittingAround:
    """The checks of one county's tables; `played` is the check of days."""

    def __init__(
        self, scenario: Scenario, county: County, units: Sequence[Unit], timing: Timing, place: str, played: Played
    ) -> None:
        self._scenario, self._county, self._units = scenario, county, units
        self._timing, self._place, self._played = timing, place, played

    def misfits(self) -> Iterator[str]:
        """Every misfit."""
        yield from self._organisations()
        yield from self._projects()
        if self._county.visits is not None:
            yield from self._visits(f"{self._place}.visits", self._county.visits)
        if self._county.help is not None:
            yield from self._ends(f"{self._place}.help", self._scenario.first_day, self._county.help)
        if self._county.incomes is not None:
            yield from self._incomes(f"{self._place}.incomes", self._county.incomes)
        yield from self._records()
        for n, checks in enumerate(self._county.mutual_checks):
            yield from self._mutual_checks(f"{self._place}.mutual_checks.{n}", checks)
        if self._county.rhythm is not None:
            yield from self._rhythm(f"{self._place}.rhythm", self._county.rhythm)

    def _organisations(self) -> Iterator[str]:
        known = {unit.code for unit in self._units}
        for n, unit in enumerate(self._county.organisations):
            place = f"{self._place}.organisations.{n}"
            kind = kind_of(unit.code)
            if kind not in (UnitKind.DEPARTMENT, UnitKind.ENTERPRISE, UnitKind.ESTATE):
                yield f"{place}.code: {unit.code} is no code of a department, an enterprise or an estate"
            elif not unit.code.startswith(self._county.code):
                yield f"{place}.code: {unit.code} is not one of {self._county.code}"
            elif unit.parent not in known or kind_of(unit.parent) not in PARENTS[kind]:
                yield f"{place}.parent: a unit of this kind cannot lie below {unit.parent}"
            known.add(unit.code)

    def _projects(self) -> Iterator[str]:
        courses = [
            name for name, count in self._county.courses.items() if name in self._scenario.courses for _ in range(count)
        ]
        lost = len(refused_for_good(self._scenario, courses))
        for category in self._county.categories.keys() - self._scenario.story.categories.keys():
            yield f"{self._place}.categories.{category}: there is no such category"
        named = sum(self._county.categories.values())
        if named > len(courses) - lost:
            yield f"{self._place}.categories: {named}, and {len(courses) - lost} projects are approved"
        elif self._county.categories.keys() == self._scenario.story.categories.keys() and named < len(courses):
            yield f"{self._place}.categories: none is left for the other projects"
        review = self._county.review
        if review is not None and not lost <= review.not_approved <= len(courses):
            yield f"{self._place}.review.not_approved: it lies between {lost} and {len(courses)} projects"

    def _ends(self, place: str, last: date, words: Help | Visits) -> Iterator[str]:
        """What begins on a day at the latest is settled within the played days."""
        longest = timedelta(days=words.taken_on_after[1] + words.solved_after[1] + 20)
        if last + longest > self._scenario.last_day:
            yield f"{place}.solved_after: what is raised on {last} may not be solved by {self._scenario.last_day}"

    def _visits(self, place: str, visits: Visits) -> Iterator[str]:
        yield from self._played(f"{place}.held", *visits.held)
        yield from self._ends(place, visits.held[1], visits)

    def _incomes(self, place: str, incomes: Incomes) -> Iterator[str]:
        yield from self._played(f"{place}.recorded", *incomes.recorded)
        if incomes.metric not in {metric.metric for metric in self._scenario.metrics}:
            yield f"{place}.metric: there is no metric {incomes.metric} in metrics"
        if incomes.recorded[0] <= self._timing.workday(self._scenario.first_day):
            yield f"{place}.recorded: {incomes.recorded[0]} is not after the day on which metrics are defined"
        if incomes.as_of > incomes.recorded[0]:
            yield f"{place}.as_of: {incomes.as_of} comes after {incomes.recorded[0]}"
        villages = len(villages_of(self._units, self._county.code))
        if incomes.above > villages or incomes.mistaken > villages:
            yield f"{place}.above: the county has {villages} villages"
        yield from self._played(
            f"{place}.corrected_after", incomes.recorded[1] + timedelta(days=incomes.corrected_after[1])
        )

    def _records(self) -> Iterator[str]:
        county = self._county
        known = {unit.code for unit in (*self._units, *county.organisations) if unit.code.startswith(county.code)}
        tables = {
            "honours": [(each.unit, (each.day, each.recorded), (each.recorded,)) for each in county.honours],
            "labels": [(each.unit, (each.since, each.recorded), (each.recorded,)) for each in county.labels],
            "cases": [
                (each.unit, (each.selected + timedelta(days=1), each.published), (each.selected, each.published))
                for each in county.cases
            ],
            "named_brands": [(each.unit, (), (each.recognised,)) for each in county.named_brands],
        }
        for table, lines in tables.items():
            for n, (unit, in_order, played) in enumerate(lines):
                place = f"{self._place}.{table}.{n}"
                if unit not in known:
                    yield f"{place}.unit: {unit} is no unit of {county.code}"
                yield from self._played(place, *played)
                if in_order and in_order[0] > in_order[1]:
                    yield f"{place}: {in_order[1]} is too early"

    def _mutual_checks(self, place: str, checks: MutualChecks) -> Iterator[str]:
        yield from self._played(place, checks.drawn, *checks.held)
        if [each.quarter for each in self._county.mutual_checks].count(checks.quarter) > 1:
            yield f"{place}.quarter: {checks.quarter} is there twice"
        if checks.drawn < first_day(checks.quarter):
            yield f"{place}.drawn: {checks.quarter} has not begun on {checks.drawn}"
        if checks.held[0] <= self._timing.workday(checks.drawn):
            yield f"{place}.held: {checks.held[0]} is not after the day of the lot"
        townships = len(below(self._units, self._county.code))
        if not max(FEWEST, checks.count) <= townships:
            yield f"{place}.count: the county has {townships} townships"

    def _rhythm(self, place: str, rhythm: Rhythm) -> Iterator[str]:
        yield from self._played(f"{place}.set", rhythm.set)
        year = self._scenario.plan_year
        ids = [item.id for item in rhythm.items]
        for n, item in enumerate(rhythm.items):
            if ids.count(item.id) > 1:
                yield f"{place}.items.{n}.id: {item.id} is there twice"
            if item.due.year not in (year, year + 1):
                yield f"{place}.items.{n}.due: {item.due} lies neither in {year} nor in the year after"
            if item.held is not None:
                yield from self._played(f"{place}.items.{n}.held", item.held)
                if item.held <= self._timing.workday(rhythm.set):
                    yield f"{place}.items.{n}.held: {item.held} is not after the day on which the calendar is set"
