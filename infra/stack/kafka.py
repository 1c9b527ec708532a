"""A real Apache Kafka broker for one data folder: start, find, stop."""

import os
import secrets
import shutil
import subprocess
import tempfile
from base64 import urlsafe_b64encode
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from string import Template

import psutil

from infra.stack import kafka_jars, kafka_ping, ports
from infra.stack.detached import Running, end, spawn, wait_ready
from infra.stack.failure import Ended, StackError
from infra.stack.folders import locked, write_whole
from infra.stack.requirements import Java, java, require_disk

_READY_WITHIN = 60.0
# The language, so that paths in Chinese are read as they are written on every Java.
_ENVIRONMENT = {"LC_ALL": "C.UTF-8"}


@dataclass(frozen=True)
class Broker:
    """A running broker: bootstrap address (host:port), process, log."""

    bootstrap: str
    pid: int
    port: int
    log: Path
    created: float

    @property
    def running(self) -> Running:
        """Its process, for signals and memory."""
        return Running(self.pid, self.created)


def start(data: Path, port: int | None = None, *, log: Path | None = None) -> Broker:
    """Start the broker of a data folder and wait until it answers; one that runs already is returned.

    `data` is made if it is not there and survives restarts and kills. Without `port` it is the last
    one of this folder, else a free one. StackError tells why it could not start.
    """
    data = data.resolve()
    log = log or data / "kafka.log"
    running = find(data, log=log)
    if running is not None:
        if port not in (None, running.port):
            raise StackError(
                f"A broker runs on these data already, at port {running.port} and not {port} (process {running.pid})."
            )
        with suppress(Ended):  # it was just killed: then a new one is wanted
            _wait(running)
            return running
    runtime = java()
    require_disk(data)
    data.mkdir(parents=True, exist_ok=True)
    port = ports.choose(data, port, "Apache Kafka")
    _configure(data, port, runtime)
    archive = kafka_jars.archive(runtime)
    sharing = [f"-XX:SharedArchiveFile={archive}"] if archive.exists() and archive.stat().st_size else []
    return _started(_launch(data, port, runtime, sharing, log))


def find(data: Path, *, log: Path | None = None) -> Broker | None:
    """The broker that runs on a data folder, if there is one."""
    data = data.resolve()
    port = ports.remembered(data)
    if port is None:
        return None
    for process in psutil.process_iter(["cmdline"]):
        if _marker(data) in (process.info["cmdline"] or ()):
            with suppress(psutil.NoSuchProcess):
                running = Running(process.pid, process.create_time())
                return _broker(running, port, log or data / "kafka.log")
    return None


def stop(broker: Broker, *, grace: float = 20) -> bool:
    """Stop a broker; True if it ended by itself within `grace` seconds or had ended before."""
    return not end([broker.running], grace=grace)


def answers(broker: Broker) -> bool:
    """Whether the broker answers ApiVersions and names itself in its metadata."""
    return kafka_ping.answers(ports.LOOPBACK, broker.port)


def record_archive() -> None:
    """Make the class-data archive for this Java, unless it is there, by one start and stop."""
    runtime = java()
    kafka_jars.jars()
    archive = kafka_jars.archive(runtime)
    with locked(archive.with_suffix(".lock")):
        if archive.exists():
            return
        new = archive.with_suffix(".new")
        new.unlink(missing_ok=True)
        with tempfile.TemporaryDirectory() as folder:
            data = Path(folder).resolve()
            port = ports.free_port()
            _configure(data, port, runtime)
            broker = _launch(data, port, runtime, [f"-XX:ArchiveClassesAtExit={new}"], data / "kafka.log")
            stop(_started(broker), grace=60)
        new.touch()
        new.rename(archive)


def _configure(data: Path, port: int, runtime: Java) -> None:
    """Write the broker's settings and, the first time, format its log folder."""
    template = Template((kafka_jars.CONFIGURATION / "server.properties").read_text())
    controller = ports.free_port()
    ports.remember(data, port)
    shutil.copyfile(kafka_jars.CONFIGURATION / "log4j2.xml", data / "log4j2.xml")
    write_whole(data / "server.properties", template.substitute(port=port, controller=controller, logs="topics"))
    if (data / "topics").exists():
        return
    shutil.rmtree(data / "unformatted", ignore_errors=True)
    (data / "format.properties").write_text(template.substitute(port=port, controller=controller, logs="unformatted"))
    tool = ["kafka.tools.StorageTool", "format", "--config", "format.properties", "--cluster-id", _cluster_id()]
    done = subprocess.run(  # noqa: S603
        _java(runtime, [], tool),
        cwd=data,
        env={**os.environ, **_ENVIRONMENT},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode:
        raise StackError(f"Apache Kafka could not format {data}: {done.stdout.strip()[-500:]}")
    (data / "unformatted").rename(data / "topics")


def _launch(data: Path, port: int, runtime: Java, options: list[str], log: Path) -> Broker:
    memory = ["-Xmx512m", "-XX:+ExitOnOutOfMemoryError", "-XX:-UsePerfData"]
    command = _java(
        runtime,
        [*memory, *options, "-Dlog4j2.configurationFile=log4j2.xml", _marker(data)],
        ["kafka.Kafka", "server.properties"],
    )
    return _broker(spawn(command, log=log, cwd=data, env=_ENVIRONMENT), port, log)


def _java(runtime: Java, options: list[str], program: list[str]) -> list[str]:
    quick = ["-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"]
    path = os.pathsep.join(str(jar) for jar in kafka_jars.jars())
    return [str(runtime.program), *quick, *options, "-cp", path, *program]


def _started(broker: Broker) -> Broker:
    """The broker once it is ready; if it does not get there, or the wait is broken off, it is stopped."""
    try:
        _wait(broker)
    except BaseException:
        stop(broker)
        raise
    return broker


def _wait(broker: Broker) -> None:
    wait_ready(broker.running, lambda: answers(broker), name="Apache Kafka", log=broker.log, seconds=_READY_WITHIN)


def _broker(running: Running, port: int, log: Path) -> Broker:
    return Broker(f"{ports.LOOPBACK}:{port}", running.pid, port, log, running.created)


def _marker(data: Path) -> str:
    return f"-Dguatu.data={data}"


def _cluster_id() -> str:
    return urlsafe_b64encode(secrets.token_bytes(16)).decode().rstrip("=").replace("-", "A")
