"""A project as its page shows it: plain values in, what the template needs out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from services.reporting.charts import NARROW, WIDE, Curve, Gantt, curve, gantt
from services.reporting.projects import Known
from services.reporting.views.card import Card, Problem, ProblemState, Stage
from services.reporting.views.history import Entry, History
from services.reporting.wall import Pace
from services.reporting.words import CRITERIA, KINDS, nth, told
from shared.contracts.alert import Lamp
from shared.contracts.event import data_of
from shared.contracts.project import FourOnes, OpinionAnswered, OpinionGiven, OpinionKind, ProjectHandedOver
from shared.web.pages import Step, StepState
from shared.web.wording import day as written
from shared.web.wording import person as spaced

HANDED_OVER = ProjectHandedOver.type
STAGES: Mapping[Stage, str] = {
    Stage.PROPOSED: "已申报",
    Stage.SUBMITTED: "评审中",
    Stage.RETURNED: "退回修改",
    Stage.REJECTED: "未立项",
    Stage.WITHDRAWN: "已撤回",
    Stage.APPROVED: "已立项",
    Stage.STARTED: "实施中",
    Stage.REQUESTED: "申请验收",
    Stage.ACCEPTED: "验收通过",
    Stage.ANNOUNCED: "公示中",
    Stage.CLOSED: "已销号",
    Stage.TERMINATED: "已终止",
}
_REACHED = (
    (Stage.PROPOSED, Stage.SUBMITTED, Stage.RETURNED, Stage.REJECTED, Stage.WITHDRAWN),
    (Stage.APPROVED, Stage.STARTED, Stage.TERMINATED),
    (Stage.REQUESTED,),
    (Stage.ACCEPTED, Stage.ANNOUNCED),
)
"""The stages in which each of the four steps is the current one."""


@dataclass(frozen=True, slots=True)
class Happened:
    """An event in words."""

    time: datetime
    version: int
    what: str
    why: str
    who: str
    type: str


@dataclass(frozen=True, slots=True)
class ProblemLine:
    """A problem with its state in a word, and how its deadline stands."""

    text: str
    found: date
    due: date
    first_due: date
    word: str
    colour: str
    left: str


@dataclass(frozen=True, slots=True)
class OpinionLine:
    """A reviewer's opinion, and what was answered if a change was asked for."""

    round: str
    criterion: str
    text: str
    answer: str
    word: str
    colour: str


@dataclass(frozen=True)
class ProjectPage:
    """All that a project's page says. `secretary` is a name; each chart is there for a desk and for a phone."""

    card: Card
    kind: str
    stage: str
    secretary: str
    four_ones: FourOnes | None
    lamp: Lamp | None
    reason: str
    pace: Pace
    steps: Sequence[Step]
    gantts: Sequence[Gantt]
    curves: Sequence[Curve]
    problems: Sequence[ProblemLine]
    events: Sequence[Happened]
    opinions: Sequence[OpinionLine]


def project_page(known: Known, names: Mapping[str, str], today: date) -> ProjectPage:
    """The page of a project; `names` are those of the persons in it."""
    card = known.card
    assert card.kind is not None
    assert card.stage is not None
    return ProjectPage(
        card=card,
        kind=KINDS[card.kind],
        stage=STAGES[card.stage],
        secretary=spaced(names.get(card.secretary, card.secretary)),
        four_ones=card.four_ones,
        lamp=known.lamp.lamp if known.lamp else None,
        reason=known.lamp.reason if known.lamp else "",
        pace=Pace(card.percent if card.percent is not None or card.started is None else Decimal(0), card.scheduled),
        steps=steps(card),
        gantts=[chart for room in (WIDE, NARROW) if (chart := gantt(card, today, room))],
        curves=[chart for room in (WIDE, NARROW) if (chart := curve(card, today, room))],
        problems=[_problem(problem, card.terminated or today) for problem in sorted(card.problems, key=_by_need)],
        events=[_happened(entry, card, names) for entry in known.history.entries],
        opinions=opinions(known.history),
    )


