"""The desks over HTTP: who may, what a refused form keeps, what is out of sight; and their queues from real tables."""

import html
import re
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import httpx
import pytest

from services.registry.desk.access import Seats
from services.registry.desk.queue import counts, queue
from services.registry.desk.waiting import Waiting
from services.registry.keyset import Paging
from services.registry.views import PROJECTS
from shared.authority_views import UNIT
from shared.contracts.event import EventData
from shared.contracts.progress import Extended
from shared.contracts.reference import UnitMerged, UnitMoved
from shared.database import Database
from shared.web.wording import day_in_words
from tests.integration.registry.running import ADMIN, REVIEWER, SECRETARY, STRANGER, Registry
from tests.integration.registry.test_routes import PLAN, proposed
from tests.integration.rows import put
from tests.projecting import History
from tests.unit.registry.builders import (
    ACCEPTED,
    ANNOUNCED,
    APPROVED,
    CAMPAIGN_ID,
    COMPLETE,
    COUNTY,
    NOTICE_ENDS,
    REQUESTED,
    TOWNSHIP,
    UNDER_REVIEW,
    UNDER_WAY,
    VILLAGE,
    endorsed,
    extension,
    failed,
    problem,
    propose,
    reached,
    rectified,
    reported,
    returned,
    unit,
)
from tests.unit.registry.builders import proposed as proposal
from tests.unit.registry.builders import submitted as submitted_plan
from tests.unit.registry.dsl import TODAY, Told
from tests.waiting import until

PAGE = {"Accept": "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8"}
NOBODYS = "0190a1b2-0000-7000-8000-000000000009"


async def page(registry: Registry, who: str, path: str) -> httpx.Response:
    return await registry.http.get(f"/registry/desk{path}", headers={"Somebody": who, **PAGE})


async def fill_in(registry: Registry, who: str, path: str, **fields: str) -> httpx.Response:
    """Send a form; `__` in a name stands for a dot."""
    named = {name.replace("__", "."): text for name, text in fields.items()}
    return await registry.http.post(f"/registry/desk{path}", data=named, headers={"Somebody": who, **PAGE})


async def told(registry: Registry, who: str, id: str, verb: str, body: dict[str, Any] | None = None) -> str:
    """Give a command by its JSON route; its position."""
    reply = await registry.ask(who, f"/projects/{id}/{verb}", body or {})
    assert reply.status_code == 201, reply.text
    return str(reply.json()["at"])


async def submitted(registry: Registry) -> str:
    id = str((await proposed(registry))["stream"]).removeprefix("project-")
    await told(registry, SECRETARY, id, "submit-plan", PLAN)
    return id


PROPOSAL = {
    "_form": "propose",
    "_verb": "propose",
    "title": "点亮“背街” <小巷>",
    "kind": "secretary",
    "category": "基层治理",
    "owner": TOWNSHIP,
    "county": COUNTY,
    "secretary": SECRETARY,
    "year": "2023",
    "criteria__small": "一条街",
    "criteria__hard": "部门多",
    "criteria__exemplary": "可复制",
    "criteria__doable": "有钱",
}


async def test_a_proposal_by_form_is_stored_once_and_leads_to_the_plan(registry: Registry) -> None:
    key = str(uuid4())
    first = await fill_in(registry, SECRETARY, "/propose", _key=key, **PROPOSAL)
    again = await fill_in(registry, SECRETARY, "/propose", _key=key, **PROPOSAL)
    assert (first.status_code, again.status_code) == (303, 303)
    assert first.headers["location"] == again.headers["location"]
    path, _, query = first.headers["location"].partition("?")
    assert re.fullmatch(r"/registry/desk/projects/[0-9a-f-]{36}/plan", path)
    assert "at=project-" in query
    plan = await registry.http.get(first.headers["location"], headers={"Somebody": SECRETARY, **PAGE})
    assert "已申报，请接着填写方案" in plan.text


async def test_what_a_refused_form_was_filled_in_with_is_kept_beside_its_errors(registry: Registry) -> None:
    refused = await fill_in(registry, SECRETARY, "/propose", _key="k-1", **{**PROPOSAL, "criteria__hard": " "})
    assert refused.status_code == 422
    assert html.escape("点亮“背街” <小巷>") in refused.text
    assert 'value="k-1"' in refused.text
    assert re.search(r'name="criteria\.hard"[^>]*aria-invalid="true"[^>]*autofocus', refused.text)
    assert refused.text.count(" autofocus") == 1
    late = await fill_in(registry, SECRETARY, "/propose", **{**PROPOSAL, "year": "2029"})
    assert (late.status_code, "2029年的项目现在不能申报" in late.text) == (409, True)


async def test_the_same_form_with_another_content_is_told_so(registry: Registry) -> None:
    key = str(uuid4())
    assert (await fill_in(registry, SECRETARY, "/propose", _key=key, **PROPOSAL)).status_code == 303
    other = await fill_in(registry, SECRETARY, "/propose", _key=key, **{**PROPOSAL, "title": "另一件"})
    assert (other.status_code, "这张表已经提交过" in other.text, f'value="{key}"' in other.text) == (409, True, False)


