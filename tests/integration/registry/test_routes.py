"""The registry as it runs: commands, days and queries over HTTP, on a real store, real topics and real views."""

import asyncio
import re
from datetime import date, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest
from fastapi.routing import APIRoute

from services.registry.commands.reviewing import ProposeProject
from shared.service import RoleOf, routers_of
from shared.settings import AuthMode, ClockMode
from tests.integration.registry.running import (
    ADMIN,
    FIRST,
    POST,
    REVIEWER,
    SECRETARY,
    STRANGER,
    Registry,
    running,
)
from tests.unit.registry.builders import COUNTY, TOWNSHIP, propose
from tests.waiting import until


async def proposed(registry: Registry) -> dict[str, Any]:
    command: ProposeProject = propose()
    reply = await registry.ask(SECRETARY, "/projects/propose", command.model_dump(mode="json"))
    assert reply.status_code == 201, reply.text
    return reply.json()


async def test_a_proposed_project_is_listed_for_who_may_see_it(registry: Registry) -> None:
    reply = await proposed(registry)
    id = reply["stream"].removeprefix("project-")
    for who in (SECRETARY, REVIEWER):
        page = (await registry.get(who, "/projects", at_least=reply["at"])).json()
        assert id in {line["id"] for line in page["items"]}
    assert (await registry.get(STRANGER, "/projects", at_least=reply["at"])).json() == {"items": [], "next": None}


async def test_a_command_that_is_sent_again_gets_its_first_etag(registry: Registry) -> None:
    key = {"Somebody": SECRETARY, "Idempotency-Key": str(uuid4())}
    proposal = propose().model_dump(mode="json")
    made = await registry.http.post(f"/{registry.service.name}/projects/propose", json=proposal, headers=key)
    again = await registry.http.post(f"/{registry.service.name}/projects/propose", json=proposal, headers=key)
    assert made.headers["etag"] == again.headers["etag"] == '"1"'
    assert made.json() == again.json()

    person = f"/{registry.service.name}/persons/p{uuid4().hex[:8]}"
    for headers, etag in (({}, '"1"'), ({"Idempotency-Key": "post"}, '"2"'), ({"Idempotency-Key": "post"}, '"2"')):
        verb, body = ("appoint", POST) if headers else ("register", {"name": "某某"})
        told = await registry.http.post(f"{person}/{verb}", json=body, headers={"Somebody": ADMIN, **headers})
        assert (told.status_code, told.headers["etag"]) == (201, etag)


async def test_a_project_is_told_with_its_state_and_its_facts(registry: Registry) -> None:
    reply = await proposed(registry)
    path = f"/projects/{reply['stream'].removeprefix('project-')}"
    state = (await registry.get(REVIEWER, path)).json()
    assert (state["version"], state["stage"], state["days"]) == (1, "proposed", {"proposed": "2023-03-01"})
    assert state["proposal"] == propose().model_dump(mode="json", exclude={"effective", "effective_reason"})
    facts = (await registry.get(REVIEWER, f"{path}/events")).json()
    assert (facts["stream"], facts["head"]) == (reply["stream"], reply["head"])
    [fact] = facts["items"]
    assert (fact["type"], fact["actor"], fact["effective"]) == (
        "cn.guatu.project.proposed.v1",
        SECRETARY,
        "2023-03-01",
    )
    assert fact["data"] == state["proposal"]


async def test_what_is_out_of_sight_is_as_if_it_were_not_there(registry: Registry) -> None:
    path = f"/projects/{(await proposed(registry))['stream'].removeprefix('project-')}"
    for asked in (path, f"{path}/events", f"{path}/rounds", f"/units/{TOWNSHIP}", f"/units?parent={COUNTY}"):
        assert (await registry.get(STRANGER, asked)).status_code == 404
        assert (await registry.get(REVIEWER, asked)).status_code == 200
    unknown = await registry.get(REVIEWER, "/projects/0190a1b2-0000-7000-8000-000000000009")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "no_such_project")


