"""What units were given: an honour (批示, 典型案例, 先进集体), a label (信用村). Each stands once."""

from dataclasses import dataclass
from datetime import date

from services.registry.around.named import named
from services.registry.around.place import Place, check_place
from services.registry.commands.honours import LabelUnit, RecordHonour
from shared.command import Aggregate
from shared.contracts.event import Event
from shared.contracts.honours import HonourRecorded, UnitLabelled
from shared.errors import require


@dataclass(frozen=True)
class Honour:
    """What was recorded."""

    recorded: HonourRecorded | None = None


@dataclass(frozen=True)
class Label:
    """What was recorded."""

    recorded: UnitLabelled | None = None


def evolve_honour(_: Honour, event: Event[HonourRecorded]) -> Honour:
    """Fold one event."""
    return Honour(event.data)


def evolve_label(_: Label, event: Event[UnitLabelled]) -> Label:
    """Fold one event."""
    return Label(event.data)


HONOUR = Aggregate("honour", Honour(), evolve_honour)
LABEL = Aggregate("label", Label(), evolve_label)


def honour_id(cmd: RecordHonour) -> str:
    """What is one honour: a kind and title that a unit was given on a day."""
    return named("honours", cmd.unit, cmd.kind.value, cmd.title, cmd.day.isoformat())


def label_id(cmd: LabelUnit) -> str:
    """What is one label: its words at a unit."""
    return named("labels", cmd.unit, cmd.label)


def record_honour(honour: Honour, cmd: RecordHonour, place: Place, today: date) -> list[HonourRecorded]:
    """Record an honour of a unit of the county, once."""
    require(honour.recorded is None, "honour_exists", field="title", title=cmd.title, unit=cmd.unit)
    check_place(place, county=cmd.county, unit=cmd.unit, day=cmd.day)
    require(cmd.day <= today, "in_the_future", field="day")
    return [
        HonourRecorded(
            kind=cmd.kind,
            level=cmd.level,
            unit=cmd.unit,
            county=cmd.county,
            title=cmd.title,
            day=cmd.day,
            given_by=cmd.given_by,
            note=cmd.note,
        )
    ]


def label_unit(label: Label, cmd: LabelUnit, place: Place, today: date) -> list[UnitLabelled]:
    """Record a label of a unit of the county, once."""
    require(label.recorded is None, "label_exists", field="label", label=cmd.label, unit=cmd.unit)
    check_place(place, county=cmd.county, unit=cmd.unit, day=cmd.since)
    require(cmd.since <= today, "in_the_future", field="since")
    return [UnitLabelled(label=cmd.label, unit=cmd.unit, county=cmd.county, since=cmd.since, note=cmd.note)]
