"""What an operator does to the services' views and parked events, with each service's own code and database."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from importlib import import_module
from typing import Any, TypeVar

import asyncpg
import stamina
from aiokafka.errors import KafkaError
from pydantic import ValidationError
from sqlalchemy.exc import SQLAlchemyError

from infra.services import SERVICES
from infra.stack.aside import aside
from infra.stack.failure import StackError
from infra.stack.servers import address
from shared import log, offsets
from shared.consume import VIEW_CHANNEL
from shared.contracts.event import source_of
from shared.database import Database, database_url
from shared.errors import GuatuError
from shared.kit import Service
from shared.leftovers import Leftover, leftovers, prune
from shared.parked import ParkedKey, Retried, drop, list_parked, retry
from shared.problem_texts import phrase, text_of
from shared.rebuild import Progress, Rebuilt
from shared.reconcile import Outrun, Reactions
from shared.renewal import renew
from shared.settings import Rules, refused
from shared.status import ViewStatus, status_of
from shared.view import View
from shared.view_table import ViewChanged

T = TypeVar("T")


@dataclass(frozen=True)
class ViewOf:
    """A view, and the service that it belongs to."""

    service: Service
    view: View[Any]


@dataclass(frozen=True)
class ParkedOf(ViewOf):
    """A parked key of a view."""

    parked: ParkedKey


@dataclass(frozen=True)
class Standing(ViewOf):
    """How a view stands; `rows` is None while it has no table."""

    status: ViewStatus
    rows: int | None


@dataclass(frozen=True)
class LeftoverOf:
    """A table that a service's code does not read any more."""

    service: Service
    leftover: Leftover


def views_of(service: str | None, view: str | None) -> list[ViewOf]:
    """The views of this name in this service, or in all; StackError if there is none, or a rule is refused."""
    if service is not None and service not in SERVICES:
        raise StackError(f"There is no service {service}; the services are {', '.join(SERVICES)}.")
    all_of_them = [ViewOf(one, each) for one in _services(service) for each in one.views]
    found = [each for each in all_of_them if view in (None, each.view.name)]
    if not found:
        there = ", ".join(sorted({each.view.name for each in all_of_them}))
        raise StackError(f"There is no view {view}{f' in {service}' if service else ''}; there are {there}.")
    return found


def _services(name: str | None) -> list[Service]:
    try:
        rules = Rules()
    except ValidationError as error:
        raise StackError(refused(Rules, error)) from error
    return [import_module(f"services.{each}.app").service(rules) for each in SERVICES if name in (None, each)]


def carried_out(server: str, work: Callable[[], Awaitable[T]]) -> T:
    """Do something to the databases of a server; what can go wrong becomes a StackError."""
    log.configure("guatu", form="auto", level="WARNING")
    try:
        return aside(work)
    except GuatuError as error:
        text = text_of(error.code)
        raise StackError(phrase(text, "en", error.detail) if text else str(error)) from error
    except ViewChanged as error:
        raise StackError(str(error)) from error
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, SQLAlchemyError) as error:
        raise StackError(_of_postgres(address(server), error)) from error
    except KafkaError as error:
        raise StackError(f"Kafka: {error}") from error


def _of_postgres(place: str, error: BaseException) -> str:
    """What PostgreSQL said, without what SQLAlchemy says around it."""
    while isinstance(error, SQLAlchemyError) and error.__cause__ is not None:
        error = error.__cause__
    said = str(error.__cause__ if isinstance(error.__cause__, asyncpg.PostgresError) else error)
    if isinstance(error.__cause__ or error, asyncpg.InvalidCatalogNameError | asyncpg.UndefinedTableError):
        return f"PostgreSQL at {place} is not set up: {said}. guatu migrate does it."
    return f"PostgreSQL at {place}: {said}"


@asynccontextmanager
async def _database(server: str, service: Service) -> AsyncGenerator[Database]:
    database = Database(database_url(server, service.name), name="guatu-upkeep", size=5)
    try:
        yield database
    finally:
        await database.dispose()


