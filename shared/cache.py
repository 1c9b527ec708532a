"""What was read from a view, kept until the view changes."""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")


class Cache(Generic[K, V]):
    """Keeps the last `size` values. What was read while `drop` came may be out of date and is not kept.

    Who asks for a key that is just being read waits for that reading, unless `drop` came since it began.
    """

    def __init__(self, size: int, *, keeps: Callable[[], bool]) -> None:
        """`keeps` says whether changes are heard of just now; what nobody would take back is not kept."""
        self._size = size
        self._keeps = keeps
        self._values: OrderedDict[K, V] = OrderedDict()
        self._reading: dict[K, asyncio.Task[V]] = {}

    def drop(self) -> None:
        """Forget everything."""
        self._values.clear()
        self._reading.clear()

    async def get(self, key: K, read: Callable[[K], Awaitable[V]]) -> V:
        """The value of a key: the kept one, else the one that `read` gives."""
        if key in self._values:
            return self._values[key]
        reading = self._reading.get(key)
        if reading is None:
            reading = self._reading[key] = asyncio.create_task(self._read(key, read))
        return await asyncio.shield(reading)

    async def _read(self, key: K, read: Callable[[K], Awaitable[V]]) -> V:
        try:
            value = await read(key)
            if self._reading.get(key) is asyncio.current_task() and self._keeps():
                self._values[key] = value
                if len(self._values) > self._size:
                    self._values.popitem(last=False)
            return value
        finally:
            if self._reading.get(key) is asyncio.current_task():
                del self._reading[key]
