"""What a service's OpenAPI says besides its routes: who must sign in, and each model in the one place for models."""

from collections.abc import Callable, Iterator
from typing import Any, cast

from fastapi import FastAPI

from shared.authority_table import AUTHORITY, Reads, Rule, reads

SECURITY: dict[str, dict[str, str]] = {
    "bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"},
}
"""How systems sign in; pages have their own cookie, which no system sends."""
_MODELS, _DEFINITIONS = "#/components/schemas/", "#/$defs/"
_OPEN = reads(Reads.OPEN, "")[AUTHORITY]["who"]


def describe(app: FastAPI) -> None:
    """Have an application's OpenAPI said in full."""
    made: Callable[[], dict[str, Any]] = app.openapi

    def openapi() -> dict[str, Any]:
        return app.openapi_schema if app.openapi_schema is not None else completed(made())

    app.openapi = openapi


def completed(document: dict[str, Any]) -> dict[str, Any]:
    """The document with its models in `components` and the operations that need a token marked, in place.

    A model that stands in a body brings what it is made of as `$defs`; references in OpenAPI start at the document.
    """
    components: dict[str, Any] = document.setdefault("components", {})
    schemas: dict[str, Any] = components.setdefault("schemas", {})
    for schema in list(_with_definitions(document["paths"])):
        schemas |= _hoisted(schema)
    components["securitySchemes"] = SECURITY
    for operations in document["paths"].values():
        for operation in operations.values():
            rule = Rule.of(operation)
            if rule is not None and rule.who != _OPEN:
                operation["security"] = [{name: []} for name in SECURITY]
    return document


def _with_definitions(node: object) -> Iterator[dict[str, Any]]:
    if isinstance(node, list):
        for each in cast("list[object]", node):
            yield from _with_definitions(each)
    elif isinstance(node, dict):
        if "$defs" in node:
            yield cast("dict[str, Any]", node)
        for each in list(cast("dict[str, object]", node).values()):
            yield from _with_definitions(each)


def _hoisted(schema: dict[str, Any]) -> dict[str, Any]:
    """Take the definitions out of a schema, under names that begin with the schema's title."""
    definitions: dict[str, Any] = schema.pop("$defs")
    owner = schema["title"]
    schema |= _pointed(schema, owner)
    return {f"{owner}.{name}": _pointed(each, owner) for name, each in definitions.items()}


def _pointed(node: Any, owner: str) -> Any:
    """The same with every reference to a definition leading to where it is now, those of a choice too."""
    if isinstance(node, list):
        return [_pointed(each, owner) for each in cast("list[object]", node)]
    if isinstance(node, dict):
        return {name: _pointed(each, owner) for name, each in cast("dict[str, object]", node).items()}
    if isinstance(node, str) and node.startswith(_DEFINITIONS):
        return f"{_MODELS}{owner}.{node.removeprefix(_DEFINITIONS)}"
    return node
