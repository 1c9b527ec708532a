"""What recurs in a county (`/registry/desk/rhythm`): mutual checks drawn by lot, and the calendar of the year."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Literal

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.responses import Response

from services.registry.around.mutual import first_day
from services.registry.around.rhythm import RHYTHM
from services.registry.around.rhythm_api import state
from services.registry.around.rhythm_views import MUTUALS, ItemLine, MutualRow, PairLine
from services.registry.around.rhythm_views import RHYTHMS as CALENDARS
from services.registry.commands.rhythm import DrawMutualChecks, HoldMutualCheck, HoldRhythm, SetRhythm
from services.registry.desk.access import Caller, caller
from services.registry.desk.counties import counties
from services.registry.desk.frame import HOME, frame, rendered, said, unit_names
from services.registry.desk.owners import to_act_for
from services.registry.desk.words import RHYTHM_STATES, RHYTHMS
from services.registry.desk.work import At, Done, known
from services.registry.rights import CHECKING, COUNTY_DESK
from shared.authority_table import Reads, reads
from shared.command import Command
from shared.contracts.values import StreamId, UnitCode, Year
from shared.errors import BadRequest
from shared.rows import rows_where
from shared.store import load
from shared.web.forms import Fields, Form, Forms, changed_rows, compact, flat, with_ids
from shared.web.pages import Crumb
from shared.web.posts import answered, give, posted_form

router = APIRouter(prefix=f"{HOME}/rhythm", include_in_schema=False)

HOLD_CHECK, HOLD_ITEM = "hold-check", "hold-item"
COMMANDS: Mapping[str, type[Command]] = {
    DrawMutualChecks.verb(): DrawMutualChecks,
    HOLD_CHECK: HoldMutualCheck,
    HOLD_ITEM: HoldRhythm,
    SetRhythm.verb(): SetRhythm,
}
OF = {HOLD_CHECK: "quarter", HOLD_ITEM: "year"}
"""What, beside the county, names the stream of a command that is about one: a field that the command has not."""
IDS = ("id", "kind")
HEADS = {"items": "title"}


@dataclass(frozen=True, slots=True)
class Check:
    """A mutual check that was drawn: where it stands today, and whether the caller may record it, for one of whom."""

    pair: PairLine
    state: Literal["held", "due", "overdue"]
    may: bool
    for_whom: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True, slots=True)
class Drawn:
    """A quarter's lot with its checks; they are due by the quarter's last day."""

    row: MutualRow
    until: date
    checks: Sequence[Check]


@dataclass(frozen=True, slots=True)
class Item:
    """What the calendar has, and where it stands today."""

    line: ItemLine
    state: Literal["held", "due", "overdue"]


@router.get("", openapi_extra=reads(Reads.REACH, "the county"))
async def rhythm(
    county: UnitCode | None = None,
    year: Year | None = None,
    at: At = "",
    done: Done = "",
    caller: Caller = Depends(caller),
) -> Response:
    """A county's year: without a county that of the first one which the caller works in."""
    if county is None:
        mine = await counties(caller)
        caller.require(mine.keys())
        return RedirectResponse(f"{HOME}/rhythm?county={next(iter(mine))}", 303)
    await known(caller, at, (MUTUALS, CALENDARS))
    return await _rhythm(caller, county, year or caller.today.year, Forms(), said(done))


@router.post("", openapi_extra=reads(Reads.REACH, "the county", "each form by the rule of the command that it is"))
async def told(
    request: Request, county: UnitCode, year: Year | None = None, caller: Caller = Depends(caller)
) -> Response:
    """Draw the lot, record that a check or what was due was held, set the calendar or change the form's rows."""
    posted = await posted_form(request, caller.kit)
    year = year or caller.today.year
    if posted.rows:
        return await _rhythm(caller, county, year, Forms(changed_rows(posted.form, posted.rows, IDS, HEADS)))
    if posted.verb not in COMMANDS:
        raise BadRequest("malformed_form")
    await caller.kit.authority.require_reach(caller.person, county, caller.today)
    fields, id = _completed(posted.verb, posted.form.fields, county)
    outcome = await give(caller.kit, caller.person, COMMANDS[posted.verb], replace(posted.form, fields=fields), id=id)

    async def again(form: Form) -> Response:
        kept = form if posted.verb == SetRhythm.verb() else replace(form, fields=posted.form.fields)
        return await _rhythm(caller, county, year, Forms(kept))

    return await answered(outcome, f"{HOME}/rhythm?county={county}&year={year}", again, posted.verb)


