"""Apache Kafka's jars, fetched by Maven once for all scenarios, and its class-data archive."""

import hashlib
import re
import secrets
import shutil
import subprocess
import time
from pathlib import Path

from infra.stack.failure import StackError
from infra.stack.folders import LIBRARY, PROJECT, locked
from infra.stack.requirements import Java, maven
from infra.stack.signals import heed

CONFIGURATION = PROJECT / "infra" / "kafka"


def folder() -> Path:
    """Where the jars of today's pom.xml belong; another pom has another folder."""
    pom = (CONFIGURATION / "pom.xml").read_bytes()
    version = re.search(rb"<kafka\.version>([\w.-]+)<", pom)
    if version is None:
        raise StackError(f"{CONFIGURATION / 'pom.xml'} names no kafka.version.")
    return LIBRARY / f"kafka-{version[1].decode()}-{hashlib.sha256(pom).hexdigest()[:8]}"


def jars() -> list[Path]:
    """All jars in a fixed order (the archive holds for that order only), fetched first if need be."""
    place = folder()
    if not place.exists():
        with locked(LIBRARY / "lock"):
            if not place.exists():
                _fetch(place)
    return sorted(place.glob("*.jar"))


def archive(java: Java) -> Path:
    """Where this Java's class-data archive of the broker belongs; it takes a third off the work of a start.

    An empty file stands for "this Java makes none".
    """
    return folder() / f"classes-{java.version}.jsa"


def _fetch(place: Path) -> None:
    for left in place.parent.glob(f"{place.name}.partial-*"):
        shutil.rmtree(left)
    partial = place.with_name(f"{place.name}.partial-{secrets.token_hex(4)}")
    command = [
        *(str(maven()), "--quiet", "--batch-mode", "--strict-checksums"),
        *("--file", str(CONFIGURATION / "pom.xml")),
        "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies",
        *("-DincludeScope=runtime", f"-DoutputDirectory={partial}"),
    ]
    log = place.with_name(place.name + ".log")
    with (
        log.open("wb") as output,
        subprocess.Popen(  # noqa: S603
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT
        ) as fetching,
    ):
        try:
            while fetching.poll() is None:
                heed()
                time.sleep(0.1)
            heed()
        except BaseException:
            fetching.terminate()
            raise
    if fetching.returncode or not any(partial.glob("kafka_*.jar")):
        raise StackError("Maven could not fetch Apache Kafka.", log)
    partial.rename(place)
