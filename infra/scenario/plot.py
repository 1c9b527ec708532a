"""The whole plot: every thread of a scenario, drawn with its seed. Pure: the same file, the same plot."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from infra.scenario.action import Action, Thread
from infra.scenario.around import around_threads, metric_threads
from infra.scenario.campaigns import campaign_threads
from infra.scenario.cast import Cast, assemble
from infra.scenario.divisions import Unit, below
from infra.scenario.ledger import LedgerLine, ledger_lines
from infra.scenario.model import County, Notice, Scenario
from infra.scenario.projects import Drawing, Place, ProjectThread
from infra.scenario.recurring import recurring_threads
from infra.scenario.reviews import reviews_of
from infra.scenario.timing import DAY, Timing, timing_of


@dataclass
class Plot:
    """What is played: the cast on its stage, and the threads."""

    cast: Cast
    units: Sequence[Unit]
    organisations: Sequence[Unit]
    timing: Timing
    threads: list[Thread]
    ledger: Sequence[LedgerLine] = ()


def drawn(scenario: Scenario, units: Sequence[Unit]) -> Plot:
    """Draw the plot of a scenario over the units of its city."""
    cast = assemble(scenario, units)
    timing = timing_of(scenario)
    threads: list[Thread] = list(metric_threads(scenario, cast, timing))
    for county in scenario.counties:
        rng = random.Random(f"{scenario.seed} {county.code}")
        projects = list(_projects(scenario, county, cast, timing, rng))
        threads += projects
        threads += campaign_threads(county, projects, cast, timing, rng, scenario)
        threads += around_threads(scenario, county, projects, cast, timing)
        threads += recurring_threads(scenario, county, cast, timing)
        threads += _brands(county, cast, timing, rng)
        threads += _schemes(county, cast, timing, rng)
        threads += _results(county, cast, timing, rng)
        threads += (_notice(county, n, notice, cast, timing, rng) for n, notice in enumerate(county.notices, 1))
    organisations = [Unit(o.code, o.name, o.parent) for county in scenario.counties for o in county.organisations]
    played = [thread for thread in threads if thread.actions]
    return Plot(cast, units, organisations, timing, played, ledger_lines(scenario, cast, played))


def _projects(
    scenario: Scenario, county: County, cast: Cast, timing: Timing, rng: random.Random
) -> Iterator[ProjectThread]:
    """Projects go around the townships; every so many one is a village's own."""
    every = scenario.story.villages_every
    home = next(unit for unit in cast.units if unit.code == county.code)
    townships = below(cast.units, county.code)
    reviewers = tuple(cast.post(county.code, "reviewer", n) for n in range(1, county.reviewers + 1))
    courses = [name for name, count in county.courses.items() for _ in range(count)]
    categories = _categories(scenario, county, courses)
    reviews = reviews_of(scenario, county, courses)
    for number, name in enumerate(courses):
        township = townships[number % len(townships)]
        villages = below(cast.units, township.code)
        owner = (
            villages[number // len(townships) % len(villages)] if number % every == every - 1 and villages else township
        )
        role = "township_secretary" if owner is township else "branch_secretary"
        place = Place(owner, township, home, cast.post(owner.code, role), reviewers)
        kind = "led" if rng.random() < county.led else "secretary"
        drawing = Drawing(
            scenario,
            scenario.courses[name],
            timing,
            cast,
            rng,
            place,
            categories=categories[number],
            reviewed=reviews[number],
        )
        yield drawing.project(f"{county.code}-{name}-{number + 1}", kind)


def _categories(scenario: Scenario, county: County, courses: Sequence[str]) -> list[Sequence[str]]:
    """The categories that each project is drawn of: as many approved ones as the county says have the one it names."""
    if not county.categories:
        return [()] * len(courses)
    rng = random.Random(f"{scenario.seed} {county.code} categories")
    others = tuple(each for each in scenario.story.categories if each not in county.categories)
    approved = [n for n, name in enumerate(courses) if scenario.courses[name].outcome == "approved"]
    rng.shuffle(approved)
    named = [category for category, count in county.categories.items() for _ in range(count)]
    chosen = dict(zip(approved, named, strict=False))
    return [(chosen[n],) if n in chosen else others for n in range(len(courses))]


def _brands(county: County, cast: Cast, timing: Timing, rng: random.Random) -> Iterator[Thread]:
    if county.brands is None:
        return
    names = county.brands.names
    townships = below(cast.units, county.code)
    for n, name in enumerate(rng.sample(names, county.brands.count)):
        day = timing.drawn(rng, county.brands.recognised)
        unit = townships[n % len(townships)].code
        yield Thread(
            f"{county.code}-brand-{n + 1}",
            [
                Action(
                    timing.moment(rng, day),
                    cast.post(county.code, "reviewer"),
                    "/registry/brands/recognise",
                    {"name": name, "unit": unit, "county": county.code},
                )
            ],
        )


def _schemes(county: County, cast: Cast, timing: Timing, rng: random.Random) -> Iterator[Thread]:
    if county.scheme is None:
        return
    at = timing.moment(rng, timing.workday(timing.first))
    actor = cast.post(county.code, "scheme_admin")
    yield Thread(
        f"{county.code}-scheme", [Action(at, actor, "/scoring/schemes/{id}/publish", county.scheme)], county.code
    )


def _results(county: County, cast: Cast, timing: Timing, rng: random.Random) -> Iterator[Thread]:
    if county.assessment is None:
        return
    for period, published in county.assessment.periods.items():
        day = timing.workday(published)
        yield Thread(
            f"{county.code}-results-{period}",
            [
                Action(
                    timing.moment(rng, day),
                    cast.post(county.code, "scheme_admin"),
                    "/scoring/periods/{id}/publish-results",
                    {"county": county.code, "period": period},
                )
            ],
            f"{county.code}-{period}",
        )


@dataclass(frozen=True)
class Sheets:
    """The score sheets of one assessor for one period, sent in one go: one body a township."""

    actor: str
    at: Any
    bodies: list[dict[str, Any]]


def sheets(scenario: Scenario, plot: Plot) -> Iterator[Sheets]:
    """The sheets of every county that assesses its townships."""
    for county in scenario.counties:
        if county.assessment is None or county.scheme is None:
            continue
        rng = random.Random(f"{scenario.seed} {county.code} sheets")
        townships = below(plot.units, county.code)
        leaning = {unit.code: rng.randint(-county.assessment.leaning, county.assessment.leaning) for unit in townships}
        for period, published in county.assessment.periods.items():
            day = plot.timing.workday(published - timedelta(days=county.assessment.sheets_before))
            number = 0
            for channel, assessors in county.assessment.channels.items():
                for _ in range(assessors):
                    number += 1
                    bodies = [
                        {
                            "county": county.code,
                            "period": period,
                            "unit": unit.code,
                            "channel": channel,
                            "values": [
                                {"indicator": i, "points": str(_points(rng, county, leaning[unit.code]))}
                                for i in _asked(county.scheme, channel)
                            ],
                        }
                        for unit in townships
                    ]
                    actor = plot.cast.post(county.code, "assessor", number)
                    yield Sheets(actor, plot.timing.moment(rng, day), bodies)


def _points(rng: random.Random, county: County, leaning: int) -> int:
    assert county.assessment is not None
    low, high = county.assessment.points
    return max(0, min(100, rng.randint(low, high) + leaning))


def _asked(scheme: dict[str, Any], channel: str) -> Iterator[str]:
    """The indicators of a scheme that a channel has a part in."""
    for index in scheme["indices"]:
        for indicator in index["indicators"]:
            if any(c["channel"] == channel for c in indicator["source"].get("channels", ())):
                yield indicator["id"]


def _notice(county: County, n: int, notice: Notice, cast: Cast, timing: Timing, rng: random.Random) -> Thread:
    township = below(cast.units, county.code)[notice.township - 1]
    secretary = cast.post(township.code, "township_secretary")
    issued = timing.workday(notice.issued)
    signed = timing.workday(issued + DAY * notice.signed_after)
    replied = timing.workday(signed + DAY * notice.replied_after)
    issue = {
        "county": county.code,
        "unit": township.code,
        "addressee": secretary,
        "subject": township.name,
        "title": notice.title,
        "reason": notice.reason.format(place=township.name),
        "sign_by": notice.sign_by.isoformat(),
        "reply_by": notice.reply_by.isoformat(),
    }
    reply = {"text": notice.reply.format(place=township.name)}
    supervisor = cast.post(county.code, "supervisor")
    return Thread(
        f"{county.code}-notice-{n}",
        [
            Action(timing.moment(rng, issued), supervisor, f"/alerts/notices/issue-{notice.kind}", issue),
            Action(timing.moment(rng, signed), secretary, "/alerts/notices/{id}/sign", {}),
            Action(timing.moment(rng, replied), secretary, "/alerts/notices/{id}/reply", reply),
        ],
    )
