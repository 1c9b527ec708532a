"""The jobs of a process: their order, whose they are, and how long they hold files."""

import asyncio
from datetime import UTC, date, datetime

import pytest

from services.registry.ledger import jobs as module
from services.registry.ledger.importing import Progress, Sent
from services.registry.ledger.jobs import Doing, Ended, Job, Jobs, State
from services.registry.ledger.marked import corrections
from services.registry.ledger.report import Report
from shared.errors import NotFound, NotReady
from shared.moment import Moment

NOW = Moment(datetime(2023, 3, 1, 9, tzinfo=UTC), date(2023, 3, 1))
IN_ORDER = Report(
    name="x.xlsx", digest="0", sheet="台账", rows=1, new=1, unchanged=0, wrong=0, errors=[], warnings=[], counties=[]
)


def sent(person: str = "ding-jing") -> Sent:
    return Sent(b"file", "x.xlsx", person, NOW, "zh")


async def ended(jobs: Jobs, report: Report = IN_ORDER, file: bytes = b"", person: str = "ding-jing") -> Job:
    async def work(_: Progress) -> Ended:
        return Ended(report, file)

    job = jobs.begin(sent(person), Doing.CHECK, work)
    while not job.over:
        await asyncio.sleep(0)
    return job


async def test_a_job_that_is_done_holds_its_file_until_later_ones_need_the_place(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(module, "HELD", 10)
    jobs = Jobs()
    first, second = [await ended(jobs, file=b"12345") for _ in range(2)]
    assert (first.file, second.file) == (b"12345", b"12345")
    third = await ended(jobs, file=b"123456")
    assert (first.file, second.file, third.file) == (b"", b"", b"123456")
    assert first.report == IN_ORDER


async def test_a_report_with_wrong_cells_is_a_refusal():
    assert (await ended(Jobs(), IN_ORDER.model_copy(update={"wrong": 1}))).state is State.REFUSED


async def test_jobs_are_their_owners_and_the_last_is_listed_first():
    jobs = Jobs()
    mine, others, last = [await ended(jobs, person=person) for person in ("a", "b", "a")]
    assert jobs.of_person("a") == [last, mine]
    with pytest.raises(NotFound):
        jobs.of(others.id, "a")


async def test_only_so_many_jobs_wait():
    jobs, go = Jobs(), asyncio.Event()

    async def work(_: Progress) -> Ended:
        await go.wait()
        return Ended(IN_ORDER)

    waiting = [jobs.begin(sent(), Doing.CHECK, work) for _ in range(module.WAITING)]
    with pytest.raises(NotReady):
        jobs.begin(sent(), Doing.CHECK, work)
    go.set()
    while not waiting[-1].over:
        await asyncio.sleep(0)


def test_a_workbook_of_corrections_is_named_once():
    assert corrections("台账.xlsx") == corrections(corrections("台账.xlsx")) == "需更正-台账.xlsx"
