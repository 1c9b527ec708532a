"""The desks of what happens around projects, over HTTP: visits, difficulties, a county's year, a unit's changes."""

import re
from uuid import uuid4

import httpx
import pytest

from shared.contracts.divisions import kind_of
from tests.integration.registry.running import ADMIN, REVIEWER, SECRETARY, STRANGER, Registry
from tests.integration.registry.test_desks import PAGE, fill_in, page, told
from tests.integration.registry.test_routes import PLAN, proposed
from tests.unit.registry.builders import COUNTY, TOWNSHIP

OTHER, ELSEWHERE = "340822101", "340825"
NEIGHBOUR = "secretary-2"
NOBODYS = "0190a1b2-0000-7000-8000-000000000009"


@pytest.fixture(scope="module")
async def registry(registry: Registry) -> Registry:
    """Beside what all have: a second township of 怀宁 with its secretary, and a county beside it."""
    for code, parent in ((OTHER, COUNTY), (ELSEWHERE, "340800")):
        await unit(registry, code, parent)
    at = ""
    for person, role, seat in ((NEIGHBOUR, "township_secretary", OTHER), (STRANGER, "reviewer", ELSEWHERE)):
        await registry.ask(ADMIN, f"/persons/{person}/register", {"name": person})
        post = {"role": role, "unit": seat, "since": "2023-01-01"}
        at = (await registry.ask(ADMIN, f"/persons/{person}/appoint", post)).json()["at"]
    assert (await registry.get(ADMIN, "/persons", at_least=at)).status_code == 200
    return registry


async def unit(registry: Registry, code: str, parent: str) -> None:
    """Register a unit."""
    body = {"name": f"单位{code}", "kind": kind_of(code), "parent": parent}
    assert (await registry.ask(ADMIN, f"/units/{code}/register", body)).status_code == 201


async def then(registry: Registry, who: str, answer: httpx.Response) -> str:
    """The page that a form has led to."""
    assert answer.status_code == 303, answer.text
    shown = await registry.http.get(answer.headers["location"], headers={"Somebody": who, **PAGE})
    assert shown.status_code == 200
    return shown.text


VISIT = {
    "_form": "visit",
    "leader": SECRETARY,
    "stage": "carrying_out",
    "unit": TOWNSHIP,
    "county": COUNTY,
    "on": "2023-02-20",
    "note": "看现场",
}


async def visited(registry: Registry) -> str:
    """A visit; its path below the desks."""
    answer = await fill_in(registry, REVIEWER, "/visits", **VISIT)
    assert answer.status_code == 303, answer.text
    return answer.headers["location"].partition("?")[0].removeprefix("/registry/desk")


async def test_a_visit_is_recorded_with_what_it_collects_until_it_is_solved(registry: Registry) -> None:
    chosen = await page(registry, REVIEWER, f"/visits/record?unit={TOWNSHIP}")
    assert f'<option value="{SECRETARY}"' in chosen.text
    path = await visited(registry)
    key = str(uuid4())
    for _ in range(2):
        told_of = await fill_in(registry, REVIEWER, path, _key=key, _verb="collect-suggestion", text="多装几盏")
    suggested = await then(registry, REVIEWER, told_of)
    assert suggested.count("<p>多装几盏</p>") == 1
    raised = await fill_in(registry, REVIEWER, path, _verb="raise-difficulty", text="电力配套没有到位")
    [key] = re.findall(r'id="difficulty-([^"]+)"', await then(registry, REVIEWER, raised))
    listed = await page(registry, REVIEWER, f"/difficulties?county={COUNTY}")
    assert f"{path}#difficulty-{key}" in listed.text
    late = {"_form": f"take-{key}", "_verb": "take-on-difficulty", "difficulty": key, "by": "县供电公司"}
    refused = await fill_in(registry, REVIEWER, path, until="2023-02-01", **late)
    assert (refused.status_code, "县供电公司" in refused.text) == (409, True)
    assert re.search(r'name="until"[^>]*aria-invalid="true"', refused.text)
    taken = await fill_in(registry, REVIEWER, path, until="2023-03-10", **late)
    assert "由县供电公司办理" in await then(registry, REVIEWER, taken)
    solved = await fill_in(registry, REVIEWER, path, _verb="solve-difficulty", difficulty=key, how="已接通")
    assert "解决情况：已接通" in await then(registry, REVIEWER, solved)
    visits = await page(registry, SECRETARY, "/visits")
    assert (f"/registry/desk{path}" in visits.text, "待解决 1" in visits.text) == (True, False)


