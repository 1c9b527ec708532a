"""Processes that outlive the command that started them, known by process id and start time."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

from infra.stack.failure import StackError

_ROTATE_ABOVE = 16 * 1024 * 1024
_POLL_SECONDS = 0.05
# Kept so that a child that ends while its starter lives on is reaped and not left a zombie.
_children: list["subprocess.Popen[bytes]"] = []


@dataclass(frozen=True)
class Running:
    """A process: its id and when it began (seconds since 1970), so that a reused id is never mistaken for it."""

    pid: int
    created: float


def spawn(
    command: Sequence[str], *, log: Path, env: Mapping[str, str] | None = None, cwd: Path | None = None
) -> Running:
    """Start a process in a session of its own, its output appended to `log`; `env` is added to ours."""
    log.parent.mkdir(parents=True, exist_ok=True)
    if log.exists() and log.stat().st_size > _ROTATE_ABOVE:
        log.replace(log.with_name(log.name + ".old"))
    with log.open("ab") as output:
        child = subprocess.Popen(  # noqa: S603
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env={**os.environ, **(env or {})},
            cwd=cwd,
            start_new_session=True,
        )
    _children[:] = [other for other in _children if other.poll() is None]
    _children.append(child)
    return Running(child.pid, psutil.Process(child.pid).create_time())


def process_of(running: Running) -> psutil.Process | None:
    """The live process, or None if it has ended (also when another one has its id by now)."""
    try:
        process = psutil.Process(running.pid)
        same = abs(process.create_time() - running.created) < 2  # the system's boot time may be adjusted
        return process if same and process.status() != psutil.STATUS_ZOMBIE else None
    except psutil.NoSuchProcess:
        return None


def is_alive(running: Running) -> bool:
    """Whether the process still runs."""
    return process_of(running) is not None


def wait_ready(running: Running, ready: Callable[[], bool], *, name: str, log: Path, seconds: float) -> None:
    """Wait until `ready()`; StackError if the process ends before or the time is over."""
    deadline = time.monotonic() + seconds
    while not ready():
        if not is_alive(running):
            raise StackError(f"{name} ended before it was ready.", log)
        if time.monotonic() > deadline:
            raise StackError(f"{name} was not ready after {seconds:.0f} s.", log)
        time.sleep(_POLL_SECONDS)


def end(processes: Iterable[Running], *, polite: signal.Signals = signal.SIGTERM, grace: float = 15) -> list[Running]:
    """Ask all to stop, wait up to `grace` seconds, kill the rest; returns those that had to be killed."""
    live = {running: process for running in processes if (process := process_of(running))}
    for process in live.values():
        _send(process, polite)
    _, late = psutil.wait_procs(list(live.values()), timeout=grace)
    for process in late:
        _send(process, signal.SIGKILL)
    psutil.wait_procs(late, timeout=grace)
    return [running for running, process in live.items() if process in late]


def memory(running: Running) -> int:
    """Bytes of memory that a process and its children hold, shared pages counted once."""
    process = process_of(running)
    if process is None:
        return 0
    total: int = process.memory_info().rss
    for child in process.children(recursive=True):
        try:
            usage = child.memory_info()
        except psutil.NoSuchProcess:
            continue
        total += usage.rss - getattr(usage, "shared", 0)
    return total


def _send(process: psutil.Process, what: signal.Signals) -> None:
    try:
        process.send_signal(what)
    except psutil.NoSuchProcess:
        return
