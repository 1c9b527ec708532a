"""Data requests (`/registry/desk/requests`): what counties have asked units for once, and what these answer."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Path, Query, Request
from fastapi.responses import HTMLResponse
from starlette.responses import Response

from services.registry.asking.burden import DataRequestState, UnitAnswer, data_requests
from services.registry.asking.views import DATA_ANSWERS, DATA_REQUESTS
from services.registry.commands.data_requests import AnswerDataRequest, WithdrawDataRequest
from services.registry.desk.access import Caller, caller
from services.registry.desk.counties import counties
from services.registry.desk.frame import HOME, frame, person_names, rendered, said, unit_names
from services.registry.desk.owners import answering_for
from services.registry.desk.work import PAGE, At, Done, known
from services.registry.rights import ASKER
from shared.authority_table import Reads, reads
from shared.contracts.values import UnitCode, Year
from shared.errors import BadRequest, NotFound
from shared.web.forms import NONE, Fields, Form, Forms, Posted, flat
from shared.web.pages import Crumb
from shared.web.posts import Given, Refused, answered, give, posted_form

router = APIRouter(prefix=f"{HOME}/requests", include_in_schema=False)

RequestId = Annotated[str, Path(pattern=r"^[0-9]{6}-20[0-9]{2}-[a-z0-9][a-z0-9_-]{0,63}$")]
Chosen = Annotated[UnitCode | Literal[""], Query()]
First = Annotated[int, Query(ge=0, le=1_000_000)]
"""How many lines of a request's answers come before the page."""
ANSWER, WITHDRAW = "answer-data", "withdraw-data"
_BOTH = "填了内容又选了“没有这项”，请留一个。"


def request_state(asked: DataRequestState, today: date) -> tuple[str, str]:
    """Where a data request stands, as a chip says it, and its colour."""
    missing = asked.units - asked.answered
    if asked.withdrawn:
        return "已撤回", ""
    if not missing:
        return "已答齐", "green"
    return (f"逾期待报 {missing} 个", "red") if asked.due < today else (f"待报 {missing} 个", "blue")


@router.get("", openapi_extra=reads(Reads.SUBTREE, "the units that were asked"))
async def requests(
    county: Chosen = "", year: Year | Literal[""] = "", at: At = "", caller: Caller = Depends(caller)
) -> HTMLResponse:
    """What was asked in a year of units within the caller's sight, perhaps by one county, the last request first."""
    await known(caller, at, (DATA_REQUESTS, DATA_ANSWERS))
    around = await counties(caller)
    year = year or caller.today.year
    async with caller.kit.database.core() as connection:
        found = await data_requests(connection, county or None, year, caller.seats.sight)
    asking = await unit_names(caller, {each.county for each in found} - around.keys())
    return rendered(
        caller,
        "desk_requests.html",
        page=await frame(
            caller, "资料征集", (Crumb("资料征集"),), lead="一项资料只要一次；平台已有的不再向下索要，每次写明用途"
        ),
        found=sorted(found, key=lambda each: each.asked_on, reverse=True),
        counties=[*around.items(), *sorted(asking.items())],
        county=county,
        year=year,
        years=range(caller.today.year, caller.today.year - 5, -1),
        asks=any([await caller.may_at(ASKER, code) for code in around]),
        state_of=request_state,
    )


async def _seen(caller: Caller, id: str) -> DataRequestState:
    """A request with the answers within the caller's sight.

    Raises:
        NotFound("no_such_request").
    """
    county, year, _ = id.split("-", 2)
    async with caller.kit.database.core() as connection:
        found = await data_requests(connection, county, int(year), caller.seats.sight)
    for each in found:
        if each.id == id:
            return each
    raise NotFound("no_such_request", None, {"id": id})


@router.get("/{id}", openapi_extra=reads(Reads.SUBTREE, "the units that were asked"))
async def request(
    id: RequestId,
    unit: Chosen = "",
    first: First = 0,
    at: At = "",
    done: Done = "",
    caller: Caller = Depends(caller),
) -> HTMLResponse:
    """A request with its items and answers, and the form of the unit that the caller answers for."""
    await known(caller, at, (DATA_REQUESTS, DATA_ANSWERS))
    return await _request(caller, await _seen(caller, id), unit, Forms(), first=first, done=said(done))


@router.post(
    "/{id}",
    openapi_extra=reads(Reads.SUBTREE, "the units that were asked", "each form by the rule of the command that it is"),
)
async def told(request: Request, id: RequestId, caller: Caller = Depends(caller)) -> Response:
    """Answer for a unit, or withdraw the request."""
    posted = await posted_form(request, caller.kit)
    asked = await _seen(caller, id)
    outcome = await _carried_out(caller, asked, posted)
    unit = posted.form.value("unit")

    async def again(form: Form) -> Response:
        return await _request(caller, asked, unit, Forms(replace(form, fields=posted.form.fields)))

    return await answered(outcome, f"{HOME}/requests/{id}", again, posted.verb)


