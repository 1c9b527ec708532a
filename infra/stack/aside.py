"""Coroutines run in a thread of their own, so that an interruption can end the wait for them."""

from collections.abc import Awaitable, Callable
from concurrent.futures import wait
from typing import TypeVar

from anyio.from_thread import start_blocking_portal
from asyncpg import PostgresError

from infra.services import SERVICES
from infra.stack.failure import StackError
from infra.stack.servers import address
from infra.stack.signals import heed

T = TypeVar("T")


def aside(work: Callable[[], Awaitable[T]]) -> T:
    """What `work()` comes to; once an interruption is noted it is cancelled and KeyboardInterrupt raised."""
    with start_blocking_portal() as portal:
        result = portal.start_task_soon(work)
        while wait([result], timeout=0.1).not_done:
            heed()
        return result.result()


async def migrate(owner_url: str) -> None:
    """Bring the services' databases up to date; StackError if the server does not answer or refuses."""
    from shared.migrate import migrate_all_async  # noqa: PLC0415 (Alembic takes a second that others need not pay)

    try:
        await migrate_all_async(owner_url, SERVICES)
    except (OSError, PostgresError) as error:
        raise StackError(f"PostgreSQL at {address(owner_url)}: {error}") from error
