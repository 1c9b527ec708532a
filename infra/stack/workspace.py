"""A scenario's folder: its data, its logs, and the record of what runs for it."""

import json
import re
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from infra.stack import folders
from infra.stack.detached import Running, is_alive
from infra.stack.failure import StackError

DEFAULT = "default"
_NAME = re.compile(r"(?!lib$)[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


@dataclass(frozen=True)
class Process:
    """A service's or the gateway's process: its name, identity, port on the loopback, log."""

    name: str
    pid: int
    created: float
    port: int
    log: Path

    @property
    def running(self) -> Running:
        """Its identity, for signals and memory."""
        return Running(self.pid, self.created)


@dataclass(frozen=True)
class Run:
    """What was last started for a scenario.

    `kafka` and `database` are the addresses (host:port) that the processes were given, `ports` the port
    of each name, kept over restarts so that addresses stay.
    """

    clock: str = ""
    kafka: str = ""
    database: str = ""
    ports: Mapping[str, int] = field(default_factory=dict[str, int])
    processes: tuple[Process, ...] = ()

    def alive(self) -> tuple[Process, ...]:
        """The processes that still run."""
        return tuple(process for process in self.processes if is_alive(process.running))


@dataclass(frozen=True)
class Workspace:
    """One stack's folder below `.guatu`."""

    name: str
    folder: Path

    @property
    def kafka(self) -> Path:
        """The broker's data."""
        return self.folder / "kafka"

    @property
    def postgres(self) -> Path:
        """The database server's data."""
        return self.folder / "postgres"

    def log(self, name: str) -> Path:
        """The log of one process."""
        return self.folder / "log" / f"{name}.log"

    def load(self) -> Run:
        """The record of the last start, empty if there was none."""
        try:
            written: dict[str, Any] = json.loads((self.folder / "run.json").read_text())
        except FileNotFoundError:
            return Run()
        records: list[dict[str, Any]] = written.pop("processes")
        processes = tuple(Process(log=Path(record.pop("log")), **record) for record in records)
        return Run(**written, processes=processes)

    def save(self, run: Run) -> None:
        """Replace the record, whole."""
        self.folder.mkdir(parents=True, exist_ok=True)
        folders.write_whole(self.folder / "run.json", json.dumps(asdict(run), default=str, indent=2) + "\n")

    @contextmanager
    def locked(self) -> Generator[None]:
        """Hold the scenario while changing what runs; StackError if another command does."""
        with folders.locked(self.folder / "lock", f"Another command is at work on scenario {self.name}."):
            yield


def workspace(name: str) -> Workspace:
    """The scenario of this name; nothing is made yet."""
    if not _NAME.fullmatch(name):
        raise StackError(f"{name!r} is no name for a scenario: letters, digits, dots, dashes, underscores, at most 64.")
    return Workspace(name, folders.home() / name)


def workspaces() -> list[Workspace]:
    """All scenarios that were ever started here, the last one first."""
    records = sorted(folders.home().glob("*/run.json"), key=lambda file: file.stat().st_mtime, reverse=True)
    return [Workspace(file.parent.name, file.parent) for file in records]
