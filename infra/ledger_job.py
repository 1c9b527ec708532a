"""A ledger that is sent to a platform, and its job followed to the end."""

import asyncio
from datetime import datetime
from typing import Any, Literal, Protocol

import orjson

from infra.scenario.client import Client, Refused

Verb = Literal["check", "import"]

PHASES = {"checking": "逐行核对", "comparing": "与平台比对", "writing": "写入"}
"""The phases that are shown, in words."""
POLLED = 0.5
"""Seconds between two looks at a job."""


class Progress(Protocol):
    """Somebody who watches: phases with a number of steps, and the steps done."""

    def phase(self, name: str, total: int) -> None:
        """A phase begins, or goes on."""
        ...

    def advance(self, steps: int = 1) -> None:
        """Steps of it are done."""
        ...


async def followed(
    client: Client, actor: str, verb: Verb, content: bytes, *, name: str, at: datetime | None, progress: Progress
) -> dict[str, Any]:
    """Send a ledger and wait for the end of its job, which is given; one that was interrupted is begun anew.

    Raises:
        Refused: the file as a whole was, or who sends it. Unavailable: the platform did not answer for two minutes.
    """
    job = await _begun(client, actor, verb, content, name, at)
    phase, done, total = "", 0, 0
    while job["state"] not in ("done", "refused"):
        await asyncio.sleep(POLLED)
        job = await client.get(actor, f"/registry/ledger/jobs/{job['id']}")
        if job["state"] == "interrupted":
            job = await _begun(client, actor, verb, content, name, at)
        if job["phase"] in PHASES:
            if job["phase"] != phase:
                progress.advance(total - done)
                phase, done, total = job["phase"], 0, job["total"]
                progress.phase(PHASES[phase], total)
            progress.advance(job["done"] - done)
            done = job["done"]
    if job["problem"]:
        raise Refused(f"/registry/ledger/{verb}", actor, job["problem"]["status"], job["problem"])
    progress.advance(total - done)
    return job


async def _begun(
    client: Client, actor: str, verb: Verb, content: bytes, name: str, at: datetime | None
) -> dict[str, Any]:
    return orjson.loads(await client.upload(actor, f"/registry/ledger/{verb}", content, name=name, at=at))
