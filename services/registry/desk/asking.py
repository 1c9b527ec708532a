"""The form of a data request (`/registry/desk/requests/ask`): what for, which items, by when, which units."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse
from starlette.responses import Response

from services.registry.around.named import named
from services.registry.asking.held import ALWAYS_HELD
from services.registry.commands.data_requests import RequestData
from services.registry.desk.access import Caller, caller
from services.registry.desk.counties import counties, units_of
from services.registry.desk.frame import HOME, frame, rendered
from services.registry.rights import ASKER
from shared.authority_table import Reads, does, reads
from shared.contracts.divisions import Rank, rank_of
from shared.contracts.values import UnitCode
from shared.errors import Forbidden
from shared.web.forms import Fields, Form, Forms, changed_rows, compact, with_ids
from shared.web.pages import Crumb
from shared.web.posts import answered, give, posted_form

router = APIRouter(prefix=f"{HOME}/requests", include_in_schema=False)

IDS = ("id", "as_of", "unit_of_measure")
HEADS = {"items": "name"}
ROWS = 2
"""Items that the form has room for at first."""
TO: Mapping[str, tuple[str, Rank | None]] = {
    "townships": ("全部乡镇、街道", Rank.TOWNSHIP),
    "branches": ("全部村（社区）", Rank.BRANCH),
    "chosen": ("下面选定的单位", None),
}
"""To whom a request goes: all units of a rank, or those that are ticked."""


@dataclass(frozen=True, slots=True)
class Place:
    """A township with what lies below it, or a unit beside the townships, as they are ticked: codes and names."""

    code: str
    name: str
    below: Sequence[tuple[str, str]]


@router.get("/ask", openapi_extra=reads(Reads.SUBTREE, "the counties", "whose requests the caller may register"))
async def ask(county: UnitCode | Literal[""] = "", caller: Caller = Depends(caller)) -> HTMLResponse:
    """The form of a request of a county."""
    return await _asking(caller, county, Forms())


@router.post("", openapi_extra=does(ASKER))
async def asked(request: Request, caller: Caller = Depends(caller)) -> Response:
    """Register a request and put it to its units, or change the rows of its form."""
    posted = await posted_form(request, caller.kit)
    county = posted.form.value("county")
    if posted.rows:
        return await _asking(caller, county, Forms(changed_rows(posted.form, posted.rows, IDS, HEADS)))
    kept = replace(posted.form, fields=compact(posted.form.fields, IDS))
    fields = await completed(caller, kept)
    outcome = await give(
        caller.kit,
        caller.person,
        RequestData,
        replace(kept, fields=fields),
        id=f"{county}-{caller.today.year}",
    )

    async def again(form: Form) -> Response:
        return await _asking(caller, county, Forms(replace(form, fields=kept.fields, errors=beside_names(form.errors))))

    then = f"{HOME}/requests/{county}-{caller.today.year}-{fields['request']}"
    return await answered(outcome, then, again, "ask-data")


async def completed(caller: Caller, form: Form) -> Fields:
    """The command's fields: its name follows from the form's key, its units from whom the form says."""
    county = form.value("county")
    fields = {path: text for path, text in form.fields.items() if path != "to" and not path.startswith("units.")}
    _, rank = TO.get(form.value("to"), TO["chosen"])
    codes = ticked(form) if rank is None else [c for c, _ in await units_of(caller, county) if rank_of(c) is rank]
    fields |= {f"units.{n}": code for n, code in enumerate(codes)}
    return {**with_ids(fields, "items", "id", "i"), "request": named("request", county, form.key)}


def ticked(form: Form) -> list[str]:
    """The units that are ticked."""
    return [code for path, code in form.fields.items() if path.startswith("units.")]


def beside_names(errors: Fields) -> Fields:
    """The errors of whole items stand beside their names; those of units beside the choice of units."""
    found: dict[str, str] = {}
    for path, text in errors.items():
        match path.split("."):
            case ["items"]:
                found.setdefault("items.0.name", text)
            case ["items", number]:
                found.setdefault(f"items.{number}.name", text)
            case ["units", *_]:
                found.setdefault("units", text)
            case _:
                found.setdefault(path, text)
    return found


def with_days(form: Form, day: date) -> Form:
    """The form with a day in each row that it shows: that of the first row, at first today."""
    first = form.value("items.0.as_of") or day.isoformat()
    return replace(form, fields={**{f"items.{n}.as_of": first for n in range(form.rows("items", ROWS))}, **form.fields})


async def _asking(caller: Caller, county: str, forms: Forms) -> HTMLResponse:
    mine = {code: name for code, name in (await counties(caller)).items() if await caller.may_at(ASKER, code)}
    caller.require(mine.keys())
    chosen = county or (next(iter(mine)) if len(mine) == 1 else "")
    if chosen and chosen not in mine:
        raise Forbidden("not_your_desk")
    begun = {"county": chosen, "to": "townships"}
    form = with_days(forms.of("ask", begun), caller.today) if chosen else None
    return rendered(
        caller,
        "desk_asking.html",
        page=await frame(
            caller,
            "登记资料征集",
            (Crumb("资料征集", f"{HOME}/requests"), Crumb("登记")),
            unit=chosen or None,
            lead="写明要什么、做什么用；平台已有的和已经要过的不能再要",
        ),
        counties=[] if chosen else list(mine.items()),
        county=mine.get(chosen, ""),
        places=places(await units_of(caller, chosen), chosen) if chosen else [],
        ticked=ticked(form) if form else [],
        to=[(value, words) for value, (words, _) in TO.items()],
        held=ALWAYS_HELD,
        rows=form.rows("items", ROWS) if form else 0,
        form=form,
        forms=forms,
    )


def places(units: Sequence[tuple[str, str]], county: str) -> list[Place]:
    """A county's units as they are ticked: each township with those below it, and what lies beside the townships."""
    heads = {name for code, name in units if rank_of(code) is Rank.TOWNSHIP}
    below: dict[str, list[tuple[str, str]]] = {}
    found: list[Place] = []
    for code, name in units:
        parent, _, own = name.rpartition("\u3000")
        if rank_of(code) is Rank.TOWNSHIP:
            found.append(Place(code, name, below.setdefault(name, [])))
        elif rank_of(code) is Rank.BRANCH and parent in heads:
            below.setdefault(parent, []).append((code, own))
        elif code != county:
            found.append(Place(code, own, ()))
    return found
