"""The shapes of reporting's answers for programs. Percents are decimal strings, half up to two places."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated

from pydantic import BaseModel, PlainSerializer

from services.reporting.bulletin_desk import Entry, ShownBulletin
from services.reporting.figures import LABELS, Asked, Fact, Figure, FigureKey
from services.reporting.manuscript import Wanted, facts_address, issued_address
from services.reporting.totals import UnitTotals
from shared.contracts.alert import Lamp
from shared.contracts.bulletin import Manuscript
from shared.contracts.divisions import UnitKind
from shared.web.wording import rounded

Percent = Annotated[Decimal, PlainSerializer(lambda value: str(rounded(value, 2)), return_type=str)]


FACTS = "/reporting/figures/{key}/facts"
"""Where programs read the facts of a figure."""


class FigureReply(BaseModel):
    """A figure: what stands in a text, the numbers that it is made of, and where its facts are."""

    label: str
    value: str
    counts: Sequence[int | Decimal]
    facts: str


class FiguresReply(BaseModel):
    """All figures of a unit for a plan year, as known on a day."""

    unit: str
    year: int
    day: date
    boundaries: date | None = None
    figures: Mapping[FigureKey, FigureReply]


class FactReply(BaseModel):
    """A fact that a figure was counted from; facts with the same `what` count once."""

    what: str
    subject: str
    title: str
    unit: str
    day: date
    amount: int | Decimal | None


class FactsReply(BaseModel):
    """The facts of a figure by day, from `offset` on; `more` says that there are others after them.

    Those of an issued bulletin's figure are the ones that had been recorded by `as_of`; `stated` is what stands in
    the bulletin, `value` how many they are. The two differ only where a fact was still on its way to the bulletin.
    """

    unit: str
    year: int
    day: date
    as_of: datetime | None
    key: FigureKey
    value: str
    stated: str | None
    facts: Sequence[FactReply]
    more: bool


class TotalsReply(BaseModel):
    """The projects approved for a year of a unit and all below it. `on_track`: the lamp is neither red nor yellow.

    What was terminated is registered and not on track.
    """

    unit: str
    name: str
    kind: UnitKind
    registered: int
    secretary: int
    led: int
    closed: int
    terminated: int
    on_track: int
    percent: Percent | None
    scheduled: Percent | None
    overdue_problems: int
    lamps: Mapping[Lamp, int]


class SummedReply(BaseModel):
    """A unit's totals and those of the units right below it; `own` is what it owns at its own level, if anything.

    `boundaries` is the day whose tree they are summed up, null for today's.
    """

    year: int
    boundaries: date | None = None
    totals: TotalsReply
    below: Sequence[TotalsReply]
    own: TotalsReply | None


class BulletinFigure(BaseModel):
    """A figure in a bulletin, and where its facts are."""

    unit: str
    key: str
    value: str
    facts: str


class BulletinReply(BaseModel):
    """A bulletin. A draft has the number that it would get, and figures as they are counted now."""

    id: str | None
    series: str
    publisher: str
    city: str
    plan_year: int
    draft: bool
    issue: int
    year: int
    day: date
    as_of: datetime
    figures: Sequence[BulletinFigure]
    text: str
    manuscript: Manuscript


class BulletinEntry(BaseModel):
    """A bulletin in a list; without an issue number it is a draft."""

    id: str
    series: str
    city: str
    issue: int | None
    year: int | None
    day: date | None


def figures_reply(asked: Asked, figures: Mapping[FigureKey, Figure]) -> FiguresReply:
    """The figures of a unit."""
    return FiguresReply(
        unit=asked.unit,
        year=asked.year,
        day=asked.day,
        boundaries=asked.boundaries,
        figures={
            key: FigureReply(
                label=LABELS[key],
                value=figure.value,
                counts=figure.counts,
                facts=facts_address(Wanted(asked.unit, key), asked.year, asked.day, FACTS, boundaries=asked.boundaries),
            )
            for key, figure in figures.items()
        },
    )


def facts_reply(
    asked: Asked, figure: Figure, facts: Sequence[Fact], *, more: bool, stated: str | None = None
) -> FactsReply:
    """The facts of one figure, `stated` being what stands in a bulletin if it is of one."""
    return FactsReply(
        unit=asked.unit,
        year=asked.year,
        day=asked.day,
        as_of=None if stated is None else asked.as_of,
        key=figure.key,
        value=figure.value,
        stated=stated,
        facts=[FactReply(**asdict(fact)) for fact in facts],
        more=more,
    )


def totals_reply(unit: UnitTotals) -> TotalsReply:
    """A unit's totals."""
    totals = unit.totals
    return TotalsReply(
        unit=unit.code,
        name=unit.name,
        kind=unit.kind,
        registered=totals.registered,
        secretary=totals.secretary,
        led=totals.led,
        closed=totals.closed,
        terminated=totals.terminated,
        on_track=totals.on_track,
        percent=totals.percent,
        scheduled=totals.scheduled,
        overdue_problems=totals.overdue_problems,
        lamps=totals.lamps,
    )


def bulletin_reply(shown: ShownBulletin) -> BulletinReply:
    """A bulletin with its figures."""
    manuscript = shown.manuscript
    return BulletinReply(
        id=shown.id,
        series=manuscript.series,
        publisher=manuscript.publisher,
        city=manuscript.city,
        plan_year=manuscript.plan_year,
        draft=shown.draft,
        issue=shown.issue,
        year=shown.day.year,
        day=shown.day,
        as_of=shown.page.as_of,
        figures=[
            BulletinFigure(
                unit=name.unit,
                key=name.key,
                value=value,
                facts=facts_address(name, manuscript.plan_year, shown.day, FACTS)
                if shown.draft or shown.id is None
                else issued_address(name, shown.id, FACTS),
            )
            for name, value in shown.figures.items()
        ],
        text=shown.text,
        manuscript=manuscript,
    )


def entry_reply(entry: Entry) -> BulletinEntry:
    """A bulletin in a list."""
    return BulletinEntry(
        id=entry.id, series=entry.series, city=entry.city, issue=entry.issue, year=entry.year, day=entry.day
    )
