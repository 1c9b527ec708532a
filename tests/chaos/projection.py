"""A view under fire: its processes come, go and are killed while copies, poison and a gap come with the events.

`python -m tests.chaos.projection member URL KAFKA GROUP FOLDER` is one such process. `run` feeds two topics, starts one
member, three, one, kills them at random, lets a twin of another group work on the same view, and sees that no
offset ever goes back. `check` folds the bodies that were sent with code that shares nothing with the runtime.
"""

import asyncio
import json
import os
import random
import signal
import subprocess
import sys
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import asyncpg
import orjson
from aiokafka import AIOKafkaProducer

from shared.batch import Batches, Limits
from shared.consume import Pace, Projector
from shared.contracts.event import Event
from shared.contracts.progress import ProgressReported
from shared.contracts.project import ObjectionRaised, ProjectStarted, PublicNoticeIssued
from shared.contracts.topics import PARTITIONS, Topic
from shared.database import Database, driver_url
from shared.parked import retry
from shared.view import View
from tests.feeding import empty
from tests.projecting import History
from tests.telling import reported
from tests.waiting import until

KEYS, VERSIONS = 300, 20
POISONED, TORN, POISON_AT = 5, 3, 15
GAP_AT = 12
POISON_MONTH = "2099-12"
FIRST_DAY = date(2023, 3, 1)
TOPICS: Sequence[Topic] = (Topic.PROJECT, Topic.PROGRESS)


@dataclass(frozen=True, slots=True)
class Row:
    """Counts and sums that depend on every event and on their order."""

    projects: int = 0
    project_sum: int = 0
    dues: tuple[date, ...] = ()
    reports: int = 0
    report_sum: int = 0
    late: int = 0
    counted_to: date | None = None


def evolve(row: Row, event: Event[Any]) -> Row:
    match event.data:
        case ObjectionRaised() as e:
            return replace(row, projects=row.projects + 1, project_sum=_sum(row.project_sum, int(e.text)))
        case PublicNoticeIssued() as e:
            return replace(row, dues=(*row.dues, e.ends))
        case ProgressReported() as e:
            if e.month == POISON_MONTH:
                raise ValueError("poison")
            return replace(row, reports=row.reports + 1, report_sum=_sum(row.report_sum, int(e.percent)))
        case _:
            return row


def _sum(before: int, more: int) -> int:
    return (before * 3 + more) % 1_000_003


def settle(row: Row, day: date | None) -> Row:
    past = [due for due in row.dues if day is not None and due < day]
    return replace(row, late=len(past), counted_to=max(past, default=None))


def next_due(row: Row) -> date | None:
    ahead = [due for due in row.dues if row.counted_to is None or due > row.counted_to]
    return min(ahead) + timedelta(days=1) if ahead else None


def harmless(row: Row, event: Event[Any]) -> Row:
    """The fold after its fault was mended."""
    if isinstance(event.data, ProgressReported) and event.data.month == POISON_MONTH:
        return replace(row, reports=row.reports + 1, report_sum=_sum(row.report_sum, int(event.data.percent)))
    return evolve(row, event)


VIEW = View(
    "chaos",
    1,
    Row,
    {topic: frozenset({"project"}) for topic in TOPICS},
    evolve,
    settle,
    next_due,
)
MENDED: View[Row] = replace(VIEW, evolve=harmless)


async def member(url: str, kafka: str, group: str, folder: str) -> None:
    """Follow the view until ended, with windows wide open before each commit, faults, and answers that are lost.

    A file named by the process id says that it has its partitions.
    """
    chance = random.Random(os.getpid())
    work, transaction = Batches._work, Batches._transaction  # pyright: ignore[reportPrivateUsage]

    async def slow(self: Batches[Any], *given: Any) -> Any:
        worked = await work(self, *given)
        await asyncio.sleep(chance.random() * 0.03)
        if chance.random() < 0.03:
            raise RuntimeError("a fault before the commit")
        return worked

    async def deaf(self: Batches[Any], *given: Any) -> Any:
        outcome = await transaction(self, *given)
        if chance.random() < 0.03:
            raise ConnectionResetError("the answer is lost after the commit")
        return outcome

    Batches._work = slow  # type: ignore[method-assign]
    Batches._transaction = deaf  # type: ignore[method-assign]
    database = Database(url, name=f"chaos-{group}")
    limits = Limits(waits=(0.01, 0.05, 0.2, 0.5), rest=0.2, longest_rest=0.5)
    pace = Pace(batch=300, look=0.1, ends=1, retry=0.2, graceful=3)
    projector = Projector(database, kafka, [VIEW], group, limits=limits, pace=pace)
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    await projector.start()
    while not stop.is_set() and not projector.ready():
        await asyncio.sleep(0.05)
    (Path(folder) / str(os.getpid())).touch()
    await stop.wait()
    await projector.stop()
    await database.dispose()


