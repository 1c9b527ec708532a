"""A command's way: load → who may → decide → append, again on a conflict; the same command once."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from hashlib import sha256
from random import SystemRandom
from typing import Any, Protocol
from uuid import NAMESPACE_URL, UUID, uuid5

import asyncpg

from shared.appender import Appender
from shared.command import Case, Command, Handler, Numbered, Who, place_of
from shared.contracts.documents import counter_of
from shared.contracts.event import Context, EventData, canonical, source_of
from shared.contracts.reference import SECRETARIES, NumberIssued, Role
from shared.contracts.values import StreamId
from shared.database import Database
from shared.errors import Forbidden, GuatuError, IdReuse, NotFound, NotReady, RuleViolation, StaleVersion, require
from shared.loader import Loader
from shared.rights import NATION
from shared.store import (
    CommandRecord,
    Item,
    Outcome,
    Stream,
    Verdict,
    append_in,
    load_many,
    lock_head,
    make_item,
    replied,
    state_of,
)

TRIES = 5
PAUSE = 0.03
"""Seconds that who lost a stream to another waits for at most before the next try, so that not both try at once."""
_chance = SystemRandom()
TRANSACTIONS = 4
"""Commands in a transaction of their own at one time: each holds a connection while it may ask for rights over another.
"""
HURRIED = "set local lock_timeout = '2s'"
"""So long one of them waits for a lock: a county whose counter is held for longer does not stop all the others."""
LATE: Who[Any, Any] = Who(frozenset({Role.REVIEWER}), at=lambda _, __: NATION)
"""Who tells a fact that is dated far back: a reviewer at the unit that it is about, or above it."""
TOLD_LATE = SECRETARIES | LATE.roles
"""Whose facts a reviewer may tell late."""


class Granted(Protocol):
    """What an authority says of a permitted command."""

    @property
    def unit(self) -> str:
        """The unit at which the right is held."""
        ...

    @property
    def office(self) -> bool:
        """True if the right is that of an office, acting for the secretary."""
        ...


class Rights(Protocol):
    """Who may do what where; shared/authority.py is it."""

    async def grant(self, person: str, who: Who[Any, Any], unit: str, today: date) -> Granted:
        """Say by which right, or raise Forbidden."""
        ...

    async def may_be_acted_for(self, person: str, who: Who[Any, Any], unit: str, today: date) -> bool:
        """Say whether an office acts for that person by right: a secretary is acted for while he or she is one."""
        ...

    async def acted_for(self, who: Who[Any, Any], unit: str, office: str, today: date, named: str | None) -> str:
        """Say whom the office of a unit acts for in something about a unit, or raise RuleViolation."""
        ...


@dataclass(frozen=True, slots=True)
class Request:
    """A command as it came: who sent it, under which key, about which stream, and when it is."""

    actor: str
    key: str
    id: str
    now: datetime
    today: date
    new: bool = False
    if_match: int | None = None
    traceparent: str | None = None


class CommandDesk:
    """Carries out the commands of one service. A fact is late that is dated more than `late_after` days back."""

    def __init__(
        self,
        service: str,
        database: Database,
        loader: Loader,
        appender: Appender,
        rights: Rights,
        *,
        late_after: int,
    ) -> None:
        self._late_after = timedelta(days=late_after)
        self.source = source_of(service)
        self._loader = loader
        self._database = database
        self._appender = appender
        self._rights = rights
        self._transactions = asyncio.Semaphore(TRANSACTIONS)

    async def carry_out(self, handler: Handler[Any, Any], command: Command, request: Request) -> Verdict:
        """Decide and append; the verdict's reply is what was answered the first time, whatever is said of it by now.

        Raises:
            NotReady("outcome_unknown"): whether it was written will be told to the same command again.
            GuatuError: nothing was written, now or before.
        """
        ask = Ask(handler, command, request, _record(command, request))
        try:
            if handler.numbered or handler.beside or handler.also or handler.alone:
                verdict = await self._transacted(ask)
            else:
                verdict = await self._appended(ask)
        except GuatuError as error:
            if error.code == "outcome_unknown":
                raise
            before = await self._answered_before(ask.record)
            if before is None:
                raise
            return before
        return verdict if verdict.reply else await self._answered_before(ask.record) or verdict

    async def _answered_before(self, record: CommandRecord) -> Verdict | None:
        """What is refused, or has nothing left to do, may have been sent before and carried out: that reply stands."""
        async with self._database.driver() as connection:
            verdict = await replied(connection, record)
        return verdict and _settled(verdict)

    async def _appended(self, ask: "Ask") -> Verdict:
        for _ in range(TRIES):
            stream = await self._loader.load(ask.stream_id)
            decided = await self._decide(ask, stream)
            if not decided.data:
                return Verdict(Outcome.OK, stream.version)
            verdict = await self._appender.append(make_item(stream, decided.data, decided.context, command=ask.record))
            if verdict.outcome is not Outcome.CONFLICT:
                return _settled(verdict)
            if ask.request.if_match is not None:
                raise StaleVersion("stale_version", "If-Match", {"version": verdict.version})
            await asyncio.sleep(_chance.uniform(0, PAUSE))
        raise NotReady("too_many_conflicts")

    async def _transacted(self, ask: "Ask") -> Verdict:
        """Load, decide and append in one transaction, for what spans streams."""
        numbered = ask.handler.numbered
        for _ in range(TRIES):
            try:
                async with self._transactions, self._database.keyed() as connection:
                    await connection.execute(HURRIED)
                    if numbered is None:
                        verdict = await self._append_both(connection, ask)
                    else:
                        verdict = await self._number_and_append(connection, ask, numbered)
            except asyncpg.LockNotAvailableError:
                raise NotReady("too_many_conflicts") from None
            except _Lost as lost:
                if lost.verdict.outcome is not Outcome.CONFLICT:
                    return _settled(lost.verdict)
                await asyncio.sleep(_chance.uniform(0, PAUSE))
            else:
                self._appender.appended()
                return verdict
        raise NotReady("too_many_conflicts")

    async def _number_and_append(
        self, connection: asyncpg.Connection, ask: "Ask", numbered: Numbered[Any, Any]
    ) -> Verdict:
        """The counter is locked first: numbers are given one after the other, and only to what is written."""
        state = await state_of(connection, ask.handler.aggregate, ask.request.id)
        county = numbered.county(state, ask.command)
        year = (ask.command.effective or ask.request.today).year
        counter = await lock_head(connection, counter_of(numbered.kind, county, year))
        stream = (await load_many(connection, [ask.stream_id], lock=True))[ask.stream_id]
        number = counter.version + 1
        document = numbered.format(county, year, number)
        decided = await self._decide(ask, stream, connection, number=document)
        issued = NumberIssued(number=number, document=document, subject=ask.stream_id)
        return await _append_all(
            connection,
            make_item(stream, decided.data, decided.context, command=ask.record),
            make_item(counter, [issued], decided.context, first=len(decided.data)),
        )

    async def _append_both(self, connection: asyncpg.Connection, ask: "Ask") -> Verdict:
        """The command's stream, and the one beside it if it has one; both are locked before anything is decided."""
        beside, command = ask.handler.beside, ask.command
        if ask.handler.alone:
            await connection.execute("select pg_advisory_xact_lock(hashtextextended($1, 0))", ask.handler.alone)
        other = StreamId(f"{beside.aggregate.category}-{beside.id(command)}") if beside else ask.stream_id
        streams = await load_many(connection, [ask.stream_id, other], lock=True)
        stream = streams[ask.stream_id]
        decided = await self._decide(ask, stream, connection)
        if not decided.data:
            return Verdict(Outcome.OK, stream.version)
        items = [make_item(stream, decided.data, decided.context, command=ask.record)]
        if beside:
            data = beside.decide(beside.aggregate.of(streams[other].events), command, decided.case)
            items.append(make_item(streams[other], data, decided.context, first=len(decided.data)))
        verdict = await _append_all(connection, *items)
        if ask.handler.also:
            await ask.handler.also(connection, ask.stream_id, command)
        return verdict

    async def _decide(
        self, ask: "Ask", stream: Stream, connection: asyncpg.Connection | None = None, *, number: str = ""
    ) -> "Decided":
        handler, command, request = ask.handler, ask.command, ask.request
        if stream.version == 0 and not (request.new or handler.makes):
            raise NotFound("no_such_" + handler.aggregate.category, "id", {"id": request.id})
        state = handler.aggregate.of(stream.events)
        unit = handler.who.at(state, command)
        effective = command.effective or request.today
        late = self._late(ask)
        try:
            granted = await (self._granted_late(ask, unit, late) if late else self._granted(ask, unit))
        except NotFound as error:
            raise NotFound("no_such_unit", place_of(command, unit), {"unit": unit}) from error
        for_whom = await self._for_whom(ask, state, unit, granted) if granted.office or late else None
        await self._require_also(ask, state)
        if request.if_match is not None and request.if_match != stream.version:
            raise StaleVersion("stale_version", "If-Match", {"version": stream.version})
        case = Case(request.actor, request.id, request.today, number)
        if handler.gather is not None:
            case = replace(case, facts=await self._gathered(ask, state, case, connection))
        require(effective <= request.today, "effective_in_the_future", field="effective")
        return Decided(
            handler.decide(state, command, case),
            case,
            Context(
                command_id=_command_id(request),
                source=self.source,
                time=request.now,
                actor=request.actor,
                org=granted.unit if handler.who.by_post else unit,
                effective=effective,
                on_behalf_of=for_whom,
                traceparent=request.traceparent,
                effective_reason=command.effective_reason or None,
            ),
        )

    def _late(self, ask: "Ask") -> str | None:
        """The field that dates a fact so far back that it is late; None if none does."""
        days = {"effective": ask.command.effective, "on": ask.command.happened}
        first = ask.request.today - self._late_after
        return next((field for field, day in days.items() if day is not None and day < first), None)

    async def _granted(self, ask: "Ask", unit: str) -> Granted:
        return await self._rights.grant(ask.request.actor, ask.handler.who, unit, ask.request.today)

    async def _for_whom(self, ask: "Ask", state: object, unit: str, granted: Granted) -> str | None:
        """Who is acted for, if the command is somebody's.

        Raises:
            RuleViolation("acted_for_no_secretary"): nobody acts for a secretary who is one no more.
            RuleViolation("secretary_not_named" | "nobody_to_act_for").
        """
        who, today = ask.handler.who, ask.request.today
        person = who.for_whom(state, ask.command)
        if granted.office and who.of_unit:
            return await self._rights.acted_for(who, unit, granted.unit, today, person)
        if person is not None and not await self._rights.may_be_acted_for(person, who, unit, today):
            raise RuleViolation("acted_for_no_secretary", place_of(ask.command, person), {"unit": unit})
        return person

    async def _require_also(self, ask: "Ask", state: object) -> None:
        """Refuse who has not the same right at the other units that the command names.

        Raises:
            Forbidden("not_allowed"), NotFound("no_such_unit").
        """
        for unit in ask.handler.who.also_at(state, ask.command):
            try:
                await self._granted(ask, unit)
            except NotFound as error:
                raise NotFound("no_such_unit", place_of(ask.command, unit), {"unit": unit}) from error

    async def _granted_late(self, ask: "Ask", unit: str, field: str) -> Granted:
        """The right of a reviewer; who may give the command at all is told that it takes one."""
        too_old = RuleViolation("effective_too_old", field, {"days": self._late_after.days})
        try:
            granted = await self._rights.grant(ask.request.actor, LATE, unit, ask.request.today)
        except Forbidden:
            await self._granted(ask, unit)
            raise too_old from None
        if not ask.handler.who.roles & TOLD_LATE:
            await self._granted(ask, unit)
            raise too_old
        require(bool(ask.command.effective_reason), "late_without_a_reason", field="effective_reason")
        return granted

    async def _gathered(self, ask: "Ask", state: object, case: Case, connection: asyncpg.Connection | None) -> object:
        assert ask.handler.gather is not None
        if connection is not None:
            return await ask.handler.gather(connection, state, ask.command, case)
        async with self._database.driver() as own:
            return await ask.handler.gather(own, state, ask.command, case)


