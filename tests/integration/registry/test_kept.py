"""What is kept beside the facts, as it runs: files, persons' data, and who read them."""

import io
import zipfile
from collections.abc import Awaitable, Callable
from hashlib import sha256
from urllib.parse import urlencode

import asyncpg
import httpx
import pytest
from python_calamine import CalamineWorkbook

from shared.database import Database, database_url, driver_url
from shared.service import RoleOf
from shared.spreadsheet import XLSX
from tests.integration.registry.running import ADMIN, REVIEWER, SECRETARY, STRANGER, Registry, running
from tests.integration.registry.test_routes import proposed
from tests.unit.registry.builders import COUNTY, TOWNSHIP
from tests.unit.registry.test_office import docx
from tests.waiting import until

PDF = b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\n"


async def send(registry: Registry, who: str, body: bytes) -> httpx.Response:
    return await registry.http.post("/registry/files", content=body, headers={"Somebody": who})


async def attached(registry: Registry, body: bytes, **more: object) -> tuple[str, str]:
    """The path of a project, and the digest of the file that was added to it."""
    path = f"/projects/{(await proposed(registry))['stream'].removeprefix('project-')}"
    digest = (await send(registry, SECRETARY, body)).json()["digest"]
    command = {"digest": digest, "name": "会议纪要", "about": "plan", **more}
    told = await registry.ask(SECRETARY, f"{path}/attach", command)
    assert told.status_code == 201, told.text
    return path, digest


async def test_a_file_is_kept_by_its_hash_and_given_to_who_may_see_the_project(registry: Registry) -> None:
    path, digest = await attached(registry, PDF)
    assert digest == sha256(PDF).hexdigest()
    got = await registry.get(REVIEWER, f"{path}/attachments/{digest}")
    assert (got.content, got.headers["content-type"]) == (PDF, "application/pdf")
    assert got.headers["content-disposition"].endswith(".pdf")
    assert got.headers["x-content-type-options"] == "nosniff"
    assert (await registry.get(STRANGER, f"{path}/attachments/{digest}")).status_code == 404
    assert (await registry.get(REVIEWER, f"{path}/attachments/{'0' * 64}")).status_code == 404
    facts = (await registry.get(REVIEWER, f"{path}/events")).json()["items"]
    assert facts[-1]["data"]["digest"] == digest


async def test_a_file_that_somebody_else_has_sent_cannot_be_named(registry: Registry) -> None:
    body = PDF + b"somebody else's"
    path = f"/projects/{(await proposed(registry))['stream'].removeprefix('project-')}"
    digest = (await send(registry, REVIEWER, body)).json()["digest"]
    command = {"digest": digest, "name": "会议纪要", "about": "plan"}
    refused = await registry.ask(SECRETARY, f"{path}/attach", command)
    assert (refused.status_code, refused.json()["code"]) == (409, "no_such_file")


def archive(name: str, content: str) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as file:
        file.writestr(name, content)
    return made.getvalue()


@pytest.mark.parametrize(
    "body", [b"<html><script>alert(1)</script>", b"MZ\x90\0" + b"\0" * 60, archive("a.txt", "x"), b"hello"]
)
async def test_a_file_is_judged_by_its_content(registry: Registry, body: bytes) -> None:
    refused = await send(registry, SECRETARY, body)
    assert (refused.status_code, refused.json()["code"]) == (422, "media_type_refused")


async def test_a_document_with_macros_is_refused_with_its_reason(registry: Registry) -> None:
    refused = await send(registry, SECRETARY, docx(("word/vbaProject.bin", b"x")))
    assert (refused.status_code, refused.json()["code"]) == (422, "file_has_macros")
    assert "宏" in refused.json()["detail"]
    assert (await send(registry, SECRETARY, docx())).status_code == 201


async def test_a_file_has_a_size_and_a_sender_with_a_post(registry: Registry) -> None:
    assert (await send(registry, SECRETARY, b"")).json()["code"] == "empty_file"
    assert (await send(registry, SECRETARY, PDF + b"\0" * registry.settings.file_limit)).status_code == 413
    assert (await send(registry, STRANGER, PDF)).status_code == 403


