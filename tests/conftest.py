"""What all tests share: real servers, started once, and a fresh database for each test that wants one."""

import os
import signal
from collections.abc import AsyncIterator, Iterator
from typing import Any
from uuid import uuid4

import pytest
import structlog
from hypothesis import settings
from xdist.scheduler import LoadFileScheduling

from shared.database import Database
from tests import servers
from tests.databases import fresh_database

settings.register_profile("guatu", deadline=None)  # how fast an example runs is the machine's affair
settings.load_profile("guatu")


def pytest_configure() -> None:
    """Ended by SIGTERM, the tests stop their servers as after Ctrl-C. Tracebacks come without all the variables."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    plain = structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
    structlog.configure(processors=[*structlog.get_config()["processors"][:-1], plain])
    os.environ.setdefault(servers.RUN, uuid4().hex)


def pytest_unconfigure(config: pytest.Config) -> None:
    """Whoever has workers stops what they leave behind: after Ctrl-C they are killed before they are through."""
    if config.pluginmanager.hasplugin("dsession"):
        servers.stop_remains(os.environ[servers.RUN])


def pytest_xdist_auto_num_workers() -> int:
    """A worker a core, each with servers of its own; none where servers are named, which all would share."""
    named = {"GUATU_KAFKA", "GUATU_DATABASE"} & set(os.environ)
    return 0 if named else min(os.cpu_count() or 1, 4)


class _ByServers(LoadFileScheduling):
    """A file is run by one worker; all that needs the platform is run by one too, so that it is started once."""

    def _split_scope(self, nodeid: str) -> str:
        file = super()._split_scope(nodeid)
        return "tests/e2e" if file.startswith("tests/e2e/") and "desk" not in file else file


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> _ByServers:
    """The order is kept: what takes longest stands first."""
    return _ByServers(config, log)


def pytest_report_header() -> str:
    """Where the servers come from."""
    return servers.where()


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a PostgreSQL server that the tests may do anything with."""
    with servers.postgres(tmp_path_factory.mktemp("postgres")) as url:
        yield url


@pytest.fixture(scope="session")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The bootstrap servers of a Kafka cluster without topics."""
    with servers.kafka(tmp_path_factory.mktemp("kafka")) as bootstrap:
        yield bootstrap


@pytest.fixture
async def database(postgres: str) -> AsyncIterator[Database]:
    """A fresh service database, migrated, acting as the services' role."""
    async with fresh_database(postgres) as database:
        yield database
