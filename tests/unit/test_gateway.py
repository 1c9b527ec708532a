"""The gateway's own decisions: routes that it takes, and whose turn it is."""

import pytest

from infra.gateway import Gateway
from infra.replicas import Replicas

ORIGINS = ["http://127.0.0.1:1", "http://127.0.0.1:2", "http://127.0.0.1:3"]


def test_every_service_needs_a_replica():
    with pytest.raises(ValueError, match="alerts, scoring"):
        Gateway({"registry": ORIGINS, "reporting": ORIGINS, "alerts": []})


@pytest.mark.parametrize(
    "origin", ["127.0.0.1:1", "https://127.0.0.1", "http://127.0.0.1:1/path", "http://", "ftp://a"]
)
def test_a_replica_is_an_http_origin(origin: str):
    with pytest.raises(ValueError, match="is no http origin"):
        Replicas("registry", [origin])


async def turns(replicas: Replicas, times: int) -> list[str]:
    """Whom so many requests ask first, by the last figure."""
    return [next(await replicas.in_turn()).origin[-1] for _ in range(times)]


async def test_replicas_are_asked_in_turn():
    order = await turns(Replicas("registry", ORIGINS), 6)
    assert sorted(order[:3]) == ["1", "2", "3"]
    assert order[:3] == order[3:]


async def test_a_replica_that_rests_is_asked_last_and_comes_back():
    replicas = Replicas("registry", ORIGINS)
    resting = (await replicas.all())[1]
    resting.rest()
    for _ in range(3):
        assert [each.origin[-1] for each in await replicas.in_turn()][-1] == "2"
    resting.resting = 0
    assert "2" in await turns(replicas, 3)


async def test_when_all_rest_all_are_asked_still():
    replicas = Replicas("registry", ORIGINS)
    for replica in await replicas.all():
        replica.rest()
    assert len(list(await replicas.in_turn())) == 3


async def test_a_name_is_looked_up_and_its_replicas_keep_their_rest():
    replicas = Replicas("registry", ["http://localhost:7"])
    found = list(await replicas.all())
    assert "http://127.0.0.1:7" in [each.origin for each in found]
    found[0].rest()
    await replicas.look_up()
    assert (await replicas.all())[0] is found[0]
