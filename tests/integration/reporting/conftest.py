"""Reporting served over HTTP from a database in which the small world is known; nothing is behind, nothing moves."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any
from uuid import uuid4

import httpx
import pytest
from pydantic import SecretStr
from starlette.responses import Response

from services.reporting.app import service as reporting
from services.reporting.views import VIEWS
from shared.database import Database, database_url
from shared.lamps import Thresholds
from shared.service import RoleOf, application
from shared.session import Sessions
from shared.settings import AuthMode, ClockMode, Settings
from shared.tokens import Principal
from shared.view import View
from tests.databases import make_database
from tests.integration.reporting import world
from tests.integration.reporting.topics import Stream, Topics
from tests.serving import bound, origin_of, serving

PAGE = {"Accept": "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8"}


class Known:
    """Stands for the look at Kafka that tells whether all was folded: here what was published is folded at once."""

    def __init__(self, *_: object) -> None:
        """There is nothing to look at."""

    def __call__(self) -> bool:
        return True

    async def start(self) -> None:
        """Nothing to begin."""

    async def stop(self) -> None:
        """Nothing to end."""


@dataclass
class Site:
    """The running service, and what it knows of."""

    origin: str
    service: str
    database: Database
    topics: Topics
    sessions: Sessions

    async def get(self, person: str, path: str, **headers: str) -> httpx.Response:
        """What a person is answered."""
        async with self.browser(person, **headers) as browser:
            return await browser.get(path)

    async def post(self, person: str, path: str, body: dict[str, Any], key: str | None = None) -> httpx.Response:
        """What a person's command is answered."""
        async with self.browser(person) as browser:
            headers = {"Idempotency-Key": key} if key else {}
            return await browser.post(f"/{self.service}{path}", json=body, headers=headers)

    def browser(self, person: str, **headers: str) -> httpx.AsyncClient:
        """A client that is signed in as a person; by default it asks for JSON."""
        answer = Response()
        self.sessions.begin(answer, Principal(person, person))
        cookie = answer.headers["set-cookie"].partition(";")[0]
        return httpx.AsyncClient(
            base_url=self.origin, headers={"Cookie": cookie, "Origin": self.origin, **headers}, trust_env=False
        )

    async def learn(self, *streams: Stream, views: Sequence[View[Any]] = VIEWS) -> None:
        """These streams have gone on, and the views know it and have said so."""
        self.topics.publish(*streams)
        await self.topics.fold(self.database, views)
        async with self.database.driver() as connection:
            names = [view.name for view in views]
            await connection.execute("select pg_notify('guatu_view', name) from unnest($1::text[]) name", names)


@asynccontextmanager
async def served(postgres: str) -> AsyncGenerator[Site]:
    """Reporting on a database of its own, on the last day of the small world."""
    listening = bound()
    settings = Settings(
        database=SecretStr(postgres),
        auth=AuthMode.LOCAL,
        clock=ClockMode.SCENARIO,
        session_key=SecretStr("a key of the tests, long enough to sign with"),
        public_url=origin_of(listening),
        map_approval="皖S(2023)1号",
        lamp_thresholds={world.HUAINING: Thresholds(yellow=Decimal(15), red=Decimal(40))},
    )
    service = replace(reporting(settings), name=f"r{uuid4().hex[:8]}")
    await make_database(postgres, service.name)
    database = Database(database_url(postgres, service.name), name="test-site")
    site = Site(origin_of(listening), service.name, database, Topics(), Sessions(settings))
    site.topics.begin(world.TODAY)
    await site.learn(*world.everything())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("shared.authority.CaughtUp", Known)
        async with serving(application(service, settings, RoleOf.API), listening):
            yield site
    await database.dispose()


@pytest.fixture
async def site(postgres: str) -> AsyncGenerator[Site]:
    """A site of the test's own."""
    async with served(postgres) as site:
        yield site


@pytest.fixture(scope="module")
async def shared_site(postgres: str) -> AsyncGenerator[Site]:
    """A site that several tests read from and none writes to."""
    async with served(postgres) as site:
        yield site