async def test_a_refused_visit_keeps_what_it_was_filled_in_with(registry: Registry) -> None:
    refused = await fill_in(registry, REVIEWER, "/visits", **{**VISIT, "on": "2023-03-02", "note": "看了“背街”"})
    assert (refused.status_code, "看了“背街”" in refused.text) == (409, True)
    assert re.search(r'name="on"[^>]*aria-invalid="true"[^>]*autofocus', refused.text)
    empty = await fill_in(registry, REVIEWER, "/visits", **{**VISIT, "leader": ""})
    assert empty.status_code == 422


async def test_visits_are_out_of_others_sight_and_recorded_by_the_countys_desk_alone(registry: Registry) -> None:
    path = await visited(registry)
    for who, asked, status in (
        (STRANGER, path, 404),
        (NEIGHBOUR, path, 404),
        (SECRETARY, path, 200),
        (REVIEWER, f"/visits/{NOBODYS}", 404),
        (SECRETARY, "/visits/record", 403),
        (STRANGER, f"/visits/record?unit={TOWNSHIP}", 403),
        (STRANGER, f"/visits/record?county={COUNTY}", 403),
        (STRANGER, "/visits", 200),
    ):
        assert (await page(registry, who, asked)).status_code == status, (who, asked)
    assert path not in (await page(registry, NEIGHBOUR, "/visits")).text
    assert 'value="raise-difficulty"' not in (await page(registry, SECRETARY, path)).text
    for who, asked, fields in (
        (SECRETARY, "/visits", VISIT),
        (STRANGER, "/visits", VISIT),
        (SECRETARY, path, {"_verb": "raise-difficulty", "text": "不行"}),
        (STRANGER, path, {"_verb": "raise-difficulty", "text": "不行"}),
    ):
        assert (await fill_in(registry, who, asked, **fields)).status_code in (403, 404), (who, asked)
    assert "不行" not in (await page(registry, REVIEWER, path)).text
    assert (await fill_in(registry, REVIEWER, path, _verb="hold")).status_code == 400


async def test_a_projects_call_for_help_is_seen_to_by_the_same_forms(registry: Registry) -> None:
    id = str((await proposed(registry))["stream"]).removeprefix("project-")
    await told(registry, SECRETARY, id, "submit-plan", PLAN)
    await told(registry, REVIEWER, id, "approve-plan")
    await told(registry, SECRETARY, id, "start")
    help = {"month": "2023-03", "percent": "10", "note": "开工", "help_needed": "缺 3 万元配套"}
    at = await told(registry, SECRETARY, id, "report-progress", help)
    path, key = f"/difficulties/{id}", "help-2023-03"
    listed = await page(registry, REVIEWER, f"/difficulties?at={at}")
    assert f"{path}#difficulty-{key}" in listed.text
    assert "缺 3 万元配套" not in (await page(registry, STRANGER, "/difficulties")).text
    assert (await page(registry, STRANGER, path)).status_code == 404
    form = {"difficulty": key, "by": "县财政局"}
    for who in (STRANGER, NEIGHBOUR):
        assert (await fill_in(registry, who, path, _verb="take-on-difficulty", **form)).status_code == 404
    taken = await fill_in(registry, REVIEWER, path, _verb="take-on-difficulty", **form)
    assert "由县财政局办理" in await then(registry, REVIEWER, taken)
    blank = await fill_in(registry, SECRETARY, path, _form=f"solve-{key}", _verb="solve-difficulty", difficulty=key)
    assert (blank.status_code, 'aria-invalid="true"' in blank.text) == (422, True)
    solved = await fill_in(registry, SECRETARY, path, _verb="solve-difficulty", difficulty=key, how="已拨付")
    assert "解决情况：已拨付" in await then(registry, SECRETARY, solved)


