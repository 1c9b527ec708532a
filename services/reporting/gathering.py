"""What reporting's decisions need beyond the bulletin itself: its city's counties, and what it is issued as."""

import asyncpg

from services.reporting.bulletin import Bulletin, Issue, next_number
from services.reporting.bulletin_page import bulletin_text
from services.reporting.commands import DraftBulletin, IssueBulletin, RewriteBulletin
from services.reporting.counting import count_wanted, numbers_taken, recorded_until
from services.reporting.manuscript import laid_out, wanted
from services.reporting.rendering import templates
from services.reporting.units import counties_of
from shared.clock import start_of
from shared.command import Case


async def for_draft(
    connection: asyncpg.Connection, _: Bulletin, command: DraftBulletin | RewriteBulletin, __: Case
) -> frozenset[str]:
    """The units whose figures a manuscript may name: its city's counties, and the city itself.

    Raises:
        InvalidValue("no_such_figure" | "stray_brace"): it names a figure that there is not.
    """
    wanted(command.manuscript)
    city = command.manuscript.city
    return frozenset({city, *await counties_of(connection, city)})


async def for_issue(connection: asyncpg.Connection, state: Bulletin, command: IssueBulletin, case: Case) -> Issue:
    """The figures as of the day of issue, the number that is asked for or else the next, and the text with both.

    It runs under the lock of the city's register: no number is given twice.
    """
    manuscript = state.manuscript
    assert manuscript is not None, "a bulletin's first event brings its manuscript"
    day = command.effective or case.today
    as_of = max(await recorded_until(connection) or start_of(case.today), start_of(case.today))
    figures = await count_wanted(connection, wanted(manuscript), manuscript.plan_year, day, as_of)
    taken = await numbers_taken(connection, manuscript.city, manuscript.series, day.year)
    number = command.issue or next_number(taken)
    values = {name: figure.value for name, figure in figures.items()}
    page = laid_out(manuscript, values, issue=number, day=day, draft=False, as_of=as_of)
    return Issue(
        number=number,
        taken=taken,
        day=day,
        figures={name: figure.value if figure.counts else None for name, figure in figures.items()},
        text=bulletin_text(templates(), page),
        as_of=as_of,
    )
