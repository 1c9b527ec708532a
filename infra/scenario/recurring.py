"""What recurs in a county, as threads: mutual checks drawn by lot and held, the calendar of the year."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from infra.scenario.action import Action, Thread
from infra.scenario.cast import Cast
from infra.scenario.divisions import below
from infra.scenario.model import County, Scenario
from infra.scenario.model_around import MutualChecks, Rhythm
from infra.scenario.timing import Timing


def recurring_threads(scenario: Scenario, county: County, cast: Cast, timing: Timing) -> Iterator[Thread]:
    """The threads of one county."""
    recurring = _Recurring(county, cast, timing, random.Random(f"{scenario.seed} {county.code} recurring"))
    for checks in county.mutual_checks:
        yield recurring.mutual_checks(checks)
    if county.rhythm is not None:
        yield recurring.rhythm(county.rhythm, scenario.plan_year)


@dataclass(frozen=True)
class _Recurring:
    county: County
    cast: Cast
    timing: Timing
    rng: random.Random

    def _at(self, day: date, actor: str, path: str, body: dict[str, Any]) -> Action:
        return Action(self.timing.moment(self.rng, self.timing.workday(day)), actor, path, body)

    def mutual_checks(self, checks: MutualChecks) -> Thread:
        """The county's reviewer draws; the offices of some townships record the checks that they have drawn."""
        code = self.county.code
        body = {"county": code, "quarter": checks.quarter}
        actions = [self._at(checks.drawn, self.cast.post(code, "reviewer"), "/registry/mutual-checks/draw", body)]
        held = [
            self._held(checks, township.code, township.name)
            for township in self.rng.sample(below(self.cast.units, code), checks.count)
        ]
        actions += sorted(held, key=lambda action: action.at)
        return Thread(f"{code}-mutual-{checks.quarter}", actions, f"{code}-{checks.quarter}")

    def _held(self, checks: MutualChecks, township: str, name: str) -> Action:
        day = self.timing.drawn(self.rng, checks.held)
        note = self.rng.choice(checks.notes).format(place=name)
        body = {"checking": township, "on": day.isoformat(), "note": note}
        return self._at(day, self.cast.post(township, "office"), "/registry/mutual-checks/{id}/hold", body)

    def rhythm(self, rhythm: Rhythm, year: int) -> Thread:
        """The county's supervisor sets the calendar, and records what was held."""
        code, actor = self.county.code, self.cast.post(self.county.code, "supervisor")
        items = [item.model_dump(mode="json", exclude={"held", "note"}) for item in rhythm.items]
        body = {"county": code, "year": year, "items": items}
        actions = [self._at(rhythm.set, actor, "/registry/rhythms/set", body)]
        for item in sorted(rhythm.items, key=lambda item: (item.due, item.id)):
            if item.held is not None:
                told = {"item": item.id, "on": item.held.isoformat(), "note": item.note}
                actions.append(self._at(item.held, actor, "/registry/rhythms/{id}/hold", told))
        actions.sort(key=lambda action: action.at)
        return Thread(f"{code}-rhythm", actions, f"{code}-{year}")
