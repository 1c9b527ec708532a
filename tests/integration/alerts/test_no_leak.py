"""Whoever holds a post never reads of a lamp, an alert or a notice outside of its subtree, whatever is asked."""

import pytest

from services.alerts.app import service as alerts_of
from shared.settings import AuthMode, Settings
from tests.around_worlds import warn
from tests.hearing import Asking, heard, knowing, routes
from tests.worlds import SEEDS, drawn

ASKING = Asking(places={"/alerts/notices/{id}": {"id": "notice"}}, narrowing={"county": "some unit"}, always={})


def test_every_place_of_a_path_is_filled() -> None:
    service = alerts_of(Settings(auth=AuthMode.LOCAL))
    assert {route.path for route in routes(service) if "{" in route.path} == ASKING.places.keys()


@pytest.mark.parametrize("seed", SEEDS)
async def test_nobody_is_told_of_what_lies_outside_of_the_own_subtree(postgres: str, seed: int) -> None:
    world = drawn(seed)
    warn(world)
    async with knowing(postgres, alerts_of, world) as known:
        asked = list(ASKING.questions(known.service, world))
        for person in world.seats:
            found = await heard(known, world, person, asked)
            told = {name for name in world.mine(person) if not name.startswith("unit<")}
            assert found.beyond(found.names, told) == {}, (person, world.seats[person])
            assert found.of(*found.names) == told, (person, world.seats[person])
            assert found.given == {each.route for each in asked} or not told
