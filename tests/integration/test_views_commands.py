"""`guatu parked` and `guatu views` on real servers: an operator's way out when an event, a partition, a view fails."""

import asyncio
import multiprocessing
import os
import re
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import asyncpg
import orjson
import pytest

from infra import terminal
from infra.cli import app
from infra.services import SERVICES
from infra.stack.folders import PROJECT
from services.registry.views import PROJECTS
from shared import offsets
from shared.consume import Pace, Projector
from shared.contracts.topics import Topic
from shared.database import Database, database_name, database_url, driver_url
from shared.migrate import migrate_all_async
from shared.renewal import beside
from shared.view import View
from shared.view_table import make_tables
from tests.feeding import Feed, empty, rows_of
from tests.projecting import History, fold_all
from tests.servers import free_port
from tests.telling import a_life, proposed, reported
from tests.waiting import until

NOW = PROJECTS.version
PACE = Pace(look=0.1, ends=0.5, retry=0.1)


@dataclass(frozen=True)
class Told:
    """What a command said, in one line, and its exit status."""

    status: int
    out: str
    err: str


Guatu = Callable[..., Awaitable[Told]]


@pytest.fixture(scope="module")
async def server(postgres: str) -> AsyncIterator[str]:
    """The database server, with the services' databases as they are once set up."""
    await _drop_databases(postgres)
    await migrate_all_async(postgres, SERVICES)
    yield postgres
    await _drop_databases(postgres)


async def _drop_databases(server: str) -> None:
    connection = await asyncpg.connect(driver_url(server), database="postgres")
    for service in SERVICES:
        await connection.execute(f'drop database if exists "{database_name(service)}" with (force)')
    await connection.close()


@pytest.fixture
async def registry(server: str) -> AsyncIterator[Database]:
    """The registry's database, without any view."""
    database = Database(database_url(server, "registry"), name="test")
    async with database.driver() as connection:
        for row in await connection.fetch("select tablename from pg_tables where schemaname = 'views'"):
            await connection.execute(f'drop table views."{row["tablename"]}"')
        await connection.execute("delete from offsets")
        await connection.execute("delete from parked")
    yield database
    await database.dispose()


@pytest.fixture
async def feed(kafka: str) -> AsyncIterator[Feed]:
    await empty(kafka, tuple(Topic))
    async with Feed.to(kafka) as feed:
        yield feed


