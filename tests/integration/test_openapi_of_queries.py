"""The OpenAPI of scoring, alerts and reporting is true of their queries: nothing fails, all is as it is described."""

import asyncio
from collections.abc import Callable

import pytest

from services.alerts.app import service as alerts_of
from services.reporting.app import service as reporting_of
from services.scoring.app import service as scoring_of
from shared.kit import Service
from shared.settings import Settings
from tests.around_worlds import score, warn, write
from tests.fuzzing import findings, reading
from tests.hearing import knowing
from tests.worlds import drawn

EXAMPLES = 4


@pytest.mark.parametrize("made", [scoring_of, alerts_of, reporting_of])
async def test_every_answer_is_one_that_the_openapi_describes(
    postgres: str, made: Callable[[Settings], Service]
) -> None:
    world = drawn(1)
    for told in (score, warn, write):
        told(world)
    async with knowing(postgres, made, world) as known:
        url = f"{known.http.base_url}/{known.service.name}/openapi.json"
        found = await asyncio.to_thread(findings, url, reading(known.signed_in("p0"), EXAMPLES))
        assert found == [], "\n".join(found)
