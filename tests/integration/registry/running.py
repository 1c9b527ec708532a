"""A registry as it runs, for tests: a process of its own loop, asked over HTTP by whoever a header names."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any

import httpx
from fastapi import Request

from shared.auth import Principal, principal
from shared.errors import Unauthenticated
from shared.kit import Service
from shared.service import RoleOf, application
from shared.settings import Settings
from tests.serving import serving
from tests.unit.registry.builders import COUNTY, TOWNSHIP, unit
from tests.waiting import until

ADMIN, SECRETARY, REVIEWER, STRANGER = "admin", "secretary-1", "reviewer-1", "stranger"
KNOWN = frozenset({ADMIN, SECRETARY, REVIEWER, STRANGER})
"""Whom a bearer token may name as well."""
FIRST = date(2023, 3, 1)
POST = {"role": "reviewer", "unit": COUNTY, "since": "2023-01-01"}


@dataclass
class Registry:
    """A running registry; sign-in is told by a header."""

    service: Service
    settings: Settings
    http: httpx.AsyncClient

    async def ask(self, who: str, path: str, body: dict[str, Any], **headers: str) -> httpx.Response:
        """Give a command."""
        return await self.http.post(f"/{self.service.name}{path}", json=body, headers={"Somebody": who, **headers})

    async def get(self, who: str, path: str, *, at_least: str | None = None) -> httpx.Response:
        """Ask a query."""
        known = {"Guatu-At-Least": at_least} if at_least else {}
        return await self.http.get(f"/registry{path}", headers={"Somebody": who, **known})

    async def begin(self, who: str, day: str) -> httpx.Response:
        """Begin a day."""
        return await self.http.post("/registry/days/begin", json={"day": day}, headers={"Somebody": who})


@asynccontextmanager
async def running(service: Service, settings: Settings, role: RoleOf) -> AsyncGenerator[Registry]:
    """A process of a registry that is ready."""
    app = application(service, settings, role)

    async def somebody(request: Request) -> Principal:
        told = request.headers.get("somebody") or request.headers.get("authorization", "").removeprefix("Bearer ")
        if told not in KNOWN and "somebody" not in request.headers:
            raise Unauthenticated("sign_in_required")
        return Principal(told, "")

    app.dependency_overrides[principal] = somebody
    async with serving(app) as origin, httpx.AsyncClient(base_url=origin, trust_env=False, timeout=30) as http:
        await until(lambda: _ready(http), within=60, what="ready")
        yield Registry(service, settings, http)


async def _ready(http: httpx.AsyncClient) -> bool:
    return (await http.get("/health/ready")).status_code == 200


async def begin_first(registry: Registry) -> None:
    """The first of March begins."""
    assert (await registry.begin(ADMIN, FIRST.isoformat())).status_code == 204
    await until(lambda: _today_is(registry, FIRST), what="the day")


async def set_the_stage(registry: Registry) -> None:
    """怀宁 and some persons in it, on the first of March."""
    await begin_first(registry)
    for code, parent in (("340000", None), ("340800", "340000"), (COUNTY, "340800"), (TOWNSHIP, COUNTY)):
        told = unit(code, parent)
        body = {"name": told.name, "kind": told.kind, "parent": parent}
        assert (await registry.ask(ADMIN, f"/units/{code}/register", body)).status_code == 201
    for person, role, at in ((SECRETARY, "township_secretary", TOWNSHIP), (REVIEWER, "reviewer", COUNTY)):
        await registry.ask(ADMIN, f"/persons/{person}/register", {"name": person})
        post = {"role": role, "unit": at, "since": "2023-01-01"}
        appointed = await registry.ask(ADMIN, f"/persons/{person}/appoint", post)
        assert appointed.status_code == 201
        listed = await registry.get(person, "/persons?limit=9", at_least=appointed.json()["at"])
        assert person in {line["id"] for line in listed.json()["items"]}


async def _today_is(registry: Registry, day: date) -> bool:
    """Whether a fact that is said to hold for that day would not lie in the future."""
    body = {"name": "x", "effective": day.isoformat()}
    refused = await registry.ask(ADMIN, "/persons/NOBODY/register", body)
    return refused.json()["code"] == "not_a_person_id"
