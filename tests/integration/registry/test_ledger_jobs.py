"""Jobs on a real database: whose they are, how long they hold files, and what is told when a process has died."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from uuid import UUID, uuid4

import asyncpg
import pytest

from services.registry.ledger import job as module
from services.registry.ledger.importing import Progress, Sent
from services.registry.ledger.job import Doing, Job, State, file_of, job_of, jobs_of_person
from services.registry.ledger.jobs import WAITING, Ended, Jobs, Work
from services.registry.ledger.report import Report
from shared.database import Database
from shared.errors import NotFound, NotReady
from shared.moment import Moment
from shared.uuid7 import uuid7
from tests.waiting import until

WHO = "ding-jing"
NOW = Moment(datetime(2023, 3, 1, 9, tzinfo=UTC), date(2023, 3, 1))
IN_ORDER = Report(
    name="x.xlsx", digest="0", sheet="台账", rows=1, new=1, unchanged=0, wrong=0, errors=[], warnings=[], counties=[]
)


def sent(person: str = WHO) -> Sent:
    return Sent(b"file", "x.xlsx", person, NOW, "zh")


def coming_to(report: Report, file: bytes = b"") -> Work:
    async def work(progress: Progress) -> Ended:
        progress.begin("checking", 1)
        return Ended(report, file)

    return work


@pytest.fixture
async def connection(database: Database) -> AsyncIterator[asyncpg.Connection]:
    async with database.driver() as connection:
        yield connection


@pytest.fixture
def jobs(database: Database) -> Jobs:
    return Jobs(database)


async def ended(database: Database, id: UUID, person: str = WHO) -> Job:
    """A job once it is over, as any process reads it."""
    found: list[Job] = []

    async def over() -> bool:
        async with database.driver() as connection:
            found.append(await job_of(connection, id, person, "zh"))
        return found[-1].over

    await until(over, what="the job's end")
    return found[-1]


async def done(database: Database, jobs: Jobs, report: Report = IN_ORDER, file: bytes = b"", person: str = WHO) -> Job:
    return await ended(database, await jobs.begin(sent(person), Doing.CHECK, coming_to(report, file)), person)


async def silent(connection: asyncpg.Connection, id: UUID) -> None:
    """A job whose process has said nothing for longer than a living one would."""
    await connection.execute("update ledger_jobs set seen_at = now() - $2::interval * 2 where id = $1", id, module.LOST)


async def test_a_job_that_is_done_holds_its_file_until_later_ones_need_the_place(
    database: Database, jobs: Jobs, connection: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "HELD", 10)
    first, second = [await done(database, jobs, file=b"12345") for _ in range(2)]
    assert [await file_of(connection, each) for each in (first, second)] == [b"12345", b"12345"]
    third = await done(database, jobs, file=b"123456")
    assert [await file_of(connection, each) for each in (first, second, third)] == [b"", b"", b"123456"]
    let_go = await job_of(connection, first.id, WHO, "zh")
    assert (let_go.report, let_go.has_file, third.has_file) == (IN_ORDER, False, True)


async def test_a_report_with_wrong_cells_is_a_refusal(database: Database, jobs: Jobs) -> None:
    refused = await done(database, jobs, IN_ORDER.model_copy(update={"wrong": 1}))
    assert (refused.state, refused.phase, refused.total) == (State.REFUSED, "checking", 1)


async def test_jobs_are_their_owners_and_the_last_is_listed_first(
    database: Database, jobs: Jobs, connection: asyncpg.Connection
) -> None:
    mine, others, last = [await done(database, jobs, person=person) for person in ("a", "b", "a")]
    assert await jobs_of_person(connection, "a", "zh") == [last, mine]
    with pytest.raises(NotFound):
        await job_of(connection, others.id, "a", "zh")


async def test_only_so_many_jobs_wait_and_each_is_told_as_waiting_or_running(
    database: Database, jobs: Jobs, connection: asyncpg.Connection
) -> None:
    go = asyncio.Event()

    async def work(progress: Progress) -> Ended:
        progress.begin("checking", 9)
        await go.wait()
        return Ended(IN_ORDER)

    ids = [await jobs.begin(sent(), Doing.CHECK, work) for _ in range(WAITING)]
    with pytest.raises(NotReady):
        await jobs.begin(sent(), Doing.CHECK, work)
    with pytest.raises(NotReady):
        await jobs.in_turn(nothing)

    async def told() -> bool:
        return (await job_of(connection, ids[0], WHO, "zh")).state is State.RUNNING

    await until(told, what="the first job to be told as running")
    assert (await job_of(connection, ids[1], WHO, "zh")).state is State.WAITING
    go.set()
    assert [(await ended(database, id)).state for id in ids] == [State.DONE] * WAITING


async def nothing() -> None:
    """Work that is done at once."""


async def test_work_that_is_waited_for_takes_its_turn_and_leaves_it(database: Database, jobs: Jobs) -> None:
    order: list[str] = []
    go = asyncio.Event()

    async def work(_: Progress) -> Ended:
        await go.wait()
        order.append("job")
        return Ended(IN_ORDER)

    async def waited_for() -> None:
        order.append("waited for")

    id = await jobs.begin(sent(), Doing.CHECK, work)
    waiting = asyncio.create_task(jobs.in_turn(waited_for))
    go.set()
    await waiting
    await ended(database, id)
    assert order == ["job", "waited for"]
    for _ in range(WAITING + 1):
        await jobs.in_turn(nothing)


async def test_a_job_whose_process_died_is_told_as_interrupted_and_is_begun_anew_by_another(
    database: Database, jobs: Jobs, connection: asyncpg.Connection
) -> None:
    id = uuid7()
    assert await module.begin(connection, id, WHO, Doing.IMPORT, "x.xlsx")
    await silent(connection, id)
    lost = await job_of(connection, id, WHO, "zh")
    assert (lost.state, lost.over, lost.problem and lost.problem["code"]) == (
        State.INTERRUPTED,
        True,
        "job_interrupted",
    )
    await jobs.begin(sent(), Doing.IMPORT, coming_to(IN_ORDER), id)
    anew = await ended(database, id)
    assert (anew.state, anew.problem) == (State.DONE, None)


async def test_a_job_that_came_to_nothing_is_begun_anew(database: Database, jobs: Jobs) -> None:
    async def work(_: Progress) -> Ended:
        raise NotReady("backend_unreachable")

    failed = await ended(database, await jobs.begin(sent(), Doing.IMPORT, work))
    assert failed.problem
    await jobs.begin(sent(), Doing.IMPORT, coming_to(IN_ORDER), failed.id)
    anew = await ended(database, failed.id)
    assert (anew.state, anew.problem, anew.report) == (State.DONE, None, IN_ORDER)


async def test_a_job_that_is_worked_on_or_over_is_not_begun_a_second_time(
    database: Database, jobs: Jobs, connection: asyncpg.Connection
) -> None:
    id = uuid7()
    assert await module.begin(connection, id, WHO, Doing.IMPORT, "x.xlsx")
    assert await jobs.begin(sent(), Doing.IMPORT, coming_to(IN_ORDER), id) == id
    assert (await job_of(connection, id, WHO, "zh")).state is State.WAITING
    over = await done(database, jobs)
    await silent(connection, over.id)
    assert not await module.begin(connection, over.id, WHO, Doing.CHECK, "x.xlsx")
    assert await job_of(connection, over.id, WHO, "zh") == over


async def test_a_word_on_progress_keeps_a_job_alive(connection: asyncpg.Connection) -> None:
    id = uuid7()
    await module.begin(connection, id, WHO, Doing.CHECK, "x.xlsx")
    await silent(connection, id)
    await module.tell(connection, id, Progress("checking", 3, 9))
    job = await job_of(connection, id, WHO, "zh")
    assert (job.state, job.phase, job.done, job.total) == (State.RUNNING, "checking", 3, 9)


async def test_what_went_wrong_is_kept_in_words(database: Database, jobs: Jobs) -> None:
    async def work(_: Progress) -> Ended:
        raise NotReady("too_many_conflicts")

    refused = await ended(database, await jobs.begin(sent(), Doing.IMPORT, work))
    assert (refused.state, refused.problem and refused.problem["code"]) == (State.REFUSED, "too_many_conflicts")


async def test_old_jobs_are_forgotten_when_one_begins(
    database: Database, jobs: Jobs, connection: asyncpg.Connection
) -> None:
    old = await done(database, jobs)
    await connection.execute("update ledger_jobs set begun_at = now() - $1::interval", module.FORGOTTEN * 2)
    await done(database, jobs)
    with pytest.raises(NotFound):
        await job_of(connection, old.id, WHO, "zh")
    with pytest.raises(NotFound):
        await job_of(connection, uuid4(), WHO, "zh")