@dataclass
class Sent:
    """What was sent: the bodies of each key by topic in the order of their versions, and the days."""

    bodies: dict[tuple[str, Topic], list[bytes]] = field(default_factory=dict[tuple[str, Topic], list[bytes]])
    days: int = 0
    messages: int = 0
    torn: set[str] = field(default_factory=set[str])


def told(chance: random.Random) -> dict[tuple[str, Topic], list[bytes]]:
    """The events of all keys; some keys' reports are poisoned."""
    bodies: dict[tuple[str, Topic], list[bytes]] = defaultdict(list)
    for n in range(KEYS):
        history, key = History(), f"project-{n}"
        for version in range(1, VERSIONS + 1):
            fact = chance.choice(
                [
                    ObjectionRaised(objection="o", text=str(chance.randrange(1000))),
                    ObjectionRaised(objection="o", text=str(chance.randrange(1000))),
                    PublicNoticeIssued(number="1", ends=FIRST_DAY + timedelta(days=chance.randrange(30))),
                    ProjectStarted(),
                ]
            )
            poison = n < POISONED and version == POISON_AT
            report = reported(chance.randrange(100), POISON_MONTH if poison else "2023-01", note="p" * 300)
            for event in history.tell(key, fact, report):
                body = history.bodies[event.id]
                if POISONED <= n < POISONED + TORN and event.data.topic is Topic.PROGRESS and version == POISON_AT:
                    body = orjson.dumps({**orjson.loads(body), "data": {"percent": "torn"}})
                bodies[key, event.data.topic].append(body)
    return bodies


