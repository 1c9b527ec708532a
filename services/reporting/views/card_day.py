"""The view `card`: what of a row follows from both its topics and from the day."""

from datetime import date, timedelta
from decimal import Decimal

from services.reporting.views.card import Card, ProblemState
from shared.changed import changed
from shared.contracts.schedule import Reporting, held_on, next_report_missing, percent_done, scheduled_percent

ALL = Decimal(100)


def settle(card: Card, day: date | None) -> Card:
    """What needs both topics, or the day: percent, 序时 and overdue problems."""
    held = held_against(card, day) if day else None
    return changed(
        card,
        percent=_percent(card, held) if held else None,
        scheduled=scheduled_at(card, held) if held else None,
        held=held,
        moves_on=next_report_missing(card.report_day, day) if day and card.started else None,
        overdue=_overdue(card, day) if day and not card.ended else 0,
    )


def next_due(card: Card) -> date | None:
    """The next day on which 序时 may move on, or one more problem becomes overdue."""
    if card.ended:
        return None
    deadlines = sorted(p.due for p in card.problems if p.state is not ProblemState.VERIFIED)
    days = [due + timedelta(days=1) for due in deadlines[card.overdue : card.overdue + 1]]
    if card.approved and not card.held:
        days.append(card.approved)
    if card.moves_on:
        days.append(card.moves_on)
    return min(days, default=None)


def held_against(card: Card, day: date) -> date | None:
    """The day whose 序时 an approved project is held against; what has ended stays held against its end."""
    if card.approved is None:
        return None
    if card.closed:
        return card.closed
    reporting = Reporting(card.started, card.report_day, card.paused, card.resumed)
    return held_on(reporting, card.approved, card.terminated or day)


def _percent(card: Card, held: date) -> Decimal | None:
    """What was done by the day; what is closed is done whole. None of a project of which nothing was said yet."""
    if card.closed:
        return ALL
    if not card.reports and not card.reached:
        return None
    reached = {each.milestone: each.on for each in card.reached}
    return percent_done(card.timed, reached, {report.month: report.percent for report in card.reports}, held)


def _overdue(card: Card, day: date) -> int:
    return sum(problem.state is not ProblemState.VERIFIED and problem.due < day for problem in card.problems)


def scheduled_at(card: Card, day: date) -> Decimal:
    """序时进度 of the plan on a day; 0 for a card without a plan."""
    if card.starts is None:
        return Decimal(0)
    return scheduled_percent(card.timed, card.starts, day)
