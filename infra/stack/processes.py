"""The services and the gateway as processes: start, stop, health. No supervisor: who looks sees the truth."""

import http.client
import json
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from infra.stack.detached import end, is_alive, spawn
from infra.stack.failure import StackError
from infra.stack.folders import PROJECT
from infra.stack.ports import LOOPBACK
from infra.stack.signals import heed
from infra.stack.workspace import Process

GATEWAY = "gateway"
STOP_WITHIN = 15.0
_READY = "ready"
_SILENT = "no answer"


def start_service(
    name: str, role: str, env: Mapping[str, str], port: int, *, log: Path, label: str | None = None
) -> Process:
    """Start one replica of a service in a role (all, api, relay or projector); it is not waited for.

    `env` is added to this process's own; `label` tells replicas apart, the service's name by default.
    """
    command = [sys.executable, "-m", f"services.{name}", "--role", role]
    return _start(label or name, command, env, port, log)


def start_gateway(env: Mapping[str, str], port: int, *, routes: Mapping[str, Sequence[str]], log: Path) -> Process:
    """Start the gateway; `routes` has the origins of each service's replicas. It is not waited for."""
    routed = {**env, "GUATU_ROUTES": json.dumps({name: list(origins) for name, origins in routes.items()})}
    return _start(GATEWAY, [sys.executable, "-m", "infra.gateway"], routed, port, log)


def stop(
    processes: Iterable[Process],
    *,
    grace: float = STOP_WITHIN,
    report: Callable[[Process], object] = lambda _: None,
) -> list[Process]:
    """Stop processes together, reporting each that stopped; returns those that were killed after `grace` s."""
    known = {process.running: process for process in processes}
    killed = end(known, grace=grace, ended=lambda running: report(known[running]))
    return [known[running] for running in killed]


def health(port: int) -> str:
    """What GET /health/ready says at a port of the loopback: "ready", or why not in a line."""
    connection = http.client.HTTPConnection(LOOPBACK, port, timeout=2)
    try:
        connection.request("GET", "/health/ready")
        answer = connection.getresponse()
        body = answer.read(2000).decode(errors="replace")
    except (OSError, http.client.HTTPException):
        return _SILENT
    finally:
        connection.close()
    return _READY if answer.status == 200 else " ".join(f"not ready ({answer.status}): {body}".split())[:200]


def lives(process: Process, *, seconds: float = 2) -> bool:
    """Whether a process answers or is, though silent, still there after a while; one just killed is neither."""
    deadline = time.monotonic() + seconds
    while is_alive(process.running):
        if health(process.port) != _SILENT or time.monotonic() > deadline:
            return True
        time.sleep(0.05)
    return False


def is_ready(process: Process) -> bool:
    """Whether a process takes work."""
    return health(process.port) == _READY


def wait_ready(
    processes: Iterable[Process], *, seconds: float = 120, report: Callable[[Process], object] = lambda _: None
) -> None:
    """Wait until all take work, reporting each; StackError if one ends before or the time is over."""
    waiting = list(processes)
    deadline = time.monotonic() + seconds
    while waiting:
        heed()
        for process in list(waiting):
            if is_ready(process):
                waiting.remove(process)
                report(process)
            elif not is_alive(process.running):
                raise StackError(f"{process.name} ended before it was ready.", process.log)
        if waiting and time.monotonic() > deadline:
            late = waiting[0]
            raise StackError(f"{late.name} after {seconds:.0f} s: {health(late.port)}.", late.log)
        time.sleep(0.05)


def _start(name: str, command: Sequence[str], env: Mapping[str, str], port: int, log: Path) -> Process:
    own = {**env, "GUATU_PORT": str(port), "PYTHONUNBUFFERED": "1"}
    running = spawn(command, log=log, env=own, cwd=PROJECT)
    return Process(name, running.pid, running.created, port, log)
