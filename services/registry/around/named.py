"""Ids of what must not stand twice: they follow from what the thing is, so that both times name the same stream."""

from uuid import NAMESPACE_URL, uuid5

from services.registry.around.as_read import as_read


def named(kind: str, unit: str, *parts: str) -> str:
    """The id of a unit's thing that these parts name, by how they read and not by how they are written."""
    return str(uuid5(uuid5(NAMESPACE_URL, f"urn:guatu:{kind}"), "\n".join((unit, *map(as_read, parts)))))