async def test_the_tree_is_walked_from_where_ones_sight_begins(registry: Registry) -> None:
    assert [line["code"] for line in (await registry.get(REVIEWER, "/units")).json()] == [COUNTY]
    assert [line["code"] for line in (await registry.get(REVIEWER, f"/units?parent={COUNTY}")).json()] == [TOWNSHIP]
    assert (await registry.get(REVIEWER, f"/units/{TOWNSHIP}")).json()["name"] == f"单位{TOWNSHIP}"


async def test_a_command_about_a_project_that_is_not_there_is_404_also_if_it_is_numbered(registry: Registry) -> None:
    for verb in ("start", "approve-plan", "announce", "close"):
        refused = await registry.ask(REVIEWER, f"/projects/0190a1b2-0000-7000-8000-000000000009/{verb}", {})
        assert (refused.status_code, refused.json()["code"]) == (404, "no_such_project")


async def test_plans_that_are_approved_at_once_have_numbers_without_gaps(registry: Registry) -> None:
    ids = [(await proposed(registry))["stream"].removeprefix("project-") for _ in range(4)]
    for id in ids:
        assert (await registry.ask(SECRETARY, f"/projects/{id}/submit-plan", PLAN)).status_code == 201
    replies = await asyncio.gather(*(registry.ask(REVIEWER, f"/projects/{id}/approve-plan", {}) for id in ids))
    assert [reply.status_code for reply in replies] == [201] * 4
    states = [(await registry.get(REVIEWER, f"/projects/{id}")).json() for id in ids]
    given = {state["numbers"]["approved"] for state in states}
    assert given == {f"怀组〔2023〕{number}号" for number in range(1, 5)}


PLAN = {
    "goal": "全街点亮",
    "measures": ["每月推进"],
    "starts": "2023-03-01",
    "ends": "2023-10-01",
    "four_ones": {
        "project": "点亮背街小巷",
        "secretary": SECRETARY,
        "team": [{"name": "王芳", "duty": "统筹"}],
        "to_the_end": "不换人",
    },
    "milestones": [{"id": "m1", "title": "点亮", "due": "2023-10-01", "weight": "100"}],
}


async def test_the_rounds_of_a_review_are_told_with_what_changed(registry: Registry) -> None:
    path = f"/projects/{(await proposed(registry))['stream'].removeprefix('project-')}"
    opinion = {"opinion": "o1", "criterion": "small", "kind": "change", "text": "切口偏大"}
    for who, verb, body in (
        (SECRETARY, "submit-plan", PLAN),
        (REVIEWER, "give-opinion", opinion),
        (REVIEWER, "return-plan", {"reason": "请修改"}),
        (SECRETARY, "answer-opinion", {"opinion": "o1", "answer": "已收缩"}),
        (SECRETARY, "submit-plan", {**PLAN, "goal": "南街点亮"}),
    ):
        assert (await registry.ask(who, f"{path}/{verb}", body)).status_code == 201
    told = (await registry.get(REVIEWER, f"{path}/rounds")).json()
    assert told["version"] == 6
    first, second = told["rounds"]
    assert (first["outcome"], first["reason"], first["opinions"][0]["answer"]) == ("returned", "请修改", "已收缩")
    changed = [each for each in second["differences"] if each["change"] != "unchanged"]
    spans = [
        {"kind": "removed", "text": "全"},
        {"kind": "added", "text": "南"},
        {"kind": "same", "text": "街点亮"},
    ]
    assert [(each["field"], each["spans"]) for each in changed] == [("goal", spans)]


async def test_an_extension_takes_two_persons_of_the_county(registry: Registry) -> None:
    path = f"/projects/{(await proposed(registry))['stream'].removeprefix('project-')}"
    asked = {"extension": "e1", "of": "milestone", "subject": "m1", "due": "2023-10-20", "reason": "汛期停工"}
    for who, verb, body in (
        (SECRETARY, "submit-plan", PLAN),
        (REVIEWER, "approve-plan", {}),
        (SECRETARY, "start", {}),
        (SECRETARY, "request-extension", asked),
        (REVIEWER, "endorse-extension", {"extension": "e1"}),
    ):
        assert (await registry.ask(who, f"{path}/{verb}", body)).status_code == 201
    refused = await registry.ask(REVIEWER, f"{path}/grant-extension", {"extension": "e1"})
    assert (refused.status_code, refused.json()["code"]) == (409, "decides_twice")
    other = f"reviewer-{uuid4().hex[:8]}"
    await registry.ask(ADMIN, f"/persons/{other}/register", {"name": "某某"})
    appointed = await registry.ask(ADMIN, f"/persons/{other}/appoint", POST)
    await registry.get(other, "/persons?limit=9", at_least=appointed.json()["at"])
    granted = await registry.ask(other, f"{path}/grant-extension", {"extension": "e1"})
    assert granted.status_code == 201, granted.text
    state = (await registry.get(REVIEWER, path)).json()
    assert (state["extensions"]["e1"]["stage"], state["plan"]["milestones"][0]["due"]) == ("granted", "2023-10-01")


