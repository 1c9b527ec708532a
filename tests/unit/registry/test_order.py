"""No fact is dated before the one that it answers, whatever stage the project is in."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from services.registry.around.campaign import Campaign, CampaignFacts
from services.registry.around.difficulty import Helper
from services.registry.commands.accepting import AcceptProject, CloseProject, RequestAcceptance, ResolveObjection
from services.registry.commands.carrying_out import (
    CorrectMilestone,
    CorrectProgress,
    ReachMilestone,
    RefuseRectification,
    ReportRectification,
    VerifyRectification,
)
from services.registry.commands.extending import EndorseExtension, GrantExtension, RefuseExtension, RequestExtension
from services.registry.commands.reviewing import AnswerOpinion, ApprovePlan, RejectPlan, ReturnPlan
from services.registry.commands.visits import SolveProjectDifficulty, TakeOnProjectDifficulty
from services.registry.project.extending import Deciders
from services.registry.reference.person import PERSON
from shared.command import Command
from shared.contracts.event import EventData
from shared.contracts.progress import (
    Extended,
    MilestoneReached,
    ProgressCorrected,
    RectificationRefused,
    RectificationReported,
    RectificationVerified,
)
from shared.contracts.project import (
    AcceptanceRequested,
    ObjectionRaised,
    ObjectionResolved,
    OpinionAnswered,
    ProjectAccepted,
    ProjectStarted,
    PublicNoticeIssued,
)
from shared.contracts.reference import Role
from shared.contracts.visits import DifficultyRaised, DifficultyTakenOn
from tests.unit.deciding import Decision
from tests.unit.registry.builders import (
    COUNTY,
    appointed,
    approved,
    endorsed,
    extension,
    find,
    inspected,
    opened,
    opinion,
    person,
    problem,
    proposed,
    reported,
    submitted,
)
from tests.unit.registry.dsl import HANDLERS, INSPECTOR, OWNER, REVIEWER, Told, by, folded, given

EARLY, THEN, TODAY = date(2023, 5, 2), date(2023, 5, 15), date(2023, 5, 25)
"""The last step, the day of what is answered, the day on which it is."""


def on(day: date, *facts: Told | EventData) -> tuple[Told, ...]:
    """Facts of a day."""
    told = (fact if isinstance(fact, Told) else by(OWNER, fact) for fact in facts)
    return tuple(Told(fact.data, fact.actor, fact.for_whom, day) for fact in told)


UNDER_REVIEW = on(EARLY, proposed(), submitted())
UNDER_WAY = (*UNDER_REVIEW, *on(EARLY, approved(), by(OWNER, ProjectStarted())))
INSPECTED = (*UNDER_WAY, *on(THEN, inspected()))
FOUND = (*UNDER_WAY, *on(EARLY, inspected()), *on(THEN, problem()))
RECTIFIED = RectificationReported(problem="p1", text="已改")
REFUSED = by(INSPECTOR, RectificationRefused(problem="p1", reason="没改", due=TODAY))
VERIFIED = by(INSPECTOR, RectificationVerified(problem="p1"))
DONE = (*UNDER_WAY, *(MilestoneReached(milestone=id, on=EARLY) for id in ("m1", "m2")))
CHECKED = (*DONE, *on(EARLY, inspected(), problem(), RECTIFIED))
LAST = (*UNDER_WAY, MilestoneReached(milestone="m1", on=EARLY), MilestoneReached(milestone="m2", on=THEN))
CORRECTED = ProgressCorrected(month="2023-04", was=Decimal(20), percent=Decimal(15), reason="误填")
REQUEST = RequestAcceptance(summary="完成")
ANNOUNCED = (
    *DONE,
    *on(EARLY, AcceptanceRequested(summary="完成"), by(REVIEWER, ProjectAccepted(signers=("李伟",)))),
    *on(EARLY, by(REVIEWER, PublicNoticeIssued(number="n", ends=EARLY + timedelta(days=3)))),
)
OBJECTED = by(REVIEWER, ObjectionRaised(objection="b1", text="账目不清"))
SETTLED = by(REVIEWER, ObjectionResolved(objection="b1", text="已核实"))
RAISED = DifficultyRaised(difficulty="d1", text="资金")
TAKEN_ON = by(REVIEWER, DifficultyTakenOn(difficulty="d1", by="财政所"))

AT_THE_COUNTY = Deciders(folded(PERSON, person(), appointed(Role.REVIEWER, COUNTY)), COUNTY)
CAMPAIGN = CampaignFacts(Campaign(opened()), here=True)
LATER = date(2023, 6, 30)


def case(
    history: tuple[Told | EventData, ...], command: Command, who: str = OWNER, knowing: Any = None, *, id: str
) -> Any:
    """A command, and what happened: the last of what it answers on the day THEN."""
    return pytest.param(history, command, who, knowing, id=id)


ANSWERS = [
    case(
        (*UNDER_REVIEW, *on(THEN, opinion("o1"))),
        AnswerOpinion(opinion="o1", answer="已改"),
        id="an answer and its opinion",
    ),
    *(
        case((*UNDER_REVIEW, *on(THEN, opinion("o1"))), command, REVIEWER, id=f"{command.verb()} and an opinion")
        for command in (ReturnPlan(reason="请修改"), RejectPlan(reason="重复"))
    ),
    case(
        (*UNDER_REVIEW, *on(EARLY, opinion("o1")), *on(THEN, OpinionAnswered(opinion="o1", answer="已改"))),
        ApprovePlan(),
        REVIEWER,
        id="an approval and an answer",
    ),
    case(
        (*UNDER_WAY, *on(THEN, reported("2023-04", 20))),
        CorrectProgress(month="2023-04", percent=Decimal(10), reason="误填"),
        id="a correction and the report",
    ),
    case(
        (*UNDER_WAY, *on(EARLY, reported("2023-04", 20)), *on(THEN, CORRECTED)),
        CorrectProgress(month="2023-04", percent=Decimal(10), reason="误填"),
        id="a correction and the one before",
    ),
    case(UNDER_WAY, ReachMilestone(milestone="m1", on=THEN), id="a milestone and the day of it"),
    case(
        (*UNDER_WAY, MilestoneReached(milestone="m1", on=EARLY)),
        CorrectMilestone(milestone="m1", on=THEN, reason="误"),
        id="a correction and its day",
    ),
    case(LAST, CorrectMilestone(milestone="m2", reason="误"), id="a correction and the day that it corrects"),
    case(INSPECTED, find(due=LATER), INSPECTOR, CAMPAIGN, id="a problem and its inspection"),
    case(FOUND, ReportRectification(problem="p1", text="已改"), id="a rectification and its problem"),
    case(
        (*FOUND[:-1], *on(EARLY, problem(), RECTIFIED), *on(THEN, REFUSED)),
        ReportRectification(problem="p1", text="已改"),
        id="a rectification and the refusal of the one before",
    ),
    *(
        case(
            (*FOUND[:-1], *on(EARLY, problem()), *on(THEN, RECTIFIED)),
            command,
            INSPECTOR,
            CAMPAIGN,
            id=f"{command.verb()} and the rectification",
        )
        for command in (
            VerifyRectification(problem="p1"),
            RefuseRectification(problem="p1", reason="没改", due=LATER),
        )
    ),
    case(
        FOUND,
        RequestExtension(extension="e1", of=Extended.PROBLEM, subject="p1", due=date(2023, 6, 10), reason="汛期"),
        knowing=COUNTY,
        id="an extension and its problem",
    ),
    case(
        (*UNDER_WAY, *on(THEN, extension())),
        EndorseExtension(extension="e1"),
        REVIEWER,
        AT_THE_COUNTY,
        id="an endorsement and what was asked",
    ),
    case(
        (*UNDER_WAY, *on(EARLY, extension()), *on(THEN, endorsed())),
        GrantExtension(extension="e1"),
        REVIEWER,
        id="a grant and the endorsement",
    ),
    case(
        (*UNDER_WAY, *on(EARLY, extension()), *on(THEN, endorsed())),
        RefuseExtension(extension="e1", reason="不必"),
        REVIEWER,
        AT_THE_COUNTY,
        id="a refusal and the endorsement",
    ),
    case(LAST, REQUEST, id="a request for acceptance and the last milestone"),
    case((*CHECKED, *on(THEN, VERIFIED)), REQUEST, id="a request for acceptance and the last verification"),
    case(
        (
            *DONE,
            *on(EARLY, AcceptanceRequested(summary="完成"), inspected(), problem(), RECTIFIED),
            *on(THEN, VERIFIED),
        ),
        AcceptProject(signers=("李伟",)),
        REVIEWER,
        id="an acceptance and a verification since the request",
    ),
    case(
        (*ANNOUNCED, *on(THEN, OBJECTED)),
        ResolveObjection(objection="b1", text="已核实"),
        REVIEWER,
        id="a settling and the objection",
    ),
    case(
        (*ANNOUNCED, *on(EARLY, OBJECTED), *on(THEN, SETTLED)),
        CloseProject(),
        REVIEWER,
        id="a closing and the settling",
    ),
    case(
        (*UNDER_WAY, *on(THEN, RAISED)),
        TakeOnProjectDifficulty(difficulty="d1", by="财政所"),
        REVIEWER,
        Helper(None, None),
        id="help and the difficulty",
    ),
    case(
        (*UNDER_WAY, *on(EARLY, RAISED), *on(THEN, TAKEN_ON)),
        SolveProjectDifficulty(difficulty="d1", how="已拨付"),
        REVIEWER,
        id="a solution and the help",
    ),
]


@pytest.mark.parametrize(("history", "command", "who", "knowing"), ANSWERS)
def test_no_fact_is_dated_before_the_one_that_it_answers(
    history: tuple[Told | EventData, ...], command: Command, who: str, knowing: Any
):
    def told(effective: date | None) -> Decision:
        dated = command.model_copy(update={"effective": effective})
        return given(*history).when(dated, by=who, today=TODAY, number="n", knowing=knowing)

    told(THEN - timedelta(days=1)).then_refused("before_the_last_step", "effective", last=str(THEN))
    assert told(THEN).refused is None
    assert told(None).refused is None


def test_what_names_the_day_of_what_happened_is_late_by_that_day():
    named = [handler.command for handler in HANDLERS if "on" in handler.command.model_fields]
    assert len(named) == 5
    assert all(command.model_construct(on=THEN).happened == THEN for command in named)