def _completed(verb: str, fields: Fields, county: str) -> tuple[Fields, str | None]:
    """The command's fields, and the id of the stream that it is about; None if the command itself names it."""
    if verb in OF:
        rest = {name: value for name, value in fields.items() if name != OF[verb]}
        return rest, f"{county}-{fields.get(OF[verb], '')}"
    if verb == SetRhythm.verb():
        return {**with_ids(compact(fields, IDS), "items", "id", "r"), "county": county}, None
    return {**fields, "county": county}, None


def quarter_of(day: date) -> str:
    """The quarter that a day lies in."""
    return f"{day.year}-Q{(day.month + 2) // 3}"


def last_day(quarter: str) -> date:
    """The day with which a quarter ends."""
    year, number = int(quarter[:4]), int(quarter[-1])
    return first_day(f"{year + number // 4}-Q{number % 4 + 1}") - timedelta(days=1)


async def _rhythm(caller: Caller, county: str, year: int, forms: Forms, done: str = "") -> HTMLResponse:
    await caller.kit.authority.require_reach(caller.person, county, caller.today)
    today, at_desk = caller.today, await caller.may_at(COUNTY_DESK, county)
    async with caller.kit.database.driver() as connection:
        lots = await rows_where(connection, MUTUALS, "county = $1 order by quarter desc", county)
        calendars = await rows_where(connection, CALENDARS, "county = $1 and year = $2", county, year)
        stream = await load(connection, StreamId(f"{RHYTHM.category}-{county}-{year}"))
    lines = [line for _, row in calendars for line in row.items]
    items = [Item(line, state(line.due, line.held_on, today)) for line in lines]
    drawn = [await _drawn(caller, row) for _, row in lots if row.quarter[:4] == str(year)]
    every = [each.state for each in (*items, *(check for lot in drawn for check in lot.checks))]
    quarter = quarter_of(today)
    asked = at_desk and year == today.year and quarter not in {lot.row.quarter for lot in drawn}
    here = (await unit_names(caller, [county])).get(county, county)
    stands = RHYTHM.of(stream.events).calendar
    kept = [
        {"id": each.id, "kind": each.kind, "title": each.title, "due": each.due}
        for each in (stands.items if stands else ())
    ]
    set_now = {"year": str(year), **flat({"items": kept})}
    calendar = forms.of("set", set_now, version=stream.version) if at_desk else None
    return rendered(
        caller,
        "desk_rhythm.html",
        page=await frame(
            caller,
            "互查与日历",
            (Crumb("互查与日历"),),
            lead=f"{here}　{year}年，每季互查，全年按日历办",
        ),
        county=county,
        year=year,
        years=range(today.year + 1, today.year - 4, -1),
        counties=list((await counties(caller)).items()),
        numbers={word: every.count(each) for each, (word, _) in RHYTHM_STATES.items()},
        items=items,
        lots=drawn,
        names=await unit_names(
            caller, {unit for lot in drawn for each in lot.checks for unit in (each.pair.checking, each.pair.checked)}
        ),
        draw=forms.of("draw", {"quarter": quarter}) if asked else None,
        quarter=quarter,
        calendar=calendar,
        revised=calendar is not None and calendar.fields != set_now,
        at_desk=at_desk,
        kinds=[(each.value, word) for each, word in RHYTHMS.items()],
        kind_words=RHYTHMS,
        states=RHYTHM_STATES,
        forms=forms,
        done=done,
    )


async def _drawn(caller: Caller, row: MutualRow) -> Drawn:
    until = last_day(row.quarter)
    checks: list[Check] = []
    for pair in row.pairs:
        may = pair.held_on is None and await caller.may_at(CHECKING, pair.checking)
        for_whom = await to_act_for(caller, CHECKING, pair.checking) if may else ()
        checks.append(Check(pair, state(until, pair.held_on, caller.today), may, for_whom))
    return Drawn(row, until, checks)