async def test_who_holds_no_right_to_a_desk_is_refused(registry: Registry) -> None:
    id = await submitted(registry)
    for who, path, status in (
        (REVIEWER, "/propose", 403),
        (SECRETARY, "/review", 403),
        (SECRETARY, f"/review?id={id}", 403),
        (REVIEWER, f"/projects/{id}/plan", 403),
        (REVIEWER, f"/report/{id}", 403),
        (REVIEWER, "/report", 403),
        (STRANGER, "/problems", 403),
        (STRANGER, "/acceptance", 403),
        (STRANGER, f"/projects/{id}/plan", 404),
        (STRANGER, f"/problems/{id}", 404),
        (STRANGER, f"/acceptance/{id}", 404),
        (STRANGER, f"/report/{id}", 404),
        (REVIEWER, f"/problems/{NOBODYS}", 404),
        (SECRETARY, f"/problems/{id}", 200),
        (REVIEWER, f"/acceptance/{id}", 200),
        (STRANGER, "", 200),
    ):
        assert (await page(registry, who, path)).status_code == status, (who, path)


async def test_a_form_of_somebody_without_the_right_changes_nothing(registry: Registry) -> None:
    id = await submitted(registry)
    forms = (
        (SECRETARY, f"/review/{id}", {"_verb": "reject-plan", "reason": "不行"}),
        (STRANGER, f"/review/{id}", {"_verb": "reject-plan", "reason": "不行"}),
        (REVIEWER, f"/report/{id}", {"_verb": "start"}),
        (SECRETARY, f"/acceptance/{id}", {"_verb": "close"}),
    )
    for who, path, fields in forms:
        assert (await fill_in(registry, who, path, **fields)).status_code in (403, 404), path
    assert (await registry.get(REVIEWER, f"/projects/{id}")).json()["stage"] == "submitted"


async def test_a_plan_that_has_changed_meanwhile_is_not_approved_unseen(registry: Registry) -> None:
    id = await submitted(registry)
    met = {f"{each}__verdict": "meets" for each in ("small", "hard", "exemplary", "doable")}
    opinion = {"opinion": "o1", "criterion": "small", "kind": "remark", "text": "可行"}
    await told(registry, REVIEWER, id, "give-opinion", opinion)
    form = {"_form": "review", "_verb": "approve-plan", **met}
    stale = await fill_in(registry, REVIEWER, f"/review/{id}", _version="2", **form)
    assert (stale.status_code, 'name="_version" value="3"' in stale.text) == (412, True)
    assert stale.text.count("checked") == 4
    approved = await fill_in(registry, REVIEWER, f"/review/{id}", _version="3", **form)
    assert approved.status_code == 303
    assert (await registry.get(REVIEWER, f"/projects/{id}")).json()["stage"] == "approved"


async def test_opinions_and_the_return_are_one_form_and_are_given_once(registry: Registry) -> None:
    id = await submitted(registry)
    fields = {"small__verdict": "fails", "small__text": "过宽", "hard__verdict": "nearly", "hard__text": "再细"}
    form = {"_form": "review", "_key": str(uuid4()), "_version": "2", "_verb": "return-plan", **fields}
    for _ in range(2):
        assert (await fill_in(registry, REVIEWER, f"/review/{id}", **form)).status_code == 303
    state = await state_of(registry, id)
    opinions = {each["given"]["criterion"]: name for name, each in state["opinions"].items()}
    assert (state["stage"], len(state["opinions"]), sorted(opinions)) == ("returned", 2, ["hard", "small"])
    plan = (await page(registry, SECRETARY, f"/projects/{id}/plan")).text
    assert "“切口小”须修改，见各项意见。" in plan
    assert f'name="answers-{opinions["small"]}"' in plan
    assert 'value="点亮"' in plan


async def test_opinions_that_were_changed_after_they_were_given_can_be_given_anew(registry: Registry) -> None:
    id = await submitted(registry)
    form = {"_form": "review", "_key": "k", "_verb": "give-opinion", "small__verdict": "nearly"}
    assert (await fill_in(registry, REVIEWER, f"/review/{id}", **form, small__text="宽")).status_code == 303
    changed = await fill_in(registry, REVIEWER, f"/review/{id}", **form, small__text="过宽")
    assert changed.status_code == 409
    key = changed.text.partition('name="_key" value="')[2].partition('"')[0]
    again = await fill_in(registry, REVIEWER, f"/review/{id}", **{**form, "_key": key}, small__text="过宽")
    assert (again.status_code, len((await state_of(registry, id))["opinions"])) == (303, 2)


DUE_MINOR = (("severity", "minor"), ("due", "2023-04-01"))


