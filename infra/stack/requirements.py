"""What the local stack needs of a machine, and the words when it is missing.

`python -m infra.stack.requirements` looks for Java and Maven; it needs nothing but Python itself.
"""

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from infra.stack.failure import StackError

LEAST_JAVA = 17
LEAST_DISK = 500 * 1024 * 1024
_OWN_BROKER = "or name a broker of your own in GUATU_KAFKA"


@dataclass(frozen=True)
class Java:
    """A Java runtime: its program and its version, such as 17.0.15."""

    program: Path
    version: str


def java() -> Java:
    """The Java of JAVA_HOME, else of PATH; StackError if there is none or it is too old."""
    home = os.environ.get("JAVA_HOME")
    program = str(Path(home, "bin", "java")) if home else shutil.which("java")
    if program is None:
        raise StackError(
            f"Java is missing: Apache Kafka needs Java {LEAST_JAVA} or newer, and there is no `java` in PATH. "
            f"Install one (Debian, Ubuntu: apt install openjdk-17-jre-headless; macOS: brew install openjdk@17), "
            f"{_OWN_BROKER}."
        )
    version = _java_version(program)
    if int(re.split(r"\D", version)[0]) < LEAST_JAVA:
        raise StackError(
            f"Java is too old: Apache Kafka needs Java {LEAST_JAVA} or newer, and {program} is {version}. "
            f"Install a newer one or set JAVA_HOME, {_OWN_BROKER}."
        )
    return Java(Path(program), version)


def maven() -> Path:
    """Maven's program; StackError if it is not in PATH."""
    program = shutil.which("mvn")
    if program is None:
        raise StackError(
            "Maven is missing: it fetches Apache Kafka, and there is no `mvn` in PATH. "
            f"Install it (Debian, Ubuntu: apt install maven; macOS: brew install maven), {_OWN_BROKER}."
        )
    return Path(program)


def require_disk(folder: Path, least: int = LEAST_DISK) -> None:
    """Refuse when the disk of `folder` is nearly full: a broker or database that meets its end stops hard."""
    place = next(path for path in (folder, *folder.parents) if path.exists())
    free = shutil.disk_usage(place).free
    if free < least:
        raise StackError(
            f"The disk is nearly full: {free // 2**20} MiB are free at {place}, "
            f"and the local stack needs at least {least // 2**20} MiB. Make room and try again."
        )


@cache
def _java_version(program: str) -> str:
    try:
        answer = subprocess.run([program, "-version"], capture_output=True, text=True, check=False)  # noqa: S603
    except OSError as error:
        raise StackError(f"Java cannot be run: {program}: {error.strerror}. Check JAVA_HOME.") from error
    found = re.search(r'version "(?:1\.)?(\d[^"]*)"', answer.stderr)
    if found is None:
        raise StackError(f"{program} -version does not name a version: {answer.stderr.strip()[:200]}")
    return found[1]


if __name__ == "__main__":
    try:
        if not os.environ.get("GUATU_KAFKA"):
            java()
            maven()
    except StackError as missing:
        sys.exit(str(missing))
