"""Commands over HTTP, through the gateway to a registry of role `all`: token checked, right and rule decided, durable.

Ten counties, each with its secretaries and reviewers, carry projects from the proposal on; the load is open (a
command that is late delays no other project's), and a command counts from the moment at which it ought to be sent.
"""

import asyncio
from collections.abc import AsyncGenerator, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count, cycle
from time import perf_counter
from typing import Any
from uuid import uuid4

import aiohttp
import orjson
import psutil

from bench.history import NOTE
from bench.open_loop import offer, percentile
from bench.report import Report
from bench.servers import Servers
from infra.scenario.client import Client, caught_up
from infra.services import SERVICES
from infra.stack import ports, processes
from shared import clock
from shared.migrate import migrate_all_async

RATE = 100
SECONDS = 5.0
STEPS = (150, 200, 250, 300, 400, 500, 650, 800)
STEP_SECONDS = 3.0
LIMIT = 250.0
COUNTIES = [f"3401{n}" for n in range(21, 31)]
TOWNSHIPS = 3
ADMIN = "bench-admin"

Line = dict[str, Any]


@dataclass
class Project:
    """A project on its way; commands about it follow each other."""

    county: str
    township: str
    id: str = ""
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    steps: Iterator[tuple[str, str, Line]] = field(default_factory=lambda: iter(()))

    def next(self) -> tuple[str, str, Line]:
        """Who sends what next: actor, route, body. After some corrections a new project begins."""
        step = next(self.steps, None)
        if step is None:
            self.steps = self._life()
            step = next(self.steps)
        return step

    def _life(self) -> Iterator[tuple[str, str, Line]]:
        owner, reviewer = f"{self.township}-secretary", f"{self.county}-reviewer"
        today = clock.day_of(clock.now())
        criteria = dict.fromkeys(("small", "hard", "exemplary", "doable"), NOTE[:40])
        milestones = [
            {"id": f"m{n}", "title": "完成主体工程", "due": f"{today + timedelta(days=60 * n)}", "weight": "25"}
            for n in range(1, 5)
        ]
        place = {"owner": self.township, "county": self.county, "secretary": owner, "year": today.year}
        of = {"title": "村级集体经济提升", "kind": "secretary", "category": "乡村振兴"}
        yield owner, "propose", {**of, **place, "criteria": criteria}
        yield owner, "submit-plan", {
            "goal": NOTE[:80],
            "measures": [NOTE[:40], NOTE[40:80]],
            "starts": f"{today}",
            "ends": f"{today + timedelta(days=300)}",
            "four_ones": {
                "project": "村级集体经济提升",
                "secretary": owner,
                "team": [{"name": "张三", "duty": "统筹"}, {"name": "李四", "duty": "账目公开"}],
                "to_the_end": NOTE[:40],
            },
            "milestones": milestones,
        }  # fmt: skip
        opinion = {"criterion": "hard", "text": NOTE[:60]}
        yield reviewer, "give-opinion", {"opinion": "o1", "kind": "remark", **opinion}
        yield reviewer, "give-opinion", {"opinion": "o2", "kind": "change", **opinion}
        yield owner, "answer-opinion", {"opinion": "o2", "answer": NOTE[:60]}
        yield reviewer, "approve-plan", {}
        yield owner, "start", {}
        month = f"{today:%Y-%m}"
        yield owner, "report-progress", {"month": month, "percent": "10", "note": NOTE}
        yield owner, "reach-milestone", {"milestone": "m1", "on": f"{today}"}
        for percent in ("11.5", "12"):
            yield owner, "correct-progress", {"month": month, "percent": percent, "reason": NOTE[:60]}


class Load:
    """Sends commands for many projects at once."""

    def __init__(self, http: aiohttp.ClientSession, tokens: Mapping[str, str]) -> None:
        self._http = http
        self._tokens = tokens
        self._projects: list[Project] = []
        self._places = cycle([(county, township) for township in range(TOWNSHIPS) for county in COUNTIES])
        self._keys = count()
        self._run = uuid4().hex
        self._took: list[float] = []
        self.refused: list[str] = []

    async def at(self, rate: float, seconds: float) -> list[float]:
        """The milliseconds that each command took at this rate."""
        # Each project is written every few seconds, so that a command seldom waits for the one before.
        while len(self._projects) < rate * 3:
            county, township = next(self._places)
            self._projects.append(Project(county, f"{county}{100 + township}"))
        self._took, self.refused = [], []
        await offer(rate, seconds, self._send)
        return self._took

    async def _send(self, n: int, due: float) -> None:
        project = self._projects[n % len(self._projects)]
        async with project.turn:
            actor, verb, body = project.next()
            path = f"/registry/projects/{project.id}/{verb}" if verb != "propose" else "/registry/projects/propose"
            headers = {
                "Authorization": f"Bearer {self._tokens[actor]}",
                "Content-Type": "application/json",
                "Idempotency-Key": f"{self._run}-{next(self._keys)}",
            }
            async with self._http.post(path, data=orjson.dumps(body), headers=headers) as answer:
                reply = await answer.read()
            if answer.status != 201:
                self.refused.append(f"{path} {answer.status} {reply.decode()[:300]}")
                project.steps = iter(())
            elif verb == "propose":
                project.id = orjson.loads(reply)["stream"].partition("-")[2]
        self._took.append((perf_counter() - due) * 1000)


