"""ASGI applications served on free ports of the loopback, within the test's own event loop."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator
from typing import Any

import uvicorn


class _Server(uvicorn.Server):
    """A server that leaves the process's signals alone."""

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None]:
        yield


def bound() -> socket.socket:
    """A socket at a free port, for an application that must know its own address before it is made."""
    listening = socket.socket(proto=socket.IPPROTO_TCP)  # asyncio sets TCP_NODELAY only where the protocol is named
    listening.bind(("127.0.0.1", 0))
    return listening


def origin_of(listening: socket.socket) -> str:
    """The origin of what will listen there."""
    return f"http://127.0.0.1:{listening.getsockname()[1]}"


@contextlib.asynccontextmanager
async def serving(app: Any, listening: socket.socket | None = None, **options: Any) -> AsyncGenerator[str]:
    """The origin under which an application answers."""
    listening = listening or bound()
    defaults: dict[str, Any] = {"log_config": None, "access_log": False, "timeout_graceful_shutdown": 2}
    config = uvicorn.Config(app, **(defaults | options))
    server = _Server(config)
    task = asyncio.create_task(server.serve([listening]))
    while not server.started and not task.done():
        await asyncio.sleep(0.01)
    if task.done():
        task.result()
    try:
        yield origin_of(listening)
    finally:
        server.should_exit = True
        await task
        listening.close()


@contextlib.asynccontextmanager
async def speaking(
    handle: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]],
) -> AsyncGenerator[str]:
    """The origin of a server that handles each connection's bytes itself, for faults that no server library makes."""
    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()


def refusing() -> str:
    """An origin at which nobody listens."""
    with bound() as probe:
        return origin_of(probe)
