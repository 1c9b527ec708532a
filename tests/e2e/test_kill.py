"""Every process is killed at random during a write load; then everything is counted by code of its own."""

import asyncio
import hashlib
import json
import os
import random
import signal
import subprocess
import threading
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import asyncpg
import pytest

from infra import demo
from infra.scenario.compare import Row
from infra.scenario.model import Scenario, read
from infra.stack import kafka, lifecycle, postgres
from infra.stack.workspace import Workspace, workspace
from infra.terminal import Steps, console
from shared.contracts.topics import Topic
from shared.database import database_url, driver_url
from tests import servers
from tests.e2e.conftest import SMALL

SERVICES = ("registry", "scoring", "alerts", "reporting")


@dataclass
class Played:
    """What came of a year that was played under fire."""

    place: Workspace
    scenario: Scenario
    address: str
    rows: list[Row]
    journal: Path
    killed: Counter[str]
    bootstrap: str
    database: str


class Killer(threading.Thread):
    """Kills a random piece with SIGKILL, starts it again, waits until all is ready, and goes on."""

    def __init__(self, place: Workspace) -> None:
        super().__init__()
        self._place = place
        self._random = random.Random(4)
        self.over = threading.Event()
        self.killed: Counter[str] = Counter()
        self.error: BaseException | None = None

    def run(self) -> None:
        """Kill until told that it is over; at least so often that every piece has been hit."""
        try:
            order = self._random.sample((*SERVICES, "gateway", "kafka", "postgres"), 7)
            for n in range(10**6):
                if self.over.wait(self._random.uniform(0.5, 2)):
                    return
                self._kill(order[n % len(order)])
                with Steps(console) as steps:
                    lifecycle.up(self._place, steps)
        except BaseException as error:
            self.error = error
            raise

    def _kill(self, name: str) -> None:
        pids = {process.name: process.pid for process in self._place.load().alive()}
        broker, server = kafka.find(self._place.kafka), postgres.find(self._place.postgres)
        if broker:
            pids["kafka"] = broker.pid
        if server:
            pids["postgres"] = server.pid
        os.kill(pids[name], signal.SIGKILL)
        self.killed[name] += 1


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Played]:
    """Play the small year on a local stack of its own, while its pieces are killed and started again."""
    scenario = read(SMALL)
    place = workspace(f"kill-{os.getpid()}")
    journal = tmp_path_factory.mktemp("journal") / "acknowledged.ndjson"
    with pytest.MonkeyPatch.context() as patch:
        for name in ("GUATU_KAFKA", "GUATU_DATABASE"):
            patch.delenv(name, raising=False)
        patch.setenv("GUATU_BOOTSTRAP_ADMIN", demo.admin_of(scenario))
        with Steps(console) as steps:
            stack = lifecycle.up(place, steps, port=servers.free_port(), clock="scenario")
        killer = Killer(place)
        killer.start()
        try:
            rows = asyncio.run(demo.played(scenario, stack.address, journal))
            killer.over.set()
            killer.join()
            assert killer.error is None
            assert stack.servers.kafka
            assert stack.servers.database
            yield Played(
                place,
                scenario,
                stack.address,
                rows,
                journal,
                killer.killed,
                stack.servers.kafka,
                stack.servers.database,
            )
        finally:
            killer.over.set()
            killer.join()
            with Steps(console) as steps:
                lifecycle.down(place, steps)


def test_every_kind_of_process_was_killed(played: Played) -> None:
    assert set(played.killed) == {*SERVICES, "gateway", "kafka", "postgres"}


def test_the_bulletin_still_has_the_published_figures(played: Played) -> None:
    assert [row.figure for row in played.rows if not row.same] == []


def in_topics(played: Played) -> dict[str, dict[int, bytes]]:
    """Every event in the topics by stream and version; copies must be the same to the byte."""
    streams: dict[str, dict[int, bytes]] = defaultdict(dict)
    for topic in Topic:
        command = ["kcat", "-b", played.bootstrap, "-C", "-t", topic.value, "-o", "beginning", "-e", "-q", "-f", "%s\n"]
        for value in subprocess.run(command, capture_output=True, check=True, timeout=60).stdout.splitlines():
            event = json.loads(value)
            known = streams[event["subject"]].setdefault(event["streamversion"], value)
            assert known == value
    return streams


async def in_stores(played: Played) -> tuple[dict[str, dict[int, bytes]], dict[str, str]]:
    """Every event in the stores by stream and version, and every stream's head."""
    streams: dict[str, dict[int, bytes]] = defaultdict(dict)
    heads: dict[str, str] = {}
    for service in SERVICES:
        connection = await asyncpg.connect(driver_url(database_url(played.database, service)))
        for row in await connection.fetch("select stream, version, body from events"):
            streams[row["stream"]][row["version"]] = row["body"]
        heads |= {
            row["stream"]: row["head"].hex() for row in await connection.fetch("select stream, head from streams")
        }
        await connection.close()
    return streams, heads


def test_the_topics_hold_what_the_stores_hold_and_the_chains_are_whole(played: Played) -> None:
    streams, heads = asyncio.run(in_stores(played))
    assert in_topics(played) == streams
    for stream, events in streams.items():
        assert sorted(events) == list(range(1, len(events) + 1))
        source = json.loads(events[1])["source"]
        head = hashlib.sha256(f"guatu-stream/v1\n{source}\n{stream}".encode()).digest()
        for version in sorted(events):
            head = hashlib.sha256(b"\x02" + head + hashlib.sha256(events[version]).digest()).digest()
        assert heads[stream] == head.hex()


def test_no_acknowledged_command_is_lost_and_none_was_applied_twice(played: Played) -> None:
    streams, _ = asyncio.run(in_stores(played))
    ids = Counter(json.loads(body)["id"] for events in streams.values() for body in events.values())
    acknowledged = [json.loads(line)["reply"] for line in played.journal.read_bytes().splitlines()]
    missing = [event["id"] for reply in acknowledged if reply for event in reply["events"] if event["id"] not in ids]
    assert missing == []
    assert ids.most_common(1)[0][1] == 1
    assert len(ids) > 1000


def test_the_views_say_what_the_events_add_up_to(played: Played) -> None:
    streams, _ = asyncio.run(in_stores(played))
    approved = Counter[str]()
    closed = Counter[str]()
    for events in streams.values():
        types = {json.loads(body)["type"].split(".", 2)[2] for body in events.values()}
        first = json.loads(events[1])
        if first["type"] != "cn.guatu.project.proposed.v1" or first["data"]["kind"] != "secretary":
            continue
        approved[first["data"]["county"]] += "project.plan-approved.v1" in types
        closed[first["data"]["county"]] += "project.closed.v1" in types
    counted = {row.figure: row.counted for row in played.rows}
    unit = played.scenario.published.unit
    assert (counted["projects"], counted["projects_done"]) == (str(approved[unit]), str(closed[unit]))
