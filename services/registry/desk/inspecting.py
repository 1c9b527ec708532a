"""The inspectors' desk (`/registry/desk/inspections`): what each running campaign's group has still to visit."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import HTMLResponse
from starlette.responses import Response

from services.registry.commands.campaigns import InspectUnit
from services.registry.desk.access import Caller, caller
from services.registry.desk.frame import HOME, frame, rendered, said, unit_names
from services.registry.desk.to_inspect import RunningGroup, running_groups, to_inspect
from services.registry.desk.work import FIRST, PAGE, At, Done, known
from services.registry.keyset import After, Paging
from services.registry.views import CAMPAIGNS, INSPECTIONS, PROJECTS
from shared.authority_table import Reads, reads
from shared.errors import BadRequest
from shared.web.forms import Form, Forms
from shared.web.pages import Crumb
from shared.web.posts import answered, give, posted_form

router = APIRouter(prefix=f"{HOME}/inspections", include_in_schema=False)

Chosen = Annotated[str, Query(max_length=140, pattern=r"^[^\x00]*$")]
"""A campaign and its group, with a blank between; empty for all."""
_MINE = "those of campaigns that the caller is a member of a group of, as an inspector"


@router.get("", openapi_extra=reads(Reads.SUBTREE, "the projects' owners and the townships", _MINE))
async def inspections(
    group: Chosen = "", after: After = "", at: At = "", done: Done = "", caller: Caller = Depends(caller)
) -> HTMLResponse:
    """What the caller's groups have still to visit, or with `group` a page of what that one has."""
    await known(caller, at, (PROJECTS, CAMPAIGNS, INSPECTIONS))
    return await _inspections(caller, group, after, Forms(), said(done))


@router.post(
    "",
    openapi_extra=reads(
        Reads.SUBTREE, "the projects' owners and the townships", "the form by the rule of the command that it is"
    ),
)
async def told(request: Request, caller: Caller = Depends(caller)) -> Response:
    """Record that a group inspected a unit."""
    posted = await posted_form(request, caller.kit)
    if posted.verb != InspectUnit.verb():
        raise BadRequest("malformed_form")
    outcome = await give(caller.kit, caller.person, InspectUnit, posted.form)

    async def again(form: Form) -> Response:
        return await _inspections(caller, "", "", Forms(form))

    return await answered(outcome, f"{HOME}/inspections", again, posted.verb)


async def _inspections(caller: Caller, chosen: str, after: str, forms: Forms, done: str = "") -> HTMLResponse:
    groups = await running_groups(caller)
    shown = [each for each in groups if each.key == chosen] or groups
    one = len(shown) == 1
    async with caller.kit.database.core() as connection:
        part = Paging(PAGE, after) if one else Paging(FIRST)
        found = [await to_inspect(connection, each, part) for each in shown]
    owners = {line.owner for each in found for line in each.projects}
    return rendered(
        caller,
        "desk_inspections.html",
        page=await frame(
            caller, "检查任务", (Crumb("检查任务"),), lead="您所在检查组本年度还没有去过的项目和乡镇，开工早的在前"
        ),
        found=found,
        names=await unit_names(caller, owners | {each.county for each in shown}),
        whole=one,
        forms=forms,
        recording={each.key: _form(forms, each) for each in shown},
        done=done,
    )


def _form(forms: Forms, group: RunningGroup) -> Form:
    fields = {"campaign": group.campaign, "group": group.group, "county": group.county}
    return forms.of(f"inspect-unit-{group.campaign}-{group.group}", fields)
