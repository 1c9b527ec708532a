"""Real Kafka and real PostgreSQL for the tests: named, in containers, or as local processes."""

import os
import socket
from collections.abc import Generator
from contextlib import closing, contextmanager, suppress
from functools import cache
from pathlib import Path

os.environ.setdefault("TESTCONTAINERS_RYUK_DISABLED", "true")

import docker
import psutil
import requests
from docker.errors import DockerException, ImageNotFound
from testcontainers.community.postgres import PostgresContainer
from testcontainers.core.container import DockerContainer
from testcontainers.core.wait_strategies import LogMessageWaitStrategy

from infra.stack import kafka as local_kafka
from infra.stack import postgres as local_postgres

KAFKA_IMAGE = "apache/kafka:4.3.1"
POSTGRES_IMAGE = "postgres:18"
LABEL = "guatu.tests"
"""On every container: the machine and the process whose tests started it."""
RUN = "TESTS_RUN"
"""The environment variable with the mark of a run of the tests, which all their processes inherit."""
_OURS = {LABEL: f"{socket.gethostname()} {os.getpid()}"}


@cache
def engine_answers() -> bool:
    """Whether a Docker engine answers."""
    try:
        with closing(docker.from_env(timeout=60)) as engine:
            engine.ping()
    except (DockerException, requests.RequestException):
        return False
    return True


@cache
def engine_lacks(*images: str) -> str | None:
    """In words why no container of these images can be had; None if they can. What is not there is fetched."""
    if not engine_answers():
        return "no container engine answers"
    with closing(docker.from_env(timeout=60)) as engine:
        for image in images:
            try:
                engine.images.get(image)
            except ImageNotFound:
                try:
                    engine.images.pull(image)
                except (DockerException, requests.RequestException) as error:
                    return f"a container engine answers, but {image} is not there and cannot be fetched: {error}"
    return None


def where() -> str:
    """In words, for the tests' head line."""
    kafka = "GUATU_KAFKA" if "GUATU_KAFKA" in os.environ else _own()
    postgres = "GUATU_DATABASE" if "GUATU_DATABASE" in os.environ else _own()
    return f"Kafka: {kafka}; PostgreSQL: {postgres}"


def _own() -> str:
    if engine_answers():
        return "container (an engine answers), or local process if the images cannot be had"
    return "local process (no container engine answers)"


def _in_containers() -> bool:
    if engine_lacks(KAFKA_IMAGE, POSTGRES_IMAGE):
        return False
    _remove_remains()
    return True


def _remove_remains() -> None:
    """Remove the containers of this machine's test runs that were killed: nobody else does."""
    with closing(docker.from_env()) as engine:
        for container in engine.containers.list(all=True, filters={"label": LABEL}, ignore_removed=True):
            machine, _, pid = container.labels[LABEL].partition(" ")
            if machine == socket.gethostname() and not psutil.pid_exists(int(pid)):
                container.remove(force=True, v=True)


def stop_remains(run: str) -> None:
    """Stop the processes that have this run's mark, except our own, and the containers of those that have ended."""
    remains = [process for process in psutil.process_iter() if process.pid != os.getpid() and _mark(process) == run]
    for process in remains:
        with suppress(psutil.NoSuchProcess):
            process.terminate()
    for process in psutil.wait_procs(remains, timeout=10)[1]:
        with suppress(psutil.NoSuchProcess):
            process.kill()
    if engine_answers():
        _remove_remains()


def _mark(process: psutil.Process) -> str | None:
    try:
        return process.environ().get(RUN)
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return None


@contextmanager
def postgres(folder: Path) -> Generator[str]:
    """A PostgreSQL server's URL, of a user that may make databases and roles."""
    named = os.environ.get("GUATU_DATABASE")
    if named:
        yield named
    elif _in_containers():
        settings = ["-c", "max_connections=200", "-c", "fsync=off"]
        with PostgresContainer(POSTGRES_IMAGE, driver=None, command=settings, labels=_OURS) as container:
            yield container.get_connection_url()
    else:
        server = local_postgres.start(folder / "postgres", durable=False)
        try:
            yield server.url
        finally:
            local_postgres.stop(server)


@contextmanager
def kafka(folder: Path) -> Generator[str]:
    """A Kafka cluster's bootstrap servers."""
    named = os.environ.get("GUATU_KAFKA")
    if named:
        yield named
    elif _in_containers():
        port = free_port()
        with _kafka_container(port):
            yield f"localhost:{port}"
    else:
        broker = local_kafka.start(folder / "kafka")
        try:
            yield broker.bootstrap
        finally:
            local_kafka.stop(broker)


def _kafka_container(port: int) -> DockerContainer:
    return (
        DockerContainer(KAFKA_IMAGE, labels=_OURS)
        .with_envs(
            KAFKA_NODE_ID="1",
            KAFKA_PROCESS_ROLES="broker,controller",
            KAFKA_CONTROLLER_LISTENER_NAMES="CONTROLLER",
            KAFKA_LISTENERS="PLAINTEXT://:9092,CONTROLLER://:9093",
            KAFKA_ADVERTISED_LISTENERS=f"PLAINTEXT://localhost:{port}",
            KAFKA_LISTENER_SECURITY_PROTOCOL_MAP="PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
            KAFKA_CONTROLLER_QUORUM_VOTERS="1@localhost:9093",
            KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR="1",
            KAFKA_OFFSETS_TOPIC_NUM_PARTITIONS="4",
            KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS="0",
            KAFKA_AUTO_CREATE_TOPICS_ENABLE="false",
            KAFKA_HEAP_OPTS="-Xmx512M -Xms256M",
        )
        .with_bind_ports(9092, port)
        .waiting_for(LogMessageWaitStrategy("Kafka Server started").with_startup_timeout(90))
    )


_PORTS = 97
"""How far apart two processes begin to look for a free port, so that neither takes what the other has just found."""


def free_port(besides: int = 0) -> int:
    """A free port of the loopback address, below those that outgoing connections take; not `besides`."""
    for port in range(21000 + os.getpid() * _PORTS % 10_000, 32_000):
        if port == besides:
            continue
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise RuntimeError("no free port between 21000 and 32000")
