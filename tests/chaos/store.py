"""The store under fire: processes append to hot streams while they are killed, their sessions ended, answers lost.

`python -m tests.chaos.store worker URL FOLDER SEED` is one such process: it writes down what it tried and what it
was answered. `run` starts and kills several; `check` counts, from the tables and what was written down, with code
that shares nothing with the store.
"""

import asyncio
import hashlib
import json
import os
import random
import subprocess
import sys
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

import asyncpg
import orjson

from shared import appender as appender_module
from shared.appender import Appender
from shared.contracts.event import Context
from shared.contracts.reference import PersonRegistered
from shared.contracts.values import StreamId
from shared.database import Database, driver_url
from shared.errors import NotReady
from shared.store import CommandRecord, Item, Outcome, Verdict, append_in, load, make_item

SOURCE = "/guatu/chaos"
HOT, COLD, SHARED = 12, 4000, 400
CALLERS = 12
PATIENCE = (0.004, 0.02, 0.2, 5, 5, 5)
"""Seconds after which a caller gives up waiting; it then sends the same command again."""


class Worker:
    """One process of callers that append, give up, and try again with the same command id."""

    def __init__(self, url: str, folder: Path, seed: int) -> None:
        self._random = random.Random(seed)
        self._database = Database(url, name="chaos-read")
        self._writes = Database(url, name="chaos", size=2)
        self._seed = seed
        self._notes = os.open(folder / f"{seed}-{os.getpid()}.jsonl", os.O_APPEND | os.O_CREAT | os.O_WRONLY)

    def _note(self, **entry: Any) -> None:
        os.write(self._notes, orjson.dumps(entry) + b"\n")

    async def run(self) -> None:
        """Append until killed."""
        appender_module.append_in = self._faulty
        self._appender = Appender(self._writes)
        await self._appender.start()
        await asyncio.gather(*(self._caller() for _ in range(CALLERS)))

    async def _faulty(self, connection: asyncpg.Connection, items: list[Item]) -> list[Verdict]:
        """Loses the answer after the commit, or the connection while the server works."""
        chance = self._random.random()
        if chance < 0.02:
            await append_in(connection, items)
            connection.terminate()
            raise ConnectionResetError
        if chance < 0.05:
            asyncio.get_running_loop().call_later(self._random.uniform(0, 0.003), connection.terminate)
        return await append_in(connection, items)

    async def _caller(self) -> None:
        while True:
            command, stream, count, tag = self._drawn()
            self._note(outcome="try", command=str(command), count=count, stream=stream)
            for _ in range(8):
                try:
                    async with asyncio.timeout(self._random.choice(PATIENCE)):
                        outcome, reply = await self._once(command, stream, count, tag)
                except (TimeoutError, NotReady):
                    self._note(outcome="unknown", command=str(command))
                else:
                    self._note(outcome=outcome, command=str(command), reply=reply)
                    break

    def _drawn(self) -> tuple[UUID, str, int, str]:
        if self._random.random() < 0.05:
            command = uuid5(UUID(int=0), str(self._random.randrange(SHARED)))
            return command, f"person-hot{command.int % HOT}", 2, "shared"
        command = UUID(int=self._random.getrandbits(128), version=4)
        hot = self._random.random() < 0.6
        stream = f"person-hot{self._random.randrange(HOT)}" if hot else f"person-cold{self._random.randrange(COLD)}"
        return command, stream, self._random.choice((1, 1, 2, 3)), str(self._seed)

    async def _once(self, command: UUID, stream: str, count: int, tag: str) -> tuple[str, str]:
        record = CommandRecord(command, "chaos", hashlib.sha256(tag.encode()).digest())
        context = Context(command, SOURCE, datetime.now(UTC), "chaos", "340822", date(2023, 8, 22))
        facts = [PersonRegistered(name=f"{tag} {n}") for n in range(count)]
        for _ in range(50):
            try:
                async with self._database.driver() as connection:
                    loaded = await load(connection, StreamId(stream))
            except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
                continue
            verdict = await self._appender.append(make_item(loaded, facts, context, command=record))
            if verdict.outcome in (Outcome.OK, Outcome.DUPLICATE):
                return "ok", verdict.reply.decode()
            if verdict.outcome is Outcome.ID_REUSE:
                return "reuse", ""
        return "conflict", ""


async def run(url: str, folder: Path, seconds: float, processes: int = 3) -> Counter[str]:
    """Keep several workers at it for some seconds, ending sessions and killing processes; says how often."""
    folder.mkdir(parents=True, exist_ok=True)
    rng, did, workers = random.Random(1), Counter[str](), list[subprocess.Popen[bytes]]()

    def start() -> None:
        did["started"] += 1
        command = [sys.executable, "-m", "tests.chaos.store", "worker", url, str(folder), str(did["started"])]
        workers.append(subprocess.Popen(command, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL))

    for _ in range(processes):
        start()
    admin = await asyncpg.connect(driver_url(url))
    until = asyncio.get_running_loop().time() + seconds
    try:
        while asyncio.get_running_loop().time() < until:
            await asyncio.sleep(rng.uniform(0.1, 0.5))
            if rng.random() < 0.6:
                ended = await admin.fetch(
                    "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'chaos'"
                    " order by random() limit 1"
                )
                did["ended"] += len(ended)
            if rng.random() < 0.2:
                killed = workers.pop(rng.randrange(len(workers)))
                killed.kill()
                killed.wait()
                did["killed"] += 1
                start()
    finally:
        for worker in workers:
            worker.kill()
            worker.wait()
        await _sessions_gone(admin)
        await admin.close()
    return did


