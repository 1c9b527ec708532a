"""`POST /registry/days/begin`: in scenario time the scenario tells when a day begins."""

from dataclasses import replace

from fastapi import APIRouter, Depends, Request

from services.registry.commands.reference import BeginDay
from services.registry.rights import ADMIN_ANYWHERE
from shared import problems
from shared.auth import Principal, principal
from shared.authority_table import does
from shared.contracts.event import source_of
from shared.days import begin_day
from shared.errors import require
from shared.http import parse, read_body
from shared.kit import Kit, kit
from shared.rights import NATION
from shared.settings import ClockMode

router = APIRouter(prefix="/registry", tags=["days"])


@router.post(
    BeginDay.route,
    status_code=204,
    name=BeginDay.verb(),
    responses=problems.RESPONSES,
    openapi_extra={
        "requestBody": {"required": True, "content": {"application/json": {"schema": BeginDay.model_json_schema()}}},
        **does(replace(ADMIN_ANYWHERE, besides="in scenario time alone")),
    },
)
async def begin(request: Request, kit: Kit = Depends(kit), who: Principal = Depends(principal)) -> None:
    """Begin a day, and before it each one since the last; the last one again changes nothing."""
    command = parse(BeginDay, await read_body(request, kit.settings.body_limit))
    await kit.authority.grant(who.person, ADMIN_ANYWHERE, NATION, await kit.moments.today())
    require(kit.settings.clock is ClockMode.SCENARIO, "no_scenario_time")
    async with kit.database.keyed() as connection:
        await begin_day(connection, command.day, source_of(kit.service.name), who.person)
    kit.appender.appended()
