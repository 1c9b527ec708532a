"""The relay under fire: its processes kill or stop themselves at each step, their sessions are ended, the broker dies.

`python -m tests.chaos.relay run SECONDS` does it on servers of its own and prints what was done and what is wrong.
`worker URL KAFKA SEED` is one process with faults put in from outside. `check` counts, from the store's tables and
the topics, with code that shares nothing with the relay.
"""

import asyncio
import hashlib
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import psutil

from infra import topics
from infra.stack import kafka as local_kafka
from infra.stack import postgres as local_postgres
from shared import log
from shared import publisher as publisher_module
from shared import relay as relay_module
from shared.appender import Appender
from shared.contracts import progress, project
from shared.contracts.event import Context, EventData
from shared.contracts.reference import PersonRegistered
from shared.contracts.values import StreamId
from shared.database import Database, database_url, driver_url
from shared.migrate import migrate_all_async
from shared.publisher import Message, Publisher
from shared.relay import Relay
from shared.store import Outcome, Stream, make_item
from tests.chaos.relay_topics import Record, Tail
from tests.waiting import until

SOURCE = "/guatu/chaos"
TOPICS = ("reference.events.v1", "project.events.v1", "progress.events.v1")
CALLERS, STREAMS, PINNED = 16, 40, 4
"""Callers that append, the streams of each, and how many of these go to a partition of their own choice."""
RATE = 1500
"""Events a second that are appended."""
FAULTS = {"locked": 0.03, "sending": 0.0006, "in flight": 0.0006}
"""How likely a fault is at a step: of these there are few, or many, in a round."""
OTHERS = 0.01
PATIENCE_SECONDS = 90


