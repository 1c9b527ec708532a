"""From the ack to the view at 100 commands a second, beside the alternative's projection, which needs no broker.

Ours goes append → NOTIFY → relay → Kafka → view, all in this process as in a service of role `all`, and counts as
seen once the platform's own read-your-writes wait says so, which asks the database. The alternative subscribes to
its events table within the same process, and counts as seen at once after its projection's commit.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, asynccontextmanager
from time import perf_counter
from typing import Any
from uuid import UUID

from eventsourcing.application import Application
from eventsourcing.persistence import Tracking
from eventsourcing.postgres import PostgresTrackingRecorder
from eventsourcing.projection import Projection, ProjectionRunner
from psycopg.sql import SQL

from bench.appends import Reports, environment
from bench.history import NOTE, History
from bench.open_loop import offer, percentile
from bench.relaying import relaying
from bench.report import Report
from bench.servers import Servers
from services.registry.views import PROJECTS
from shared.appender import Appender
from shared.at_least import AtLeast
from shared.consume import Projector
from shared.database import Database
from shared.relay import Relay
from shared.store import Outcome, append_in, at_token

RATE = 100
SECONDS = 4.0
STREAMS = 500
"""So many that none is written twice within some seconds."""


class Ours:
    """The platform's way."""

    def __init__(self, history: History, appender: Appender, at_least: AtLeast) -> None:
        self._history = history
        self._appender = appender
        self._at_least = at_least
        self._turns = [asyncio.Lock() for _ in history.streams]
        self.acks: list[float] = []
        self.seen: list[float] = []

    @classmethod
    @asynccontextmanager
    async def on(cls, database: Database, servers: Servers) -> AsyncGenerator["Ours"]:
        """Everything between, running and caught up with some projects."""
        history = History()
        items = list(history.lives(STREAMS))
        async with database.driver() as connection:
            for begin in range(0, len(items), STREAMS):
                await append_in(connection, items[begin : begin + STREAMS])
        async with AsyncExitStack() as stack:
            appender = Appender(database)
            await appender.start()
            stack.push_async_callback(appender.stop)
            await stack.enter_async_context(relaying(Relay(database, servers.kafka, "bench")))
            projector = Projector(database, servers.kafka, [PROJECTS], "bench")
            await projector.start()
            stack.push_async_callback(projector.stop)
            at_least = AtLeast(database, [PROJECTS])
            await at_least.start()
            stack.push_async_callback(at_least.stop)
            for stream in history.streams:
                await at_least(at_token(stream.id, stream.topic_versions), timeout=60)
            yield cls(history, appender, at_least)

    async def act(self, n: int, _: float) -> None:
        """One report, until it is in the view."""
        number = n % STREAMS
        async with self._turns[number]:
            item = next(iter(self._history.reports([number])))
            begun = perf_counter()
            verdict = await self._appender.append(item)
            acked = perf_counter()
            assert verdict.outcome is Outcome.OK
        await self._at_least(at_token(item.stream, item.topic_versions), timeout=30)
        self.acks.append(acked - begun)
        self.seen.append(perf_counter() - acked)


class Rows(PostgresTrackingRecorder):
    """The alternative's view: a row a stream, written with the position."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        statement = "create table if not exists bench_rows (id uuid primary key, month text, percent text, note text)"
        self.sql_create_statements.append(SQL(statement).format())

    def put(self, values: tuple[UUID, str, str, str], tracking: Tracking) -> None:
        """Write a row and the position in one transaction."""
        with self.datastore.transaction(commit=True) as cursor:
            self._insert_tracking(cursor, tracking)
            cursor.execute(_PUT, values, prepare=True)


_PUT = """
insert into bench_rows values (%s, %s, %s, %s)
on conflict (id) do update set month = excluded.month, percent = excluded.percent, note = excluded.note"""


class Listing(Projection[Rows]):
    """The alternative's projection; notes when each event is in the view."""

    name = "listing"
    committed: dict[tuple[UUID, int], float]

    def process_event(self, domain_event: Any, tracking: Tracking) -> None:  # pyright: ignore
        """One event."""
        event = domain_event
        values = (event.originator_id, getattr(event, "month", ""), getattr(event, "percent", ""), NOTE)
        self.view.put(values, tracking)
        Listing.committed[event.originator_id, event.originator_version] = perf_counter()


class Theirs:
    """The alternative's way: saves in threads, and its runner."""

    def __init__(self, runner: ProjectionRunner[Application[UUID], Rows], threads: ThreadPoolExecutor) -> None:
        self._runner = runner
        self._threads = threads
        self._turns = [asyncio.Lock() for _ in range(STREAMS)]
        self._streams: list[Any] = []
        self.acks: list[float] = []
        self.seen: list[float] = []

    @classmethod
    @asynccontextmanager
    async def on(cls, owner_url: str) -> AsyncGenerator["Theirs"]:
        """Its projection running, caught up with some streams."""
        Listing.committed = {}
        env = environment(owner_url, functions=False)
        with (
            ThreadPoolExecutor(8) as threads,
            ProjectionRunner(
                application_class=Application[UUID], projection_class=Listing, view_class=Rows, env=env
            ) as runner,
        ):
            theirs = cls(runner, threads)
            await asyncio.to_thread(theirs._begin)
            yield theirs

    def _begin(self) -> None:
        self._streams = [Reports() for _ in range(STREAMS)]
        *_, last = (self._runner.app.save(reports) for reports in self._streams)
        self._runner.wait(last[-1].notification.id, timeout=60)

    async def act(self, n: int, _: float) -> None:
        """One report, until it is in the view."""
        async with self._turns[n % STREAMS]:
            reports = self._streams[n % STREAMS]
            month = f"{2000 + reports.version // 12}-{reports.version % 12 + 1:02d}"
            reports.report(month, "50.5", NOTE, "340822100-office-1", "340822100", "2023-08-01")
            begun = perf_counter()
            acked = await asyncio.get_running_loop().run_in_executor(self._threads, self._save, reports)
        self.acks.append(acked - begun)
        place = reports.id, reports.version
        while place not in Listing.committed:  # noqa: ASYNC110 - another thread sets it
            await asyncio.sleep(0.002)
        self.seen.append(max(0.0, Listing.committed[place] - acked))

    def _save(self, reports: Any) -> float:
        self._runner.app.save(reports)
        return perf_counter()


async def measure(servers: Servers, rounds: int) -> Report:
    """Interleaved rounds of both."""
    report = Report("Ack to view at 100 commands/s", "ms; p50 and p99 of each round")
    await servers.clear()
    async with (
        servers.database() as database,
        Ours.on(database, servers) as ours,
        Theirs.on(servers.owner_url) as theirs,
    ):
        for _ in range(rounds):
            await _round(report, "ours", ours, ours.act)
            await _round(report, "eventsourcing", theirs, theirs.act)
    for percent, factor in ((50, 2.5), (99, 4)):
        report.at_most(f"ours, ack → view, p{percent}", factor, f"eventsourcing, ack → view, p{percent}")
    return report


async def _round(
    report: Report, name: str, side: Ours | Theirs, act: Callable[[int, float], Coroutine[Any, Any, None]]
) -> None:
    side.acks, side.seen = [], []
    await offer(RATE, SECONDS, act)
    for percent in (50, 99):
        report.add(f"{name}, append → ack, p{percent}", percentile(side.acks, percent) * 1000)
        report.add(f"{name}, ack → view, p{percent}", percentile(side.seen, percent) * 1000)
