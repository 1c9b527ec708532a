"""Who read what is sensitive, and when; what is kept of a person apart from the facts."""

from datetime import date

from hypothesis import given as for_all
from hypothesis import strategies as st

from services.registry.kept.access_views import ACCESS
from services.registry.reference.person import PERSON
from shared.contracts.reference import (
    AccessKind,
    DataRead,
    PersonalDataErased,
    PersonalDataKept,
    PersonalField,
)
from tests.projecting import History, assert_any_order_and_twice, fold_all, interleavings
from tests.unit.registry.builders import COUNTY, person
from tests.unit.registry.dsl import AT_LEISURE, REVIEWER, folded

KEYS = ("access-1", "access-2")


def read(what: str) -> DataRead:
    return DataRead(kind=AccessKind.PERSONAL_DATA, what=what, unit=COUNTY, purpose="通知开会")


def history() -> History:
    history = History()
    for key, what in zip(KEYS, ("li", "wang"), strict=True):
        history.tell(key, read(what), on=date(2023, 5, 10), actor=REVIEWER)
    return history


def test_each_reading_is_a_row():
    rows = fold_all(ACCESS, history().events)
    assert [(rows[key].reader, rows[key].month) for key in KEYS] == [(REVIEWER, "2023-05")] * 2
    assert [(rows[key].what, rows[key].unit, rows[key].purpose) for key in KEYS] == [
        ("li", COUNTY, "通知开会"),
        ("wang", COUNTY, "通知开会"),
    ]


@for_all(st.data())
@AT_LEISURE
def test_copies_give_the_same_row(data: st.DataObject):
    told = history()
    assert_any_order_and_twice(ACCESS, told, data.draw(interleavings(told.by_topic())))


def test_what_is_kept_of_a_person_is_known_by_its_field():
    kept = [PersonalDataKept(field=field, digest="a" * 64) for field in (PersonalField.PHONE, PersonalField.EMAIL)]
    erased = PersonalDataErased(field=PersonalField.PHONE, reason="本人要求")
    assert folded(PERSON, person(), *kept).kept == {PersonalField.PHONE, PersonalField.EMAIL}
    assert folded(PERSON, person(), *kept, erased).kept == {PersonalField.EMAIL}
