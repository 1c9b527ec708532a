"""Cases, honours, labels, metrics of units."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from services.registry.around.case import case_id
from services.registry.around.honour import honour_id, label_id
from services.registry.around.place import Place
from services.registry.around.record_views import (
    BRANDS,
    CASES,
    HONOURS,
    LABELS,
    MEASURES,
    METRICS,
    BrandRow,
    CaseRow,
    HonourRow,
    LabelRow,
    MeasureLine,
    MeasuresRow,
    MetricRow,
    PublicationLine,
)
from services.registry.around.unit_metric import CatalogueFacts, MeasureFacts
from services.registry.commands.cases import PublishCase, SelectCase
from services.registry.commands.honours import LabelUnit, RecordHonour
from services.registry.commands.unit_metrics import CorrectMetric, DefineMetric, RecordMetric
from services.registry.project.life import PROJECT
from services.registry.project.state import Project
from shared.contracts.cases import CaseColumn, CasePublished, CaseSelected
from shared.contracts.event import EventData
from shared.contracts.honours import HonourKind, HonourLevel, HonourRecorded, UnitLabelled
from shared.contracts.project import BrandRecognised
from shared.contracts.unit_metrics import MetricCorrected, MetricDefined, MetricRecorded
from shared.view import View
from tests.projecting import History, assert_any_order_and_twice, fold_all
from tests.unit.registry.builders import COUNTY, TOWNSHIP, VILLAGE, proposed
from tests.unit.registry.dsl import ID, REVIEWER, TODAY, folded, given

HERE = Place(COUNTY)
ELSEWHERE = Place("340825")


def _case(**changes: Any) -> dict[str, Any]:
    return {"title": "一宅两院", "unit": VILLAGE, "county": COUNTY, "summary": "民宿经济"} | changes


def select(**changes: Any) -> SelectCase:
    return SelectCase.model_validate(_case(**changes))


def selected(**changes: Any) -> CaseSelected:
    return CaseSelected.model_validate(_case(**changes))


def publish(column: CaseColumn = CaseColumn.RESULTS) -> PublishCase:
    return PublishCase(column=column, title="晒成效", text="全文")


def published(column: CaseColumn = CaseColumn.RESULTS) -> CasePublished:
    return CasePublished(column=column, title="晒成效", text="全文")


def test_a_case_is_selected_once():
    given().when(select(), by=REVIEWER, knowing=HERE).then(selected())
    given(selected()).when(select(), by=REVIEWER, knowing=HERE).then_refused("case_exists", "title", unit=VILLAGE)


def test_a_cases_unit_and_project_are_the_countys():
    given().when(select(), by=REVIEWER, knowing=ELSEWHERE).then_refused("unit_of_another_county", "unit")
    ours = Place(COUNTY, folded(PROJECT, proposed()))
    given().when(select(project=ID), by=REVIEWER, knowing=ours).then(selected(project=ID))
    unknown = given().when(select(project=ID), by=REVIEWER, knowing=Place(COUNTY, Project()))
    unknown.then_refused("no_such_project", "project", id=ID)


def test_a_case_is_published_once_in_each_column():
    given(selected()).when(publish(), by=REVIEWER).then(published())
    given(selected(), published()).when(publish(), by=REVIEWER).then_refused("case_already_published", "column")
    other = publish(CaseColumn.SHOWCASE)
    given(selected(), published()).when(other, by=REVIEWER).then(published(CaseColumn.SHOWCASE))


def _honour(**changes: Any) -> dict[str, Any]:
    told = {"kind": HonourKind.COLLECTIVE, "level": HonourLevel.PROVINCE, "unit": VILLAGE, "county": COUNTY}
    return told | {"title": "先进集体", "day": date(2023, 5, 1), "given_by": "省委"} | changes


def record_honour(**changes: Any) -> RecordHonour:
    return RecordHonour.model_validate(_honour(**changes))


def honoured(**changes: Any) -> HonourRecorded:
    return HonourRecorded.model_validate(_honour(**changes))


def test_an_honour_is_recorded_once():
    given().when(record_honour(), by=REVIEWER, knowing=HERE).then(honoured())
    given(honoured()).when(record_honour(), by=REVIEWER, knowing=HERE).then_refused("honour_exists", "title")


def test_an_honours_unit_is_the_countys_and_its_day_has_come():
    given().when(record_honour(), by=REVIEWER, knowing=ELSEWHERE).then_refused("unit_of_another_county", "unit")
    early = record_honour(day=date(2023, 5, 11))
    given().when(early, by=REVIEWER, knowing=HERE).then_refused("in_the_future", "day")
    assert given().when(record_honour(day=TODAY), by=REVIEWER, knowing=HERE).refused is None


def label(**changes: Any) -> LabelUnit:
    return LabelUnit.model_validate(_label(**changes))


def labelled(**changes: Any) -> UnitLabelled:
    return UnitLabelled.model_validate(_label(**changes))


def _label(**changes: Any) -> dict[str, Any]:
    return {"label": "信用村", "unit": VILLAGE, "county": COUNTY, "since": date(2023, 5, 1)} | changes


def test_a_label_is_recorded_once():
    given().when(label(), by=REVIEWER, knowing=HERE).then(labelled())
    given(labelled()).when(label(), by=REVIEWER, knowing=HERE).then_refused("label_exists", "label", label="信用村")


def test_a_labels_unit_is_the_countys_and_its_day_has_come():
    given().when(label(), by=REVIEWER, knowing=ELSEWHERE).then_refused("unit_of_another_county", "unit")
    given().when(label(since=date(2023, 5, 11)), by=REVIEWER, knowing=HERE).then_refused("in_the_future", "since")
    assert given().when(label(since=TODAY), by=REVIEWER, knowing=HERE).refused is None


def test_what_must_not_stand_twice_has_one_id_however_it_is_written():
    assert case_id(select()) == case_id(select(title="一宅 两院", summary="别的话", project=ID))
    assert case_id(select()) not in (case_id(select(unit=TOWNSHIP)), case_id(select(title="两宅一院")))
    assert honour_id(record_honour()) == honour_id(record_honour(title="先进 集体", given_by="中共安徽省委"))
    others: list[dict[str, Any]] = [
        {"unit": TOWNSHIP},
        {"kind": HonourKind.CASE},
        {"title": "先进支部"},
        {"day": date(2023, 5, 2)},
    ]
    assert len({honour_id(record_honour()), *(honour_id(record_honour(**each)) for each in others)}) == 5
    assert label_id(label()) == label_id(label(since=date(2022, 1, 1)))
    assert len({label_id(label()), label_id(label(unit=TOWNSHIP)), label_id(label(label="信用社区"))}) == 3


INCOME = MetricDefined(metric="village_income", name="村级集体经营性收入", measure="万元", unit="340800")
DEFINE = DefineMetric(metric="village_income", name="村级集体经营性收入", measure="万元", unit="340800")
MEASURABLE = MeasureFacts(COUNTY, INCOME)


def test_a_metric_is_defined_once():
    given().when(DEFINE, by="admin", knowing=CatalogueFacts()).then(INCOME)
    given(INCOME).when(DEFINE, by="admin", knowing=CatalogueFacts()).then_refused(
        "metric_exists", "metric", unit="340800"
    )


def test_a_metric_of_a_catalogue_above_is_not_defined_again():
    below = DEFINE.model_copy(update={"unit": COUNTY})
    given().when(below, by="admin", knowing=CatalogueFacts(INCOME)).then_refused(
        "metric_exists", "metric", unit="340800"
    )


def test_a_metric_that_a_catalogue_below_has_in_another_measure_is_not_defined_above():
    given().when(DEFINE, by="admin", knowing=CatalogueFacts(otherwise=(COUNTY,))).then_refused(
        "metric_measured_otherwise", "measure", unit=COUNTY
    )


@pytest.mark.parametrize("unit", [TOWNSHIP, VILLAGE, f"{COUNTY}-D0001"])
def test_a_township_and_a_branch_have_no_catalogue(unit: str):
    given().when(DEFINE.model_copy(update={"unit": unit}), by="admin", knowing=CatalogueFacts()).then_refused(
        "no_catalogue_there", "unit"
    )


def record(value: str = "56.8", day: date = date(2022, 12, 31)) -> RecordMetric:
    return RecordMetric(metric="village_income", unit=VILLAGE, value=Decimal(value), day=day)


def recorded(value: str = "56.8", day: date = date(2022, 12, 31)) -> MetricRecorded:
    return MetricRecorded(
        metric="village_income", unit=VILLAGE, county=COUNTY, value=Decimal(value), measure="万元", day=day
    )


def test_a_value_is_recorded_in_the_catalogues_measure_once_a_day():
    given().when(record(), knowing=MEASURABLE).then(recorded())
    given(recorded()).when(record("60"), knowing=MEASURABLE).then_refused("metric_already_recorded", "day")
    later = date(2023, 3, 31)
    given(recorded()).when(record("60", later), knowing=MEASURABLE).then(recorded("60", later))


def test_only_a_known_metric_of_a_countys_unit_is_recorded_and_of_a_day_that_has_come():
    given().when(record(), knowing=MeasureFacts(COUNTY, None)).then_refused("no_such_metric", "metric")
    given().when(record(), knowing=MeasureFacts(None, INCOME)).then_refused("unit_in_no_county", "unit")
    given().when(record(day=date(2023, 5, 11)), knowing=MEASURABLE).then_refused("in_the_future", "day")
    assert given().when(record(day=TODAY), knowing=MEASURABLE).refused is None


def correct(value: str, day: date = date(2022, 12, 31)) -> CorrectMetric:
    return CorrectMetric(metric="village_income", unit=VILLAGE, value=Decimal(value), day=day, reason="误填")


def corrected(was: str, value: str) -> MetricCorrected:
    return MetricCorrected(
        metric="village_income", day=date(2022, 12, 31), was=Decimal(was), value=Decimal(value), reason="误填"
    )


def test_a_recorded_value_is_corrected_with_what_it_was():
    given(recorded()).when(correct("65.8")).then(corrected("56.8", "65.8"))
    given(recorded(), corrected("56.8", "65.8")).when(correct("60")).then(corrected("65.8", "60"))
    given(recorded()).when(correct("56.80")).then_refused("nothing_to_correct", "value")
    given(recorded()).when(correct("60", TODAY)).then_refused("metric_not_recorded", "day")


@pytest.mark.parametrize(
    ("view", "stream", "facts", "expected"),
    [
        (
            CASES,
            "case-1",
            (selected(project=ID), published()),
            CaseRow(
                "一宅两院",
                VILLAGE,
                COUNTY,
                ID,
                "民宿经济",
                TODAY,
                {CaseColumn.RESULTS: PublicationLine("晒成效", "全文", TODAY)},
            ),
        ),
        (
            BRANDS,
            "brand-1",
            (BrandRecognised(name="高河夜灯", unit=VILLAGE, county=COUNTY, project=ID),),
            BrandRow("高河夜灯", VILLAGE, COUNTY, ID, TODAY),
        ),
        (
            HONOURS,
            "honour-1",
            (honoured(note="见报"),),
            HonourRow(
                HonourKind.COLLECTIVE,
                HonourLevel.PROVINCE,
                VILLAGE,
                COUNTY,
                "先进集体",
                date(2023, 5, 1),
                "省委",
                "见报",
            ),
        ),
        (
            LABELS,
            "label-1",
            (labelled(note="首批"),),
            LabelRow("信用村", VILLAGE, COUNTY, date(2023, 5, 1), "首批"),
        ),
        (METRICS, "metric-1", (INCOME,), MetricRow("village_income", "村级集体经营性收入", "万元", "340800")),
        (
            MEASURES,
            f"metrics-{VILLAGE}",
            (recorded(), recorded("60", TODAY), corrected("56.8", "65.8")),
            MeasuresRow(
                VILLAGE,
                COUNTY,
                (
                    MeasureLine("village_income", date(2022, 12, 31), Decimal("65.8"), "万元", Decimal("56.8"), "误填"),
                    MeasureLine("village_income", TODAY, Decimal(60), "万元"),
                ),
            ),
        ),
    ],
    ids=["case", "brand", "honour", "label", "metric", "measures"],
)
def test_each_has_a_row(view: View[Any], stream: str, facts: tuple[EventData, ...], expected: object):
    history = History()
    history.tell(stream, *facts, on=TODAY)
    assert_any_order_and_twice(view, history, history.events)
    assert fold_all(view, history.events)[stream] == expected