async def parked_keys(server: str, views: Sequence[ViewOf], key: str | None) -> list[ParkedOf]:
    """What is parked, in the order of the services; of one key if it is named."""
    found: list[ParkedOf] = []
    for each in views:
        async with _database(server, each.service) as database, database.driver() as connection:
            parked = await list_parked(connection, each.view)
        found += [ParkedOf(each.service, each.view, one) for one in parked if key in (None, one.key)]
    return found


async def retry_parked(server: str, one: ParkedOf) -> Retried:
    """Fold a key's parked events again, with what its service's reconcilers make of them."""

    async def again(connection: asyncpg.Connection, reactions: Reactions) -> Retried:
        return await retry(connection, one.view, one.parked.key, reactions)

    return await _tried(server, one, again)


async def drop_parked(server: str, one: ParkedOf, *, reason: str, by: str) -> Retried:
    """Leave out the event that was shown, and fold what waited behind it."""

    async def without(connection: asyncpg.Connection, reactions: Reactions) -> Retried:
        key = one.parked.key
        return await drop(connection, one.view, key, reason=reason, by=by, reactions=reactions, wanted=one.parked)

    return await _tried(server, one, without)


async def _tried(
    server: str, one: ViewOf, work: Callable[[asyncpg.Connection, Reactions], Awaitable[Retried]]
) -> Retried:
    """Do it again if a stream of the reconcilers' was written meanwhile; then tell those who look at the view."""
    async with _database(server, one.service) as database, database.driver() as connection:
        async for attempt in stamina.retry_context(on=Outrun, attempts=10, timeout=30):
            with attempt:
                reactions = Reactions(one.view, one.service.reconcilers, source_of(one.service.name))
                result = await work(connection, reactions)
                await connection.execute("select pg_notify($1, $2)", VIEW_CHANNEL, one.view.name)
                return result
    raise AssertionError("stamina gives the last error on")


async def standings(server: str, kafka: str, views: Sequence[ViewOf]) -> list[Standing]:
    """How each view stands, as the database and Kafka have it."""
    found: list[Standing] = []
    for service in _in_order(views):
        mine = [each.view for each in views if each.service is service]
        async with _database(server, service) as database:
            status = await status_of(database, kafka, mine)
            async with database.driver() as connection:
                for view, told in zip(mine, status.views, strict=True):
                    found.append(Standing(service, view, told, await _rows(connection, view)))
    return found


async def _rows(connection: asyncpg.Connection, view: View[Any]) -> int | None:
    table = view.sql_name
    if await connection.fetchval("select to_regclass($1)", table) is None:
        return None
    return await connection.fetchval(f"select count(*) from {table}")  # noqa: S608


async def leftovers_of(server: str, views: Sequence[ViewOf]) -> list[LeftoverOf]:
    """The tables of these views that the code does not read."""
    found: list[LeftoverOf] = []
    for service in _in_order(views):
        async with _database(server, service) as database:
            mine = [each.view for each in views if each.service is service]
            found += [LeftoverOf(service, one) for one in await leftovers(database, mine)]
    return found


async def prune_leftover(server: str, kafka: str, one: LeftoverOf) -> None:
    """Drop a table that is not read any more, with its places."""
    async with _database(server, one.service) as database:
        await prune(database, kafka, one.leftover, one.service.name)


async def let_go_on(server: str, one: ViewOf) -> list[str]:
    """Let a view's stopped partitions go on; says which."""
    async with _database(server, one.service) as database, database.driver() as connection:
        places = await offsets.go_on(connection, one.view)
    return [f"{topic}/{partition}" for partition, topic in sorted(places)]


async def renewed(server: str, kafka: str, one: ViewOf, *, resume: bool, progress: Progress) -> Rebuilt:
    """Build a view again, beside itself."""
    async with _database(server, one.service) as database:
        return await renew(database, kafka, one.view, one.service.name, resume=resume, progress=progress)


def _in_order(views: Sequence[ViewOf]) -> list[Service]:
    return list({each.service.name: each.service for each in views}.values())