async def test_a_brand_is_recognised_once_whoever_asks_for_it_how_often(registry: Registry) -> None:
    body = {"name": "红色驿站", "unit": TOWNSHIP, "county": COUNTY}
    answers = await asyncio.gather(*(registry.ask(REVIEWER, "/brands/recognise", body) for _ in range(4)))
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409]
    refused = await registry.ask(REVIEWER, "/brands/recognise", body)
    assert refused.json()["detail"] == f"单位 {TOWNSHIP} 的品牌“红色驿站”已经认定，不再认定第二次。"
    keyed = {"Idempotency-Key": str(uuid4())}
    for _ in range(2):
        assert (await registry.ask(REVIEWER, "/brands/recognise", {**body, "name": "一品"}, **keyed)).status_code == 201


ITEM = {"id": "sandbags", "name": "防汛沙袋数量", "as_of": "2023-03-01", "unit_of_measure": "只"}
FLOOD = {"request": "flood", "county": COUNTY, "title": "防汛物资摸底", "purpose": "汛期调拨", "due": "2023-03-10"}


async def test_a_unit_is_asked_once_and_not_for_what_is_held(registry: Registry) -> None:
    held = await registry.get(SECRETARY, "/held?name=完成进度（%）")
    path, body = f"/data-requests/{COUNTY}-2023/ask", {**FLOOD, "items": [ITEM], "units": [TOWNSHIP]}
    refused = await registry.ask(
        REVIEWER, path, {**body, "items": [ITEM, {**ITEM, "id": "x", "name": "完成进度（%）"}]}
    )
    assert (refused.status_code, refused.json()["field"]) == (409, "items.1")
    assert held.json()["where"] in refused.json()["detail"]
    assert (await registry.ask(SECRETARY, path, body)).status_code == 403
    elsewhere = await registry.ask(REVIEWER, path, {**body, "units": [TOWNSHIP, "340825100"]})
    assert elsewhere.json()["detail"] == f"单位 340825100 不在县（市、区）{COUNTY}。"
    assert (await registry.ask(REVIEWER, path, body)).status_code == 201
    again = await registry.ask(REVIEWER, path, {**body, "request": "again"})
    assert again.json()["detail"] == "“防汛沙袋数量”已在“防汛物资摸底”中向同一单位要过，不再重复索要。"
    answer = {"unit": TOWNSHIP, "secretary": SECRETARY, "answers": [{"item": "sandbags", "value": "1200"}]}
    told = await registry.ask(SECRETARY, f"/data-answers/{COUNTY}-2023-flood-{TOWNSHIP}/give", answer)
    assert told.status_code == 201, told.text
    asked = f"/data-requests?county={COUNTY}&year=2023"
    [state] = (await registry.get(REVIEWER, asked, at_least=told.json()["at"])).json()
    assert (state["units"], state["answered"]) == (1, 1)
    assert (await registry.get(STRANGER, asked)).json() == []
    [line] = (await registry.get(SECRETARY, f"/burden?county={COUNTY}&month=2023-03")).json()
    assert (line["township"], line["requests"], line["items"]) == (TOWNSHIP, 1, 1)
    assert (await registry.get(STRANGER, f"/burden?county={COUNTY}&month=2023-03")).json() == []


