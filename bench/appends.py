"""Appends a second: load + decide + append, and append alone, beside the obvious alternative (eventsourcing).

Both sides store one event of about 900 bytes an operation, durable (fsync on), on the same server, on streams of
about ten events. The alternative runs in as many threads as there are writers, ours in as many tasks.
"""

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from threading import local
from typing import Any
from uuid import UUID, uuid4

from eventsourcing.application import Application
from eventsourcing.domain import Aggregate, event
from sqlalchemy import make_url

from bench.history import NOTE, context, reported
from bench.report import Report
from bench.servers import Servers
from shared.appender import Appender
from shared.contracts.event import EventData
from shared.contracts.progress import ProgressReported
from shared.contracts.values import StreamId
from shared.database import Database
from shared.errors import require
from shared.loader import Loader
from shared.store import CommandRecord, Outcome, Stream, make_item

SECONDS = 1.0
LENGTH = 10
WRITERS = (1, 8, 32)


def decide(stream: Stream, n: int) -> list[EventData]:
    """A rule over the stream's facts, and the event."""
    months = {e.data.month for e in stream.events if isinstance(e.data, ProgressReported)}
    report = reported(n)
    require(report.month not in months, "month_already_reported", field="month")
    return [report]


async def ours(database: Database, writers: int, *, loading: bool) -> float:
    """Appends a second of so many tasks."""
    appender = Appender(database)
    await appender.start()
    loader = Loader(database)
    await loader.start()
    done = 0
    until = time.perf_counter() + SECONDS

    async def write() -> None:
        nonlocal done
        stream = Stream(StreamId(f"project-{uuid4()}"))
        for n in count():
            if time.perf_counter() > until:
                return
            if n % LENGTH == 0:
                stream = Stream(StreamId(f"project-{uuid4()}"))
            if loading:
                stream = await loader.load(stream.id)
            command = CommandRecord(uuid4(), "340822100-office-1", b"digest")
            item = make_item(stream, decide(stream, n % LENGTH), context(command.command_id), command=command)
            verdict = await appender.append(item)
            assert verdict.outcome is Outcome.OK
            stream = Stream(stream.id, item.version, item.topic_versions, item.head)
            done += 1

    begun = time.perf_counter()
    await asyncio.gather(*(write() for _ in range(writers)))
    rate = done / (time.perf_counter() - begun)
    await loader.stop()
    await appender.stop()
    return rate


class Reports(Aggregate):
    """The alternative's aggregate: the same rule, the same event."""

    @event("Opened")
    def __init__(self) -> None:
        self.months: list[str] = []

    @event("Reported")
    def report(self, month: str, percent: str, note: str, actor: str, org: str, effective: str) -> None:
        """The month's report."""
        if month in self.months:
            raise ValueError(month)
        self.months.append(month)


def environment(url: str, *, functions: bool) -> dict[str, str]:
    """The alternative's settings for the same server."""
    server = make_url(url)
    return {
        "PERSISTENCE_MODULE": "eventsourcing.postgres",
        "POSTGRES_DBNAME": server.database or "postgres",
        "POSTGRES_HOST": server.host or "127.0.0.1",
        "POSTGRES_PORT": str(server.port),
        "POSTGRES_USER": server.username or "postgres",
        "POSTGRES_PASSWORD": str(server.password),
        "POSTGRES_POOL_SIZE": "34",
        "POSTGRES_ENABLE_DB_FUNCTIONS": "yes" if functions else "no",
    }


def theirs(app: Application[UUID], writers: int, *, loading: bool) -> float:
    """Saves a second of so many threads."""
    until = time.perf_counter() + SECONDS
    state = local()

    def write() -> int:
        state.done = 0
        reports: Any = None
        for n in count():
            if time.perf_counter() > until:
                return state.done
            if n % LENGTH == 0:
                reports = Reports()
                app.save(reports)
            if loading:
                reports = app.repository.get(reports.id)
            month = f"{2000 + n // 12}-{n % 12 + 1:02d}"
            reports.report(month, "50.5", NOTE, "340822100-office-1", "340822100", "2023-08-01")
            app.save(reports)
            state.done += 1
        return state.done

    begun = time.perf_counter()
    with ThreadPoolExecutor(writers) as pool:
        done = sum(each.result() for each in [pool.submit(write) for _ in range(writers)])
    return done / (time.perf_counter() - begun)


async def measure(servers: Servers, rounds: int) -> Report:
    """Interleaved rounds of every row."""
    report = Report("Appends", "operations/s, median of rounds, lowest – highest")
    plain, with_functions = (
        Application[UUID](env=environment(servers.owner_url, functions=functions)) for functions in (False, True)
    )
    async with servers.database() as database:
        for _ in range(rounds):
            for writers in WRITERS:
                report.add(f"load + decide + append, {writers}", await ours(database, writers, loading=True))
                report.add(f"append, {writers}", await ours(database, writers, loading=False))
                saves = await asyncio.to_thread(theirs, plain, writers, loading=True)
                report.add(f"eventsourcing get + save, {writers}", saves)
                saves = await asyncio.to_thread(theirs, with_functions, writers, loading=False)
                report.add(f"eventsourcing save by function, {writers}", saves)
    for app in (plain, with_functions):
        app.close()
    report.at_least("load + decide + append, 32", 8, "eventsourcing get + save, 32")
    report.at_least("append, 8", 4, "eventsourcing save by function, 8")
    report.at_least("append, 32", 4, "eventsourcing save by function, 32")
    return report
