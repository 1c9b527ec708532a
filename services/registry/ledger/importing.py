"""A ledger on its way into the log: read, checked, and appended wholly or not at all."""

import asyncio
from collections.abc import AsyncGenerator, Collection, Sequence
from dataclasses import dataclass
from hashlib import sha256

import asyncpg

from services.registry.ledger import gathering
from services.registry.ledger.checking import Checked, NewProject, checked, compared, named_counties
from services.registry.ledger.report import CountyRows, Report, report_of
from services.registry.ledger.standing import Standing, standing
from services.registry.ledger.workbook import Ledger, read
from services.registry.ledger.writing import Counters, Import, batches, counters_of, said, sealed, stream_of
from services.registry.rights import IMPORTER
from shared.contracts.event import source_of
from shared.contracts.project import CountyShare, LedgerImported
from shared.errors import Forbidden, NotReady
from shared.kit import Kit
from shared.moment import Moment
from shared.problem_texts import Language
from shared.rights import NATION
from shared.store import Item, Outcome, append_in, load, lock_head, read_streams, stored_streams

TRIES = 3
LOADED = 500
ALONE = "select pg_try_advisory_xact_lock(hashtextextended('guatu ledger import', 0))"
TURN = 0.2
"""Seconds after which an import asks again whether the one before it is through."""


@dataclass
class Progress:
    """How far it has come: rows done of all, in a phase."""

    phase: str = "waiting"
    done: int = 0
    total: int = 0

    def begin(self, phase: str, total: int) -> None:
        """A phase begins."""
        self.phase, self.done, self.total = phase, 0, total

    def advance(self, done: int) -> None:
        """So many rows of it are done."""
        self.done = done


@dataclass(frozen=True, slots=True)
class Sent:
    """A file as it was sent: by whom, when, and in which language it is answered."""

    content: bytes
    name: str
    person: str
    moment: Moment
    language: Language


@dataclass(frozen=True)
class Found:
    """A ledger that was checked; without sheet and projects if its very content was imported before."""

    report: Report
    ledger: Ledger | None = None
    checked: Checked | None = None


async def require_importer(kit: Kit, person: str, moment: Moment) -> None:
    """Refuse who may import nowhere, before anything is read.

    Raises:
        Forbidden("not_allowed").
    """
    await kit.authority.grant(person, IMPORTER, NATION, moment.today)


async def check(kit: Kit, sent: Sent, progress: Progress, *, again: bool = False) -> Found:
    """Read a ledger and hold it against what is known. What was imported before is not read, unless `again` says so.

    Raises:
        Forbidden("not_allowed"): of none of its counties the ledger may be imported.
        InvalidValue, TooLarge: the file as a whole is not taken.
    """
    digest = sha256(sent.content).hexdigest()
    before = None if again else await _imported(kit, sent, digest)
    if before is not None:
        return Found(before)
    progress.begin("reading", 0)
    ledger = await asyncio.to_thread(read, sent.content)
    async with kit.database.core() as connection:
        counties = await gathering.counties(connection)
        named = await asyncio.to_thread(named_counties, ledger, counties)
        allowed = await _allowed(kit, sent, named)
        places = await gathering.places(connection, counties, allowed, sent.moment.today)
    rows = sum(1 for _ in ledger.rows())
    progress.begin("checking", rows)
    report_day = kit.settings.report_day
    outcome = await asyncio.to_thread(checked, ledger, places, sent.moment.today, report_day, progress.advance)
    progress.begin("comparing", rows)
    there = await _standing(kit, outcome.projects, progress)
    wanted = {(project.telling.propose.county, project.telling.propose.year) for project in outcome.projects}
    async with kit.database.core() as connection:
        others = await gathering.titled(connection, wanted)
    outcome = await asyncio.to_thread(compared, outcome, there, others, ledger)
    return Found(report_of(ledger, outcome, counties, sent.name, digest, sent.language), ledger, outcome)


async def bring_in(kit: Kit, sent: Sent, progress: Progress) -> Report:
    """Import a ledger: all of its new projects, or none if a cell is wrong.

    Raises:
        NotReady("too_many_conflicts"), and what `check` raises.
    """
    for _ in range(TRIES):
        found = await check(kit, sent, progress)
        if found.checked is None or found.report.wrong or not found.checked.projects:
            done = found.report.wrong == 0
            return found.report.model_copy(update={"imported": done})
        try:
            await _append(kit, sent, found.report, found.checked.projects, progress)
        except (_Lost, asyncpg.UniqueViolationError, asyncpg.DeadlockDetectedError):
            continue
        kit.appender.appended()
        await kit.moments.took(sent.moment)
        return found.report.model_copy(update={"imported": True})
    raise NotReady("too_many_conflicts")


