"""Many commands in one request: each line is answered for itself, in the order of the lines."""

import asyncio
from datetime import UTC, date, datetime
from types import SimpleNamespace
from typing import Any

import httpx
import orjson
import pytest
from fastapi import FastAPI
from sqlalchemy.exc import TimeoutError as PoolTimeout

from services.registry.handlers import handlers
from shared import problems
from shared.auth import Principal, principal
from shared.errors import RuleViolation
from shared.http import command_routes
from shared.moment import Moment
from shared.store import Outcome, Verdict

NOW = datetime(2023, 8, 22, 9, tzinfo=UTC)
PATH = "/persons/li-na/register"
FATES: dict[str, Exception] = {
    "rule": RuleViolation("person_exists"),
    "pool": PoolTimeout("no connection is free"),
    "fault": ZeroDivisionError(),
}


class Desk:
    """Carries out what has no fate; `met` says of each command about which ids others were under way."""

    def __init__(self) -> None:
        self.under_way: set[str] = set()
        self.met: list[frozenset[str]] = []

    async def carry_out(self, handler: object, command: object, request: Any) -> Verdict:
        if fate := FATES.get(request.key):
            raise fate
        assert request.id not in self.under_way, "two lines about one stream at once"
        self.under_way.add(request.id)
        await asyncio.sleep(0)
        self.met.append(frozenset(self.under_way))
        self.under_way.remove(request.id)
        return Verdict(Outcome.OK, 1, b"" if request.key == "nothing" else orjson.dumps({"key": request.key}))


class Clock:
    async def of(self, told: str | None) -> Moment:
        return Moment(NOW, date(2023, 8, 22))

    async def took(self, moment: Moment) -> None:
        assert moment.now == NOW


def line(key: str, path: str = PATH) -> bytes:
    return orjson.dumps({"path": path, "key": key, "body": {"name": "李娜"}})


@pytest.fixture
def app() -> FastAPI:
    app = FastAPI()
    problems.install(app)
    app.include_router(command_routes("registry", handlers(report_day=5, extension_days=30)))
    app.dependency_overrides[principal] = lambda: Principal("li-na", "李娜")
    settings = SimpleNamespace(body_limit=10_000)
    app.state.kit = SimpleNamespace(desk=Desk(), moments=Clock(), settings=settings)
    return app


async def sent(app: FastAPI, *lines: bytes) -> list[dict[str, Any]]:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://platform") as client:
        answer = await client.post("/registry/commands", content=b"\n".join(lines))
    assert answer.status_code == 200
    return [orjson.loads(each) for each in answer.content.splitlines()]


async def test_a_line_that_is_refused_or_meets_a_fault_costs_the_others_nothing(app: FastAPI):
    answers = await sent(
        app, line("a"), line("rule"), line("pool"), line("fault"), b"{", line("b", "/nothing"), line("c")
    )
    assert [answer["status"] for answer in answers] == [201, 409, 503, 500, 400, 404, 201]
    assert [answer.get("code") for answer in answers[1:4]] == ["person_exists", "backend_unreachable", "internal_error"]
    assert [answer["line"] for answer in answers] == [1, 2, 3, 4, 5, 6, 7]
    assert [answers[n]["reply"]["key"] for n in (0, 6)] == ["a", "c"]


async def test_a_line_that_needed_no_event_is_answered_as_the_single_command_is(app: FastAPI):
    [answer] = await sent(app, line("nothing"))
    assert (answer["status"], answer["reply"]) == (204, None)


@pytest.mark.parametrize(
    "again",
    [
        rb'{"path": "\/persons\/li\u002dna\/register", "key": "b", "body": {"name": "x"}}',
        b'{"key": "b", "body": {"role": "reviewer", "unit": "340822", "since": "2023-01-01"},'
        b' "path": "/persons/li-na/appoint"}',
    ],
)
async def test_two_lines_about_one_stream_are_never_carried_out_at_once(app: FastAPI, again: bytes):
    answers = await sent(app, line("a"), again, line("c", "/persons/wang-wei/register"))
    assert [answer["status"] for answer in answers] == [201, 201, 201]
    assert {"li-na", "wang-wei"} in app.state.kit.desk.met


async def test_lines_that_make_streams_are_carried_out_at_the_same_time(app: FastAPI):
    body = {"unit": "340822100", "county": "340822"}
    brands = [
        orjson.dumps({"path": "/brands/recognise", "key": key, "body": {**body, "name": f"品牌{key}"}}) for key in "ab"
    ]
    answers = await sent(app, *brands)
    assert [answer["status"] for answer in answers] == [201, 201]
    assert max(len(together) for together in app.state.kit.desk.met) == 2
