"""The scenario's client: what is answered "for now" is sent again until it is answered for good."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import pytest
from fastapi import FastAPI, Response

from infra.scenario.client import Client, Refused
from tests.serving import serving

NOW = datetime(2023, 8, 22, 9, tzinfo=UTC)
LINES = [{"path": f"/units/{code}/register", "key": code, "body": {}} for code in ("340800", "340822")]
DONE = {"status": 201, "reply": {"version": 1}}

Lines = Sequence[dict[str, Any]]


def platform(answer: Callable[[int], Lines]) -> FastAPI:
    """A platform that answers its n-th bulk with these lines."""
    app = FastAPI()
    bulks = 0

    @app.post("/oidc/token")
    async def token() -> dict[str, str]:
        return {"access_token": "t"}

    @app.post("/registry/commands")
    async def commands() -> Response:
        nonlocal bulks
        bulks += 1
        return Response(b"\n".join(orjson.dumps(line) for line in answer(bulks)))

    return app


async def acknowledged(answer: Callable[[int], Lines], journal: Path) -> int:
    async with serving(platform(answer)) as origin:
        client = Client(origin, journal)
        try:
            return sum([lines async for lines in client.bulk("admin", "registry", LINES, at=NOW)])
        finally:
            await client.close()


async def test_a_bulk_with_a_line_that_cannot_be_carried_out_for_now_is_sent_again(tmp_path: Path):
    later = {"status": 503, "code": "authority_not_ready"}
    journal = tmp_path / "journal"
    assert await acknowledged(lambda bulk: [DONE, later] if bulk == 1 else [DONE, DONE], journal) == 2
    assert [orjson.loads(entry)["key"] for entry in journal.read_bytes().splitlines()] == ["340800", "340822"]


def test_a_refusal_is_told_in_its_sentence_with_the_fields_that_are_wrong():
    name = {"field": "name", "code": "missing", "detail": "必填"}
    document = {"type": "about:blank", "status": 422, "code": "invalid", "detail": "填写有误。", "errors": [name]}
    assert str(Refused("/x", "li", 422, document)) == "/x by li: 422 invalid 填写有误。; name: 必填"
    assert str(Refused("/x", "", 502, {"detail": "<html>"})) == "/x: 502 <html>"


async def test_a_bulk_with_a_refused_line_is_not(tmp_path: Path):
    refused = {"status": 409, "code": "unit_exists"}
    with pytest.raises(Refused, match="unit_exists"):
        await acknowledged(lambda _: [refused, refused], tmp_path / "journal")
