"""What happens around a county's projects, as threads: visits, incomes, honours, labels, cases, brands by name."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from infra.scenario.action import Action, Thread
from infra.scenario.cast import Cast
from infra.scenario.divisions import Unit, below
from infra.scenario.incomes import fitted
from infra.scenario.model import County, Scenario
from infra.scenario.model_around import Help, Incomes, Visits
from infra.scenario.projects import PROJECT, ProjectThread
from infra.scenario.timing import Timing
from shared.contracts.divisions import UnitKind, kind_of
from shared.contracts.visits import VisitStage

VISIT = "/registry/visits/{id}/"
TENFOLD = 10
"""What a mistaken value is first recorded as: a digit too many."""


class TooFewReports(Exception):
    """More reports are to ask for help than are made in time."""


def metric_threads(scenario: Scenario, cast: Cast, timing: Timing) -> Iterator[Thread]:
    """The city's catalogue is defined on the first working day."""
    rng = random.Random(f"{scenario.seed} metrics")
    admin = cast.post(scenario.city, "platform_admin")
    for metric in scenario.metrics:
        body = {**metric.model_dump(), "unit": scenario.city}
        at = timing.moment(rng, timing.workday(timing.first))
        yield Thread(f"metric-{metric.metric}", [Action(at, admin, "/registry/metrics/define", body)])


def around_threads(
    scenario: Scenario, county: County, projects: Sequence[ProjectThread], cast: Cast, timing: Timing
) -> Iterator[Thread]:
    """The threads of one county; what its projects need help with is added to the threads of these.

    Raises:
        TooFewReports, NoFit: the plot cannot have the numbers of the file.
    """
    around = _Around(county, cast, timing, random.Random(f"{scenario.seed} {county.code} around"))
    if county.help is not None:
        around.ask_for_help(county.help, projects)
    if county.visits is not None:
        yield from around.visits(county.visits)
    if county.incomes is not None:
        yield from around.incomes(county.incomes)
    yield from around.records()


def villages_of(units: Sequence[Unit], county: str) -> list[tuple[Unit, Unit]]:
    """The villages of a county, not its communities, each with its township."""
    townships = below(units, county)
    lying = ((village, township) for township in townships for village in below(units, township.code))
    return [(village, township) for village, township in lying if kind_of(village.code) is UnitKind.VILLAGE]


