"""The life of one project as a thread of commands, drawn from its course."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from infra.scenario.action import Action, Thread
from infra.scenario.cast import Cast
from infra.scenario.divisions import Unit
from infra.scenario.model import Course, Scenario
from infra.scenario.timing import DAY, Timing
from shared.contracts.months import last_day, month_of, next_month
from shared.contracts.project import Milestone
from shared.contracts.schedule import scheduled_percent
from shared.contracts.working_days import NOTICE_DAYS

PROJECT = "/registry/projects/{id}/"


@dataclass(frozen=True)
class Place:
    """Whose project it is, where it lies and who sees to it."""

    owner: Unit
    township: Unit
    county: Unit
    secretary: str
    reviewers: tuple[str, ...]


@dataclass(frozen=True)
class Reviewed:
    """What a plan's review comes to: in how many rounds it is decided, and how many opinions ask for a change."""

    rounds: int
    opinions: int


@dataclass
class ProjectThread(Thread):
    """A project's thread, with what other threads must know of it."""

    place: Place | None = None
    started: date | None = None
    accepted: date | None = None


class Drawing:
    """Draws one project, day by day."""

    def __init__(
        self,
        scenario: Scenario,
        course: Course,
        timing: Timing,
        cast: Cast,
        rng: random.Random,
        place: Place,
        *,
        categories: Sequence[str] = (),
        reviewed: Reviewed | None = None,
    ) -> None:
        """Draw of all categories unless some are given; leave the review to the course's chances unless it is."""
        self._scenario, self._story, self._course = scenario, scenario.story, course
        self._timing, self._cast, self._rng, self._place = timing, cast, rng, place
        self._day = timing.drawn(rng, course.proposed)
        self._reviewer = rng.choice(place.reviewers)
        self._opinions = 0
        self._categories = categories or tuple(scenario.story.categories)
        self._reviewed = reviewed

    def project(self, name: str, kind: str) -> ProjectThread:
        """The whole thread, as far as it gets by the last day."""
        self.thread = ProjectThread(name, place=self._place)
        self._propose(kind)
        self._review()
        if self._course.outcome == "approved":
            self._carry_out()
        self.thread.actions = [a for a in self.thread.actions if a.at.date() <= self._timing.last]
        return self.thread

    def _by(self, actor: str, day: date, verb: str, **body: Any) -> None:
        moment = self._timing.moment(self._rng, day)
        if self.thread.actions and moment <= self.thread.actions[-1].at:
            moment = self.thread.actions[-1].at + timedelta(minutes=1)
        path = verb if verb.startswith("/") else PROJECT + verb
        self.thread.actions.append(Action(moment, actor, path, body))

    def _owner(self, day: date, verb: str, **body: Any) -> None:
        self._by(self._place.secretary, day, verb, **body)

    def _review_desk(self, day: date, verb: str, **body: Any) -> None:
        self._by(self._reviewer, day, verb, **body)

    def _one(self, texts: tuple[str, ...]) -> str:
        return self._rng.choice(texts).format(place=self._place.owner.name)

    def _propose(self, kind: str) -> None:
        category = self._rng.choice(self._categories)
        self._title = self._one(self._story.categories[category])
        self._owner(
            self._day,
            "/registry/projects/propose",
            title=self._title,
            kind=kind,
            category=category,
            owner=self._place.owner.code,
            county=self._place.county.code,
            secretary=self._place.secretary,
            year=self._scenario.plan_year,
            criteria={name: self._one(texts) for name, texts in self._story.criteria.items()},
        )

    def _review(self) -> None:
        rounds = (
            self._reviewed.rounds
            if self._reviewed
            else self._rng.choices(range(1, len(self._course.rounds) + 1), self._course.rounds)[0]
        )
        self._day = self._timing.later(self._rng, self._day, self._course.submit_after)
        for number in range(1, rounds + 1):
            self._submit()
            self._day = self._timing.later(self._rng, self._day, self._course.review_after)
            if number < rounds:
                self._return()
        if self._course.outcome == "returned":
            self._return()
        elif self._course.outcome == "rejected":
            self._opinions_at_once(rounds)
            self._review_desk(self._day, "reject-plan", reason=self._one(self._story.rejections))
        else:
            for opinion in self._opinions_at_once(rounds):
                self._owner(self._day, "answer-opinion", opinion=opinion, answer=self._one(self._story.answers))
            if self._rng.random() < self._course.remarked:
                self._opinion("remark", self._story.remarks)
            self._review_desk(self._day, "approve-plan")

    def _opinions_at_once(self, rounds: int) -> list[str]:
        """The opinions of a review that comes to a decision in its first round."""
        if self._reviewed is None or rounds > 1:
            return []
        return self._asked(self._reviewed.opinions)

    def _asked(self, count: int) -> list[str]:
        return [self._opinion("change", self._story.opinions) for _ in range(count)]

    def _return(self) -> None:
        asked = self._asked(self._reviewed.opinions if self._reviewed else self._rng.randint(*self._course.changes))
        self._review_desk(self._day, "return-plan", reason=self._one(self._story.returns))
        self._day = self._timing.later(self._rng, self._day, self._course.submit_after)
        if self._course.outcome != "returned":
            for opinion in asked:
                self._owner(self._day, "answer-opinion", opinion=opinion, answer=self._one(self._story.answers))

    def _opinion(self, kind: str, texts: tuple[str, ...]) -> str:
        self._opinions += 1
        name = f"o{self._opinions}"
        criterion = self._rng.choice(tuple(self._story.criteria))
        self._review_desk(
            self._day, "give-opinion", opinion=name, criterion=criterion, kind=kind, text=self._one(texts)
        )
        return name

    def _submit(self) -> None:
        self._starts = self._day + DAY * self._rng.randint(*self._course.review_after)
        self._ends = self._starts + DAY * self._rng.randint(*self._course.lasts)
        self._milestones = self._drawn_milestones()
        members = [
            {"name": self._cast.random_name(self._rng), "duty": duty}
            for duty in self._rng.sample(self._story.duties, self._story.team)
        ]
        self._owner(
            self._day,
            "submit-plan",
            goal=self._one(self._story.goals),
            measures=self._rng.sample(self._story.measures, self._story.measures_each),
            starts=self._starts.isoformat(),
            ends=self._ends.isoformat(),
            four_ones={
                "project": self._title,
                "secretary": self._place.secretary,
                "team": members,
                "to_the_end": self._story.to_the_end,
            },
            milestones=[m.model_dump(mode="json") for m in self._milestones],
        )

    def _drawn_milestones(self) -> tuple[Milestone, ...]:
        count = self._rng.randint(*self._course.milestones)
        titles = sorted(self._rng.sample(self._story.milestones, count), key=self._story.milestones.index)
        term = (self._ends - self._starts).days
        weights = [100 // count] * count
        weights[-1] += 100 - sum(weights)
        return tuple(
            Milestone(
                id=f"m{n}",
                title=title,
                due=self._starts + DAY * (term * n // count),
                weight=Decimal(weights[n - 1]),
            )
            for n, title in enumerate(titles, 1)
        )

    def _carry_out(self) -> None:
        started = self._timing.later(self._rng, self._day, self._course.start_after)
        self._owner(started, "start")
        self.thread.started = started
        pace = Decimal(self._rng.randint(*(int(p * 100) for p in self._course.pace))) / 100
        events = self._milestones_reached(started, pace)
        finished = max((day for day, _, _ in events), default=started)
        events += self._reports(started, pace, finished)
        for day, verb, body in sorted(events, key=lambda event: (event[0], event[1])):
            self._owner(day, verb, **body)
        if self._course.finished:
            self._finish(finished)

    def _milestones_reached(self, started: date, pace: Decimal) -> list[tuple[date, str, dict[str, Any]]]:
        reached: list[tuple[date, str, dict[str, Any]]] = []
        for milestone in self._milestones:
            needed = int((milestone.due - self._starts).days / pace)
            day = self._timing.workday(max(started, self._starts + DAY * needed))
            if day <= self._timing.last or self._course.finished:
                reached.append((day, "reach-milestone", {"milestone": milestone.id, "on": day.isoformat()}))
        return reached

    def _reports(self, started: date, pace: Decimal, finished: date) -> list[tuple[date, str, dict[str, Any]]]:
        reports: list[tuple[date, str, dict[str, Any]]] = []
        month_end = last_day(month_of(started))
        done = Decimal(0)
        while month_end < self._timing.last:
            made = self._timing.workday(month_end + DAY)
            if self._course.finished and made > finished:
                break
            scheduled = scheduled_percent(self._milestones, self._starts, month_end)
            done = max(done, min(Decimal(100), scheduled * pace).quantize(Decimal("0.1"), ROUND_HALF_UP))
            note = self._one(self._story.notes)
            body = {"month": month_of(month_end), "percent": str(done), "note": note}
            reports.append((made, "report-progress", body))
            month_end = last_day(next_month(month_of(month_end)))
        return reports

    def _finish(self, finished: date) -> None:
        asked = self._timing.later(self._rng, finished, self._course.accept_after)
        self._owner(asked, "request-acceptance", summary=self._one(self._story.acceptances))
        accepted = self._timing.later(self._rng, asked, self._course.accept_after)
        signers = [self._cast.random_name(self._rng) for _ in range(self._story.signers)]
        self._review_desk(accepted, "accept", signers=signers)
        announced = self._timing.later(self._rng, accepted, self._course.announce_after)
        self._review_desk(announced, "announce")
        ends = self._timing.working_days_after(announced, NOTICE_DAYS)
        after = self._rng.randint(*self._course.close_after)
        self._review_desk(self._timing.working_days_after(ends, after), "close")
        self.thread.accepted = accepted