async def test_a_failed_acceptance_that_is_sent_twice_is_one(registry: Registry) -> None:
    id = await started(registry)
    await told(registry, SECRETARY, id, "reach-milestone", {"milestone": "m1", "on": "2023-03-01"})
    await told(registry, SECRETARY, id, "request-acceptance", {"summary": "全街已亮"})
    problems = {"problems__0__text": "灯不亮", "problems__2__text": "灯太暗", "problems__1__severity": "minor"}
    rows = {f"problems__{n}__{name}": value for n in (0, 2) for name, value in DUE_MINOR}
    form = {"_form": "fail", "_key": str(uuid4()), "_verb": "fail-acceptance", "reason": "有两处", **problems, **rows}
    for _ in range(2):
        failed = await fill_in(registry, REVIEWER, f"/acceptance/{id}", **form)
        assert failed.status_code == 303, failed.text
    found = (await state_of(registry, id))["problems"]
    assert sorted(each["found"]["text"] for each in found.values()) == ["灯不亮", "灯太暗"]


async def test_a_row_is_added_without_losing_what_is_filled_in(registry: Registry) -> None:
    id = str((await proposed(registry))["stream"]).removeprefix("project-")
    fields = {"_form": "plan", "_rows": "add milestones", "goal": "写了一半", "milestones__0__title": "一"}
    more = await fill_in(registry, SECRETARY, f"/projects/{id}/plan", **fields)
    assert (more.status_code, "写了一半" in more.text) == (200, True)
    assert re.search(r'name="milestones\.1\.title"[^>]*autofocus', more.text)
    assert (await registry.get(REVIEWER, f"/projects/{id}")).json()["plan"] is None


async def test_what_is_written_is_in_the_list_that_the_form_leads_to(registry: Registry) -> None:
    id = await submitted(registry)
    await told(registry, REVIEWER, id, "approve-plan")
    begun = await fill_in(registry, SECRETARY, f"/report/{id}", _verb="start", _form="start")
    assert begun.status_code == 303
    form = {"_form": "report", "_verb": "report-progress", "month": "2023-03", "percent": "12.5"}
    reported = await fill_in(registry, SECRETARY, f"/report/{id}", **form)
    assert reported.status_code == 303
    following = await registry.http.get(reported.headers["location"], headers={"Somebody": SECRETARY, **PAGE})
    assert "已报送，每月只报一次" in following.text
    twice = await fill_in(registry, SECRETARY, f"/report/{id}", **form)
    assert (twice.status_code, "已报" in twice.text) == (409, True)


async def test_a_report_leads_to_the_next_month_that_the_project_owes(registry: Registry) -> None:
    begun = {"effective": "2023-01-31", "effective_reason": "补录"}
    proposal = propose(**begun).model_dump(mode="json")
    id = (await registry.ask(SECRETARY, "/projects/propose", proposal)).json()["stream"].removeprefix("project-")
    for who, verb, body in ((SECRETARY, "submit-plan", PLAN), (REVIEWER, "approve-plan", {}), (SECRETARY, "start", {})):
        await told(registry, who, id, verb, body | begun)
    form = {"_form": "report", "_verb": "report-progress", "percent": "12.5"}
    january = await fill_in(registry, SECRETARY, f"/report/{id}", month="2023-01", **form)
    following = await registry.http.get(january.headers["location"], headers={"Somebody": SECRETARY, **PAGE})
    assert "还有 1 个月待报" in following.text
    assert 'name="month" value="2023-02"' in following.text
    assert "上次 12.5%，1月" in following.text
    assert "截至2月28日" in following.text
    february = await fill_in(registry, SECRETARY, f"/report/{id}", month="2023-02", **form)
    assert february.headers["location"].partition("?")[0] == "/registry/desk/report"


async def test_a_supervisor_is_led_from_the_desk_to_what_is_supervised(registry: Registry) -> None:
    await registry.ask(ADMIN, "/persons/supervisor/register", {"name": "杨涛"})
    post = {"role": "supervisor", "unit": COUNTY, "since": "2023-01-01"}
    appointed = (await registry.ask(ADMIN, "/persons/supervisor/appoint", post)).json()
    await registry.get("supervisor", "/persons", at_least=appointed["at"])
    desk = (await page(registry, "supervisor", "")).text
    for address in (f"/units/{COUNTY}/projects?which=red", "/alerts/open-alerts", "/alerts/notices", "/bulletins"):
        assert f'href="{address}"' in desk
    assert "没有需要办理的职责" not in desk
    assert "/alerts/notices" not in (await page(registry, REVIEWER, "")).text


