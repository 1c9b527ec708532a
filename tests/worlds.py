"""Random worlds in which a name stands nowhere else: whoever reads of a thing that lies elsewhere has found a leak."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random

import pytest

from shared.contracts.divisions import kind_of
from shared.contracts.event import EventData
from shared.contracts.reference import (
    Appointed,
    AppointmentEnded,
    PersonRegistered,
    Role,
    UnitClosed,
    UnitMoved,
    UnitRegistered,
)
from tests.projecting import History
from tests.unit.deciding import Told
from tests.unit.registry import builders

SEEDS = (14, pytest.param(48, marks=pytest.mark.long))
"""Worlds in which a reviewer sits where a unit has left, whose project keeps the county that it was approved under."""
BEGAN = date(2023, 1, 1)
CODES = ("340000", "340800", "340822", "340823", "340828", *(f"340822{n}" for n in range(100, 104)))
POSTS = (
    (Role.PLATFORM_ADMIN,),
    (Role.AUDITOR,),
    (Role.REVIEWER, Role.INSPECTOR),
    (Role.TOWNSHIP_SECRETARY, Role.LEADER),
    (Role.OFFICE, Role.SUPERVISOR),
)
"""The roles that each person holds, all at one unit."""
SOME = 1
"""Units by which each list is asked to be narrowed."""
LIVES: Sequence[Sequence[EventData | Told]] = (
    (builders.proposed(),),
    builders.UNDER_REVIEW,
    (*builders.UNDER_REVIEW, builders.opinion("o1"), builders.returned()),
    builders.APPROVED,
    builders.UNDER_WAY,
    (*builders.UNDER_WAY, builders.inspected(), builders.problem()),
    (*builders.UNDER_WAY, builders.inspected(), builders.problem(), builders.rectified()),
    (*builders.UNDER_WAY, builders.extension()),
    (*builders.UNDER_WAY, builders.extension(), builders.endorsed()),
    builders.COMPLETE,
    builders.REQUESTED,
    builders.ACCEPTED,
    builders.ANNOUNCED,
)
"""How far the life of a project may have come: what waits for somebody waits in each of these ways."""


@dataclass
class World:
    """Where each thing lies today.

    `parents` is today's tree, `first` the one before anything changed; `things` has the unit of each name, `private`
    the person of each name that is for that person; `ids` what may stand in a path or query, by kind; `seats` and
    `roles` are the posts of each person; `counties` what projects were approved under, by their owners, `recorded` what
    else of a unit was recorded under.
    """

    random: Random
    parents: dict[str, str | None] = field(default_factory=dict[str, "str | None"])
    first: dict[str, str | None] = field(default_factory=dict[str, "str | None"])
    things: dict[str, str] = field(default_factory=dict[str, str])
    private: dict[str, str] = field(default_factory=dict[str, str])
    ids: dict[str, list[str]] = field(default_factory=lambda: defaultdict[str, list[str]](list))
    seats: dict[str, str] = field(default_factory=dict[str, str])
    roles: dict[str, frozenset[Role]] = field(default_factory=dict[str, "frozenset[Role]"])
    counties: dict[str, str] = field(default_factory=dict[str, str])
    recorded: dict[str, str] = field(default_factory=dict[str, str])
    history: History = field(default_factory=History)

    def way(self, unit: str) -> list[str]:
        """A unit and those above it today."""
        way = [unit]
        while (parent := self.parents[way[-1]]) is not None:
            way.append(parent)
        return way

    def way_at_first(self, unit: str) -> list[str]:
        """A unit and those above it before anything changed."""
        way = [unit]
        while (parent := self.first[way[-1]]) is not None:
            way.append(parent)
        return way

    def mine(self, person: str) -> set[str]:
        """The names of what lies in a person's subtree."""
        return {name for name, unit in self.things.items() if self.seats[person] in self.way(unit)}

    def around(self, person: str) -> set[str]:
        """The names of what lies in a person's subtree, or at a unit above it."""
        above = self.way(self.seats[person])
        return self.mine(person) | {name for name, unit in self.things.items() if unit in above}

    def named(self, person: str) -> set[str]:
        """The units that a page may name to a person: those below and above, and what things below were told under."""
        seen = {name for name in self.around(person) if name.startswith("unit<")}
        told = (*self.counties.items(), *self.recorded.items())
        return seen | {f"unit<{county}>" for unit, county in told if self.seats[person] in self.way(unit)}

    def has(self, name: str, unit: str) -> str:
        """Have a thing of this name lie at a unit; gives the name."""
        self.things[name] = unit
        return name

    def tell(self, stream: str, *facts: EventData | Told) -> None:
        """Let facts happen."""
        for fact in facts:
            if isinstance(fact, EventData):
                self.history.tell(stream, fact, on=BEGAN)
            else:
                self.history.tell(stream, fact.data, on=fact.on or BEGAN, actor=fact.actor or "p-1")


