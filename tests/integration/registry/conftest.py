"""A registry for the tests of a module."""

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from uuid import uuid4

import pytest
from pydantic import SecretStr

from services.registry.app import service as registry_of
from shared.contracts.topics import Topic
from shared.service import RoleOf
from shared.settings import AuthMode, ClockMode, Settings
from tests.databases import make_database
from tests.feeding import empty
from tests.integration.registry.running import ADMIN, Registry, begin_first, running, set_the_stage


@asynccontextmanager
async def _begun(postgres: str, kafka: str) -> AsyncGenerator[Registry]:
    """A registry with a database of its own, and nothing in it."""
    await empty(kafka, tuple(Topic))
    settings = Settings(
        kafka=kafka,
        database=SecretStr(postgres),
        auth=AuthMode.LOCAL,
        clock=ClockMode.SCENARIO,
        bootstrap_admin=ADMIN,
        session_key=SecretStr("k" * 40),
    )
    service = replace(registry_of(settings), name=f"t{uuid4().hex[:8]}")
    await make_database(postgres, service.name)
    async with running(service, settings, RoleOf.ALL) as registry:
        yield registry


@pytest.fixture(scope="module")
async def registry(postgres: str, kafka: str) -> AsyncIterator[Registry]:
    """A registry with 怀宁 and some persons in it, on the first of March."""
    async with _begun(postgres, kafka) as registry:
        await set_the_stage(registry)
        yield registry


@pytest.fixture
async def treeless(postgres: str, kafka: str) -> AsyncIterator[Registry]:
    """A registry in which no unit is registered yet, on the first of March."""
    async with _begun(postgres, kafka) as registry:
        await begin_first(registry)
        yield registry
