"""Courses of projects, notices and their commands, each in one line."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from services.alerts.commands import IssueSupervision, IssueWarning
from services.alerts.handlers import HANDLERS
from services.alerts.lamp import Course, State, lamp_on
from shared.contracts.alert import NoticeIssued, NoticeKind
from shared.contracts.months import REPORT_DAY
from shared.contracts.project import Milestone
from shared.lamps import DEFAULT, Thresholds
from tests.unit.deciding import Desk

COUNTY = "340822"
TOWN = "340822100"
SECRETARY = "340822100-township-secretary-1"
DESK = Desk(HANDLERS, today=date(2023, 6, 8))


def day(text: str) -> date:
    """A day of 2023, `03-31`, or with its year."""
    return date.fromisoformat(text if len(text) == 10 else f"2023-{text}")


def milestones(*parts: tuple[str, str]) -> tuple[Milestone, ...]:
    """Milestones m1, m2, … by due day and weight."""
    return tuple(
        Milestone(id=f"m{n}", title=f"节点{n}", due=day(due), weight=Decimal(weight))
        for n, (due, weight) in enumerate(parts, 1)
    )


PLAN = milestones(("04-11", "50"), ("07-20", "50"))
"""Half of the work in the 100 days from New Year's Day on, the other half in the next 100."""


def course(
    *,
    approved: str = "2022-12-20",
    started: str | None = "01-01",
    closed: str | None = None,
    reports: dict[str, str] | None = None,
    reached: dict[str, str] | None = None,
    deadlines: dict[str, str] | None = None,
    plan: Sequence[Milestone] = PLAN,
    starts: str = "01-01",
    report_day: int = REPORT_DAY,
) -> Course:
    """A project that began on New Year's Day, with these reports, milestones reached and open problems."""
    return Course(
        day(starts),
        plan,
        day(approved),
        started and day(started),  # type: ignore[arg-type]
        closed and day(closed),  # type: ignore[arg-type]
        {month: Decimal(percent) for month, percent in (reports or {}).items()},
        {milestone: day(on) for milestone, on in (reached or {}).items()},
        {problem: day(due) for problem, due in (deadlines or {}).items()},
        report_day,
    )


def on(text: str, of: Course, thresholds: Thresholds = DEFAULT) -> State:
    """The lamp on a day."""
    return lamp_on(of, day(text), thresholds)


def issue_warning(**changes: Any) -> IssueWarning:
    """The command for a sound warning notice, with changes."""
    return IssueWarning.model_validate(_notice() | changes)


def issue_supervision(**changes: Any) -> IssueSupervision:
    """The command for a sound supervision notice, with changes."""
    return IssueSupervision.model_validate(_notice() | changes)


def notice_issued(kind: NoticeKind = NoticeKind.WARNING, number: str = "怀组预〔2023〕1号") -> NoticeIssued:
    """What comes of `issue_warning()`."""
    return NoticeIssued.model_validate({**_notice(), "kind": kind, "number": number})


def _notice() -> dict[str, Any]:
    return {
        "county": COUNTY,
        "unit": TOWN,
        "addressee": SECRETARY,
        "subject": "高河镇",
        "title": "部分“书记项目”落后于序时进度",
        "reason": "连续两个月落后于序时进度，请查明原因。",
        "sign_by": date(2023, 6, 12),
        "reply_by": date(2023, 6, 26),
    }