def persons_in(known: Known) -> set[str]:
    """The persons whose names the page needs."""
    return {
        known.card.secretary,
        *(entry.actor for entry in known.history.entries),
        *(entry.on_behalf_of for entry in known.history.entries if entry.on_behalf_of),
        *(entry.data[who] for entry in known.history.life if entry.type == HANDED_OVER for who in ("was", "secretary")),
    }


def steps(card: Card) -> Sequence[Step]:
    """立项评审 → 实施 → 验收 → 销号, with what is known of each."""
    current = next((n for n, stages in enumerate(_REACHED) if card.stage in stages), len(_REACHED))
    work_ended = card.requested or card.terminated
    lines = (
        (f"{nth(card.rounds)}评审" if card.rounds else "待报方案", _from_to(card.proposed, card.approved)),
        (
            f"{len(card.milestones)} 个节点完成 {len(card.reached)} 个",
            _from_to(card.started, work_ended),
        ),
        ("现场核验、签字", _from_to(card.requested, card.accepted)),
        (f"公示至 {written(card.notice_ends)}" if card.notice_ends else "公示 5 个工作日", _on(card.closed)),
    )
    return [
        Step(label, _state(n, current), tuple(filter(None, (*lines[n], _turned(card) if n == current else ""))))
        for n, label in enumerate(("立项评审", "实施", "验收", "销号"))
    ]


def _state(n: int, current: int) -> StepState:
    if n == current:
        return StepState.CURRENT
    return StepState.DONE if n < current else StepState.FUTURE


def _turned(card: Card) -> str:
    """How the current step came to its end without the next, or that the work began again."""
    if card.stage is not None and card.stage in (Stage.REJECTED, Stage.WITHDRAWN, Stage.TERMINATED):
        return STAGES[card.stage]
    return "重新启动" if card.stage is Stage.STARTED and card.reopened_from else ""


def _on(day: date | None) -> str:
    return day.isoformat() if day else ""


def _from_to(begin: date | None, end: date | None) -> str:
    if begin is None:
        return ""
    return f"{begin} 至 {end}" if end else f"{begin} 起"


def _by_need(problem: Problem) -> tuple[bool, date]:
    return problem.state is ProblemState.VERIFIED, problem.due


def _problem(problem: Problem, today: date) -> ProblemLine:
    days = (problem.due - today).days
    late = problem.state is not ProblemState.VERIFIED and days < 0
    word, colour = {
        ProblemState.FOUND: ("待整改", "yellow"),
        ProblemState.RECTIFIED: ("待核验", "blue"),
        ProblemState.VERIFIED: ("已核验", "green"),
    }[problem.state]
    left = "—" if problem.state is ProblemState.VERIFIED else f"逾期 {-days} 天" if late else f"还有 {days} 天"
    return ProblemLine(
        problem.text,
        problem.day,
        problem.due,
        problem.first_due,
        f"{word}　已逾期" if late else word,
        "red" if late else colour,
        left,
    )


def opinions(history: History) -> Sequence[OpinionLine]:
    """The opinions of all rounds, the latest first."""
    data = [data_of(entry.type, entry.data) for entry in history.life]
    answers = {each.opinion: each.answer for each in data if isinstance(each, OpinionAnswered)}
    return [_opinion(each, answers.get(each.opinion, "")) for each in reversed(data) if isinstance(each, OpinionGiven)]


def _opinion(given: OpinionGiven, answer: str) -> OpinionLine:
    word, colour = ("建议", "") if given.kind is OpinionKind.REMARK else ("待答复", "yellow")
    if answer:
        word, colour = "已答复", "green"
    return OpinionLine(nth(given.round), CRITERIA[given.criterion], given.text, answer, word, colour)


def _happened(entry: Entry, card: Card, names: Mapping[str, str]) -> Happened:
    titles = {milestone.id: milestone.title for milestone in card.milestones}
    what, why = told(data_of(entry.type, entry.data), titles, names)
    who = spaced(names.get(entry.actor, entry.actor))
    if entry.on_behalf_of:
        who = f"{who}（代{spaced(names.get(entry.on_behalf_of, entry.on_behalf_of))}）"
    return Happened(entry.time, entry.version, what, why, who, entry.type.removeprefix("cn.guatu."))