async def _sessions_gone(admin: asyncpg.Connection) -> None:
    """A statement of a killed process may still commit: wait until its session has ended."""
    while await admin.fetchval("select count(*) from pg_stat_activity where application_name = 'chaos'"):
        await asyncio.sleep(0.05)


@dataclass
class Told:
    """What the callers of one command wrote down."""

    stream: str = ""
    count: int = 0
    outcomes: list[str] = field(default_factory=list[str])
    replies: set[str] = field(default_factory=set[str])


def told(folder: Path) -> dict[str, Told]:
    """Everything that was written down, by command; a line torn by a kill is left out."""
    commands: dict[str, Told] = defaultdict(Told)
    for file in folder.glob("*.jsonl"):
        for line in file.read_bytes().splitlines():
            try:
                entry = json.loads(line)
            except ValueError:
                continue
            one = commands[entry["command"]]
            one.outcomes.append(entry["outcome"])
            if entry["outcome"] == "try":
                one.stream, one.count = entry["stream"], entry["count"]
            if entry["outcome"] == "ok":
                one.replies.add(entry["reply"])
    return commands


async def check(url: str, folder: Path) -> tuple[list[str], Counter[str]]:
    """What is wrong, and counts of what was seen."""
    connection = await asyncpg.connect(driver_url(url))
    events = await connection.fetch("select stream, version, event_id, body from events order by stream, version")
    heads = {r[0]: (r[1], r[2]) for r in await connection.fetch("select stream, version, head from streams")}
    replies = {str(r[0]): r[1].decode() for r in await connection.fetch("select command_id, reply from commands")}
    outbox = await connection.fetch("select stream, version from outbox order by id")
    await connection.close()
    commands = told(folder)
    wrong = [*_chains(events, heads), *_outbox(outbox, len(events)), *_commands(commands, events, replies)]
    seen = Counter(outcome for one in commands.values() for outcome in one.outcomes)
    return wrong, seen + Counter(events=len(events), streams=len(heads))


def _chains(events: list[Any], heads: dict[str, tuple[int, bytes]]) -> list[str]:
    streams: dict[str, list[Any]] = defaultdict(list)
    for event in events:
        streams[event["stream"]].append(event)
    wrong = [] if streams.keys() == heads.keys() else ["streams without events, or events without a stream"]
    for stream, mine in streams.items():
        head = hashlib.sha256(f"guatu-stream/v1\n{SOURCE}\n{stream}".encode()).digest()
        for event in mine:
            head = hashlib.sha256(b"\x02" + head + hashlib.sha256(event["body"]).digest()).digest()
        if [event["version"] for event in mine] != list(range(1, len(mine) + 1)) or heads[stream] != (len(mine), head):
            wrong.append(f"chain of {stream}")
    return wrong


def _outbox(outbox: list[Any], events: int) -> list[str]:
    wrong = [] if len(outbox) == events else [f"{len(outbox)} rows of outbox for {events} events"]
    last: dict[str, int] = {}
    for stream, version in outbox:
        if version != last.get(stream, 0) + 1:
            wrong.append(f"outbox has {stream} {version} after {last.get(stream, 0)}")
        last[stream] = version
    return wrong


def _commands(commands: dict[str, Told], events: list[Any], replies: dict[str, str]) -> list[str]:
    places = {str(event["event_id"]): (event["stream"], event["version"]) for event in events}
    wrong: list[str] = []
    known = 0
    for command, one in commands.items():
        mine = [places.get(str(uuid5(UUID(command), str(n)))) for n in range(one.count)]
        written = [place for place in mine if place is not None]
        known += len(written)
        if written and len(written) != one.count:
            wrong.append(f"{command} is half written")
        if written and [p[1] - written[0][1] for p in written] != list(range(one.count)):
            wrong.append(f"{command} is scattered")
        if bool(written) != (command in replies):
            wrong.append(f"{command}: events and reply do not agree")
        if "ok" in one.outcomes and (not written or one.replies != {replies.get(command)}):
            wrong.append(f"{command} was acknowledged but is not so in the store")
        if written and {"conflict"} == set(one.outcomes) - {"try"}:
            wrong.append(f"{command} was refused and yet written")
    if known != len(events):
        wrong.append(f"{len(events) - known} events of no known command")
    return wrong


if __name__ == "__main__":
    asyncio.run(Worker(sys.argv[2], Path(sys.argv[3]), int(sys.argv[4])).run())
