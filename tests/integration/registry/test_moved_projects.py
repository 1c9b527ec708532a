"""A project is carried on where its owner lies today: by the county that its unit moved to, or by a county's heir."""

from typing import Any

import pytest

from tests.integration.registry.running import ADMIN, REVIEWER, Registry
from tests.integration.registry.test_desks import page, told
from tests.integration.registry.test_routes import PLAN
from tests.unit.registry.builders import COUNTY, calendar, propose, unit
from tests.waiting import until

NEW, GONE, HEIR = "340825", "340827", "340828"
NEWS, SECOND, GONES, HEIRS = "reviewer-new", "second-new", "reviewer-gone", "reviewer-heir"
INSPECTS, INSPECTS_NEW = "inspector-old", "inspector-new"
HERE, INSPECTED, MERGED = f"{COUNTY}110", f"{COUNTY}111", f"{GONE}100"


def secretary_of(township: str) -> str:
    return f"secretary-{township}"


@pytest.fixture(scope="module", autouse=True)
async def around(registry: Registry) -> None:
    """More counties with their reviewers and inspectors, townships with their secretaries, and a calendar."""
    townships = ((HERE, COUNTY), (INSPECTED, COUNTY), (MERGED, GONE))
    for code, parent in (*((code, "340800") for code in (NEW, GONE, HEIR)), *townships):
        new = unit(code, parent)
        body = {"name": new.name, "kind": new.kind, "parent": parent}
        assert (await registry.ask(ADMIN, f"/units/{code}/register", body)).status_code == 201
    for person, role, at in (
        (NEWS, "reviewer", NEW),
        (SECOND, "reviewer", NEW),
        (GONES, "reviewer", GONE),
        (HEIRS, "reviewer", HEIR),
        (INSPECTS, "inspector", COUNTY),
        (INSPECTS_NEW, "inspector", NEW),
        *((secretary_of(code), "township_secretary", code) for code, _ in townships),
    ):
        assert (await registry.ask(ADMIN, f"/persons/{person}/register", {"name": person})).status_code == 201
        post = {"role": role, "unit": at, "since": "2023-01-01"}
        appointed = await registry.ask(ADMIN, f"/persons/{person}/appoint", post)
        await registry.get(person, "/persons?limit=1", at_least=appointed.json()["at"])
    published = calendar(2023).model_dump(mode="json", exclude={"year"})
    reply = await registry.ask(ADMIN, "/calendars/2023/publish", published)
    assert reply.status_code == 201, reply.text


async def submitted(registry: Registry, owner: str, county: str) -> str:
    """A plan that waits for its review."""
    secretary = secretary_of(owner)
    body = propose(owner=owner, county=county, secretary=secretary).model_dump(mode="json")
    reply = await registry.ask(secretary, "/projects/propose", body)
    assert reply.status_code == 201, reply.text
    id = str(reply.json()["stream"]).removeprefix("project-")
    plan = {**PLAN, "four_ones": {**PLAN["four_ones"], "secretary": secretary}}
    await told(registry, secretary, id, "submit-plan", plan)
    return id


async def changed(registry: Registry, code: str, verb: str, **body: str) -> None:
    """A change of the tree since the first of March."""
    reply = await registry.ask(ADMIN, f"/units/{code}/{verb}", {"since": "2023-03-01", **body})
    assert reply.status_code == 201, reply.text


async def status_of(registry: Registry, who: str, id: str) -> int:
    return (await registry.get(who, f"/projects/{id}")).status_code


async def comes_into_sight(registry: Registry, who: str, id: str) -> None:
    async def seen() -> bool:
        return await status_of(registry, who, id) == 200

    await until(seen, what="the project at its new place")


async def waits_for(registry: Registry, who: str, id: str, desk: str) -> bool:
    return f"/registry/desk/{desk}{id}" in (await page(registry, who, "")).text


async def refused(registry: Registry, who: str, id: str, verb: str, body: dict[str, Any] | None = None) -> str:
    reply = await registry.ask(who, f"/projects/{id}/{verb}", body or {})
    assert reply.status_code >= 400, (verb, reply.text)
    return str(reply.json()["code"])


async def carried_on(
    registry: Registry, id: str, owner: str, *, by: str, not_by: str, today: str, closing: str
) -> dict[str, Any]:
    """A submitted plan is approved, carried out, accepted and closed by one reviewer; each step is refused another."""

    async def decided(verb: str, body: dict[str, Any] | None = None) -> None:
        assert await refused(registry, not_by, id, verb, body) == "not_allowed"
        await told(registry, by, id, verb, body)

    await decided("give-opinion", {"opinion": "o1", "criterion": "small", "kind": "remark", "text": "可行"})
    await decided("approve-plan")
    secretary = secretary_of(owner)
    await told(registry, secretary, id, "start")
    await told(registry, secretary, id, "reach-milestone", {"milestone": "m1", "on": today})
    await told(registry, secretary, id, "request-acceptance", {"summary": "全街已亮"})
    await decided("accept", {"signers": ["李伟"]})
    await decided("announce")
    assert (await registry.begin(ADMIN, closing)).status_code == 204
    assert await refused(registry, not_by, id, "close") == "not_allowed"

    async def closes() -> bool:
        return (await registry.ask(by, f"/projects/{id}/close", {})).status_code == 201

    await until(closes, what="the closing")
    return (await registry.get(by, f"/projects/{id}")).json()


