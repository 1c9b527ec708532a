"""The units and secretaries that a ledger's rows name: by code or id, or by a name that is one alone there."""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from services.registry.ledger import cells
from services.registry.reference.person import Person
from shared.authority_views import UnitRow
from shared.contracts.divisions import Rank, rank_of
from shared.errors import InvalidValue

_WITH_ID = re.compile(r"([^()]*)\(([a-z0-9-]+)\)")
_WORDS = re.compile(r"[县市区]$")
_NAMED = 5
"""So many candidates are named where a name is not one alone."""


@dataclass(frozen=True, slots=True)
class Secretary:
    """Somebody who is the secretary of a unit today."""

    id: str
    name: str
    person: Person


@dataclass(frozen=True)
class Places:
    """What rows are matched with; the words of cells are in the usual width.

    `counties` are the names of all counties by code, `allowed` those whose projects the importer may bring in;
    `units` are the units of these; `county_of` says in which one each lies that has not ended, `secretaries` who leads
    them today.
    """

    counties: Mapping[str, str]
    allowed: Collection[str]
    units: Mapping[str, UnitRow]
    county_of: Mapping[str, str]
    secretaries: Mapping[str, Sequence[Secretary]]
    named: Mapping[tuple[str, str], Sequence[str]]

    def county(self, word: str) -> str:
        """The code of a county.

        Raises:
            InvalidValue("no_such_county" | "county_not_yours" | "name_of_several").
        """
        code = county_in(self.counties, word)
        if code not in self.allowed:
            raise InvalidValue("county_not_yours", None, {"county": self.counties[code]})
        return code

    def unit(self, county: str, word: str) -> str:
        """The code of a unit in a county, named by its code, its name, or its name after that of a unit above it.

        Raises:
            InvalidValue("no_such_unit_there" | "unit_elsewhere" | "name_of_several").
        """
        if word in self.county_of:
            if self.county_of[word] != county:
                raise InvalidValue("unit_elsewhere", None, {"county": self.counties[county]})
            return word
        *above, name = (part.strip() for part in word.split("/"))
        found = [code for code in self.named.get((county, name), ()) if self._lies_in(code, above)]
        if not found:
            raise InvalidValue("no_such_unit_there", None, {"county": self.counties[county]})
        return _only(found)

    def secretary(self, unit: str, word: str) -> Secretary:
        """Today's secretary of a unit, by name, id, or both as `李伟(340822100-1)`.

        Raises:
            InvalidValue("not_the_secretary" | "name_of_several").
        """
        both = _WITH_ID.fullmatch(word)
        name, id = (both[1].strip(), both[2]) if both else ("", "")
        there = self.secretaries.get(unit, ())
        found = {each.id: each for each in there if _is(each, word, name, id)}
        if not found:
            names = "、".join(each.name for each in there) or "—"
            raise InvalidValue("not_the_secretary", None, {"unit": self.units[unit].name, "secretaries": names})
        return found[_only(list(found))]

    def _lies_in(self, code: str, above: Sequence[str]) -> bool:
        """Whether the units right above one have these names, the nearest last."""
        there = [cells.usual(unit.name) for unit in islice(_standing(self.units, code), 1, len(above) + 1)]
        return there[::-1] == list(above)


def places_of(
    counties: Mapping[str, str],
    allowed: Collection[str],
    units: Iterable[UnitRow],
    secretaries: Iterable[tuple[str, Secretary]],
) -> Places:
    """The places of these units; `secretaries` come each with the unit."""
    by_code = {unit.code: unit for unit in units}
    standing = [code for code, unit in by_code.items() if unit.ended is None]
    county_of = {code: county for code in standing if (county := _county_above(by_code, code))}
    leading: dict[str, list[Secretary]] = defaultdict(list)
    for unit, secretary in secretaries:
        leading[unit].append(secretary)
    named: dict[tuple[str, str], list[str]] = defaultdict(list)
    for code, county in county_of.items():
        named[county, cells.usual(by_code[code].name)].append(code)
    return Places(counties, allowed, by_code, county_of, leading, named)


def county_in(counties: Mapping[str, str], word: str) -> str:
    """The code of a county that is named by its code or its name, with or without its last word.

    Raises:
        InvalidValue("no_such_county" | "name_of_several").
    """
    if word in counties:
        return word
    usual = {code: cells.usual(name) for code, name in counties.items()}
    exact = [code for code, name in usual.items() if name == word]
    found = exact or [code for code, name in usual.items() if _WORDS.sub("", name) == word]
    if not found:
        raise InvalidValue("no_such_county")
    return _only(found)


def _is(secretary: Secretary, word: str, name: str, id: str) -> bool:
    called = cells.usual(secretary.name)
    if id:
        return secretary.id == id and name in ("", called)
    return word in (secretary.id, called)


def _only(found: Sequence[str]) -> str:
    if len(found) > 1:
        raise InvalidValue("name_of_several", None, {"codes": "、".join(found[:_NAMED])})
    return found[0]


def _county_above(units: Mapping[str, UnitRow], code: str) -> str | None:
    return next((unit.code for unit in _standing(units, code) if rank_of(unit.code) is Rank.COUNTY), None)


def _standing(units: Mapping[str, UnitRow], code: str) -> Iterator[UnitRow]:
    """A unit and those above it that have not ended, the nearest first."""
    seen: set[str] = set()
    at: str | None = code
    while at is not None and at in units and at not in seen:
        seen.add(at)
        if units[at].ended is None:
            yield units[at]
        at = units[at].parent