async def feed(kafka: str, seed: int, share: Callable[[], float]) -> Sent:
    """Send all keys' events, mixed, some twice, some once more later; one is left out; days begin meanwhile.

    `share` says how much of it may be sent by now: kills are to come in between.
    """
    chance = random.Random(seed)
    sent = Sent(told(chance))
    nexts = dict.fromkeys(sent.bodies, 0)
    waiting = list(nexts)
    total = KEYS * VERSIONS * len(TOPICS)
    producer = AIOKafkaProducer(bootstrap_servers=kafka, enable_idempotence=True, linger_ms=5)
    await producer.start()
    calendar, futures, done = History(), [], 0
    while waiting:
        key, topic = one = chance.choice(waiting)
        nexts[one] += 1
        done += 1
        if nexts[one] == VERSIONS:
            waiting.remove(one)
        again = [nexts[one]] * (chance.random() < 0.05)
        stale = [chance.randrange(1, nexts[one] + 1)] * (chance.random() < 0.05)
        for version in (nexts[one], *again, *stale):
            if (key, topic, version) != (f"project-{KEYS - 1}", Topic.PROGRESS, GAP_AT):
                body = sent.bodies[one][version - 1]
                futures += [await producer.send(topic.value, body, key=key.encode())]
        if done % (total // 40) == 0:
            for number in range(PARTITIONS):
                for event in calendar.begin_day(FIRST_DAY + timedelta(days=sent.days), partition=number):
                    body = calendar.bodies[event.id]
                    name = event.subject.encode()
                    futures.append(await producer.send(event.data.topic.value, body, key=name, partition=number))
            sent.days += 1
        if done % 50 == 0:
            await asyncio.sleep(0.02)
            await until(lambda: done <= total * share(), within=120, what="more may be sent")  # noqa: B023
    await asyncio.gather(*futures)
    await producer.stop()
    sent.messages = len(futures)
    return sent


class Members:
    """The processes that follow the view."""

    def __init__(self, url: str, kafka: str, folder: Path, chance: random.Random) -> None:
        self.killed = self.ended_well = self.ended_badly = 0
        self._given = (url, kafka)
        self._folder = folder
        self._chance = chance
        self._processes: list[subprocess.Popen[bytes]] = []

    def start(self, group: str) -> None:
        command = [sys.executable, "-m", "tests.chaos.projection", "member", *self._given, group, str(self._folder)]
        with (self._folder / "members.log").open("ab") as log:
            self._processes.append(subprocess.Popen(command, stdout=log, stderr=log))

    def at_work(self) -> list[subprocess.Popen[bytes]]:
        """Those that have partitions."""
        return [one for one in self._processes if (self._folder / str(one.pid)).exists()]

    def kill_one(self) -> None:
        """Kill one that is at work, and start another."""
        if at_work := self.at_work():
            victim = self._chance.choice(at_work)
            victim.kill()
            victim.wait()
            self._processes.remove(victim)
            self.killed += 1
            self.start(self._chance.choice(["chaos", "chaos", "twin"]))

    async def leave_one(self) -> None:
        """End all but one in good order."""
        while len(self._processes) > 1:
            leaving = self._processes[-1]
            await until(lambda: leaving in self.at_work(), within=60, what="a member at work")  # noqa: B023
            leaving.terminate()
            if await asyncio.to_thread(leaving.wait, 30) == 0:
                self.ended_well += 1
            else:
                self.ended_badly += 1
            self._processes.remove(leaving)

    def kill_all(self) -> None:
        for one in self._processes:
            one.kill()
            one.wait()


async def run(url: str, kafka: str, folder: Path, *, kills: int = 3, seed: int = 5) -> tuple[Sent, Members, int]:
    """Members 1 → 3 → 1, with kills, while the topics are fed; then one until all has been taken in.

    Gives what was sent, the members, and how often an offset was seen to go back.
    """
    await empty(kafka)
    chance = random.Random(seed)
    members = Members(url, kafka, folder, chance)
    watch = await asyncpg.connect(driver_url(url))
    went_back, last = 0, dict[tuple[int, str], int]()
    try:
        members.start("chaos")
        await until(lambda: bool(members.at_work()), within=60, what="a member at work")
        feeding = asyncio.create_task(feed(kafka, seed, lambda: (members.killed + 1) / (kills + 1)))
        for group in ("chaos", "twin"):
            members.start(group)
        while members.killed < kills:
            await asyncio.sleep(chance.uniform(0.2, 1))
            members.kill_one()
            went_back += await _went_back(watch, last)
        sent = await feeding
        await members.leave_one()

        async def taken_in() -> bool:
            nonlocal went_back
            went_back += await _went_back(watch, last)
            return await _taken_in(watch, sent)

        await until(taken_in, within=120, what="all taken in")
    finally:
        members.kill_all()
        await watch.close()
    return sent, members, went_back


async def _went_back(watch: asyncpg.Connection, last: dict[tuple[int, str], int]) -> int:
    back = 0
    for partition, topic, offset in await watch.fetch("select partition, topic, next from offsets"):
        back += offset < last.get((partition, topic), 0)
        last[partition, topic] = offset
    return back


async def _taken_in(watch: asyncpg.Connection, sent: Sent) -> bool:
    """Whether every event has been folded or parked, but for those behind the gap."""
    stopped = await watch.fetch("select partition, topic from offsets where stopped is not null")
    if not stopped:
        return False
    seen = await watch.fetch("select key, partition, seen from views.chaos_1")
    parked = await watch.fetch("select key, topic, count(*) as many from parked group by 1, 2")
    kept = {(row["key"], row["topic"]): row["many"] for row in parked}
    behind = {(row["partition"], row["topic"]) for row in stopped}
    if len(seen) < KEYS:
        return False
    for row in seen:
        for topic, version in zip(sorted(TOPICS), row["seen"], strict=True):
            left = len(sent.bodies[row["key"], topic]) - version - kept.get((row["key"], topic), 0)
            if left and (row["partition"], topic.value) not in behind:
                return False
    days = await watch.fetchval(
        "select count(*) from offsets where stopped is null and day is distinct from $1",
        FIRST_DAY + timedelta(days=sent.days - 1),
    )
    return days == 0


async def check(database: Database, sent: Sent) -> list[str]:
    """What is wrong: with rows, parked events and stops, then with retries before and after the fault is mended."""
    wrong: list[str] = []
    async with database.driver() as connection:
        places = {(r["partition"], r["topic"]): r for r in await connection.fetch("select * from offsets")}
        stopped = {place: row["stopped"] for place, row in places.items() if row["stopped"]}
        last = f"project-{KEYS - 1}"
        if [reason.partition(",")[0] for reason in stopped.values()] != [
            f"gap: {last} has version {GAP_AT - 1} of {Topic.PROGRESS.value}"
        ]:
            wrong.append(f"stopped: {stopped}")
        wrong += _compare(await _rows(connection), await _parked(connection), sent, stopped, places)
        for n in range(POISONED):
            result = await retry(connection, VIEW, f"project-{n}")
            if result.folded or "poison" not in str(result.error):
                wrong.append(f"retried while poisonous: {result}")
        waiting = sum(len(versions) for versions in (await _parked(connection)).values())
        folded = 0
        for n in range(POISONED + TORN):
            folded += (await retry(connection, MENDED, f"project-{n}")).folded
        parked = await _parked(connection)
        left = sum(len(versions) for versions in parked.values())
        if waiting != folded + left or {key for key, _ in parked} != {
            f"project-{n}" for n in range(POISONED, POISONED + TORN)
        }:
            wrong.append(f"retried: {folded} of {waiting}, left {left}")
        wrong += _compare(await _rows(connection), parked, sent, stopped, places)
    return wrong


async def _rows(connection: asyncpg.Connection) -> dict[str, asyncpg.Record]:
    rows = await connection.fetch("select *, dues::text as due_days from views.chaos_1")
    return {row["key"]: row for row in rows}


async def _parked(connection: asyncpg.Connection) -> dict[tuple[str, str], list[int]]:
    parked: dict[tuple[str, str], list[int]] = defaultdict(list)
    for row in await connection.fetch("select key, topic, topic_version from parked order by id"):
        parked[row["key"], row["topic"]].append(row["topic_version"])
    return dict(parked)


def _compare(
    rows: Mapping[str, asyncpg.Record],
    parked: Mapping[tuple[str, str], Sequence[int]],
    sent: Sent,
    stopped: Mapping[tuple[int, str], str],
    places: Mapping[tuple[int, str], asyncpg.Record],
) -> list[str]:
    wrong: list[str] = []
    for (key, topic), bodies in sent.bodies.items():
        row = rows[key]
        seen = row["seen"][sorted(TOPICS).index(topic)]
        kept = list(parked.get((key, topic.value), ()))
        behind = (row["partition"], topic.value) in stopped
        count, total, dues = _fold(bodies[:seen])
        if topic is Topic.PROJECT:
            days = [places[row["partition"], one.value]["day"] for one in TOPICS]
            late = sum(due < min(days) for due in dues)
            if (row["projects"], row["project_sum"], row["late"]) != (count, total, late):
                wrong.append(f"{key} {topic} at {seen}: {row['projects']}, {row['project_sum']}, {row['late']} late")
        elif (row["reports"], row["report_sum"]) != (count, total):
            wrong.append(f"{key} {topic} at {seen}: {row['reports']}, {row['report_sum']}")
        if kept != list(range(seen + 1, seen + 1 + len(kept))):
            wrong.append(f"{key} {topic} at {seen}: parked {kept}")
        if seen + len(kept) != len(bodies) and not behind:
            wrong.append(f"{key} {topic} ends at {seen} with {len(kept)} parked")
    return wrong


def _fold(bodies: Sequence[bytes]) -> tuple[int, int, list[date]]:
    """What the events come to, read from their JSON."""
    count = total = 0
    dues: list[date] = []
    for body in bodies:
        event = json.loads(body)
        data = event["data"]
        number = data["percent"] if event["type"].endswith("reported.v1") else data.get("text")
        if event["type"].endswith("notice-issued.v1"):
            dues.append(date.fromisoformat(data["ends"]))
        elif number is not None:
            count, total = count + 1, (total * 3 + int(number)) % 1_000_003
    return count, total, dues


if __name__ == "__main__" and sys.argv[1] == "member":
    asyncio.run(member(*sys.argv[2:]))