async def test_a_quarters_lot_is_drawn_once_and_each_township_records_its_own_check(registry: Registry) -> None:
    path = f"/rhythm?county={COUNTY}"
    assert (await page(registry, STRANGER, path)).status_code == 404
    assert 'value="draw"' not in (await page(registry, SECRETARY, path)).text
    assert (await fill_in(registry, SECRETARY, path, _verb="draw", quarter="2023-Q1")).status_code == 403
    assert (await fill_in(registry, STRANGER, path, _verb="draw", quarter="2023-Q1")).status_code == 404
    drawn = await then(registry, REVIEWER, await fill_in(registry, REVIEWER, path, _verb="draw", quarter="2023-Q1"))
    assert f"单位{TOWNSHIP} 查 单位{OTHER}" in drawn
    again = await fill_in(registry, REVIEWER, path, _form="draw", _verb="draw", quarter="2023-Q1")
    assert (again.status_code, "已经抽签" in again.text) == (409, True)
    mine = (await page(registry, SECRETARY, path)).text
    assert re.findall(r'name="checking" value="(\d+)"', mine) == [TOWNSHIP]
    check = {"_form": f"check-2023-Q1-{TOWNSHIP}", "_verb": "hold-check", "checking": TOWNSHIP, "quarter": "2023-Q1"}
    assert (await fill_in(registry, NEIGHBOUR, path, on="2023-03-01", **check)).status_code == 403
    early = await fill_in(registry, SECRETARY, path, on="2022-12-31", note="看了台账", **check)
    assert (early.status_code, "看了台账" in early.text) == (409, True)
    held = await then(registry, SECRETARY, await fill_in(registry, SECRETARY, path, on="2023-03-01", **check))
    assert "互查已登记" in held
    assert 'value="hold-check"' not in held


async def test_a_countys_calendar_is_set_and_what_was_due_is_recorded(registry: Registry) -> None:
    path = f"/rhythm?county={COUNTY}"
    items = {
        "items__0__title": "一月通报",
        "items__0__kind": "monthly_bulletin",
        "items__0__due": "2023-02-05",
        "items__2__title": "一季度调度",
        "items__2__kind": "quarterly_review",
        "items__2__due": "2023-04-05",
        "items__3__kind": "mid_term",
    }
    form = {"_form": "set", "_verb": "set", "year": "2023"}
    assert (await fill_in(registry, SECRETARY, path, **form, **items)).status_code == 403
    wrong = await fill_in(registry, REVIEWER, path, **form, **{**items, "items__2__due": "2029-01-01"})
    assert (wrong.status_code, 'value="2029-01-01"' in wrong.text) == (409, True)
    more = await fill_in(registry, REVIEWER, path, **{**form, "_rows": "add items"}, **items)
    assert (more.status_code, 'name="items.2.title"' in more.text) == (200, True)
    shown = await then(registry, REVIEWER, await fill_in(registry, REVIEWER, path, **form, **items))
    assert re.findall(r'id="item-(\w+)"', shown) == ["r1", "r2"]
    assert "逾期 24 天" in shown
    assert 'value="hold-item"' not in (await page(registry, SECRETARY, path)).text
    held = {"_form": "item-r1", "_verb": "hold-item", "item": "r1", "year": "2023", "on": "2023-02-04"}
    assert (await fill_in(registry, SECRETARY, path, **held)).status_code == 403
    refused = await fill_in(registry, REVIEWER, path, **{**held, "on": "2023-03-09"}, note="已发")
    assert (refused.status_code, "已发" in refused.text) == (409, True)
    linked = await fill_in(registry, REVIEWER, path, **held, link="javascript:alert(1)")
    done = await then(registry, REVIEWER, linked)
    assert ("2023-02-04 办结" in done, 'href="javascript' in done) == (True, False)


