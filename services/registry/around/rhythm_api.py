"""What the registry answers about what recurs in a county, to everybody who works there, above or below."""

from collections.abc import Sequence
from datetime import date
from typing import Literal

from fastapi import Depends
from pydantic import BaseModel

from services.registry.around.rhythm_views import MUTUALS, RHYTHMS, PairLine
from services.registry.sight import queries
from shared.auth import Principal, principal
from shared.authority_table import Reads, reads
from shared.contracts.rhythm import RhythmKind
from shared.contracts.values import UnitCode, Year
from shared.kit import AtLeastHeader, Kit, kit
from shared.rows import rows_where

router = queries()


class MutualLine(BaseModel):
    """The mutual checks of a quarter, with the seed from which anybody can draw them again."""

    id: str
    county: str
    quarter: str
    seed: str
    drawn_on: date
    pairs: Sequence[PairLine]


class DueItem(BaseModel):
    """What is due by the end of a day, and where it stands today."""

    id: str
    kind: RhythmKind
    title: str
    due: date
    state: Literal["held", "due", "overdue"]
    held_on: date | None
    note: str
    link: str


class RhythmLine(BaseModel):
    """The calendar of a county and year, in the order of what is due."""

    county: str
    year: int
    items: list[DueItem]


@router.get("/mutual-checks", openapi_extra=reads(Reads.REACH, "the county"))
async def mutual_checks(
    county: UnitCode, at_least: AtLeastHeader = None, kit: Kit = Depends(kit), who: Principal = Depends(principal)
) -> list[MutualLine]:
    """The mutual checks of a county, the last quarter first."""
    await kit.at_least(at_least, (MUTUALS,))
    await kit.authority.require_reach(who.person, county, await kit.moments.today())
    async with kit.database.driver() as connection:
        rows = await rows_where(connection, MUTUALS, "county = $1 order by quarter desc", county)
    return [MutualLine.model_validate({"id": key.partition("-")[2], **vars(row)}) for key, row in rows]


@router.get("/rhythms", openapi_extra=reads(Reads.REACH, "the county"))
async def rhythms(
    county: UnitCode,
    year: Year | None = None,
    at_least: AtLeastHeader = None,
    kit: Kit = Depends(kit),
    who: Principal = Depends(principal),
) -> list[RhythmLine]:
    """The calendars of a county, the last year's first: what was held, what is due, what is overdue today."""
    await kit.at_least(at_least, (RHYTHMS,))
    today = await kit.moments.today()
    await kit.authority.require_reach(who.person, county, today)
    wanted = "county = $1 and ($2::int is null or year = $2) order by year desc"
    async with kit.database.driver() as connection:
        rows = await rows_where(connection, RHYTHMS, wanted, county, year)
    return [
        RhythmLine(
            county=row.county,
            year=row.year,
            items=[
                DueItem.model_validate({**vars(item), "state": state(item.due, item.held_on, today)})
                for item in row.items
            ],
        )
        for _, row in rows
    ]


def state(due: date, held_on: date | None, today: date) -> Literal["held", "due", "overdue"]:
    """Where an item stands: what is due by a day is overdue from the next one on."""
    if held_on is not None:
        return "held"
    return "due" if today <= due else "overdue"
