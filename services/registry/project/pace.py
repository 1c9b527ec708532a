"""How far a project is against 序时: what was done and what should be, both by the day that it is held against."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from services.registry.project.row import ProjectRow
from services.registry.project.state import Stage
from shared.contracts.schedule import extended, held_on, percent_done, scheduled_percent

ALL = Decimal(100)


@dataclass(frozen=True, slots=True)
class Pace:
    """Percent; `done` is None of a project of which nothing was said yet."""

    done: Decimal | None
    scheduled: Decimal


def pace(row: ProjectRow, today: date) -> Pace | None:
    """The pace of an approved project today, or at its end; None before the approval."""
    if row.approved_on is None or row.starts is None:
        return None
    timed = extended(row.milestones, row.granted)
    if row.closed_on is not None:
        return Pace(ALL, scheduled_percent(timed, row.starts, row.closed_on))
    day = row.ended_on if row.stage is Stage.TERMINATED and row.ended_on else today
    held = held_on(row.reporting, row.approved_on, day)
    said = row.reports or row.reached
    done = percent_done(timed, row.reached, row.reports, held) if said else None
    return Pace(done, scheduled_percent(timed, row.starts, held))
