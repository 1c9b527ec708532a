"""The view `card`: how each event of a project changes its row."""

from dataclasses import replace
from typing import Any

from services.reporting.views.card import (
    Card,
    Change,
    Closing,
    Granted,
    Inspection,
    Problem,
    ProblemState,
    Reached,
    Refusal,
    Report,
    Stage,
)
from shared.changed import changed
from shared.contracts import progress as p
from shared.contracts import project as q
from shared.contracts.divisions import Rank, rank_of
from shared.contracts.event import Event
from shared.contracts.topics import Topic


def evolve(card: Card, event: Event[Any]) -> Card:
    """Fold one event of a project: the project topic into the life and the plan, the progress topic into the rest."""
    card = changed(card, changed=max(card.changed or event.time, event.time))
    if event.data.topic is Topic.PROJECT:
        return _life(card, event)
    return _carrying_out(card, event)


def _life(card: Card, event: Event[Any]) -> Card:
    day = event.effective
    match event.data:
        case q.ProjectProposed() as e:
            return changed(
                card,
                title=e.title,
                kind=e.kind,
                category=e.category,
                owner=e.owner,
                county=e.county,
                secretary=e.secretary,
                year=e.year,
                stage=Stage.PROPOSED,
                proposed=day,
            )
        case q.PlanSubmitted() as e:
            return _planned(changed(card, stage=Stage.SUBMITTED, submitted=day, rounds=e.round), e)
        case q.PlanApproved() as e:
            return changed(
                card,
                stage=Stage.APPROVED,
                approved=day,
                approved_at=event.time,
                number=e.number,
                report_day=e.report_day,
            )
        case q.ProjectStarted():
            return changed(card, stage=Stage.STARTED, started=day)
        case q.AcceptanceRequested():
            return changed(card, stage=Stage.REQUESTED, requested=day, paused=(*card.paused, day))
        case q.AcceptanceFailed():
            return changed(card, stage=Stage.STARTED, requested=None, resumed=(*card.resumed, day))
        case q.ProjectAccepted():
            return changed(card, stage=Stage.ACCEPTED, accepted=day)
        case q.PublicNoticeIssued() as e:
            return changed(card, stage=Stage.ANNOUNCED, announced=day, notice_ends=e.ends)
        case q.ProjectClosed() as e:
            closings = (*card.closings, Closing(e.number, day, event.time))
            return changed(card, stage=Stage.CLOSED, closed=day, closings=closings, closure=e.number)
        case _:
            return _turned(card, event)


def _turned(card: Card, event: Event[Any]) -> Card:
    day = event.effective
    match event.data:
        case q.ProjectWithdrawn():
            return changed(card, stage=Stage.WITHDRAWN)
        case q.ProjectHandedOver() as e:
            return changed(card, secretary=e.secretary)
        case q.ProjectTerminated():
            return changed(card, stage=Stage.TERMINATED, terminated=day, paused=(*card.paused, day))
        case q.ProjectReopened():
            *before, last = card.closings
            return changed(
                card,
                stage=Stage.STARTED,
                requested=None,
                accepted=None,
                announced=None,
                notice_ends=None,
                closed=None,
                closure="",
                closings=(*before, replace(last, reopened=day, reopened_at=event.time)),
                resumed=(*card.resumed, day),
            )
        case q.ProjectCarriedOver() as e:
            return changed(card, carried_into=e.year)
        case _:
            return _refused(card, event)


def _refused(card: Card, event: Event[Any]) -> Card:
    day = event.effective
    match event.data:
        case q.OpinionGiven() as e if e.kind is q.OpinionKind.CHANGE:
            return changed(card, changes=(*card.changes, Change(e.opinion, e.text, day, event.time)))
        case q.PlanReturned() as e:
            refusal = Refusal(e.round, False, day, event.time)
            return changed(card, stage=Stage.RETURNED, refusals=(*card.refusals, refusal))
        case q.PlanRejected() as e:
            refusal = Refusal(e.round, True, day, event.time)
            return changed(card, stage=Stage.REJECTED, refusals=(*card.refusals, refusal))
        case _:
            return card


def _planned(card: Card, plan: q.PlanSubmitted) -> Card:
    return changed(
        card,
        goal=plan.goal,
        starts=plan.starts,
        ends=plan.ends,
        four_ones=plan.four_ones,
        milestones=plan.milestones,
    )


def _carrying_out(card: Card, event: Event[Any]) -> Card:
    match event.data:
        case p.ProgressReported() as e:
            return changed(card, reports=_reported(card.reports, Report(e.month, e.percent)))
        case p.ProgressCorrected() as e:
            return changed(card, reports=_reported(card.reports, Report(e.month, e.percent, e.was)))
        case p.MilestoneReached() as e:
            return changed(card, reached=(*card.reached, Reached(e.milestone, e.on)))
        case p.MilestoneCorrected() as e:
            others = tuple(each for each in card.reached if each.milestone != e.milestone)
            return changed(card, reached=(*others, Reached(e.milestone, e.on)) if e.on else others)
        case p.ExtensionGranted(of=p.Extended.MILESTONE) as e:
            return changed(card, granted=(*card.granted, Granted(e.subject, e.due)))
        case p.ExtensionGranted(of=p.Extended.PROBLEM) as e:
            return _problem(card, e.subject, due=e.due)
        case p.ProjectInspected() as e:
            township = e.township if rank_of(e.township) is Rank.TOWNSHIP else ""
            held = Inspection(e.campaign, e.group, township, event.effective, event.time)
            return changed(card, inspections=(*card.inspections, held))
        case p.ProblemFound() as e:
            found = Problem(
                e.problem, e.campaign, e.group, e.severity.value, e.text, event.effective, e.due, e.due, event.time
            )
            return changed(card, problems=(*card.problems, found))
        case p.RectificationReported() as e:
            return _problem(card, e.problem, state=ProblemState.RECTIFIED)
        case p.RectificationVerified() as e:
            return _problem(card, e.problem, state=ProblemState.VERIFIED)
        case p.RectificationRefused() as e:
            return _problem(card, e.problem, state=ProblemState.FOUND, due=e.due)
        case _:
            return card


def _reported(reports: tuple[Report, ...], report: Report) -> tuple[Report, ...]:
    others = [other for other in reports if other.month != report.month]
    return tuple(sorted([*others, report], key=lambda r: r.month))


def _problem(card: Card, problem: str, **changes: Any) -> Card:
    return changed(card, problems=tuple(replace(p, **changes) if p.id == problem else p for p in card.problems))
