"""Rights asked of real views: the tree and appointments in PostgreSQL, changes heard of, readiness by real Kafka."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from datetime import date, timedelta
from random import Random
from typing import Any

import asyncpg
import orjson
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from pydantic import SecretStr
from sqlalchemy import delete, select

from infra import topics
from shared.authority import Authority, subtree
from shared.authority_views import PERSON, UNIT, VIEWS, Appointment, PersonRow, UnitRow
from shared.bell import Bell
from shared.command import Who
from shared.consume import VIEW_CHANNEL
from shared.contracts.divisions import kind_of
from shared.contracts.reference import SECRETARIES, Role
from shared.contracts.topics import PARTITIONS, Topic
from shared.database import Database, driver_url
from shared.errors import Forbidden, NotFound, NotReady, RuleViolation
from shared.rights import ANY_ROLE, NATION, Right
from shared.schema import offsets
from shared.settings import AuthMode, Settings
from shared.view import View, encode_rows
from shared.view_table import make_tables
from tests.integration.rows import put_rows
from tests.waiting import until

TODAY = date(2023, 8, 22)
TREE = {
    "340000": None,
    "340800": "340000",
    "340822": "340800",
    "340822100": "340822",
    "340822100201": "340822100",
    "340828": "340800",
}
BOOTSTRAP = "first-admin"


class Facts:
    """The views of one database, written as their runtime writes them, and rung for."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._bell = Bell(database, VIEW_CHANNEL)

    async def units(self, tree: Iterable[tuple[str, str | None]], *, ring: bool = True) -> None:
        """Put units into the view."""
        await self._put(UNIT, {f"unit-{code}": UnitRow(code, "名", kind_of(code), above) for code, above in tree}, ring)

    async def ended(self, code: str, heir: str) -> None:
        """Let a unit have been merged into another."""
        row = UnitRow(code, "名", kind_of(code), heir, TODAY, heir)
        await put_rows(self._database, UNIT, {f"unit-{code}": row})
        self._bell.ring(UNIT.name)

    async def person(self, person: str, *appointments: Appointment, ring: bool = True) -> None:
        """Put a person with all his or her appointments into the view."""
        await self._put(PERSON, {f"person-{person}": PersonRow("张伟", appointments)}, ring)

    async def _put(self, view: View, rows: dict, ring: bool) -> None:
        table = view.table
        values = [{name: getattr(row, name) for name in view.columns} for row in rows.values()]
        async with self._database.core() as connection:
            await connection.execute(delete(table).where(table.c.key.in_(list(rows))))
            for key, value in zip(rows, orjson.loads(encode_rows(values)), strict=True):
                await connection.execute(table.insert().values(key=key, partition=0, seen=[1], **value))
        if ring:
            self._bell.ring(view.name)

    async def come_to(self, ends: dict[int, int]) -> None:
        """Say that both views hold the reference topic up to these offsets."""
        async with self._database.core() as connection:
            await connection.execute(delete(offsets))
            for view in VIEWS:
                for partition, end in ends.items():
                    place = {"view": view.name, "version": view.version, "partition": partition}
                    await connection.execute(offsets.insert().values(**place, topic=Topic.REFERENCE.value, next=end))


@pytest.fixture(scope="session")
async def ends(kafka: str) -> dict[int, int]:
    """The ends of the reference topic's partitions; some of them hold a record."""
    await topics.apply(kafka)
    producer = AIOKafkaProducer(bootstrap_servers=kafka)
    await producer.start()
    await producer.send_and_wait(Topic.REFERENCE, b"{}", key=b"calendar-1999", partition=3)
    await producer.stop()
    consumer = AIOKafkaConsumer(bootstrap_servers=kafka)
    await consumer.start()
    found = await consumer.end_offsets([TopicPartition(Topic.REFERENCE, n) for n in range(PARTITIONS)])
    await consumer.stop()
    return {partition.partition: offset for partition, offset in found.items()}


@pytest.fixture
async def facts(database: Database, ends: dict[int, int]) -> Facts:
    """The views' tables, with a tree, caught up."""
    await make_tables(database, VIEWS)
    facts = Facts(database)
    await facts.units(TREE.items(), ring=False)
    await facts.come_to(ends)
    return facts


