"""Services as processes: their health, the wait for it, their end; played by small servers that do as told."""

import os
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from infra.stack import detached, ports, processes
from infra.stack.failure import StackError
from infra.stack.workspace import Process

SERVER = """
import http.server, os, pathlib, signal, sys
port, gate = int(sys.argv[1]), pathlib.Path(sys.argv[2])
if "deaf" in sys.argv:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
class Health(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        ready = self.path == "/health/ready" and gate.exists()
        self.send_response(200 if ready else 503)
        self.end_headers()
        self.wfile.write(b"ok" if ready else b"catching up")
http.server.ThreadingHTTPServer(("127.0.0.1", port), Health).serve_forever()
"""
Start = Callable[..., Process]


@pytest.fixture
def gate(tmp_path: Path) -> Path:
    """The servers are ready once this file is there."""
    return tmp_path / "gate"


@pytest.fixture
def start(tmp_path: Path, gate: Path) -> Iterator[Start]:
    """Start a server under a name."""
    started: list[Process] = []

    def run(name: str, *manners: str) -> Process:
        port, log = ports.free_port(), tmp_path / f"{name}.log"
        running = detached.spawn([sys.executable, "-c", SERVER, str(port), str(gate), *manners], log=log)
        started.append(Process(name, running.pid, running.created, port, log))
        detached.wait_ready(running, lambda: not ports.is_free(port), name=name, log=log, seconds=20)
        return started[-1]

    yield run
    detached.end([process.running for process in started], polite=signal.SIGKILL)


def test_health_is_what_the_process_says_of_itself(start: Start, gate: Path):
    process = start("registry")
    assert processes.health(process.port) == "not ready (503): catching up"
    gate.touch()
    assert processes.is_ready(process)
    assert processes.health(ports.free_port()) == "no answer"


def test_the_wait_reports_each_and_ends_when_all_are_ready(start: Start, gate: Path):
    both = [start("registry"), start("scoring")]
    gate.touch()
    reported: list[Process] = []
    processes.wait_ready(both, seconds=20, report=reported.append)
    assert reported == both


def test_the_wait_says_who_was_late_and_why(start: Start):
    process = start("registry")
    with pytest.raises(StackError, match=r"registry after 0 s: not ready \(503\): catching up") as raised:
        processes.wait_ready([process], seconds=0.1)
    assert raised.value.log == process.log


def test_the_wait_ends_with_a_process_that_dies(start: Start):
    both = [start("registry"), start("scoring")]
    os.kill(both[1].pid, signal.SIGKILL)
    with pytest.raises(StackError, match="scoring ended before it was ready"):
        processes.wait_ready(both, seconds=60)


def test_one_just_killed_does_not_live_and_a_silent_one_does(start: Start):
    killed, silent = start("registry"), start("scoring")
    os.kill(killed.pid, signal.SIGKILL)
    assert not processes.lives(killed)
    os.kill(silent.pid, signal.SIGSTOP)
    assert processes.lives(silent, seconds=0.1)


def test_all_are_stopped_and_the_deaf_ones_killed_and_named(start: Start):
    polite, deaf = start("registry"), start("scoring", "deaf")
    reported: list[Process] = []
    assert processes.stop([polite, deaf], grace=1, report=reported.append) == [deaf]
    assert reported == [polite]
    assert not detached.is_alive(polite.running)
    assert not detached.is_alive(deaf.running)