async def test_what_inspectors_found_before_a_move_is_checked_in_the_new_county_and_by_its_campaigns_from_then_on(
    registry: Registry,
) -> None:
    id = await submitted(registry, INSPECTED, COUNTY)
    owners = secretary_of(INSPECTED)
    await told(registry, REVIEWER, id, "approve-plan")
    await told(registry, owners, id, "start")
    for county, opener, member in ((COUNTY, REVIEWER, INSPECTS), (NEW, NEWS, INSPECTS_NEW)):
        groups = [{"id": "g1", "name": "第一评估组", "members": [member, INSPECTS_NEW]}]
        body = {"name": "中期评估", "kind": "mid_term", "county": county, "year": 2023, "groups": groups}
        opened = await registry.ask(opener, f"/campaigns/{county}-mid/open", body)
        assert opened.status_code == 201, opened.text
    inspection = {"inspection": "i1", "campaign": f"{COUNTY}-mid", "group": "g1"}
    problem = {"problem": "p1", "inspection": "i1", "severity": "minor", "text": "灯不亮", "due": "2023-04-30"}
    await told(registry, INSPECTS, id, "inspect", inspection)
    await told(registry, INSPECTS, id, "find-problem", problem)
    await changed(registry, INSPECTED, "move", parent=NEW)
    await comes_into_sight(registry, NEWS, id)
    asked = {"extension": "e1", "of": "problem", "subject": "p1", "due": "2023-05-10", "reason": "汛期"}
    await told(registry, owners, id, "request-extension", asked)
    assert (await registry.get(NEWS, f"/projects/{id}")).json()["extensions"]["e1"]["asked"]["endorsed_at"] == NEW
    assert await refused(registry, REVIEWER, id, "endorse-extension", {"extension": "e1"}) == "not_allowed"
    await until(lambda: waits_for(registry, NEWS, id, "problems/"), what="the extension at the new desk")
    await told(registry, NEWS, id, "endorse-extension", {"extension": "e1"})
    await told(registry, SECOND, id, "grant-extension", {"extension": "e1"})
    await told(registry, owners, id, "report-rectification", {"problem": "p1", "text": "已修"})
    assert await refused(registry, INSPECTS, id, "verify-rectification", {"problem": "p1"}) == "not_allowed"
    again = {**inspection, "inspection": "i2"}
    assert await refused(registry, INSPECTS_NEW, id, "inspect", again) == "campaign_of_another_county"
    shown = (await page(registry, INSPECTS_NEW, f"/problems/{id}")).text
    assert f'value="{NEW}-mid g1"' in shown
    assert f'value="{COUNTY}-mid g1"' not in shown
    assert "verify-rectification" in shown
    await told(registry, INSPECTS_NEW, id, "inspect", {**again, "campaign": f"{NEW}-mid"})
    await told(registry, INSPECTS_NEW, id, "verify-rectification", {"problem": "p1"})


async def test_a_moved_townships_project_is_carried_on_by_its_new_county_alone(registry: Registry) -> None:
    id = await submitted(registry, HERE, COUNTY)
    await until(lambda: waits_for(registry, REVIEWER, id, "review?id="), what="the plan at the old desk")
    await changed(registry, HERE, "move", parent=NEW)
    await comes_into_sight(registry, NEWS, id)
    assert await status_of(registry, REVIEWER, id) == 404
    await until(lambda: waits_for(registry, NEWS, id, "review?id="), what="the plan at the new desk")
    assert not await waits_for(registry, REVIEWER, id, "review?id=")
    project = await carried_on(registry, id, HERE, by=NEWS, not_by=REVIEWER, today="2023-03-01", closing="2023-03-10")
    assert project["proposal"]["county"] == COUNTY
    assert {number[:2] for number in project["numbers"].values()} == {"怀组"}


async def test_a_merged_countys_project_is_carried_on_by_the_heir_and_still_seen_by_who_had_a_post_there(
    registry: Registry,
) -> None:
    assert (await registry.begin(ADMIN, "2023-03-10")).status_code == 204
    id = await submitted(registry, MERGED, GONE)
    await changed(registry, GONE, "merge", into=HEIR)
    await comes_into_sight(registry, HEIRS, id)
    assert await status_of(registry, GONES, id) == 200
    await until(lambda: waits_for(registry, HEIRS, id, "review?id="), what="the plan at the heir's desk")
    assert not await waits_for(registry, GONES, id, "review?id=")
    project = await carried_on(registry, id, MERGED, by=HEIRS, not_by=GONES, today="2023-03-10", closing="2023-03-20")
    assert project["proposal"]["county"] == GONE
