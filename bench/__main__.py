"""`python -m bench [name ...]`: every measure of the usual run, or the named ones, in interleaved rounds."""

import gc
import sys
from collections.abc import Awaitable, Callable
from time import monotonic

import uvloop

from bench import appends, commands, growth, importing, latency, lists, relaying, views
from bench.report import Report
from bench.servers import Servers, running
from shared import log

Measure = Callable[[Servers, int], Awaitable[Report]]

ROUNDS = 2
USUAL: dict[str, Measure] = {
    "appends": appends.measure,
    "views": views.measure,
    "latency": latency.measure,
    "commands": commands.measure,
    "relay": relaying.measure,
    "lists": lists.measure,
}
MEASURES: dict[str, Measure] = {**USUAL, "importing": importing.measure, "growth": growth.measure}


async def main(names: list[str], servers: Servers) -> None:
    """Run the named measures on one server pair."""
    for name in names:
        begun = monotonic()
        report = await MEASURES[name](servers, ROUNDS)
        report.show()
        print(f"  {name}: {monotonic() - begun:.0f} s", flush=True)


if __name__ == "__main__":
    wanted = sys.argv[1:] or list(USUAL)
    unknown = set(wanted) - set(MEASURES)
    if unknown:
        sys.exit(f"unknown: {', '.join(sorted(unknown))}; there are {', '.join(MEASURES)}")
    log.configure("bench", form="text", level="WARNING")
    with running() as servers:
        gc.collect()
        gc.freeze()
        gc.set_threshold(50_000, 20, 100)
        uvloop.run(main(wanted, servers))