@dataclass(frozen=True, slots=True)
class Ask:
    """A command on its way, with the slice that it belongs to and the record that makes it idempotent."""

    handler: Handler[Any, Any]
    command: Command
    request: Request
    record: CommandRecord

    @property
    def stream_id(self) -> StreamId:
        """The stream that the command is about."""
        return StreamId(f"{self.handler.aggregate.category}-{self.request.id}")


class _Lost(Exception):
    """One of the items was not appended: the transaction is rolled back."""

    def __init__(self, verdict: Verdict) -> None:
        self.verdict = verdict


@dataclass(frozen=True, slots=True)
class Decided:
    """The events that a decision gave, what it was made on, and the circumstances that they are sealed with."""

    data: Sequence[EventData]
    case: Case
    context: Context


async def _append_all(connection: asyncpg.Connection, *items: Item) -> Verdict:
    """Append all items or, raising _Lost, none; the verdict is that of the first, the command's own."""
    verdicts = await append_in(connection, items)
    for verdict in verdicts:
        if verdict.outcome is not Outcome.OK:
            raise _Lost(verdict)
    return verdicts[0]


def _command_id(request: Request) -> UUID:
    return uuid5(uuid5(NAMESPACE_URL, f"urn:guatu:person:{request.actor}"), request.key)


def _record(command: Command, request: Request) -> CommandRecord:
    about = "" if request.new else request.id
    content = canonical({"route": command.route, "id": about, "body": command.model_dump(mode="json")})
    return CommandRecord(_command_id(request), request.actor, sha256(content).digest())


def _settled(verdict: Verdict) -> Verdict:
    if verdict.outcome is Outcome.ID_REUSE:
        raise IdReuse("id_reuse", "Idempotency-Key")
    return verdict
