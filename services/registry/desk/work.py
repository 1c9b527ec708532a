"""My work (`/registry/desk`): what waits for the caller, by kind, with counts; and the list of projects."""

from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Annotated, Any, Literal
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import HTMLResponse

from services.registry.asking.waiting import waiting
from services.registry.commands.reviewing import CATEGORIES
from services.registry.desk.access import Caller, caller
from services.registry.desk.frame import HOME, frame, rendered, said, unit_names
from services.registry.desk.queue import Queue, counts, queue
from services.registry.desk.to_inspect import ToInspect, running_groups, to_inspect
from services.registry.desk.waiting import Waiting
from services.registry.desk.words import KINDS, STAGE_COLOURS, STAGES
from services.registry.keyset import After, Paging
from services.registry.project import listing
from services.registry.project.listing import Filter
from services.registry.project.state import Stage
from services.registry.rights import ADMIN_ANYWHERE
from services.registry.sight import Words, narrowed
from services.registry.views import PROJECTS
from shared.authority_table import Reads, reads
from shared.contracts.project import ProjectKind
from shared.contracts.reference import Role
from shared.contracts.values import ProjectId, UnitCode, Year
from shared.errors import InvalidValue, NotReady
from shared.rights import NATION
from shared.view import View
from shared.web.pages import Crumb

router = APIRouter(prefix=HOME, include_in_schema=False)

FIRST = 5
"""Lines of each kind on the first page."""
PAGE = 30
"""Lines of a list that are shown at once."""

_STORABLE = r"^[^\x00]*$"
At = Annotated[str, Query(max_length=400, pattern=_STORABLE)]
Done = Annotated[str, Query(max_length=40, pattern=_STORABLE)]


@dataclass(frozen=True, slots=True)
class Kind:
    """How a kind of work is called, what is done about it, since when or until when it counts, and the desk for it."""

    title: str
    action: str
    since: str
    desk: str

    def address(self, id: str) -> str:
        """Where a project's work of this kind is done."""
        return f"{HOME}{self.desk.format(id=id)}"


KINDS_OF_WORK: Mapping[Waiting, Kind] = {
    Waiting.REVIEW: Kind("待评审方案", "评审", "送审", "/review?id={id}"),
    Waiting.RETURNED: Kind("退回待修改", "修改方案", "退回", "/projects/{id}/plan"),
    Waiting.PLAN: Kind("待填方案", "填写方案", "申报", "/projects/{id}/plan"),
    Waiting.START: Kind("待开工", "开工", "立项", "/report/{id}"),
    Waiting.REPORT: Kind("待报月份", "报送", "报送期限", "/report/{id}"),
    Waiting.RECTIFY: Kind("问题待整改", "整改", "最近期限", "/problems/{id}"),
    Waiting.VERIFY: Kind("整改待核验", "核验", "最近期限", "/problems/{id}"),
    Waiting.ENDORSE: Kind("延期待初审", "初审", "申请", "/problems/{id}#extensions"),
    Waiting.GRANT: Kind("延期待批准", "批准", "申请", "/problems/{id}#extensions"),
    Waiting.REQUEST: Kind("可申请验收", "申请验收", "开工", "/acceptance/{id}"),
    Waiting.ACCEPT: Kind("待验收", "验收", "申请", "/acceptance/{id}"),
    Waiting.ANNOUNCE: Kind("待公示", "发布公示", "验收", "/acceptance/{id}"),
    Waiting.NOTICE: Kind("公示中", "登记异议", "公示到", "/acceptance/{id}"),
    Waiting.CLOSE: Kind("公示期满待销号", "销号", "公示到", "/acceptance/{id}"),
}

DEADLINES = frozenset({Waiting.REPORT, Waiting.RECTIFY, Waiting.VERIFY})
"""The kinds that wait until a day: it is said how long there is, or how long it is past."""


async def known(caller: Caller, at: str, views: Sequence[View[Any]] = (PROJECTS,)) -> None:
    """Wait until the lists know what a form has just written, but not for long: it is written, whatever they show."""
    with suppress(InvalidValue, NotReady):
        await caller.kit.at_least(at or None, views)


@router.get("", openapi_extra=reads(Reads.SUBTREE, "the projects' owners", "what waits for the caller's roles"))
async def work(
    kind: Waiting | None = None,
    after: After = "",
    at: At = "",
    done: Done = "",
    caller: Caller = Depends(caller),
) -> HTMLResponse:
    """All that waits for the caller, with what his or her groups of inspectors have to visit; or with `kind` a page."""
    await known(caller, at)
    groups = () if kind else await running_groups(caller)
    async with caller.kit.database.core() as connection:
        numbers = await counts(connection, caller.seats, caller.today)
        requests = await waiting(connection, caller.seats.asked)
        found: dict[Waiting, Queue] = {}
        for each in (kind,) if kind else (each for each in KINDS_OF_WORK if numbers.get(each)):
            part = Paging(PAGE, after) if kind else Paging(FIRST)
            found[each] = await queue(connection, each, caller.seats, caller.today, part)
        visits = [await to_inspect(connection, each, Paging(FIRST)) for each in groups]
    supervised = await caller.kit.authority.visible_units(caller.person, caller.today, frozenset({Role.SUPERVISOR}))
    below = (Crumb(KINDS_OF_WORK[kind].title),) if kind else ()
    return rendered(
        caller,
        "desk_work.html",
        page=await frame(caller, KINDS_OF_WORK[kind].title if kind else "办理", below, lead=_lead(numbers, supervised)),
        numbers=numbers,
        requests=requests,
        kinds=KINDS_OF_WORK,
        queues=found,
        kind=kind,
        visits=visits,
        owns=caller.seats.owns,
        desks=await _desks(caller),
        supervised=sorted(supervised),
        names=await unit_names(caller, _units(found, visits) | supervised),
        done=said(done),
        deadlines=DEADLINES,
    )


