"""Ports on the loopback: free ones, remembered ones, and who holds a taken one."""

import random
import socket
import time
from collections.abc import Collection
from pathlib import Path

import psutil

from infra.stack.failure import StackError
from infra.stack.folders import write_whole

LOOPBACK = "127.0.0.1"
# Systems hand out source ports from 32768 on: a connect to a port above may meet itself, a bind may fail.
OURS = range(20000, 32768)
_LETTING_GO_SECONDS = 3.0


def is_free(port: int) -> bool:
    """Whether a server could listen on this port of the loopback now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
            probe.listen(1)
        except OSError:
            return False
        return True


def free_port(taken: Collection[int] = ()) -> int:
    """A port that nobody listens on and that is not `taken`, at random: stacks started at once do not meet."""
    for port in random.sample(OURS, 200):
        if port not in taken and is_free(port):
            return port
    raise StackError(f"No free port between {OURS.start} and {OURS.stop - 1}.")


def holder(port: int) -> str | None:
    """Who listens on a port, such as "nginx (process 4711)"; None if this account may not know."""
    try:
        connections = psutil.net_connections("tcp")
    except psutil.AccessDenied:
        return None
    for connection in connections:
        if connection.status == psutil.CONN_LISTEN and connection.pid and connection.laddr[1:2] == (port,):
            try:
                return f"{psutil.Process(connection.pid).name()} (process {connection.pid})"
            except psutil.NoSuchProcess:
                return None
    return None


def require_free(port: int, purpose: str) -> None:
    """Refuse with the holder's name when a port is taken."""
    if not _becomes_free(port):
        raise StackError(f"Port {port}, wanted for {purpose}, is taken by {holder(port) or 'another process'}.")


def choose(folder: Path, wanted: int | None, purpose: str) -> int:
    """The port for a server whose data lie in `folder`: the wanted one, else the last one, else a free one."""
    if wanted is not None:
        require_free(wanted, purpose)
        return wanted
    last = remembered(folder)
    return last if last is not None and _becomes_free(last) else free_port()


def _becomes_free(port: int) -> bool:
    """Whether a port is free, or will be at once: a killed process lets go of its ports some time after."""
    deadline = time.monotonic() + _LETTING_GO_SECONDS
    while not is_free(port):
        if holder(port) or time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def remembered(folder: Path) -> int | None:
    """The port that the server of this folder listened on last."""
    try:
        return int((folder / "port").read_text())
    except FileNotFoundError:
        return None


def remember(folder: Path, port: int) -> None:
    """Keep the port of this folder's server."""
    write_whole(folder / "port", f"{port}\n")
