"""The registry's views of what recurs: mutual checks by the quarter, and the calendars of counties."""

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from shared.contracts.event import Event
from shared.contracts.mutual_checks import MutualCheckHeld, MutualChecksDrawn
from shared.contracts.rhythm import RhythmHeld, RhythmKind, RhythmSet
from shared.contracts.topics import Topic
from shared.view import View


@dataclass(frozen=True)
class PairLine:
    """Who checks whom; `held_on` is None until it was done."""

    checking: str
    checked: str
    held_on: date | None = None
    note: str = ""


@dataclass(frozen=True)
class MutualRow:
    """The mutual checks of a county and quarter."""

    county: str = ""
    quarter: str = ""
    seed: str = ""
    drawn_on: date | None = None
    pairs: tuple[PairLine, ...] = ()


@dataclass(frozen=True)
class ItemLine:
    """What is due by a day; `held_on` is None until it was held."""

    id: str
    kind: RhythmKind
    title: str
    due: date
    held_on: date | None = None
    note: str = ""
    link: str = ""


@dataclass(frozen=True)
class RhythmRow:
    """The calendar of a county and year."""

    county: str = ""
    year: int = 0
    items: tuple[ItemLine, ...] = ()


def evolve_mutual(row: MutualRow, event: Event[Any]) -> MutualRow:
    """Fold one event."""
    match event.data:
        case MutualChecksDrawn() as e:
            pairs = tuple(PairLine(pair.checking, pair.checked) for pair in e.pairs)
            return MutualRow(e.county, e.quarter, e.seed, event.effective, pairs)
        case MutualCheckHeld() as e:
            held = (replace(p, held_on=e.on, note=e.note) if p.checking == e.checking else p for p in row.pairs)
            return replace(row, pairs=tuple(held))
        case _:
            return row


def evolve_rhythm(row: RhythmRow, event: Event[Any]) -> RhythmRow:
    """Fold one event; a calendar that is set again keeps what was held."""
    match event.data:
        case RhythmSet() as e:
            held = {line.id: line for line in row.items}
            items = (ItemLine(item.id, item.kind, item.title, item.due) for item in e.items)
            return RhythmRow(e.county, e.year, tuple(_kept(line, held.get(line.id)) for line in items))
        case RhythmHeld() as e:
            held = (
                replace(line, held_on=e.on, note=e.note, link=e.link) if line.id == e.item else line
                for line in row.items
            )
            return replace(row, items=tuple(held))
        case _:
            return row


def _kept(line: ItemLine, before: ItemLine | None) -> ItemLine:
    return replace(line, held_on=before.held_on, note=before.note, link=before.link) if before else line


MUTUALS = View(
    name="mutual",
    version=1,
    row=MutualRow,
    topics={Topic.PROGRESS: frozenset({"mutual"})},
    evolve=evolve_mutual,
    indexes=(("county",),),
)
RHYTHMS = View(
    name="rhythm",
    version=1,
    row=RhythmRow,
    topics={Topic.PROGRESS: frozenset({"rhythm"})},
    evolve=evolve_rhythm,
    indexes=(("county",),),
)
VIEWS = (MUTUALS, RHYTHMS)
