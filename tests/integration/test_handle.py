"""A command's way: decided on its stream, carried out once, numbered without gaps."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any
from uuid import uuid4

import asyncpg
import orjson
import pytest

from shared.appender import Appender
from shared.command import Aggregate, Beside, Case, Command, Handler, Numbered, Who
from shared.contracts.event import Event, EventData, read
from shared.contracts.reference import NumberIssued, PersonRegistered, Role
from shared.contracts.values import StreamId
from shared.database import Database
from shared.errors import (
    Forbidden,
    GuatuError,
    IdReuse,
    InvalidValue,
    NotFound,
    NotReady,
    RuleViolation,
    StaleVersion,
    require,
)
from shared.handle import CommandDesk, Request
from shared.loader import Loader
from shared.store import Outcome, Verdict, lock_head

TODAY = date(2023, 8, 22)


@dataclass(frozen=True)
class Names:
    """A stream of names, for the tests: a name may stand in it once."""

    names: tuple[str, ...] = ()


def evolve(state: Names, event: Event[Any]) -> Names:
    return replace(state, names=(*state.names, event.data.name))


class AddName(Command, route="/names/{id}/add"):
    name: str
    on: date | None = None

    @property
    def happened(self) -> date | None:
        return self.on


class NumberName(Command, route="/names/{id}/number"):
    name: str


def add(state: Names, command: AddName, _: Case) -> Sequence[EventData]:
    require(command.name not in state.names, "name_taken", field="name")
    return [PersonRegistered(name=command.name)]


def number(state: Names, command: NumberName, case: Case) -> Sequence[EventData]:
    require(len(state.names) < 100, "name_taken", field="name")
    return [PersonRegistered(name=f"{command.name} {case.number}")]


NAMES = Aggregate("person", Names(), evolve)
WHO = Who[Names, Any](
    frozenset({Role.PLATFORM_ADMIN}), at=lambda state, command: "340822", for_whom=lambda state, command: "secretary"
)
ADD = Handler(AddName, NAMES, WHO, add, makes=True)
NUMBER = Handler(
    NumberName,
    NAMES,
    WHO,
    number,
    numbered=Numbered(kind="test", county=lambda s, c: "340822"),
    makes=True,
)


BY_POST = replace(ADD, who=replace(WHO, by_post=True, at=lambda state, command: "340822100"))


@dataclass(frozen=True)
class Right:
    """A right at a unit, by office or not."""

    office: bool
    unit: str = "340822"


class Everybody:
    """Lets everybody do everything but `stranger`, `clerk` only as an office; `reviewer` alone is a reviewer."""

    async def grant(self, person: str, who: Who[Any, Any], unit: str, today: date) -> Right:
        reviews = who.roles == {Role.REVIEWER}
        if person == "stranger" or reviews != (person == "reviewer"):
            raise Forbidden("not_allowed")
        return Right(office=person == "clerk")

    async def may_be_acted_for(self, person: str, who: Who[Any, Any], unit: str, today: date) -> bool:
        return (person, who.for_whom(None, None), unit) == ("secretary", "secretary", "340822")

    async def acted_for(self, who: Who[Any, Any], unit: str, office: str, today: date, named: str | None) -> str:
        return named or f"secretary of {unit}, by the office of {office}"


@pytest.fixture
async def desk(database: Database) -> AsyncIterator[CommandDesk]:
    appender, loader = Appender(database), Loader(database)
    await appender.start()
    await loader.start()
    yield CommandDesk("test", database, loader, appender, Everybody(), late_after=31)
    await loader.stop()
    await appender.stop()


def asked(stream: str, **changes: Any) -> Request:
    request = Request("someone", str(uuid4()), stream, datetime(2023, 8, 22, 2, tzinfo=UTC), TODAY)
    return replace(request, **changes)


async def added(desk: CommandDesk, stream: str, name: str, **changes: Any) -> Verdict:
    return await desk.carry_out(ADD, AddName(name=name), asked(stream, **changes))


async def test_a_reply_says_where_the_stream_stands(desk: CommandDesk) -> None:
    await added(desk, "a", "甲")
    reply = orjson.loads((await added(desk, "a", "乙")).reply)
    assert (reply["stream"], reply["version"], reply["at"]) == ("person-a", 2, "person-a@reference=2")
    assert [event["type"] for event in reply["events"]] == ["cn.guatu.reference.person-registered.v1"]


async def test_an_event_names_the_unit_that_it_is_about_or_that_of_the_post_which_it_was_done_from(
    desk: CommandDesk, database: Database
) -> None:
    about = replace(ADD, who=replace(WHO, at=lambda state, command: "340822100"))
    for stream, handler in (("about", about), ("by-post", BY_POST)):
        await desk.carry_out(handler, AddName(name="甲"), asked(stream))
    async with database.driver() as connection:
        bodies = await connection.fetch("select body from events order by stream")
    assert [read(row["body"]).org for row in bodies] == ["340822100", "340822"]


async def test_a_refused_command_leaves_nothing(desk: CommandDesk, database: Database) -> None:
    await added(desk, "b", "甲")
    with pytest.raises(RuleViolation, match="name_taken"):
        await added(desk, "b", "甲")
    async with database.driver() as connection:
        assert await connection.fetchval("select count(*) from events") == 1
        assert await connection.fetchval("select count(*) from commands") == 1


async def test_the_same_command_again_gets_its_first_reply_even_if_it_would_be_refused_now(desk: CommandDesk) -> None:
    first = await added(desk, "c", "甲", key="k")
    again = await added(desk, "c", "甲", key="k")
    assert (again.outcome, again.version, again.reply) == (Outcome.DUPLICATE, first.version, first.reply)


@pytest.mark.parametrize("refusal", [InvalidValue("x"), NotReady("x"), NotFound("x"), Forbidden("x")])
@pytest.mark.parametrize("by", ["decide", "gather"])
async def test_whatever_refuses_it_by_now_the_same_command_gets_its_first_reply(
    desk: CommandDesk, refusal: GuatuError, by: str
) -> None:
    def refuse(*_: object) -> Sequence[EventData]:
        raise refusal

    async def refuse_late(*_: object) -> object:
        raise refusal

    first = await added(desk, "c2", "甲", key="k")
    refusing = replace(ADD, decide=refuse) if by == "decide" else replace(ADD, gather=refuse_late)
    again = await desk.carry_out(refusing, AddName(name="甲"), asked("c2", key="k"))
    assert (again.outcome, again.reply) == (Outcome.DUPLICATE, first.reply)
    with pytest.raises(type(refusal)):
        await desk.carry_out(refusing, AddName(name="甲"), asked("c2", key="new"))


async def test_what_has_nothing_left_to_do_gets_its_first_reply_if_it_was_carried_out_before(desk: CommandDesk) -> None:
    first = await added(desk, "idle", "甲", key="k")
    idle = replace(ADD, decide=lambda state, command, case: [])
    again = await desk.carry_out(idle, AddName(name="甲"), asked("idle", key="k"))
    assert (again.outcome, again.reply) == (Outcome.DUPLICATE, first.reply)
    new = await desk.carry_out(idle, AddName(name="甲"), asked("idle"))
    assert (new.outcome, new.version, new.reply) == (Outcome.OK, 1, b"")


async def test_an_outcome_that_is_not_known_is_told_at_once(desk: CommandDesk) -> None:
    def lost(*_: object) -> Sequence[EventData]:
        raise NotReady("outcome_unknown")

    await added(desk, "c3", "甲", key="k")
    with pytest.raises(NotReady, match="outcome_unknown"):
        await desk.carry_out(replace(ADD, decide=lost), AddName(name="甲"), asked("c3", key="k"))


async def test_a_key_belongs_to_its_actor(desk: CommandDesk) -> None:
    await added(desk, "d", "甲", key="k")
    assert (await added(desk, "d", "乙", key="k", actor="other")).outcome is Outcome.OK


@pytest.mark.parametrize(("stream", "name"), [("e", "乙"), ("e", "甲甲"), ("e2", "甲")])
async def test_another_command_under_the_same_key_is_refused(desk: CommandDesk, stream: str, name: str) -> None:
    await added(desk, "e", "甲", key="k")
    with pytest.raises(IdReuse):
        await added(desk, stream, name, key="k")


async def test_commands_on_one_stream_at_once_are_each_decided_on_what_came_before(desk: CommandDesk) -> None:
    results = await asyncio.gather(*(added(desk, "f", f"n{n % 3}") for n in range(9)), return_exceptions=True)
    written = [r for r in results if isinstance(r, Verdict)]
    refused = [r for r in results if isinstance(r, GuatuError)]
    assert len(written) + len(refused) == 9
    assert sorted(v.version for v in written) == [1, 2, 3]
    assert {r.code for r in refused} <= {"name_taken", "too_many_conflicts"}


async def test_a_stale_version_is_refused_with_the_present_one(desk: CommandDesk) -> None:
    await added(desk, "g", "甲")
    await added(desk, "g", "乙", if_match=1)
    with pytest.raises(StaleVersion) as error:
        await added(desk, "g", "丙", if_match=1)
    assert error.value.detail == {"version": 2}


async def test_who_may_not_is_refused(desk: CommandDesk) -> None:
    with pytest.raises(Forbidden):
        await added(desk, "h", "甲", actor="stranger")


async def test_an_unknown_stream_is_not_found(desk: CommandDesk) -> None:
    with pytest.raises(NotFound, match="no_such_person"):
        await desk.carry_out(replace(ADD, makes=False), AddName(name="甲"), asked("i"))


async def test_both_names_are_on_the_event_when_an_office_acts(desk: CommandDesk, database: Database) -> None:
    await added(desk, "j", "甲", actor="clerk")
    await added(desk, "j", "乙")
    async with database.driver() as connection:
        bodies = await connection.fetch("select body from events order by version")
    assert [(e.actor, e.on_behalf_of) for e in (read(row["body"]) for row in bodies)] == [
        ("clerk", "secretary"),
        ("someone", None),
    ]


@pytest.mark.parametrize(("actor", "reason"), [("clerk", ""), ("reviewer", "补录")])
async def test_nobody_acts_for_a_secretary_who_is_one_no_more(desk: CommandDesk, actor: str, reason: str) -> None:
    gone = replace(TELL, who=replace(TELL.who, for_whom=lambda _, command: "gone"))
    command = AddName(name="gone", effective=LATE if reason else None, effective_reason=reason)
    with pytest.raises(RuleViolation, match="acted_for_no_secretary") as refused:
        await desk.carry_out(gone, command, asked("u", actor=actor))
    assert refused.value.field == "name"
    assert (await desk.carry_out(gone, AddName(name="gone"), asked("u"))).version == 1


async def test_an_office_acts_for_who_leads_the_unit_where_the_rule_says_so(
    desk: CommandDesk, database: Database
) -> None:
    who = replace(WHO, for_whom=lambda _, cmd: cmd.name if cmd.name != "甲" else None, of_unit=True)
    for name, actor in (("甲", "clerk"), ("乙", "clerk"), ("丙", "someone")):
        await desk.carry_out(replace(ADD, who=who), AddName(name=name), asked("o", actor=actor))
    async with database.driver() as connection:
        bodies = await connection.fetch("select body from events order by version")
    assert [read(row["body"]).on_behalf_of for row in bodies] == [
        "secretary of 340822, by the office of 340822",
        "乙",
        None,
    ]


async def test_numbers_have_no_gaps_under_concurrency_and_refusal(desk: CommandDesk, database: Database) -> None:
    async def one(n: int) -> Verdict | BaseException:
        actor = "stranger" if n % 5 == 0 else "someone"
        try:
            return await desk.carry_out(NUMBER, NumberName(name="号"), asked(f"n{n % 20}", actor=actor))
        except Forbidden as refused:
            return refused

    results = await asyncio.gather(*(one(n) for n in range(60)))
    written = sum(isinstance(r, Verdict) for r in results)
    async with database.driver() as connection:
        bodies = await connection.fetch(
            "select body from events where stream = 'number-340822-2023-test' order by version"
        )
        given = await connection.fetch("select body from events where stream like 'person-%'")
    numbers = [event.data for event in (read(row["body"]) for row in bodies)]
    assert [n.number for n in numbers if isinstance(n, NumberIssued)] == list(range(1, written + 1))
    names = [event.data for event in (read(row["body"]) for row in given)]
    assert sorted(int(n.name.rsplit("-", 1)[1]) for n in names if isinstance(n, PersonRegistered)) == list(
        range(1, written + 1)
    )
    assert written == 48


LAST_IN_TIME, LATE = date(2023, 7, 22), date(2023, 7, 21)
TELL = replace(ADD, who=replace(WHO, roles=frozenset({Role.BRANCH_SECRETARY})))
"""The same, of a secretary."""


async def test_a_document_has_a_number_of_the_year_that_it_is_dated_in(desk: CommandDesk, database: Database) -> None:
    dated = NumberName(name="dated", effective=date(2023, 12, 29))
    await desk.carry_out(NUMBER, dated, asked("dated", today=date(2024, 1, 3)))
    async with database.driver() as connection:
        [name] = await connection.fetch("select stream from streams where stream like 'number-%'")
    assert name["stream"] == "number-340822-2023-test"


async def test_a_counter_that_is_held_for_long_does_not_hold_what_needs_it(
    desk: CommandDesk, database: Database
) -> None:
    await desk.carry_out(NUMBER, NumberName(name="first"), asked("before"))
    async with database.driver() as connection, connection.transaction():
        await lock_head(connection, StreamId("number-340822-2023-test"))
        with pytest.raises(NotReady, match="too_many_conflicts"):
            await desk.carry_out(NUMBER, NumberName(name="second"), asked("held"))
        elsewhere = replace(NUMBER, numbered=replace(NUMBER.numbered, county=lambda s, c: "340825"))
        assert (await desk.carry_out(elsewhere, NumberName(name="third"), asked("elsewhere"))).version == 1


async def test_a_day_that_the_fact_holds_for_is_neither_future_nor_long_ago(desk: CommandDesk) -> None:
    for day, code in ((date(2023, 8, 23), "effective_in_the_future"), (LATE, "effective_too_old")):
        for handler in (ADD, TELL):
            with pytest.raises(RuleViolation, match=code):
                await desk.carry_out(handler, AddName(name="甲", effective=day, effective_reason="忘了"), asked("k"))
    verdict = await desk.carry_out(ADD, AddName(name="甲", effective=LAST_IN_TIME), asked("k"))
    assert verdict.outcome is Outcome.OK


async def test_what_a_secretary_would_tell_a_reviewer_tells_late_with_the_reason(
    desk: CommandDesk, database: Database
) -> None:
    async def tell(reason: str, **changes: str) -> Verdict:
        command = AddName(name="甲", effective=LATE, effective_reason=reason)
        return await desk.carry_out(TELL, command, asked("l", **changes))

    with pytest.raises(RuleViolation, match="late_without_a_reason"):
        await tell("", actor="reviewer")
    with pytest.raises(Forbidden):
        await tell("补录", actor="stranger")
    await tell("会议纪要 7 月才补齐", actor="reviewer")
    async with database.driver() as connection:
        event = read(await connection.fetchval("select body from events"))
    assert (event.effective, event.effective_reason) == (LATE, "会议纪要 7 月才补齐")
    assert (event.actor, event.on_behalf_of) == ("reviewer", "secretary")


async def test_what_happened_long_ago_is_told_by_a_reviewer_whichever_day_it_is_told_to_hold_for(
    desk: CommandDesk, database: Database
) -> None:
    for day in (None, LAST_IN_TIME):
        command = AddName(name="甲", on=LATE, effective=day)
        with pytest.raises(RuleViolation, match="effective_too_old") as refused:
            await desk.carry_out(ADD, command, asked("p"))
        assert refused.value.field == "on"
        with pytest.raises(RuleViolation, match="late_without_a_reason"):
            await desk.carry_out(TELL, command, asked("p", actor="reviewer"))
    await desk.carry_out(TELL, AddName(name="甲", on=LATE, effective_reason="补录"), asked("p", actor="reviewer"))
    async with database.driver() as connection:
        event = read(await connection.fetchval("select body from events"))
    assert (event.actor, event.on_behalf_of, event.effective_reason) == ("reviewer", "secretary", "补录")
    assert (await desk.carry_out(ADD, AddName(name="乙", on=LAST_IN_TIME), asked("p"))).outcome is Outcome.OK


async def test_a_reviewer_tells_nothing_for_a_secretary_that_is_not_late(desk: CommandDesk) -> None:
    command = AddName(name="甲", effective=LAST_IN_TIME, effective_reason="补录")
    with pytest.raises(Forbidden):
        await desk.carry_out(TELL, command, asked("m", actor="reviewer"))


async def test_a_reviewer_tells_nothing_late_that_is_neither_a_secretarys_nor_a_reviewers(desk: CommandDesk) -> None:
    command = AddName(name="甲", effective=LATE, effective_reason="补录")
    with pytest.raises(Forbidden):
        await desk.carry_out(ADD, command, asked("n", actor="reviewer"))


async def test_who_reviews_dates_the_own_facts_back_with_a_reason(desk: CommandDesk, database: Database) -> None:
    of_reviewers = replace(ADD, who=Who[Names, Any](frozenset({Role.REVIEWER}), at=lambda _, __: "340822"))
    command = AddName(name="甲", effective=LATE, effective_reason="补录")
    await desk.carry_out(of_reviewers, command, asked("o", actor="reviewer"))
    async with database.driver() as connection:
        event = read(await connection.fetchval("select body from events"))
    assert (event.effective, event.on_behalf_of) == (LATE, None)


class PassName(Command, route="/names/{id}/pass"):
    name: str
    to: str


PASS = Handler(
    PassName,
    NAMES,
    WHO,
    lambda state, command, _: [PersonRegistered(name=f"-{command.name}")],
    beside=Beside(NAMES, lambda command: command.to, add),
)


async def passed(desk: CommandDesk, name: str, **changes: Any) -> Verdict:
    return await desk.carry_out(PASS, PassName(name=name, to="z"), asked("y", **changes))


async def names_of(database: Database, stream: str) -> list[str]:
    async with database.driver() as connection:
        bodies = await connection.fetch("select body from events where stream = $1 order by version", stream)
    return [orjson.loads(row["body"])["data"]["name"] for row in bodies]


async def test_what_is_done_to_two_streams_is_done_to_both_or_to_neither(desk: CommandDesk, database: Database) -> None:
    await added(desk, "y", "甲")
    first = await passed(desk, "甲", key="k")
    again = await passed(desk, "甲", key="k")
    assert (again.outcome, again.reply) == (Outcome.DUPLICATE, first.reply)
    with pytest.raises(RuleViolation, match="name_taken"):
        await passed(desk, "甲")
    assert await names_of(database, "person-y") == ["甲", "-甲"]
    assert await names_of(database, "person-z") == ["甲"]


async def test_two_streams_are_changed_by_one_command_after_the_other(desk: CommandDesk, database: Database) -> None:
    await added(desk, "y", "甲")
    back = replace(PASS, beside=Beside(NAMES, lambda _: "y", add))
    commands = [passed(desk, f"{n}") for n in range(8)]
    commands += [desk.carry_out(back, PassName(name=f"b{n}", to="y"), asked("z")) for n in range(8)]
    verdicts = await asyncio.gather(*commands, return_exceptions=True)
    assert all(not isinstance(each, BaseException) or isinstance(each, NotFound | NotReady) for each in verdicts)
    done = sum(not isinstance(each, BaseException) for each in verdicts)
    every = [*await names_of(database, "person-y"), *await names_of(database, "person-z")]
    assert len(every) == 1 + 2 * done


async def test_commands_of_one_word_are_decided_one_after_the_other(desk: CommandDesk, database: Database) -> None:
    await asyncio.gather(*(added(desk, f"s{n}", "甲") for n in range(6)))

    async def written(connection: asyncpg.Connection, *_: Any) -> int:
        return await connection.fetchval("select count(*) from events")

    def decide(_: Names, command: AddName, case: Case) -> Sequence[EventData]:
        return [PersonRegistered(name=str(case.facts))]

    alone = replace(ADD, gather=written, decide=decide, alone="here")
    await asyncio.gather(*(desk.carry_out(alone, AddName(name="乙"), asked(f"s{n}")) for n in range(6)))
    seen = [(await names_of(database, f"person-s{n}"))[-1] for n in range(6)]
    assert sorted(seen, key=int) == ["6", "7", "8", "9", "10", "11"]


async def test_who_lacks_the_right_at_another_unit_that_is_named_is_refused(desk: CommandDesk) -> None:
    class AtOneUnit(Everybody):
        async def grant(self, person: str, who: Who[Any, Any], unit: str, today: date) -> Right:
            if unit == "340899":
                raise NotFound("no_such_unit")
            if unit != "340822":
                raise Forbidden("not_allowed")
            return Right(office=False)

    desk._rights = AtOneUnit()  # the fixture's desk lets everybody do everything
    for other, refusal in (("340828", Forbidden), ("340899", NotFound)):
        both = replace(ADD, who=replace(WHO, also_at=lambda _, command: (command.name,)))
        with pytest.raises(refusal) as refused:
            await desk.carry_out(both, AddName(name=other), asked("w"))
        assert refused.value.field == ("name" if refusal is NotFound else None)
    here = replace(ADD, who=replace(WHO, also_at=lambda _, command: (command.name,)))
    assert (await desk.carry_out(here, AddName(name="340822"), asked("w"))).version == 1
