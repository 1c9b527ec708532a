"""What may be asked of reporting: to draft a bulletin, to write it anew, to issue it."""

from collections.abc import Sequence
from functools import partial
from typing import Any

import asyncpg
from pydantic import Field

from services.reporting import bulletin as bulletins
from services.reporting.bulletin import BULLETIN, Bulletin
from services.reporting.bulletin_page import bulletin_text
from services.reporting.counting import Counted, count_wanted, numbers_taken
from services.reporting.manuscript import laid_out, wanted
from services.reporting.rendering import templates
from services.reporting.units import counties_of
from shared.clock import start_of
from shared.command import Case, Command, Handler, Numbered, Who
from shared.contracts.bulletin import BulletinDrafted, BulletinIssued, Manuscript
from shared.contracts.documents import Document, document_number
from shared.contracts.reference import Role


class DraftBulletin(Command, route="/bulletins/draft"):
    """Write a bulletin. Every number in it is a figure's name in braces, counted when it is shown or issued."""

    manuscript: Manuscript


class RewriteBulletin(Command, route="/bulletins/{id}/rewrite"):
    """Write a bulletin anew that is not issued yet."""

    manuscript: Manuscript


class IssueBulletin(Command, route="/bulletins/{id}/issue"):
    """Issue a bulletin: its figures are counted as known on the day and stay. Without a number it gets the next."""

    issue: int | None = Field(default=None, ge=1, le=9999)


SUPERVISORS = frozenset({Role.SUPERVISOR})


async def gather_counties(
    connection: asyncpg.Connection, state: Bulletin, command: DraftBulletin | RewriteBulletin, case: Case
) -> frozenset[str]:
    """The units whose figures a manuscript may name: its city's counties, and the city itself."""
    del state, case
    city = command.manuscript.city
    return frozenset({city, *await counties_of(connection, city)})


async def gather_counted(
    connection: asyncpg.Connection, state: Bulletin, command: IssueBulletin, case: Case
) -> Counted:
    """The figures as of the day of issue, and the issue numbers that are used."""
    manuscript = _written(state)
    day = command.effective or case.today
    figures = await count_wanted(connection, wanted(manuscript), manuscript.plan_year, day)
    return Counted(day, figures, await numbers_taken(connection, manuscript.city, manuscript.series, day.year))


def draft(
    state: Bulletin, command: DraftBulletin | RewriteBulletin, counties: frozenset[str]
) -> Sequence[BulletinDrafted]:
    """Take in a manuscript whose figures all exist."""
    wanted(command.manuscript)
    return bulletins.draft(state, command.manuscript, counties)


def issue(state: Bulletin, command: IssueBulletin, counted: Counted, register: str) -> Sequence[BulletinIssued]:
    """Issue the manuscript with its figures filled in, on the day that they were counted for."""
    manuscript = _written(state)

    def text(number: int) -> str:
        values = {name: figure.value for name, figure in counted.figures.items()}
        day = counted.day
        page = laid_out(manuscript, values, issue=number, day=day, draft=False, as_of=start_of(day))
        return bulletin_text(templates(), page)

    return bulletins.issue(
        state,
        asked=command.issue,
        taken=counted.taken,
        figures={name: figure.value if figure.counts else None for name, figure in counted.figures.items()},
        day=counted.day,
        registration=register,
        text=text,
    )


def _written(state: Bulletin) -> Manuscript:
    """The manuscript of a bulletin that exists: its first event brings one."""
    assert state.manuscript is not None
    return state.manuscript


HANDLERS: tuple[Handler[Any, Any], ...] = (
    Handler(
        DraftBulletin,
        BULLETIN,
        Who(SUPERVISORS, at=lambda _, command: command.manuscript.city),
        lambda state, command, case: draft(state, command, case.facts),
        gather=gather_counties,
    ),
    Handler(
        RewriteBulletin,
        BULLETIN,
        Who(SUPERVISORS, at=lambda state, _: state.city),
        lambda state, command, case: draft(state, command, case.facts),
        gather=gather_counties,
    ),
    Handler(
        IssueBulletin,
        BULLETIN,
        Who(SUPERVISORS, at=lambda state, _: state.city),
        lambda state, command, case: issue(state, command, case.facts, case.number),
        numbered=Numbered(
            Document.BULLETIN.value,
            county=lambda state, _: state.city,
            year=lambda _, command, today: (command.effective or today).year,
            format=partial(document_number, Document.BULLETIN),
        ),
        gather=gather_counted,
    ),
)
