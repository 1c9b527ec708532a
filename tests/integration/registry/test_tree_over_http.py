"""The tree of units and the posts in it are changed over HTTP, by who may."""

from shared.rights import NATION
from tests.integration.registry.running import ADMIN, Registry
from tests.unit.registry.builders import TOWNSHIP, unit
from tests.waiting import until


async def test_a_unit_is_moved_by_who_administers_both_its_parents(registry: Registry) -> None:
    for code, parent in (("340100", "340000"), ("340121", "340100"), ("340899", "340800"), ("340899100", "340899")):
        told = unit(code, parent)
        body = {"name": told.name, "kind": told.kind, "parent": parent}
        assert (await registry.ask(ADMIN, f"/units/{code}/register", body)).status_code == 201
        assert (await registry.ask(ADMIN, f"/units/{code}/register", body)).status_code == 204
        refused = await registry.ask(ADMIN, f"/units/{code}/register", {**body, "name": "别名"})
        assert (refused.status_code, refused.json()["code"]) == (409, "unit_exists")
    await registry.ask(ADMIN, "/persons/of-anqing/register", {"name": "安庆管理员"})
    post = {"role": "platform_admin", "unit": "340800", "since": "2023-01-01"}
    reply = await registry.ask(ADMIN, "/persons/of-the-province/register", {"name": "省管理员"})
    assert reply.status_code == 201
    for by, person, at in ((ADMIN, "of-the-province", "340000"), ("of-the-province", "of-anqing", "340800")):
        appointed = await registry.ask(by, f"/persons/{person}/appoint", {**post, "unit": at})
        assert appointed.status_code == 201
        await registry.get(by, "/persons?limit=1", at_least=appointed.json()["at"])
    move = {"parent": "340121", "since": "2023-02-01"}
    path = "/units/340899100/move"
    assert (await registry.ask("of-anqing", path, move)).status_code == 403
    unknown = await registry.ask("of-the-province", path, {**move, "parent": "340199"})
    assert (unknown.status_code, unknown.json()["field"]) == (404, "parent")
    moved = await registry.ask("of-the-province", path, move)
    assert moved.status_code == 201
    assert (await registry.ask("of-the-province", path, move)).status_code == 204
    back = {"parent": "340899", "since": "2023-02-01"}
    assert (await registry.ask("of-anqing", path, back)).status_code == 403
    merge = {"into": "340121", "since": "2023-02-02"}
    assert (await registry.ask("of-anqing", "/units/340899/merge", merge)).status_code == 403
    merged = await registry.ask("of-the-province", "/units/340899/merge", merge)
    assert merged.status_code == 201
    lines = await registry.get("of-the-province", "/units?parent=340121", at_least=merged.json()["at"])
    assert {line["code"]: line["heir"] for line in lines.json()} == {"340899": "340121", "340899100": None}
    then = (await registry.get("of-the-province", "/units?parent=340899&day=2023-01-31")).json()
    assert [line["code"] for line in then] == ["340899100"]


async def test_a_role_is_handed_over_at_once_or_not_at_all(registry: Registry) -> None:
    admin = "of-the-province"
    for person in ("leaves", "comes"):
        reply = await registry.ask(admin, f"/persons/{person}/register", {"name": person})
        assert reply.status_code == 201
    post = {"role": "leader", "unit": TOWNSHIP, "since": "2023-01-01"}
    assert (await registry.ask(admin, "/persons/leaves/appoint", post)).status_code == 201
    over = {"role": "leader", "unit": TOWNSHIP, "to": "nobody", "since": "2023-03-01", "reason": "调离"}
    refused = await registry.ask(admin, "/persons/leaves/hand-over", over)
    assert (refused.status_code, refused.json()["code"]) == (409, "no_such_person")
    done = await registry.ask(admin, "/persons/leaves/hand-over", {**over, "to": "comes"})
    assert done.status_code == 201
    assert [event["type"].split(".")[3] for event in done.json()["events"]] == ["appointment-ended"]
    again = await registry.ask(admin, "/persons/leaves/hand-over", {**over, "to": "comes"})
    assert (again.status_code, again.json()["code"]) == (409, "not_appointed")

    async def has_come() -> bool:
        lines = (await registry.get(admin, "/persons?q=comes")).json()["items"]
        return [post["role"] for line in lines for post in line["posts"]] == ["leader"]

    await until(has_come, what="the appointment")
    lines = (await registry.get(admin, "/persons?q=leaves")).json()["items"]
    assert [line["posts"] for line in lines] == [[]]


async def test_what_a_person_is_called_and_what_is_kept_of_one_is_for_administrators_of_the_person(
    registry: Registry,
) -> None:
    here, elsewhere = "of-anqing", "of-hefei"
    await registry.ask("of-the-province", f"/persons/{elsewhere}/register", {"name": "合肥管理员"})
    post = {"role": "platform_admin", "unit": "340100", "since": "2023-01-01"}
    at = (await registry.ask("of-the-province", f"/persons/{elsewhere}/appoint", post)).json()["at"]
    await registry.get(elsewhere, "/persons?limit=1", at_least=at)

    async def about(who: str, person: str) -> list[int]:
        path, headers = f"/registry/persons/{person}/personal", {"Somebody": who}
        kept = await registry.http.post(f"{path}/phone", json={"value": "13800000000"}, headers=headers)
        read = await registry.get(who, f"/persons/{person}/personal?purpose=核对")
        named = await registry.ask(who, f"/persons/{person}/rename", {"name": f"新名{who}"})
        erased = await registry.http.post(f"{path}/phone/erase", json={"reason": "停用"}, headers=headers)
        return [kept.status_code, read.status_code, named.status_code, erased.status_code]

    for person in ("comes", "leaves"):
        assert await about(elsewhere, person) == [403, 403, 403, 403]
        assert await about(here, person) == [204, 200, 201, 204]
    await registry.ask("of-the-province", "/persons/new/register", {"name": "某某"})
    assert await about(elsewhere, "new") == [204, 200, 201, 204]

    for auditor, unit_code in (("audits-anqing", "340800"), ("audits-all", "340000")):
        await registry.ask("of-the-province", f"/persons/{auditor}/register", {"name": auditor})
        post = {"role": "auditor", "unit": unit_code, "since": "2023-01-01"}
        at = (await registry.ask("of-the-province", f"/persons/{auditor}/appoint", post)).json()["at"]
        await registry.get(auditor, "/persons?limit=1", at_least=at)

    async def readings(auditor: str) -> set[tuple[str, str]]:
        lines = (await registry.get(auditor, "/access-log?month=2023-03")).json()["items"]
        return {(line["what"], line["unit"]) for line in lines}

    here_and_last = {("comes", TOWNSHIP), ("leaves", TOWNSHIP)}

    async def everything() -> bool:
        return await readings("audits-all") == here_and_last | {("new", NATION)}

    await until(everything, what="the readings")
    assert await readings("audits-anqing") == here_and_last
