"""Files of a project and the access log in a real browser: refused at its field, added, read with a purpose, erased."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.e2e.desks import CHROMIUM, PHONE, Desks
from tests.e2e.small_county import ADMIN, COUNTY, REVIEWER, SECRETARY

pytestmark = [
    pytest.mark.timeout(600),
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine"),
]
AUDITOR = "hu-bin"
PDF = {"name": "群众名单.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7\n1 0 obj\n<< >>\nendobj\n"}


@pytest.fixture
def desks(running: Desks) -> Iterator[Desks]:
    """The county; a complaint of the browser fails the test."""
    running.complaints.clear()
    yield running
    assert [each for each in running.complaints if "status of 422" not in each] == []


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
    expect(log.locator("tbody th")).to_have_text(["丁　静"])
    desks.picture(log, "access-log")
    phone = desks.page(AUDITOR, "/registry/desk/access-log", size=PHONE)
    desks.picture(phone, "access-log-phone")
