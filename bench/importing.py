"""A ledger of 12,400 projects over HTTP, through the gateway: from the file to the commit, and what others feel."""

import asyncio
from datetime import timedelta
from time import perf_counter
from uuid import uuid4

from bench.commands import ADMIN, COUNTIES, TOWNSHIPS, platform, signed_in
from bench.report import Report
from bench.servers import Servers
from infra.ledger_job import followed
from infra.scenario.client import Client
from services.registry.ledger.columns import COLUMNS
from shared import clock
from shared.contracts.months import month_before, month_of
from shared.spreadsheet import Cell, Sheet, written

ROWS = 12_400
LIMIT = 60.0
EVERY = 0.1
"""Seconds between two commands of others."""


class _Silent:
    """Nobody watches."""

    def phase(self, name: str, total: int) -> None:
        """A phase begins."""

    def advance(self, steps: int = 1) -> None:
        """Steps of it are done."""


async def measure(servers: Servers, rounds: int) -> Report:
    """Imports, each of other projects, while another person gives commands."""
    report = Report(f"A ledger of {ROWS:,} rows and {len(COLUMNS)} columns", "s, and ms of others' commands meanwhile")
    async with platform(servers) as (origin, _):
        client = Client(origin)
        try:
            await signed_in(client)
            for n in range(rounds):
                content = await asyncio.to_thread(_ledger, n)
                others = asyncio.create_task(_others(client))
                begun = perf_counter()
                job = await followed(client, ADMIN, "import", content, name="x.xlsx", at=None, progress=_Silent())
                report.add("from the file to the commit", perf_counter() - begun)
                others.cancel()
                assert job["report"]["new"] == ROWS, job["report"]["errors"][:3]
                took = await others
                report.add("slowest command of others", max(took))
        finally:
            await client.close()
    report.at_most_value("from the file to the commit", LIMIT)
    return report


async def _others(client: Client) -> list[float]:
    """The milliseconds that commands took until it was cancelled."""
    took: list[float] = []
    try:
        while True:
            id, begun = uuid4().hex, perf_counter()
            await client.command(ADMIN, f"/registry/persons/{id}/register", {"name": id}, key=id)
            took.append((perf_counter() - begun) * 1000)
            await asyncio.sleep(EVERY)
    except asyncio.CancelledError:
        return took


def _ledger(nth: int) -> bytes:
    today = clock.day_of(clock.now())
    started = today - timedelta(days=50)
    days: dict[str, Cell] = {
        "year": started.year,
        "approved": started,
        "started": started,
        "starts": started,
        "ends": started + timedelta(days=200),
        "milestones": "",
        "month": month_before(month_of(today)),
    }
    with written() as book:
        sheet = Sheet(book, "台账")
        sheet.row([column.head for column in COLUMNS], head=True)
        for n in range(ROWS):
            county = COUNTIES[n % len(COUNTIES)]
            unit = f"{county}{100 + n // len(COUNTIES) % TOWNSHIPS}"
            named: dict[str, Cell] = {"county": county, "unit": unit, "secretary": f"{unit}-secretary"}
            cells = {**{column.key: column.example for column in COLUMNS}, **named, "title": f"{nth}-{n}", **days}
            sheet.row([cells[column.key] for column in COLUMNS])
    return book.content
