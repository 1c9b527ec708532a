"""The burden ledger (`/registry/desk/requests/burden`): what each township was asked for in a month."""

from collections.abc import Mapping
from typing import Literal

from fastapi import APIRouter, Depends
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.responses import Response

from services.registry.asking.burden import burden
from services.registry.desk.access import Caller, caller
from services.registry.desk.counties import counties
from services.registry.desk.frame import HOME, frame, rendered
from services.registry.desk.month import months_back
from shared.authority_table import Reads, reads
from shared.contracts.months import month_of
from shared.contracts.values import Month, UnitCode
from shared.errors import NotFound
from shared.web.pages import Crumb

router = APIRouter(prefix=f"{HOME}/requests", include_in_schema=False)

MONTHS = 12


@router.get("/burden", openapi_extra=reads(Reads.SUBTREE, "the townships"))
async def ledger(
    county: UnitCode | Literal[""] = "", month: Month | Literal[""] = "", caller: Caller = Depends(caller)
) -> Response:
    """What each township of a county within the caller's sight was asked for in a month, the most asked first."""
    around = await counties(caller)
    caller.require(around.keys())
    if not county:
        return RedirectResponse(f"{HOME}/requests/burden?county={next(iter(around))}", 303)
    if county not in around:
        raise NotFound("no_such_thing")
    return await _ledger(caller, county, month or month_of(caller.today), around)


async def _ledger(caller: Caller, county: str, month: Month, around: Mapping[str, str]) -> HTMLResponse:
    async with caller.kit.database.core() as connection:
        lines = await burden(connection, county, month, caller.seats.sight)
    return rendered(
        caller,
        "desk_burden.html",
        page=await frame(
            caller,
            "负担台账",
            (Crumb("资料征集", f"{HOME}/requests"), Crumb("负担台账")),
            lead=f"{around[county]}　{month[:4]}年{int(month[5:])}月向各乡镇要了什么；平台自己统计，不要下面报",
        ),
        lines=lines,
        numbers={
            "要过材料的乡镇（个）": sum(1 for line in lines if line.requests),
            "要的数据项（个）": sum(line.items for line in lines),
            "每月报送（件）": sum(line.reports for line in lines),
        },
        county=county,
        counties=list(around.items()),
        month=month,
        months=months_back(caller.today, MONTHS),
    )
