"""The form of a visit (`/registry/desk/visits/record`): of a county, then of the unit that the leader went to."""

from collections.abc import Sequence
from typing import Literal

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse
from sqlalchemy import cast, literal, or_, select
from sqlalchemy.dialects.postgresql import JSONB
from starlette.responses import Response

from services.registry.commands.visits import HoldVisit
from services.registry.desk.access import Caller, caller
from services.registry.desk.counties import MOST_PROJECTS, counties, projects_of, units_of
from services.registry.desk.frame import HOME, frame, rendered, unit_names
from services.registry.desk.owners import county_of
from services.registry.desk.words import VISIT_STAGES
from services.registry.reference.words import ROLES
from services.registry.rights import VISITOR
from shared.authority_table import Reads, does, reads
from shared.authority_views import PERSON
from shared.contracts.reference import LEADERS
from shared.contracts.values import UnitCode
from shared.errors import Forbidden
from shared.tree import climb
from shared.web.forms import Form, Forms
from shared.web.pages import Crumb
from shared.web.posts import Refused, answered, give, posted_form

router = APIRouter(prefix=f"{HOME}/visits", include_in_schema=False)


@router.get("/record", openapi_extra=reads(Reads.SUBTREE, "the counties", "whose visits the caller may record"))
async def record(
    county: UnitCode | Literal[""] = "", unit: UnitCode | Literal[""] = "", caller: Caller = Depends(caller)
) -> HTMLResponse:
    """The form of a visit: of a county, then of the unit that it was at."""
    return await _recording(caller, county, unit, Forms())


@router.post("", openapi_extra=does(VISITOR))
async def recorded(request: Request, caller: Caller = Depends(caller)) -> Response:
    """Record a visit, and go on to what it collected."""
    posted = await posted_form(request, caller.kit)
    outcome = await give(caller.kit, caller.person, HoldVisit, posted.form)

    async def again(form: Form) -> Response:
        return await _recording(caller, form.value("county"), form.value("unit"), Forms(form))

    id = "" if isinstance(outcome, Refused) else outcome.stream.partition("-")[2]
    return await answered(outcome, f"{HOME}/visits/{id}", again, "hold-visit")


async def _recording(caller: Caller, county: str, unit: str, forms: Forms) -> HTMLResponse:
    mine = {code: name for code, name in (await counties(caller)).items() if await caller.may_at(VISITOR, code)}
    caller.require(mine.keys())
    chosen = await county_of(caller, unit) if unit else county or (next(iter(mine)) if len(mine) == 1 else None)
    if (unit or chosen) and chosen not in mine:
        raise Forbidden("not_your_desk")
    leads = await _leaders(caller, unit) if unit else []
    self = next((value for value, _ in leads if value == caller.person), leads[0][0] if leads else "")
    prefilled = {"unit": unit, "county": chosen or "", "on": caller.today.isoformat(), "leader": self}
    projects = await projects_of(caller, unit) if unit else []
    return rendered(
        caller,
        "desk_visit_record.html",
        page=await frame(
            caller,
            "记录现场办公",
            (Crumb("现场办公", f"{HOME}/visits"), Crumb("记录")),
            unit=unit or chosen,
            lead="先选到了哪个单位，再记谁去、看什么",
        ),
        counties=[] if chosen else list(mine.items()),
        units=await units_of(caller, chosen) if chosen and not unit else [],
        county=chosen,
        unit=(await unit_names(caller, [unit])).get(unit, unit),
        leaders=leads,
        projects=[("", "不针对某个项目"), *projects],
        cut=len(projects) == MOST_PROJECTS,
        stages=[(each.value, word) for each, word in VISIT_STAGES.items()],
        form=forms.of("visit", prefilled) if unit else None,
        forms=forms,
    )


async def _leaders(caller: Caller, unit: str) -> Sequence[tuple[str, str]]:
    """Who leads the unit or one above it, as a choice: today's, then those of before."""
    async with caller.kit.database.driver() as driver:
        way = {each.code: (n, each.name) for n, each in enumerate(await climb(driver, unit))}
    table = PERSON.table
    held = or_(*(table.c.appointments.contains(cast(literal([{"unit": code}], JSONB), JSONB)) for code in way))
    async with caller.kit.database.core() as connection:
        rows = (await connection.execute(select(table.c.key, *PERSON.core_columns).where(held))).all()
    found: dict[str, tuple[bool, int, str]] = {}
    for row in rows:
        person = PERSON.decode(row[1:])
        for post in person.appointments:
            if post.role in LEADERS and post.unit in way:
                distance, name = way[post.unit]
                past = not post.holds_on(caller.today)
                words = f"{person.name}（{'原' if past else ''}{name}{ROLES[post.role]}）"
                line = (past, distance, words)
                id = row.key.removeprefix("person-")
                found[id] = min(found.get(id, line), line)
    return [(id, line[2]) for id, line in sorted(found.items(), key=lambda item: (item[1], item[0]))]