@asynccontextmanager
async def authority(database: Database, kafka: str, *, wait: bool = True) -> AsyncIterator[Authority]:
    """An authority that follows this database's views."""
    key = SecretStr("k" * 32)
    settings = Settings(auth=AuthMode.LOCAL, kafka=kafka, session_key=key, bootstrap_admin=BOOTSTRAP)
    made = Authority(database, settings)
    await made.start()
    try:
        if wait:
            await until(lambda: made.ready() and made.hears())
        yield made
    finally:
        await made.stop()


def held(role: Role, unit: str, since: date = TODAY, until: date | None = None) -> Appointment:
    return Appointment(role, unit, since, until, "")


REVIEWER = frozenset({Role.REVIEWER})
SECRETARY = frozenset({Role.BRANCH_SECRETARY})


async def test_rights_follow_from_the_appointments_and_the_tree(database: Database, kafka: str, facts: Facts):
    await facts.person("li-na", held(Role.REVIEWER, "340822"), held(Role.OFFICE, "340822100"))
    async with authority(database, kafka) as rights:
        assert (await rights.rights("li-na")).name == "张伟"
        assert await rights.ancestors("340822100201") == ("340822100", "340822", "340800", "340000")
        assert await rights.may("li-na", REVIEWER, "340822100201", TODAY) == Right(Role.REVIEWER, "340822")
        assert await rights.may("li-na", REVIEWER, "340822100201", TODAY, exactly=True) is None
        assert await rights.may("li-na", REVIEWER, "340828", TODAY) is None
        assert await rights.may("li-na", REVIEWER, "340822", TODAY - timedelta(days=1)) is None
        assert await rights.may("nobody", ANY_ROLE, "340822", TODAY) is None
        right = await rights.grant("li-na", Who(SECRETARY, at=lambda s, c: "", exactly=True), "340822100201", TODAY)
        assert right.office
        with pytest.raises(Forbidden, match="not_allowed"):
            await rights.grant("li-na", Who(SECRETARY, at=lambda s, c: ""), "340822", TODAY)


async def test_an_office_acts_for_who_leads_there_today(database: Database, kafka: str, facts: Facts):
    await facts.person("secretary", held(Role.BRANCH_SECRETARY, "340822100201"))
    await facts.person("leads-the-township", held(Role.TOWNSHIP_SECRETARY, "340822100"))
    await facts.person("leads-the-county", held(Role.LEADER, "340822"))
    anywhere = Who(SECRETARY | {Role.TOWNSHIP_SECRETARY, Role.LEADER}, at=lambda s, c: "")
    there = Who(frozenset({Role.TOWNSHIP_SECRETARY}), at=lambda s, c: "", exactly=True)

    async with authority(database, kafka) as rights:

        async def acted_for(who: Who, unit: str, office: str, named: str | None = None) -> str:
            return await rights.acted_for(who, unit, office, TODAY, named)

        assert await acted_for(anywhere, "340822100201", "340822100") == "secretary"
        assert await acted_for(anywhere, "340822100201", "340822", "leads-the-county") == "leads-the-county"
        assert await acted_for(there, "340822100", "340822") == "leads-the-township"
        with pytest.raises(RuleViolation, match="nobody_to_act_for"):
            await acted_for(anywhere, "340822100201", "340822100", "leads-the-county")
        with pytest.raises(RuleViolation, match="nobody_to_act_for"):
            await acted_for(there, "340822", "340822")
        await facts.person("second", held(Role.TOWNSHIP_SECRETARY, "340822100"))

        async def two() -> bool:
            return await rights.leaders(there, "340822100", "340822", TODAY) == ["leads-the-township", "second"]

        await until(two)
        assert await rights.leaders(anywhere, "340822100201", "340822100", TODAY) == ["secretary"]
        assert await rights.leaders(there, "340822", "340822", TODAY) == []
        assert await acted_for(there, "340822100", "340822", "second") == "second"
        with pytest.raises(RuleViolation, match="secretary_not_named"):
            await acted_for(there, "340822100", "340822")
        await facts.person("second", held(Role.INSPECTOR, "340822100"))
        await facts.person("secretary", held(Role.BRANCH_SECRETARY, "340822100201", until=TODAY - timedelta(days=1)))

        async def next_above() -> bool:
            return await acted_for(anywhere, "340822100201", "340822100") == "leads-the-township"

        await until(next_above)


