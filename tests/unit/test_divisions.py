"""A unit's code says its kind and rank; the division data is what its source says."""

import csv
from collections import Counter
from pathlib import Path

import pytest

from shared.contracts.divisions import Rank, UnitKind, kind_of, rank_of

ANHUI = Path(__file__).parents[2] / "infra/data/divisions/anhui.csv"


def anhui() -> list[dict[str, str]]:
    with ANHUI.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("340000", UnitKind.PROVINCE),
        ("340800", UnitKind.CITY),
        ("340822", UnitKind.COUNTY),
        ("340871", UnitKind.ZONE),
        ("340822100", UnitKind.TOWNSHIP),
        ("340822204", UnitKind.TOWNSHIP),
        ("340882400", UnitKind.ZONE),
        ("340803500", UnitKind.ZONE),
        ("340822100008", UnitKind.COMMUNITY),
        ("340822100199", UnitKind.COMMUNITY),
        ("340822100200", UnitKind.VILLAGE),
        ("340882-D0001", UnitKind.DEPARTMENT),
        ("340882-E0001", UnitKind.ENTERPRISE),
        ("340882-X0001", UnitKind.ESTATE),
    ],
)
def test_a_code_says_its_kind(code: str, kind: UnitKind):
    assert kind_of(code) is kind


@pytest.mark.parametrize(
    ("code", "rank"),
    [
        ("340000", Rank.PROVINCE),
        ("340800", Rank.CITY),
        ("340822", Rank.COUNTY),
        ("340871", Rank.COUNTY),
        ("340822100", Rank.TOWNSHIP),
        ("340822400", Rank.TOWNSHIP),
        ("340822100008", Rank.BRANCH),
        ("340822100201", Rank.BRANCH),
        ("340800-D0001", Rank.BRANCH),
        ("340822-E0001", Rank.BRANCH),
        ("340822-X0001", Rank.BRANCH),
    ],
)
def test_a_code_says_its_rank_and_a_zone_has_that_of_a_county_or_a_township(code: str, rank: Rank):
    assert rank_of(code) is rank


@pytest.mark.parametrize(
    "code", ["", "34", "3408221", "340822-Y0001", "340822100-D0001", "340822100008\n", "３４０８２２"]
)
def test_what_is_no_code_is_refused(code: str):
    with pytest.raises(ValueError, match="no unit code"):
        kind_of(code)


def test_anhui_has_all_its_divisions():
    levels = Counter(row["level"] for row in anhui())
    assert levels == {"province": 1, "city": 16, "county": 119, "township": 1685, "village": 18334}
    kinds = Counter(kind_of(row["code"]) for row in anhui() if row["level"] == "county")
    assert kinds == {UnitKind.COUNTY: 104, UnitKind.ZONE: 15}
    assert sum(kind_of(row["code"]) is UnitKind.TOWNSHIP for row in anhui()) == 1525


def test_anqing_has_all_its_divisions():
    levels = Counter(row["level"] for row in anhui() if row["code"].startswith("3408"))
    assert levels == {"city": 1, "county": 11, "township": 168, "village": 1590}


def test_every_division_stands_after_the_one_that_it_lies_in():
    seen = {""}
    for row in anhui():
        assert row["parent"] in seen
        assert row["code"] not in seen
        seen.add(row["code"])
