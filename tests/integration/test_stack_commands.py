"""`guatu` with a real broker and database server: up, down, status, what a crash leaves, two scenarios at once."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import psutil
import pytest

from infra.stack import kafka, postgres, requirements
from infra.stack.failure import StackError
from infra.stack.folders import PROJECT
from infra.stack.workspace import Workspace
from tests.serving import refusing

try:
    requirements.java()
except StackError as missing:
    pytest.skip(f"the local stack cannot run: {missing}", allow_module_level=True)

SERVERS = ("--only", "kafka,postgres")
Guatu = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Where this test's scenarios lie."""
    return tmp_path / "home"


@pytest.fixture
def guatu(home: Path) -> Iterator[Guatu]:
    """The command line in a process of its own; what it started is stopped at the end."""

    def run(*arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [sys.executable, "-m", "infra.cli", *arguments],
            cwd=PROJECT,
            env={**clean_environment(home), **environment},
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )

    yield run
    told = run("down", "--all")
    assert told.returncode == 0, told.stderr


def clean_environment(home: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GUATU_")}
    return {**kept, "GUATU_HOME": str(home), "COLUMNS": "160"}


def place(home: Path, name: str = "default") -> Workspace:
    return Workspace(name, home / name)


def running(home: Path, name: str = "default") -> tuple[int, int]:
    """The process ids of the broker and the database server."""
    broker, server = kafka.find(place(home, name).kafka), postgres.find(place(home, name).postgres)
    assert broker is not None
    assert server is not None
    return broker.pid, server.pid


def test_up_again_starts_only_what_a_crash_took_and_down_stops_all(guatu: Guatu, home: Path):
    told = guatu("up", *SERVERS)
    assert told.returncode == 0, told.stderr
    assert "topics: 7 made" in told.stdout
    broker, server = running(home)

    told = guatu("up", *SERVERS)
    assert told.returncode == 0, told.stderr
    assert "It ran already." in told.stdout
    assert running(home) == (broker, server)

    os.kill(broker, signal.SIGKILL)
    told = guatu("up", *SERVERS)
    assert told.returncode == 0, told.stderr
    assert "topics: as declared" in told.stdout
    assert running(home)[0] != broker
    assert running(home)[1] == server

    told = guatu("topics", "list")
    assert told.stdout.count("as declared") == 7
    told = guatu("status")
    assert told.returncode == 1  # the services do not run
    assert "gateway" in told.stdout

    told = guatu("down")
    assert told.returncode == 0, told.stderr
    assert kafka.find(place(home).kafka) is None
    assert postgres.find(place(home).postgres) is None
    assert "nothing runs" in guatu("down").stdout


def test_two_scenarios_run_side_by_side(guatu: Guatu, home: Path):
    for name in ("one", "two"):
        told = guatu("up", "--scenario", name, *SERVERS)
        assert told.returncode == 0, told.stderr
    assert set(running(home, "one")).isdisjoint(running(home, "two"))
    assert "Several run: two, one" in guatu("status").stderr
    assert guatu("down", "--scenario", "one").returncode == 0
    assert kafka.find(place(home, "one").kafka) is None
    running(home, "two")


def test_when_one_server_cannot_start_the_other_is_stopped_again(guatu: Guatu, home: Path):
    folder = place(home).postgres
    (folder / "cluster").mkdir(parents=True)  # data whose password is gone
    told = guatu("up", *SERVERS)
    assert told.returncode == 1
    assert "password of PostgreSQL's data is gone" in " ".join(told.stderr.split())
    assert kafka.find(place(home).kafka) is None
    assert not any(process_of_home(home))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_an_interrupted_up_leaves_nothing_running(number: signal.Signals, guatu: Guatu, home: Path):
    command = [sys.executable, "-m", "infra.cli", "up", *SERVERS]
    up = subprocess.Popen(
        command, cwd=PROJECT, env=clean_environment(home), stderr=subprocess.PIPE, stdout=subprocess.DEVNULL
    )
    deadline = time.monotonic() + 60
    while not any(process_of_home(home)):
        assert time.monotonic() < deadline
        assert up.poll() is None
        time.sleep(0.01)
    up.send_signal(number)
    _, told = up.communicate(timeout=60)
    assert up.returncode == 130
    assert b"Interrupted" in told
    assert not any(process_of_home(home))


def process_of_home(home: Path) -> Iterator[psutil.Process]:
    """Every process that was started for a scenario below `home`, the command line's own excepted."""
    for process in psutil.process_iter(["cmdline"]):
        if any(str(home) in part for part in process.info["cmdline"] or ()):
            yield process


def test_servers_named_in_the_environment_are_used_and_none_started(
    guatu: Guatu, home: Path, kafka: str, postgres: str
):
    told = guatu("up", *SERVERS, GUATU_KAFKA=kafka, GUATU_DATABASE=postgres)
    assert told.returncode == 0, told.stderr
    assert not any(process_of_home(home))
    told = guatu("status", GUATU_KAFKA=kafka, GUATU_DATABASE=postgres)
    assert told.stdout.count("ready, named in GUATU_") == 2


def test_a_server_that_the_environment_names_and_that_is_gone_is_told_of_with_the_variable(guatu: Guatu, home: Path):
    gone = urlsplit(refusing()).netloc
    for given, variable in (
        ({"GUATU_KAFKA": gone}, "GUATU_KAFKA"),
        ({"GUATU_DATABASE": f"postgresql://someone:hush@{gone}"}, "GUATU_DATABASE"),
    ):
        told = guatu("up", *SERVERS, **given)
        assert told.returncode == 1
        assert f"Nothing answers at {gone}, which {variable} in the environment names." in told.stderr
        assert "hush" not in told.stderr
        assert not any(process_of_home(home))
        place(home).save(place(home).load())
        assert f"does not answer, named in {variable}" in guatu("status", **given).stdout


def test_without_java_nothing_is_started(guatu: Guatu, home: Path):
    told = guatu("up", *SERVERS, PATH="", JAVA_HOME="")
    assert told.returncode == 1
    assert "Java is missing" in told.stderr
    assert not any(process_of_home(home))
