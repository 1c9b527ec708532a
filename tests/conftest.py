"""What all tests share: real servers, started once, and a fresh database for each test that wants one."""

import signal
from collections.abc import AsyncIterator, Iterator
from uuid import uuid4

import pytest
import structlog
from hypothesis import settings

from shared.database import Database, database_url
from shared.migrate import migrate_all_async
from tests import servers

settings.register_profile("guatu", deadline=None)  # how fast an example runs is the machine's affair
settings.load_profile("guatu")


def pytest_configure() -> None:
    """Ended by SIGTERM, the tests stop their servers as after Ctrl-C. Tracebacks come without all the variables."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    plain = structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
    structlog.configure(processors=[*structlog.get_config()["processors"][:-1], plain])


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
    name = f"t{uuid4().hex[:8]}"
    await migrate_all_async(postgres, [name])
    database = Database(database_url(postgres, name), name=f"test-{name}")
    yield database
    await database.dispose()