async def test_an_erased_file_is_gone_and_the_log_says_that_it_was(registry: Registry) -> None:
    path, digest = await attached(registry, PDF + b"to be erased")
    erase = {"digest": digest, "reason": "含身份证号"}
    assert (await registry.ask(SECRETARY, f"{path}/erase-attachment", erase)).status_code == 403
    assert (await registry.ask(REVIEWER, f"{path}/erase-attachment", erase)).status_code == 201
    assert (await registry.ask(REVIEWER, f"{path}/erase-attachment", erase)).status_code == 204
    gone = await registry.get(REVIEWER, f"{path}/attachments/{digest}")
    assert (gone.status_code, gone.json()["code"]) == (404, "attachment_erased")
    assert (await send(registry, SECRETARY, PDF + b"to be erased")).status_code == 201
    sent_again = await registry.get(REVIEWER, f"{path}/attachments/{digest}")
    assert (sent_again.status_code, sent_again.json()["code"]) == (404, "attachment_erased")
    types = [fact["type"] for fact in (await registry.get(REVIEWER, f"{path}/events")).json()["items"]]
    assert types[-2:] == ["cn.guatu.progress.attachment-added.v1", "cn.guatu.progress.attachment-erased.v1"]


async def test_a_file_that_is_erased_in_one_project_stays_in_another_that_names_it(registry: Registry) -> None:
    body = PDF + b"named twice"
    (first, digest), (second, _) = [await attached(registry, body) for _ in range(2)]
    erase = {"digest": digest, "reason": "含身份证号"}
    assert (await registry.ask(REVIEWER, f"{first}/erase-attachment", erase)).status_code == 201
    assert (await registry.get(REVIEWER, f"{first}/attachments/{digest}")).json()["code"] == "attachment_erased"
    assert (await registry.get(REVIEWER, f"{second}/attachments/{digest}")).content == body
    assert (await registry.ask(REVIEWER, f"{second}/erase-attachment", erase)).status_code == 201
    assert (await registry.get(REVIEWER, f"{second}/attachments/{digest}")).status_code == 404
    again = {"digest": digest, "name": "会议纪要", "about": "plan"}
    assert (await registry.ask(SECRETARY, f"{first}/attach", again)).json()["code"] == "no_such_file"


async def test_a_file_that_was_never_named_is_removed_after_days_by_the_relay(registry: Registry) -> None:
    _, named = await attached(registry, PDF + b"named long ago")
    unnamed = (await send(registry, SECRETARY, PDF + b"never named")).json()["digest"]
    url = database_url(registry.settings.database.get_secret_value(), registry.service.name)
    owner = await asyncpg.connect(driver_url(url))

    async def kept() -> set[str]:
        return {row["digest"].hex() for row in await owner.fetch("select digest from files")}

    async def removed() -> bool:
        return unnamed not in await kept()

    days = registry.settings.file_days
    await owner.execute("update files set stored_at = now() - make_interval(days => $1, hours => -1)", days)
    async with running(registry.service, registry.settings, RoleOf.RELAY):
        assert unnamed in await kept()
    await owner.execute("update files set stored_at = now() - make_interval(days => $1, hours => 1)", days)
    async with running(registry.service, registry.settings, RoleOf.RELAY):
        await until(removed, what="the removal")
    assert named in await kept()
    await owner.close()


AUDITOR = "auditor-1"
MONTH = "2023-03"


async def audited(registry: Registry) -> list[dict[str, object]]:
    """The access log as the county's auditor sees it, once it has what was read up to now."""
    if AUDITOR not in {line["id"] for line in (await registry.get(ADMIN, "/persons?limit=5000")).json()["items"]}:
        await registry.ask(ADMIN, f"/persons/{AUDITOR}/register", {"name": "审计员"})
        post = {"role": "auditor", "unit": COUNTY, "since": "2023-01-01"}
        at = (await registry.ask(ADMIN, f"/persons/{AUDITOR}/appoint", post)).json()["at"]
        await registry.get(ADMIN, "/persons?limit=1", at_least=at)
    return (await registry.get(AUDITOR, f"/access-log?month={MONTH}")).json()["items"]


async def until_audited(registry: Registry, what: str) -> list[dict[str, object]]:
    async def found() -> bool:
        return any(line["what"] == what for line in await audited(registry))

    await until(found, what="the reading in the access log")
    return [line for line in await audited(registry) if line["what"] == what]


