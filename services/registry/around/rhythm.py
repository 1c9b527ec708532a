"""The rhythm of a county's year: set, and replaced as long as nothing is lost that was held; each item held once."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import assert_never

from services.registry.commands.rhythm import HoldRhythm, SetRhythm
from services.registry.reference.unit import check_standing
from shared.command import Aggregate
from shared.contracts.event import Event
from shared.contracts.rhythm import RhythmEvent, RhythmHeld, RhythmSet
from shared.errors import require


@dataclass(frozen=True)
class Rhythm:
    """The calendar as it was last set, and what of it was held."""

    calendar: RhythmSet | None = None
    held: Mapping[str, date] = field(default_factory=dict[str, date])

    @property
    def county(self) -> str:
        """Whose calendar it is; empty before it is set."""
        return self.calendar.county if self.calendar else ""


def evolve(rhythm: Rhythm, event: Event[RhythmEvent]) -> Rhythm:
    """Fold one event."""
    match event.data:
        case RhythmSet() as e:
            return replace(rhythm, calendar=e)
        case RhythmHeld() as e:
            return replace(rhythm, held={**rhythm.held, e.item: e.on})
        case _:
            assert_never(event.data)


RHYTHM = Aggregate("rhythm", Rhythm(), evolve)


def rhythm_id(cmd: SetRhythm) -> str:
    """The id of the calendar of a county and year."""
    return f"{cmd.county}-{cmd.year}"


def set_rhythm(rhythm: Rhythm, cmd: SetRhythm, ended: date | None, day: date) -> list[RhythmSet]:
    """Set the calendar of a county that has not `ended`; the same again is no event.

    What is due lies in the year or, late, in the one after.
    """
    check_standing(ended, cmd.county, day, "county")
    ids = [item.id for item in cmd.items]
    require(len(set(ids)) == len(ids), "items_share_an_id", field="items")
    lost = sorted(rhythm.held.keys() - set(ids))
    require(not lost, "held_item_lost", field="items", items=", ".join(lost))
    for n, item in enumerate(cmd.items):
        require(item.due.year in (cmd.year, cmd.year + 1), "day_of_another_year", field=f"items.{n}.due", year=cmd.year)
    calendar = RhythmSet(county=cmd.county, year=cmd.year, items=tuple(sorted(cmd.items, key=lambda i: (i.due, i.id))))
    return [] if calendar == rhythm.calendar else [calendar]


def hold_rhythm(rhythm: Rhythm, cmd: HoldRhythm, ended: date | None, today: date) -> list[RhythmHeld]:
    """Record that an item was held, once, before the county `ended`."""
    items = rhythm.calendar.items if rhythm.calendar else ()
    require(cmd.item in {item.id for item in items}, "no_such_item", field="item", item=cmd.item)
    require(cmd.item not in rhythm.held, "item_already_held", field="item", item=cmd.item)
    require(cmd.on <= today, "in_the_future", field="on")
    check_standing(ended, rhythm.county, cmd.on, "on")
    return [RhythmHeld(item=cmd.item, on=cmd.on, note=cmd.note, link=cmd.link)]
