"""The registry's OpenAPI is true: whatever is asked in its words, or against them, is answered as it says."""

import asyncio
import re

import pytest

from tests.fuzzing import asking, findings
from tests.integration.registry.running import ADMIN, POST, SECRETARY, Registry
from tests.integration.registry.test_routes import proposed
from tests.unit.registry.builders import COUNTY


@pytest.mark.parametrize(
    ("person", "examples"), [(ADMIN, 1), (SECRETARY, 1), pytest.param(ADMIN, 3, marks=pytest.mark.long)]
)
async def test_every_answer_is_one_that_the_openapi_describes(registry: Registry, person: str, examples: int) -> None:
    await registry.ask(ADMIN, f"/persons/{ADMIN}/register", {"name": "管理员"})
    for role in ("reviewer", "inspector"):
        await registry.ask(ADMIN, f"/persons/{ADMIN}/appoint", {**POST, "role": role})
    project = (await proposed(registry))["stream"].removeprefix("project-")
    moment = {"header.Guatu-At-Least": f"unit-{COUNTY}@reference=1", "header.Guatu-Now": "2023-03-01T09:00:00+08:00"}
    told = asking({"Authorization": f"Bearer {person}"}, examples, moment)
    told["operations"].append({"include-path-regex": r"/projects/\{id\}", "parameters": {"path.id": project}})
    found = await asyncio.to_thread(findings, f"{registry.http.base_url}/{registry.service.name}/openapi.json", told)
    assert found == [], "\n".join(found)


async def test_without_a_token_there_is_nothing_but_what_is_open_to_everybody(registry: Registry) -> None:
    document = (await registry.http.get(f"/{registry.service.name}/openapi.json")).json()
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            answer = await registry.http.request(method, re.sub(r"\{\w+\}", "x", path))
            assert (answer.status_code == 401) == ("security" in operation), (method, path, answer.text)
            if answer.status_code == 401:
                assert answer.headers["content-type"] == "application/problem+json"