async def test_a_file_that_tells_of_persons_is_given_for_a_purpose_that_the_auditor_sees(registry: Registry) -> None:
    path, digest = await attached(registry, PDF + b"personal", personal=True)
    refused = await registry.get(REVIEWER, f"{path}/attachments/{digest}")
    assert (refused.status_code, refused.json()["field"]) == (422, "purpose")
    assert (await registry.get(REVIEWER, f"{path}/attachments/{digest}?purpose=核对签名")).content == PDF + b"personal"
    [line] = await until_audited(registry, digest)
    assert (line["reader"], line["kind"], line["purpose"]) == (REVIEWER, "file", "核对签名")
    assert (await registry.get(REVIEWER, f"/access-log?month={MONTH}")).json()["items"] == []


async def test_a_list_is_given_as_a_spreadsheet_once_the_access_log_has_it(registry: Registry) -> None:
    await proposed(registry)
    asked = {
        f"projects.xlsx?county={COUNTY}&owner={TOWNSHIP}&purpose=季度汇总": ("项目台账", TOWNSHIP, "季度汇总"),
        f"projects.xlsx?county={COUNTY}": ("项目台账", COUNTY, "项目台账"),
        "units.xlsx?purpose=%20": ("单位", COUNTY, "单位"),
        "campaigns.xlsx": ("检查", COUNTY, "检查"),
    }
    before = await audited(registry)
    for path in asked:
        book = await registry.get(REVIEWER, f"/{path}")
        assert (book.status_code, book.headers["content-type"]) == (200, XLSX)

    async def written() -> list[dict[str, object]]:
        lines = await audited(registry)
        return lines[: len(lines) - len(before)]

    await until(lambda: _as_many(written, len(asked)), what="the exports in the access log")
    lines = list(reversed(await written()))
    assert [(line["what"], line["unit"], line["purpose"]) for line in lines] == list(asked.values())
    assert {(line["reader"], line["kind"]) for line in lines} == {(REVIEWER, "export")}
    listed = (await registry.get(REVIEWER, f"/projects?county={COUNTY}&owner={TOWNSHIP}&limit=200")).json()["items"]
    assert [line["rows"] for line in lines][:3] == [len(listed), len(listed), 2]


async def test_projects_are_taken_out_by_what_the_list_at_the_desk_is_filtered_by(registry: Registry) -> None:
    await proposed(registry)
    for query, some in (
        (f"unit={COUNTY}", True),
        (f"unit={TOWNSHIP}&category=基层治理", True),
        ("unit=340825", False),
        ("category=别的", False),
    ):
        book = await registry.get(REVIEWER, f"/projects.xlsx?{query}")
        rows = CalamineWorkbook.from_filelike(io.BytesIO(book.content)).get_sheet_by_index(0).to_python()
        assert (len(rows) > 2) == some, query
    page = await registry.get(REVIEWER, "/desk/projects?category=基层治理")
    assert f"/registry/projects.xlsx?{urlencode({'category': '基层治理'})}" in page.text


async def test_a_list_of_several_places_stands_in_the_access_log_of_each(registry: Registry) -> None:
    other = {"name": "太湖县", "kind": "county", "parent": "340800"}
    await registry.ask(ADMIN, "/units/340825/register", other)
    posts = [("of-two", "reviewer", COUNTY), ("of-two", "reviewer", "340825")]
    auditors = {f"auditor-{unit}": unit for unit in (COUNTY, "340825", "340000")}
    for person, role, unit in [*posts, *((person, "auditor", unit) for person, unit in auditors.items())]:
        await registry.ask(ADMIN, f"/persons/{person}/register", {"name": person})
        post = {"role": role, "unit": unit, "since": "2023-01-01"}
        at = (await registry.ask(ADMIN, f"/persons/{person}/appoint", post)).json()["at"]
        await registry.get("of-two", "/persons?limit=1", at_least=at)
    assert (await registry.get("of-two", "/units.xlsx")).status_code == 200
    assert (await registry.get(ADMIN, "/persons.xlsx")).status_code == 200

    async def seen(auditor: str) -> list[tuple[object, object]]:
        lines = (await registry.get(auditor, f"/access-log?month={MONTH}")).json()["items"]
        return [(line["what"], line["unit"]) for line in lines if line["reader"] in ("of-two", ADMIN)]

    for auditor, unit in auditors.items():
        wanted = ("人员任职", unit) if unit == "340000" else ("单位", unit)
        await until(lambda who=auditor, line=wanted: _has(seen(who), line), what=f"the reading at {unit}")


