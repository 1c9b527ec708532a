"""What the wall says of alerts and periods."""

from datetime import UTC, datetime

import pytest

from services.reporting.views.alerts import AlertRow
from services.reporting.wall_data import period_in_words, ticker_item, with_figure
from shared.contracts.alert import Lamp


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("截至2023年7月31日应完成80%，实际完成40%，落后40个百分点", ("落后", "40个百分点")),
        ("截至2023年7月31日应完成60.59%，实际完成30.3%，落后30.29个百分点", ("落后", "30.3个百分点")),
        ("落后序时 12.4 个百分点", ("落后序时", "12.4 个百分点")),
        ("问题整改逾期 12 天", ("问题整改逾期", "12 天")),
        ("2023年1月3日立项，3个月后仍未启动", ("2023年1月3日立项，3个月后仍未启动", "")),
        ("缺少说明", ("缺少说明", "")),
    ],
)
def test_the_figure_that_a_reason_ends_with_stands_out(text: str, parts: tuple[str, str]) -> None:
    assert with_figure(text) == parts


def row(**changes: object) -> AlertRow:
    first = datetime(2023, 8, 6, 1, tzinfo=UTC)
    fields: dict[str, object] = {
        "subject": "p1",
        "owner": "340822101",
        "county": "340822",
        "open": True,
        "lamp": Lamp.YELLOW,
        "title": "落后于序时进度",
        "text": "落后15个百分点",
        "raised": first,
        "changed": first,
    }
    return AlertRow(**{**fields, **changes})  # type: ignore[arg-type]


NAMES = {"340822": "怀宁县", "340822101": "石牌镇"}


def test_an_alert_of_a_project_leads_to_it_and_one_of_a_unit_to_the_unit() -> None:
    of_project = ticker_item(row(), "点亮工程", NAMES)
    assert (of_project.unit, of_project.subject, of_project.href) == ("怀宁县石牌镇", "点亮工程", "/projects/p1")
    assert ticker_item(row(), "石牌镇“点亮工程”", NAMES).subject == "“点亮工程”"
    of_county = ticker_item(row(owner="340822"), None, NAMES)
    assert (of_county.unit, of_county.subject, of_county.href) == ("怀宁县", "落后于序时进度", "/units/340822")


def test_a_raised_alert_lights_its_lamp_and_an_updated_one_turns_to_it() -> None:
    assert ticker_item(row(), None, NAMES).happening == "亮黄灯"
    later = datetime(2023, 9, 6, 1, tzinfo=UTC)
    assert ticker_item(row(lamp=Lamp.RED, changed=later), None, NAMES).happening == "转为红灯"


@pytest.mark.parametrize(
    ("period", "words"),
    [("2023-Q2", "2023年第二季度"), ("2023-H1", "2023年上半年"), ("2023", "2023年度")],
)
def test_a_period_is_written_out(period: str, words: str) -> None:
    assert period_in_words(period) == words