@dataclass(frozen=True)
class _Around:
    county: County
    cast: Cast
    timing: Timing
    rng: random.Random

    def _at(self, day: date, actor: str, path: str, body: dict[str, Any]) -> Action:
        return Action(self.timing.moment(self.rng, self.timing.workday(day)), actor, path, body)

    def _reviewer(self) -> str:
        return self.cast.post(self.county.code, "reviewer")

    def _of_county(self, name: str, day: date, path: str, body: dict[str, Any]) -> Thread:
        """A thread of one command by a reviewer that names the county."""
        action = self._at(day, self._reviewer(), path, body | {"county": self.county.code})
        return Thread(f"{self.county.code}-{name}", [action])

    def ask_for_help(self, help: Help, projects: Sequence[ProjectThread]) -> None:
        """Reports ask for help; a reviewer tells who takes it on, and how the first ones are solved."""
        latest = self.timing.last - timedelta(days=help.taken_on_after[1] + help.solved_after[1] + 20)
        reports = [
            (thread, action)
            for thread in projects
            for action in thread.actions
            if action.path == PROJECT + "report-progress" and action.at.date() <= latest
        ]
        if len(reports) < help.reports:
            raise TooFewReports(f"{self.county.code}: {help.reports} reports are to ask for help, {len(reports)} can")
        for n, (thread, report) in enumerate(self.rng.sample(reports, help.reports)):
            assert thread.place is not None
            place = thread.place.owner.name
            report.body["help_needed"] = self.rng.choice(help.texts).format(place=place)
            added = self._life(help, f"help-{report.body['month']}", report.at.date(), PROJECT, place, n < help.solved)
            thread.actions = sorted([*thread.actions, *added], key=lambda action: action.at)

    def _life(self, words: Help | Visits, slug: str, day: date, path: str, place: str, solved: bool) -> list[Action]:
        """A difficulty is taken on, and solved if it is one of those."""
        actor = self._reviewer()
        taken_on = self.timing.later(self.rng, day, words.taken_on_after)
        by = self.rng.choice(words.by)
        life = [self._at(taken_on, actor, path + "take-on-difficulty", {"difficulty": slug, "by": by})]
        if solved:
            on = self.timing.later(self.rng, taken_on, words.solved_after)
            how = self.rng.choice(words.solutions).format(place=place)
            life.append(self._at(on, actor, path + "solve-difficulty", {"difficulty": slug, "how": how}))
        return life

    def visits(self, visits: Visits) -> Iterator[Thread]:
        """The county's leader goes around the townships; what is collected is spread over the visits."""
        townships = below(self.cast.units, self.county.code)
        suggestions = _spread(visits.suggestions, visits.count)
        difficulties = _spread(visits.difficulties, visits.count)
        raised = 0
        for n in range(visits.count):
            place = townships[n % len(townships)]
            day = self.timing.drawn(self.rng, visits.held)
            at = self.timing.moment(self.rng, day)
            held = {
                "leader": self.cast.post(self.county.code, "leader"),
                "stage": tuple(VisitStage)[n % len(VisitStage)],
                "unit": place.code,
                "county": self.county.code,
                "on": day.isoformat(),
                "note": self.rng.choice(visits.notes).format(place=place.name),
            }
            actor = self.cast.post(self.county.code, "supervisor")
            actions = [Action(at, actor, "/registry/visits/hold", held)]
            for k in range(1, suggestions[n] + 1):
                text = self.rng.choice(visits.suggested).format(place=place.name)
                body = {"suggestion": f"s{k}", "text": text}
                actions.append(Action(at + timedelta(minutes=k), actor, VISIT + "collect-suggestion", body))
            lives: list[Action] = []
            for k in range(1, difficulties[n] + 1):
                text = self.rng.choice(visits.raised).format(place=place.name)
                after = timedelta(minutes=suggestions[n] + k)
                actions.append(
                    Action(at + after, actor, VISIT + "raise-difficulty", {"difficulty": f"d{k}", "text": text})
                )
                raised += 1
                lives += self._life(visits, f"d{k}", day, VISIT, place.name, raised <= visits.solved)
            actions += sorted(lives, key=lambda action: action.at)
            yield Thread(f"{self.county.code}-visit-{n + 1}", [a for a in actions if a.at.date() <= self.timing.last])

    def incomes(self, incomes: Incomes) -> Iterator[Thread]:
        """Every township's office records the income of each of its villages; the first ones are mistaken at first."""
        villages = villages_of(self.cast.units, self.county.code)
        values = fitted(incomes, len(villages), self.rng)
        for n, ((village, township), value) in enumerate(zip(villages, values, strict=True)):
            office = self.cast.post(township.code, "office")
            told = {"metric": incomes.metric, "unit": village.code, "day": incomes.as_of.isoformat()}
            day = self.timing.drawn(self.rng, incomes.recorded)
            mistaken = n < incomes.mistaken
            first = value * TENFOLD if mistaken else value
            actions = [self._at(day, office, "/registry/metrics/record", told | {"value": _plain(first)})]
            if mistaken:
                later = self.timing.later(self.rng, day, incomes.corrected_after)
                right = told | {"value": _plain(value), "reason": incomes.reason}
                actions.append(self._at(later, office, "/registry/metrics/correct", right))
            yield Thread(f"{village.code}-{incomes.metric}", actions)

    def records(self) -> Iterator[Thread]:
        """What the county's reviewer records of single units: honours, labels, cases, brands."""
        for n, honour in enumerate(self.county.honours, 1):
            told = honour.model_dump(mode="json", exclude={"recorded"})
            yield self._of_county(f"honour-{n}", honour.recorded, "/registry/honours/record", told)
        for n, label in enumerate(self.county.labels, 1):
            told = label.model_dump(mode="json", exclude={"recorded"})
            yield self._of_county(f"label-{n}", label.recorded, "/registry/labels/record", told)
        for n, brand in enumerate(self.county.named_brands, 1):
            told = {"name": brand.name, "unit": brand.unit}
            yield self._of_county(f"named-brand-{n}", brand.recognised, "/registry/brands/recognise", told)
        for n, case in enumerate(self.county.cases, 1):
            told = {"title": case.title, "unit": case.unit, "summary": case.summary}
            thread = self._of_county(f"case-{n}", case.selected, "/registry/cases/select", told)
            published = {"column": case.column.value, "title": case.headline, "text": case.text}
            thread.actions.append(self._at(case.published, self._reviewer(), "/registry/cases/{id}/publish", published))
            yield thread


def _spread(total: int, places: int) -> list[int]:
    """So many in all over the places, as evenly as it goes."""
    return [total // places + (n < total % places) for n in range(places)]


def _plain(value: Decimal) -> str:
    return f"{value:f}"
