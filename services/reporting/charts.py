"""The charts of a project as pure geometry: milestones against today, progress against 序时. Pixels right and down."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from services.reporting.views.card import Card
from services.reporting.views.card_day import scheduled_at
from shared.contracts.months import last_day, month_of
from shared.contracts.project import Milestone

HEAD = 30.0
TOP, BOTTOM = 16.0, 216.0
"""Where 100 and 0 percent are."""


@dataclass(frozen=True, slots=True)
class Room:
    """The room of a chart: its `width`, where time begins and ends in it, and how many months are too many for words.

    A milestone's row is `row` high, its bar lies `bar` below the top of that; a title has so many `letters` at most.
    """

    name: str
    width: float
    left: float
    right: float
    crowded: int
    row: float
    bar: float
    letters: int


WIDE = Room("wide", 820.0, 190.0, 800.0, 15, 42.0, 9.0, 10)
NARROW = Room("narrow", 316.0, 42.0, 308.0, 7, 58.0, 24.0, 14)
"""On a phone words keep their size: a title and what is left stand above their bar."""


@dataclass(frozen=True, slots=True)
class Tick:
    """A mark on the axis of time."""

    x: float
    word: str


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of time."""

    x: float
    width: float


@dataclass(frozen=True, slots=True)
class Bar:
    """A milestone: its planned span, what was spent on it, the part of that after its due day, and words on it."""

    y: float
    title: str
    weight: str
    planned: Span
    actual: Span | None
    late: Span | None
    note: str


@dataclass(frozen=True, slots=True)
class Gantt:
    """The milestones of a plan; `today` is where today lies, None outside of the time shown."""

    room: Room
    height: float
    months: Sequence[Tick]
    bars: Sequence[Bar]
    today: Tick | None


@dataclass(frozen=True, slots=True)
class Dot:
    """A report: where it lies, and the words for who cannot see it."""

    x: float
    y: float
    word: str
    corrected: bool


@dataclass(frozen=True, slots=True)
class Label:
    """Words beside a line, in the colour of what was done or of 序时."""

    x: float
    y: float
    word: str
    actual: bool


@dataclass(frozen=True, slots=True)
class Curve:
    """Progress: the reported percents, and 序时 as a line; `today` as in the Gantt chart.

    `labels` say both percents of the day of the last report.
    """

    room: Room
    months: Sequence[Tick]
    scheduled: str
    actual: str
    dots: Sequence[Dot]
    today: Tick | None
    labels: Sequence[Label]


