"""The desks in a real browser: people take projects from the proposal to the closing, with and without a line."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.desks import CHROMIUM, DESK, PHONE, Desks
from tests.e2e.ledgers import corrected, ledger_row, workbook
from tests.e2e.small_county import (
    DEPUTY,
    INSPECTOR,
    REVIEWER,
    SECOND_REVIEWER,
    SECRETARY,
    STRANGER,
)

pytestmark = [
    pytest.mark.timeout(600),
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine"),
]


@pytest.fixture
def desks(running: Desks) -> Iterator[Desks]:
    """The same for each test; a complaint of the browser fails it."""
    running.complaints.clear()
    yield running
    left = [each for each in running.complaints if "net::ERR_INTERNET_DISCONNECTED" not in each]
    assert left == []


def test_a_proposal_is_returned_revised_and_approved_by_the_keyboard(desks: Desks) -> None:
    page = desks.page(SECRETARY, "/registry/desk/propose")
    expect(page.locator("button[data-submit]")).to_have_text("申报并填写方案（差 6 项）")
    page.fill("[name=title]", "高河镇背街小巷“点亮工程”")
    page.fill("[name=category]", "人居环境")
    for criterion in ("small", "hard", "exemplary", "doable"):
        page.fill(f"[name='criteria.{criterion}']", "写清了")
    desks.picture(page, "propose")
    page.click("button[data-submit]")
    page.wait_for_url("**/plan?**")
    project = page.url.split("/projects/")[1].split("/")[0]

    _fill_plan(page)
    expect(page.locator("[data-sum]")).to_have_text("权重合计 100")
    desks.picture(page, "plan")
    page.click("button[data-submit]")
    page.wait_for_url("**/registry/desk?**")
    expect(page.locator("[role=status].did")).to_have_text("方案已提交评审。")

    review = desks.page(REVIEWER, f"/registry/desk/review?id={project}")
    review.keyboard.press("3")
    review.keyboard.type("全镇铺开切口偏大")
    review.keyboard.press("Control+Enter")
    review.keyboard.press("1")
    review.keyboard.press("1")
    review.keyboard.press("2")
    review.keyboard.type("再细一些")
    review.keyboard.press("Escape")
    review.keyboard.press("r")
    review.keyboard.type("收缩后再报")
    desks.picture(review, "review-first-round")
    review.keyboard.press("Control+Enter")
    expect(review.locator("[role=status].did")).to_contain_text("已退回修改")

    again = desks.page(SECRETARY, f"/registry/desk/projects/{project}/plan")
    expect(again.locator("[name='four_ones.project']")).to_have_value("全镇背街小巷补装路灯")
    again.fill("[name='four_ones.project']", "城北社区 6 条背街小巷补装路灯 84 盏")
    again.locator(".asked:not(.met) textarea").fill("已收缩到一个社区")
    desks.picture(again, "plan-returned")
    again.click("button[data-submit]")
    again.wait_for_url("**/registry/desk?**")

    second = desks.page(REVIEWER, f"/registry/desk/review?id={project}")
    expect(second.locator("ins").first).to_contain_text("城北社区")
    desks.picture(second, "review-second-round")
    for _ in range(4):
        second.keyboard.press("1")
    expect(second.locator("[data-approve]")).to_be_focused()
    second.keyboard.press("Enter")
    expect(second.locator("[role=status].did")).to_contain_text("已通过立项")
    assert desks.county.events(project) == [
        "project.proposed",
        "project.plan-submitted",
        "project.opinion-given",
        "project.opinion-given",
        "project.plan-returned",
        "project.plan-submitted",
        "project.opinion-answered",
        "project.plan-approved",
    ]


def _fill_plan(page: Page) -> None:
    page.fill("[name='four_ones.project']", "全镇背街小巷补装路灯")
    page.fill("[name='four_ones.team.0.name']", "王芳")
    page.fill("[name='four_ones.team.0.duty']", "统筹")
    page.fill("[name='four_ones.to_the_end']", "书记包到销号")
    page.fill("[name=goal]", "84 盏路灯全部点亮")
    page.fill("[name='measures.0']", "每周调度一次")
    page.fill("[name=starts]", "2023-03-01")
    page.fill("[name=ends]", "2023-06-30")
    for n, (title, due, weight) in enumerate((("摸排定灯", "2023-04-30", "40"), ("全部点亮", "2023-06-30", "60"))):
        if n:
            page.click("button:has-text('加一个节点')")
        page.fill(f"[name='milestones.{n}.title']", title)
        page.fill(f"[name='milestones.{n}.due']", due)
        page.fill(f"[name='milestones.{n}.weight']", weight)


def test_a_queue_of_plans_is_worked_through_without_a_mouse(desks: Desks) -> None:
    ids = [desks.county.submitted(f"高河镇第 {n} 件") for n in range(1, 4)]
    page = desks.page(REVIEWER, f"/registry/desk/review?id={ids[0]}")
    page.keyboard.press("j")
    page.wait_for_url(f"**id={ids[1]}")
    page.keyboard.press("k")
    page.wait_for_url(f"**id={ids[0]}")
    page.keyboard.press("?")
    expect(page.locator("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    for n, _ in enumerate(ids):
        expect(page.locator("#plan-title")).to_have_text(f"高河镇第 {n + 1} 件")
        for _ in range(4):
            page.keyboard.press("1")
        page.keyboard.press("Enter")
        expect(page.locator("[role=status].did")).to_contain_text(f"第 {n + 1} 件")
    assert {desks.county.events(id)[-1] for id in ids} == {"project.plan-approved"}


def test_a_report_that_was_sent_without_a_line_is_stored_once(desks: Desks) -> None:
    project = desks.county.started("高河镇老旧小区改造")
    page = desks.page(SECRETARY, f"/registry/desk/report/{project}", size=PHONE)
    desks.picture(page, "report-phone")
    page.context.set_offline(True)
    page.click("[data-more]")
    page.fill("[name=note]", "路灯基础完成 12 处")
    page.click("form[data-report] button[type=submit]")
    expect(page.locator("[data-said]")).to_contain_text("没有网络，已存本机")
    page.screenshot(path=desks._pictures / "report-offline.png")
    page.context.set_offline(False)
    page.wait_for_url("**/registry/desk/report?**")
    expect(page.locator("[role=status].did")).to_contain_text("已报送")
    assert desks.county.events(project).count("progress.reported") == 1
    state = desks.county.ask(REVIEWER, f"/registry/projects/{project}")
    assert state["reports"] == {"2023-03": "1"}
    assert page.evaluate("Object.keys(localStorage).filter((name) => name.startsWith('guatu-report')).length") == 0


def test_a_report_that_waits_in_a_browser_is_its_persons_alone(desks: Desks) -> None:
    project = desks.county.started("高河镇文化广场修缮")
    path, page = f"/registry/desk/report/{project}", desks.one_browser()
    desks.sign_in(page, SECRETARY)
    page.goto(desks.address + path)
    page.route("**/registry/desk/report/*", lambda route: route.abort("internetdisconnected"))
    page.fill("[name=note]", "地面铺装完成")
    page.click("form[data-report] button[type=submit]")
    expect(page.locator("[data-said]")).to_contain_text("没有网络，已存本机")
    page.goto("about:blank")
    page.unroute("**/registry/desk/report/*")

    desks.sign_in(page, DEPUTY)
    page.goto(desks.address + path)
    expect(page.locator("[data-said]")).to_contain_text("约 1 分钟")
    expect(page.locator("[name=note]")).not_to_have_value("地面铺装完成")
    page.goto(desks.address + "/registry/desk/report")
    expect(page.locator("[data-kept]")).to_be_hidden()
    assert desks.county.events(project).count("progress.reported") == 0

    desks.sign_in(page, SECRETARY)
    page.goto(desks.address + "/registry/desk/report")
    expect(page.locator("[data-kept-said]")).to_contain_text("已提交：高河镇文化广场修缮")
    assert desks.county.events(project).count("progress.reported") == 1


def test_an_answer_that_was_lost_on_the_line_does_not_make_a_second_report(desks: Desks) -> None:
    project = desks.county.started("高河镇河塘清淤")
    page = desks.page(SECRETARY, f"/registry/desk/report/{project}", size=PHONE)

    def lose(route: object) -> None:
        route.fetch(max_redirects=0)  # pyright: ignore
        route.abort("internetdisconnected")  # pyright: ignore

    page.route("**/registry/desk/report/*", lose, times=1)
    page.click("form[data-report] button[type=submit]")
    expect(page.locator("[data-said]")).to_contain_text("没有网络，已存本机")
    page.evaluate("window.dispatchEvent(new Event('online'))")
    page.wait_for_url("**/registry/desk/report?**")
    assert desks.county.events(project).count("progress.reported") == 1


def test_a_problem_is_found_rectified_and_verified(desks: Desks) -> None:
    project = desks.county.started("高河镇农贸市场整治")
    path = f"/registry/desk/problems/{project}"
    inspector = desks.page(INSPECTOR, path)
    inspector.fill("section:has-text('记录检查') [name=note]", "查看现场和台账")
    inspector.click("button:has-text('记录检查')")
    expect(inspector.locator("[role=status].did")).to_have_text("检查已记录。")
    inspector.fill("[name=text]", "公示栏没有更新")
    inspector.click("button:has-text('指出问题')")
    expect(inspector.locator("[name=due]")).to_be_focused()
    expect(inspector.locator("[name=text]")).to_have_value("公示栏没有更新")
    inspector.fill("[name=due]", "2023-03-20")
    inspector.click("button:has-text('指出问题')")
    expect(inspector.locator("#problem-p1")).to_contain_text("待整改")
    desks.picture(inspector, "problems-inspector")
    desks.complaints.clear()  # the browser tells of the refused form's status

    owner = desks.page(SECRETARY, path, size=PHONE)
    owner.fill("#problem-p1 textarea", "已更新并拍照存档")
    desks.picture(owner, "problems-owner-phone")
    owner.click("#problem-p1 button")
    expect(owner.locator("#problem-p1")).to_contain_text("待核验")

    verifier = desks.page(INSPECTOR, path)
    desks.picture(verifier, "problems-verifier")
    verifier.click("button:has-text('核验销号')")
    expect(verifier.locator("#problem-p1")).to_contain_text("已销号")
    assert desks.county.events(project)[-3:] == [
        "progress.problem-found",
        "progress.rectification-reported",
        "progress.rectification-verified",
    ]


def test_an_inspector_goes_from_what_is_left_to_the_project_and_records_a_visit_of_a_township(desks: Desks) -> None:
    project = desks.county.started("高河镇口袋公园")
    title = "a:has-text('高河镇口袋公园')"
    work = desks.page(INSPECTOR, "/registry/desk")
    expect(work.locator(title)).to_be_visible()
    desks.picture(work, "work-inspector")
    tasks = desks.page(INSPECTOR, "/registry/desk/inspections", size=PHONE)
    tasks.locator("summary").click()
    desks.picture(tasks, "inspections-phone")
    tasks.select_option("[name=unit]", label="高河镇")
    tasks.click("button:has-text('记录检查')")
    expect(tasks.locator("[role=status].did")).to_have_text("对单位的检查已记录。")
    expect(tasks.locator("p.note a:has-text('高河镇')")).to_have_count(0)
    tasks.click("[aria-label='检查：高河镇口袋公园']")
    tasks.click("button:has-text('记录检查')")
    expect(tasks.locator("[role=status].did")).to_have_text("检查已记录。")
    work.reload()
    expect(work.locator(title)).to_have_count(0)
    assert desks.county.events(project)[-1] == "progress.project-inspected"


def test_a_project_is_accepted_announced_closed_and_reopened(desks: Desks) -> None:
    project = desks.county.started("高河镇幸福食堂")
    report = desks.page(SECRETARY, f"/registry/desk/report/{project}")
    for _ in range(2):
        report.click("summary")
        report.locator("button:has-text('记为完成')").first.click()
        expect(report.locator("[role=status].did")).to_have_text("节点已记为完成。")
    path = f"/registry/desk/acceptance/{project}"
    owner = desks.page(SECRETARY, path)
    owner.fill("[name=summary]", "84 盏路灯全部点亮")
    desks.picture(owner, "acceptance-request")
    owner.click("button:has-text('申请验收')")

    reviewer = desks.page(REVIEWER, path)
    reviewer.fill("[name='signers.0']", "县委组织部 丁静")
    reviewer.fill("[name='signers.1']", "群众代表 何小梅")
    desks.picture(reviewer, "acceptance-accept")
    reviewer.click("button.primary:has-text('验收通过')")
    reviewer.click("button:has-text('今天发布公示')")
    expect(reviewer.locator("main")).to_contain_text("公示到 2023年3月8日")
    reviewer.fill("[name=text]", "群众来电：食堂开放时间短")
    reviewer.click("button:has-text('登记异议')")
    reviewer.fill("article [name=text]", "已核实，开放时间延长到 19 时")
    desks.picture(reviewer, "acceptance-notice")
    reviewer.click("button:has-text('办结')")
    expect(reviewer.locator("button:has-text('销号')")).to_have_count(0)
    desks.county.begin("2023-03-09")
    closing = desks.page(REVIEWER, "/registry/desk/acceptance?kind=close")
    desks.picture(closing, "acceptance-queue")
    closing.click("a.button:has-text('销号')")
    closing.click("button:has-text('销号')")
    expect(closing.locator("main")).to_contain_text("销号文号：怀组销〔2023〕1号")
    assert desks.county.events(project)[-1] == "project.closed"
    closing.click("summary:has-text('重新启动')")
    closing.fill("[name=reason]", "群众反映路灯不亮")
    desks.picture(closing, "acceptance-reopen")
    closing.click("button:has-text('重新启动')")
    expect(closing.locator("[role=status].did")).to_have_text("项目已重新启动，原销号文号保留。")
    expect(closing.locator("main")).to_contain_text("原销号文号：怀组销〔2023〕1号")
    closing.click("summary:has-text('移交责任书记')")
    desks.picture(closing, "acceptance-turns")
    closing.set_viewport_size(PHONE)
    desks.picture(closing, "acceptance-turns-phone")
    assert desks.county.events(project)[-1] == "project.reopened"


def test_an_extension_is_asked_for_endorsed_and_granted(desks: Desks) -> None:
    project = desks.county.started("高河镇污水管网改造")
    path = f"/registry/desk/problems/{project}"
    owner = desks.page(SECRETARY, path, size=PHONE)
    owner.click("summary:has-text('申请延期')")
    owner.fill("#extensions [name=due]", "2023-05-20")
    owner.fill("#extensions [name=reason]", "汛期停工两周")
    desks.picture(owner, "extension-ask-phone")
    owner.click("button:has-text('申请延期')")
    expect(owner.locator("#extension-e1")).to_contain_text("原定 2023年4月30日，申请延至 2023年5月20日")

    desks.county.told()
    first = desks.page(REVIEWER, "/registry/desk?kind=endorse")
    first.click("a:has-text('初审')")
    first.fill("#extension-e1 [name=note]", "情况属实")
    desks.picture(first, "extension-endorse")
    first.click("button:has-text('通过初审')")
    expect(first.locator("#extension-e1")).to_contain_text("待批准")
    expect(first.locator("button:has-text('批准延期')")).to_have_count(0)

    desks.county.told()
    queue = desks.page(SECOND_REVIEWER, "/registry/desk/problems?kind=grant")
    desks.picture(queue, "extension-queue")
    queue.click("a.button:has-text('批准')")
    desks.picture(queue, "extension-grant")
    queue.click("button:has-text('批准延期')")
    expect(queue.locator("#extension-e1")).to_contain_text("原定 2023年4月30日，延至 2023年5月20日")
    assert desks.county.events(project)[-3:] == [
        "progress.extension-requested",
        "progress.extension-endorsed",
        "progress.extension-granted",
    ]

    report = desks.page(SECRETARY, f"/registry/desk/report/{project}", size=PHONE)
    report.click("summary:has-text('有节点完成了')")
    expect(report.locator("main")).to_contain_text("计划 2023年4月30日，延至 2023年5月20日")
    report.locator("button:has-text('记为完成')").first.click()
    report.click("summary:has-text('完成日期记错了')")
    report.click("summary:has-text('其实没有完成')")
    desks.picture(report, "milestone-correct-phone")
    report.locator("details details [name=reason]").fill("只完成一半")
    report.click("button:has-text('改为没有完成')")
    expect(report.locator("[role=status].did")).to_have_text("节点已更正，原来的日期留在项目记录里。")
    assert desks.county.events(project)[-1] == "progress.milestone-corrected"


def test_a_proposal_is_withdrawn(desks: Desks) -> None:
    project = desks.county.submitted("高河镇重复申报的项目")
    page = desks.page(SECRETARY, f"/registry/desk/projects/{project}/plan")
    page.click("summary:has-text('撤回申报')")
    page.fill("[name=reason]", "与县里项目重复")
    desks.picture(page, "plan-withdraw")
    page.click("button:has-text('撤回申报')")
    expect(page.locator("[role=status].did")).to_have_text("申报已撤回。")
    assert desks.county.events(project)[-1] == "project.withdrawn"


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_no_page_has_a_barrier(desks: Desks, size: dict[str, int]) -> None:
    project = desks.county.submitted(f"高河镇无障碍 {size['width']}")
    for person, paths in (
        (SECRETARY, ("", "/projects", "/propose", "/report", "/problems", "/acceptance", f"/projects/{project}/plan")),
        (REVIEWER, ("", "/projects", "/review", "/problems", "/acceptance", "/import")),
    ):
        for path in paths:
            page = desks.page(person, f"/registry/desk{path}", size=size)
            page.wait_for_load_state("networkidle")
            name = f"{person}{path.replace('/', '-')}-{size['width']}"
            desks.picture(page, name)
            page.close()


def test_a_plan_is_filled_in_and_sent_without_scripts(desks: Desks) -> None:
    project = desks.county.proposed("高河镇没有脚本的项目")
    page = desks.page(SECRETARY, f"/registry/desk/projects/{project}/plan", scripts=False)
    _fill_plan(page)
    page.fill("[name='milestones.1.weight']", "50")
    page.locator("button.primary").click()
    assert "节点权重之和应为 100，现为 90" in page.locator(".refusal").inner_text()
    page.fill("[name='milestones.1.weight']", "60")
    page.locator("button.primary").click()
    assert desks.county.events(project)[-1] == "project.plan-submitted"
    desks.complaints.clear()


@pytest.mark.parametrize("scripts", [True, False], ids=["polled", "without scripts"])
def test_a_ledger_with_errors_is_corrected_and_imported(desks: Desks, tmp_path: Path, scripts: bool) -> None:
    title = "高河镇小微水体整治" if scripts else "高河镇水塘护坡"
    wrong, right = tmp_path / "台账.xlsx", tmp_path / "改好的台账.xlsx"
    wrong.write_bytes(workbook(ledger_row(title), ledger_row(f"{title} 二", kind="民生项目")))
    page = desks.page(REVIEWER, "/registry/desk", scripts=scripts)
    page.click("a.button:has-text('导入台账')")
    page.set_input_files("[name=file]", wrong)
    if scripts:
        desks.picture(page, "ledger-choose")
    page.click("button:has-text('核对')")
    expect(page.locator(".refusal")).to_contain_text("1 处需要更正", timeout=60_000)
    expect(page.locator("tbody tr:has-text('民生项目')")).to_contain_text("应为以下之一")
    with page.expect_download() as marked:
        page.click("a:has-text('下载标出错误的工作簿')")
    assert marked.value.suggested_filename == "需更正-台账.xlsx"
    corrected(marked.value.path(), right, "民生项目", "书记项目")
    if scripts:
        for size in (DESK, PHONE):
            page.set_viewport_size({"width": size["width"], "height": size["height"]})
            desks.picture(page, f"ledger-wrong-{size['width']}")

    for again in (False, True):
        page.click("a:has-text('选择另一个文件')")
        page.set_input_files("[name=file]", right)
        page.click("button:has-text('核对')")
        if again:
            expect(page.locator("[role=status].did")).to_contain_text("再导入也不会有任何改变", timeout=60_000)
            continue
        expect(page.locator("[role=status].did")).to_contain_text("核对无误", timeout=60_000)
        if scripts:
            desks.picture(page, "ledger-right")
        page.click("button:has-text('导入 2 个项目')")
        expect(page.locator("[role=status].did")).to_contain_text("已导入 2 个项目", timeout=60_000)
        if scripts:
            for size in (DESK, PHONE):
                page.set_viewport_size({"width": size["width"], "height": size["height"]})
                desks.picture(page, f"ledger-imported-{size['width']}")
        project = str(page.locator("#job a", has_text=title).first.get_attribute("href")).removeprefix("/projects/")
        assert desks.county.events(project)[-1] == "project.started"


def test_a_file_that_is_too_large_is_refused_before_it_is_sent(desks: Desks, tmp_path: Path) -> None:
    large = tmp_path / "台账.xlsx"
    large.write_bytes(bytes(20_000_001))
    page = desks.page(REVIEWER, "/registry/desk/import")
    page.set_input_files("[name=file]", large)
    assert "超过了 20 MB 的上限" in str(page.locator("[name=file]").evaluate("file => file.validationMessage"))
    page.click("button:has-text('核对')")
    assert page.url.endswith("/registry/desk/import")


def test_a_project_page_leads_those_to_the_desks_who_may_use_them(desks: Desks) -> None:
    project = desks.county.started("高河镇党员河段")
    labels = {
        person: desks.page(person, f"/projects/{project}").locator("a.button").all_inner_texts()
        for person in (SECRETARY, REVIEWER, INSPECTOR)
    }
    assert labels == {
        SECRETARY: ["报送进展", "整改与延期", "申请验收", "附件"],
        REVIEWER: ["检查与核验", "附件", "项目变动"],
        INSPECTOR: ["检查与核验", "附件"],
    }


def test_a_filter_is_kept_in_the_browser(desks: Desks) -> None:
    page = desks.page(REVIEWER, "/registry/desk/projects?stage=submitted")
    page.fill("[data-views-name]", "待审的")
    page.click("[data-views-save]")
    other = desks.page(REVIEWER, "/registry/desk/projects")
    other.click("a:has-text('待审的')")
    other.wait_for_url("**stage=submitted")


def test_what_lies_in_another_county_is_not_there(desks: Desks) -> None:
    project = desks.county.started("高河镇留守老人“一键呼”")
    page = desks.page(STRANGER, "/registry/desk")
    for path in ("report", "problems", "acceptance"):
        answer = page.request.get(f"{page.url.split('/registry')[0]}/registry/desk/{path}/{project}")
        assert answer.status == 404


def test_another_sites_form_changes_nothing(desks: Desks) -> None:
    project = desks.county.submitted("高河镇别处来的表单")
    page = desks.page(REVIEWER, "/registry/desk")
    address = f"{page.url.split('/registry')[0]}/registry/desk/review/{project}"
    form = {"_verb": "reject-plan", "reason": "别处"}
    answer = page.request.post(address, headers={"Origin": "https://elsewhere.test"}, form=form)
    assert answer.status == 403
    assert desks.county.events(project)[-1] == "project.plan-submitted"
