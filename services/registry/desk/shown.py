"""What a unit has to show, out of the views: cases, brands, honours, labels, metrics with their catalogue."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from services.registry.around.record_views import (
    BRANDS,
    CASES,
    HONOURS,
    LABELS,
    MEASURES,
    METRICS,
    BrandRow,
    CaseRow,
    HonourRow,
    LabelRow,
    MeasureLine,
    MetricRow,
)
from services.registry.desk.access import Caller
from services.registry.keyset import Paging
from services.registry.sight import rows_in_sight
from shared.rows import rows_where
from shared.tree import climb
from shared.view import View

R = TypeVar("R")

MOST = 50
"""Lines of each kind, the latest first."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What a unit has to show; `catalogue` are the metrics that can be measured of it, by their names."""

    cases: Sequence[tuple[str, CaseRow]]
    brands: Sequence[BrandRow]
    honours: Sequence[HonourRow]
    labels: Sequence[LabelRow]
    measures: Sequence[MeasureLine]
    catalogue: Mapping[str, MetricRow]

    def metric(self, id: str) -> str:
        """What a metric is called."""
        return self.catalogue[id].name if id in self.catalogue else id


async def shown(caller: Caller, unit: str) -> Shown:
    """What a unit within the caller's sight has to show."""

    async def latest(view: View[R], by: str) -> Sequence[tuple[str, R]]:
        async with caller.kit.database.core() as connection:
            wanted = {"unit": unit}
            return (await rows_in_sight(connection, view, caller.seats.sight, wanted, Paging(MOST), latest=by)).rows

    measured = [line for _, row in await latest(MEASURES, "unit") for line in row.readings]
    return Shown(
        await latest(CASES, "selected_on"),
        [row for _, row in await latest(BRANDS, "recognised_on")],
        [row for _, row in await latest(HONOURS, "day")],
        [row for _, row in await latest(LABELS, "since")],
        sorted(measured, key=_latest, reverse=True)[:MOST],
        await _catalogue(caller, unit),
    )


def _latest(line: MeasureLine) -> Any:
    return line.day, line.metric


async def _catalogue(caller: Caller, unit: str) -> Mapping[str, MetricRow]:
    async with caller.kit.database.driver() as connection:
        above = [each.code for each in await climb(connection, unit)]
        rows = await rows_where(connection, METRICS, "unit = any($1) order by name, metric", above)
    return {row.metric: row for _, row in rows}
