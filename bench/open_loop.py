"""Load at a fixed rate, whatever the answers do: what takes long delays nobody's beginning, and is counted whole."""

import asyncio
from collections.abc import Callable, Coroutine
from time import perf_counter
from typing import Any


async def offer(rate: float, seconds: float, act: Callable[[int, float], Coroutine[Any, Any, None]]) -> None:
    """Begin `act(n, due)` `rate` times a second, and wait until all have ended.

    `due` is the moment (of perf_counter) at which the n-th ought to begin: latencies are counted from it, so that
    a late beginning of ours counts too, and the requests that a stall holds up are not left out.
    """
    begun = perf_counter() + 0.05
    async with asyncio.TaskGroup() as group:
        for n in range(round(rate * seconds)):
            due = begun + n / rate
            if (early := due - perf_counter()) > 0:
                await asyncio.sleep(early)
            group.create_task(act(n, due))


def percentile(values: list[float], percent: float) -> float:
    """The value that so many percent of them do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))]
