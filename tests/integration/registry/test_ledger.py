"""A ledger over HTTP on a real store: all or nothing, the same file twice, two at once, errors corrected."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from io import BytesIO
from typing import Any

import asyncpg
import httpx
import pytest
from python_calamine import CalamineWorkbook
from sqlalchemy import make_url

from services.registry.ledger.rows import project_id
from services.registry.ledger.writing import BATCH
from shared.database import database_name, driver_url
from shared.service import RoleOf
from shared.spreadsheet import XLSX, Cell
from tests.integration.registry.running import ADMIN, REVIEWER, SECRETARY, STRANGER, Registry, running
from tests.unit.registry.builders import COUNTY, TOWNSHIP
from tests.unit.registry.ledgers import KEYS, row, workbook
from tests.waiting import until

DONE, REFUSED = "done", "refused"


def line(title: str, **cells: Cell) -> dict[str, Cell]:
    """A project of the one township that is registered, as it stood on the first of March."""
    named: Mapping[str, Cell] = {"county": COUNTY, "unit": TOWNSHIP, "secretary": SECRETARY, "title": title}
    days: Mapping[str, Cell] = {"started": "2023-02-15", "month": "2023-02", "former_number": f"旧{title}"}
    return row(**{**named, **days, **cells})


@pytest.fixture
async def store(registry: Registry, postgres: str) -> AsyncIterator[asyncpg.Connection]:
    """The registry's database, as its owner."""
    name = database_name(registry.service.name)
    url = make_url(postgres).set(database=name).render_as_string(hide_password=False)
    connection = await asyncpg.connect(driver_url(url))
    yield connection
    await connection.close()


async def events(store: asyncpg.Connection) -> int:
    return await store.fetchval("select count(*) from events")


async def post(registry: Registry, verb: str, content: bytes, who: str = REVIEWER, **files: Any) -> httpx.Response:
    sent: dict[str, Any] = {"files": files} if files else {"content": content}
    kind = {} if files else {"Content-Type": XLSX}
    headers = {"Somebody": who, **kind}
    return await registry.http.post(f"/registry/ledger/{verb}", params={"name": "台账.xlsx"}, headers=headers, **sent)


async def job(registry: Registry, verb: str, content: bytes, who: str = REVIEWER) -> dict[str, Any]:
    """What came of a file that was sent."""
    begun = await post(registry, verb, content, who)
    assert begun.status_code == 202, begun.text
    return await ended(registry, begun.json()["id"], who)


async def ended(registry: Registry, id: str, who: str = REVIEWER) -> dict[str, Any]:
    stood: dict[str, Any] = {}

    async def over() -> bool:
        nonlocal stood
        stood = (await registry.get(who, f"/ledger/jobs/{id}")).json()
        return stood["state"] in (DONE, REFUSED)

    await until(over, within=120, what="the job's end")
    return stood


async def state(registry: Registry, title: str) -> dict[str, Any]:
    id = project_id(COUNTY, TOWNSHIP, 2023, title)
    return (await registry.get(REVIEWER, f"/projects/{id}")).json()


async def test_a_county_that_has_ended_is_none_for_a_ledger(registry: Registry) -> None:
    old = {"name": "老怀宁县", "kind": "county", "parent": "340800"}
    assert (await registry.ask(ADMIN, "/units/340899/register", old)).status_code == 201
    merged = await registry.ask(ADMIN, "/units/340899/merge", {"into": COUNTY, "since": "2023-02-02"})
    await registry.get(ADMIN, "/units", at_least=merged.json()["at"])
    content = workbook(line("油茶"), line("老县的", county="老怀宁县"))
    checked = await job(registry, "check", content)
    assert [each["code"] for each in checked["report"]["errors"]] == ["no_such_county"]