@pytest.mark.parametrize(
    ("language", "words"), [("zh", "没有编码为 340899 的单位。"), ("en", "There is no unit with the code 340899.")]
)
async def test_a_code_that_no_unit_has_is_named_with_its_place(registry: Registry, language: str, words: str) -> None:
    body = {"name": "红色驿站", "unit": TOWNSHIP, "county": "340899"}
    refused = await registry.ask(REVIEWER, "/brands/recognise", body, **{"Accept-Language": language})
    problem = refused.json()
    assert (refused.status_code, problem["field"], problem["detail"]) == (404, "county", words)


async def test_an_id_that_no_project_has_is_named(registry: Registry) -> None:
    id = "0190a1b2-0000-7000-8000-000000000009"
    problem = (await registry.ask(REVIEWER, f"/projects/{id}/start", {})).json()
    assert (problem["field"], problem["detail"]) == ("id", f"没有编号为 {id} 的项目。")


LATE, LATER = "2023-03-01T23:59:58+08:00", "2023-03-01T23:59:59.5+08:00"
"""Times of the day that the machine's own comes after in two seconds of a day."""


async def test_a_command_that_tells_no_time_comes_after_those_that_told_one(registry: Registry) -> None:
    reply = await registry.ask(SECRETARY, "/projects/propose", propose().model_dump(mode="json"), **{"Guatu-Now": LATE})
    path = f"/projects/{reply.json()['stream'].removeprefix('project-')}"
    assert (await registry.ask(SECRETARY, f"{path}/start", {}, **{"Guatu-Now": LATER})).status_code == 409
    assert (await registry.ask(SECRETARY, f"{path}/submit-plan", PLAN)).status_code == 201
    await until(lambda: _published(registry), what="the outbox to be empty")
    async with running(registry.service, registry.settings, RoleOf.API) as begun_anew:
        opinion = {"opinion": "o1", "criterion": "small", "kind": "remark", "text": "可行"}
        assert (await begun_anew.ask(REVIEWER, f"{path}/give-opinion", opinion)).status_code == 201
    facts = (await registry.get(REVIEWER, f"{path}/events")).json()["items"]
    assert [fact["type"].split(".")[3] for fact in facts] == ["proposed", "plan-submitted", "opinion-given"]
    times = [datetime.fromisoformat(fact["time"]) for fact in facts]
    assert times == sorted(set(times))
    assert times[0] == datetime.fromisoformat(LATE)
    assert times[-1] < datetime.fromisoformat(LATER), "a refused command has moved the clock"


async def _published(registry: Registry) -> bool:
    status = await registry.http.get(f"/{registry.service.name}/status", headers={"Somebody": REVIEWER})
    return status.json()["outbox"] == 0


async def test_a_day_is_begun_by_an_administrator_and_never_taken_back(registry: Registry) -> None:
    refused = await registry.begin(REVIEWER, "2023-03-02")
    assert (refused.status_code, refused.json()["code"]) == (403, "not_allowed")
    assert (await registry.begin(ADMIN, FIRST.isoformat())).status_code == 204
    earlier = await registry.begin(ADMIN, "2023-02-28")
    assert (earlier.status_code, earlier.json()["code"]) == (409, "day_already_began")
    too_far = await registry.begin(ADMIN, "2025-02-28")
    assert (too_far.status_code, too_far.json()["code"]) == (409, "day_too_far")
    assert (await registry.begin(ADMIN, "soon")).status_code == 400


async def test_in_real_time_and_with_a_real_issuer_nobody_begins_days_and_persons_are_not_public(
    registry: Registry,
) -> None:
    real = {"auth": AuthMode.OIDC, "issuer": "http://127.0.0.1:9", "clock": ClockMode.REAL}
    async with running(registry.service, registry.settings.model_copy(update=real), RoleOf.API) as production:
        refused = await production.begin(ADMIN, "2023-03-02")
        assert (refused.status_code, refused.json()["code"]) == (409, "no_scenario_time")
        assert (await production.get(ADMIN, "/persons")).status_code == 401
    assert (await registry.get(STRANGER, "/persons")).status_code == 200


async def test_a_query_with_impossible_values_is_refused_not_broken(registry: Registry) -> None:
    for asked in (
        "/projects?year=99999999999",
        "/projects?q=%00",
        "/projects?after=%00",
        "/persons?q=%00",
        "/units/%00",
    ):
        refused = await registry.get(REVIEWER, asked)
        assert refused.status_code in (404, 422), (asked, refused.text)


