"""Long work in this process: one job after the other, each with its progress. None survives the process."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import structlog
from pydantic import BaseModel

from services.registry.ledger.importing import Progress, Sent
from services.registry.ledger.report import Report
from shared import problems
from shared.errors import GuatuError, NotFound, NotReady
from shared.outage import is_outage
from shared.problem_texts import Language
from shared.uuid7 import uuid7

logger = structlog.get_logger()

KEPT = 50
"""Jobs that are remembered once they are done."""
WAITING = 5
"""Jobs that may wait or run; each holds its file."""
HELD = 100_000_000
"""Bytes of files that jobs which are done go on holding; the oldest are let go."""


class Doing(StrEnum):
    """What a job does with a ledger."""

    CHECK = "check"
    IMPORT = "import"


@dataclass(frozen=True)
class Ended:
    """What came of a job: its report, and a file that its page still offers. Empty if there is none."""

    report: Report
    file: bytes = b""


Work = Callable[[Progress], Awaitable[Ended]]


class State(StrEnum):
    """Where a job stands; `refused` has a problem, or a report with wrong cells of which nothing was imported."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    REFUSED = "refused"


class JobLine(BaseModel):
    """A job as it stands: `done` of `total` rows in a phase, then a report, or the problem document of its refusal."""

    id: str
    doing: Doing
    name: str
    state: State
    phase: str
    done: int
    total: int
    report: Report | None
    problem: dict[str, Any] | None


@dataclass
class Job:
    """One job of a person."""

    id: str
    person: str
    doing: Doing
    name: str
    progress: Progress = field(default_factory=Progress)
    state: State = State.WAITING
    report: Report | None = None
    problem: dict[str, Any] | None = None
    file: bytes = b""
    then: str = ""
    """The job that was begun with this one's file."""

    @property
    def over(self) -> bool:
        """Whether nothing of it will change any more."""
        return self.state in (State.DONE, State.REFUSED)

    def line(self) -> JobLine:
        """What is told of it."""
        return JobLine(
            id=self.id,
            doing=self.doing,
            name=self.name,
            state=self.state,
            phase=self.progress.phase,
            done=self.progress.done,
            total=self.progress.total,
            report=self.report,
            problem=self.problem,
        )


class Jobs:
    """The jobs of one process."""

    def __init__(self) -> None:
        self._jobs: dict[str, Job] = {}
        self._turn = asyncio.Lock()
        self._tasks: set[asyncio.Task[None]] = set()

    def begin(self, sent: Sent, doing: Doing, work: Work) -> Job:
        """Begin a job with a file.

        Raises:
            NotReady("too_many_jobs").
        """
        if len(self._tasks) >= WAITING:
            raise NotReady("too_many_jobs")
        while len(self._jobs) >= KEPT:
            self._jobs.pop(next(iter(self._jobs)))
        job = Job(str(uuid7()), sent.person, doing, sent.name)
        self._jobs[job.id] = job
        task = asyncio.create_task(self._run(job, work, sent.language), name=f"ledger {job.id}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return job

    def of(self, id: str, person: str) -> Job:
        """A job of this person.

        Raises:
            NotFound("no_such_job"): there is none, or it was lost with the process that ran it.
        """
        job = self._jobs.get(id)
        if job is None or job.person != person:
            raise NotFound("no_such_job", None, {"id": id})
        return job

    def of_person(self, person: str) -> Sequence[Job]:
        """The jobs of a person that are remembered, the last one first."""
        return [job for job in reversed(self._jobs.values()) if job.person == person]

    def _let_go(self) -> None:
        held = 0
        for job in reversed(self._jobs.values()):
            held += len(job.file)
            if held > HELD:
                job.file = b""

    async def _run(self, job: Job, work: Work, language: Language) -> None:
        async with self._turn:
            job.state = State.RUNNING
            try:
                ended = await work(job.progress)
                job.report, job.file = ended.report, ended.file
                self._let_go()
            except GuatuError as error:
                job.problem = problems.document(error, language)
            except Exception as error:
                job.problem = problems.document(_unforeseen(job, error), language)
        refused = job.problem is not None or (job.report is not None and job.report.wrong > 0)
        job.state = State.REFUSED if refused else State.DONE


def _unforeseen(job: Job, error: Exception) -> GuatuError:
    if is_outage(error):
        logger.warning("backend_unreachable", error=repr(error), job=job.id)
        return NotReady("backend_unreachable")
    logger.exception("unforeseen_error", reference=job.id)
    return GuatuError("internal_error", None, {"reference": job.id})