@asynccontextmanager
async def platform(servers: Servers) -> AsyncGenerator[tuple[str, dict[str, psutil.Process]]]:
    """The gateway's address, with a registry behind it, and their processes by name."""
    await servers.clear()
    await migrate_all_async(servers.owner_url, ["registry"])
    port = ports.free_port()
    own = ports.free_port(taken=[port])
    origin = f"http://127.0.0.1:{port}"
    env = {
        "GUATU_KAFKA": servers.kafka,
        "GUATU_DATABASE": servers.owner_url,
        "GUATU_AUTH": "local",
        "GUATU_PUBLIC_URL": origin,
        "GUATU_ISSUER": f"{origin}/oidc",
        "GUATU_BOOTSTRAP_ADMIN": ADMIN,
        "GUATU_SESSION_KEY": uuid4().hex,
        "GUATU_LOG_LEVEL": "WARNING",
    }
    routes = {service: [f"http://127.0.0.1:{own}"] for service in SERVICES}
    registry = processes.start_service("registry", "all", env, own, log=servers.folder / "registry.log")
    gateway = processes.start_gateway(env, port, routes=routes, log=servers.folder / "gateway.log")
    try:
        await asyncio.to_thread(processes.wait_ready, [registry, gateway])
        yield origin, {each.name: psutil.Process(each.pid) for each in (registry, gateway)}
    finally:
        await asyncio.to_thread(processes.stop, [gateway, registry])


async def signed_in(client: Client) -> Mapping[str, str]:
    """Register the ten counties, their townships and persons; gives the token of each."""
    levels: list[list[Line]] = [
        [_unit("340000", "province", None)],
        [_unit("340100", "city", "340000")],
        [_unit(county, "county", "340100") for county in COUNTIES],
        [_unit(f"{county}{100 + n}", "township", county) for county in COUNTIES for n in range(TOWNSHIPS)],
    ]
    held = {
        **{f"{county}-reviewer": ("reviewer", county) for county in COUNTIES},
        **{
            f"{county}{100 + n}-secretary": ("township_secretary", f"{county}{100 + n}")
            for county in COUNTIES
            for n in range(TOWNSHIPS)
        },
    }
    levels.append([_line(f"/persons/{person}/register", name=person) for person in held])
    levels.append(
        [_line(f"/persons/{p}/appoint", role=role, unit=unit, since="2023-01-01") for p, (role, unit) in held.items()]
    )
    for lines in levels:
        async for _ in client.bulk(ADMIN, "registry", lines, at=clock.now()):
            pass
        await caught_up(client, ADMIN, ["registry"])
    for person, (_, unit) in held.items():
        await client.get(person, f"/registry/units/{unit}")
    return client.tokens


def _unit(code: str, kind: str, parent: str | None) -> Line:
    return _line(f"/units/{code}/register", name=code, kind=kind, **({"parent": parent} if parent else {}))


def _line(path: str, **body: Any) -> Line:
    return {"path": path, "key": path, "body": body}


async def highest(load: Load) -> float:
    """The highest rate of the steps at which p99 holds; 0 if none."""
    held = 0
    for rate in STEPS:
        took = await load.at(rate, STEP_SECONDS)
        if load.refused or percentile(took, 99) > LIMIT:
            break
        held = rate
    return held


def _cpu(process: psutil.Process) -> float:
    """Seconds of CPU that a process has had."""
    times = process.cpu_times()
    return times.user + times.system


async def measure(servers: Servers, rounds: int) -> Report:
    """A steady load, then steps up, round by round."""
    report = Report("HTTP commands", "ms (CPU: for each command), and commands/s")
    async with platform(servers) as (origin, running):
        client = Client(origin)
        tokens = await signed_in(client)
        await client.close()
        connector = aiohttp.TCPConnector(limit=0, keepalive_timeout=60)
        async with aiohttp.ClientSession(origin, connector=connector) as http:
            load = Load(http, tokens)
            await load.at(RATE / 2, 2)
            assert not load.refused, load.refused[0]
            for _ in range(rounds):
                before = {name: _cpu(process) for name, process in running.items()}
                took = await load.at(RATE, SECONDS)
                assert not load.refused, load.refused[0]
                for name, process in running.items():
                    report.add(f"{RATE}/s, CPU of the {name}", (_cpu(process) - before[name]) / len(took) * 1000)
                for percent in (50, 99):
                    report.add(f"{RATE}/s, p{percent}", percentile(took, percent))
                report.add(f"highest rate with p99 ≤ {LIMIT:.0f} ms", await highest(load))
    report.at_most_value(f"{RATE}/s, p99", 100)
    return report