async def test_a_calendar_that_somebody_else_has_set_meanwhile_is_not_replaced_unseen(registry: Registry) -> None:
    path = f"/rhythm?county={COUNTY}&year=2024"
    form = {"_form": "set", "_verb": "set", "year": "2024"}
    shown = (await page(registry, REVIEWER, path)).text
    version = re.findall(r'name="_version" value="(\d+)"', shown)[-1]
    for n, (title, status) in enumerate((("一月通报", 303), ("另一件", 412))):
        items = {"items__0__title": title, "items__0__kind": "monthly_bulletin", "items__0__due": "2024-02-05"}
        told = await fill_in(registry, REVIEWER, path, **form, **items, _version=version, _key=f"set-{n}")
        assert told.status_code == status
    assert ('name="_version" value="1"' in told.text, 'value="另一件"' in told.text) == (True, True)


async def test_without_a_county_the_year_is_that_of_the_callers_own(registry: Registry) -> None:
    for who, county in ((SECRETARY, COUNTY), (REVIEWER, COUNTY), (STRANGER, ELSEWHERE)):
        assert (await page(registry, who, "/rhythm")).headers["location"] == f"/registry/desk/rhythm?county={county}"
    assert (await page(registry, "nobody", "/rhythm")).status_code == 403


async def test_a_unit_is_renamed_moved_split_merged_and_closed_at_its_page(registry: Registry) -> None:
    first, second, third, village = "340822110", "340822111", "340822112", "340822110201"
    for code, parent in ((first, COUNTY), (second, COUNTY), (third, COUNTY), (village, first)):
        await unit(registry, code, parent)
    path, day = f"/units/{first}", {"since": "2023-03-01"}

    async def change(code: str, verb: str, **fields: str) -> httpx.Response:
        form = {"_form": verb, "_verb": f"{verb}-unit", **day, **fields}
        return await fill_in(registry, ADMIN, f"/units/{code}", **form)

    for who, status in ((REVIEWER, 403), (STRANGER, 404)):
        form = {"_form": "rename", "_verb": "rename-unit", "name": "新名", **day}
        assert (await fill_in(registry, who, path, **form)).status_code == status
    late = await change(first, "rename", name="月山镇", since="2023-03-09")
    assert (late.status_code, "月山镇" in late.text) == (409, True)
    assert re.search(r'name="since"[^>]*aria-invalid="true"', late.text)
    renamed = await then(registry, ADMIN, await change(first, "rename", name="月山镇"))
    assert ("名称：月山镇" in renamed, f"名称：单位{first}" in renamed) == (True, True)
    assert f'<option value="{second}">' in renamed
    moved = await then(registry, ADMIN, await change(village, "move", parent=second))
    assert (f"隶属：单位{second}" in moved, "隶属：月山镇" in moved) == (True, True)
    unknown = await change(second, "merge", into="340822199")
    assert unknown.status_code == 409
    assert re.search(r'name="into"[^>]*value="340822199"[^>]*aria-invalid="true"', unknown.text)
    merged = await then(registry, ADMIN, await change(second, "merge", into=first))
    assert (f'由 <a href="/registry/desk/units/{first}">月山镇</a> 承接' in merged, "_verb" in merged) == (True, True)
    assert 'value="rename-unit"' not in merged
    assert "已结束，由月山镇承接" in (await page(registry, ADMIN, path)).text
    split = await then(registry, ADMIN, await change(first, "split", into__0=third, into__1=OTHER, heir=third))
    assert f'拆分为 <a href="/registry/desk/units/{third}">' in split
    unnamed = await change(third, "close", reason="撤销建制")
    assert (unnamed.status_code, "请指明" in unnamed.text) == (409, True)
    closed = await then(registry, ADMIN, await change(third, "close", reason="撤销建制", heir=OTHER))
    assert f'由 <a href="/registry/desk/units/{OTHER}">' in closed
