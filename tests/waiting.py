"""Waiting until something holds, instead of for a time."""

import asyncio
from collections.abc import Awaitable, Callable
from time import monotonic


async def until(holds: Callable[[], Awaitable[bool] | bool], *, within: float = 30, what: str = "") -> None:
    """Wait until a condition holds; AssertionError if it does not in time."""
    deadline = monotonic() + within
    while True:
        answer = holds()
        if answer if isinstance(answer, bool) else await answer:
            return
        assert monotonic() < deadline, f"not within {within} s: {what or holds}"
        await asyncio.sleep(0.02)
