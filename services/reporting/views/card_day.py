"""The view `card`: what of a row follows from both its topics and from the day."""

from datetime import date, timedelta
from decimal import Decimal

from services.reporting.views.card import Card, ProblemState
from shared.changed import changed
from shared.contracts.months import last_day, last_due_month, month_of, next_month, report_due
from shared.contracts.schedule import scheduled_percent

ALL = Decimal(100)


def settle(card: Card, day: date | None) -> Card:
    """What needs both topics, or the day: percent, 序时 and overdue problems."""
    held = held_against(card, day) if day else None
    return changed(
        card,
        percent=_percent(card),
        scheduled=scheduled_at(card, held) if held else None,
        held=held,
        overdue=sum(p.state is not ProblemState.VERIFIED and p.due < day for p in card.problems) if day else 0,
    )


def next_due(card: Card) -> date | None:
    """The next day on which 序时 moves on, or one more problem becomes overdue."""
    if card.closed:
        return None
    deadlines = sorted(p.due for p in card.problems if p.state is not ProblemState.VERIFIED)
    days = [due + timedelta(days=1) for due in deadlines[card.overdue : card.overdue + 1]]
    if card.approved:
        days.append(_moves_on(card.held, card.report_day) if card.held else card.approved)
    return min(days, default=None)


def held_against(card: Card, day: date) -> date | None:
    """The day whose 序时 an approved project is held against.

    It is the last month end that a report was due for, or that it has reported on already; before the first of
    these it is the day of approval. What is closed stays held against the day of closing.
    """
    if card.approved is None:
        return None
    if card.closed:
        return card.closed
    reported = [last_day(card.reports[-1].month)] if card.reports else []
    return max(card.approved, last_day(last_due_month(day, card.report_day)), *reported)


def _moves_on(held: date, report_day: int) -> date:
    """The first day on which a later month end is the one to hold against."""
    month = month_of(held)
    if held == last_day(month):
        month = next_month(month)
    return report_due(month, report_day) + timedelta(days=1)


def _percent(card: Card) -> Decimal | None:
    """The latest report, or the weight of what was reached if that is more and some of it came after its month.

    What was reached before, the report has taken into account. What is closed is done whole.
    """
    if card.closed:
        return ALL
    weights = {m.id: m.weight for m in card.milestones}
    reached = sum((weights.get(r.milestone, Decimal(0)) for r in card.reached), Decimal(0))
    if not card.reports:
        return reached if card.reached else None
    last = card.reports[-1]
    since = any(r.on > last_day(last.month) for r in card.reached)
    return max(last.percent, reached) if since else last.percent


def scheduled_at(card: Card, day: date) -> Decimal:
    """序时进度 of the plan on a day; 0 for a card without a plan."""
    if card.starts is None:
        return Decimal(0)
    return scheduled_percent(card.milestones, card.starts, day)
