"""The open difficulties (`/registry/desk/difficulties`) of visits and projects, and those of one project."""

from collections.abc import Iterable, Mapping
from functools import reduce
from typing import Any, Literal

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse
from starlette.responses import Response

from services.registry.around.difficulties import open_difficulties
from services.registry.around.visit_views import VISITS, DifficultyLine, with_difficulty
from services.registry.commands.visits import SolveProjectDifficulty, TakeOnProjectDifficulty
from services.registry.desk.access import Caller, Seen, caller, seen
from services.registry.desk.counties import counties, titles
from services.registry.desk.frame import HOME, frame, rendered, said, unit_names
from services.registry.desk.owners import to_act_for
from services.registry.desk.words import stage_word
from services.registry.desk.work import PAGE, At, Done, known
from services.registry.keyset import After, Paging
from services.registry.rights import HELPER
from services.registry.views import PROJECTS
from shared.authority_table import Reads, reads
from shared.command import Command
from shared.contracts.event import Event
from shared.contracts.values import ProjectId, UnitCode
from shared.contracts.visits import DifficultyRaised, DifficultySolved, DifficultyTakenOn
from shared.errors import BadRequest
from shared.web.forms import Form, Forms
from shared.web.pages import Crumb
from shared.web.posts import answered, give, posted_form

router = APIRouter(prefix=f"{HOME}/difficulties", include_in_schema=False)

COMMANDS: Mapping[str, type[Command]] = {
    each.verb(): each for each in (TakeOnProjectDifficulty, SolveProjectDifficulty)
}


@router.get("", openapi_extra=reads(Reads.SUBTREE, "the visits' units and the projects' owners"))
async def difficulties(
    county: UnitCode | Literal[""] = "", after: After = "", at: At = "", caller: Caller = Depends(caller)
) -> HTMLResponse:
    """The difficulties within the caller's sight that are not solved, the oldest first."""
    await known(caller, at, (VISITS, PROJECTS))
    async with caller.kit.database.core() as connection:
        found = await open_difficulties(connection, caller.seats.sight, county or None, Paging(PAGE, after))
    return rendered(
        caller,
        "desk_difficulties.html",
        page=await frame(
            caller,
            "待解决的难点",
            (Crumb("现场办公", f"{HOME}/visits"), Crumb("待解决的难点")),
            lead="现场办公收集的和报送中求助的，提出最早的在前",
        ),
        found=found.rows,
        names=await unit_names(caller, {each.unit for each in found.rows}),
        titles=await titles(caller, [each.id for each in found.rows if each.of == "project"]),
        counties=list((await counties(caller)).items()),
        county=county,
        next=found.next,
    )


@router.get("/{id}", openapi_extra=reads(Reads.SIGHT, "the project's owner"))
async def of_project(id: ProjectId, done: Done = "", caller: Caller = Depends(caller)) -> HTMLResponse:
    """The difficulties that a project's reports have asked for help with."""
    return await _difficulties(caller, await seen(caller, id), Forms(), said(done))


@router.post(
    "/{id}", openapi_extra=reads(Reads.SIGHT, "the project's owner", "each form by the rule of the command that it is")
)
async def told(request: Request, id: ProjectId, caller: Caller = Depends(caller)) -> Response:
    """Say who sees to a difficulty, or how it was solved."""
    posted = await posted_form(request, caller.kit)
    if posted.verb not in COMMANDS:
        raise BadRequest("malformed_form")
    await seen(caller, id)
    outcome = await give(caller.kit, caller.person, COMMANDS[posted.verb], posted.form, id=id)

    async def again(form: Form) -> Response:
        return await _difficulties(caller, await seen(caller, id), Forms(form))

    return await answered(outcome, f"{HOME}/difficulties/{id}", again, posted.verb)


async def _difficulties(caller: Caller, project: Seen, forms: Forms, done: str = "") -> HTMLResponse:
    state = project.state
    owner = (await unit_names(caller, [state.proposed.owner])).get(state.proposed.owner, state.proposed.owner)
    lines = lines_of(project.events)
    return rendered(
        caller,
        "desk_difficulty.html",
        page=await frame(
            caller,
            state.proposed.title,
            (
                Crumb("现场办公", f"{HOME}/visits"),
                Crumb("待解决的难点", f"{HOME}/difficulties"),
                Crumb("本项目"),
            ),
            unit=state.proposed.owner,
            lead=f"难点与求助　{owner}　{stage_word(state.stage)}",
        ),
        id=project.id,
        lines=by_need(lines),
        units=await unit_names(caller, {each.unit for each in lines.values() if each.unit}),
        may=await caller.may(HELPER, state),
        for_whom=await to_act_for(caller, HELPER, state.proposed.owner),
        forms=forms,
        done=done,
    )


def lines_of(events: Iterable[Event[Any]]) -> dict[str, DifficultyLine]:
    """The difficulties that a stream's events tell of, each as its line in the views."""
    return reduce(_told, events, {})


def _told(lines: dict[str, DifficultyLine], event: Event[Any]) -> dict[str, DifficultyLine]:
    match event.data:
        case DifficultyRaised() | DifficultyTakenOn() | DifficultySolved() as e:
            return with_difficulty(lines, e, event.effective)
        case _:
            return lines


def by_need(lines: Mapping[str, DifficultyLine]) -> dict[str, DifficultyLine]:
    """The open difficulties by the day up to which they are seen to, those without one last; then the solved."""

    def need(item: tuple[str, DifficultyLine]) -> tuple[bool, bool, str, str]:
        line = item[1]
        return line.solved_on is not None, line.until is None, str(line.until or ""), str(line.raised_on)

    return dict(sorted(lines.items(), key=need))
