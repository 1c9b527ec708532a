"""What a county asks its units for: once, with a purpose, and never what is held."""

import re
from datetime import date
from pathlib import Path

import pytest

from services.registry.asking.data_request import DATA_REQUESTS, AnswerFacts, RequestFacts
from services.registry.asking.held import ALWAYS_HELD, catalogued, holder_of
from services.registry.commands.data_requests import AnswerDataRequest, RequestData, WithdrawDataRequest
from services.registry.reference.person import PERSON
from shared.contracts.reference import DataAnswered, DataItem, DataRequested, DataRequestWithdrawn, ItemAnswer
from tests.unit.registry.builders import COUNTY, TOWNSHIP, appointed, person
from tests.unit.registry.dsl import OWNER, TODAY, folded, given

ROOT = Path(__file__).parents[3] / "services"
PAGES = ("reporting/templates", "registry/desk/templates", "registry/desk")
ID = f"{COUNTY}-2023"
OTHER = "340822101"
FACTS = RequestFacts(ALWAYS_HELD)


def item(name: str = "防汛沙袋数量", as_of: date = TODAY, id: str = "sandbags") -> DataItem:
    return DataItem(id=id, name=name, as_of=as_of, unit_of_measure="只")


def ask(
    *items: DataItem, request: str = "flood", units: tuple[str, ...] = (TOWNSHIP,), due: date = TODAY
) -> RequestData:
    return RequestData(
        request=request,
        county=COUNTY,
        title="防汛物资摸底",
        purpose="汛期调拨",
        items=items or (item(),),
        units=units,
        due=due,
    )


def asked(*items: DataItem, request: str = "flood", units: tuple[str, ...] = (TOWNSHIP,)) -> DataRequested:
    return DataRequested.model_validate(
        ask(*items, request=request, units=units).model_dump(exclude={"effective", "effective_reason"})
    )


def test_units_are_asked_with_a_purpose():
    given().when(ask(), id=ID, knowing=FACTS).then(asked())


def test_a_unit_is_named_once_in_a_request():
    given().when(ask(units=(OTHER, TOWNSHIP, OTHER)), id=ID, knowing=FACTS).then(asked(units=(TOWNSHIP, OTHER)))


@pytest.mark.parametrize(
    ("name", "where"),
    [
        ("各村 完成进度（%）", "项目页“进度过程”"),
        ("各项目完成进度", "项目页“进度过程”"),
        ("２０２３年上半年书记项目数（个）", "单位页的合计"),
        ("问题清单", "项目页“问题与整改”"),
        ("各乡镇书记项目存在问题情况统计表", "项目页“问题与整改”"),
        ("书记名单", "“项目台账”的书记一栏"),
        ("本县第二季度品牌数量", "“成果与指标”页的“品牌”"),
    ],
)
def test_what_is_held_is_not_asked_for_and_the_place_is_named(name: str, where: str):
    refused = given().when(ask(item(), item(name, id="again")), id=ID, knowing=FACTS)
    refused.then_refused("held_already", "items.1", item=name, where=where)


@pytest.mark.parametrize("name", ["招商引资项目数", "河长责任人", "疫苗接种完成比例", "项目数排名靠后的原因"])
def test_what_only_reads_like_something_held_may_be_asked_for(name: str):
    assert given().when(ask(item(name)), id=ID, knowing=FACTS).refused is None


def test_what_is_held_is_shown_on_a_page():
    pages = "".join(page.read_text() for folder in PAGES for page in (ROOT / folder).glob("*.*"))
    named = {place for each in ALWAYS_HELD for place in re.findall("“([^”]+)”", each.where)}
    assert {place for place in named if place not in pages} == set()


def test_what_the_county_holds_beside_is_not_asked_for_either():
    facts = RequestFacts(catalogued(["村级集体经营性收入"]))
    refused = given().when(ask(item("村级集体经营性收入（万元）")), id=ID, knowing=facts)
    refused.then_refused("held_already", where="“成果与指标”页的指标“村级集体经营性收入”")


def test_a_metric_whose_name_is_marks_alone_forbids_nothing():
    assert holder_of("防汛沙袋数量", catalogued(["——"])) is None


def test_the_same_unit_is_not_asked_for_the_same_thing_of_the_same_day_again():
    history = given(asked())
    history.when(ask(item("防汛 沙袋数量"), request="again"), id=ID, knowing=FACTS).then_refused(
        "asked_already", "items.0"
    )
    assert history.when(ask(request="again", units=(OTHER,)), id=ID, knowing=FACTS).refused is None
    later = item(as_of=date(2023, 6, 1))
    assert history.when(ask(later, request="again"), id=ID, knowing=FACTS).refused is None