class _Lost(Exception):
    """Somebody else was there first: the transaction is rolled back, and the ledger checked anew."""


async def _append(kit: Kit, sent: Sent, report: Report, projects: Sequence[NewProject], progress: Progress) -> None:
    told = Import(
        report.digest, sent.name, sent.person, sent.moment.now, sent.moment.today, source_of(kit.service.name)
    )
    progress.begin("writing", len(projects))
    async with kit.database.keyed() as connection:
        while not await connection.fetchval(ALONE):  # noqa: ASYNC110 - another process may hold it
            await asyncio.sleep(TURN)
        if (await load(connection, told.stream)).version:
            raise _Lost
        counters: Counters = {name: await lock_head(connection, name) for name in counters_of(projects)}
        async for items in _sealed_ahead(told, projects, counters):
            await _appended(connection, items)
            progress.advance(min(progress.done + len(items), len(projects)))
        await _appended(connection, [said(told, _fact(report), _org(report))])


async def _sealed_ahead(
    told: Import, projects: Sequence[NewProject], counters: Counters
) -> AsyncGenerator[Sequence[Item]]:
    """The batches, each sealed in another thread while the one before it is appended."""
    waiting = batches(projects)
    sealing = _begun(told, next(waiting, ()), counters)
    try:
        for batch in waiting:
            items = await sealing
            sealing = _begun(told, batch, counters)
            yield items
        yield await sealing
    finally:
        await asyncio.wait({sealing})


def _begun(told: Import, batch: Sequence[NewProject], counters: Counters) -> "asyncio.Task[list[Item]]":
    return asyncio.create_task(asyncio.to_thread(sealed, told, batch, counters))


async def _appended(connection: asyncpg.Connection, items: Sequence[Item]) -> None:
    verdicts = await append_in(connection, items)
    if any(verdict.outcome is not Outcome.OK for verdict in verdicts):
        raise _Lost


def _fact(report: Report) -> LedgerImported:
    return LedgerImported(
        digest=report.digest,
        name=report.name,
        rows=report.rows,
        projects=report.new,
        counties=tuple(CountyShare(county=each.county, projects=each.projects) for each in report.counties),
    )


def _org(report: Report) -> str:
    """The unit that the import is about: the one county, or the city of several."""
    codes = {each.county for each in report.counties}
    cities = {code[:4] + "00" for code in codes}
    return codes.pop() if len(codes) == 1 else cities.pop() if len(cities) == 1 else NATION


async def _imported(kit: Kit, sent: Sent, digest: str) -> Report | None:
    """What was told of the very same content, to who may import it."""
    told = Import(digest, sent.name, sent.person, sent.moment.now, sent.moment.today, "")
    async with kit.database.driver() as connection:
        stream = await load(connection, told.stream)
    if not stream.events:
        return None
    fact = stream.events[0].data
    assert isinstance(fact, LedgerImported)
    codes = [each.county for each in fact.counties]
    if len(await _allowed(kit, sent, codes)) < len(codes):
        raise Forbidden("not_allowed", None, {"unit": codes[0]})
    async with kit.database.core() as connection:
        names = await gathering.counties(connection, with_ended=True)
    return Report(
        name=fact.name,
        digest=digest,
        sheet="",
        rows=fact.rows,
        new=0,
        unchanged=fact.rows,
        wrong=0,
        errors=[],
        warnings=[],
        counties=[
            CountyRows(county=each.county, name=names.get(each.county, ""), projects=each.projects, new=0)
            for each in fact.counties
        ],
    )


async def _allowed(kit: Kit, sent: Sent, counties: Collection[str]) -> set[str]:
    """The counties, of these, whose ledger the person may import.

    Raises:
        Forbidden("not_allowed"): none of them, though some are named.
    """
    allowed = {
        county for county in counties if await kit.authority.may(sent.person, IMPORTER.roles, county, sent.moment.today)
    }
    if counties and not allowed:
        raise Forbidden("not_allowed", None, {"unit": min(counties)})
    return allowed


async def _standing(kit: Kit, projects: Sequence[NewProject], progress: Progress) -> Standing:
    """How the projects stand that are there; no more histories than a batch's are held at a time."""
    found: dict[str, str | None] = {}
    for start in range(0, len(projects), LOADED):
        batch = projects[start : start + LOADED]
        async with kit.database.driver() as connection:
            stored = await stored_streams(connection, [stream_of(project) for project in batch])
        found |= await asyncio.to_thread(_compared, batch, stored)
        progress.advance(start + len(batch))
    return found


def _compared(batch: Sequence[NewProject], stored: Sequence[asyncpg.Record]) -> Standing:
    events = {name.partition("-")[2]: stream.events for name, stream in read_streams(stored).items()}
    return standing({project.telling.id: project.facts for project in batch}, events)