async def test_an_address_with_an_id_that_there_cannot_be_leads_to_nothing(registry: Registry) -> None:
    routes = [
        route for router in routers_of(registry.service) for route in router.routes if isinstance(route, APIRoute)
    ]
    asked = {re.sub(r"{\w+}", "怀宁", each.path) for each in routes if "{" in each.path and "GET" in each.methods}
    assert len(asked) >= 20
    answers = [
        await registry.http.get(path, headers={"Somebody": REVIEWER, "Accept": kind})
        for path in sorted(asked)
        for kind in ("text/html", "application/json")
    ]
    right = {(404, "text/html; charset=utf-8", True), (404, "application/problem+json", True)}
    told = {(each.status_code, each.headers["content-type"], "这个网址不对（" in each.text) for each in answers}
    assert told == right, [f"{each.url} {each.status_code} {each.text[:200]}" for each in answers]
    named = (await registry.get(REVIEWER, "/projects/86")).json()
    assert (named["code"], named["field"]) == ("wrong_address", "id")
    assert named["detail"] == "这个网址不对（应为项目编号，即一个 UUID）。"


async def test_a_visit_is_told_with_all_that_came_of_it(registry: Registry) -> None:
    held = {"leader": SECRETARY, "stage": "carrying_out", "unit": TOWNSHIP, "county": COUNTY, "on": "2023-03-01"}
    visit = (await registry.ask(REVIEWER, "/visits/hold", held)).json()["stream"].removeprefix("visit-")
    for verb, body in (
        ("collect-suggestion", {"suggestion": "s1", "text": "评议会开到院子里"}),
        ("raise-difficulty", {"difficulty": "d1", "text": "路权不清"}),
        ("take-on-difficulty", {"difficulty": "d1", "by": "县自然资源局"}),
        ("solve-difficulty", {"difficulty": "d1", "how": "已确权"}),
    ):
        reply = await registry.ask(REVIEWER, f"/visits/{visit}/{verb}", body)
        assert reply.status_code == 201, reply.text
    told = (await registry.get(REVIEWER, f"/visits/{visit}", at_least=reply.json()["at"])).json()
    assert (told["leader"], told["held_on"], told["open_difficulties"]) == (SECRETARY, "2023-03-01", 0)
    assert told["difficulties"]["d1"]["taken_by"] == "县自然资源局"
    assert told in (await registry.get(REVIEWER, f"/visits?county={COUNTY}&unit={TOWNSHIP}")).json()["items"]
    assert (await registry.get(REVIEWER, "/difficulties")).json()["items"] == []
    assert (await registry.get(STRANGER, f"/visits/{visit}")).status_code == 404
    unknown = await registry.get(REVIEWER, "/visits/0190a1b2-0000-7000-8000-000000000009")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "no_such_visit")