async def _has(lines: Awaitable[list[tuple[object, object]]], wanted: tuple[object, object]) -> bool:
    return wanted in await lines


async def _as_many(lines: Callable[[], Awaitable[list[dict[str, object]]]], wanted: int) -> bool:
    return len(await lines()) == wanted


async def test_persons_are_taken_out_by_administrators_alone(registry: Registry) -> None:
    assert (await registry.get(REVIEWER, "/persons.xlsx")).status_code == 403
    assert (await registry.get(ADMIN, "/persons.xlsx")).status_code == 200


@pytest.mark.parametrize(
    ("path", "title"),
    [
        ("visits.xlsx", "现场办公"),
        ("difficulties.xlsx", "未解决难点"),
        ("cases.xlsx", "案例"),
        ("brands.xlsx", "品牌"),
        ("honours.xlsx", "荣誉"),
        ("labels.xlsx", "称号"),
        ("measures.xlsx", "单位指标"),
        ("metrics.xlsx", "指标目录"),
        (f"rhythms.xlsx?county={COUNTY}&year=2023", "工作日历"),
        (f"mutual-checks.xlsx?county={COUNTY}", "互比互查"),
        (f"data-requests.xlsx?county={COUNTY}&year=2023", "资料征集"),
        (f"burden.xlsx?county={COUNTY}&month=2023-03", "基层负担"),
    ],
)
async def test_every_list_is_given_as_a_spreadsheet(registry: Registry, path: str, title: str) -> None:
    await audited(registry)
    book = await registry.get(REVIEWER, f"/{path}")
    assert (book.status_code, book.headers["content-type"]) == (200, XLSX)
    [line, *_] = await until_audited(registry, title)
    assert (line["reader"], line["unit"]) == (REVIEWER, COUNTY)


PHONE = "13800000000"


async def test_a_phone_number_is_kept_apart_and_can_be_proven_and_erased(registry: Registry) -> None:
    path = f"/persons/{SECRETARY}/personal"

    async def tell(who: str, verb: str, body: dict[str, str]) -> httpx.Response:
        return await registry.http.post(f"/registry{path}{verb}", json=body, headers={"Somebody": who})

    assert (await tell(REVIEWER, "/phone", {"value": PHONE})).status_code == 403
    unseen = await tell(SECRETARY, "/phone", {"value": f"{PHONE}\u200b"})
    assert (unseen.status_code, unseen.json()["field"]) == (422, "value")
    for _ in range(2):
        assert (await tell(SECRETARY, "/phone", {"value": PHONE})).status_code == 204
    assert (await registry.get(STRANGER, f"{path}?purpose=通知")).status_code == 403
    assert (await registry.get(REVIEWER, f"{path}?purpose=%20")).json()["code"] == "purpose_missing"
    [datum] = (await registry.get(REVIEWER, f"{path}?purpose=通知开会")).json()
    assert datum["value"] == PHONE
    url = database_url(registry.settings.database.get_secret_value(), registry.service.name)
    database = Database(url, name="test")
    async with database.driver() as connection:
        bodies = [row["body"] for row in await connection.fetch(_KEPT, f"person-{SECRETARY}")]
    await database.dispose()
    assert len(bodies) == 1
    assert PHONE.encode() not in bodies[0]
    assert sha256(bytes.fromhex(datum["salt"]) + PHONE.encode()).hexdigest().encode() in bodies[0]
    [line] = await until_audited(registry, SECRETARY)
    assert (line["reader"], line["kind"], line["purpose"]) == (REVIEWER, "personal_data", "通知开会")
    assert (await tell(ADMIN, "/phone/erase", {"reason": "本人\n要求"})).json()["field"] == "reason"
    assert (await tell(ADMIN, "/phone/erase", {"reason": "本人要求"})).status_code == 204
    assert (await tell(ADMIN, "/phone/erase", {"reason": "本人要求"})).status_code == 404
    assert (await registry.get(SECRETARY, f"{path}?purpose=自查")).json() == []


_KEPT = "select body from events where stream = $1 and type like '%personal-data-kept%'"
