"""What a unit has to show (`/registry/desk/records`): cases, brands, honours, labels, metrics, seen and recorded."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from sqlalchemy import select
from starlette.responses import Response

from services.registry.around import record_views
from services.registry.around.unit_metric import DEFINED_AT
from services.registry.commands.campaigns import RecogniseBrand
from services.registry.commands.cases import PublishCase, SelectCase
from services.registry.commands.honours import LabelUnit, RecordHonour
from services.registry.commands.unit_metrics import CorrectMetric, DefineMetric, RecordMetric
from services.registry.desk.access import Caller, caller
from services.registry.desk.counties import counties, projects_of, titles, units_of
from services.registry.desk.frame import HOME, frame, rendered, said, unit_names
from services.registry.desk.owners import county_of
from services.registry.desk.shown import shown
from services.registry.desk.words import COLUMNS, HONOURS, LEVELS
from services.registry.desk.work import At, Done, known
from services.registry.rights import CATALOGUER, MEASURER, REVIEWER_NAMED
from shared.authority import subtree
from shared.authority_table import Reads, reads
from shared.command import Command
from shared.contracts.divisions import rank_of
from shared.contracts.values import UnitCode
from shared.errors import BadRequest
from shared.web.forms import Fields, Form, Forms
from shared.web.pages import Crumb
from shared.web.posts import answered, give, posted_form

router = APIRouter(prefix=f"{HOME}/records", include_in_schema=False)

PUBLISH = "publish-case"
OF_COUNTY: Mapping[str, type[Command]] = {
    "select-case": SelectCase,
    "recognise-brand": RecogniseBrand,
    "record-honour": RecordHonour,
    "label-unit": LabelUnit,
}
"""What the unit's county records."""
OF_UNIT: Mapping[str, type[Command]] = {
    "define-metric": DefineMetric,
    "record-metric": RecordMetric,
    "correct-metric": CorrectMetric,
}
COMMANDS: Mapping[str, type[Command]] = {**OF_COUNTY, **OF_UNIT, PUBLISH: PublishCase}


@dataclass(frozen=True, slots=True)
class Rights:
    """Whether the caller records what the county gives, measures the unit, and keeps its catalogue."""

    records: bool
    measures: bool
    defines: bool


@router.get("", openapi_extra=reads(Reads.SUBTREE, "the units that are chosen from"))
async def choose(
    county: UnitCode | Literal[""] = "", unit: UnitCode | Literal[""] = "", caller: Caller = Depends(caller)
) -> Response:
    """To the unit that was chosen, or to the caller's own one; else the choice of one."""
    own = min(caller.seats.secretary, default="") if not county else ""
    if unit or own:
        return RedirectResponse(f"{HOME}/records/{unit or own}", 303)
    around = await counties(caller)
    caller.require(around.keys())
    chosen = county if county in around else next(iter(around)) if len(around) == 1 else ""
    return rendered(
        caller,
        "desk_records_unit.html",
        page=await frame(caller, "成果与指标", (Crumb("成果与指标"),), lead="一个单位的案例、品牌、荣誉、称号和指标"),
        counties=[] if chosen else list(around.items()),
        county=chosen,
        units=await _within_sight(caller, chosen) if chosen else [],
    )


async def _within_sight(caller: Caller, county: str) -> list[tuple[str, str]]:
    units = await units_of(caller, county)
    mine = subtree(caller.seats.sight)
    async with caller.kit.database.core() as connection:
        seen = set(await connection.scalars(select(mine.c.code).where(mine.c.code.in_([code for code, _ in units]))))
    return [(code, name) for code, name in units if code in seen]


@router.get("/{unit}", openapi_extra=reads(Reads.SIGHT, "the unit"))
async def records(unit: UnitCode, at: At = "", done: Done = "", caller: Caller = Depends(caller)) -> HTMLResponse:
    """What a unit has to show."""
    await known(caller, at, record_views.VIEWS)
    return await _records(caller, unit, Forms(), said(done))


@router.post("/{unit}", openapi_extra=reads(Reads.SIGHT, "the unit", "each form by the rule of the command that it is"))
async def told(request: Request, unit: UnitCode, caller: Caller = Depends(caller)) -> Response:
    """Record what a unit was given or what was measured of it, publish a case, define a metric."""
    posted = await posted_form(request, caller.kit)
    if posted.verb not in COMMANDS:
        raise BadRequest("malformed_form")
    await caller.kit.authority.require_sight(caller.person, unit, caller.today)
    fields, id = await _completed(caller, posted.verb, posted.form.fields, unit)
    outcome = await give(caller.kit, caller.person, COMMANDS[posted.verb], replace(posted.form, fields=fields), id=id)

    async def again(form: Form) -> Response:
        return await _records(caller, unit, Forms(replace(form, fields=posted.form.fields)))

    return await answered(outcome, f"{HOME}/records/{unit}", again, posted.verb)


async def _completed(caller: Caller, verb: str, fields: Fields, unit: str) -> tuple[Fields, str | None]:
    """The command's fields, and the id of the stream that it is about; None if the command itself names it."""
    if verb == PUBLISH:
        return {name: text for name, text in fields.items() if name != "case"}, fields.get("case", "")
    county = {"county": await county_of(caller, unit) or ""} if verb in OF_COUNTY else {}
    return {**fields, "unit": unit, **county}, None


async def _rights(caller: Caller, unit: str, county: str | None) -> Rights:
    return Rights(
        county is not None and await caller.may_at(REVIEWER_NAMED, county),
        county is not None and await caller.may_at(MEASURER, unit),
        rank_of(unit) in DEFINED_AT and await caller.may_at(CATALOGUER, unit),
    )


async def _records(caller: Caller, unit: str, forms: Forms, done: str = "") -> HTMLResponse:
    await caller.kit.authority.require_sight(caller.person, unit, caller.today)
    has, county = await shown(caller, unit), await county_of(caller, unit)
    may = await _rights(caller, unit, county)
    name = (await unit_names(caller, [unit])).get(unit, unit)
    projects = await projects_of(caller, unit) if may.records else []
    of = [row.project for _, row in has.cases if row.project] + [row.project for row in has.brands if row.project]
    return rendered(
        caller,
        "desk_records.html",
        page=await frame(
            caller,
            name,
            (Crumb("成果与指标", f"{HOME}/records?county={county or ''}"), Crumb("本单位")),
            unit=unit,
            lead="成果与指标　案例、品牌、荣誉、称号，和按日记下的指标值",
        ),
        unit=unit,
        has=has,
        may=may,
        titles=await titles(caller, of),
        projects=[("", "不针对某个项目"), *projects],
        columns_of_cases=COLUMNS,
        kinds=HONOURS,
        levels=LEVELS,
        metrics=[(id, f"{row.name}（{row.measure}）") for id, row in has.catalogue.items()],
        forms=forms,
        done=done,
    )
