"""The views of requests and answers: each fact once, however often it is read."""

from datetime import date

from hypothesis import given as for_all
from hypothesis import strategies as st

from services.registry.asking.views import DATA_ANSWERS, DATA_REQUESTS
from shared.contracts.reference import DataAnswered, DataItem, DataRequested, DataRequestWithdrawn, ItemAnswer
from tests.projecting import History, assert_any_order_and_twice, fold_all, interleavings
from tests.unit.registry.builders import COUNTY, TOWNSHIP, VILLAGE
from tests.unit.registry.dsl import AT_LEISURE, TODAY

REQUESTS, ID = f"requests-{COUNTY}-2023", f"{COUNTY}-2023-flood"
FLOOD = DataRequested(
    request="flood",
    county=COUNTY,
    title="防汛物资摸底",
    purpose="汛期调拨",
    items=(DataItem(id="sandbags", name="沙袋", as_of=TODAY),),
    units=(TOWNSHIP, VILLAGE),
    due=TODAY,
)


def answered(unit: str, value: str) -> DataAnswered:
    return DataAnswered(unit=unit, answers=(ItemAnswer(item="sandbags", value=value),))


def history() -> History:
    history = History()
    history.tell(REQUESTS, FLOOD, FLOOD.model_copy(update={"request": "drought"}), on=TODAY)
    history.tell(f"answers-{ID}-{VILLAGE}", answered(VILLAGE, "3"), on=TODAY)
    history.tell(f"answers-{ID}-{TOWNSHIP}", answered(TOWNSHIP, "5"), on=TODAY)
    history.tell(f"answers-{ID}-{VILLAGE}", answered(VILLAGE, "4"), on=date(2023, 5, 11))
    history.tell(REQUESTS, DataRequestWithdrawn(request="flood", reason="已清点"), on=TODAY)
    return history


def test_a_request_that_is_withdrawn_says_why_and_the_others_stay():
    row = fold_all(DATA_REQUESTS, history().events)[REQUESTS]
    assert [(each.request.request, each.withdrawn) for each in row.asked] == [("flood", "已清点"), ("drought", "")]
    assert (row.county, row.asked[0].on) == (COUNTY, TODAY)


def test_a_units_last_answer_stands():
    rows = fold_all(DATA_ANSWERS, history().events)
    assert {key: (row.request, row.unit, row.on, row.answers[0].value) for key, row in rows.items()} == {
        f"answers-{ID}-{VILLAGE}": (ID, VILLAGE, date(2023, 5, 11), "4"),
        f"answers-{ID}-{TOWNSHIP}": (ID, TOWNSHIP, TODAY, "5"),
    }


@for_all(st.data())
@AT_LEISURE
def test_any_order_and_copies_give_the_same_rows(data: st.DataObject):
    told = history()
    order = data.draw(interleavings(told.by_topic()))
    for view in (DATA_REQUESTS, DATA_ANSWERS):
        assert_any_order_and_twice(view, told, order)
