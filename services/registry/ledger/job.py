"""A job as its row tells it, whichever process works on it: how far it is, what came of it, or that it broke off."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

import asyncpg
import orjson
from pydantic import BaseModel

from services.registry.ledger.importing import Progress
from services.registry.ledger.report import Report
from shared import problems
from shared.errors import NotFound, NotReady
from shared.problem_texts import Language

LOST = timedelta(seconds=30)
"""A job that no process has spoken of for so long has lost its process."""
FORGOTTEN = timedelta(days=7)
"""How long a job is remembered."""
LISTED = 50
"""Jobs of a person that are listed."""
HELD = 100_000_000
"""Bytes of files that jobs which are done go on holding; the oldest are let go."""

_BEGIN = """
insert into ledger_jobs(id, person, doing, name, phase) values ($1, $2, $3, $4, $5)
on conflict (id) do update
  set phase = excluded.phase, done = 0, total = 0, outcome = null, problem = null, begun_at = now(), seen_at = now()
  where ledger_jobs.problem is not null
    or (ledger_jobs.outcome is null and ledger_jobs.seen_at < now() - $6::interval)
returning id
"""
_LOOK = """
select id, person, doing, name, phase, done, total, outcome, report, problem, length(file) > 0 as has_file,
  outcome is null and seen_at < now() - $1::interval as lost
from ledger_jobs
"""
_LET_GO = """
update ledger_jobs set file = '' where id in (
  select id from (
    select id, sum(length(file)) over (order by begun_at desc, id desc) as held from ledger_jobs where length(file) > 0
  ) newest_first where held > $1
)
"""


class Doing(StrEnum):
    """What a job does with a ledger."""

    CHECK = "check"
    IMPORT = "import"


class State(StrEnum):
    """Where a job stands.

    `refused` has a problem, or a report with wrong cells of which nothing was imported. `interrupted` lost its process:
    all of it was imported or nothing, and the same file may be sent again.
    """

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    REFUSED = "refused"
    INTERRUPTED = "interrupted"


class Job(BaseModel):
    """A job as it stands: `done` of `total` rows in a phase, then a report, or the problem document of its refusal.

    `has_file`: its page still offers the file that was found in order, or the workbook with the wrong cells marked.
    """

    id: UUID
    doing: Doing
    name: str
    state: State
    phase: str
    done: int
    total: int
    report: Report | None
    problem: dict[str, Any] | None
    has_file: bool

    @property
    def over(self) -> bool:
        """Whether nobody works on it any more."""
        return self.state not in (State.WAITING, State.RUNNING)


async def begin(connection: asyncpg.Connection, id: UUID, person: str, doing: Doing, name: str) -> bool:
    """Write down that a job begins, or again since it was interrupted or came to nothing; False if it is there."""
    await connection.execute("delete from ledger_jobs where begun_at < now() - $1::interval", FORGOTTEN)
    phase = Progress().phase
    return await connection.fetchval(_BEGIN, id, person, doing.value, name, phase, LOST) is not None


async def tell(connection: asyncpg.Connection, id: UUID, progress: Progress) -> None:
    """Write down how far a job has come, and thereby that it is being worked on."""
    await connection.execute(
        "update ledger_jobs set phase = $2, done = $3, total = $4, seen_at = now() where id = $1",
        id,
        progress.phase,
        progress.done,
        progress.total,
    )


async def end(
    connection: asyncpg.Connection,
    id: UUID,
    progress: Progress,
    report: Report | None,
    problem: Mapping[str, Any] | None,
    file: bytes,
) -> None:
    """Write down what came of a job; the oldest files are let go if all are too large together."""
    refused = problem is not None or (report is not None and report.wrong > 0)
    async with connection.transaction():
        await tell(connection, id, progress)
        await connection.execute(
            "update ledger_jobs set outcome = $2, report = $3::text::jsonb, problem = $4::text::jsonb, file = $5"
            " where id = $1",
            id,
            (State.REFUSED if refused else State.DONE).value,
            report.model_dump_json() if report else None,
            orjson.dumps(problem).decode() if problem else None,
            file,
        )
        await connection.execute(_LET_GO, HELD)


async def job_of(connection: asyncpg.Connection, id: UUID, person: str, language: Language) -> Job:
    """A job of this person.

    Raises:
        NotFound("no_such_job").
    """
    row = await connection.fetchrow(f"{_LOOK} where id = $2 and person = $3", LOST, id, person)
    if row is None:
        raise NotFound("no_such_job", None, {"id": str(id)})
    return _job(row, language)


async def jobs_of_person(connection: asyncpg.Connection, person: str, language: Language) -> Sequence[Job]:
    """The jobs of a person that are remembered, the last one first."""
    query = f"{_LOOK} where person = $2 order by begun_at desc, id desc limit $3"
    return [_job(row, language) for row in await connection.fetch(query, LOST, person, LISTED)]


async def file_of(connection: asyncpg.Connection, job: Job) -> bytes:
    """The file that a job's page still offers, empty if there is none."""
    return await connection.fetchval("select file from ledger_jobs where id = $1", job.id) or b""


def _job(row: asyncpg.Record, language: Language) -> Job:
    state, problem = _state(row), row["problem"]
    if state is State.INTERRUPTED:
        problem = problems.document(NotReady("job_interrupted"), language)
    return Job(
        id=row["id"],
        doing=Doing(row["doing"]),
        name=row["name"],
        state=state,
        phase=row["phase"],
        done=row["done"],
        total=row["total"],
        report=Report.model_validate(row["report"]) if row["report"] else None,
        problem=problem,
        has_file=row["has_file"],
    )


def _state(row: asyncpg.Record) -> State:
    if row["outcome"] is not None:
        return State(row["outcome"])
    if row["lost"]:
        return State.INTERRUPTED
    return State.WAITING if row["phase"] == Progress().phase else State.RUNNING
