"""What a unit's code says by itself: its kind and its rank."""

import re
from enum import StrEnum

_CODE = re.compile(r"(?P<county>[0-9]{6})(?:(?P<township>[0-9]{3})(?P<village>[0-9]{3})?|-(?P<other>[DEX])[0-9]{4})?")


class UnitKind(StrEnum):
    """The kinds of org units. A zone is a development zone of county or township rank."""

    PROVINCE = "province"
    CITY = "city"
    COUNTY = "county"
    TOWNSHIP = "township"
    VILLAGE = "village"
    COMMUNITY = "community"
    ZONE = "zone"
    DEPARTMENT = "department"
    ENTERPRISE = "enterprise"
    ESTATE = "estate"


class Rank(StrEnum):
    """Where in the tree a unit stands, whatever its kind; every party organisation below a township is a branch."""

    PROVINCE = "province"
    CITY = "city"
    COUNTY = "county"
    TOWNSHIP = "township"
    BRANCH = "branch"


COUNTY_DIGITS, TOWNSHIP_DIGITS = 6, 9
"""Digits of the codes of counties, and of townships: zones of these ranks have as many."""

_OTHER = {"D": UnitKind.DEPARTMENT, "E": UnitKind.ENTERPRISE, "X": UnitKind.ESTATE}


def kind_of(code: str) -> UnitKind:
    """The kind of the unit with this code, a national division code or `<county code>-D0001` (-E, -X).

    Source: the coding rules of the statistical divisions: county numbers from 71 to 79 and township numbers
    in 4xx and 5xx are zones, village numbers below 200 communities. Raises ValueError if it is no code.
    """
    parts = _parts(code)
    county, township, village = parts["county"], parts["township"], parts["village"]
    if parts["other"]:
        return _OTHER[parts["other"]]
    if village:
        return UnitKind.COMMUNITY if village < "200" else UnitKind.VILLAGE
    if township:
        return UnitKind.ZONE if "400" <= township < "600" else UnitKind.TOWNSHIP
    if county.endswith("0000"):
        return UnitKind.PROVINCE
    if county.endswith("00"):
        return UnitKind.CITY
    return UnitKind.ZONE if "71" <= county[4:] <= "79" else UnitKind.COUNTY


def rank_of(code: str) -> Rank:
    """The rank of the unit with this code: a zone's is that of a county or of a township, by its digits.

    Raises ValueError if it is no code.
    """
    match kind_of(code):
        case UnitKind.PROVINCE:
            return Rank.PROVINCE
        case UnitKind.CITY:
            return Rank.CITY
        case UnitKind.COUNTY:
            return Rank.COUNTY
        case UnitKind.TOWNSHIP:
            return Rank.TOWNSHIP
        case UnitKind.ZONE:
            return Rank.COUNTY if len(code) == COUNTY_DIGITS else Rank.TOWNSHIP
        case UnitKind.VILLAGE | UnitKind.COMMUNITY | UnitKind.DEPARTMENT | UnitKind.ENTERPRISE | UnitKind.ESTATE:
            return Rank.BRANCH


def _parts(code: str) -> dict[str, str]:
    match = _CODE.fullmatch(code)
    if match is None:
        raise ValueError(f"{code!r} is no unit code")
    return match.groupdict("")
