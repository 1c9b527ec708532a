"""The whole platform as processes on real Kafka and PostgreSQL, with the small year played."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from infra import demo
from infra.scenario.compare import Row
from infra.scenario.model import Scenario, read
from infra.stack import lifecycle
from infra.stack.workspace import Workspace, workspace
from infra.terminal import Steps, console
from tests import servers
from tests.e2e.desks import Desks, running_desks

SMALL = Path(__file__).parents[2] / "scenarios" / "small.toml"
PIECES = ("registry", "scoring", "alerts", "reporting", "gateway")


@dataclass(frozen=True)
class Platform:
    """A running platform, what was played on it and what its bulletin said."""

    address: str
    kafka: str
    database: str
    workspace: Workspace
    journal: Path
    scenario: Scenario
    rows: list[Row]
    environment: dict[str, str]
    """What its processes were configured with."""


@pytest.fixture(scope="package")
def platform(kafka: str, postgres: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    """Start every service and the gateway on the tests' own servers, and play the small year."""
    scenario = read(SMALL)
    home = tmp_path_factory.mktemp("platform")
    named = {
        "GUATU_HOME": str(home),
        "GUATU_KAFKA": kafka,
        "GUATU_DATABASE": postgres,
        "GUATU_BOOTSTRAP_ADMIN": demo.admin_of(scenario),
        "GUATU_LOG_FORMAT": "json",
    }
    journal = home / "acknowledged.ndjson"
    with pytest.MonkeyPatch.context() as patch:
        for name, value in named.items():
            patch.setenv(name, value)
        place = workspace("platform")
        with Steps(console) as steps:
            stack = lifecycle.up(place, steps, port=servers.free_port(), only=PIECES, clock="scenario")
            try:
                rows = asyncio.run(demo.played(scenario, demo.plot_of(scenario), stack.address, journal))
                yield Platform(stack.address, kafka, postgres, place, journal, scenario, rows, stack.environment)
            finally:
                lifecycle.down(place, steps)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desks]:
    """A small county whose days begin as the desks' tests need them."""
    with running_desks(tmp_path_factory) as desks:
        yield desks
