"""What the OpenAPI says of models and tokens, besides what the routes say."""

from typing import Any

import pytest

from shared.kit import Service
from shared.openapi import completed
from shared.service import RoleOf, application
from shared.settings import AuthMode, Settings
from tests.unit.test_authority_table import MADE


def references(node: Any) -> set[str]:
    """What is referred to anywhere below."""
    if isinstance(node, dict):
        here = {node["$ref"]} if isinstance(node.get("$ref"), str) else set[str]()
        return here.union(*(references(each) for each in node.values()))
    return set[str]().union(*(references(each) for each in node)) if isinstance(node, list) else set()


@pytest.mark.parametrize("service", MADE, ids=lambda service: service.name)
def test_every_reference_leads_to_a_model_of_the_document(service: Service):
    document = application(service, Settings(auth=AuthMode.LOCAL), RoleOf.API).openapi()
    models = {f"#/components/schemas/{name}" for name in document["components"]["schemas"]}
    assert references(document) - models == set()
    assert "$defs" not in str(document)


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
    registry = application(MADE[0], Settings(auth=AuthMode.LOCAL), RoleOf.API).openapi()["paths"]
    assert "security" in registry[f"/{MADE[0].name}/status"]["get"]
    assert "security" not in registry["/health/live"]["get"]
