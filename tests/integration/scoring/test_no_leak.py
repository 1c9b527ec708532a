"""Whoever holds a post never reads of a result outside of its subtree, nor of a scheme that is none of its county's."""

import pytest

from services.scoring.app import service as scoring_of
from shared.settings import AuthMode, Settings
from tests.around_worlds import score
from tests.hearing import Asking, heard, knowing, routes
from tests.worlds import SEEDS, drawn

ASKING = Asking(
    places={"/scoring/schemes/{county}": {"county": "unit"}, "/scoring/units/{unit}/score": {"unit": "unit"}},
    narrowing={"county": "unit"},
    always={},
)


def test_every_place_of_a_path_is_filled() -> None:
    service = scoring_of(Settings(auth=AuthMode.LOCAL))
    assert {route.path for route in routes(service) if "{" in route.path} == ASKING.places.keys()


@pytest.mark.parametrize("seed", SEEDS)
async def test_nobody_is_told_of_what_lies_outside_of_the_own_subtree(postgres: str, seed: int) -> None:
    world = drawn(seed)
    score(world)
    async with knowing(postgres, scoring_of, world) as known:
        asked = list(ASKING.questions(known.service, world))
        for person in world.seats:
            found = await heard(known, world, person, asked)
            scored = {name for name in world.mine(person) if name.startswith(("unit<", "result-"))}
            schemes = {name for name in world.around(person) if name.startswith("scheme<")}
            assert found.beyond(found.names, scored | schemes) == {}, (person, world.seats[person])
            assert found.of("/scoring/results", "/scoring/ranking") == scored, (person, world.seats[person])
            assert found.of("/scoring/schemes/{county}") == schemes, (person, world.seats[person])