def _lead(numbers: Mapping[Waiting, int], supervised: Collection[str]) -> str:
    if numbers:
        return "轮到您办的，等得最久的在前；按项目计"
    return "督办：落后的项目、预警、督办通知和通报" if supervised else "您现在没有需要办理的职责"


def _units(found: Mapping[Waiting, Queue], visits: Sequence[ToInspect]) -> set[str]:
    lines = [each.line for page in found.values() for each in page.items]
    lines += [line for each in visits for line in each.projects]
    return {line.owner for line in lines} | {each.group.county for each in visits}


async def _desks(caller: Caller) -> list[tuple[str, str]]:
    """The desks that are open to the caller, with their addresses."""
    seats = caller.seats
    admin = await caller.kit.authority.visible_units(caller.person, caller.today, frozenset({Role.PLATFORM_ADMIN}))
    auditor = await caller.kit.authority.visible_units(caller.person, caller.today, frozenset({Role.AUDITOR}))
    open = (
        (seats.reviewer, "立项评审", "/review"),
        (seats.owns, "报送进展", "/report"),
        (seats.owns or seats.checks, "问题与整改", "/problems"),
        (seats.inspector, "检查任务", "/inspections"),
        (seats.owns or seats.reviewer, "验收与销号", "/acceptance"),
        (seats.sight, "现场办公", "/visits"),
        (seats.sight, "互查与日历", "/rhythm"),
        (seats.sight, "资料征集", "/requests"),
        (seats.sight, "成果与指标", "/records"),
        (seats.reviewer or admin, "导入台账", "/import"),
        (admin or await caller.may_at(ADMIN_ANYWHERE, NATION), "人员与单位", "/units"),
        (auditor, "查阅记录", "/access-log"),
    )
    return [(label, HOME + path) for is_open, label, path in open if is_open]


@router.get("/count", openapi_extra=reads(Reads.SUBTREE, "the projects' owners", "what waits for the caller's roles"))
async def count(caller: Caller = Depends(caller)) -> HTMLResponse:
    """The number beside 办理 in the top bar: what waits for the caller, projects by kind and data requests, summed."""
    async with caller.kit.database.core() as connection:
        number = sum((await counts(connection, caller.seats, caller.today)).values())
        number += await waiting(connection, caller.seats.asked)
    return rendered(caller, "desk_count.html", number=number)


@router.get("/projects", openapi_extra=reads(Reads.SUBTREE, "the projects' owners"))
async def projects(
    request: Request,
    unit: UnitCode | Literal[""] = "",
    stage: Stage | Literal[""] = "",
    kind: ProjectKind | Literal[""] = "",
    category: Words = "",
    year: Year | Literal[""] = "",
    q: Words = "",
    after: ProjectId | None = None,
    caller: Caller = Depends(caller),
) -> HTMLResponse:
    """The projects within the caller's sight, the last proposed first; what is chosen stands in the address."""
    wanted = Filter(
        unit=unit or None,
        stages=(stage,) if stage else (),
        kind=kind or None,
        category=category,
        year=year or None,
        q=q,
    )
    within = await narrowed(caller.kit, caller.seats.sight)
    async with caller.kit.database.core() as connection:
        found = await listing.projects(connection, wanted, within, after=after, limit=PAGE)
        units = await listing.units_to_choose(connection, caller.seats.sight)
        paces = await listing.paces(connection, [line.id for line in found.items], caller.today)
    chosen = {"unit": unit, "stage": stage, "kind": kind, "category": category, "year": str(year), "q": q}
    query = urlencode({name: value for name, value in chosen.items() if value})
    return rendered(
        caller,
        "desk_project_rows.html" if "hx-request" in request.headers else "desk_projects.html",
        page=await frame(
            caller, "项目台账", (Crumb("项目台账"),), section="projects", lead="在您管辖范围内的项目，后申报的在前"
        ),
        found=found,
        paces=paces,
        by_lamp=unit or min(caller.seats.sight, default=""),
        chosen=chosen,
        query=query,
        more=f"{HOME}/projects?{query}{'&' if query else ''}after={found.next}" if found.next else "",
        units=units,
        stages={each.value: word for each, word in STAGES.items()},
        stage_colours=STAGE_COLOURS,
        kinds={each.value: word for each, word in KINDS.items()},
        categories=[(each, each) for each in CATEGORIES],
        years=[(year, str(year)) for year in range(caller.today.year + 1, caller.today.year - 4, -1)],
        names=await unit_names(caller, {line.owner for line in found.items}),
        owns=caller.seats.owns,
    )
