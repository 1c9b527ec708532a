"""JSON Schemas of the event types, and which changes of them would break a reader or an old event."""

from collections.abc import Iterator, Mapping
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

from shared import contracts
from shared.contracts.event import PREFIX, models

Schema = Mapping[str, Any]

_FIXED = ("type", "format", "const", "pattern", "contentEncoding", "discriminator")
_FLOORS = ("minimum", "exclusiveMinimum", "minLength", "minItems")
_CEILINGS = ("maximum", "exclusiveMaximum", "maxLength", "maxItems")


def released_name(event_type: str) -> str:
    """The name that a schema is published under: the type without its prefix, `project.plan-approved.v1`."""
    return event_type.removeprefix(PREFIX)


def schemas() -> dict[str, dict[str, Any]]:
    """The JSON Schema of every event type's data, by released name."""
    for module in iter_modules(contracts.__path__, "shared.contracts."):
        import_module(module.name)
    return {
        released_name(name): {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "$id": f"urn:guatu:schema:{released_name(name)}",
            "x-topic": model.topic.value,
            **_open(model.model_json_schema(mode="serialization")),
        }
        for name, model in models()
        if model.__module__.startswith("shared.contracts.")
    }


def _open(schema: Any) -> Any:
    """A schema for those who read: what a later writer adds is no error to them."""
    match schema:
        case dict():
            return {
                key: _open(value) for key, value in schema.items() if (key, value) != ("additionalProperties", False)
            }
        case list():
            return [_open(each) for each in schema]
        case _:
            return schema


def breaks(old: Mapping[str, Schema], new: Mapping[str, Schema]) -> list[str]:
    """What the change from the released schemas to the new ones would break, each with its place.

    Additive and thus allowed: a new type, a new field with a default, a wider range, another enumeration value.
    """
    found = [f"{name}: the type is gone" for name in old if name not in new]
    for name in sorted(old.keys() & new.keys()):
        found += _Comparison(old[name], new[name]).differences(old[name], new[name], name)
    return found


class _Comparison:
    """Compares two schemas, each with the definitions that its references point to."""

    def __init__(self, old: Schema, new: Schema) -> None:
        self._old_definitions = old.get("$defs", {})
        self._new_definitions = new.get("$defs", {})

    def differences(self, old: Schema, new: Schema, place: str) -> Iterator[str]:
        old = _resolved(old, self._old_definitions)
        new = _resolved(new, self._new_definitions)
        yield from self._alternatives(old, new, place)
        for key in _FIXED:
            if old.get(key) != new.get(key):
                yield f"{place}: {key} was {old.get(key)!r} and is {new.get(key)!r}"
        yield from _narrowed(old, new, place)
        yield from self._fields(old, new, place)
        if "items" in old and "items" in new:
            yield from self.differences(old["items"], new["items"], f"{place}[]")

    def _alternatives(self, old: Schema, new: Schema, place: str) -> Iterator[str]:
        for word in ("anyOf", "oneOf"):
            before, after = old.get(word, ()), new.get(word, ())
            for choice in before:
                if all(list(self.differences(choice, candidate, place)) for candidate in after):
                    yield f"{place}: an alternative is gone: {choice}"

    def _fields(self, old: Schema, new: Schema, place: str) -> Iterator[str]:
        before, after = old.get("properties", {}), new.get("properties", {})
        for name in before.keys() - after.keys():
            yield f"{place}.{name}: the field is gone"
        for name in before.keys() & after.keys():
            yield from self.differences(before[name], after[name], f"{place}.{name}")
        for name in after.keys() - before.keys():
            if "default" not in after[name]:
                yield f"{place}.{name}: a new field needs a default, since old events lack it"


def _resolved(schema: Schema, definitions: Mapping[str, Schema]) -> Schema:
    reference = schema.get("$ref")
    return definitions[reference.rsplit("/", 1)[-1]] if reference else schema


def _narrowed(old: Schema, new: Schema, place: str) -> Iterator[str]:
    if "enum" in new and "enum" not in old:
        yield f"{place}: only {new['enum']} are allowed now"
    for value in old.get("enum", ()):
        if value not in new.get("enum", ()):
            yield f"{place}: the value {value!r} is gone"
    for key in _FLOORS:
        if key in new and (key not in old or new[key] > old[key]):
            yield f"{place}: {key} was {old.get(key)} and is {new[key]}"
    for key in _CEILINGS:
        if key in new and (key not in old or new[key] < old[key]):
            yield f"{place}: {key} was {old.get(key)} and is {new[key]}"
