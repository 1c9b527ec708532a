"""The ledger's desk over HTTP, as a browser without scripts uses it: rights, wrong files, errors, import, again."""

import re
from io import BytesIO
from uuid import uuid4

import httpx
from python_calamine import CalamineWorkbook

from services.registry.ledger.archive import PACKED
from services.registry.ledger.asking import ENVELOPE
from services.registry.ledger.columns import ERRORS
from services.registry.ledger.rows import project_id
from shared.spreadsheet import XLSX
from tests.integration.registry.running import ADMIN, REVIEWER, SECRETARY, STRANGER, Registry
from tests.integration.registry.test_ledger import line
from tests.unit.registry.builders import COUNTY, TOWNSHIP
from tests.unit.registry.ledgers import KEYS, workbook
from tests.waiting import until

PAGE = {"Accept": "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8"}
DESK = "/registry/desk/import"


async def page(registry: Registry, path: str, who: str = REVIEWER, **headers: str) -> httpx.Response:
    return await registry.http.get(path, headers={"Somebody": who, **PAGE, **headers})


async def choose(registry: Registry, content: bytes, who: str = REVIEWER, name: str = "台账.xlsx") -> httpx.Response:
    files = {"file": (name, content, XLSX)}
    return await registry.http.post(DESK, files=files, headers={"Somebody": who, **PAGE})


async def confirm(registry: Registry, address: str, who: str = REVIEWER) -> httpx.Response:
    return await registry.http.post(address, headers={"Somebody": who, **PAGE})


async def over(registry: Registry, begun: httpx.Response) -> tuple[str, str]:
    """The address of a job that a form has begun, and its page once it is over."""
    assert begun.status_code == 303, begun.text
    address, shown = begun.headers["location"], ""

    async def done() -> bool:
        nonlocal shown
        answer = await page(registry, address)
        assert answer.status_code == 200
        shown = answer.text
        return "http-equiv" not in shown

    await until(done, within=120, what="the job's end")
    return address, shown


async def test_the_desk_is_open_to_those_who_may_import(registry: Registry) -> None:
    for who in (REVIEWER, ADMIN):
        shown = await page(registry, DESK, who)
        assert shown.status_code == 200
        assert "不超过 20 MB" in shown.text
        assert f'href="{DESK}"' in (await page(registry, "/registry/desk", who)).text
    for who in (SECRETARY, STRANGER):
        assert (await page(registry, DESK, who)).status_code == 403
        assert (await choose(registry, workbook(line("x")), who)).status_code == 403
    assert f'href="{DESK}"' not in (await page(registry, "/registry/desk", SECRETARY)).text


async def test_what_is_no_ledger_is_refused_in_words(registry: Registry) -> None:
    nothing = await choose(registry, b"", name="")
    assert (nothing.status_code, "没有收到文件" in nothing.text) == (400, True)
    large = await choose(registry, bytes(PACKED + ENVELOPE))
    assert (large.status_code, 'type="file"' in large.text) == (413, True)
    _, shown = await over(registry, await choose(registry, b"no workbook"))
    assert "不是可以读取的 .xlsx 工作簿" in shown
    assert "没有导入任何项目" in shown


async def test_a_ledger_is_corrected_imported_and_changes_nothing_the_second_time(registry: Registry) -> None:
    rows = [line("页面甲"), line("页面乙", kind="<民生>")]
    address, shown = await over(registry, await choose(registry, workbook(*rows)))
    assert "1 处需要更正" in shown
    assert "&lt;民生&gt;" in shown
    assert f"{chr(65 + KEYS.index('kind'))}3" in shown
    assert (await confirm(registry, address)).status_code == 404
    marked = await page(registry, f"{address}/errors")
    assert marked.headers["content-type"] == XLSX
    table = CalamineWorkbook.from_filelike(BytesIO(marked.content)).get_sheet_by_index(0).to_python()
    corrected = [dict(zip([*KEYS, ERRORS], map(str, cells), strict=True)) for cells in table[1:]]
    corrected[1]["kind"] = "书记项目"

    content = workbook(*corrected, keys=[*KEYS, ERRORS])
    address, shown = await over(registry, await choose(registry, content))
    assert "导入 2 个项目" in shown
    assert (await registry.get(REVIEWER, f"/projects/{_id('页面甲')}")).status_code == 404
    twice = [await confirm(registry, address) for _ in range(2)]
    assert twice[0].headers["location"] == twice[1].headers["location"] != address
    _, shown = await over(registry, twice[0])
    assert "已导入 2 个项目" in shown
    assert f'href="/projects/{_id("页面甲")}"' in shown
    assert f'href="/registry/desk/projects?unit={COUNTY}"' in shown
    assert (await registry.get(REVIEWER, f"/projects/{_id('页面乙')}")).status_code == 200

    address, shown = await over(registry, await choose(registry, content))
    assert "这份台账的 2 个项目都已在平台上，再导入也不会有任何改变" in shown
    assert "<form" not in shown.partition("<main")[2]
    assert (await confirm(registry, address)).status_code == 404
    assert (await page(registry, f"{address}/errors")).status_code == 404
    assert len(re.findall(rf'href="{DESK}/[0-9a-f-]{{36}}"', (await page(registry, DESK)).text)) >= 4


def _id(title: str) -> str:
    return project_id(COUNTY, TOWNSHIP, 2023, title)


async def test_only_the_first_of_many_wrong_cells_are_listed_with_their_count(registry: Registry) -> None:
    _, shown = await over(registry, await choose(registry, workbook(*(line(f"错{n}", kind="-") for n in range(120)))))
    assert "共 120 处，列出前 100 处" in shown
    assert shown.count('data-label="现填"') == 100


async def test_a_job_is_told_to_its_owner_and_a_lost_one_is_told_as_lost(registry: Registry) -> None:
    address, _ = await over(registry, await choose(registry, workbook(line("属主"))))
    for path in (address, f"{address}/errors"):
        assert (await page(registry, path, ADMIN)).status_code == 404
    assert (await confirm(registry, address, ADMIN)).status_code == 404
    assert (await confirm(registry, address, SECRETARY)).status_code == 403
    fragment = await page(registry, address, **{"HX-Request": "true"})
    assert "<html" not in fragment.text
    assert fragment.text.lstrip().startswith('<div id="job">')
    lost = f"{DESK}/{uuid4()}"
    told = await page(registry, lost)
    assert (told.status_code, "重新上传文件" in told.text) == (404, True)
    polled = await page(registry, lost, **{"HX-Request": "true"})
    assert (polled.status_code, polled.headers["hx-redirect"]) == (404, lost)
