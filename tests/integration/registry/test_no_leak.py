"""Whoever holds one post never reads of a unit, project or campaign outside of its subtree, whatever is asked."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from random import Random
from typing import Any
from uuid import uuid4

import httpx
import pytest
from fastapi import FastAPI, Request
from pydantic import SecretStr

from services.registry.app import service as registry_of
from shared.auth import Principal, principal
from shared.contracts.divisions import kind_of
from shared.contracts.event import EventData
from shared.contracts.reference import Appointed, PersonRegistered, Role, UnitClosed, UnitMoved, UnitRegistered
from shared.database import Database, database_url
from shared.migrate import migrate_all_async
from shared.service import RoleOf, application
from shared.settings import AuthMode, Settings
from tests.integration.reporting.conftest import Known
from tests.integration.rows import put
from tests.projecting import History
from tests.serving import serving
from tests.unit.registry.builders import opened, proposed

BEGAN = date(2023, 1, 1)
CODES = ("340000", "340800", *(f"3408{n}" for n in range(22, 26)), *(f"340822{n}" for n in range(100, 106)))
PERSONS = 4
AT_ONCE = 12
SOME = 6
"""Ids by which each list is asked to be narrowed."""
SEEDS = (1, 2)


@dataclass
class World:
    """A random tree whose units' and things' names stand nowhere else, and where each thing lies today.

    `parents` is today's tree; `things` has the name of each unit, project and campaign with the unit it belongs to;
    `ids` what may stand in a path, `some` of them in a query; `seats` the one post of each person.
    """

    parents: dict[str, str | None] = field(default_factory=dict[str, "str | None"])
    things: dict[str, str] = field(default_factory=dict[str, str])
    ids: list[str] = field(default_factory=list[str])
    some: list[str] = field(default_factory=list[str])
    seats: dict[str, str] = field(default_factory=dict[str, str])
    history: History = field(default_factory=History)

    def within(self, unit: str | None, seat: str) -> bool:
        """Whether a unit lies in the subtree of a seat."""
        while unit is not None and unit != seat:
            unit = self.parents[unit]
        return unit is not None

    def tell(self, stream: str, *facts: EventData) -> None:
        """Let facts happen."""
        self.history.tell(stream, *facts, on=BEGAN)


def drawn(seed: int) -> World:
    """Units below each other in any way, some moved and some closed since; a project of each, and campaigns."""
    random, world = Random(seed), World()
    codes = random.sample(CODES, len(CODES))
    for n, code in enumerate(codes):
        parent = random.choice(codes[:n]) if n else None
        name = f"unit<{code}>"
        fact = UnitRegistered(code=code, name=name, kind=kind_of(code), parent=parent)
        world.parents[code], world.things[name] = parent, code
        world.tell(f"unit-{code}", fact)
    leaves = [code for code in codes if code not in world.parents.values()]
    for code in random.sample(leaves, min(3, len(leaves))):
        elsewhere = random.choice([other for other in codes if other not in leaves])
        moved = UnitMoved(parent=elsewhere, since=BEGAN + timedelta(days=30))
        closed = UnitClosed(heir=elsewhere, since=BEGAN + timedelta(days=30), reason="撤销")
        world.parents[code] = elsewhere
        world.tell(f"unit-{code}", random.choice([moved, closed]))
    for n, owner in enumerate(codes):
        id, county = f"0190a1b2-0000-7000-8000-{n:012}", random.choice(codes)
        world.things[f"project<{n}>"] = owner
        world.ids.append(id)
        changes = {"title": f"project<{n}>", "owner": owner, "county": county}
        world.tell(f"project-{id}", proposed().model_copy(update=changes))
    for code in random.sample(codes, 5):
        world.things[f"campaign<{code}>"] = code
        world.ids.append(f"{code}-spot")
        world.tell(f"campaign-{code}-spot", opened(code).model_copy(update={"name": f"campaign<{code}>"}))
    for n in range(PERSONS):
        role = random.choice([role for role in Role if role is not Role.PLATFORM_ADMIN])
        world.seats[f"p{n}"] = random.choice(codes)
        post = Appointed(role=role, unit=world.seats[f"p{n}"], since=BEGAN)
        world.tell(f"person-p{n}", PersonRegistered(name=f"p{n}"), post)
    world.ids += codes
    world.some = random.sample(world.ids, SOME)
    return world


@asynccontextmanager
async def served(postgres: str, world: World) -> AsyncIterator[tuple[FastAPI, httpx.AsyncClient]]:
    """A registry that knows this world, in its store and in its views."""
    key = SecretStr("k" * 40)
    settings = Settings(database=SecretStr(postgres), auth=AuthMode.OIDC, issuer="http://127.0.0.1:9", session_key=key)
    service = replace(registry_of(settings), name=f"n{uuid4().hex[:8]}")
    await migrate_all_async(postgres, [service.name])
    database = Database(database_url(postgres, service.name), name="test-no-leak")
    await put(database, world.history, service.views)
    async with database.driver() as connection:
        await connection.executemany(_STREAM, [(stream, count) for stream, count in world.history.streams.items()])
        rows = [
            (
                event.subject,
                event.stream_version,
                event.id,
                event.type,
                event.data.topic,
                world.history.bodies[event.id],
            )
            for event in world.history.events
        ]
        await connection.executemany(_EVENT, rows)
    app = application(service, settings, RoleOf.API)

    async def somebody(request: Request) -> Principal:
        return Principal(request.headers["somebody"], "")

    app.dependency_overrides[principal] = somebody
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("shared.authority.CaughtUp", Known)
        patch.setattr("shared.authority.ON_ITS_WAY", 0)  # every unit that there is stands in the view
        async with serving(app) as origin, httpx.AsyncClient(base_url=origin, trust_env=False, timeout=60) as http:
            yield app, http
    await database.dispose()


def questions(app: FastAPI, world: World) -> Iterator[tuple[str, dict[str, str]]]:
    """Every GET query of the registry, with every id of the world in its path, and some in each parameter for one.

    Not the service's status, which would wait for a broker and tells of no unit.
    """
    for path, operations in app.openapi()["paths"].items():
        if "get" not in operations or not path.startswith("/registry/") or path.endswith("/status"):
            continue
        parameters: list[dict[str, Any]] = operations["get"].get("parameters", [])
        names = [each["name"] for each in parameters if each["in"] == "path"]
        optional = [each["name"] for each in parameters if each["in"] == "query" and "'pattern'" in str(each["schema"])]
        for values in _fillings(world.ids, len(names)):
            filled = path
            for name, value in zip(names, values, strict=True):
                filled = filled.replace(f"{{{name}}}", value)
            yield filled, {}
            if not names:
                yield from ((filled, {name: value}) for name in optional for value in world.some)
                if any(each["name"] == "day" for each in parameters):
                    yield from (
                        (filled, {"day": "2023-01-02", name: value}) for name in optional for value in world.some
                    )


def _fillings(ids: Sequence[str], places: int) -> Iterable[tuple[str, ...]]:
    """Ids for so many places of a path: for one place each of them, for more each beside itself."""
    return [()] if places == 0 else zip(*[ids] * places, strict=True)


@pytest.mark.parametrize("seed", SEEDS)
async def test_no_query_tells_of_what_lies_outside_of_ones_subtree(postgres: str, seed: int) -> None:
    world = drawn(seed)
    async with served(postgres, world) as (app, http):
        asked = list(questions(app, world))
        for person, seat in world.seats.items():
            seen: set[str] = set()
            for begin in range(0, len(asked), AT_ONCE):
                ahead = asked[begin : begin + AT_ONCE]
                answers = (http.get(path, params=query, headers={"Somebody": person}) for path, query in ahead)
                for answer in await asyncio.gather(*answers):
                    assert answer.status_code < 500, (answer.url, answer.text)
                    if answer.status_code == 200:
                        seen |= {name for name in world.things if name in answer.text}
            mine = {name for name, unit in world.things.items() if world.within(unit, seat)}
            assert seen == mine, (person, seat)


_STREAM = """
insert into streams(stream, category, version, topic_versions, head)
values ($1, split_part($1, '-', 1), $2, '{}', '')"""
_EVENT = "insert into events(stream, version, event_id, type, topic, body) values ($1, $2, $3, $4, $5, $6)"
