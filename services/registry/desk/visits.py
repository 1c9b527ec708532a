"""Visits on site (`/registry/desk/visits`): those within sight, each with its suggestions and difficulties."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import reduce
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Path, Request
from fastapi.responses import HTMLResponse
from starlette.responses import Response

from services.registry.around.named import named
from services.registry.around.visit_views import VISITS, VisitRow, evolve
from services.registry.commands.visits import (
    CollectSuggestion,
    RaiseDifficulty,
    SolveDifficulty,
    TakeOnDifficulty,
)
from services.registry.desk.access import Caller, caller
from services.registry.desk.counties import counties, titles
from services.registry.desk.difficulties import by_need
from services.registry.desk.frame import HOME, frame, person_names, rendered, said, unit_names
from services.registry.desk.words import VISIT_STAGES
from services.registry.desk.work import PAGE, At, Done, known
from services.registry.keyset import After, Paging
from services.registry.rights import VISIT_DESK, VISITOR
from services.registry.sight import narrowed, rows_in_sight
from shared.authority_table import Reads, reads
from shared.command import Command
from shared.contracts.values import PROJECT_ID, StreamId, UnitCode
from shared.errors import BadRequest, NotFound
from shared.store import load
from shared.web.forms import Fields, Form, Forms, Posted
from shared.web.pages import Crumb
from shared.web.posts import answered, give, posted_form

router = APIRouter(prefix=f"{HOME}/visits", include_in_schema=False)

VisitId = Annotated[str, Path(pattern=PROJECT_ID)]
COMMANDS: Mapping[str, type[Command]] = {
    each.verb(): each for each in (CollectSuggestion, RaiseDifficulty, TakeOnDifficulty, SolveDifficulty)
}
NAMES: Mapping[str, str] = {CollectSuggestion.verb(): "suggestion", RaiseDifficulty.verb(): "difficulty"}
"""Where a command takes the name of what it adds: it follows from the form's key, so that two never meet."""


@router.get("", openapi_extra=reads(Reads.SUBTREE, "the visits' units"))
async def visits(
    county: UnitCode | Literal[""] = "", after: After = "", at: At = "", caller: Caller = Depends(caller)
) -> HTMLResponse:
    """The visits within the caller's sight, the latest first."""
    await known(caller, at, (VISITS,))
    wanted = {"county": county or None}
    within = await narrowed(caller.kit, caller.seats.sight)
    async with caller.kit.database.core() as connection:
        found = await rows_in_sight(connection, VISITS, within, wanted, Paging(PAGE, after), latest="held_on")
    around = await counties(caller)
    return rendered(
        caller,
        "desk_visits.html",
        page=await frame(caller, "现场办公", (Crumb("现场办公"),), lead="书记到现场，听建议、收难点、盯解决"),
        found=found.rows,
        names=await unit_names(caller, {row.unit for _, row in found.rows}),
        persons=await person_names(caller, {row.leader for _, row in found.rows}),
        titles=await titles(caller, [row.project for _, row in found.rows if row.project]),
        stages=VISIT_STAGES,
        counties=list(around.items()),
        county=county,
        records=any([await caller.may_at(VISITOR, code) for code in around]),
        next=found.next,
    )


@dataclass(frozen=True, slots=True)
class SeenVisit:
    """A visit as the store has it."""

    id: str
    row: VisitRow


async def _seen(caller: Caller, id: str) -> SeenVisit:
    """A visit within the caller's sight.

    Raises:
        NotFound("no_such_visit" | "no_such_thing").
    """
    async with caller.kit.database.driver() as connection:
        stream = await load(connection, StreamId(f"visit-{id}"))
    if stream.version == 0:
        raise NotFound("no_such_visit", None, {"id": id})
    row = reduce(evolve, stream.events, VisitRow())
    await caller.kit.authority.require_sight(caller.person, row.unit, caller.today)
    return SeenVisit(id, row)


@router.get("/{id}", openapi_extra=reads(Reads.SIGHT, "the visit's unit"))
async def visit(id: VisitId, done: Done = "", caller: Caller = Depends(caller)) -> HTMLResponse:
    """A visit with its suggestions and difficulties."""
    return await _visit(caller, await _seen(caller, id), Forms(), said(done))


@router.post(
    "/{id}", openapi_extra=reads(Reads.SIGHT, "the visit's unit", "each form by the rule of the command that it is")
)
async def told(request: Request, id: VisitId, caller: Caller = Depends(caller)) -> Response:
    """Record a suggestion or a difficulty of the visit, who sees to it, how it was solved."""
    posted = await posted_form(request, caller.kit)
    if posted.verb not in COMMANDS:
        raise BadRequest("malformed_form")
    await _seen(caller, id)
    form = replace(posted.form, fields=_with_name(posted, id))
    outcome = await give(caller.kit, caller.person, COMMANDS[posted.verb], form, id=id)

    async def again(form: Form) -> Response:
        return await _visit(caller, await _seen(caller, id), Forms(replace(form, fields=posted.form.fields)))

    return await answered(outcome, f"{HOME}/visits/{id}", again, posted.verb)


def _with_name(posted: Posted, visit: str) -> Fields:
    field = NAMES.get(posted.verb)
    given = posted.form.fields
    return {**given, field: named(field, visit, posted.form.key)} if field else given


async def _visit(caller: Caller, visit: SeenVisit, forms: Forms, done: str = "") -> HTMLResponse:
    row = visit.row
    unit = (await unit_names(caller, [row.unit])).get(row.unit, row.unit)
    leader = (await person_names(caller, [row.leader])).get(row.leader, row.leader)
    lines = by_need(row.difficulties)
    return rendered(
        caller,
        "desk_visit.html",
        page=await frame(
            caller,
            f"{unit}现场办公",
            (Crumb("现场办公", f"{HOME}/visits"), Crumb("本次")),
            unit=row.unit,
        ),
        id=visit.id,
        visit=row,
        unit=unit,
        leader=leader,
        stage=VISIT_STAGES[row.stage] if row.stage else "",
        title=(await titles(caller, [row.project])).get(row.project, "") if row.project else "",
        lines=lines,
        units=await unit_names(caller, {each.unit for each in lines.values() if each.unit}),
        may=await caller.may_at(VISIT_DESK, row.county),
        forms=forms,
        done=done,
    )