def drawn(seed: int) -> World:
    """Units below each other in any way, some moved and some closed since; a project of each; people.

    Some of the people sit where a unit has left: nothing of it is theirs any more.
    """
    random = Random(seed)
    world = World(random)
    codes = random.sample(CODES, len(CODES))
    world.ids["unit"], world.ids["some unit"] = codes, random.sample(codes, SOME)
    for n, code in enumerate(codes):
        parent = random.choice(codes[:n]) if n else None
        world.parents[code] = world.first[code] = parent
        name = world.has(f"unit<{code}>", code)
        world.tell(f"unit-{code}", UnitRegistered(code=code, name=name, kind=kind_of(code), parent=parent))
    lives = random.sample(LIVES, len(codes))
    for n, owner in enumerate(codes):
        world.counties[owner] = random.choice(world.way(owner)[:2])
        _project(world, n, owner, lives[n])
    leaves = [code for code in codes if code not in world.parents.values()]
    inner = [code for code in codes if code not in leaves]
    gone = random.sample(leaves, min(3, len(leaves)))
    for code in gone:
        elsewhere = random.choice([other for other in inner if other != world.first[code]])
        moved = UnitMoved(parent=elsewhere, since=BEGAN + timedelta(days=30))
        closed = UnitClosed(heir=elsewhere, since=BEGAN + timedelta(days=30), reason="撤销")
        world.parents[code] = elsewhere
        world.tell(f"unit-{code}", random.choice([moved, closed]))
    left = [world.first[code] or code for code in gone]
    for n, roles in enumerate(POSTS):
        _person(world, f"p{n}", random.choice(left if n % 2 == 0 else inner), roles)
    return world


def _project(world: World, n: int, owner: str, life: Sequence[EventData | Told]) -> None:
    id, county = f"0190a1b2-0000-7000-8000-{n:012}", world.counties[owner]
    world.ids["project"].append(id)
    changes = {"title": world.has(f"project<{n}>", owner), "owner": owner, "county": county}
    _, *rest = life
    world.tell(f"project-{id}", builders.proposed().model_copy(update=changes), *rest)


def _person(world: World, person: str, seat: str, roles: Sequence[Role]) -> None:
    """A person with posts at a unit, and one that is over at the top of the tree."""
    world.seats[person], world.roles[person] = seat, frozenset(roles)
    world.ids["person"].append(person)
    top, over = world.ids["unit"][0], Role.LEADER
    before = BEGAN - timedelta(days=100)
    ended = AppointmentEnded(role=over, unit=top, until=BEGAN - timedelta(days=1), reason="调离")
    posts = (Appointed(role=role, unit=seat, since=BEGAN) for role in roles)
    world.tell(f"person-{person}", PersonRegistered(name=person), Appointed(role=over, unit=top, since=before), ended)
    world.tell(f"person-{person}", *posts)