async def test_what_is_out_of_sight_is_as_if_it_were_not_there(database: Database, kafka: str, facts: Facts):
    await facts.person("li-na", held(Role.REVIEWER, "340822"))
    async with authority(database, kafka) as rights:
        await rights.require_sight("li-na", "340822100", TODAY)
        await rights.require_sight("li-na", NATION, TODAY)
        for unit in ("340828", "340800", "999999"):
            with pytest.raises(NotFound):
                await rights.require_sight("li-na", unit, TODAY)
        assert await rights.visible_units("li-na", TODAY) == {"340822"}
        assert await rights.visible_units("li-na", TODAY, SECRETARY) == frozenset()
        assert await rights.visible_units("nobody", TODAY) == frozenset()


async def test_a_removal_works_as_soon_as_the_view_has_it(database: Database, kafka: str, facts: Facts):
    await facts.person("li-na", held(Role.REVIEWER, "340822"))
    async with authority(database, kafka) as rights:
        assert await rights.may("li-na", REVIEWER, "340822", TODAY)
        await facts.person("li-na", held(Role.REVIEWER, "340822", until=TODAY - timedelta(days=1)))
        await eventually_refused(rights, "li-na")


async def test_what_was_read_is_kept_until_the_view_changes(database: Database, kafka: str, facts: Facts):
    await facts.person("li-na", held(Role.REVIEWER, "340822"))
    async with authority(database, kafka) as rights:
        assert await rights.may("li-na", REVIEWER, "340822", TODAY)
        await facts.person("li-na", ring=False)
        assert await rights.may("li-na", REVIEWER, "340822", TODAY)
        Bell(database, VIEW_CHANNEL).ring("unit")
        await facts.units([("340829", "340800")])
        assert await rights.may("li-na", REVIEWER, "340822", TODAY)
        Bell(database, VIEW_CHANNEL).ring("person")
        await eventually_refused(rights, "li-na")


async def test_a_unit_that_is_moved_changes_who_may(database: Database, kafka: str, facts: Facts):
    await facts.person("li-na", held(Role.REVIEWER, "340822"))
    async with authority(database, kafka) as rights:
        assert await rights.may("li-na", REVIEWER, "340822100201", TODAY)
        await facts.units([("340822100", "340828")])
        await eventually_refused(rights, "li-na", "340822100201")


async def test_what_was_notified_while_nobody_listened_is_not_missed(
    database: Database, kafka: str, facts: Facts, postgres: str
):
    await facts.person("li-na", held(Role.REVIEWER, "340822"))
    async with authority(database, kafka) as rights:
        assert await rights.may("li-na", REVIEWER, "340822", TODAY)
        await facts.person("li-na", ring=False)
        assert await rights.may("li-na", REVIEWER, "340822", TODAY)
        await end_listeners(postgres, database)
        await eventually_refused(rights, "li-na")
        await until(rights.hears)
        await facts.person("li-na", held(Role.REVIEWER, "340822"))
        async with asyncio.timeout(10):
            while not await rights.may("li-na", REVIEWER, "340822", TODAY):
                await asyncio.sleep(0.01)


async def test_a_unit_that_was_registered_just_now_is_waited_for(database: Database, kafka: str, facts: Facts):
    await facts.person("li-na", held(Role.REVIEWER, "340822"))
    async with authority(database, kafka) as rights:
        asked = asyncio.create_task(rights.may("li-na", REVIEWER, "340822101", TODAY))
        await asyncio.sleep(0)
        await facts.units([("340822101", "340822")])
        assert await asked == Right(Role.REVIEWER, "340822")
        with pytest.raises(NotFound, match="no_such_unit"):
            await rights.ancestors("340822109")


async def test_a_unit_is_not_known_before_all_above_it_are(database: Database, kafka: str, facts: Facts):
    await facts.units([("340822101201", "340822101")])
    async with authority(database, kafka) as rights:
        with pytest.raises(NotFound, match="no_such_unit"):
            await rights.ancestors("340822101201")
        await facts.units([("340822101", "340822")])
        assert await rights.ancestors("340822101201") == ("340822101", "340822", "340800", "340000")


