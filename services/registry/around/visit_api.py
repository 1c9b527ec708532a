"""What the registry answers about site visits, and about the difficulties of visits and projects."""

from datetime import date
from typing import Annotated

from fastapi import Depends, Path
from pydantic import BaseModel

from services.registry.around.difficulties import OpenDifficulty, open_difficulties
from services.registry.around.visit_views import VISITS, DifficultyLine, SuggestionLine
from services.registry.keyset import After, Paging, Part
from services.registry.sight import Limit, Listing, listing, queries
from services.registry.views import PROJECTS
from shared.auth import Principal, principal
from shared.authority_table import Reads, reads
from shared.contracts.values import PROJECT_ID, UnitCode
from shared.contracts.visits import VisitStage
from shared.errors import NotFound
from shared.kit import AtLeastHeader, Kit, kit
from shared.rows import row_of

router = queries()

VisitId = Annotated[str, Path(pattern=PROJECT_ID)]


class VisitLine(BaseModel):
    """A visit with its suggestions and difficulties, by their slugs."""

    id: str
    leader: str
    stage: VisitStage
    unit: str
    county: str
    project: str | None
    held_on: date
    note: str
    suggestions: dict[str, SuggestionLine]
    difficulties: dict[str, DifficultyLine]
    open_difficulties: int


@router.get("/visits", openapi_extra=reads(Reads.SUBTREE, "the visits' units"))
async def visits(held_on: date | None = None, asked: Listing = Depends(listing)) -> Part[VisitLine]:
    """Site visits in the caller's subtree, the latest first."""
    return await asked.lines(VisitLine, VISITS, latest="held_on", held_on=held_on)


@router.get("/visits/{id}", openapi_extra=reads(Reads.SIGHT, "the visit's unit"))
async def visit(
    id: VisitId, at_least: AtLeastHeader = None, kit: Kit = Depends(kit), who: Principal = Depends(principal)
) -> VisitLine:
    """One visit."""
    await kit.at_least(at_least, (VISITS,))
    async with kit.database.driver() as connection:
        row = await row_of(connection, VISITS, f"visit-{id}")
    if row is None or row.stage is None:
        raise NotFound("no_such_visit", None, {"id": id})
    await kit.authority.require_sight(who.person, row.unit, await kit.moments.today())
    return VisitLine.model_validate({"id": id, **vars(row)})


@router.get("/difficulties", openapi_extra=reads(Reads.SUBTREE, "the visits' units and the projects' owners"))
async def difficulties(
    county: UnitCode | None = None,
    limit: Limit = 50,
    after: After = "",
    at_least: AtLeastHeader = None,
    kit: Kit = Depends(kit),
    who: Principal = Depends(principal),
) -> Part[OpenDifficulty]:
    """The difficulties of visits and projects in the caller's subtree that are not solved, the oldest first."""
    await kit.at_least(at_least, (VISITS, PROJECTS))
    roots = await kit.authority.visible_units(who.person, await kit.moments.today())
    async with kit.database.core() as connection:
        found = await open_difficulties(connection, roots, county, Paging(limit, after))
    return Part(items=found.rows, next=found.next)
