"""Bulletins as they are shown: issued ones from their event, drafts with what is counted now."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import asyncpg

from services.reporting.bulletin import next_number
from services.reporting.bulletin_page import BulletinPage, bulletin_text
from services.reporting.counting import count_wanted, numbers_taken
from services.reporting.figures import FigureKey
from services.reporting.manuscript import Wanted, laid_out, wanted
from services.reporting.rendering import templates
from services.reporting.views import BULLETIN
from services.reporting.views.bulletins import BulletinRow
from services.reporting.wall_data import as_of
from shared.contracts.bulletin import Manuscript
from shared.rows import row_of, rows_where


@dataclass(frozen=True)
class ShownBulletin:
    """A bulletin to be shown. `id` is None for the next draft, which nobody has written down yet.

    `figures` are those that the manuscript names with what stands in the text; `page` has them filled in.
    """

    id: str | None
    manuscript: Manuscript
    draft: bool
    issue: int
    day: date
    figures: Mapping[Wanted, str]
    page: BulletinPage
    text: str


@dataclass(frozen=True, slots=True)
class Entry:
    """A bulletin in the list of them; without an issue number it is a draft."""

    id: str
    series: str
    city: str
    issue: int | None
    year: int | None
    day: date | None
    written: datetime | None


async def bulletin(connection: asyncpg.Connection, id: str, today: date) -> ShownBulletin | None:
    """A bulletin by its id: as it was issued, or with the figures as counted today. None if there is none."""
    row = await row_of(connection, BULLETIN, f"bulletin-{id}")
    if row is None or row.manuscript is None:
        return None
    if row.issue is None:
        return await _counted_now(connection, id, row.manuscript, today)
    return _as_issued(id, row, row.manuscript)


async def next_draft(
    connection: asyncpg.Connection, city: str, series: str | None, today: date
) -> ShownBulletin | None:
    """The next issue of a series of the city, of the one issued last if none is named.

    It has the manuscript issued last, or the last one written if none was issued, with the figures as counted
    today and the next number.
    """
    rows = await rows_where(
        connection,
        BULLETIN,
        "city = $1 and ($2::text is null or series = $2) "
        "order by day desc nulls last, issue desc, written desc limit 1",
        city,
        series,
    )
    for _, row in rows:
        if row.manuscript is not None:
            return await _counted_now(connection, None, row.manuscript, today)
    return None


async def bulletins(connection: asyncpg.Connection, cities: Sequence[str], *, drafts: bool) -> list[Entry]:
    """The bulletins of cities: drafts, if they are wanted, then what was issued, the latest first."""
    issued = "" if drafts else " and issue is not null"
    rows = await rows_where(
        connection,
        BULLETIN,
        f"city = any($1){issued} order by day desc nulls first, issue desc, written desc limit 500",
        list(cities),
    )
    return [
        Entry(key.removeprefix("bulletin-"), row.series, row.city, row.issue, row.year, row.day, row.written)
        for key, row in rows
    ]


def _as_issued(id: str, row: BulletinRow, manuscript: Manuscript) -> ShownBulletin:
    assert row.issue is not None
    assert row.day is not None
    assert row.as_of is not None
    figures = {Wanted(figure.unit, FigureKey(figure.key)): figure.value for figure in row.figures}
    page = laid_out(manuscript, figures, issue=row.issue, day=row.day, draft=False, as_of=row.as_of, id=id)
    return ShownBulletin(id, manuscript, False, row.issue, row.day, figures, page, row.text)


async def _counted_now(
    connection: asyncpg.Connection, id: str | None, manuscript: Manuscript, today: date
) -> ShownBulletin:
    counted = await count_wanted(connection, wanted(manuscript), manuscript.plan_year, today)
    figures = {name: figure.value for name, figure in counted.items()}
    issue = next_number(await numbers_taken(connection, manuscript.city, manuscript.series, today.year))
    moment = await as_of(connection, today)
    page = laid_out(manuscript, figures, issue=issue, day=today, draft=True, as_of=moment)
    return ShownBulletin(id, manuscript, True, issue, today, figures, page, bulletin_text(templates(), page))
