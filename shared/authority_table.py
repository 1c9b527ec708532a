"""By which rule a route may be used, as data of the route: the OpenAPI shows it, docs/authority.md is made of it."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from shared.command import Who
from shared.contracts.reference import SECRETARIES, Role

ANYWHERE = "anywhere"
"""The scope of what belongs to no unit."""
AUTHORITY = "x-guatu-authority"
"""Where an operation of the OpenAPI has its rule."""


@dataclass(frozen=True, slots=True)
class Rule:
    """Who may use a route, held where, and what else is asked."""

    who: str
    where: str
    besides: str = ""

    @classmethod
    def of(cls, operation: Mapping[str, Any] | None) -> "Rule | None":
        """The rule that an operation declares, None if it declares none."""
        declared = (operation or {}).get(AUTHORITY)
        return cls(**declared) if declared else None


class Reads(StrEnum):
    """How what a query answers is cut; a post of any role will do."""

    SIGHT = "at it or above it"
    """What belongs to one unit, for who holds a post there or above; for others it is not there."""
    SUBTREE = "at them or above them"
    """A list, cut to the subtrees of the caller's posts."""
    REACH = "at it, above or below it"
    """What everybody in a place may read."""
    SIGNED_IN = "anywhere or nowhere"
    """What is open to whoever is signed in."""
    OPEN = "not signed in"
    """What is open to everybody."""


def reads(how: Reads, of: str, besides: str = "") -> dict[str, Any]:
    """A query's rule, as the route's `openapi_extra`: `of` names the unit that counts, or what is listed."""
    match how:
        case Reads.SIGHT | Reads.SUBTREE | Reads.REACH:
            rule = Rule("any post", f"{of}: {how}", besides)
        case Reads.SIGNED_IN:
            rule = Rule("whoever is signed in", of, besides)
        case Reads.OPEN:
            rule = Rule("everybody", of, besides)
    return {AUTHORITY: asdict(rule)}


def does(who: Who[Any, Any]) -> dict[str, Any]:
    """A command's rule, as the route's `openapi_extra`."""
    by_office = bool(who.roles & SECRETARIES)
    roles = " or ".join(f"`{role}`" for role in sorted(who.roles) if not (by_office and role is Role.OFFICE))
    office = "; the `office` of a township or county at it or above it, for the secretary" if by_office else ""
    held = "at that very unit, or at the heir of one that has ended" if who.exactly else "at it or above it"
    where = who.scope if who.scope in ("", ANYWHERE) else f"{who.scope}: {held}"
    return {AUTHORITY: asdict(Rule(roles + office, where, who.besides))}