async def test_a_ledger_is_checked_then_imported_and_the_same_file_changes_nothing(
    registry: Registry, store: asyncpg.Connection
) -> None:
    content, before = (
        workbook(line("甲"), line("乙", approved="", started="", month="", percent="", former_number="")),
        await events(store),
    )
    checked = await job(registry, "check", content)
    assert (checked["state"], checked["report"]["new"], checked["report"]["imported"]) == (DONE, 2, False)
    assert await events(store) == before
    imported = await job(registry, "import", content)
    assert (imported["state"], imported["report"]["new"], imported["report"]["imported"]) == (DONE, 2, True)
    assert (imported["phase"], imported["done"], imported["total"]) == ("writing", 2, 2)
    assert await events(store) == before + 5 + 2 + 1 + 1
    again = await job(registry, "import", content)
    assert (again["state"], again["report"]["new"], again["report"]["unchanged"]) == (DONE, 0, 2)
    renamed = workbook(
        line("甲"), line("乙", approved="", started="", month="", percent="", former_number=""), sheet="别名"
    )
    assert (await job(registry, "import", renamed))["report"]["unchanged"] == 2
    assert await events(store) == before + 9
    known = await state(registry, "甲")
    assert (known["stage"], known["days"]["approved"], known["reports"]) == ("started", "2023-02-10", {"2023-02": "45"})
    assert (await state(registry, "乙"))["stage"] == "submitted"
    facts = (await registry.get(REVIEWER, f"/projects/{known['id']}/events")).json()["items"]
    assert {(fact["actor"], fact["on_behalf_of"]) for fact in facts} == {(REVIEWER, SECRETARY), (REVIEWER, None)}
    assert facts[2]["data"]["former_number"] == "旧甲"


async def test_who_imported_acted_for_the_owner_and_does_not_check(registry: Registry) -> None:
    content = workbook(line("丙", approved="", started="", month="", percent="", former_number=""))
    assert (await job(registry, "import", content))["state"] == DONE
    id = project_id(COUNTY, TOWNSHIP, 2023, "丙")
    refused = await registry.ask(REVIEWER, f"/projects/{id}/approve-plan", {})
    assert refused.json()["code"] == "checks_own_work"


async def test_a_file_with_a_wrong_cell_imports_nothing_and_is_imported_once_corrected(
    registry: Registry, store: asyncpg.Connection
) -> None:
    before = await events(store)
    rows = [line("=丁"), line("戊", kind="民生"), line("己", secretary="nobody")]
    refused = await job(registry, "import", workbook(*rows))
    report = refused["report"]
    assert (refused["state"], report["imported"], report["wrong"]) == (REFUSED, False, 2)
    letter = chr(65 + KEYS.index("kind"))
    assert (report["errors"][0]["cell"], report["errors"][0]["value"]) == (f"{letter}3", "民生")
    assert await events(store) == before
    marked = await post(registry, "errors", workbook(*rows))
    assert marked.headers["content-type"] == XLSX
    table = CalamineWorkbook.from_filelike(BytesIO(marked.content)).get_sheet_by_index(0).to_python()
    assert [bool(cells[len(KEYS)]) for cells in table[1:]] == [False, True, True]
    corrected = [dict(zip([*KEYS, "错误说明"], map(str, cells), strict=True)) for cells in table[1:]]
    corrected[1]["kind"], corrected[2]["secretary"] = "书记项目", SECRETARY
    imported = await job(registry, "import", workbook(*corrected, keys=[*KEYS, "错误说明"]))
    assert (imported["state"], imported["report"]["new"]) == (DONE, 3), imported
    assert (await state(registry, "=丁"))["proposal"]["title"] == "=丁"


async def test_two_imports_of_a_file_at_once_are_one(registry: Registry, store: asyncpg.Connection) -> None:
    content, before = workbook(*(line(f"同时{n}") for n in range(BATCH + 20))), await events(store)
    async with running(registry.service, registry.settings, RoleOf.API) as other:
        first, second = await asyncio.gather(job(registry, "import", content), job(other, "import", content))
    assert sorted((first["report"]["new"], second["report"]["new"])) == [0, BATCH + 20]
    assert await events(store) == before + 6 * (BATCH + 20) + 1
    numbers = await store.fetchval(
        "select array_agg(n order by n) from (select (convert_from(body, 'UTF8')::json -> 'data' ->> 'number')::int n"
        " from events where stream = $1) t",
        f"number-{COUNTY}-2023-approval",
    )
    assert numbers == list(range(1, len(numbers) + 1))


async def test_a_job_is_known_to_every_process_of_the_registry(registry: Registry) -> None:
    begun = (await post(registry, "check", workbook(line("轮询")))).json()
    async with running(registry.service, registry.settings, RoleOf.API) as other:
        assert (await ended(other, begun["id"]))["report"]["new"] == 1
    assert (await registry.get(REVIEWER, f"/ledger/jobs/{begun['id']}")).json()["state"] == DONE


