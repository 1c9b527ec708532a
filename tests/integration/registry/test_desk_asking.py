"""The desk of data requests, over HTTP: refused at the item, asked once, answered by the unit, counted for it."""

import re
from uuid import uuid4

from tests.integration.registry.running import REVIEWER, SECRETARY, STRANGER, Registry
from tests.integration.registry.test_desks import fill_in, page
from tests.integration.registry.test_desks_around import then
from tests.unit.registry.builders import COUNTY, TOWNSHIP

ASKED = {
    "_form": "ask",
    "_verb": "ask-data",
    "county": COUNTY,
    "title": "防汛物资",
    "purpose": "统一调拨",
    "due": "2023-03-20",
    "to": "townships",
    "items__0__name": "编织袋",
    "items__0__as_of": "2023-03-01",
    "items__0__unit_of_measure": "条",
}


async def test_a_request_is_refused_at_its_item_then_asked_once_and_answered(registry: Registry) -> None:
    held = await fill_in(registry, REVIEWER, "/requests", **{**ASKED, "items__0__name": "项目完成进度"})
    assert held.status_code == 409
    assert re.search(r'name="items.0.name"[^>]*aria-invalid="true"', held.text)
    assert re.search(r'class="wrong" id="ask-items-0-name-error">[^<]*见项目页“进度过程”', held.text)
    key = str(uuid4())
    first, again = [await fill_in(registry, REVIEWER, "/requests", _key=key, **ASKED) for _ in range(2)]
    assert first.headers["location"] == again.headers["location"]
    shown = await then(registry, REVIEWER, first)
    assert "待报 1 个" in shown
    path = first.headers["location"].partition("?")[0].removeprefix("/registry/desk")
    assert "资料待答复" in (await page(registry, SECRETARY, "")).text
    given = {"_form": "answer", "_verb": "answer-data", "unit": TOWNSHIP, "secretary": SECRETARY}
    item = {"answers__0__item": "i1"}
    missing = await fill_in(registry, SECRETARY, path, **given, **item, answers__0__value=" ")
    assert (missing.status_code, missing.text.count('aria-invalid="true"')) == (422, 1)
    both = await fill_in(registry, SECRETARY, path, **given, **item, answers__0__value="3", answers__0__none="1")
    assert (both.status_code, "请留一个" in both.text) == (422, True)
    not_his = await fill_in(registry, REVIEWER, path, **given, **item, answers__0__value="3")
    assert not_his.status_code == 403
    said = await fill_in(registry, SECRETARY, path, **given, **item, answers__0__none="1")
    assert "没有这项" in await then(registry, SECRETARY, said)
    assert "资料待答复" not in (await page(registry, SECRETARY, "")).text
    burden = await page(registry, SECRETARY, f"/requests/burden?county={COUNTY}&month=2023-03")
    assert 'data-label="数据项（个）">1<' in burden.text
    withdrawn = await fill_in(registry, REVIEWER, path, _form="withdraw", _verb="withdraw-data", reason="不再需要")
    assert "不再需要" in await then(registry, REVIEWER, withdrawn)
    assert 'value="answer-data"' not in (await page(registry, SECRETARY, path)).text


async def test_a_request_is_not_there_for_who_sees_none_of_its_units(registry: Registry) -> None:
    asked = await fill_in(registry, REVIEWER, "/requests", **{**ASKED, "items__0__name": "抽水机"})
    path = asked.headers["location"].partition("?")[0].removeprefix("/registry/desk")
    assert (await page(registry, STRANGER, path)).status_code == 404
    assert (await page(registry, SECRETARY, "/requests/ask")).status_code == 403
    assert (await fill_in(registry, SECRETARY, "/requests", **{**ASKED, "items__0__name": "船"})).status_code == 403
