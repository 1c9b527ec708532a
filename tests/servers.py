"""Real Kafka and real PostgreSQL for the tests: named, in containers, or as local processes."""

import os
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import cache
from pathlib import Path

os.environ.setdefault("TESTCONTAINERS_RYUK_DISABLED", "true")

import docker
import requests
from docker.errors import DockerException
from testcontainers.community.postgres import PostgresContainer
from testcontainers.core.container import DockerContainer
from testcontainers.core.wait_strategies import LogMessageWaitStrategy

from infra.stack import kafka as local_kafka
from infra.stack import postgres as local_postgres

KAFKA_IMAGE = "apache/kafka:4.3.1"
POSTGRES_IMAGE = "postgres:18"


@cache
def engine_answers() -> bool:
    """Whether a Docker engine answers and has, or may fetch, the two images."""
    try:
        client = docker.from_env(timeout=5)
        client.ping()
    except (DockerException, requests.RequestException):
        return False
    return True


def where() -> str:
    """In words, for the tests' head line."""
    kafka = "GUATU_KAFKA" if "GUATU_KAFKA" in os.environ else _own()
    postgres = "GUATU_DATABASE" if "GUATU_DATABASE" in os.environ else _own()
    return f"Kafka: {kafka}; PostgreSQL: {postgres}"


def _own() -> str:
    return "container (an engine answers)" if engine_answers() else "local process (no container engine answers)"


@contextmanager
def postgres(folder: Path) -> Iterator[str]:
    """A PostgreSQL server's URL, of a user that may make databases and roles."""
    named = os.environ.get("GUATU_DATABASE")
    if named:
        yield named
    elif engine_answers():
        with PostgresContainer(POSTGRES_IMAGE, driver=None) as container:
            yield container.get_connection_url()
    else:
        server = local_postgres.start(folder / "postgres")
        try:
            yield server.url
        finally:
            local_postgres.stop(server)


@contextmanager
def kafka(folder: Path) -> Iterator[str]:
    """A Kafka cluster's bootstrap servers."""
    named = os.environ.get("GUATU_KAFKA")
    if named:
        yield named
    elif engine_answers():
        with ExitStack() as stack:
            yield _kafka_container(stack)
    else:
        broker = local_kafka.start(folder / "kafka")
        try:
            yield broker.bootstrap
        finally:
            local_kafka.stop(broker)


def _kafka_container(stack: ExitStack) -> str:
    port = free_port()
    container = (
        DockerContainer(KAFKA_IMAGE)
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
    stack.enter_context(container)
    return f"localhost:{port}"


def free_port() -> int:
    """A free port of the loopback address, below those that outgoing connections take."""
    for port in range(21000 + os.getpid() % 5000, 32000):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise RuntimeError("no free port between 21000 and 32000")