async def test_an_import_that_is_torn_in_the_middle_leaves_nothing_and_can_be_sent_again(
    registry: Registry, store: asyncpg.Connection
) -> None:
    content, before = workbook(*(line(f"中断{n}") for n in range(BATCH + 1))), await events(store)
    last = f"project-{project_id(COUNTY, TOWNSHIP, 2023, f'中断{BATCH}')}"
    async with store.transaction():
        await store.execute(
            "insert into streams(stream, category, version, topic_versions, head) values ($1, 'project', 1, '{}', '')",
            last,
        )
        begun = (await post(registry, "import", content)).json()
        await until(lambda: torn(store), within=120, what="the import to wait for the last row's stream")
        stood = await ended(registry, begun["id"])
        await store.execute("delete from streams where stream = $1", last)
    assert (stood["state"], stood["problem"]["status"], stood["done"] >= BATCH) == (REFUSED, 503, True), stood
    assert await events(store) == before
    assert (await job(registry, "import", content))["report"]["new"] == BATCH + 1
    assert await events(store) == before + 6 * (BATCH + 1) + 1


async def torn(store: asyncpg.Connection) -> bool:
    """Whether a session that waited for ours was ended."""
    own = "select pg_terminate_backend(pid) from pg_stat_activity where pg_backend_pid() = any(pg_blocking_pids(pid))"
    return bool(await store.fetch(own))


async def test_who_may_import_nowhere_is_refused_and_jobs_are_their_owners(registry: Registry) -> None:
    for who in (SECRETARY, STRANGER):
        for verb in ("check", "errors", "import"):
            assert (await post(registry, verb, workbook(line("x")), who)).status_code == 403
    begun = (await post(registry, "check", workbook(line("x")))).json()
    lost = await registry.get(SECRETARY, f"/ledger/jobs/{begun['id']}")
    assert (lost.status_code, lost.json()["code"]) == (404, "no_such_job")
    assert "重新上传" in lost.json()["detail"]
    await ended(registry, begun["id"])


async def test_a_file_comes_as_a_form_too_and_what_is_no_workbook_is_refused_in_words(registry: Registry) -> None:
    form = ("台账.xlsx", workbook(line("表单")), XLSX)
    begun = await post(registry, "check", b"", file=form)
    assert (await ended(registry, begun.json()["id"]))["report"]["new"] == 1
    refused = await job(registry, "check", b"no workbook")
    assert (refused["state"], refused["problem"]["code"]) == (REFUSED, "not_a_workbook")
    assert (await post(registry, "errors", b"no workbook")).status_code == 422
    empty = await post(registry, "check", b"")
    assert (empty.status_code, empty.json()["code"]) == (400, "no_file")


async def test_the_template_is_given_to_whoever_is_signed_in(registry: Registry) -> None:
    answer = await registry.get(SECRETARY, "/ledger/template")
    assert (answer.status_code, answer.headers["content-type"]) == (200, XLSX)


async def test_lists_are_given_as_spreadsheets_within_ones_sight(registry: Registry) -> None:
    imported = await job(registry, "import", workbook(line("导出")))
    assert imported["state"] == DONE
    titles: set[str] = set()

    async def listed() -> bool:
        answer = await registry.get(REVIEWER, f"/projects.xlsx?county={COUNTY}&year=2023&q=导出")
        assert answer.headers["content-type"] == XLSX
        rows = CalamineWorkbook.from_filelike(BytesIO(answer.content)).get_sheet_by_index(0).to_python()
        titles.update(str(row[0]) for row in rows[2:])
        return "导出" in titles

    await until(listed, what="the project in the view")
    assert titles == {"导出"}
    assert (await registry.get(REVIEWER, "/persons.xlsx")).status_code == 403
    for who, path in ((REVIEWER, "/units.xlsx"), (ADMIN, "/persons.xlsx"), (REVIEWER, "/campaigns.xlsx")):
        answer = await registry.get(who, path)
        assert (answer.status_code, answer.headers["content-type"]) == (200, XLSX)
    nothing = await registry.get(STRANGER, "/units.xlsx")
    assert len(CalamineWorkbook.from_filelike(BytesIO(nothing.content)).get_sheet_by_index(0).to_python()) == 2
