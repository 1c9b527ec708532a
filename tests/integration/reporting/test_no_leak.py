"""Whoever holds a post never reads of what lies outside of its subtree: in no query or page; walls are their unit's."""

import pytest

from services.reporting.app import service as reporting_of
from services.reporting.figures import FigureKey
from shared.settings import AuthMode, Settings
from tests.around_worlds import score, warn, work, write
from tests.hearing import NAME, Asking, Heard, Knowing, heard, knowing, routes
from tests.worlds import SEEDS, World, drawn

ASKING = Asking(
    places={
        "/reporting/figures/{key}/facts": {"key": "figure"},
        "/reporting/bulletins/{id}": {"id": "bulletin"},
        "/wall/{code}": {"code": "unit"},
        "/bulletins/{id}": {"id": "bulletin"},
        "/bulletins/{id}.txt": {"id": "bulletin"},
        "/units/{code}": {"code": "unit"},
        "/units/{code}/projects": {"code": "unit"},
        "/projects/{id}": {"id": "project"},
        "/figures/{key}": {"key": "figure"},
    },
    narrowing={"unit": "unit", "city": "unit"},
    always={"year": "2023"},
)
LIVE = "/wall/{code}/events"
WALLS = ("/wall/{code}", LIVE)
SUMS = ("/units/{code}", "/reporting/totals")
"""In the boundaries of a day they name the parts of that day, wherever these lie by now."""
BESIDE = ("/sign-in", "/sign-in/callback", LIVE)
"""What is not asked like the rest: signing in, and a wall as it changes, which has no end."""
FIGURES = (FigureKey.PROJECTS, FigureKey.HONOURS)
"""One that is counted where projects lie, and one that stays the county's that told of it."""


def test_every_place_of_a_path_is_filled() -> None:
    service = reporting_of(Settings(auth=AuthMode.LOCAL))
    assert {route.path for route in routes(service) if "{" in route.path} - {LIVE} == ASKING.places.keys()


@pytest.mark.parametrize("seed", SEEDS)
async def test_nobody_is_told_of_what_lies_outside_of_the_own_subtree(postgres: str, seed: int) -> None:
    world = drawn(seed)
    for happen in (work, score, warn, write):
        happen(world)
    world.ids["figure"] = list(FIGURES)
    async with knowing(postgres, reporting_of, world) as known:
        asked = [each for each in ASKING.questions(known.service, world) if each.route not in BESIDE]
        for person in world.seats:
            found = await heard(known, world, person, asked)
            for code in world.ids["unit"]:
                found.hear(LIVE, f"/wall/{code}/events", await first_wall(known, world, person, code))
            check(world, person, found)


def check(world: World, person: str, found: Heard) -> None:
    """What a person was told lies in the own subtree; a wall tells of its unit alone, and those who reach it."""
    mine, around = world.mine(person), world.around(person)
    issued = {name for name in around if name.startswith("bulletin<")}
    former = {f"unit<{unit}>" for unit in world.parents if world.seats[person] in world.way_at_first(unit)}
    sums, rest = set(SUMS), found.names.keys() - {*WALLS, *SUMS}
    assert found.beyond(rest, mine | issued | world.named(person)) == {}, (person, world.seats[person])
    assert found.beyond(sums, mine | former | world.named(person)) == {}, (person, world.seats[person])
    assert {name for name in mine if name.startswith("project<")} <= found.of("/projects/{id}"), person
    for route in WALLS:
        for path, names in found.heard[route].items():
            code = path.split("/")[2]
            told = {name for name, unit in world.things.items() if was_in(world, unit, code)}
            above = {f"unit<{each}>" for each in world.way(code)}
            reached = f"unit<{code}>" in around
            assert names <= ((told | above) if reached else set()), (person, path)


def was_in(world: World, unit: str, code: str) -> bool:
    """Whether what a unit did is told on a wall: it lies in the wall's unit, or lay in one that does or did so."""
    ever = {*world.way(unit), *world.way_at_first(unit)}
    return any(code in (*world.way(each), *world.way_at_first(each)) for each in ever)


async def first_wall(known: Knowing, world: World, person: str, code: str) -> set[str]:
    """The names in the first rendering that somebody who looks at a wall gets, whose last panel has an id."""
    async with known.http.stream("GET", f"/wall/{code}/events", headers=known.signed_in(person)) as answer:
        assert answer.status_code < 500
        if not answer.is_success:
            return set()
        lines: list[str] = []
        async for line in answer.aiter_lines():
            lines.append(line)
            if line.startswith("id:"):
                break
    return world.things.keys() & set(NAME.findall("\n".join(lines)))
