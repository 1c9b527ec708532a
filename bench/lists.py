"""Lists and search over a province: 20,155 units and 200,000 projects, read over HTTP by who sees much and who little.

The rows are what the registry's own folds make of the projects' events; they are written into its views directly, since
what is measured is reading. Readers are a leader of the province, a reviewer of a county, a secretary of a township.
"""

import csv
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from itertools import cycle
from time import perf_counter
from typing import Any, TypeVar
from uuid import UUID

import aiohttp
from sqlalchemy import text

from bench.commands import platform
from bench.history import TODAY, life
from bench.open_loop import offer, percentile
from bench.report import Report
from bench.servers import Servers
from infra.scenario.client import Client
from infra.scenario.divisions import FILE
from services.registry.views import PROJECTS
from shared.authority_views import PERSON, UNIT, Appointment, PersonRow, UnitRow
from shared.contracts.divisions import kind_of
from shared.contracts.event import Event, EventData
from shared.contracts.project import ProjectProposed
from shared.contracts.reference import Role
from shared.contracts.values import StreamId
from shared.database import Database
from shared.view import View
from shared.view_table import Kept, ViewTable

R = TypeVar("R")

MANY = 200_000
RATE = 20
SECONDS = 6.0
BATCH = 2_000
LIMIT = 150
FACTS = 6
"""Events of each project, from the proposal to its first report."""
WORDS = ("小田变大田", "背街小巷点亮", "村级集体增收", "网格微治理", "红色物业", "河塘清淤", "油茶扩面", "后进支部提升")
COUNTY, TOWNSHIP = "340822", "340822100"


def _key(n: int) -> StreamId:
    return StreamId(f"project-{UUID(int=(0x0185 << 112) | (n << 80) | (7 << 76))}")


READERS = {
    "province": (Role.LEADER, "340000"),
    "county": (Role.REVIEWER, COUNTY),
    "township": (Role.TOWNSHIP_SECRETARY, TOWNSHIP),
}
QUERIES = {
    "first page": "",
    "one stage": "stage=started",
    "a stage that none is in": "stage=rejected",
    "another year": "year=2022",
    "a county": f"county={COUNTY}",
    "a common word": "q=点亮",
    "a rare word": "q=第12345号",
    "no such word": "q=不见踪影",
    "far down": f"after={_key(MANY // 2).partition('-')[2]}",
}


async def measure(servers: Servers, rounds: int) -> Report:
    """Each reader's queries in turn at a steady rate, round by round."""
    report = Report(f"Lists and search over {MANY:,} projects", f"ms at the gateway, {RATE} queries/s")
    async with platform(servers) as (origin, _), servers.database("registry") as database:
        begun = perf_counter()
        await _filled(database)
        report.add("seconds to fold and write the rows", perf_counter() - begun)
        client = Client(origin)
        for reader, (_, unit) in READERS.items():
            await client.get(f"bench-{reader}", f"/registry/units/{unit}")
        tokens = dict(client.tokens)
        await client.close()
        async with aiohttp.ClientSession(origin) as http:
            await _took(http, tokens)
            for _ in range(rounds):
                for kind, took in (await _took(http, tokens)).items():
                    report.add(f"{kind}, p99", percentile(took, 99))
    for reader in READERS:
        report.at_most_value(f"{reader}, p99", LIMIT)
    return report


async def _took(http: aiohttp.ClientSession, tokens: Mapping[str, str]) -> dict[str, list[float]]:
    """The milliseconds of a round's queries, by reader and by kind of query."""
    found: dict[str, list[float]] = {name: [] for name in (*READERS, *QUERIES)}
    kinds = cycle([(reader, *query) for query in QUERIES.items() for reader in READERS])

    async def ask(_: int, due: float) -> None:
        reader, kind, query = next(kinds)
        headers = {"Authorization": f"Bearer {tokens[f'bench-{reader}']}"}
        async with http.get(f"/registry/projects?{query}", headers=headers) as answer:
            body = await answer.read()
        assert answer.status == 200, body
        for name in (reader, kind):
            found[name].append((perf_counter() - due) * 1000)

    await offer(RATE, SECONDS, ask)
    return found


async def _filled(database: Database) -> None:
    """The tree of the province, the readers, and the projects, spread over its townships and villages."""
    with FILE.open(encoding="utf-8", newline="") as lines:
        units = [UnitRow(u["code"], u["name"], kind_of(u["code"]), u["parent"] or None) for u in csv.DictReader(lines)]
    await _put(database, UNIT, [(f"unit-{unit.code}", unit) for unit in units])
    since = date(2023, 1, 1)
    persons = [
        (f"person-bench-{reader}", PersonRow(reader, (Appointment(role, unit, since),)))
        for reader, (role, unit) in READERS.items()
    ]
    await _put(database, PERSON, persons)
    owners = [unit for unit in units if len(unit.code) >= len(TOWNSHIP)]
    indexes = await _without_indexes(database)
    for begin in range(0, MANY, BATCH):
        rows = [_project(n, owners[n % len(owners)]) for n in range(begin, begin + BATCH)]
        await _put(database, PROJECTS, rows)
    async with database.core() as connection:
        for index in indexes:
            await connection.execute(text(index))
        await connection.execute(text(f"analyze {PROJECTS.sql_name}, {UNIT.sql_name}"))


async def _without_indexes(database: Database) -> list[str]:
    """Drop the projects' indexes, which are made faster when all rows are there; gives what makes them again."""
    found = text(
        "select indexrelid::regclass::text, pg_get_indexdef(indexrelid) from pg_index"
        f" where indrelid = '{PROJECTS.sql_name}'::regclass and not indisprimary"
    )
    async with database.core() as connection:
        indexes = (await connection.execute(found)).all()
        for name, _ in indexes:
            await connection.execute(text(f"drop index {name}"))
    return [made for _, made in indexes]


def _project(n: int, owner: UnitRow) -> tuple[str, Any]:
    """The n-th project's key and row."""
    proposal, *later = life(n)[:FACTS]
    assert isinstance(proposal, ProjectProposed)
    title = f"{owner.name}{WORDS[n % len(WORDS)]}项目第{n}号"
    named = proposal.model_copy(update={"title": title, "owner": owner.code, "county": owner.code[:6]})
    row = PROJECTS.row()
    for version, fact in enumerate((named, *later), 1):
        row = PROJECTS.evolve(row, _event(n, version, fact))
    assert PROJECTS.settle is not None
    return _key(n), PROJECTS.settle(row, TODAY)


def _event(n: int, version: int, data: EventData) -> Event[EventData]:
    return Event(
        UUID(int=n << 8 | version),
        "/guatu/registry",
        data.type,
        _key(n),
        datetime(2023, 1, 1, tzinfo=UTC),
        version,
        version,
        "bench",
        None,
        "340000",
        TODAY,
        "",
        "",
        None,
        data,
    )


async def _put(database: Database, view: View[R], rows: Sequence[tuple[str, R]]) -> None:
    table, seen = ViewTable(view), [1] * len(view.topics)
    for begin in range(0, len(rows), BATCH):
        async with database.driver() as connection:
            await table.upsert(connection, [Kept(key, 0, row, seen) for key, row in rows[begin : begin + BATCH]])
