"""A name as readers tell it from others."""

import unicodedata


def as_read(name: str) -> str:
    """A name without what readers do not tell it apart by: width, case, blanks, characters that are not seen."""
    folded = unicodedata.normalize("NFKC", name).casefold()
    return "".join(each for each in folded if each.isalnum() or unicodedata.category(each)[0] not in "CZ")