@pytest.fixture
def guatu(server: str, kafka: str, tmp_path: Path) -> Guatu:
    """The command line in a process of its own, with the tests' servers named to it."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GUATU_")}
    env = {**kept, "GUATU_HOME": str(tmp_path), "GUATU_DATABASE": server, "GUATU_KAFKA": kafka}

    async def run(*arguments: str, answer: str = "") -> Told:
        files = tuple(tmp_path / name for name in ("stdin", "stdout", "stderr"))
        files[0].write_text(answer)
        process = FORKS.Process(target=_command, args=(arguments, env, files))
        process.start()
        await asyncio.to_thread(process.join, 120)
        assert process.exitcode is not None
        return Told(process.exitcode, *(" ".join(file.read_text().split()) for file in files[1:]))

    return run


FORKS = multiprocessing.get_context("forkserver")
"""Every process begins as a copy of one that has loaded the command line and the services, which takes seconds."""
FORKS.set_forkserver_preload(["infra.cli", *(f"services.{service}.app" for service in SERVICES)])


def _command(arguments: Sequence[str], env: Mapping[str, str], files: Sequence[Path]) -> None:
    """What the process does: be `guatu` with these arguments, this environment, and files for its streams."""
    os.environ.clear()
    os.environ.update(env)
    terminal.console.width = terminal.complaints.width = 240
    sys.stdin, sys.stdout, sys.stderr = (file.open(mode) for file, mode in zip(files, "rww", strict=True))
    app(list(arguments))


@asynccontextmanager
async def followed(database: Database, kafka: str, view: View[Any] = PROJECTS) -> AsyncIterator[Projector]:
    projector = Projector(database, kafka, [view], "registry", pace=PACE)
    await projector.start()
    try:
        yield projector
    finally:
        await projector.stop()


async def come_to(database: Database, history: History) -> None:
    expected = fold_all(PROJECTS, history.events)

    async def same() -> bool:
        return await rows_of(database, PROJECTS) == expected

    await until(same, within=60, what="the rows of a plain fold")


async def _parked(database: Database, wanted: int) -> bool:
    async with database.driver() as connection:
        return await connection.fetchval("select count(*) from parked") == wanted


def lives(many: int = 5) -> History:
    history = History()
    for n in range(many):
        history.tell(f"project-{n}", *a_life(3))
    return history


async def test_what_is_parked_is_listed_and_folded_once_the_cause_is_mended(
    guatu: Guatu, registry: Database, kafka: str, feed: Feed
) -> None:
    history = History()
    plans = [*history.tell("project-1", proposed("修路")), *history.tell("project-2", proposed("修渠"))]
    reports = [*history.tell("project-1", reported(10), reported(20)), *history.tell("project-2", reported(30))]
    await make_tables(registry, [PROJECTS])
    async with registry.driver() as connection:
        await connection.execute(f"alter table {PROJECTS.sql_name} add constraint no_roads check (title <> '修路')")
    async with followed(registry, kafka):
        await feed.send(history, plans)
        await until(lambda: _parked(registry, 1))
        await feed.send(history, reports)
        await until(lambda: _parked(registry, 3))
        told = await guatu("parked", "list")
        assert told.status == 0
        assert re.search(rf"registry project {NOW} project-1 3 \S+ \S+Z (project|progress)\.events\.v1 1 ", told.out)
        assert "no_roads" in told.out
        assert "project-2" not in told.out

        told = await guatu("parked", "retry", "--service", "registry", "--view", "project", "--key", "project-1")
        assert told.status == 1
        assert "registry, project, project-1:" in told.out
        assert "left: CheckViolationError" in told.out
        async with registry.driver() as connection:
            await connection.execute(f"alter table {PROJECTS.sql_name} drop constraint no_roads")
        told = await guatu("parked", "retry")
        assert (told.status, told.err) == (0, "")
        assert "registry, project, project-1: 3 folded" in told.out
        assert await rows_of(registry, PROJECTS) == fold_all(PROJECTS, history.events)
        told = await guatu("parked", "list")
        assert (told.status, told.out) == (0, "Nothing is parked.")
        await feed.send(history, history.tell("project-1", reported(40)))
        await come_to(registry, history)


async def test_an_event_is_dropped_after_a_question_and_what_waited_is_folded(
    guatu: Guatu, registry: Database, kafka: str, feed: Feed
) -> None:
    history = History()
    history.tell("project-1", reported(10, "2023-01"), reported(20, "2023-02"), reported(30, "2023-03"))
    unreadable = history.events[1]
    body = orjson.loads(history.bodies[unreadable.id])
    history.bodies[unreadable.id] = orjson.dumps({**body, "data": {"percent": "much"}})
    async with followed(registry, kafka):
        await feed.send(history, history.events)
        await until(lambda: _parked(registry, 2))
        told = await guatu("parked", "drop", "--key", "project-1", "--reason", "无法识别", answer="n\n")
        assert told.status == 1
        assert "These events will be missing from the view until it is built again." in told.out
        assert "Nothing was dropped." in told.err
        assert await _parked(registry, 2)

        told = await guatu("parked", "drop", "--key", "project-1", "--reason", "无法识别", "--yes")
        assert told.status == 0
        assert "project-1: 1 folded" in told.out
        assert "parked_event_dropped" in told.err
        assert "无法识别" in told.err
        row = (await rows_of(registry, PROJECTS))["project-1"]
        assert str(row.percent) == "30"
        assert await _parked(registry, 0)
        await feed.send(history, history.tell("project-1", reported(40, "2023-04")))
        await until(lambda: _percent(registry, "40"))


async def _percent(database: Database, wanted: str) -> bool:
    return str((await rows_of(database, PROJECTS))["project-1"].percent) == wanted


async def test_a_stopped_partition_is_told_of_and_goes_on(
    guatu: Guatu, registry: Database, kafka: str, feed: Feed
) -> None:
    history = lives()
    await make_tables(registry, [PROJECTS])
    place = (8, Topic.PROJECT)
    async with followed(registry, kafka) as projector:
        await until(projector.ready)
    async with registry.driver() as connection:
        beginning = (await offsets.read(connection, PROJECTS))[place].next
        await _set_place(connection, beginning + 1_000_000)
    await feed.send(history, history.events)
    async with followed(registry, kafka) as projector:
        await until(lambda: bool(projector.stopped()["project"]), what="a stopped partition")
        told = await guatu("views", "list", "--service", "registry")
        assert told.status == 1
        assert re.search(rf"registry project {NOW} views\.project_{NOW} \d+ \d+ 1 0\b", told.out)
        assert "registry, project, project.events.v1/8 stands still: offset " in told.out
        async with registry.driver() as connection:
            await _set_place(connection, beginning)
        told = await guatu("views", "go-on", "--service", "registry", "--view", "project")
        assert (told.status, told.out) == (0, "registry, project, project.events.v1/8 may go on.")
        await come_to(registry, history)
        assert projector.stopped() == {"project": {}}
    assert (await guatu("views", "go-on")).out == "Nothing stands still."
    told = await guatu("views", "list")
    assert told.status == 0
    assert {"registry", "scoring", "alerts", "reporting"} <= set(told.out.split())
    assert "none yet" in told.out


async def _set_place(connection: asyncpg.Connection, offset: int) -> None:
    await connection.execute("update offsets set next = $1 where partition = 8 and topic = $2", offset, Topic.PROJECT)


async def test_a_view_is_built_again_while_its_projector_runs(
    guatu: Guatu, registry: Database, kafka: str, feed: Feed
) -> None:
    history = lives(20)
    await feed.send(history, history.events)
    async with followed(registry, kafka):
        await come_to(registry, history)
        async with registry.driver() as connection:
            await connection.execute(f"update {PROJECTS.sql_name} set title = 'wrong'")
        building = asyncio.create_task(guatu("views", "rebuild", "registry", "project"))
        while not building.done():
            await feed.send(history, history.tell("project-3", reported(len(history.events) % 100, "2023-09")))
            await asyncio.wait([building], timeout=0.05)
        told = building.result()
        assert (told.status, told.err) == (0, "")
        assert re.fullmatch(rf"registry, project {NOW}: built from \d+ records in \d+\.\d s\.", told.out)
        await come_to(registry, history)


async def test_what_is_not_read_any_more_is_taken_away_unless_somebody_follows_it(
    guatu: Guatu, registry: Database, kafka: str, feed: Feed
) -> None:
    old, later = replace(PROJECTS, version=0), replace(PROJECTS, version=NOW + 6)
    await make_tables(registry, [old, PROJECTS, later, beside(PROJECTS)])
    async with followed(registry, kafka, old) as projector:
        await until(projector.ready)
        told = await guatu("views", "list", "--view", "project", "--service", "registry")
        assert "registry, views.project_0: superseded." in told.out
        assert f"registry, views.project_anew_{NOW}: a build that is not finished." in told.out
        assert f"registry, views.project_{NOW + 6}: of a later code." in told.out
        told = await guatu("views", "prune", "--service", "registry", "--yes")
        assert told.status == 1
        assert "Processes follow the view project, version 0: stop them first (1)." in told.err
        assert f"project_anew_{NOW}: dropped" in told.out
    told = await guatu("views", "prune", "--service", "registry", "--yes")
    assert (told.status, told.err) == (0, "")
    async with registry.driver() as connection:
        tables = await connection.fetch("select tablename from pg_tables where schemaname = 'views'")
        assert await offsets.read(connection, old) == {}
    assert {row[0] for row in tables} == {f"project_{NOW}", f"project_{NOW + 6}"}
    assert (await guatu("views", "prune")).out == "There is no table that is not read."


async def test_a_key_of_which_nothing_is_parked_is_refused(guatu: Guatu, registry: Database) -> None:
    told = await guatu("parked", "retry", "--service", "registry", "--key", "project-9")
    assert (told.status, told.out, told.err) == (1, "", "No event of project-9 is parked.")


async def test_databases_that_are_not_set_up_are_told_of(guatu: Guatu, postgres: str) -> None:
    await _drop_databases(postgres)
    try:
        told = await guatu("parked", "list")
        assert told.status == 1
        assert "is not set up" in told.err
        assert "guatu migrate does it." in told.err
    finally:
        await migrate_all_async(postgres, SERVICES)


async def test_a_projector_whose_view_was_changed_under_the_same_version_says_so_and_ends(
    server: str, registry: Database, kafka: str
) -> None:
    await make_tables(registry, [PROJECTS])
    async with registry.driver() as connection:
        await connection.execute(f"alter table {PROJECTS.sql_name} drop column title, add column heading text")
    env = {**os.environ, "GUATU_DATABASE": server, "GUATU_KAFKA": kafka, "GUATU_AUTH": "local"}
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "services.registry", "--role", "projector"),
        cwd=PROJECT,
        env={**env, "GUATU_LOG_FORMAT": "json", "GUATU_PORT": str(free_port())},
        stderr=asyncio.subprocess.PIPE,
    )
    async with asyncio.timeout(60):
        _, err = await process.communicate()
    assert process.returncode == 3
    [reason] = [line["reason"] for line in map(orjson.loads, err.splitlines()) if line["event"] == "view_changed"]
    assert f"The view project was changed, and its version is still {NOW}: column title is absent" in reason
    assert "guatu views rebuild <service> project" in reason
