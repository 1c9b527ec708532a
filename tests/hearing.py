"""Asks every GET route of a service that knows a world, as a person, and listens for the names of its things."""

import asyncio
import html
import re
from collections import defaultdict
from collections.abc import AsyncGenerator, Callable, Collection, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from io import BytesIO
from itertools import product
from uuid import uuid4
from zipfile import ZipFile

import httpx
import pytest
from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from pydantic import SecretStr
from starlette.responses import Response

from shared.database import Database, database_url
from shared.kit import Service
from shared.migrate import migrate_all_async
from shared.service import RoleOf, application
from shared.session import Sessions
from shared.settings import AuthMode, Settings
from shared.spreadsheet import XLSX
from shared.tokens import Principal
from tests.integration.reporting.conftest import Known
from tests.integration.rows import put
from tests.serving import serving
from tests.worlds import World

AT_ONCE = 12
DAY = "2023-01-02"
"""A day before some units were moved."""
NAME = re.compile(r"[a-z]+(?:<\w+>|-\d+)")


@dataclass(frozen=True)
class Knowing:
    """A running service that knows a world."""

    service: Service
    app: FastAPI
    database: Database
    http: httpx.AsyncClient
    sessions: Sessions

    def signed_in(self, person: str) -> Mapping[str, str]:
        """The headers of somebody who is signed in."""
        answer = Response()
        self.sessions.begin(answer, Principal(person, person))
        return {"Cookie": answer.headers["set-cookie"].partition(";")[0]}


@asynccontextmanager
async def knowing(postgres: str, made: Callable[[Settings], Service], world: World) -> AsyncGenerator[Knowing]:
    """A service that knows a world, in its store and in its views; everybody signs in."""
    key = SecretStr("k" * 40)
    settings = Settings(database=SecretStr(postgres), auth=AuthMode.OIDC, issuer="http://127.0.0.1:9", session_key=key)
    service = replace(made(settings), name=f"n{uuid4().hex[:8]}")
    await migrate_all_async(postgres, [service.name])
    database = Database(database_url(postgres, service.name), name="test-no-leak")
    await put(database, world.history, service.views)
    async with database.driver() as connection:
        await connection.executemany(_STREAM, list(world.history.streams.items()))
        await connection.executemany(
            _EVENT,
            [
                (each.subject, each.stream_version, each.id, each.type, each.data.topic, world.history.bodies[each.id])
                for each in world.history.events
            ],
        )
    app = application(service, settings, RoleOf.API)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("shared.authority.CaughtUp", Known)
        patch.setattr("shared.authority.ON_ITS_WAY", 0)  # every unit that there is stands in the view
        lasting = serving(app, timeout_keep_alive=600)  # else a line is closed just as it is taken up again
        async with lasting as origin, httpx.AsyncClient(base_url=origin, trust_env=False, timeout=60) as http:
            yield Knowing(service, app, database, http, Sessions(settings))
    await database.dispose()


@dataclass(frozen=True)
class Question:
    """A request of a route."""

    route: str
    path: str
    query: Mapping[str, str]


@dataclass(frozen=True)
class Asking:
    """How the places of routes are filled.

    `places` has the kind of id for each place of a path; `narrowing` that of each parameter by which a list may be
    narrowed, where a parameter that must be there takes every unit; `always` what stands in a parameter wherever there
    is one of that name.
    """

    places: Mapping[str, Mapping[str, str]]
    narrowing: Mapping[str, str]
    always: Mapping[str, str]

    def questions(self, service: Service, world: World) -> Iterator[Question]:
        """Every GET route of a service whose places are known, with every id in its path, narrowed, and as of a day."""
        for route in routes(service):
            taken = dict(_parameters(route.dependant))
            always = {name: value for name, value in self.always.items() if name in taken}
            kinds = self.places.get(route.path, {})
            if "{" in route.path and not kinds:
                continue
            for values in product(*(world.ids[kind] for kind in kinds.values())):
                path = route.path.format(**dict(zip(kinds, values, strict=True)))
                asked = [always]
                for name in sorted(taken.keys() & self.narrowing.keys()):
                    values_of = world.ids["unit" if taken[name] else self.narrowing[name]]
                    asked += [{**always, name: value} for value in values_of]
                days = sorted(taken.keys() & {"day", "boundaries"})[:1]
                asked += [{**query, name: DAY} for query in asked for name in days]
                yield from (Question(route.path, path, query) for query in asked)


def _parameters(of: Dependant) -> Iterator[tuple[str, bool]]:
    """The query's parameters, of what a route depends on too, and whether each must be there."""
    for each in of.query_params:
        yield each.alias, each.field_info.is_required()
    for below in of.dependencies:
        yield from _parameters(below)


def routes(service: Service) -> Sequence[APIRoute]:
    """The GET routes of a service: its queries and pages."""
    found = (route for router in service.routers for route in router.routes if isinstance(route, APIRoute))
    return [route for route in found if "GET" in (route.methods or ())]


@dataclass
class Heard:
    """What a person was told: the names of things by route and path, and the routes that answered at all."""

    heard: dict[str, dict[str, set[str]]] = field(default_factory=lambda: defaultdict[str, "dict[str, set[str]]"](dict))
    given: set[str] = field(default_factory=set[str])

    @property
    def names(self) -> Mapping[str, set[str]]:
        """The names by route."""
        return {route: set[str]().union(*paths.values()) for route, paths in self.heard.items()}

    def hear(self, route: str, path: str, names: Collection[str]) -> None:
        """These names were told."""
        self.heard[route].setdefault(path, set()).update(names)

    def of(self, *routes: str) -> set[str]:
        """The names that these routes told."""
        return set[str]().union(*(self.names[route] for route in routes))

    def beyond(self, routes: Collection[str], may: Collection[str]) -> Mapping[str, set[str]]:
        """What each of these routes told that it may not tell."""
        told = {route: names - set(may) for route, names in self.names.items() if route in routes}
        return {route: names for route, names in told.items() if names}


async def heard(known: Knowing, world: World, person: str, asked: Sequence[Question]) -> Heard:
    """Ask all of it as a person; every word of an answer counts, also those of a refusal. No answer is a failure."""
    all_names = world.things.keys() | world.private.keys()
    found, headers = Heard(), known.signed_in(person)
    for begin in range(0, len(asked), AT_ONCE):
        ahead = asked[begin : begin + AT_ONCE]
        answers = (known.http.get(each.path, params=each.query, headers=headers) for each in ahead)
        for question, answer in zip(ahead, await asyncio.gather(*answers), strict=True):
            assert answer.status_code < 500, (answer.url, answer.text)
            found.hear(question.route, question.path, all_names & set(NAME.findall(words(answer))))
            if answer.status_code < 400:
                found.given.add(question.route)
    return found


def words(answer: httpx.Response) -> str:
    """What an answer says as it is read: a page's text, a workbook's cells."""
    if answer.headers.get("content-type") != XLSX:
        return html.unescape(answer.text)
    with ZipFile(BytesIO(answer.content)) as book:
        return html.unescape("".join(book.read(name).decode() for name in book.namelist() if name.endswith(".xml")))


_STREAM = """
insert into streams(stream, category, version, topic_versions, head)
values ($1, split_part($1, '-', 1), $2, '{}', '')"""
_EVENT = "insert into events(stream, version, event_id, type, topic, body) values ($1, $2, $3, $4, $5, $6)"
