"""What the local stack says when something cannot be started."""

from pathlib import Path


class StackError(Exception):
    """A piece of the local stack that cannot run, in words for the person who asked for it.

    `log` is the file whose last lines tell the cause, where there is one.
    """

    def __init__(self, message: str, log: Path | None = None) -> None:
        super().__init__(message)
        self.log = log


class Ended(StackError):
    """A process that ended while it was waited for."""


def last_lines(log: Path, count: int = 15) -> list[str]:
    """The last `count` lines of a log, read from its last 64 KiB; none if there is no such file."""
    try:
        with log.open("rb") as file:
            file.seek(max(0, file.seek(0, 2) - 65536))
            return file.read().decode(errors="replace").splitlines()[-count:]
    except FileNotFoundError:
        return []
