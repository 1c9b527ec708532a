"""Data requests in a real browser: what is held is refused beside its field, what is not is asked once and answered."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.e2e.desks import CHROMIUM, PHONE, Desks
from tests.e2e.small_county import REVIEWER, SECRETARY, TOWNSHIP

pytestmark = [
    pytest.mark.timeout(600),
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine"),
]


@pytest.fixture
def desks(running: Desks) -> Iterator[Desks]:
    """The county; a complaint of the browser fails the test."""
    running.complaints.clear()
    yield running
    left = [each for each in running.complaints if "status of 409" not in each]
    assert left == []


def test_what_is_held_is_refused_at_its_field_and_what_is_not_is_asked_and_answered(desks: Desks) -> None:
    page = desks.page(REVIEWER, "/registry/desk/requests/ask")
    page.focus("[name=title]")
    for words in ("防汛物资摸底", "汛期前统一调拨"):
        page.keyboard.type(words)
        page.keyboard.press("Tab")
    page.fill("[name=due]", "2023-03-20")
    page.fill("[name='items.0.name']", "各项目完成进度")
    page.press("[name='items.0.name']", "Enter")
    refused = page.locator("[name='items.0.name']")
    expect(refused).to_be_focused()
    expect(page.locator(f"#{refused.get_attribute('id')}-error")).to_contain_text("见项目页“进度过程”")
    desks.picture(page, "asking-refused")
    page.keyboard.press("Control+A")
    page.keyboard.type("编织袋库存")
    page.fill("[name='items.0.unit_of_measure']", "条")
    page.fill("[name='items.1.name']", "排涝泵")
    page.select_option("[name=to]", "chosen")
    page.click("summary:has-text('选定单位')")
    page.check(f"[value='{TOWNSHIP}']")
    page.click("button:has-text('登记并发出')")
    expect(page.locator("[role=status].did")).to_contain_text("已登记")
    desks.picture(page, "request")

    phone = desks.page(SECRETARY, "/registry/desk", size=PHONE)
    phone.click("div:has(> dt:text('资料待答复')) a")
    phone.click("a:has-text('防汛物资摸底')")
    desks.picture(phone, "request-phone")
    phone.fill("[name='answers.0.value']", "12000")
    phone.check("[name='answers.1.none']")
    phone.press("[name='answers.0.value']", "Enter")
    expect(phone.locator("[role=status].did")).to_contain_text("已答复")

    page.goto(page.url.partition("?")[0])
    expect(page.locator("tr:has-text('高河镇')")).to_contain_text("没有这项")
    page.goto(page.url.partition("/requests")[0] + "/requests/burden")
    expect(page.locator("tr:has-text('高河镇')")).to_contain_text("2")
    desks.picture(page, "burden")
    page.goto(page.url.partition("/requests")[0] + "/requests")
    desks.picture(page, "requests")
    page.click("a:has-text('防汛物资摸底')")
    page.click("summary:has-text('撤回这项征集')")
    page.fill("[name=reason]", "改由县里统一清点")
    page.click("button:has-text('撤回')")
    expect(page.locator("main")).to_contain_text("改由县里统一清点")


def test_a_request_is_registered_without_scripts(desks: Desks) -> None:
    page = desks.page(REVIEWER, "/registry/desk/requests/ask", size=PHONE, scripts=False)
    page.fill("[name=title]", "夏种面积")
    page.fill("[name=purpose]", "安排农机")
    page.fill("[name=due]", "2023-03-20")
    page.click("button:has-text('加一项')")
    page.fill("[name='items.0.name']", "夏种面积")
    page.click("button:has-text('登记并发出')")
    assert "已登记" in page.locator("main").inner_text()
