"""What the OpenAPI says of operations, models and tokens, besides what the routes say."""

from functools import cache
from typing import Any

import pytest

from infra.authority import table
from shared.kit import Service
from shared.openapi import completed
from shared.service import RoleOf, application
from shared.settings import AuthMode, Settings
from tests.unit.test_authority_table import MADE


@cache
def _described(number: int) -> dict[str, Any]:
    return application(MADE[number], Settings(auth=AuthMode.LOCAL), RoleOf.API).openapi()


def described(service: Service) -> dict[str, Any]:
    """The OpenAPI of a service, made once."""
    return _described(MADE.index(service))


def references(node: Any) -> set[str]:
    """What is referred to anywhere below."""
    if isinstance(node, dict):
        here = {node["$ref"]} if isinstance(node.get("$ref"), str) else set[str]()
        return here.union(*(references(each) for each in node.values()))
    return set[str]().union(*(references(each) for each in node)) if isinstance(node, list) else set()


@pytest.mark.parametrize("service", MADE, ids=lambda service: service.name)
def test_every_reference_leads_to_a_model_of_the_document(service: Service):
    document = described(service)
    models = {f"#/components/schemas/{name}" for name in document["components"]["schemas"]}
    assert references(document) - models == set()
    assert "$defs" not in str(document)


@pytest.mark.parametrize("service", MADE, ids=lambda service: service.name)
def test_every_operation_of_a_services_openapi_is_in_the_table(service: Service):
    lines = {(line.method, line.path) for found in table().values() for line in found if line.rule is not None}
    paths = described(service)["paths"]
    operations = {(method.upper(), path) for path, operations in paths.items() for method in operations}
    assert operations - lines == set()


def test_models_of_one_name_keep_apart_by_the_body_they_are_part_of():
    def body(title: str, kind: str) -> dict[str, Any]:
        part = {"type": kind, "title": "Part"}
        return {"title": title, "properties": {"part": {"$ref": "#/$defs/Part"}}, "$defs": {"Part": part}}

    paths = {"/a": {"post": {"body": body("A", "string")}}, "/b": {"post": {"body": body("B", "integer")}}}
    document = completed({"paths": paths})
    kinds = {name: model["type"] for name, model in document["components"]["schemas"].items()}
    assert kinds == {"A.Part": "string", "B.Part": "integer"}
    assert references(document) == {"#/components/schemas/A.Part", "#/components/schemas/B.Part"}


def test_what_is_not_open_to_everybody_takes_a_token():
    registry = described(MADE[0])["paths"]
    assert "security" in registry[f"/{MADE[0].name}/status"]["get"]
    assert "security" not in registry["/health/live"]["get"]
