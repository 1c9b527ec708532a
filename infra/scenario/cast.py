"""Who takes part: the persons of a scenario and the posts that they hold. Ids say it: `340822-reviewer-1`."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from infra.scenario.divisions import Unit, below
from infra.scenario.model import County, Scenario, Story
from shared.contracts.reference import Role


@dataclass(frozen=True, slots=True)
class Person:
    """A person and the one post that he or she holds."""

    id: str
    name: str
    role: str
    unit: str
    title: str


@dataclass
class Cast:
    """All persons by id; the same scenario has the same cast."""

    units: Sequence[Unit]
    rng: random.Random
    story: Story
    persons: dict[str, Person] = field(default_factory=dict[str, Person])

    def post(self, unit: str, role: str, number: int = 1) -> str:
        """The id of the person who holds a post; he or she joins the cast when first asked for."""
        key = f"{unit.lower()}-{role.replace('_', '-')}-{number}"
        if key not in self.persons:
            self.persons[key] = Person(key, self.random_name(self.rng), role, unit, self.story.titles[Role(role)])
        return key

    def random_name(self, rng: random.Random) -> str:
        """A name, of the scenario's surnames and given names."""
        surname, length = rng.choice(self.story.surnames), rng.choice(self.story.given_name_lengths)
        return surname + "".join(rng.sample(self.story.given_names, length))


def assemble(scenario: Scenario, units: Sequence[Unit]) -> Cast:
    """The cast of a scenario with the posts that every county and township has."""
    cast = Cast(units, random.Random(f"{scenario.seed} cast"), scenario.story)
    for role in ("platform_admin", "supervisor", "leader", "auditor"):
        cast.post(scenario.city, role)
    for county in scenario.counties:
        for role, number in _county_posts(county):
            cast.post(county.code, role, number)
        for township in below(units, county.code):
            cast.post(township.code, "township_secretary")
            cast.post(township.code, "office")
    return cast


def _county_posts(county: County) -> Iterator[tuple[str, int]]:
    yield from (("supervisor", 1), ("leader", 1))
    yield from (("reviewer", n) for n in range(1, county.reviewers + 1))
    for campaign in county.campaigns:
        yield from (("inspector", n) for n in range(1, campaign.groups * campaign.inspectors_per_group + 1))
    if county.scheme:
        yield ("scheme_admin", 1)
    if county.assessment:
        yield from (("assessor", n) for n in range(1, sum(county.assessment.channels.values()) + 1))
