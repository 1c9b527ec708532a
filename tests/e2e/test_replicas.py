"""Scoring's projector from one process to four and back to one, while sheets keep coming in over the gateway."""

import asyncio
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import islice, product
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import orjson
import pytest

from infra.scenario.client import Client, caught_up
from infra.services import SERVICES
from infra.stack import processes
from infra.stack.folders import PROJECT
from infra.stack.ports import free_port
from shared.database import database_url, driver_url
from tests.e2e import evidence, reference
from tests.e2e.conftest import Platform
from tests.e2e.one_more import one_more_project
from tests.e2e.reference import Json, short

pytestmark = [
    pytest.mark.long,
    pytest.mark.timeout(900),
    pytest.mark.skipif(shutil.which("kcat") is None, reason="no kcat on this machine"),
]

CHANNELS = {
    "field_test": ("c3", "b3", "b4", "m1", "m6"),
    "review": ("c3", "c4", "b4", "m2"),
    "joint_decision": ("c4", "m3"),
    "spot_check": ("c5", "b3", "m5"),
}
PERIODS = ("2023-Q3", "2023-H2", "2023")
BULK = 40


@dataclass
class Load:
    """Sheets sent through the gateway, in bulks and one by one, without a second try: what went wrong is kept."""

    address: str
    tokens: dict[str, str]
    units: list[str]
    sent: int = 0
    wrong: list[str] = field(default_factory=list)
    over: asyncio.Event = field(default_factory=asyncio.Event)

    async def run(self, http: httpx.AsyncClient) -> None:
        """Each assessor sends bulks and single sheets in turn, until it is over or no sheet is left."""
        await asyncio.gather(*(self._assess(http, f"340822-assessor-{n}") for n in (1, 2, 3, 4)))

    async def _assess(self, http: httpx.AsyncClient, assessor: str) -> None:
        sheets = self._sheets(assessor)
        while not self.over.is_set():
            single = next(sheets, None)
            lines = list(islice(sheets, BULK))
            assert single, "more sheets are needed than there are units"
            await self._send(http, assessor, f"/scoring{single['path']}", orjson.dumps(single["body"]), single["key"])
            body = b"\n".join(orjson.dumps(line) for line in lines)
            await self._send(http, assessor, "/scoring/commands", body, "")
            self.sent += 1 + len(lines)

    async def _send(self, http: httpx.AsyncClient, assessor: str, path: str, body: bytes, key: str) -> None:
        headers = {"Authorization": f"Bearer {self.tokens[assessor]}"} | ({"Idempotency-Key": key} if key else {})
        try:
            answer = await http.post(path, content=body, headers=headers)
        except httpx.HTTPError as error:
            self.wrong.append(repr(error))
            return
        if answer.status_code >= 400:
            self.wrong.append(answer.text)
        elif not key:
            self.wrong += [line for line in answer.text.splitlines() if json.loads(line)["status"] != 201]

    def _sheets(self, assessor: str) -> Iterator[dict[str, Any]]:
        for n, (period, unit, channel) in enumerate(product(PERIODS, self.units, CHANNELS)):
            points = [
                {"indicator": each, "points": str(60 + (n * 7 + k) % 40)} for k, each in enumerate(CHANNELS[channel])
            ]
            path = f"/sheets/340822-{period}-{unit}-{channel}-{assessor}/submit"
            body = {"county": "340822", "period": period, "unit": unit, "channel": channel, "values": points}
            yield {"path": path, "key": path, "body": body}


@asynccontextmanager
async def load_on(platform: Platform) -> AsyncIterator[Load]:
    """Keep sheets coming while the body runs."""
    async with httpx.AsyncClient(base_url=platform.address, timeout=30, trust_env=False) as http:
        tokens: dict[str, str] = {}
        for person in (*(f"340822-assessor-{n}" for n in (1, 2, 3, 4)), "340822-reviewer-1"):
            answer = await http.post("/oidc/token", data={"person": person})
            tokens[person] = answer.json()["access_token"]
        headers = {"Authorization": f"Bearer {tokens['340822-reviewer-1']}"}
        townships = (await http.get("/registry/units", params={"parent": "340822"}, headers=headers)).json()
        units = [township["code"] for township in townships]
        for township in townships:
            below = await http.get("/registry/units", params={"parent": township["code"]}, headers=headers)
            units += [village["code"] for village in below.json()]
        load = Load(platform.address, tokens, units)
        running = asyncio.create_task(load.run(http))
        try:
            yield load
        finally:
            load.over.set()
            await running


class Projector:
    """One more projector of scoring, as a process of its own."""

    def __init__(self, platform: Platform, log: Path) -> None:
        self.port, self._log = free_port(), log
        command = [sys.executable, "-m", "services.scoring", "--role", "projector"]
        environment = {**os.environ, **platform.environment, "GUATU_PORT": str(self.port), "GUATU_LOG_FORMAT": "json"}
        with log.open("wb") as output:
            self.process = subprocess.Popen(command, cwd=PROJECT, env=environment, stdout=output, stderr=output)

    async def ready(self) -> None:
        """Wait until it has its share of the partitions."""
        while (said := await asyncio.to_thread(processes.health, self.port)) != "ready":
            assert self.process.poll() is None, f"{said}: {self._log.read_text()[-3000:]}"
            await asyncio.sleep(0.1)

    async def ended(self) -> int:
        """Ask it to stop, and wait for its exit code."""
        self.process.send_signal(signal.SIGTERM)
        return await asyncio.to_thread(self.process.wait, 60)


