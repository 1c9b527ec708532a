"""The platform in containers, as docker-compose.yml has it: built, played on, scaled, killed and stopped."""

import asyncio
import json
import os
import re
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from infra import demo, topics
from infra.scenario.client import Client, caught_up
from infra.scenario.compare import Row
from infra.scenario.model import read
from infra.scenario.player import SERVICES
from infra.stack.folders import PROJECT
from tests import servers
from tests.e2e.conftest import SMALL

pytestmark = [pytest.mark.long, pytest.mark.timeout(1800)]  # the image is built within it

IMAGES = (servers.KAFKA_IMAGE, servers.POSTGRES_IMAGE, "python:3.11-slim")
RUNNING = {*SERVICES, "gateway", "kafka", "postgres"}
SCENARIO = read(SMALL)
REVIEWER = "340822-reviewer-1"


@dataclass(frozen=True)
class Compose:
    """The project's containers under a name, an image and ports of their own."""

    name: str
    port: int
    kafka_port: int

    @property
    def origin(self) -> str:
        """The gateway's."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def environment(self) -> dict[str, str]:
        """What the file is filled in with; nothing of it comes from whoever runs the tests."""
        others = {name: value for name, value in os.environ.items() if not name.startswith(("GUATU_", "COMPOSE_"))}
        return {
            **others,
            "GUATU_IMAGE": self.name,
            "GUATU_PORT": str(self.port),
            "GUATU_KAFKA_PORT": str(self.kafka_port),
            "GUATU_CLOCK": "scenario",
            "GUATU_BOOTSTRAP_ADMIN": demo.admin_of(SCENARIO),
        }

    def __call__(self, *arguments: str) -> str:
        """`docker compose …`; gives what it printed. AssertionError if it fails."""
        files = ("--project-name", self.name, "--project-directory", str(PROJECT), "--env-file", os.devnull)
        return docker("compose", *files, *arguments, environment=self.environment)

    @contextmanager
    def explaining(self) -> Iterator[None]:
        """What fails within is told together with the last lines of every log."""
        try:
            yield
        except Exception as failure:
            failure.add_note(self("logs", "--tail", "40"))
            raise

    def containers(self) -> list[dict[str, Any]]:
        """Every container as the engine has it, by `docker inspect`."""
        return json.loads(docker("inspect", *self("ps", "--all", "--quiet").split()))

    def container(self, service: str) -> dict[str, Any]:
        """The only container of a service."""
        (found,) = [each for each in self.containers() if service_of(each) == service]
        return found


def docker(*arguments: str, environment: dict[str, str] | None = None) -> str:
    """Run a command of Docker's; AssertionError with its words if it fails."""
    done = subprocess.run(["docker", *arguments], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"docker {' '.join(arguments)}: {done.stderr}"
    return done.stdout


def service_of(container: dict[str, Any]) -> str:
    """The service that a container is one of."""
    return container["Config"]["Labels"]["com.docker.compose.service"]


def compose_lacks() -> str | None:
    """In words why there is no `docker compose`; None if there is."""
    try:
        docker("compose", "version")
    except (FileNotFoundError, AssertionError) as error:
        return f"docker compose does not run: {error}"
    return None


@pytest.fixture(scope="module")
def compose() -> Iterator[Compose]:
    """The platform, up and healthy; removed with its data in the end."""
    lacking = servers.engine_lacks(*IMAGES) or compose_lacks()
    if lacking:
        pytest.skip(f"the platform in containers was not tried: {lacking}")
    port = servers.free_port()
    made = Compose(f"guatu-tests-{os.getpid()}", port, servers.free_port(besides=port))
    try:
        with made.explaining():
            made("up", "--build", "--wait", "--wait-timeout", "300")
        yield made
    finally:
        made("down", "--volumes", "--remove-orphans", "--rmi", "local", "--timeout", "3")
        docker("image", "rm", "--force", made.name)


def test_everything_is_healthy_and_set_up(compose: Compose) -> None:
    containers = compose.containers()
    assert {service_of(each) for each in containers} == {*RUNNING, "set-up"}
    for each in containers:
        if service_of(each) == "set-up":
            assert (each["State"]["Status"], each["State"]["ExitCode"]) == ("exited", 0)
        else:
            assert each["State"]["Health"]["Status"] == "healthy", service_of(each)


def test_the_broker_answers_outside_and_has_the_topics_as_declared(compose: Compose) -> None:
    declared = topics.declared(1)
    there = asyncio.run(topics.present(f"127.0.0.1:{compose.kafka_port}", declared))
    assert [topics.differences(topic, there[topic.name]) for topic in declared] == [[]] * len(declared)


def test_nothing_of_ours_runs_as_root_or_carries_a_server(compose: Compose) -> None:
    for service in (*SERVICES, "gateway"):
        assert compose("exec", service, "id", "-u").strip() != "0"
    packages = compose("exec", "registry", "python", "-m", "pip", "list", "--format", "freeze")
    assert "guatu==" in packages
    assert "pixeltable" not in packages


def disturb(compose: Compose) -> None:
    """Kill every process of the registry, then scale scoring; ends when all is healthy again."""
    compose("exec", "registry", "sh", "-c", "kill -9 -1")
    compose("up", "--detach", "--wait", "--scale", "scoring=3")


@dataclass(frozen=True)
class Played:
    """What came of a year."""

    rows: list[Row]
    journal: Path


@pytest.fixture(scope="module")
def played(compose: Compose, tmp_path_factory: pytest.TempPathFactory) -> Played:
    """Play the small year over the published port, disturbed."""
    journal = tmp_path_factory.mktemp("journal") / "acknowledged.ndjson"
    with ThreadPoolExecutor(1) as aside, compose.explaining():
        disturbance = aside.submit(disturb, compose)
        rows = asyncio.run(demo.played(SCENARIO, demo.plot_of(SCENARIO), compose.origin, journal))
        disturbance.result()
    return Played(rows, journal)


def test_every_figure_is_the_published_one_though_the_registry_was_killed(compose: Compose, played: Played) -> None:
    assert {row.figure: row.counted for row in played.rows if not row.same} == {}
    assert len(played.rows) == 17
    assert compose.container("registry")["RestartCount"] > 0


def test_every_replica_of_a_scaled_service_is_asked(compose: Compose, played: Played) -> None:
    ask = "from urllib.request import urlopen; print(urlopen('http://127.0.0.1:8000/metrics').read().decode())"
    for number in ("1", "2", "3"):
        metrics = compose("exec", "--index", number, "scoring", "python", "-c", ask)
        counts = re.findall(r"^guatu_commands_total\{.*\} (\S+)$", metrics, re.MULTILINE)
        assert sum(map(float, counts)) > 0, number


def test_a_person_signs_in_and_sees_the_wall(compose: Compose, played: Played) -> None:
    html = {"Accept": "text/html"}
    with httpx.Client(
        base_url=compose.origin, headers=html, follow_redirects=True, timeout=30, trust_env=False
    ) as browser:
        choice = browser.get("/wall/340800")
        assert choice.url.path == "/oidc/authorize"
        assert (
            "340800-supervisor-1" in browser.get(choice.url.copy_merge_params({"search": "340800-supervisor-1"})).text
        )
        wall = browser.post(choice.url, data={"person": "340800-supervisor-1"})
        assert (wall.status_code, wall.url.path) == (200, "/wall/340800")
        assert "安庆" in wall.text
        style = re.search(r"/static/wall\.css\?v=\w+", wall.text)
        assert style is not None
        assert browser.get(style[0]).status_code == 200


async def recognise(compose: Compose, name: str) -> dict[str, Any]:
    """One more command, and a wait until every view has what came of it."""
    client = Client(compose.origin)
    try:
        body = {"name": name, "unit": "340822100", "county": "340822"}
        reply = await client.command(REVIEWER, "/registry/brands/recognise", body, key=name)
        await caught_up(client, REVIEWER, SERVICES)
    finally:
        await client.close()
    return reply


@pytest.mark.parametrize("server", ["kafka", "postgres"])
def test_after_a_server_was_killed_all_goes_on(compose: Compose, played: Played, server: str) -> None:
    compose("kill", "--signal", "KILL", server)
    compose("up", "--detach", "--wait")
    assert asyncio.run(recognise(compose, f"重启{server}"))["version"] == 1


def test_every_acknowledged_command_is_in_the_stores(compose: Compose, played: Played) -> None:
    versions: dict[str, int] = {}
    for service in SERVICES:
        select = ("--tuples-only", "--no-align", "--command", "select stream, version from streams")
        lines = compose("exec", "postgres", "psql", "--username", "postgres", f"guatu_{service}", *select).split()
        versions |= {stream: int(version) for stream, _, version in (line.partition("|") for line in lines)}
    entries = [json.loads(line) for line in played.journal.read_bytes().splitlines()]
    replies = [entry["reply"] for entry in entries if entry["reply"]]
    assert len(replies) > 2000
    assert [reply for reply in replies if versions.get(reply["stream"], 0) < reply["version"]] == []


def test_all_stop_by_themselves_when_asked(compose: Compose) -> None:
    compose("stop", "--timeout", "60")
    killed = {service_of(each) for each in compose.containers() if each["State"]["ExitCode"] == 137}
    assert killed == set()
