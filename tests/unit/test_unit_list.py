"""A list of units is read with its parents first, or refused with the lines that are wrong."""

from datetime import date
from pathlib import Path

import pytest

from infra.scenario.divisions import FILE
from infra.stack.failure import StackError
from infra.unit_list import read_units
from infra.units_cli import Came, shown


def listed(folder: Path, *lines: str, head: str = "code,name,parent") -> Path:
    file = folder / "units.csv"
    file.write_text("\n".join([head, *lines]), "utf-8")
    return file


def test_parents_come_before_what_lies_below_them_whatever_the_order_of_the_file(tmp_path: Path):
    file = listed(tmp_path, "340822100,高河镇,340822", "340822,怀宁县,340800", "340822-D0001,县直机关,340822")
    levels = [[unit.code for unit in level] for level in read_units(file)]
    assert levels == [["340822"], ["340822100", "340822-D0001"]]


def test_a_unit_has_the_kind_of_its_code_and_perhaps_a_first_day(tmp_path: Path):
    file = listed(tmp_path, "340822400,开发区,340822,2023-03-01", "340000,安徽省,,", head="code,name,parent,since")
    zone, province = read_units(file)[0]
    assert (zone.kind, zone.since, province.kind, province.parent, province.since) == (
        "zone",
        date(2023, 3, 1),
        "province",
        None,
        None,
    )


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (["34082,怀宁县,340800"], "line 2: '34082' is no unit code"),
        (["340822,,340800"], "line 2: 340822 has no name"),
        (["340822,怀宁县,340800", "340822,怀宁,340800"], "line 3: 340822 stands there twice"),
        (["340822,怀宁县,340828", "340828,岳西县,340822"], "below each other: 340822, 340828"),
    ],
)
def test_what_is_wrong_is_named_and_nothing_is_read(tmp_path: Path, lines: list[str], said: str):
    with pytest.raises(StackError, match=said):
        read_units(listed(tmp_path, *lines))


def test_a_file_without_the_columns_or_that_is_no_text_is_refused(tmp_path: Path):
    with pytest.raises(StackError, match="lacks the columns parent"):
        read_units(listed(tmp_path, "340822,怀宁县", head="code,name"))
    (tmp_path / "units.xls").write_bytes(b"\xd0\xcf\x11\xe0\xff")
    with pytest.raises(StackError, match="cannot be read"):
        read_units(tmp_path / "units.xls")


def test_the_whole_province_is_one_list():
    assert [len(level) for level in read_units(FILE)] == [1, 16, 119, 1685, 18334]


def test_of_many_refusals_the_first_are_shown_and_the_others_counted():
    refused = [f"unit {number}" for number in range(23)]
    assert shown(refused) == [*refused[:20], "… and 3 more"]
    assert shown(refused[:20]) == refused[:20]


def test_what_came_of_an_import_is_counted(tmp_path: Path):
    unit = read_units(listed(tmp_path, "340822,怀宁县,340800"))[0][0]
    came = Came()
    for answer in (
        {"status": 201, "reply": {"version": 1}},
        {"status": 204, "reply": None},
        {"status": 409, "code": "unit_exists", "detail": "单位 340822 已登记。"},
    ):
        came.take(unit, answer)
    assert (came.counts["new"], came.counts["there"]) == (1, 1)
    assert came.refused == ["340822 怀宁县: 单位 340822 已登记。"]
