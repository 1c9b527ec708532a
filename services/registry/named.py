"""Ids of what must not stand twice: they follow from what the thing is, so that both times name the same stream."""

import unicodedata
from uuid import NAMESPACE_URL, uuid5


def named(kind: str, unit: str, *parts: str) -> str:
    """The id of a unit's thing that these parts name, by how they read and not by how they are written."""
    return str(uuid5(uuid5(NAMESPACE_URL, f"urn:guatu:{kind}"), "\n".join((unit, *map(_as_read, parts)))))


def _as_read(text: str) -> str:
    """A text without what readers do not tell it apart by: width, case, blanks, characters that are not seen."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return "".join(each for each in folded if unicodedata.category(each)[0] not in "CZ")
