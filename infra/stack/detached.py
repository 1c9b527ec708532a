"""Processes that outlive the command that started them, known by process id and start time."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from infra.stack.failure import Ended, StackError
from infra.stack.signals import heed

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
    _reap()
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
    """Wait until `ready()`; Ended if the process ends before, StackError when the time is over.

    KeyboardInterrupt once an interruption is noted.
    """
    deadline = time.monotonic() + seconds
    while not ready():
        heed()
        if not is_alive(running):
            raise Ended(f"{name} ended before it was ready.", log)
        if time.monotonic() > deadline:
            raise StackError(f"{name} was not ready after {seconds:.0f} s.", log)
        time.sleep(_POLL_SECONDS)


def end(
    processes: Iterable[Running],
    *,
    polite: signal.Signals = signal.SIGTERM,
    grace: float = 15,
    ended: Callable[[Running], object] = lambda _: None,
) -> list[Running]:
    """Ask all to stop, wait up to `grace` seconds, kill the rest; returns those that had to be killed.

    `ended` is told of each that stopped by itself, when it did.
    """
    known = list(processes)
    _signal(known, polite)
    late = _wait_ended(known, grace, ended)
    _signal(late, signal.SIGKILL)
    _wait_ended(late, grace, lambda _: None)
    return late


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


def _wait_ended(processes: Iterable[Running], seconds: float, ended: Callable[[Running], object]) -> list[Running]:
    """Wait until all have ended or the time is over; returns those that have not.

    A process that is dead and only not yet reaped has ended: who started it may be busy.
    """
    waiting = list(processes)
    deadline = time.monotonic() + seconds
    while waiting:
        for running in [each for each in waiting if not is_alive(each)]:
            waiting.remove(running)
            ended(running)
        if waiting and time.monotonic() > deadline:
            break
        if waiting:
            time.sleep(_POLL_SECONDS / 5)
    _reap()
    return waiting


def _reap() -> None:
    _children[:] = [child for child in _children if child.poll() is None]


def _signal(processes: Iterable[Running], what: signal.Signals) -> None:
    for running in processes:
        process = process_of(running)
        if process is not None:
            with suppress(psutil.NoSuchProcess):
                process.send_signal(what)
