"""Campaigns: groups that inspect units and projects, the problems that they find, and what becomes of them."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from infra.scenario.action import Action, Thread
from infra.scenario.cast import Cast
from infra.scenario.divisions import Unit, below
from infra.scenario.model import Campaign, County, Scenario
from infra.scenario.projects import PROJECT, ProjectThread
from infra.scenario.timing import DAY, Timing


class TooFewProjects(Exception):
    """A campaign inspects more projects, or finds more problems, than the county carries out in its time."""


def campaign_threads(
    county: County,
    projects: Sequence[ProjectThread],
    cast: Cast,
    timing: Timing,
    rng: random.Random,
    scenario: Scenario,
) -> Iterator[Thread]:
    """The threads of a county's campaigns; what happens to projects is added to the threads of these."""
    for campaign in county.campaigns:
        plan = _Campaign(county, campaign, cast, timing, rng, scenario)
        townships = rng.sample(below(cast.units, county.code), campaign.townships)
        yield plan.opening()
        yield from (plan.visit(n, township) for n, township in enumerate(townships))
        plan.inspect(projects, townships)


@dataclass(frozen=True)
class _Campaign:
    county: County
    campaign: Campaign
    cast: Cast
    timing: Timing
    rng: random.Random
    scenario: Scenario

    @property
    def _id(self) -> str:
        """The campaign's id at the platform: the county's own."""
        return f"{self.county.code}-{self.campaign.id}"

    def _group(self, n: int) -> str:
        return f"g{n % self.campaign.groups + 1}"

    def _member(self, n: int, k: int) -> str:
        of_group = self.campaign.inspectors_per_group
        return self.cast.post(self.county.code, "inspector", n % self.campaign.groups * of_group + k % of_group + 1)

    def opening(self) -> Thread:
        """The campaign is opened with its groups."""
        campaign = self.campaign
        groups = [
            {
                "id": self._group(n),
                "name": campaign.group_name.format(n=n + 1),
                "members": [self._member(n, k) for k in range(campaign.inspectors_per_group)],
            }
            for n in range(campaign.groups)
        ]
        body = {
            "name": campaign.name,
            "kind": campaign.kind,
            "county": self.county.code,
            "year": self.scenario.plan_year,
            "groups": groups,
        }
        at = self.timing.moment(self.rng, self.timing.workday(campaign.opened))
        actor = self.cast.post(self.county.code, "reviewer")
        return Thread(self._id, [Action(at, actor, "/registry/campaigns/{id}/open", body)], self._id)

    def visit(self, n: int, township: Unit) -> Thread:
        """A group inspects a township."""
        at = self.timing.moment(self.rng, self.timing.drawn(self.rng, self.campaign.held))
        body = {
            "campaign": self._id,
            "group": self._group(n),
            "unit": township.code,
            "county": self.county.code,
        }
        action = Action(at, self._member(n, 0), "/registry/inspections/inspect-unit", body)
        return Thread(f"{self._id}-{township.code}", [action])

    def inspect(self, projects: Sequence[ProjectThread], townships: Sequence[Unit]) -> None:
        """The groups inspect projects of these townships and find their problems, spread over the projects."""
        days = {id(p): self.timing.drawn(self.rng, self.campaign.held) for p in projects}
        codes = [unit.code for unit in townships]
        settled = self.campaign.settled_within
        under_way = [
            p for p in projects if p.place and p.place.township.code in codes and _under_way(p, days[id(p)], settled)
        ]
        if len(under_way) < self.campaign.projects:
            raise TooFewProjects(
                f"{self._id}: {self.campaign.projects} projects are to be inspected, "
                f"{len(under_way)} are being carried out then"
            )
        chosen = self.rng.sample(under_way, self.campaign.projects)
        found = [self.campaign.problems // len(chosen)] * len(chosen)
        for n in range(self.campaign.problems % len(chosen)):
            found[n] += 1
        rectified = round(self.campaign.problems * self.campaign.rectified)
        for project, count in zip(chosen, found, strict=True):
            verified = min(rectified, count) if project.accepted is None else count
            rectified -= verified
            self._inspect_one(project, codes.index(_township(project)), days[id(project)], count, verified)

    def _inspect_one(self, project: ProjectThread, n: int, day: date, count: int, verified: int) -> None:
        """One inspection, its problems, and the rectification of the first `verified` of them."""
        at = self.timing.moment(self.rng, day)
        inspector, other = self._member(n, 0), self._member(n, 1)
        inspection = f"{self.campaign.id}-1"
        held = {"inspection": inspection, "campaign": self._id, "group": self._group(n)}
        added = [Action(at, inspector, PROJECT + "inspect", held)]
        assert project.place is not None
        for k in range(1, count + 1):
            at += timedelta(minutes=self.campaign.minutes_each)
            due = self.timing.later(self.rng, day, self.campaign.deadline_after)
            problem = f"{self.campaign.id}-p{k}"
            story = self.scenario.story
            found = {
                "inspection": inspection,
                "problem": problem,
                "severity": self.rng.choice(self.campaign.severities),
                "text": self.rng.choice(story.problems).format(place=project.place.owner.name),
                "due": due.isoformat(),
            }
            added.append(Action(at, inspector, PROJECT + "find-problem", found))
            if k <= verified:
                done = self.timing.later(self.rng, day, self.campaign.rectified_after)
                seen = self.timing.workday(done + DAY * self.campaign.verified_after)
                text = self.rng.choice(story.rectifications).format(place=project.place.owner.name)
                report = {"problem": problem, "text": text}
                added.append(
                    Action(
                        self.timing.moment(self.rng, done),
                        project.place.secretary,
                        PROJECT + "report-rectification",
                        report,
                    )
                )
                verify = {"problem": problem, "note": ""}
                seen_at = self.timing.moment(self.rng, seen)
                added.append(Action(seen_at, other, PROJECT + "verify-rectification", verify))
        project.actions = sorted(
            [*project.actions, *(a for a in added if a.at.date() <= self.timing.last)], key=lambda a: a.at
        )


def _township(project: ProjectThread) -> str:
    assert project.place is not None
    return project.place.township.code


def _under_way(project: ProjectThread, day: date, settled: int) -> bool:
    """Started before the day, and not to be accepted before what is found can be settled."""
    if project.started is None or project.started >= day:
        return False
    return project.accepted is None or project.accepted > day + DAY * settled
