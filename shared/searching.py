"""How texts are found by a part of them: folded alike, and cut into grams that an index holds.

PostgreSQL's trigrams find nothing by two characters, which most Chinese words have: grams here are of one and two.
"""

import unicodedata
from collections.abc import Iterable


def folded(text: str) -> str:
    """A text as it is looked for: width and case do not count."""
    return unicodedata.normalize("NFKC", text).casefold()


def grams(*texts: str) -> tuple[str, ...]:
    """Every one and two characters that stand in some of the folded texts, in order, without blanks."""
    return tuple(sorted({gram for text in texts for gram in _grams(text) if not any(map(str.isspace, gram))}))


def _grams(text: str) -> Iterable[str]:
    yield from text
    yield from (text[n : n + 2] for n in range(len(text) - 1))


def words(wanted: str) -> list[str]:
    """The folded words of what is looked for; each must stand somewhere."""
    return folded(wanted).split()