async def scale(platform: Platform, folder: Path) -> tuple[Load, list[int]]:
    """One projector beside the API, four, one: under load all the time. Gives the exit codes of the three."""
    added: list[Projector] = []
    codes: list[int] = []
    client = Client(platform.address)
    try:
        async with load_on(platform) as load:
            await more(load, 200)
            for n in (2, 3, 4):
                added.append(Projector(platform, folder / f"projector-{n}.log"))
                await added[-1].ready()
                await one_more_project(client, f"replica-{n}")
                await more(load, 200)
            for n, projector in enumerate(added):
                codes.append(await projector.ended())
                await one_more_project(client, f"replica-{n}-gone")
                await more(load, 200)
        await caught_up(client, "340822-reviewer-1", SERVICES)
        return load, codes
    finally:
        await client.close()
        for projector in added:
            projector.process.kill()
            projector.process.wait()


async def more(load: Load, sheets: int) -> None:
    """Wait until so many more sheets were sent."""
    until = load.sent + sheets
    while load.sent < until:
        await asyncio.sleep(0.05)


async def rows(platform: Platform, view: str) -> dict[str, Json]:
    """The rows of one of scoring's views by key, as JSON."""
    connection = await asyncpg.connect(driver_url(database_url(platform.database, "scoring")))
    of_any_version = "select tablename from pg_tables where schemaname = 'views' and tablename ~ $1"
    [table] = await connection.fetch(of_any_version, rf"^{view}_\d+$")
    found = await connection.fetch(f"select key, to_jsonb(v)::text as row from views.{table['tablename']} v")
    await connection.close()
    return {row["key"]: json.loads(row["row"]) for row in found}


def sheets_of(events: list[Json]) -> dict[str, Json]:
    """Every sheet as its event tells it."""
    return {
        event["subject"]: {
            **{name: event["data"][name] for name in ("county", "period", "unit", "channel", "assessor")},
            "submitted": event["effective"],
            "points": {value["indicator"]: value["points"] for value in event["data"]["values"]},
        }
        for event in events
        if short(event) == "assessment.score-sheet-submitted"
    }


def facts_of(events: list[Json]) -> dict[str, Json]:
    """Every project with the days of its facts."""
    return {
        f"project-{id}": {
            **{name: project.proposal[name] for name in ("owner", "county", "title", "year")},
            "approved": project.days.get("project.plan-approved"),
            "started": project.days.get("project.started"),
            "closed": [on.isoformat() for on in project.closings],
            "reopened": [on.isoformat() for on in project.reopened],
            "paused": [on.isoformat() for on in project.paused],
            "resumed": [on.isoformat() for on in project.resumed],
            "carried": [{"year": year, "on": on.isoformat()} for year, on in project.carried],
            "reports": project.reported,
            "problems": {
                id: {"found": problem["on"], "rectified": problem["verified"]}
                for id, problem in project.problems.items()
            },
        }
        for id, project in reference.projects(events).items()
    }


def wrong(told: dict[str, Json], expected: dict[str, Json]) -> dict[str, Json]:
    """The rows that say otherwise, by key: only the fields that are expected count."""
    assert told.keys() == expected.keys()
    cut = {key: {name: row[name] for name in expected[key]} for key, row in told.items()}
    found = {key: reference.differences(row, expected[key]) for key, row in cut.items()}
    return {key: fields for key, fields in found.items() if fields}


@pytest.fixture(scope="module")
def scaled(platform: Platform, tmp_path_factory: pytest.TempPathFactory) -> tuple[Load, list[int]]:
    """One, four, one."""
    return asyncio.run(scale(platform, tmp_path_factory.mktemp("projectors")))


def test_nobody_at_the_gateway_sees_it(scaled: tuple[Load, list[int]]) -> None:
    load, _ = scaled
    assert load.wrong == []
    assert load.sent > 1000


def test_a_projector_that_is_told_to_stop_ends_cleanly(scaled: tuple[Load, list[int]]) -> None:
    assert scaled[1] == [0, 0, 0]


def test_the_views_are_the_fold_of_the_topics(platform: Platform, scaled: tuple[Load, list[int]]) -> None:
    streams, _ = evidence.in_topics(platform.kafka)
    events = evidence.events(streams)
    sheets = sheets_of(events)
    assert len(sheets) >= scaled[0].sent
    assert wrong(asyncio.run(rows(platform, "sheet")), sheets) == {}
    assert wrong(asyncio.run(rows(platform, "project_facts")), facts_of(events)) == {}
    brands = {event["subject"]: event for event in events if short(event) == "project.brand-recognised"}
    assert (
        wrong(
            asyncio.run(rows(platform, "brand_facts")),
            {
                key: {
                    **{name: event["data"][name] for name in ("unit", "county", "name")},
                    "recognised": event["effective"],
                }
                for key, event in brands.items()
            },
        )
        == {}
    )
