"""The desks of what happens around projects, in a real browser: visits, requests, files, records, units."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.desks import CHROMIUM, DESK, PHONE, Desks
from tests.e2e.small_county import ADMIN, COUNTY, REVIEWER, SECRETARY, TOWNSHIP

pytestmark = [
    pytest.mark.timeout(600),
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine"),
]
CHECKED = "340822101"
AUDITOR = "hu-bin"
PDF = {"name": "群众名单.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7\n1 0 obj\n<< >>\nendobj\n"}


@pytest.fixture
def desks(running: Desks) -> Iterator[Desks]:
    """The county; a complaint of the browser fails the test."""
    running.complaints.clear()
    yield running
    refused = ("status of 409", "status of 422")
    assert [each for each in running.complaints if not any(status in each for status in refused)] == []


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


def test_a_file_is_added_read_for_a_purpose_and_erased_and_the_auditor_sees_it(desks: Desks) -> None:
    project = desks.county.started("高河镇村道亮化")
    page = desks.page(SECRETARY, f"/registry/desk/attachments/{project}")
    page.set_input_files("[type=file]", {"name": "纪要.pdf", "mimeType": "application/pdf", "buffer": b"not a pdf"})
    page.click("button:has-text('上传')")
    expect(page.locator("#upload-file-error")).to_contain_text("这类文件不收")
    desks.picture(page, "attachment-refused")

    phone = desks.page(SECRETARY, f"/registry/desk/report/{project}", size=PHONE)
    phone.click("summary:has-text('附件可不附')")
    phone.click("summary:has-text('上传附件')")
    phone.set_input_files("[type=file]", PDF)
    phone.check("[name=personal]")
    phone.click("button:has-text('上传')")
    expect(phone.locator("[role=status].did")).to_have_text("文件已附上。")
    phone.click("summary:has-text('附件可不附（已附 1 个）')")
    desks.picture(phone, "report-files-phone")

    page = desks.page(REVIEWER, f"/registry/desk/attachments/{project}")
    page.focus("summary:has-text('查阅')")
    page.keyboard.press("Enter")
    page.click("button:has-text('下载')")
    expect(page.locator("[name=purpose]")).to_be_focused()
    desks.picture(page, "attachments")
    page.keyboard.type("核对受益户")
    with page.expect_download() as download:
        page.keyboard.press("Enter")
    assert download.value.suggested_filename == "群众名单.pdf"

    page.click("summary:has-text('删除内容')")
    page.fill("[name=reason]", "名单不该附")
    page.click("button:has-text('删除内容')")
    expect(page.locator("article")).to_contain_text("内容已删除")

    desks.county.told(
        (ADMIN, f"/persons/{AUDITOR}/register", {"name": "胡斌"}),
        (ADMIN, f"/persons/{AUDITOR}/appoint", {"role": "auditor", "unit": COUNTY, "since": "2023-01-01"}),
    )
    log = desks.page(AUDITOR, "/registry/desk")
    log.click("a.button:has-text('查阅记录')")
    expect(log.locator("tbody")).to_contain_text("核对受益户")
    log.select_option("[name=reader]", REVIEWER)
    log.press("[name=reader]", "Tab")
    log.keyboard.press("Enter")
    log.wait_for_url(f"**reader={REVIEWER}")
    expect(log.locator("tbody th")).to_have_text(["丁　静怀宁县 组织部审核"])
    desks.picture(log, "access-log")
    phone = desks.page(AUDITOR, "/registry/desk/access-log", size=PHONE)
    desks.picture(phone, "access-log-phone")


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
    page.wait_for_url(f"**/records/{TOWNSHIP}")
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


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_the_administrator_of_the_deployment_registers_a_unit_below_another(desks: Desks, size: dict[str, int]) -> None:
    code, name = ("340822102", "月山镇") if size is DESK else ("340822103", "洪铺镇")
    page = desks.page(ADMIN, f"/registry/desk/units/{COUNTY}", size=size)
    page.fill("[name=code]", "3408")
    page.press("[name=code]", "Enter")
    expect(page.locator("#new-unit-code-error")).to_contain_text("不是单位编码")
    desks.picture(page, f"unit-{size['width']}")
    page.fill("[name=code]", code)
    page.fill("section:has([name=code]) [name=name]", name)
    page.keyboard.press("Enter")
    expect(page.locator("ul.names")).to_contain_text(name)
