"""The desks of files and of the access log, over HTTP: a file at its field, a purpose, an erasure, the auditor."""

import re

import httpx

from tests.integration.registry.running import ADMIN, REVIEWER, SECRETARY, STRANGER, Registry
from tests.integration.registry.test_desks import PAGE, fill_in, page
from tests.integration.registry.test_desks_around import then
from tests.integration.registry.test_kept import PDF
from tests.integration.registry.test_routes import proposed
from tests.unit.registry.builders import COUNTY
from tests.waiting import until

AUDITOR = "auditor-1"


async def project(registry: Registry) -> str:
    return str((await proposed(registry))["stream"]).removeprefix("project-")


async def sent(registry: Registry, who: str, id: str, body: bytes, **fields: str) -> httpx.Response:
    return await registry.http.post(
        f"/registry/desk/attachments/{id}",
        data={"_form": "upload", "target": "plan", **fields},
        files={"file": ("名单.pdf", body, "application/pdf")},
        headers={"Somebody": who, **PAGE},
    )


async def test_a_file_is_refused_at_its_field_and_added_to_what_it_is_about(registry: Registry) -> None:
    id = await project(registry)
    for body in (b"", b"no file that is taken"):
        refused = await sent(registry, SECRETARY, id, body, name="纪要")
        assert refused.status_code == 422
        assert re.search(r'type="file"[^>]*aria-invalid="true"', refused.text)
        assert 'value="纪要"' in refused.text
    large = await sent(registry, SECRETARY, id, b"%PDF-1.7 " + b" " * registry.settings.file_limit)
    assert (large.status_code, "MB 的上限" in large.text) == (413, True)
    added = await sent(registry, SECRETARY, id, PDF, back="plan")
    shown = await then(registry, SECRETARY, added)
    assert added.headers["location"].startswith(f"/registry/desk/projects/{id}/plan")
    assert "名单.pdf" in shown
    twice = await sent(registry, SECRETARY, id, PDF)
    assert (twice.status_code, "已经附上" in twice.text) == (409, True)
    assert (await sent(registry, STRANGER, id, PDF)).status_code == 404


async def test_who_reads_a_personal_file_says_what_for_and_the_auditor_sees_it(registry: Registry) -> None:
    id = await project(registry)
    await sent(registry, SECRETARY, id, PDF + b"personal", personal="1")
    [digest] = re.findall(
        r'name="digest" value="([0-9a-f]{64})"', (await page(registry, SECRETARY, f"/attachments/{id}")).text
    )
    asked = {"_form": f"read-{digest[:12]}", "_verb": "read-file", "digest": digest}
    silent = await fill_in(registry, REVIEWER, f"/attachments/{id}", **asked, purpose=" ")
    assert silent.status_code == 422
    assert re.search(r'name="purpose"[^>]*aria-invalid="true"', silent.text)
    told = await fill_in(registry, REVIEWER, f"/attachments/{id}", **asked, purpose="核对受益户 & 名单")
    given = await registry.http.get(told.headers["location"], headers={"Somebody": REVIEWER})
    assert given.content == PDF + b"personal"
    erase = {"_form": f"erase-{digest[:12]}", "_verb": "erase-file", "digest": digest, "reason": "不该附"}
    assert (await fill_in(registry, SECRETARY, f"/attachments/{id}", **erase)).status_code == 403
    gone = await then(registry, REVIEWER, await fill_in(registry, REVIEWER, f"/attachments/{id}", **erase))
    assert "内容已删除" in gone

    await registry.ask(ADMIN, f"/persons/{AUDITOR}/register", {"name": "审计"})
    post = {"role": "auditor", "unit": COUNTY, "since": "2023-01-01"}
    at = (await registry.ask(ADMIN, f"/persons/{AUDITOR}/appoint", post)).json()["at"]
    assert (await registry.get(ADMIN, "/persons", at_least=at)).status_code == 200

    async def read(path: str) -> bool:
        return "核对受益户 &amp; 名单" in (await page(registry, AUDITOR, path)).text

    await until(lambda: read("/access-log"), what="the log")
    reviewers = await page(registry, AUDITOR, f"/access-log?month=2023-03&reader={REVIEWER}")
    assert "核对受益户 &amp; 名单" in reviewers.text
    assert re.search(rf'<br><span class="note">单位{COUNTY} 组织部审核</span></th>', reviewers.text)
    assert re.search(rf'<option value="{REVIEWER}" selected>[^<]*（单位{COUNTY} 组织部审核）</option>', reviewers.text)
    assert not await read(f"/access-log?reader={SECRETARY}")
    assert not await read("/access-log?month=2023-02")
    assert (await page(registry, REVIEWER, "/access-log")).status_code == 403