@pytest.mark.parametrize("body", [b"a=%ff", b"\xff"])
async def test_a_body_that_is_no_form_is_refused(registry: Registry, body: bytes) -> None:
    headers = {"Somebody": SECRETARY, "Content-Type": "application/x-www-form-urlencoded"}
    answer = await registry.http.post("/registry/desk/propose", content=body, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (400, "malformed_form")
    plain = {**headers, "Content-Type": "text/plain"}
    assert (await registry.http.post("/registry/desk/propose", content=b"a=1", headers=plain)).status_code == 400


@pytest.mark.parametrize("query", ["stage=gone", "year=now", "unit=1", "after=1"])
async def test_a_filter_that_is_none_is_refused(registry: Registry, query: str) -> None:
    assert (await page(registry, REVIEWER, f"/projects?{query}")).status_code in (400, 422)


async def test_the_list_is_cut_to_the_callers_subtree_and_the_filters(registry: Registry) -> None:
    id = await submitted(registry)

    async def listed() -> bool:
        mine = await page(registry, REVIEWER, "/projects?stage=submitted&q=点亮&year=2023")
        return f"/projects/{id}" in mine.text

    await until(listed)
    mine = (await page(registry, REVIEWER, "/projects")).text
    assert f'href="/units/{COUNTY}/projects?which=red"' in mine
    assert '<a href="/registry/desk/projects" aria-current="page">项目</a>' in mine
    assert f"/projects/{id}" not in (await page(registry, REVIEWER, "/projects?stage=closed")).text
    assert f"/projects/{id}" not in (await page(registry, STRANGER, "/projects")).text


async def test_an_administrator_registers_appoints_and_ends_at_a_units_page(registry: Registry) -> None:
    path, person = f"/units/{TOWNSHIP}", f"p{uuid4().hex[:8]}"
    post = {"person": person, "role": "office", "since": "2023-03-01"}
    unknown = await fill_in(registry, ADMIN, path, _form="appoint", _verb="appoint", **post)
    assert (unknown.status_code, "没有这个编号的人员" in unknown.text, person in unknown.text) == (422, True, True)
    assert (await fill_in(registry, ADMIN, path, _verb="register", person=person, name="何梅")).status_code == 303
    appointed = await fill_in(registry, ADMIN, path, _verb="appoint", **post)
    assert appointed.status_code == 303
    shown = await registry.http.get(appointed.headers["location"], headers={"Somebody": ADMIN, **PAGE})
    assert "何　梅" in shown.text
    end = {"person": person, "role": "office", "until": "2023-02-01", "reason": "调离"}
    refused = await fill_in(registry, ADMIN, path, _form=f"end-{person}-office", _verb="end-appointment", **end)
    assert (refused.status_code, "任职结束日期早于开始日期" in refused.text) == (409, True)
    for who, status in ((REVIEWER, 403), (STRANGER, 404)):
        assert (await page(registry, who, path)).status_code == status
        assert (await fill_in(registry, who, path, _verb="appoint", **post)).status_code in (403, 404)


async def test_who_is_appointed_is_found_by_name_and_chosen(registry: Registry) -> None:
    path, name = f"/units/{TOWNSHIP}", f"何{uuid4().hex[:6]}"
    person = await appointed(registry, f"p{uuid4().hex[:8]}", "office", TOWNSHIP, name)
    assert f"没有与“{name}无”相符的人" in (await page(registry, ADMIN, f"{path}?q={name}无")).text

    async def found() -> bool:
        shown = (await page(registry, ADMIN, f"{path}?q={name}")).text
        return f"?q={quote(name)}&amp;person={person}#appoint" in shown and "党政办" in shown

    await until(found)
    chosen = (await page(registry, ADMIN, f"{path}?q={name}&person={person}")).text
    assert re.search(rf'name="person" type="text" value="{person}"', chosen)
    assert (await page(registry, REVIEWER, f"{path}?q={name}")).status_code == 403


async def test_a_unit_that_is_not_there_has_no_page(registry: Registry) -> None:
    assert (await page(registry, ADMIN, "/units/349999999")).status_code == 404


async def appointed(registry: Registry, person: str, role: str, unit: str, name: str = "") -> str:
    """Somebody more, with a post; who it is."""
    await registry.ask(ADMIN, f"/persons/{person}/register", {"name": name or person})
    post = {"role": role, "unit": unit, "since": "2023-01-01"}
    reply = await registry.ask(ADMIN, f"/persons/{person}/appoint", post)
    assert reply.status_code == 201, reply.text
    await registry.get(person, "/persons?limit=1", at_least=reply.json()["at"])
    return person


async def started(registry: Registry) -> str:
    id = await submitted(registry)
    await told(registry, REVIEWER, id, "approve-plan")
    await told(registry, SECRETARY, id, "start")
    return id


async def state_of(registry: Registry, id: str) -> dict[str, Any]:
    return (await registry.get(REVIEWER, f"/projects/{id}")).json()


async def test_an_owner_takes_a_proposal_back_with_a_reason(registry: Registry) -> None:
    id = await submitted(registry)
    path = f"/projects/{id}/plan"
    form = {"_form": "withdraw", "_verb": "withdraw"}
    assert (await fill_in(registry, REVIEWER, path, **form, reason="不做了")).status_code == 403
    blank = await fill_in(registry, SECRETARY, path, **form, reason=" ")
    assert (blank.status_code, 'id="withdraw-reason-error"' in blank.text) == (422, True)
    done = await fill_in(registry, SECRETARY, path, **form, reason="资金没有落实")
    assert (done.status_code, (await state_of(registry, id))["stage"]) == (303, "withdrawn")
    after = (await page(registry, SECRETARY, path)).text
    assert ("申报已经撤回" in after, "撤回申报" in after) == (True, False)
    assert (await fill_in(registry, SECRETARY, path, **form, reason="再撤")).status_code == 409


async def test_a_project_is_handed_over_to_a_secretary_of_its_owner_who_is_chosen(registry: Registry) -> None:
    id, path = await started(registry), "/acceptance/"
    following = await appointed(registry, f"p{uuid4().hex[:8]}", "township_secretary", TOWNSHIP)
    shown = (await page(registry, REVIEWER, f"{path}{id}")).text
    assert f'<option value="{following}">' in shown
    assert f'<option value="{SECRETARY}">' not in shown
    assert "移交责任书记" not in (await page(registry, SECRETARY, f"{path}{id}")).text
    form = {"_form": "hand-over", "_verb": "hand-over", "secretary": following}
    assert (await fill_in(registry, SECRETARY, f"{path}{id}", **form, reason="调任")).status_code == 403
    blank = await fill_in(registry, REVIEWER, f"{path}{id}", **form)
    assert (blank.status_code, f'<option value="{following}" selected>' in blank.text) == (422, True)
    assert (await fill_in(registry, REVIEWER, f"{path}{id}", **form, reason="调任")).status_code == 303
    assert (await state_of(registry, id))["secretary"] == following


async def test_a_project_is_terminated_with_a_reason_and_nothing_more_is_asked_of_it(registry: Registry) -> None:
    id = await started(registry)
    path = f"/acceptance/{id}"
    form = {"_form": "terminate", "_verb": "terminate"}
    assert (await fill_in(registry, REVIEWER, path, **form)).status_code == 422
    assert (await fill_in(registry, SECRETARY, path, **form, reason="拆迁")).status_code == 403
    assert (await fill_in(registry, REVIEWER, path, **form, reason="拆迁")).status_code == 303
    assert (await state_of(registry, id))["stage"] == "terminated"
    after = (await page(registry, REVIEWER, path)).text
    assert ("已终止" in after, "项目变动" in after) == (True, False)
    assert "request-extension" not in (await page(registry, SECRETARY, f"/problems/{id}")).text


async def test_a_turn_out_of_its_time_is_refused_in_words(registry: Registry) -> None:
    id = await started(registry)
    shown = (await page(registry, REVIEWER, f"/acceptance/{id}")).text
    assert ("终止项目" in shown, "重新启动" in shown, "结转" in shown) == (True, False, False)
    for verb, fields in (("reopen", {}), ("carry-over", {"year": "2024"})):
        form = {"_form": verb, "_verb": verb, "reason": "理由", **fields}
        refused = await fill_in(registry, REVIEWER, f"/acceptance/{id}", **form)
        assert (refused.status_code, "没有提交" in refused.text) == (409, True), verb


async def test_an_extension_is_asked_for_and_decided_by_two_persons(registry: Registry) -> None:
    id = await started(registry)
    path, other = f"/problems/{id}", await appointed(registry, f"r{uuid4().hex[:8]}", "reviewer", COUNTY)
    milestone = PLAN["milestones"][-1]
    day = date.fromisoformat(milestone["due"])
    ask = {"_form": "ask-extension", "_verb": "request-extension", "extension": "e1", "reason": "汛期停工"}
    ask |= {"subject": f"milestone {milestone['id']}"}
    far = await fill_in(registry, SECRETARY, path, **ask, due=str(day + timedelta(days=31)))
    assert (far.status_code, f'value="{ask["subject"]}" selected' in far.text) == (409, True)
    assert 'id="ask-extension-due-error"' in far.text
    asked = await fill_in(registry, SECRETARY, path, **ask, due=str(day + timedelta(days=30)))
    assert asked.status_code == 303
    lists = await registry.http.get(asked.headers["location"].replace(f"/{id}", ""), headers={"Somebody": REVIEWER})
    assert lists.status_code == 200
    assert f"/problems/{id}#extensions" in (await page(registry, REVIEWER, "?kind=endorse")).text
    assert "通过初审" not in (await page(registry, SECRETARY, path)).text
    endorse = {"_form": "endorse-extension-e1", "_verb": "endorse-extension", "extension": "e1"}
    assert (await fill_in(registry, SECRETARY, path, **endorse)).status_code in (403, 409)
    assert (await fill_in(registry, REVIEWER, path, **endorse)).status_code == 303
    grant = {"_form": "grant-extension-e1", "_verb": "grant-extension", "extension": "e1"}
    assert "批准延期" not in (await page(registry, REVIEWER, path)).text
    assert (await fill_in(registry, REVIEWER, path, **grant)).status_code == 409
    assert "批准延期" in (await page(registry, other, path)).text
    assert (await fill_in(registry, other, path, **grant)).status_code == 303
    said = (await page(registry, SECRETARY, path)).text
    assert f"原定 {day_in_words(day)}，延至 {day_in_words(day + timedelta(days=30))}" in said


async def test_the_townships_step_is_its_secretarys_or_its_offices_and_is_refused_with_a_reason(
    registry: Registry,
) -> None:
    village = unit(VILLAGE, TOWNSHIP)
    body = {"name": village.name, "kind": village.kind, "parent": TOWNSHIP}
    reply = await registry.ask(ADMIN, f"/units/{VILLAGE}/register", body)
    assert reply.status_code in (201, 204), reply.text
    branch = await appointed(registry, f"b{uuid4().hex[:8]}", "branch_secretary", VILLAGE)
    office = await appointed(registry, f"o{uuid4().hex[:8]}", "office", TOWNSHIP)
    command = propose(owner=VILLAGE, secretary=branch).model_dump(mode="json")
    made = await registry.ask(branch, "/projects/propose", command)
    assert made.status_code == 201, made.text
    id = made.json()["stream"].removeprefix("project-")
    plan = {**PLAN, "four_ones": {**PLAN["four_ones"], "secretary": branch}}
    await told(registry, branch, id, "submit-plan", plan)
    await told(registry, REVIEWER, id, "approve-plan")
    await told(registry, branch, id, "start")
    milestone = plan["milestones"][-1]
    due = str(date.fromisoformat(milestone["due"]) + timedelta(days=3))
    ask = {"extension": "e1", "of": "milestone", "subject": milestone["id"], "due": due, "reason": "汛期"}
    at = await told(registry, branch, id, "request-extension", ask)
    path = f"/problems/{id}"
    for who, waits in ((office, True), (SECRETARY, True), (REVIEWER, False), (branch, False)):
        shown = await page(registry, who, f"?at={at}&kind=endorse")
        assert (f"{path}#extensions" in shown.text) is waits, who
    shown = (await page(registry, office, path)).text
    assert f'<option value="{SECRETARY}"' in shown
    form = {"_form": "refuse-extension-e1", "_verb": "refuse-extension", "extension": "e1", "secretary": SECRETARY}
    blank = await fill_in(registry, office, path, **form)
    assert (blank.status_code, 'id="refuse-extension-e1-reason-error"' in blank.text) == (422, True)
    assert (await fill_in(registry, office, path, **form, reason="工期够")).status_code == 303
    assert "不同意的理由：工期够" in (await page(registry, branch, path)).text


async def test_a_milestones_day_is_corrected_and_taken_back_on_the_report_page(registry: Registry) -> None:
    id = await started(registry)
    path, milestone = f"/report/{id}", PLAN["milestones"][0]["id"]
    await told(registry, SECRETARY, id, "reach-milestone", {"milestone": milestone, "on": "2023-03-01"})
    form = {"_verb": "correct-milestone", "milestone": milestone}
    blank = await fill_in(registry, SECRETARY, path, **form, _form=f"correct-{milestone}", on="", reason="误填")
    assert (blank.status_code, f'id="correct-{milestone}-on-error"' in blank.text) == (422, True)
    same = await fill_in(registry, SECRETARY, path, **form, _form=f"correct-{milestone}", on="2023-03-01", reason="误")
    assert same.status_code == 409
    unsaid = await fill_in(registry, SECRETARY, path, **form, _form=f"take-back-{milestone}")
    assert (unsaid.status_code, f'id="take-back-{milestone}-reason-error"' in unsaid.text) == (422, True)
    back = await fill_in(registry, SECRETARY, path, **form, _form=f"take-back-{milestone}", reason="没有验收")
    assert (back.status_code, (await state_of(registry, id))["reached"]) == (303, {})
    assert (await fill_in(registry, REVIEWER, path, **form, reason="误")).status_code == 403


OTHER = "340825"
NOBODY = Seats(*[frozenset[str]()] * 6)
OWNER = replace(NOBODY, secretary=frozenset({TOWNSHIP}), sight=frozenset({TOWNSHIP}))
OFFICE = replace(NOBODY, office=frozenset({COUNTY}), sight=frozenset({COUNTY}))
MEMBER = frozenset({f"{CAMPAIGN_ID} g1"})
"""Of the group that finds problems."""
COUNTYS = replace(NOBODY, reviewer=frozenset({COUNTY}), sight=frozenset({COUNTY}))
INSPECTORS = replace(NOBODY, inspector=frozenset({"340800"}), sight=frozenset({"340800"}), groups=MEMBER)

REPORTS = tuple(reported(f"2023-0{n}", n) for n in (2, 3, 4))
HISTORIES: dict[Waiting, tuple[Told | EventData, ...]] = {
    Waiting.PLAN: (proposal(),),
    Waiting.REVIEW: UNDER_REVIEW,
    Waiting.RETURNED: (*UNDER_REVIEW, returned()),
    Waiting.START: APPROVED,
    Waiting.REPORT: (*UNDER_WAY, reported("2023-02", 10), reported("2023-04", 20)),
    Waiting.RECTIFY: (*UNDER_WAY, *REPORTS, problem()),
    Waiting.VERIFY: (*UNDER_WAY, *REPORTS, problem(), rectified()),
    Waiting.ENDORSE: (*UNDER_WAY, *REPORTS, extension()),
    Waiting.GRANT: (*UNDER_WAY, *REPORTS, extension(), endorsed()),
    Waiting.REQUEST: (*COMPLETE, *REPORTS),
    Waiting.ACCEPT: (*REQUESTED, *REPORTS),
    Waiting.ANNOUNCE: ACCEPTED,
    Waiting.NOTICE: ANNOUNCED,
}


def project(n: int) -> str:
    return f"0190a1b2-0000-7000-8000-{n:012}"


async def fill(database: Database) -> History:
    """A project in each way of waiting, and one of another county in all."""
    history = History()
    for code, parent in (("340800", None), (COUNTY, "340800"), (OTHER, "340800"), (TOWNSHIP, COUNTY)):
        history.tell(f"unit-{code}", unit(code, parent))
    for n, facts in enumerate(HISTORIES.values()):
        for fact in facts:
            one = fact if isinstance(fact, Told) else Told(fact)
            history.tell(f"project-{project(n)}", one.data, on=one.on or TODAY)
    elsewhere = proposal().model_copy(update={"county": OTHER, "owner": OTHER})
    history.tell(f"project-{project(99)}", elsewhere, submitted_plan(), on=TODAY)
    await put(database, history, (UNIT, PROJECTS))
    return history


@pytest.fixture
async def filled(database: Database) -> Database:
    """A database with these projects."""
    await fill(database)
    return database


async def listed(database: Database, kind: Waiting, seats: Seats, today: date = TODAY) -> set[str]:
    async with database.core() as connection:
        found = await queue(connection, kind, seats, today, Paging(50))
    return {item.line.id for item in found.items}


async def test_each_kind_of_work_finds_its_projects_and_no_others(filled: Database) -> None:
    ids = {kind: project(n) for n, kind in enumerate(HISTORIES)}
    for kind, id in ids.items():
        seats = replace(COUNTYS, secretary=frozenset({TOWNSHIP}), inspector=frozenset({COUNTY}), groups=MEMBER)
        assert await listed(filled, kind, seats) == {id}, kind
    assert await listed(filled, Waiting.CLOSE, COUNTYS) == set()
    assert await listed(filled, Waiting.CLOSE, COUNTYS, NOTICE_ENDS + timedelta(days=1)) == {ids[Waiting.NOTICE]}


async def test_what_has_moved_to_another_county_waits_there_and_no_longer_where_it_was_approved(
    database: Database,
) -> None:
    history = await fill(database)
    history.tell(f"unit-{TOWNSHIP}", UnitMoved(parent=OTHER, since=TODAY))
    await put(database, history, (UNIT, PROJECTS))
    old = replace(COUNTYS, inspector=frozenset({COUNTY}), groups=MEMBER)
    new = replace(NOBODY, reviewer=frozenset({OTHER}), inspector=frozenset({OTHER}), sight=frozenset({OTHER}))
    async with database.core() as connection:
        assert set((await counts(connection, old, TODAY)).values()) == {0}
    for n, kind in enumerate(HISTORIES):
        if kind in (Waiting.VERIFY, Waiting.ENDORSE, Waiting.GRANT, Waiting.ACCEPT, Waiting.NOTICE):
            assert await listed(database, kind, old) == set(), kind
            assert await listed(database, kind, new) == {project(n)}, kind


async def test_a_report_waits_until_the_day_that_it_is_due(filled: Database) -> None:
    async with filled.core() as connection:
        found = await queue(connection, Waiting.REPORT, OWNER, TODAY, Paging(50))
    assert [item.since for item in found.items] == [date(2023, 4, 5)]


async def test_work_is_counted_for_those_whom_it_waits_for(filled: Database) -> None:
    async with filled.core() as connection:
        of_owner, of_office, of_county, of_inspector, of_nobody = [
            await counts(connection, seats, TODAY) for seats in (OWNER, OFFICE, COUNTYS, INSPECTORS, NOBODY)
        ]
    owners = {Waiting.PLAN, Waiting.RETURNED, Waiting.START, Waiting.REPORT, Waiting.RECTIFY, Waiting.REQUEST}
    assert of_office == dict.fromkeys(owners, 1)
    assert of_owner == {**of_office, Waiting.ENDORSE: 0}
    assert of_county == {
        Waiting.REVIEW: 1,
        Waiting.VERIFY: 0,
        Waiting.ENDORSE: 1,
        Waiting.GRANT: 1,
        Waiting.ACCEPT: 1,
        Waiting.ANNOUNCE: 1,
        Waiting.CLOSE: 0,
    }
    assert (of_inspector, of_nobody) == ({Waiting.VERIFY: 1}, {})


async def test_a_rectification_waits_for_who_may_verify_it(database: Database) -> None:
    history = History()
    for code, parent in (("340800", None), (COUNTY, "340800"), (OTHER, "340800"), (TOWNSHIP, COUNTY)):
        history.tell(f"unit-{code}", unit(code, parent))
    mutually = problem("p3").data.model_copy(update={"campaign": f"mutual-{COUNTY}-2023-q1", "inspection": "m"})
    for n, facts in enumerate(
        (
            (problem("p1"), rectified("p1")),
            (*failed("p2"), rectified("p2")),
            (mutually, rectified("p3")),
            (problem("p1"), problem("p4"), rectified("p1"), mutually, rectified("p3")),
        )
    ):
        for fact in (*UNDER_WAY, *facts):
            one = fact if isinstance(fact, Told) else Told(fact)
            history.tell(f"project-{project(n)}", one.data, on=one.on or TODAY)
    await put(database, history, (UNIT, PROJECTS))

    async def waiting(seats: Seats) -> dict[int, int]:
        async with database.core() as connection:
            found = await queue(connection, Waiting.VERIFY, seats, TODAY, Paging(50))
            assert (await counts(connection, seats, TODAY))[Waiting.VERIFY] == len(found.items)
        return {int(item.line.id[-1]): item.problems for item in found.items}

    anybodys, all_of_them = {1: 1, 2: 1, 3: 1}, {0: 1, 1: 1, 2: 1, 3: 2}
    for seats in (COUNTYS, INSPECTORS):
        others = replace(seats, groups=frozenset({f"{CAMPAIGN_ID} g2", f"{OTHER}-mid-term g1"}))
        assert await waiting(others) == anybodys
        assert await waiting(replace(seats, groups=MEMBER)) == all_of_them
    history.tell(f"unit-{COUNTY}", UnitMerged(into=OTHER, since=TODAY))
    await put(database, history, (UNIT,))
    of_the_heir = replace(NOBODY, inspector=frozenset({OTHER}), sight=frozenset({OTHER}))
    assert await waiting(of_the_heir) == all_of_them
    history.tell(f"unit-{TOWNSHIP}", UnitMoved(parent="340800", since=TODAY))
    await put(database, history, (UNIT,))
    assert await waiting(replace(INSPECTORS, groups=frozenset[str]())) == all_of_them


async def test_the_first_step_of_an_extension_waits_where_it_is_decided_while_it_is_needed(
    database: Database,
) -> None:
    history = History()
    for code, parent in (("340800", None), (COUNTY, "340800"), (TOWNSHIP, COUNTY)):
        history.tell(f"unit-{code}", unit(code, parent))
    of_problem = extension(of=Extended.PROBLEM, subject="p1", was=date(2023, 5, 31), endorsed_at=TOWNSHIP)
    for n, facts in enumerate(
        (
            (extension(endorsed_at=TOWNSHIP),),
            (problem(), of_problem),
            (extension(),),
            (extension(endorsed_at=TOWNSHIP), reached("m2")),
            (problem(), of_problem, rectified()),
        )
    ):
        for fact in (*UNDER_WAY, *facts):
            one = fact if isinstance(fact, Told) else Told(fact)
            history.tell(f"project-{project(n)}", one.data, on=one.on or TODAY)
    await put(database, history, (UNIT, PROJECTS))
    for seats in (OWNER, replace(OWNER, secretary=frozenset[str](), office=frozenset({TOWNSHIP}))):
        assert await listed(database, Waiting.ENDORSE, seats) == {project(0), project(1)}
    assert await listed(database, Waiting.ENDORSE, COUNTYS) == {project(2)}
    assert await listed(database, Waiting.ENDORSE, OFFICE) == set()


async def test_a_queue_goes_on_after_the_place_where_its_page_ended(database: Database) -> None:
    history = History()
    for code, parent in (("340800", None), (COUNTY, "340800"), (TOWNSHIP, COUNTY)):
        history.tell(f"unit-{code}", unit(code, parent))
    for n in range(5):
        history.tell(f"project-{project(n)}", *UNDER_REVIEW, on=date(2023, 5, 10 - n // 2))
    await put(database, history, (UNIT, PROJECTS))
    seen: list[str] = []
    after = ""
    async with database.core() as connection:
        while True:
            found = await queue(connection, Waiting.REVIEW, COUNTYS, TODAY, Paging(2, after))
            seen += [item.line.id for item in found.items]
            if not found.next:
                break
            after = found.next
    assert seen == [project(n) for n in (4, 2, 3, 0, 1)]
