"""What a unit has to show, in a real browser: a case, a brand, an honour, a label, a metric recorded and seen."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.desks import CHROMIUM, PHONE, Desks
from tests.e2e.small_county import ADMIN, COUNTY, REVIEWER, SECRETARY, TOWNSHIP

pytestmark = [
    pytest.mark.timeout(600),
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine"),
]


@pytest.fixture
def desks(running: Desks) -> Iterator[Desks]:
    """The county; a complaint of the browser fails the test."""
    running.complaints.clear()
    yield running
    assert [each for each in running.complaints if "status of 409" not in each] == []


def fill(page: Page, called: str, **fields: str) -> None:
    """Open a form by the keyboard, fill it in and send it."""
    page.locator("summary", has_text=called).focus()
    page.keyboard.press("Enter")
    form = page.locator(f"details:has(> summary:text-is('{called}')) > form")
    for name, words in fields.items():
        form.locator(f"[name={name}]").fill(words)
    form.locator("button").last.focus()
    page.keyboard.press("Enter")


def test_what_a_unit_has_to_show_is_recorded_and_seen(desks: Desks) -> None:
    metric = {"metric": "income", "name": "村级集体经营性收入", "measure": "万元", "unit": COUNTY}
    desks.county.told((ADMIN, "/metrics/define", metric))
    page = desks.page(REVIEWER, "/registry/desk/records")
    page.select_option("#unit", TOWNSHIP)
    page.press("#unit", "Tab")
    page.keyboard.press("Enter")
    desks.picture(page, "records-empty")
    fill(page, "选入案例", title="点亮背街小巷", summary="一盏一盏装，装到最后一条巷")
    expect(page.locator("[role=status].did")).to_have_text("案例已选入。")
    fill(page, "登栏目", text="一盏一盏装")
    expect(page.locator("article")).to_contain_text("书记晒项目")
    fill(page, "认定品牌", name="高河夜灯")
    fill(page, "记荣誉", title="全市先进基层党组织", given_by="安庆市委")
    fill(page, "记称号", label="示范镇")
    fill(page, "记指标值", value="56.8")
    expect(page.locator("tbody")).to_contain_text("56.8")
    fill(page, "认定品牌", name="高河夜灯")
    expect(page.locator("[name=name]")).to_be_focused()
    desks.picture(page, "records-refused")

    phone = desks.page(SECRETARY, "/registry/desk/records", size=PHONE)
    fill(phone, "更正指标值", value="57", reason="漏记一笔")
    expect(phone.locator("tbody")).to_contain_text("原值 56.8：漏记一笔")
    expect(phone.locator("summary:has-text('记荣誉')")).to_have_count(0)
    desks.picture(phone, "records-phone")
