"""Where the local stack keeps what it fetches and what it stores: `.guatu` in the project's folder."""

import fcntl
import os
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from infra.stack.failure import StackError

PROJECT = Path(__file__).resolve().parents[2]
LIBRARY = PROJECT / ".guatu" / "lib"


def home() -> Path:
    """The folder with one folder a scenario: GUATU_HOME, else `.guatu` of the project."""
    return Path(os.environ.get("GUATU_HOME") or PROJECT / ".guatu").resolve()


@contextmanager
def locked(file: Path, busy: str | None = None) -> Generator[None]:
    """Hold a lock file; where another process has it, wait, or raise StackError(`busy`) if given."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | (fcntl.LOCK_NB if busy else 0))
        except BlockingIOError as error:
            raise StackError(busy or str(error)) from error
        yield


def write_whole(file: Path, text: str, mode: int = 0o644) -> None:
    """Write a file so that a reader, also after a crash, sees all of it or none of it."""
    new = file.with_name(file.name + ".new")
    new.unlink(missing_ok=True)
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "w") as output:
        output.write(text)
        output.flush()
        os.fsync(output.fileno())
    new.replace(file)
