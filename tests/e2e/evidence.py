"""The evidence for what a platform did, read past its services: topics by kcat, stores by SQL, the client's journal."""

import json
import subprocess
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg

from infra.services import SERVICES
from shared.contracts.topics import Topic
from shared.database import database_url, driver_url
from tests.e2e.reference import Json

Streams = dict[str, dict[int, bytes]]
"""The bytes of every event by stream and version."""


@dataclass(frozen=True)
class Store:
    """What the databases of the services hold."""

    streams: Streams
    heads: dict[str, str]
    commands: set[str]
    positions: dict[str, list[int]]
    unpublished: int


def in_topics(bootstrap: str) -> tuple[Streams, dict[str, set[tuple[str, int]]]]:
    """Every event in the topics, and where each stream's are; late copies must be the same to the byte."""
    streams: Streams = defaultdict(dict)
    places: dict[str, set[tuple[str, int]]] = defaultdict(set)
    for topic in Topic:
        command = [
            "kcat",
            "-b",
            bootstrap,
            "-C",
            "-t",
            topic.value,
            "-o",
            "beginning",
            "-e",
            "-q",
            "-f",
            "%p\t%k\t%s\n",
        ]
        output = subprocess.run(command, capture_output=True, check=True, timeout=120).stdout
        for message in output.splitlines():
            partition, key, value = message.split(b"\t", 2)
            event = json.loads(value)
            assert key.decode() == event["subject"]
            assert streams[event["subject"]].setdefault(event["streamversion"], value) == value
            places[event["subject"]].add((topic.value, int(partition)))
    return dict(streams), dict(places)


async def in_stores(database: str) -> Store:
    """All that the stores hold of the four services on a server."""
    streams: Streams = defaultdict(dict)
    heads: dict[str, str] = {}
    commands: set[str] = set()
    positions: dict[str, list[int]] = {}
    unpublished = 0
    for service in SERVICES:
        connection = await asyncpg.connect(driver_url(database_url(database, service)))
        for row in await connection.fetch("select stream, version, body from events"):
            streams[row["stream"]][row["version"]] = row["body"]
        for row in await connection.fetch("select stream, head from streams"):
            assert row["stream"] not in heads
            heads[row["stream"]] = row["head"].hex()
        commands |= {str(row["command_id"]) for row in await connection.fetch("select command_id from commands")}
        positions[service] = [row["pos"] for row in await connection.fetch("select pos from log order by pos")]
        unpublished += await connection.fetchval("select count(*) from outbox")
        await connection.close()
    return Store(dict(streams), heads, commands, positions, unpublished)


def journal(file: Path) -> list[dict[str, Any]]:
    """What the client was acknowledged, in its order."""
    return [json.loads(entry) for entry in file.read_bytes().splitlines()]


def events(streams: Streams) -> list[Json]:
    """Every event as JSON."""
    return [json.loads(body) for versions in streams.values() for body in versions.values()]
