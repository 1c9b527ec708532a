"""Appends a second: load + decide + append, and append alone, beside the obvious alternative (eventsourcing).

Both sides store one event of about 900 bytes an operation, durable (fsync on), on the same server, on streams of
about ten events. The alternative runs in as many threads as there are writers, ours in as many tasks.
"""

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import count
from threading import local
from typing import Any
from uuid import UUID, uuid4

from eventsourcing.application import Application
from eventsourcing.domain import Aggregate, event
from sqlalchemy import make_url

from bench.report import Report
from shared.appender import Appender
from shared.contracts.event import Context, EventData
from shared.contracts.progress import ProgressReported
from shared.contracts.values import StreamId
from shared.database import Database
from shared.errors import require
from shared.loader import Loader
from shared.store import CommandRecord, Outcome, Stream, make_item

NOTE = "本月完成主体工程，群众代表现场评议两次，提出建议七条已全部采纳；下月转入试运行并公开账目。" * 3
SECONDS = 2.0
LENGTH = 10
WRITERS = (1, 8, 32)


def context(command_id: UUID) -> Context:
    """The circumstances of a report."""
    return Context(
        command_id, "/guatu/registry", datetime.now(UTC), "340822100-office-1", "340822100", date(2023, 8, 1)
    )


def decide(stream: Stream, n: int) -> list[EventData]:
    """A rule over the stream's facts, and the event."""
    months = {e.data.month for e in stream.events if isinstance(e.data, ProgressReported)}
    month = f"{2000 + n // 12}-{n % 12 + 1:02d}"
    require(month not in months, "month_already_reported", field="month")
    return [ProgressReported(month=month, percent=Decimal("50.5"), note=NOTE)]


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


def application(url: str, *, functions: bool) -> Application[UUID]:
    """The alternative on the same server."""
    server = make_url(url)
    return Application(
        env={
            "PERSISTENCE_MODULE": "eventsourcing.postgres",
            "POSTGRES_DBNAME": server.database or "postgres",
            "POSTGRES_HOST": server.host or "127.0.0.1",
            "POSTGRES_PORT": str(server.port),
            "POSTGRES_USER": server.username or "postgres",
            "POSTGRES_PASSWORD": str(server.password),
            "POSTGRES_POOL_SIZE": "34",
            "POSTGRES_ENABLE_DB_FUNCTIONS": "yes" if functions else "no",
        }
    )


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
        done = sum(pool.map(lambda _: write(), range(writers)))
    return done / (time.perf_counter() - begun)


async def measure(database: Database, owner_url: str, rounds: int) -> Report:
    """Interleaved rounds of every row."""
    report = Report("Appends", "operations/s, median of rounds, lowest – highest")
    plain, with_functions = application(owner_url, functions=False), application(owner_url, functions=True)
    for _ in range(rounds):
        for writers in WRITERS:
            report.add(f"load + decide + append, {writers}", await ours(database, writers, loading=True))
            report.add(f"append, {writers}", await ours(database, writers, loading=False))
            report.add(
                f"eventsourcing get + save, {writers}", await asyncio.to_thread(theirs, plain, writers, loading=True)
            )
            report.add(
                f"eventsourcing save by function, {writers}",
                await asyncio.to_thread(theirs, with_functions, writers, loading=False),
            )
    for app in (plain, with_functions):
        app.close()
    report.at_least("load + decide + append, 32", 8, "eventsourcing get + save, 32")
    report.at_least("append, 8", 4, "eventsourcing save by function, 8")
    report.at_least("append, 32", 4, "eventsourcing save by function, 32")
    return report
