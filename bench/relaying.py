"""The relay under a steady load: whether the outbox stays short at 5,000 events/s, and how fast it is emptied.

The relay runs in this process, as it does in a service of role `relay`; the load comes from a process of its own
(`python -m bench.relaying URL`), which appends items that were sealed before.
"""

import asyncio
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from itertools import islice
from statistics import mean
from time import perf_counter, process_time

import uvloop

from bench.history import EVENTS_OF_A_LIFE, History
from bench.open_loop import offer
from bench.report import Report
from bench.servers import Servers
from shared.appender import OUTBOX_CHANNEL
from shared.database import Database
from shared.relay import ROUND, Relay
from shared.store import Item, append_in

RATE = 5000
SECONDS = 3.0
TOGETHER = 50
"""Events of an append: what group commit gathers under such a load."""
BACKLOG = 10_000


async def append(database: Database, items: list[Item]) -> None:
    """One append, and the notification that a service sends after it."""
    async with database.driver() as connection:
        await append_in(connection, items)
        await connection.execute("select pg_notify($1, '')", OUTBOX_CHANNEL)


async def load(url: str) -> None:
    """Append at the rate, once told to; each project's events in their order."""
    database = Database(url, name="bench-load", size=4)
    batches = iter_batches(int(RATE * SECONDS))
    print("ready", flush=True)
    await asyncio.to_thread(sys.stdin.readline)
    turn = asyncio.Lock()

    async def act(n: int, _: float) -> None:
        async with turn:
            await append(database, batches[n])

    begun = perf_counter()
    await offer(RATE / TOGETHER, SECONDS, act)
    print(len(batches) * TOGETHER / (perf_counter() - begun), flush=True)
    await database.dispose()


def iter_batches(events: int) -> list[list[Item]]:
    """New projects' events, so many in each batch, and no stream twice in one."""
    items = iter(list(islice(History().lives(events // EVENTS_OF_A_LIFE + 1), events)))
    return [list(islice(items, TOGETHER)) for _ in range(events // TOGETHER)]


@asynccontextmanager
async def relaying(relay: Relay) -> AsyncGenerator[None]:
    """While the relay leads."""
    task = asyncio.create_task(relay.run())
    try:
        async with asyncio.timeout(30):
            while not relay.leading:  # noqa: ASYNC110 - the relay tells nobody
                await asyncio.sleep(0.02)
        yield
    finally:
        await relay.stop()
        await task


async def outbox(database: Database) -> int:
    """Rows that wait in the outbox."""
    async with database.driver() as connection:
        return await connection.fetchval("select count(*) from outbox")


async def emptied(database: Database, relay: Relay, items: list[list[Item]]) -> tuple[float, float]:
    """Events a second at which a backlog is published, and µs of the relay's CPU for each."""
    for batch in items:
        await append(database, batch)
    waiting = await outbox(database)
    async with relaying(relay):
        begun, cpu, first = perf_counter(), process_time(), await outbox(database)
        while left := await outbox(database):
            await asyncio.sleep(0.01)
            if left == waiting:
                begun, cpu, first = perf_counter(), process_time(), left
        seconds = perf_counter() - begun
    return first / seconds, (process_time() - cpu) / first * 1e6


async def loaded(database: Database, relay: Relay) -> tuple[float, list[int]]:
    """The rate at which was appended, and the outbox's length every 50 ms of it."""
    program = [sys.executable, "-m", "bench.relaying", database.url]
    pipe = asyncio.subprocess.PIPE
    async with relaying(relay):
        process = await asyncio.create_subprocess_exec(*program, stdin=pipe, stdout=pipe)
        assert process.stdin is not None
        assert process.stdout is not None
        await process.stdout.readline()
        process.stdin.write(b"go\n")
        lengths: list[int] = []
        ended = asyncio.create_task(process.wait())
        while not ended.done():
            lengths.append(await outbox(database))
            await asyncio.sleep(0.05)
        assert await ended == 0
        return float(await process.stdout.readline()), lengths


async def measure(servers: Servers, rounds: int) -> Report:
    """The load, then a backlog, round by round."""
    report = Report("Relay", "events/s, and rows of the outbox under the load")
    await servers.clear()
    async with servers.database(size=6) as database:
        for _ in range(rounds):
            appended, lengths = await loaded(database, Relay(database, servers.kafka, "bench"))
            report.add("appended meanwhile", appended)
            half = len(lengths) // 2
            report.add(f"outbox at {RATE}/s, first half", mean(lengths[:half]))
            report.add(f"outbox at {RATE}/s, second half", mean(lengths[half:]))
            rate, cpu = await emptied(database, Relay(database, servers.kafka, "bench"), iter_batches(BACKLOG))
            report.add("a backlog published", rate)
            report.add("a backlog published, CPU µs", cpu)
    report.at_least_value("appended meanwhile", 0.95 * RATE)
    report.at_most_value(f"outbox at {RATE}/s, second half", ROUND)
    report.at_least_value("a backlog published", RATE)
    return report


if __name__ == "__main__":
    uvloop.run(load(sys.argv[1]))