async def test_what_a_unit_has_to_show_is_recorded_once_and_listed(registry: Registry) -> None:
    here = {"unit": TOWNSHIP, "county": COUNTY}
    case = {"title": "点亮工程", "summary": "一条街", **here}
    honour = {"kind": "case", "level": "city", "title": "典型案例", "day": "2023-02-01", "given_by": "市委", **here}
    label = {"label": "示范小区", "since": "2023-01-01", **here}
    metric = {"metric": "village_income", "name": "经营性收入", "measure": "万元", "unit": "340800"}
    value = {"metric": "village_income", "unit": TOWNSHIP, "value": "56.8", "day": "2022-12-31"}
    wrong = {**value, "value": "58.6", "reason": "误填"}
    at = ""
    for who, path, body in (
        (REVIEWER, "/cases/select", case),
        (REVIEWER, "/honours/record", honour),
        (REVIEWER, "/labels/record", label),
        (ADMIN, "/metrics/define", metric),
        (SECRETARY, "/metrics/record", value),
    ):
        reply = await registry.ask(who, path, body)
        assert reply.status_code == 201, reply.text
        again = await registry.ask(who, path, body)
        assert again.status_code == 409, again.text
        at = reply.json()["at"]
        if path == "/cases/select":
            id = reply.json()["stream"].removeprefix("case-")
            published = {"column": "results", "title": "晒成效", "text": "全文"}
            assert (await registry.ask(REVIEWER, f"/cases/{id}/publish", published)).status_code == 201
    corrected = await registry.ask(SECRETARY, "/metrics/correct", wrong)
    at = corrected.json()["at"]
    [measured] = (await registry.get(REVIEWER, "/measures", at_least=at)).json()["items"]
    [reading] = measured["readings"]
    assert (reading["value"], reading["was"], reading["measure"]) == ("58.6", "56.8", "万元")
    [known] = (await registry.get(SECRETARY, "/metrics")).json()["items"]
    assert known == metric
    await until(lambda: _listed(registry, "/cases"), what="the case")
    [told] = (await registry.get(REVIEWER, f"/cases?county={COUNTY}")).json()["items"]
    assert (told["title"], told["publications"]["results"]["title"]) == ("点亮工程", "晒成效")
    for path, field in (("/honours?level=city", "given_by"), (f"/labels?unit={TOWNSHIP}", "label")):
        [line] = (await registry.get(REVIEWER, path)).json()["items"]
        assert line[field] == {"given_by": "市委", "label": "示范小区"}[field]
        assert (await registry.get(STRANGER, path)).json()["items"] == []


async def _listed(registry: Registry, path: str) -> bool:
    lines = (await registry.get(REVIEWER, path)).json()["items"]
    return any(line["publications"] for line in lines)


async def test_a_calendar_says_what_was_held_and_what_is_due_to_everybody_of_the_county(registry: Registry) -> None:
    items = [
        {"id": f"m0{n}", "kind": "monthly_bulletin", "title": f"{n}月通报", "due": f"2023-0{n}-05"} for n in (2, 3, 4)
    ]
    reply = await registry.ask(REVIEWER, "/rhythms/set", {"county": COUNTY, "year": 2023, "items": items})
    assert reply.status_code == 201, reply.text
    held = await registry.ask(REVIEWER, f"/rhythms/{COUNTY}-2023/hold", {"item": "m03", "on": "2023-03-01"})
    assert held.status_code == 201, held.text
    [calendar] = (await registry.get(SECRETARY, f"/rhythms?county={COUNTY}", at_least=held.json()["at"])).json()
    assert [item["state"] for item in calendar["items"]] == ["overdue", "held", "due"]
    assert (await registry.get(SECRETARY, f"/rhythms?county={COUNTY}&year=2022")).json() == []
    assert (await registry.get(STRANGER, f"/rhythms?county={COUNTY}")).status_code == 404


async def test_the_mutual_checks_of_a_county_of_one_township_are_not_drawn(registry: Registry) -> None:
    refused = await registry.ask(REVIEWER, "/mutual-checks/draw", {"county": COUNTY, "quarter": "2023-Q1"})
    assert (refused.status_code, refused.json()["code"]) == (409, "too_few_townships")
    assert (await registry.get(SECRETARY, f"/mutual-checks?county={COUNTY}")).json() == []
    wrong = await registry.ask(REVIEWER, "/mutual-checks/draw", {"county": COUNTY, "quarter": "2023-H1"})
    assert wrong.status_code in (400, 422)


async def test_a_time_of_a_day_that_has_not_begun_is_refused_and_one_of_a_day_that_begins_now_is_taken(
    treeless: Registry,
) -> None:
    tomorrow, later = FIRST + timedelta(days=1), FIRST + timedelta(days=2)

    async def told(day: date) -> httpx.Response:
        time = {"Guatu-Now": f"{day}T09:00:00+08:00"}
        return await treeless.ask(ADMIN, f"/persons/p-{day}/register", {"name": "王强"}, **time)

    refused = await told(later)
    assert (refused.status_code, refused.headers["retry-after"]) == (503, "1")
    assert [refused.json()[name] for name in ("code", "day", "last")] == ["day_not_begun", f"{later}", f"{FIRST}"]
    told_already = asyncio.create_task(told(tomorrow))
    assert (await treeless.begin(ADMIN, tomorrow.isoformat())).status_code == 204
    assert (await told_already).status_code == 201
