"""Long work on ledgers in this process: one job after the other, each told to its row, which whoever polls reads."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID

import asyncpg
import structlog

from services.registry.ledger import job as rows
from services.registry.ledger.importing import Progress, Sent
from services.registry.ledger.job import Doing
from services.registry.ledger.report import Report
from shared import problems
from shared.database import Database
from shared.errors import GuatuError, NotReady
from shared.outage import is_outage
from shared.problem_texts import Language
from shared.uuid7 import uuid7

T = TypeVar("T")
logger = structlog.get_logger()

WAITING = 5
"""Jobs that may wait or run in a process; each holds its file."""
TOLD = 1.0
"""Seconds between two words on a job."""


@dataclass(frozen=True)
class Ended:
    """What came of a job: its report, and a file that its page still offers. Empty if there is none."""

    report: Report
    file: bytes = b""


Work = Callable[[Progress], Awaitable[Ended]]


class Jobs:
    """The jobs that one process works on."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._turn = asyncio.Lock()
        self._tasks: dict[UUID, asyncio.Task[None] | None] = {}

    async def begin(self, sent: Sent, doing: Doing, work: Work, id: UUID | None = None) -> UUID:
        """Begin a job with a file; one with an `id` that is there is begun if it was interrupted or came to nothing.

        Raises:
            NotReady("too_many_jobs").
        """
        self._require_room()
        id = id or uuid7()
        if id in self._tasks:
            return id
        self._tasks[id] = None
        try:
            async with self._database.driver() as connection:
                begun = await rows.begin(connection, id, sent.person, doing, sent.name)
        except BaseException:
            del self._tasks[id]
            raise
        if not begun:
            del self._tasks[id]
            return id
        task = asyncio.create_task(self._run(id, work, sent.language), name=f"ledger {id}")
        self._tasks[id] = task
        task.add_done_callback(lambda done: self._let_go(id, done))
        return id

    async def in_turn(self, work: Callable[[], Awaitable[T]]) -> T:
        """Do work that is waited for, when the jobs before it are through.

        Raises:
            NotReady("too_many_jobs").
        """
        self._require_room()
        place = uuid7()
        self._tasks[place] = None
        try:
            async with self._turn:
                return await work()
        finally:
            del self._tasks[place]

    def _let_go(self, id: UUID, task: asyncio.Task[None] | None) -> None:
        if self._tasks.get(id) is task:
            del self._tasks[id]

    def _require_room(self) -> None:
        if len(self._tasks) >= WAITING:
            raise NotReady("too_many_jobs")

    async def _run(self, id: UUID, work: Work, language: Language) -> None:
        progress = Progress()
        telling = asyncio.create_task(self._telling(id, progress), name=f"progress of ledger {id}")
        try:
            async with self._turn:
                ended, problem = await _outcome(id, work, progress, language)
        finally:
            telling.cancel()
            with suppress(asyncio.CancelledError):
                await telling
        report, file = (ended.report, ended.file) if ended else (None, b"")
        self._let_go(id, asyncio.current_task())  # who reads that it is over may begin it anew at once
        while True:
            if await self._told(lambda connection: rows.end(connection, id, progress, report, problem, file)):
                return
            await asyncio.sleep(TOLD)

    async def _telling(self, id: UUID, progress: Progress) -> None:
        while True:
            await asyncio.sleep(TOLD)
            await self._told(lambda connection: rows.tell(connection, id, progress))

    async def _told(self, write: Callable[[asyncpg.Connection], Awaitable[None]]) -> bool:
        """Write to the row; False if the database is away for now, and will be told later."""
        try:
            async with self._database.driver() as connection:
                await write(connection)
        except Exception as error:
            if not is_outage(error):
                raise
            return False
        return True


async def _outcome(
    id: UUID, work: Work, progress: Progress, language: Language
) -> tuple[Ended | None, dict[str, Any] | None]:
    try:
        return await work(progress), None
    except GuatuError as error:
        return None, problems.document(error, language)
    except Exception as error:
        return None, problems.document(_unforeseen(id, error), language)


def _unforeseen(id: UUID, error: Exception) -> GuatuError:
    if is_outage(error):
        logger.warning("backend_unreachable", error=repr(error), job=str(id))
        return NotReady("backend_unreachable")
    logger.exception("unforeseen_error", reference=str(id))
    return GuatuError("internal_error", None, {"reference": str(id)})
