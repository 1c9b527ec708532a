"""The page models of what units are asked for: answers, rows of items, whom a request goes to, months."""

from datetime import date

import pytest

from services.registry.asking.burden import DataRequestState, UnitAnswer
from services.registry.desk.asking import beside_names, places, ticked, with_days
from services.registry.desk.month import months_back
from services.registry.desk.requests import answer_fields, completed, request_state
from shared.contracts.reference import DataItem, ItemAnswer
from shared.web.forms import Form, content
from tests.unit.registry.builders import COUNTY, TOWNSHIP, VILLAGE
from tests.unit.registry.dsl import TODAY

ITEMS = [DataItem(id="i1", name="编织袋", as_of=TODAY), DataItem(id="i2", name="排涝泵", as_of=TODAY)]


def state(**changed: object) -> DataRequestState:
    told = {"id": f"{COUNTY}-2023-flood", "county": COUNTY, "request": "flood", "title": "摸底", "purpose": "调拨"}
    asked = {"items": ITEMS, "asked_on": TODAY, "due": TODAY, "withdrawn": "", "units": 2, "answered": 1, "answers": []}
    return DataRequestState.model_validate({**told, **asked, **changed})


def test_what_a_unit_says_that_it_does_not_have_is_null():
    fields = {"answers.0.item": "i1", "answers.0.value": "3", "answers.1.item": "i2", "answers.1.none": "1"}
    told = content(completed({**fields, "answers.1.value": ""}))
    assert told == {"answers": [{"item": "i1", "value": "3"}, {"item": "i2", "value": None}]}


def test_an_answer_that_is_left_out_stays_missing():
    told = content(completed({"answers.0.item": "i1", "answers.0.value": " "}))
    assert told == {"answers": [{"item": "i1"}]}


def test_the_form_of_an_answer_is_filled_in_with_what_was_said_last():
    said = [ItemAnswer(item="i1", value="3"), ItemAnswer(item="i2", value=None)]
    given = UnitAnswer(unit=TOWNSHIP, on=TODAY, by="s", answers=said)
    fields = answer_fields(state(), given)
    assert (fields["answers.0.value"], fields.get("answers.0.none")) == ("3", None)
    assert (fields.get("answers.1.value"), fields["answers.1.none"]) == (None, "1")
    fresh = answer_fields(state(), UnitAnswer(unit=TOWNSHIP, on=None, by="", answers=[]))
    assert not any(path.endswith((".none", ".value")) for path in fresh)


@pytest.mark.parametrize(
    ("changed", "word"),
    [
        ({"withdrawn": "不要了"}, ("已撤回", "")),
        ({"answered": 2}, ("已答齐", "green")),
        ({}, ("待报 1 个", "blue")),
        ({"due": date(2023, 1, 1)}, ("逾期待报 1 个", "red")),
    ],
)
def test_where_a_request_stands_is_said_in_a_word(changed: dict[str, object], word: tuple[str, str]):
    assert request_state(state(**changed), TODAY) == word


def test_what_is_wrong_with_an_item_stands_beside_its_name():
    wrong = {"items.1": "系统已有", "units.0": "外县", "units": "没有选", "due": "过了"}
    assert beside_names(wrong) == {"items.1.name": "系统已有", "units": "外县", "due": "过了"}
    assert beside_names({"items": "没有填"}) == {"items.0.name": "没有填"}


def test_a_row_without_a_day_has_that_of_the_first():
    form = with_days(Form("ask", {"items.0.as_of": "2023-02-28", "items.2.name": "第三项", "items.1.as_of": ""}), TODAY)
    assert [form.value(f"items.{n}.as_of") for n in range(3)] == ["2023-02-28", "", "2023-02-28"]
    assert with_days(Form("ask"), TODAY).value("items.1.as_of") == TODAY.isoformat()


def test_units_are_ticked_below_their_townships():
    department = f"{COUNTY}-D0001"
    units = [(COUNTY, "怀宁县"), (TOWNSHIP, "高河镇"), (department, "怀宁县　县直机关"), (VILLAGE, "高河镇　凌桥村")]
    found = [(each.code, each.name, list(each.below)) for each in places(units, COUNTY)]
    assert found == [(TOWNSHIP, "高河镇", [(VILLAGE, "凌桥村")]), (department, "县直机关", [])]
    assert ticked(Form("ask", {f"units.{VILLAGE}": VILLAGE, "title": "摸底"})) == [VILLAGE]


def test_the_months_to_choose_go_back_from_the_present_one():
    assert months_back(date(2023, 2, 3), 3) == ["2023-02", "2023-01", "2022-12"]
