"""The lists of what is around projects as spreadsheets, with the filters of the list and within the caller's sight."""

from collections.abc import Callable, Sequence
from typing import Protocol, TypeVar

from fastapi import Depends, Response

from services.registry import exporting_around as lists
from services.registry.around.difficulties import open_difficulties
from services.registry.around.record_views import BRANDS, CASES, HONOURS, LABELS, MEASURES, METRICS
from services.registry.around.rhythm_views import MUTUALS, RHYTHMS
from services.registry.around.visit_views import VISITS
from services.registry.asking import burden
from services.registry.exporting import ROWS, Exported, Names
from services.registry.giving_out import Taking, taking, taking_all, taking_in_county, taking_of_county, workbooks
from services.registry.keyset import Paging
from shared.authority_table import Reads, reads
from shared.contracts.values import Month, Year
from shared.rows import rows_where
from shared.view import View

router = workbooks()


class Recorded(Protocol):
    """What a county records of a unit."""

    @property
    def county(self) -> str: ...
    @property
    def unit(self) -> str: ...


R = TypeVar("R", bound=Recorded)


@router.get("/visits.xlsx", openapi_extra=reads(Reads.SUBTREE, "the visits' units"))
async def visits(asked: Taking = Depends(taking)) -> Response:
    """Site visits in the caller's subtree, the latest first."""
    rows = await asked.rows(VISITS, latest="held_on")
    names = await asked.names([code for _, row in rows for code in (row.county, row.unit)], [r.leader for _, r in rows])
    return await asked.given(lists.visits(rows[:ROWS], names), more=len(rows) > ROWS)


@router.get("/difficulties.xlsx", openapi_extra=reads(Reads.SUBTREE, "the projects' owners"))
async def difficulties(asked: Taking = Depends(taking_in_county)) -> Response:
    """The difficulties of visits and projects in the caller's subtree that are not solved, the oldest first."""
    roots = await asked.roots()
    async with asked.kit.database.core() as connection:
        found = (await open_difficulties(connection, roots, asked.county, Paging(ROWS + 1))).rows
    units = [code for each in found for code in (each.county, each.unit, each.line.unit)]
    names = await asked.names(units, [each.line.person for each in found])
    return await asked.given(lists.difficulties(found[:ROWS], names), more=len(found) > ROWS)


@router.get("/cases.xlsx", openapi_extra=reads(Reads.SUBTREE, "the cases' units"))
async def cases(asked: Taking = Depends(taking)) -> Response:
    """Cases of units in the caller's subtree, the last selected first."""
    return await _of_units(asked, CASES, lists.cases, latest="selected_on")


@router.get("/brands.xlsx", openapi_extra=reads(Reads.SUBTREE, "the brands' units"))
async def brands(asked: Taking = Depends(taking)) -> Response:
    """Brands of units in the caller's subtree, the last recognised first."""
    return await _of_units(asked, BRANDS, lists.brands, latest="recognised_on")


@router.get("/honours.xlsx", openapi_extra=reads(Reads.SUBTREE, "the honours' units"))
async def honours(asked: Taking = Depends(taking)) -> Response:
    """Honours of units in the caller's subtree, the latest first."""
    return await _of_units(asked, HONOURS, lists.honours, latest="day")


@router.get("/labels.xlsx", openapi_extra=reads(Reads.SUBTREE, "the labels' units"))
async def labels(asked: Taking = Depends(taking)) -> Response:
    """Labels of units in the caller's subtree, the latest first."""
    return await _of_units(asked, LABELS, lists.labels, latest="since")


@router.get("/measures.xlsx", openapi_extra=reads(Reads.SUBTREE, "the measured units"))
async def measures(asked: Taking = Depends(taking)) -> Response:
    """What was measured of units in the caller's subtree, by unit."""
    rows = await asked.rows(MEASURES, latest="unit")
    async with asked.kit.database.driver() as connection:
        catalogues = await rows_where(connection, METRICS, "unit <> ''")
    names = await asked.names([code for _, row in rows for code in (row.county, row.unit)])
    return await asked.given(lists.measures(rows[:ROWS], [row for _, row in catalogues], names), more=len(rows) > ROWS)


@router.get("/metrics.xlsx", openapi_extra=reads(Reads.SIGNED_IN, "the catalogues of all units"))
async def metrics(asked: Taking = Depends(taking_all)) -> Response:
    """The catalogues of metrics."""
    async with asked.kit.database.driver() as connection:
        rows = await rows_where(connection, METRICS, "unit <> '' order by unit, metric limit $1", ROWS + 1)
    found = [row for _, row in rows]
    names = await asked.names([row.unit for row in found])
    return await asked.given(lists.metrics(found[:ROWS], names), more=len(found) > ROWS)


@router.get("/rhythms.xlsx", openapi_extra=reads(Reads.REACH, "the county"))
async def rhythms(year: Year | None = None, asked: Taking = Depends(taking_of_county)) -> Response:
    """The calendars of a county, the last year's first: what was held, what is due, what is overdue today."""
    today = await asked.kit.moments.today()
    county = await _reached(asked)
    wanted = "county = $1 and ($2::int is null or year = $2) order by year desc"
    async with asked.kit.database.driver() as connection:
        rows = await rows_where(connection, RHYTHMS, wanted, county, year)
    return await asked.given(lists.rhythms([row for _, row in rows], today))


@router.get("/mutual-checks.xlsx", openapi_extra=reads(Reads.REACH, "the county"))
async def mutual_checks(asked: Taking = Depends(taking_of_county)) -> Response:
    """The mutual checks of a county, the last quarter first."""
    county = await _reached(asked)
    async with asked.kit.database.driver() as connection:
        rows = await rows_where(connection, MUTUALS, "county = $1 order by quarter desc", county)
    units = [code for _, row in rows for pair in row.pairs for code in (pair.checking, pair.checked)]
    return await asked.given(lists.mutual_checks([row for _, row in rows], await asked.names(units)))


@router.get("/data-requests.xlsx", openapi_extra=reads(Reads.SUBTREE, "the units that were asked"))
async def data_requests(year: Year, asked: Taking = Depends(taking_of_county)) -> Response:
    """What a county asked units in the caller's subtree for in a year, and what these answered."""
    roots = await asked.roots()
    async with asked.kit.database.core() as connection:
        found = await burden.data_requests(connection, asked.county or "", year, roots)
    names = await asked.names([answer.unit for each in found for answer in each.answers])
    return await asked.given(lists.data_requests(found, names))


@router.get("/burden.xlsx", openapi_extra=reads(Reads.SUBTREE, "the townships"))
async def burden_ledger(month: Month, asked: Taking = Depends(taking_of_county)) -> Response:
    """What each township of a county was asked for in a month, of those in the caller's subtree."""
    roots = await asked.roots()
    async with asked.kit.database.core() as connection:
        found = await burden.burden(connection, asked.county or "", month, roots)
    return await asked.given(lists.burden(found, month))


async def _of_units(
    asked: Taking, view: View[R], listed: Callable[[Sequence[tuple[str, R]], Names], Exported], *, latest: str
) -> Response:
    """A list of what counties record of units, by the names of both."""
    rows = await asked.rows(view, latest=latest)
    names = await asked.names([code for _, row in rows for code in (row.county, row.unit)])
    return await asked.given(listed(rows[:ROWS], names), more=len(rows) > ROWS)


async def _reached(asked: Taking) -> str:
    """The county, if the caller works there, above or below it."""
    county = asked.county or ""
    await asked.kit.authority.require_reach(asked.person, county, await asked.kit.moments.today())
    return county
