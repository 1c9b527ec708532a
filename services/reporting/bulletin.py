"""The bulletin: drafted, written anew, issued once. Pure decisions and the fold that they are taken on."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import assert_never

from shared.command import Aggregate
from shared.contracts.bulletin import BulletinDrafted, BulletinEvent, BulletinIssued, FigureCounted, Manuscript
from shared.contracts.divisions import UnitKind, kind_of
from shared.contracts.event import Event
from shared.errors import InvalidValue, require


@dataclass(frozen=True, slots=True)
class Bulletin:
    """What is known of a bulletin: its manuscript, and its number once it is issued."""

    manuscript: Manuscript | None = None
    issue: int | None = None

    @property
    def city(self) -> str:
        """The city whose bulletin it is; "" before it is drafted."""
        return self.manuscript.city if self.manuscript else ""


def evolve(bulletin: Bulletin, event: Event[BulletinEvent]) -> Bulletin:
    """Fold one event."""
    match event.data:
        case BulletinDrafted(manuscript=manuscript):
            return replace(bulletin, manuscript=manuscript)
        case BulletinIssued(issue=issue):
            return replace(bulletin, issue=issue)
        case _:
            assert_never(event.data)


BULLETIN = Aggregate("bulletin", Bulletin(), evolve)


def draft(bulletin: Bulletin, manuscript: Manuscript, counties: Collection[str]) -> Sequence[BulletinDrafted]:
    """Take in a manuscript, the first one or another, whose figures are known to exist.

    `counties` are those of its city, whose figures it may name, and the city itself.
    """
    if kind_of(manuscript.city) is not UnitKind.CITY:
        raise InvalidValue("not_a_city", "manuscript.city", {"unit": manuscript.city})
    require(bulletin.issue is None, "already_issued", issue=bulletin.issue)
    require(bulletin.city in ("", manuscript.city), "another_city", field="manuscript.city")
    for n, section in enumerate(manuscript.sections):
        if section.unit not in counties:
            raise InvalidValue("not_of_the_city", f"manuscript.sections.{n}.unit", {"unit": section.unit})
    return [BulletinDrafted(manuscript=manuscript)]


@dataclass(frozen=True, slots=True)
class Issue:
    """What a bulletin is issued as: `figures` by unit and name as counted on the day, None being one not known yet.

    `taken` are the numbers of its series and year, `text` is the full text with the number and the figures, and
    `as_of` the moment up to which the facts were recorded that were counted.
    """

    number: int
    taken: Collection[int]
    day: date
    figures: Mapping[tuple[str, str], str | None]
    text: str
    as_of: datetime


def issue(bulletin: Bulletin, now: Issue, registration: str) -> Sequence[BulletinIssued]:
    """Issue the bulletin under the city's register number."""
    require(bulletin.issue is None, "already_issued", issue=bulletin.issue)
    pending = "、".join(f"{unit} {key}" for (unit, key), value in now.figures.items() if value is None)
    require(not pending, "figures_pending", field="manuscript", figures=pending)
    require(
        now.number not in now.taken, "issue_number_used", field="issue", issue=now.number, next=next_number(now.taken)
    )
    return [
        BulletinIssued(
            issue=now.number,
            year=now.day.year,
            day=now.day,
            figures=tuple(
                FigureCounted(unit=unit, key=key, value=value) for (unit, key), value in now.figures.items() if value
            ),
            text=now.text,
            registration=registration,
            as_of=now.as_of,
        )
    ]


def next_number(taken: Collection[int]) -> int:
    """The number after the highest one, 1 at the year's beginning."""
    return max(taken, default=0) + 1
