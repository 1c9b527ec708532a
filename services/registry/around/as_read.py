"""A name as readers tell it from others."""

import re
import unicodedata

_VARIANTS = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]")
"""Which of its forms a character is to be drawn in."""


def as_read(name: str) -> str:
    """A name without what readers do not tell it apart by: width, case, blanks, characters that are not seen."""
    folded = _VARIANTS.sub("", unicodedata.normalize("NFKC", name).casefold())
    return "".join(each for each in folded if each.isalnum() or unicodedata.category(each)[0] not in "CZ")
