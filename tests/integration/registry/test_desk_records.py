"""The desk of what a unit has to show, over HTTP: who records what, what stands twice, what is corrected."""

import re

from tests.integration.registry.running import ADMIN, REVIEWER, SECRETARY, STRANGER, Registry
from tests.integration.registry.test_desks import fill_in, page
from tests.integration.registry.test_desks_around import then
from tests.unit.registry.builders import COUNTY, TOWNSHIP

DESK = f"/records/{TOWNSHIP}"


async def test_what_a_county_gives_a_unit_is_recorded_once_and_by_its_reviewers(registry: Registry) -> None:
    case = {"_form": "case", "_verb": "select-case", "title": "点亮背街", "summary": "一盏一盏装"}
    assert (await fill_in(registry, SECRETARY, DESK, **case)).status_code == 403
    assert (await fill_in(registry, STRANGER, DESK, **case)).status_code == 404
    shown = await then(registry, REVIEWER, await fill_in(registry, REVIEWER, DESK, **case))
    [id] = re.findall(r'name="case" value="([^"]+)"', shown)
    published = {"_form": f"publish-{id}", "_verb": "publish-case", "case": id, "column": "results", "title": "晒成效"}
    assert "晒成效　2023-03-01" in await then(
        registry, REVIEWER, await fill_in(registry, REVIEWER, DESK, **published, text="全文")
    )
    for verb, fields in {
        "recognise-brand": {"name": "高河夜灯"},
        "record-honour": {
            "title": "先进集体",
            "kind": "collective",
            "level": "city",
            "day": "2023-02-01",
            "given_by": "市委",
        },
        "label-unit": {"label": "示范镇", "since": "2023-02-01"},
    }.items():
        first = await fill_in(registry, REVIEWER, DESK, _form=verb, _verb=verb, **fields)
        assert next(iter(fields.values())) in await then(registry, REVIEWER, first)
        again = await fill_in(registry, REVIEWER, DESK, _form=verb, _verb=verb, **fields)
        assert again.status_code == 409
    brands = (await registry.get(SECRETARY, f"/brands?unit={TOWNSHIP}")).json()["items"]
    assert [each["name"] for each in brands] == ["高河夜灯"]


async def test_a_unit_measures_itself_by_the_catalogue_and_corrects_what_it_said(registry: Registry) -> None:
    define = {"_verb": "define-metric", "metric": "income", "name": "经营性收入", "measure": "万元"}
    assert (await fill_in(registry, REVIEWER, f"/records/{COUNTY}", **define)).status_code == 403
    await then(registry, ADMIN, await fill_in(registry, ADMIN, f"/records/{COUNTY}", **define))
    value = {"_verb": "record-metric", "metric": "income", "day": "2023-02-28"}
    wrong = await fill_in(registry, SECRETARY, DESK, _form="measure", **value, value="很多")
    assert (wrong.status_code, wrong.text.count('aria-invalid="true"')) == (422, 1)
    said = await fill_in(registry, SECRETARY, DESK, _form="measure", **value, value="56.80")
    assert '<td class="num" data-label="数值">56.8</td>' in await then(registry, SECRETARY, said)
    put_right = {**value, "_verb": "correct-metric", "value": "100", "reason": "漏记"}
    corrected = await fill_in(registry, SECRETARY, DESK, **put_right)
    assert "原值 56.8：漏记" in await then(registry, SECRETARY, corrected)


async def test_the_choice_leads_to_ones_own_unit_or_offers_those_within_sight(registry: Registry) -> None:
    own = await page(registry, SECRETARY, "/records")
    assert (own.status_code, own.headers["location"]) == (303, f"/registry/desk{DESK}")
    assert f'<option value="{TOWNSHIP}">' in (await page(registry, REVIEWER, "/records")).text
    assert (await page(registry, STRANGER, DESK)).status_code == 404