async def test_a_loop_in_the_tree_ends(database: Database, kafka: str, facts: Facts):
    await facts.units([("340000", "340822100201")])
    await facts.person("li-na", held(Role.REVIEWER, "340828"))
    async with authority(database, kafka) as rights:
        assert await rights.may("li-na", REVIEWER, "340822", TODAY) is None
        async with database.core() as connection:
            tree = subtree(["340822"])
            assert len((await connection.scalars(select(tree.c.code))).all()) == len(TREE)


async def test_the_first_admin_counts_until_one_is_appointed(database: Database, kafka: str, facts: Facts):
    admins = frozenset({Role.PLATFORM_ADMIN})
    async with authority(database, kafka) as rights:
        assert await rights.may(BOOTSTRAP, admins, "340822", TODAY)
        assert await rights.may(BOOTSTRAP, admins, NATION, TODAY)
        assert await rights.may(BOOTSTRAP, REVIEWER, "340822", TODAY) is None
        assert await rights.may("somebody", admins, "340822", TODAY) is None
        assert await rights.visible_units(BOOTSTRAP, TODAY) == {"340000"}
        tomorrow = TODAY + timedelta(days=1)
        await facts.person("wang-fang", held(Role.PLATFORM_ADMIN, "340800", since=tomorrow))
        async with asyncio.timeout(10):
            while await rights.may(BOOTSTRAP, admins, "340822", tomorrow):
                await asyncio.sleep(0.01)
        assert await rights.may(BOOTSTRAP, admins, "340822", TODAY)
        assert await rights.may("wang-fang", admins, "340822", tomorrow)
        assert await rights.visible_units(BOOTSTRAP, tomorrow) == frozenset()


async def test_the_first_admin_has_rights_at_every_moment_of_being_appointed(
    database: Database, kafka: str, facts: Facts
):
    admins = frozenset({Role.PLATFORM_ADMIN})
    async with authority(database, kafka) as rights:

        async def refusals(over: asyncio.Event) -> int:
            refused = 0
            while not over.is_set():
                refused += await rights.may(BOOTSTRAP, admins, "340822", TODAY) is None
                await asyncio.sleep(0)
            return refused

        for _ in range(20):
            await facts.person(BOOTSTRAP)
            async with asyncio.timeout(10):
                while await rights.may(BOOTSTRAP, admins, "340822", TODAY) is None:
                    await asyncio.sleep(0.01)
            over = asyncio.Event()
            asking = [asyncio.create_task(refusals(over)) for _ in range(3)]
            for n in range(10):  # so that rights are read anew all the time
                await facts.person(f"somebody-{n}")
                if n == 5:
                    await facts.person(BOOTSTRAP, held(Role.PLATFORM_ADMIN, "340000"))
            over.set()
            assert await asyncio.gather(*asking) == [0, 0, 0]


async def test_a_secretary_is_acted_for_while_he_or_she_is_one_there(database: Database, kafka: str, facts: Facts):
    yesterday = TODAY - timedelta(days=1)
    await facts.person("present", held(Role.BRANCH_SECRETARY, "340822100201"))
    await facts.person("removed", held(Role.BRANCH_SECRETARY, "340822100201", yesterday, yesterday))
    await facts.person("above", held(Role.TOWNSHIP_SECRETARY, "340822100"))
    await facts.person("clerk", held(Role.OFFICE, "340822100"))
    exactly = Who[Any, Any](SECRETARIES, at=lambda s, c: "", exactly=True)
    people = ("present", "removed", "above", "clerk", "nobody")
    async with authority(database, kafka) as rights:

        async def acted_for(who: Who[Any, Any]) -> list[str]:
            return [p for p in people if await rights.may_be_acted_for(p, who, "340822100201", TODAY)]

        assert await acted_for(exactly) == ["present"]
        assert await acted_for(Who(SECRETARIES, at=lambda s, c: "")) == ["present", "above"]
        assert await acted_for(Who(frozenset({Role.LEADER, Role.OFFICE}), at=lambda s, c: "")) == list(people)