def test_what_was_asked_in_the_year_before_is_not_asked_again():
    before = folded(DATA_REQUESTS, asked())
    facts = RequestFacts(ALWAYS_HELD, before=before)
    new_year = date(2024, 1, 8)
    again = ask(request="again", due=new_year)
    refused = given().when(again, id=f"{COUNTY}-2024", knowing=facts, today=new_year)
    refused.then_refused("asked_already", "items.0")
    withdrawn = folded(DATA_REQUESTS, asked(), DataRequestWithdrawn(request="flood", reason="改为现场清点"))
    facts = RequestFacts(ALWAYS_HELD, before=withdrawn)
    assert given().when(again, id=f"{COUNTY}-2024", knowing=facts, today=new_year).refused is None


def test_what_was_withdrawn_may_be_asked_for_again():
    history = given(asked(), DataRequestWithdrawn(request="flood", reason="改为现场清点"))
    assert history.when(ask(request="again"), id=ID, knowing=FACTS).refused is None


def test_a_request_has_a_name_and_a_deadline_of_its_own():
    given(asked()).when(ask(item(id="x", name="水泵台数")), id=ID, knowing=FACTS).then_refused("request_exists")
    given().when(ask(due=date(2023, 5, 9)), id=ID, knowing=FACTS).then_refused("deadline_in_the_past", "due")
    given().when(ask(item(), item("水泵台数")), id=ID, knowing=FACTS).then_refused("items_share_an_id")


def test_a_request_stands_under_its_county_and_this_year():
    given().when(ask(), id="requests", knowing=FACTS).then_refused("not_a_request_year")
    given().when(ask(), id="340823-2023", knowing=FACTS).then_refused("not_this_years_requests")
    given().when(ask(), id=f"{COUNTY}-2022", knowing=FACTS).then_refused("not_this_years_requests")


def test_only_units_of_the_county_are_asked():
    strangers = RequestFacts((), (OTHER,))
    given().when(ask(), id=ID, knowing=strangers).then_refused("unit_of_another_county", unit=OTHER)


def test_a_request_is_withdrawn_once():
    withdraw = WithdrawDataRequest(request="flood", reason="改为现场清点")
    gone = DataRequestWithdrawn(request="flood", reason="改为现场清点")
    given(asked()).when(withdraw, id=ID).then(gone)
    given(asked(), gone).when(withdraw, id=ID).then_refused("no_such_request")


def answer(*answers: ItemAnswer, unit: str = TOWNSHIP) -> AnswerDataRequest:
    given = answers or (ItemAnswer(item="sandbags", value="1200"),)
    return AnswerDataRequest(unit=unit, secretary=OWNER, answers=given)


def answered(value: str | None = "1200") -> DataAnswered:
    return DataAnswered(unit=TOWNSHIP, answers=(ItemAnswer(item="sandbags", value=value),))


SECRETARY = folded(PERSON, person(), appointed())
KNOWN = AnswerFacts(asked(), SECRETARY, TOWNSHIP)


def test_a_unit_answers_and_may_answer_anew_but_not_twice_the_same():
    given().when(answer(), knowing=KNOWN).then(answered())
    given(answered()).when(answer(), knowing=KNOWN).then()
    not_there = ItemAnswer(item="sandbags", value=None)
    given(answered()).when(answer(not_there), knowing=KNOWN).then(answered(None))


def test_for_a_unit_that_has_ended_the_heirs_secretary_answers():
    asked_before = asked(item(as_of=date(2023, 5, 1)), units=(OTHER,))
    merged = AnswerFacts(asked_before, SECRETARY, TOWNSHIP, ended=date(2023, 5, 2))
    assert given().when(answer(unit=OTHER), knowing=merged).refused is None


def test_every_item_is_answered_once():
    one = ItemAnswer(item="sandbags", value="1")
    given().when(answer(one, one), knowing=KNOWN).then_refused("not_every_item")
    given().when(answer(one, ItemAnswer(item="pumps", value="2")), knowing=KNOWN).then_refused("not_every_item")


def test_only_who_was_asked_answers_and_only_what_is_still_asked():
    given().when(answer(), knowing=AnswerFacts(asked(), SECRETARY, OTHER)).then_refused("secretary_not_appointed")
    elsewhere = AnswerFacts(asked(units=(OTHER,)), SECRETARY, TOWNSHIP)
    given().when(answer(), knowing=elsewhere).then_refused("not_asked_of_the_unit", unit=TOWNSHIP)
    given().when(answer(), knowing=AnswerFacts(None, SECRETARY, TOWNSHIP)).then_refused("no_such_request", "id")
