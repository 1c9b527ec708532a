"""The broker and the database server of a scenario: those named in the environment, else local ones."""

import os
import re
from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Protocol
from urllib.parse import urlsplit

from infra.stack import kafka, kafka_jars, kafka_ping, postgres
from infra.stack.failure import StackError
from infra.stack.ports import LOOPBACK
from infra.stack.requirements import java, maven
from infra.stack.workspace import Workspace
from shared.server_url import FORM, names_postgresql

KAFKA = "kafka"
POSTGRES = "postgres"


class Progress(Protocol):
    """Who is told of the steps of a start or a stop; called from several threads."""

    def begin(self, step: str) -> None:
        """A step has begun."""
        ...

    def done(self, step: str, note: str = "") -> None:
        """It is done; `note` says what came of it."""
        ...


@dataclass(frozen=True)
class Servers:
    """Where the two are, None where nothing runs: bootstrap servers; URLs for services and migrations."""

    kafka: str | None
    database: str | None = field(repr=False)
    owner: str | None = field(repr=False)


def address(url: str) -> str:
    """A URL without its scheme, user, password and options."""
    return re.sub(r"^[^:/]+://(.*@)?", "", url).partition("?")[0]


def named_kafka() -> str | None:
    """The cluster that GUATU_KAFKA names, used instead of a local broker."""
    return os.environ.get("GUATU_KAFKA") or None


def named_database() -> str | None:
    """The server that GUATU_DATABASE names, used instead of a local one."""
    return _postgresql("GUATU_DATABASE")


def named_owner() -> str | None:
    """The database server as its owner: GUATU_DATABASE_OWNER, else GUATU_DATABASE."""
    return _postgresql("GUATU_DATABASE_OWNER") or named_database()


def _postgresql(variable: str) -> str | None:
    url = os.environ.get(variable) or None
    if url is not None and not names_postgresql(url):
        raise StackError(f"{variable} is refused: {FORM}.")
    return url


def named_kafka_answers(bootstrap: str) -> bool:
    """Whether one of these brokers, `host:port` with commas between, answers."""
    places = (each.strip().rpartition(":") for each in bootstrap.split(","))
    return any(kafka_ping.answers(host, int(port)) for host, _, port in places if port.isdigit())


def named_database_answers(url: str) -> bool:
    """Whether a PostgreSQL server answers where a URL says."""
    place = urlsplit(url)
    return postgres.greets(place.hostname or LOOPBACK, place.port or 5432)


def require_named(which: Collection[str]) -> None:
    """Refuse when a server that is wanted is named in the environment and does not answer."""
    for name, variable, named, answers in (
        (KAFKA, "GUATU_KAFKA", named_kafka(), named_kafka_answers),
        (POSTGRES, "GUATU_DATABASE", named_database(), named_database_answers),
    ):
        if name in which and named and not answers(named):
            raise StackError(
                f"Nothing answers at {address(named)}, which {variable} in the environment names. "
                f"unset {variable}, and the local server is used."
            )


def current(workspace: Workspace) -> Servers:
    """The named or running servers."""
    broker = None if named_kafka() else kafka.find(workspace.kafka)
    server = None if named_database() else postgres.find(workspace.postgres)
    database = named_database() or (server.url if server else None)
    return Servers(
        kafka=named_kafka() or (broker.bootstrap if broker else None),
        database=database,
        owner=named_owner() or database,
    )


def require(workspace: Workspace) -> None:
    """Refuse in words when a local broker has to be started and cannot be."""
    if named_kafka() is None and kafka.find(workspace.kafka) is None:
        java()
        if not kafka_jars.folder().exists():
            maven()


def start(workspace: Workspace, which: Collection[str], progress: Progress, undo: ExitStack) -> None:
    """Start those of the two at the same time, unless named or running; `undo` stops what this started."""
    starts: list[Callable[[], None]] = []
    if KAFKA in which and named_kafka() is None:
        if kafka.find(workspace.kafka) is None:
            undo.callback(stop_kafka, workspace)
        starts.append(lambda: _start_kafka(workspace, progress))
    if POSTGRES in which and named_database() is None:
        if postgres.find(workspace.postgres) is None:
            undo.callback(stop_postgres, workspace)
        starts.append(lambda: _start_postgres(workspace, progress))
    with ThreadPoolExecutor(2) as threads:
        for ended in as_completed([threads.submit(each) for each in starts]):
            ended.result()


def stop_kafka(workspace: Workspace) -> bool | None:
    """Stop the local broker; False if it had to be killed, None if none ran."""
    broker = kafka.find(workspace.kafka)
    return None if broker is None else kafka.stop(broker)


def stop_postgres(workspace: Workspace) -> bool | None:
    """Stop the local database server; False if it had to be killed, None if none ran."""
    server = postgres.find(workspace.postgres)
    return None if server is None else postgres.stop(server)


def _start_kafka(workspace: Workspace, progress: Progress) -> None:
    if not kafka_jars.archive(java()).exists():
        progress.begin("Apache Kafka's jars")
        kafka.record_archive()
        progress.done("Apache Kafka's jars", "fetched once for all scenarios")
    before = kafka.find(workspace.kafka)
    progress.begin("Apache Kafka")
    broker = kafka.start(workspace.kafka, log=workspace.log(KAFKA))
    progress.done("Apache Kafka", f"{broker.bootstrap}{' (ran already)' if before else ''}")


def _start_postgres(workspace: Workspace, progress: Progress) -> None:
    before = postgres.find(workspace.postgres)
    progress.begin("PostgreSQL")
    server = postgres.start(workspace.postgres, log=workspace.log(POSTGRES))
    progress.done("PostgreSQL", f"{address(server.url)}{' (ran already)' if before else ''}")