async def _carried_out(caller: Caller, asked: DataRequestState, posted: Posted) -> Given | Refused:
    if posted.verb == WITHDRAW:
        form = replace(posted.form, fields={**posted.form.fields, "request": asked.request})
        year = asked.id.split("-")[1]
        return await give(caller.kit, caller.person, WithdrawDataRequest, form, id=f"{asked.county}-{year}")
    if posted.verb != ANSWER:
        raise BadRequest("malformed_form")
    twice = dict.fromkeys(_answered_twice(posted.form.fields), _BOTH)
    if twice:
        return Refused(replace(posted.form, errors=twice, refusal=_BOTH), 422)
    form = replace(posted.form, fields=completed(posted.form.fields))
    id = f"{asked.id}-{form.value('unit')}"
    return await give(caller.kit, caller.person, AnswerDataRequest, form, id=id)


def _answered_twice(fields: Fields) -> list[str]:
    ticked = [path.removesuffix(".none") for path in fields if path.endswith(".none")]
    return [f"{path}.value" for path in ticked if fields.get(f"{path}.value", "").strip()]


def completed(fields: Fields) -> Fields:
    """The answers as the command takes them: what a unit says that it does not have is null."""
    ticked = {path.removesuffix(".none") for path in fields if path.endswith(".none")}
    kept = {path: text for path, text in fields.items() if not path.endswith(".none")}
    return {**kept, **{f"{path}.value": NONE for path in ticked}}


def answer_fields(asked: DataRequestState, given: UnitAnswer) -> Fields:
    """What the form of a unit is filled in with: what it said last."""
    said = {answer.item: answer.value for answer in given.answers}
    rows = [
        {"item": item.id, "value": said.get(item.id), "none": "1" if said.get(item.id, "") is None else None}
        for item in asked.items
    ]
    return {"unit": given.unit, **flat({"answers": rows})}


@dataclass(frozen=True, slots=True)
class Answering:
    """The unit that the caller answers for, who its secretaries are, and the other units of the request."""

    unit: str
    name: str
    secretaries: Sequence[tuple[str, str]]
    given: UnitAnswer
    others: Sequence[tuple[str, str]]
    form: Form


async def _answering(caller: Caller, asked: DataRequestState, unit: str, forms: Forms) -> Answering | None:
    """The form of the chosen unit, else of the first that has not answered; None if the caller answers for none."""
    if asked.withdrawn or not caller.seats.owns:
        return None
    given = {each.unit: each for each in asked.answers}
    last = max(item.as_of for item in asked.items)
    own = [each for each in await answering_for(caller, last) if each.code in given]
    names = {each.code: each.name for each in own}
    if not own or (unit and unit not in names):
        return None
    chosen = unit or next((code for code in names if given[code].on is None), own[0].code)
    secretaries = [(each.secretary, each.secretary_name) for each in own if each.code == chosen]
    first = next((id for id, _ in secretaries if id == caller.person), secretaries[0][0])
    fields = {**answer_fields(asked, given[chosen]), "secretary": first}
    return Answering(chosen, names[chosen], secretaries, given[chosen], list(names.items()), forms.of("answer", fields))


async def _request(
    caller: Caller, asked: DataRequestState, unit: str, forms: Forms, *, first: int = 0, done: str = ""
) -> HTMLResponse:
    lines = sorted(asked.answers, key=lambda each: (each.on is not None, each.unit))
    shown = lines[first : first + PAGE]
    answering = await _answering(caller, asked, unit, forms)
    names = await unit_names(caller, {asked.county, *(each.unit for each in shown)})
    return rendered(
        caller,
        "desk_request.html",
        page=await frame(
            caller,
            asked.title,
            (Crumb("资料征集", f"{HOME}/requests"), Crumb("本项")),
            lead=f"资料征集　{names.get(asked.county, asked.county)}　{asked.asked_on} 登记，{asked.due} 前答复",
        ),
        asked=asked,
        state=request_state(asked, caller.today),
        lines=shown,
        given={each.unit: {answer.item: answer.value for answer in each.answers} for each in shown},
        names=names,
        persons=await person_names(caller, {each.by for each in shown if each.by}),
        answering=answering,
        withdraw=forms.of("withdraw") if not asked.withdrawn and await caller.may_at(ASKER, asked.county) else None,
        forms=forms,
        first=first,
        next=first + PAGE if len(lines) > first + PAGE else 0,
        done=done,
    )
