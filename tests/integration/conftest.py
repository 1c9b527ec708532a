"""What the tests of views share: topics that are emptied before, and a way to fill them."""

from collections.abc import AsyncIterator

import pytest

from tests.feeding import Feed, empty


@pytest.fixture
async def feed(kafka: str) -> AsyncIterator[Feed]:
    """Sends into the topics of projects, which are empty at first."""
    await empty(kafka)
    async with Feed.to(kafka) as feed:
        yield feed
