"""A small year, from an empty platform to its bulletin, and what anybody outside can prove of it."""

import asyncio
import hashlib
import json
import subprocess
from collections import defaultdict
from typing import Any

import asyncpg
import pytest

from infra.scenario.client import Client, Refused, caught_up
from infra.services import SERVICES
from shared.contracts.topics import Topic
from shared.database import database_url, driver_url
from tests.e2e.conftest import Platform
from tests.e2e.one_more import one_more_project


def test_every_figure_of_the_bulletin_is_the_published_one(platform: Platform) -> None:
    assert {(row.unit, row.figure): row.counted for row in platform.rows if not row.same} == {}
    assert len(platform.rows) == 17


def kcat(platform: Platform, topic: str) -> list[dict[str, Any]]:
    """Every message of a topic, read by a program that knows nothing of the platform; with their exact bytes."""
    command = ["kcat", "-b", platform.kafka, "-C", "-t", topic, "-o", "beginning", "-e", "-q", "-f", "%k\t%s\n"]
    output = subprocess.run(command, capture_output=True, check=True, timeout=60).stdout
    messages: list[dict[str, Any]] = []
    for line in output.splitlines():
        key, _, value = line.partition(b"\t")
        messages.append({"key": key.decode(), "value": value, "event": json.loads(value)})
    return messages


async def heads(platform: Platform) -> dict[str, tuple[int, str]]:
    """The version and head of every stream, from every service's store."""
    found: dict[str, tuple[int, str]] = {}
    for service in SERVICES:
        connection = await asyncpg.connect(driver_url(database_url(platform.database, service)))
        for row in await connection.fetch("select stream, version, head from streams"):
            assert row["stream"] not in found
            found[row["stream"]] = (row["version"], row["head"].hex())
        await connection.close()
    return found


def test_the_messages_are_cloudevents_and_their_digests_are_the_stores_chain(platform: Platform) -> None:
    streams: dict[str, dict[int, bytes]] = defaultdict(dict)
    sources: dict[str, str] = {}
    for topic in Topic:
        for message in kcat(platform, topic.value):
            event = message["event"]
            assert event["specversion"] == "1.0"
            assert {"id", "source", "type", "subject", "time", "dataschema", "data"} <= event.keys()
            assert message["key"] == event["subject"]
            streams[event["subject"]][event["streamversion"]] = message["value"]
            sources[event["subject"]] = event["source"]
    computed: dict[str, tuple[int, str]] = {}
    for stream, values in streams.items():
        head = hashlib.sha256(f"guatu-stream/v1\n{sources[stream]}\n{stream}".encode()).digest()
        for version in range(1, len(values) + 1):
            head = hashlib.sha256(b"\x02" + head + hashlib.sha256(values[version]).digest()).digest()
        computed[stream] = (len(values), head.hex())
    assert computed == asyncio.run(heads(platform))
    assert len(computed) > 2000


def test_every_acknowledged_command_is_in_the_store(platform: Platform) -> None:
    entries = [json.loads(line) for line in platform.journal.read_bytes().splitlines()]
    replies = [entry["reply"] for entry in entries if entry["reply"]]
    versions = {stream: version for stream, (version, _) in asyncio.run(heads(platform)).items()}
    assert len(replies) > 2000
    assert [reply for reply in replies if versions.get(reply["stream"], 0) < reply["version"]] == []


async def _drafts_around_one_more(platform: Platform) -> tuple[int, int]:
    """What the next bulletin's draft counts of 怀宁's projects before and after one more is approved."""
    client = Client(platform.address)

    async def counted() -> int:
        await caught_up(client, "340822-reviewer-1", SERVICES)
        draft = await client.get("340800-supervisor-1", "/reporting/bulletins/draft")
        return next(int(f["value"]) for f in draft["figures"] if (f["unit"], f["key"]) == ("340822", "projects"))

    before = await counted()
    await one_more_project(client, "draft")
    after = await counted()
    await client.close()
    return before, after


def test_after_one_more_approval_the_next_draft_counts_one_more(platform: Platform) -> None:
    before, after = asyncio.run(_drafts_around_one_more(platform))
    assert after == before + 1


async def _refused(platform: Platform, actor: str, path: str, body: dict[str, Any]) -> Refused:
    client = Client(platform.address)
    try:
        with pytest.raises(Refused) as refused:
            await client.command(actor, path, body, key=f"refused {actor} {path}")
    finally:
        await client.close()
    return refused.value


BRAND = {"name": "红色驿站", "unit": "340822100", "county": "340822"}


@pytest.mark.parametrize(
    ("actor", "path", "body", "status"),
    [
        (
            "340811-reviewer-1",
            "/registry/brands/recognise",
            {"name": "红", "unit": "340822100", "county": "340822"},
            403,
        ),
        ("340822-reviewer-1", "/registry/brands/recognise", {"name": "红", "unit": "340822100"}, 400),
        ("340822-reviewer-1", "/registry/projects/0190a1b2-0000-7000-8000-000000000009/approve-plan", {}, 404),
        ("nobody-at-all", "/registry/brands/recognise", BRAND, 403),
    ],
)
def test_what_must_not_be_is_refused(
    platform: Platform, actor: str, path: str, body: dict[str, Any], status: int
) -> None:
    assert asyncio.run(_refused(platform, actor, path, body)).status == status