@dataclass(frozen=True, slots=True)
class _Axis:
    first: date
    last: date
    room: Room

    def x(self, day: date) -> float:
        share = (day - self.first).days / max(1, (self.last - self.first).days)
        left, right = self.room.left, self.room.right
        return round(left + (right - left) * min(1.0, max(0.0, share)), 1)

    def span(self, begin: date, end: date) -> Span:
        return Span(self.x(begin), round(max(2.0, self.x(end) - self.x(begin)), 1))

    def months(self) -> list[Tick]:
        """Every month, or some of them if they are many; a January is told by its year."""
        months = list(self._months())
        return months[:: 1 + len(months) // self.room.crowded]

    def _months(self) -> Iterator[Tick]:
        month = self.first
        while month <= self.last:
            word = f"{month.year}年" if month.month == 1 and month != self.first else f"{month.month}月"
            yield Tick(self.x(month), word)
            month = last_day(month_of(month)) + timedelta(days=1)

    def today(self, day: date) -> Tick | None:
        return Tick(self.x(day), f"今日 {day:%m-%d}") if self.first <= day <= self.last else None


def gantt(card: Card, today: date, room: Room = WIDE) -> Gantt | None:
    """The milestones in the order of their due days; None without a plan."""
    axis = _axis(card, room)
    if axis is None or card.starts is None:
        return None
    reached = {each.milestone: each.on for each in card.reached}
    bars: list[Bar] = []
    planned_from, worked_from = card.starts, card.started
    last = card.terminated or today
    extended = {each.milestone for each in card.granted}
    for n, milestone in enumerate(sorted(card.timed, key=lambda m: (m.due, m.id))):
        end = reached.get(milestone.id)
        until = end or (last if worked_from and worked_from <= last and not card.closed else None)
        worked = (worked_from, until) if worked_from and until and until >= worked_from else None
        late = worked is not None and worked[1] > milestone.due
        bars.append(
            Bar(
                y=HEAD + room.row * n,
                title=milestone.title,
                weight=f"{milestone.weight.normalize():f}%",
                planned=axis.span(planned_from, milestone.due),
                actual=axis.span(worked[0], worked[1]) if worked else None,
                late=axis.span(max(worked[0], milestone.due), worked[1]) if worked and late else None,
                note=_note(milestone, end, last, extended=milestone.id in extended) if card.approved else "",
            )
        )
        planned_from, worked_from = milestone.due, end
    return Gantt(room, HEAD + room.row * len(bars) + 24, axis.months(), bars, axis.today(today))


def _note(milestone: Milestone, end: date | None, today: date, *, extended: bool) -> str:
    word = _kept(milestone.due, end, today)
    return "，".join(filter(None, ("已延期" if extended else "", word)))


def _kept(due: date, end: date | None, today: date) -> str:
    if end is not None:
        days = (end - due).days
        return f"晚 {days} 天" if days > 0 else ""
    days = (today - due).days
    return f"逾期 {days} 天" if days > 0 else f"还有 {-days} 天"


def curve(card: Card, today: date, room: Room = WIDE) -> Curve | None:
    """The reports at their month ends against 序时; None without a plan."""
    axis = _axis(card, room)
    if axis is None or card.starts is None:
        return None
    turns = sorted({axis.first, card.starts, *(m.due for m in card.timed), axis.last})
    scheduled = [(axis.x(day), _y(float(scheduled_at(card, day)))) for day in turns]
    dots = [
        Dot(
            axis.x(last_day(report.month)),
            _y(float(report.percent)),
            f"{report.month} {report.percent.normalize():f}%",
            report.was is not None,
        )
        for report in card.reports
    ]
    if card.closed:
        dots.append(Dot(axis.x(card.closed), _y(100.0), f"{card.closed} 销号 100%", False))
    actual = _line([(dot.x, dot.y) for dot in dots])
    return Curve(room, axis.months(), _line(scheduled), actual, dots, axis.today(today), _labels(card, axis))


def _labels(card: Card, axis: _Axis) -> Sequence[Label]:
    """What was done and what was due by the last month reported, the greater one over its line, which rises."""
    if not card.reports or card.closed:
        return ()
    last = card.reports[-1]
    held = last_day(last.month)
    done, due = float(last.percent), float(scheduled_at(card, held))
    x = axis.x(held)
    upper, lower = (round(max(x - 84, axis.room.left), 1), -10.0), (round(min(x + 8, axis.room.right - 76), 1), 22.0)
    (left, above), (right, below) = (upper, lower) if due >= done else (lower, upper)
    return (
        Label(left, round(_y(due) + above, 1), f"序时 {due:.1f}%", False),
        Label(right, round(_y(done) + below, 1), f"实际 {done:.1f}%", True),
    )


def _axis(card: Card, room: Room) -> _Axis | None:
    if card.starts is None or not card.milestones:
        return None
    days = [card.starts, *(m.due for m in card.timed), *(r.on for r in card.reached)]
    days += [day for day in (card.started, card.ended) if day]
    return _Axis(min(days).replace(day=1), last_day(month_of(max(days))), room)


def _y(percent: float) -> float:
    return round(BOTTOM - (BOTTOM - TOP) * percent / 100, 1)


def _line(points: Sequence[tuple[float, float]]) -> str:
    return " ".join(f"{x},{y}" for x, y in points)