class Faults:
    """At each step the process may kill itself, or stand still until somebody lets it go on."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def drawn(self, step: str) -> bool:
        """Whether it is now, written down if so."""
        if drawn := self.random.random() < FAULTS.get(step, OTHERS):
            os.write(1, f"{step}\n".encode())
        return drawn

    def at(self, step: str) -> None:
        """Perhaps go no further than this."""
        if self.drawn(step):
            os.kill(os.getpid(), signal.SIGKILL if self.random.random() < 0.4 else signal.SIGSTOP)


class FaultyRelay(Relay):
    """A relay that breaks down before and after what it does to the database."""

    faults: Faults

    async def _touch(self, session: asyncpg.Connection) -> None:
        self.faults.at("locked")
        await super()._touch(session)

    async def _take(self, session: asyncpg.Connection) -> list[Message]:
        messages = await super()._take(session)
        if messages:
            self.faults.at("positions given")
            self._perhaps_lose(session)
        return messages

    async def _confirm(self, session: asyncpg.Connection, messages: Sequence[Message]) -> None:
        self.faults.at("confirmed")
        await super()._confirm(session, messages)
        self.faults.at("deleted")
        self._perhaps_lose(session)

    def _perhaps_lose(self, session: asyncpg.Connection) -> None:
        """The statement was carried out, but its answer never came."""
        if self.faults.drawn("answer lost"):
            session.terminate()
            raise ConnectionResetError


def faulty_publisher(faults: Faults) -> type[Publisher]:
    """A publisher that breaks down while its batches are on their way."""

    class FaultyPublisher(Publisher):
        async def start(self, topics: Sequence[str]) -> None:
            await super().start(topics)
            send = self._producer.send_batch

            async def send_batch(*args: Any, **named: Any) -> Any:
                future = await send(*args, **named)
                faults.at("sending")
                asyncio.get_running_loop().call_later(faults.random.uniform(0, 0.004), faults.at, "in flight")
                return future

            self._producer.send_batch = send_batch

    return FaultyPublisher


async def work(url: str, kafka: str, seed: int) -> None:
    """One relay, until it is killed."""
    log.configure("chaos", form="text", level="ERROR")
    FaultyRelay.faults = Faults(seed)
    relay_module.Publisher = faulty_publisher(FaultyRelay.faults)
    publisher_module.BATCH_BYTES = 8_000  # several batches a partition and round
    await FaultyRelay(Database(url, name=f"relay-{os.getpid()}"), kafka, "chaos", topics=TOPICS).run()


class Fire:
    """Keeps relays running while they break, and breaks what they stand on."""

    def __init__(self, url: str, kafka: str, folder: Path) -> None:
        self.did = Counter[str]()
        self._url, self._kafka = url, kafka
        self._random = random.Random(1)
        self._steps = (folder / "steps").open("wb")
        self._relays: list[subprocess.Popen[bytes]] = []
        self._stopped: dict[int, asyncio.Task[None]] = {}
        self._admin_is_free = asyncio.Lock()

    def start(self) -> None:
        """One more relay."""
        self.did["started"] += 1
        command = [sys.executable, "-m", "tests.chaos.relay", "worker", self._url, self._kafka]
        relay = subprocess.Popen([*command, str(self.did["started"])], stdout=self._steps, stderr=subprocess.DEVNULL)
        self._relays.append(relay)

    async def burn(self, admin: asyncpg.Connection) -> None:
        """Replace the killed and let the stopped go on, with or without their session; until cancelled."""
        while True:
            await asyncio.sleep(0.05)
            for relay in list(self._relays):
                if relay.poll() is not None:
                    self._relays.remove(relay)
                    self.did["killed" if relay.returncode == -signal.SIGKILL else "crashed"] += 1
                    self.start()
                elif psutil.Process(relay.pid).status() == psutil.STATUS_STOPPED and relay.pid not in self._stopped:
                    self._stopped[relay.pid] = asyncio.create_task(self._resume(admin, relay.pid))
            if self._random.random() < 0.03:
                await self._end(admin, f"relay-{self._random.choice(self._relays).pid}")

    async def _resume(self, admin: asyncpg.Connection, pid: int) -> None:
        self.did["stopped"] += 1
        if self._random.random() < 0.6:
            await asyncio.sleep(self._random.uniform(0, 0.3))
            await self._end(admin, f"relay-{pid}")
        await asyncio.sleep(self._random.uniform(0.5, 4))
        os.kill(pid, signal.SIGCONT)
        del self._stopped[pid]

    async def _end(self, admin: asyncpg.Connection, name: str) -> None:
        async with self._admin_is_free:
            rows = await admin.fetch(
                "select pg_terminate_backend(pid) from pg_stat_activity where application_name = $1", name
            )
        self.did["ended"] += len(rows)

    @property
    def enough(self) -> bool:
        """Whether each kind of thing has happened more than once."""
        return min(self.did["killed"], self.did["stopped"], self.did["ended"]) > 1

    async def end(self) -> None:
        """Wait for those that still stand still, then end all."""
        await asyncio.gather(*self._stopped.values())
        for relay in self._relays:
            relay.kill()
            relay.wait()
        self._steps.close()


async def run(url: str, broker: local_kafka.Broker, folder: Path, seconds: float) -> Counter[str]:
    """Append for some seconds, and until enough has broken, the broker too; then wait until the outbox is empty."""
    folder.mkdir(parents=True, exist_ok=True)
    fire = Fire(url, broker.bootstrap, folder)
    admin, watch = await asyncpg.connect(driver_url(url)), await asyncpg.connect(driver_url(url))

    async def drained() -> bool:
        return not await watch.fetchval("select exists(select from outbox)")

    for _ in range(3):
        fire.start()
    now = asyncio.get_running_loop().time
    begun = now()

    def goes_on() -> bool:
        return now() < begun + seconds or (not fire.enough and now() < begun + seconds + PATIENCE_SECONDS)

    burning = asyncio.create_task(fire.burn(admin))
    loading = asyncio.create_task(load(url, goes_on))
    try:
        await asyncio.sleep(seconds * 0.5)
        os.kill(broker.pid, signal.SIGKILL)
        fire.did["broker killed"] += 1
        await asyncio.to_thread(local_kafka.start, folder_of(broker))
        fire.did["appended"] = await loading
        await until(drained, within=PATIENCE_SECONDS)
    finally:
        loading.cancel()
        burning.cancel()
        await asyncio.wait({burning, loading})
        await fire.end()
        await admin.close()
        await watch.close()
    return fire.did + Counter((folder / "steps").read_text().splitlines())


def folder_of(broker: local_kafka.Broker) -> Path:
    """The data folder that a broker was started on."""
    return broker.log.parent


async def load(url: str, goes_on: Callable[[], bool]) -> int:
    """Append to many streams, several topics in each; returns how many events were acknowledged."""
    database = Database(url, name="chaos-load")
    appender = Appender(database)
    await appender.start()
    try:
        return sum(await asyncio.gather(*(_caller(appender, number, goes_on) for number in range(CALLERS))))
    finally:
        await appender.stop()
        await database.dispose()


async def _caller(appender: Appender, number: int, goes_on: Callable[[], bool]) -> int:
    rng, count = random.Random(number), 0
    streams = [Stream(StreamId(f"person-{number}x{n}")) for n in range(STREAMS)]
    while goes_on():
        n = rng.randrange(STREAMS)
        facts = [_fact(rng) for _ in range(rng.choice((1, 2, 3)))]
        context = Context(uuid4(), SOURCE, datetime.now(UTC), "chaos", "340822", date(2023, 8, 22))
        item = make_item(streams[n], facts, context, partition=(number + n) % 12 if n < PINNED else None)
        verdict = await appender.append(item)
        if verdict.outcome is not Outcome.OK:
            raise AssertionError(f"nobody else appends to {item.stream}: {verdict}")
        streams[n] = Stream(item.stream, item.version, item.topic_versions, item.head)
        count += len(facts)
        await asyncio.sleep(2 * CALLERS / RATE * rng.uniform(0.5, 1.5))
    return count


def _fact(rng: random.Random) -> EventData:
    day = date(2023, 1, 1 + rng.randrange(28))
    return rng.choice(
        (PersonRegistered(name="人" * rng.randrange(1, 200)), project.DayBegan(day=day), progress.DayBegan(day=day))
    )


async def check(url: str, tail: Tail) -> tuple[list[str], Counter[str]]:
    """What is wrong, and counts of what was seen."""
    connection = await asyncpg.connect(driver_url(url))
    places = await connection.fetch("select pos, stream, version from log order by pos")
    events = await connection.fetch("select stream, version, topic, body from events")
    heads = {row[0]: row[1] for row in await connection.fetch("select stream, head from streams")}
    await connection.close()
    records = await tail.records()
    stored = {(row["stream"], row["version"]): (row["topic"], row["body"]) for row in events}
    positions = {(row["stream"], row["version"]): row["pos"] for row in places}
    firsts, wrong = _firsts(records)
    wrong += _log(places, stored)
    wrong += _messages(records, stored, positions)
    wrong += _chains(firsts, heads)
    if len(firsts) != len(stored):
        wrong.append(f"{len(stored)} events are stored, {len(firsts)} are in the topics")
    return wrong, Counter(events=len(stored), messages=len(records), copies=len(records) - len(firsts))


def _firsts(records: list[Record]) -> tuple[list[Record], list[str]]:
    """The first occurrence of each event; within its key and topic, and by position in a partition, in order."""
    firsts: list[Record] = []
    wrong: list[str] = []
    seen, last, place = Counter[tuple[str, str]](), dict[tuple[str, int], int](), dict[tuple[str, str], int]()
    for record in records:
        own, version = (record.topic, record.key), json.loads(record.value)["topicversion"]
        if place.setdefault(own, record.partition) != record.partition:
            wrong.append(f"{own} is in two partitions")
        if version <= seen[own]:
            continue
        if version != seen[own] + 1:
            wrong.append(f"{own} has {version} after {seen[own]}")
        if record.pos <= last.get((record.topic, record.partition), -1):
            wrong.append(f"{own} {version} comes after a later position")
        seen[own] = version
        last[record.topic, record.partition] = record.pos
        firsts.append(record)
    return firsts, wrong


def _log(places: list[Any], stored: dict[tuple[str, int], Any]) -> list[str]:
    wrong = [] if [row["pos"] for row in places] == list(range(len(places))) else ["positions are not dense"]
    if {(row["stream"], row["version"]) for row in places} != stored.keys():
        wrong.append("the log and the events are not the same")
    last = Counter[str]()
    for _, stream, version in places:
        if version != last[stream] + 1:
            wrong.append(f"the log has {stream} {version} after {last[stream]}")
        last[stream] = version
    return wrong


def _messages(
    records: list[Record], stored: dict[tuple[str, int], tuple[str, bytes]], positions: dict[tuple[str, int], int]
) -> list[str]:
    wrong: list[str] = []
    for record in records:
        envelope = json.loads(record.value)
        event = (envelope["subject"], envelope["streamversion"])
        if stored.get(event) != (record.topic, record.value) or record.key != event[0]:
            wrong.append(f"the message of {event} is not what is stored")
        if record.pos != positions.get(event):
            wrong.append(f"the message of {event} has position {record.pos}")
        number, n = event[0].removeprefix("person-").split("x")
        if int(n) < PINNED and record.partition != (int(number) + int(n)) % 12:
            wrong.append(f"{event} is in partition {record.partition}")
    return wrong


def _chains(firsts: list[Record], heads: dict[str, bytes]) -> list[str]:
    """The messages of all topics, merged by their version in the stream, give the heads that the store has."""
    bodies: dict[str, dict[int, bytes]] = defaultdict(dict)
    for record in firsts:
        bodies[record.key][json.loads(record.value)["streamversion"]] = record.value
    wrong = [] if bodies.keys() == heads.keys() else ["the streams of store and topics are not the same"]
    for stream, mine in bodies.items():
        head = hashlib.sha256(f"guatu-stream/v1\n{SOURCE}\n{stream}".encode()).digest()
        for version in sorted(mine):
            head = hashlib.sha256(b"\x02" + head + hashlib.sha256(mine[version]).digest()).digest()
        if head != heads.get(stream):
            wrong.append(f"chain of {stream}")
    return wrong


async def main(seconds: float) -> int:
    """Servers of its own, the fire, the check; 1 if something is wrong."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        server = local_postgres.start(folder / "postgres")
        broker = local_kafka.start(folder / "kafka")
        try:
            await migrate_all_async(server.url, ["chaos"])
            await topics.apply(broker.bootstrap)
            url = database_url(server.url, "chaos")
            tail = Tail(broker.bootstrap, TOPICS)
            await tail.start()
            did = await run(url, broker, folder / "fire", seconds)
            wrong, seen = await check(url, tail)
        finally:
            if running := local_kafka.find(folder / "kafka"):
                local_kafka.stop(running)
            local_postgres.stop(server)
    print(json.dumps({"did": did, "seen": seen, "wrong": wrong[:10], "wrongs": len(wrong)}, ensure_ascii=False))
    return 1 if wrong else 0


if __name__ == "__main__":
    if sys.argv[1] == "worker":
        asyncio.run(work(sys.argv[2], sys.argv[3], int(sys.argv[4])))
    else:
        sys.exit(asyncio.run(main(float(sys.argv[2]))))
