"""A visit on site in a real browser: recorded, a suggestion and a difficulty collected, the difficulty solved."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.e2e.desks import CHROMIUM, DESK, PHONE, Desks
from tests.e2e.small_county import ADMIN, COUNTY, REVIEWER, SECRETARY, TOWNSHIP

pytestmark = [
    pytest.mark.timeout(600),
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine"),
]
CHECKED = "340822101"


@pytest.fixture
def desks(running: Desks) -> Iterator[Desks]:
    """The county; a complaint of the browser fails the test."""
    running.complaints.clear()
    yield running
    assert running.complaints == []


def test_a_visit_is_recorded_and_its_difficulty_solved(desks: Desks) -> None:
    page = desks.page(REVIEWER, "/registry/desk/visits")
    page.click("a.button:has-text('记录现场办公')")
    page.select_option("#unit", TOWNSHIP)
    page.click("button:has-text('下一步')")
    page.fill("[name=note]", "看背街小巷路灯点位，定下 3 月底前通电")
    desks.picture(page, "visit-record")
    page.click("button:has-text('记录现场办公')")
    expect(page.locator("[role=status].did")).to_have_text("现场办公已记录。")

    page.fill("section:has-text('记一条意见建议') [name=text]", "巷口再加一盏灯")
    page.click("button:has-text('记下建议')")
    expect(page.locator("main")).to_contain_text("巷口再加一盏灯")
    page.fill("section:has-text('记一个难点') [name=text]", "电力配套没有到位")
    page.click("button:has-text('记下难点')")
    desks.picture(page, "visit")
    page.fill("[name=by]", "县供电公司")
    page.fill("[name=until]", "2023-03-31")
    page.click("button:has-text('记下由谁办理')")
    expect(page.locator("article")).to_contain_text("由县供电公司办理")

    phone = desks.page(SECRETARY, "/registry/desk/difficulties", size=PHONE)
    desks.picture(phone, "difficulties-phone")
    phone.click("a.button:has-text('查看')")
    expect(phone.locator("article")).to_contain_text("电力配套没有到位")
    expect(phone.locator("main button")).to_have_count(0)
    desks.picture(phone, "visit-phone")

    page.fill("[name=how]", "已接入 10 千伏线路")
    desks.picture(page, "visit-solving")
    page.click("button:has-text('记为解决')")
    expect(page.locator("article")).to_contain_text("解决情况：已接入 10 千伏线路")
    page.goto(page.url.partition("/visits")[0] + "/visits")
    desks.picture(page, "visits")


def test_a_visit_is_recorded_without_scripts(desks: Desks) -> None:
    page = desks.page(REVIEWER, f"/registry/desk/visits/record?unit={TOWNSHIP}", scripts=False)
    page.click("button:has-text('记录现场办公')")
    assert "现场办公已记录" in page.locator("main").inner_text()


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_a_countys_year_is_worked_through_and_has_no_barrier(desks: Desks, size: dict[str, int]) -> None:
    if size is DESK:
        item = {"kind": "monthly_bulletin", "title": "一月通报", "due": "2023-02-05", "id": "r1"}
        desks.county.told(
            (ADMIN, f"/units/{CHECKED}/register", {"name": "石牌镇", "kind": "township", "parent": COUNTY}),
            (REVIEWER, "/rhythms/set", {"county": COUNTY, "year": 2023, "items": [item]}),
        )
        page = desks.page(REVIEWER, "/registry/desk/rhythm")
        desks.picture(page, "rhythm-before")
        page.click("button:has-text('抽签')")
        expect(page.locator("main")).to_contain_text("高河镇 查 石牌镇")
        page.click("article:has-text('一月通报') summary")
        page.click("button:has-text('登记已办')")
        expect(page.locator("main")).to_contain_text("2023-03-01 办结")
    page = desks.page(REVIEWER, "/registry/desk/rhythm", size=size)
    page.click("details.card > summary")
    desks.picture(page, f"rhythm-{size['width']}")
    owner = desks.page(SECRETARY, "/registry/desk/rhythm", size=size)
    owner.click("summary:has-text('登记互查')")
    desks.picture(owner, f"rhythm-owner-{size['width']}")