async def test_what_an_ended_unit_left_is_done_by_its_heir_alone(database: Database, kafka: str, facts: Facts):
    secretaries = frozenset({Role.TOWNSHIP_SECRETARY})
    await facts.units([("340822101", "340822")])
    for person, unit in (("old", "340822100"), ("heir", "340822101")):
        await facts.person(person, held(Role.TOWNSHIP_SECRETARY, unit))
    async with authority(database, kafka) as rights:

        async def may() -> list[str]:
            asked = {p: await rights.may(p, secretaries, "340822100", TODAY, exactly=True) for p in ("old", "heir")}
            return [person for person, right in asked.items() if right is not None]

        assert await may() == ["old"]
        await facts.ended("340822100", "340822101")
        async with asyncio.timeout(10):
            while await may() != ["heir"]:
                await asyncio.sleep(0.01)
        assert await rights.ancestors("340822100201") == ("340822100", "340822101", "340822", "340800", "340000")
        assert await rights.standing_above("340822100201") == ("340822101", "340822", "340800", "340000")


async def test_a_post_at_a_unit_that_has_ended_gives_sight_and_no_right(database: Database, kafka: str, facts: Facts):
    await facts.units([("340823", "340800")])
    for person, unit in (("old", "340822"), ("heir", "340823")):
        await facts.person(person, held(Role.REVIEWER, unit))
    async with authority(database, kafka) as rights:

        async def may() -> list[str]:
            asked = {p: await rights.may(p, REVIEWER, "340822100", TODAY) for p in ("old", "heir")}
            return [person for person, right in asked.items() if right is not None]

        assert await may() == ["old"]
        await facts.ended("340822", "340823")

        async def the_heir_alone() -> bool:
            return await may() == ["heir"]

        await until(the_heir_alone, what="the heir's right")
        for person in ("old", "heir"):
            await rights.require_sight(person, "340822100", TODAY)


async def test_a_subtree_is_what_climbing_finds(database: Database, facts: Facts):
    random = Random(7)
    codes = [f"{340900 + n}" for n in range(1, 60)]
    tree = {code: (random.choice(codes[:n]) if n and random.random() < 0.9 else None) for n, code in enumerate(codes)}
    await facts.units(tree.items())

    def lies_below(code: str | None, roots: set[str]) -> bool:
        while code is not None and code not in roots:
            code = tree[code]
        return code is not None

    for size in (0, 1, 3):
        roots = set(random.sample(codes, size))
        found = subtree(roots)
        async with database.core() as connection:
            below = (await connection.scalars(select(found.c.code))).all()
        assert sorted(below) == sorted(code for code in codes if lies_below(code, roots))


async def test_nothing_is_answered_before_the_views_have_caught_up(
    database: Database, kafka: str, ends: dict[int, int]
):
    assert ends[3] > 0
    async with authority(database, kafka, wait=False) as rights:
        await refuses_to_answer(rights)
        await make_tables(database, VIEWS)
        facts = Facts(database)
        await facts.units(TREE.items())
        await facts.person("li-na", held(Role.REVIEWER, "340822"))
        await facts.come_to(ends | {3: ends[3] - 1})
        await refuses_to_answer(rights)
        await facts.come_to(ends)
        await until(rights.ready)
        assert await rights.may("li-na", REVIEWER, "340822", TODAY)
        await facts.come_to(ends | {3: 0})
        assert rights.ready()


async def refuses_to_answer(rights: Authority) -> None:
    """For as long as a look at the views takes several times over."""
    for _ in range(10):
        assert not rights.ready()
        for asked in (rights.rights("li-na"), rights.ancestors("340822"), rights.visible_units(BOOTSTRAP, TODAY)):
            with pytest.raises(NotReady, match="authority_not_ready"):
                await asked
        with pytest.raises(NotReady):
            await rights.may(BOOTSTRAP, frozenset({Role.PLATFORM_ADMIN}), "340822", TODAY)
        await asyncio.sleep(0.05)


async def eventually_refused(rights: Authority, person: str, unit: str = "340822") -> None:
    async with asyncio.timeout(10):
        while await rights.may(person, REVIEWER, unit, TODAY):
            await asyncio.sleep(0.01)


async def end_listeners(server: str, database: Database) -> None:
    """End the sessions of a database that listen."""
    owner = await asyncpg.connect(driver_url(server))
    name = database.engine.url.database
    query = "select pg_terminate_backend(pid) from pg_stat_activity where datname = $1 and query ilike 'listen %'"
    assert await owner.fetch(query, name)
    await owner.close()
