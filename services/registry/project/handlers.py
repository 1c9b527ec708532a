"""The commands about a project: for each who may, what is decided, and what is read for it."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from services.registry import gathering
from services.registry.around.handlers import OF_PROJECTS
from services.registry.commands.accepting import (
    AcceptProject,
    CloseProject,
    FailAcceptance,
    IssuePublicNotice,
    RaiseObjection,
    RequestAcceptance,
    ResolveObjection,
)
from services.registry.commands.attaching import AddAttachment, AddEvidence, EraseAttachment
from services.registry.commands.carrying_out import (
    CorrectMilestone,
    CorrectProgress,
    FindProblem,
    InspectProject,
    ReachMilestone,
    RefuseRectification,
    ReportProgress,
    ReportRectification,
    StartProject,
    VerifyRectification,
)
from services.registry.commands.extending import EndorseExtension, GrantExtension, RefuseExtension, RequestExtension
from services.registry.commands.reviewing import (
    AnswerOpinion,
    ApprovePlan,
    GiveOpinion,
    ProposeProject,
    RejectPlan,
    ReturnPlan,
    SubmitPlan,
)
from services.registry.commands.turning import (
    CarryOverProject,
    HandOverProject,
    ReopenProject,
    TerminateProject,
    WithdrawProject,
)
from services.registry.kept import gathering as gathering_files
from services.registry.project import (
    accepting,
    attaching,
    carrying_out,
    extending,
    inspecting,
    proposing,
    reviewing,
    turning,
)
from services.registry.project.life import PROJECT
from services.registry.project.order import answered_on, check_in_order
from services.registry.project.state import Project
from services.registry.rights import (
    ENDORSER,
    INSPECTOR,
    OWNER,
    PROPOSER,
    REVIEWER,
    VERIFIER,
)
from shared.command import Case, Command, Handler, Numbered
from shared.contracts.documents import Document, document_number
from shared.contracts.event import EventData
from shared.kept import erase_file


def _numbered(kind: Document) -> Numbered[Any, Any]:
    return Numbered(
        kind.value,
        county=lambda project, _: project.county,
        format=partial(document_number, kind),
    )


_REVIEW: Sequence[Handler[Any, Any]] = (
    Handler(
        ProposeProject,
        PROJECT,
        PROPOSER,
        lambda _, cmd, case: proposing.propose_project(cmd, case.facts, case.today),
        gather=gathering.owner,
    ),
    Handler(SubmitPlan, PROJECT, OWNER, lambda s, cmd, _: proposing.submit_plan(s, cmd)),
    Handler(AnswerOpinion, PROJECT, OWNER, lambda s, cmd, _: proposing.answer_opinion(s, cmd)),
    Handler(GiveOpinion, PROJECT, REVIEWER, lambda s, cmd, case: reviewing.give_opinion(s, cmd, case.actor)),
    Handler(ReturnPlan, PROJECT, REVIEWER, lambda s, cmd, case: reviewing.return_plan(s, cmd, case.actor)),
    Handler(RejectPlan, PROJECT, REVIEWER, lambda s, cmd, case: reviewing.reject_plan(s, cmd, case.actor)),
)


def _approval(report_day: int) -> Handler[Project, ApprovePlan]:
    return Handler(
        ApprovePlan,
        PROJECT,
        REVIEWER,
        lambda s, _, case: reviewing.approve_plan(s, case.number, case.actor, report_day),
        numbered=_numbered(Document.APPROVAL),
    )


_CARRYING_OUT: Sequence[Handler[Any, Any]] = (
    Handler(StartProject, PROJECT, OWNER, lambda s, _, __: carrying_out.start_project(s)),
    Handler(ReportProgress, PROJECT, OWNER, lambda s, cmd, case: carrying_out.report_progress(s, cmd, case.today)),
    Handler(CorrectProgress, PROJECT, OWNER, lambda s, cmd, _: carrying_out.correct_progress(s, cmd)),
    Handler(ReachMilestone, PROJECT, OWNER, lambda s, cmd, case: carrying_out.reach_milestone(s, cmd, case.today)),
    Handler(CorrectMilestone, PROJECT, OWNER, lambda s, cmd, case: carrying_out.correct_milestone(s, cmd, case.today)),
    Handler(
        InspectProject,
        PROJECT,
        INSPECTOR,
        lambda s, cmd, case: inspecting.inspect_project(s, cmd, case.facts, case.actor),
        gather=gathering.inspection,
    ),
    Handler(
        FindProblem,
        PROJECT,
        INSPECTOR,
        lambda s, cmd, case: inspecting.find_problem(s, cmd, case.facts, case.actor, case.today),
        gather=gathering.problem_campaign,
    ),
    Handler(ReportRectification, PROJECT, OWNER, lambda s, cmd, _: inspecting.report_rectification(s, cmd)),
    Handler(
        VerifyRectification,
        PROJECT,
        VERIFIER,
        lambda s, cmd, case: inspecting.verify_rectification(s, cmd, case.facts, case.actor),
        gather=gathering.verifying_campaign,
    ),
    Handler(
        RefuseRectification,
        PROJECT,
        VERIFIER,
        lambda s, cmd, case: inspecting.refuse_rectification(s, cmd, case.facts, case.actor, case.today),
        gather=gathering.verifying_campaign,
    ),
)


def _extensions(most_days: int) -> Sequence[Handler[Project, Any]]:
    return (
        Handler(
            RequestExtension,
            PROJECT,
            OWNER,
            lambda s, cmd, case: extending.request_extension(s, cmd, case.facts, case.today, most_days),
            gather=gathering.endorsed_at,
        ),
        Handler(
            EndorseExtension,
            PROJECT,
            ENDORSER,
            lambda s, cmd, case: extending.endorse_extension(s, cmd, case.facts, case.actor, case.today),
            gather=gathering.deciders,
        ),
        Handler(GrantExtension, PROJECT, REVIEWER, lambda s, cmd, case: extending.grant_extension(s, cmd, case.actor)),
        Handler(
            RefuseExtension,
            PROJECT,
            ENDORSER,
            lambda s, cmd, case: extending.refuse_extension(s, cmd, case.facts, case.actor, case.today),
            gather=gathering.deciders,
        ),
    )


_ATTACHING: Sequence[Handler[Any, Any]] = (
    *(
        Handler(
            command,
            PROJECT,
            who,
            lambda s, cmd, case: attaching.add_attachment(s, cmd, case.facts, case.actor),
            gather=gathering_files.file,
            also=gathering_files.keep_for,
        )
        for command, who in ((AddAttachment, OWNER), (AddEvidence, VERIFIER))
    ),
    Handler(
        EraseAttachment,
        PROJECT,
        REVIEWER,
        lambda s, cmd, _: attaching.erase_attachment(s, cmd),
        also=lambda connection, stream, cmd: erase_file(connection, cmd.digest, stream),
    ),
)

_UNTIL_CLOSING: Sequence[Handler[Any, Any]] = (
    Handler(RequestAcceptance, PROJECT, OWNER, lambda s, cmd, _: accepting.request_acceptance(s, cmd)),
    Handler(AcceptProject, PROJECT, REVIEWER, lambda s, cmd, case: accepting.accept_project(s, cmd, case.actor)),
    Handler(
        FailAcceptance,
        PROJECT,
        REVIEWER,
        lambda s, cmd, case: accepting.fail_acceptance(s, cmd, case.actor, case.today),
    ),
    Handler(
        IssuePublicNotice,
        PROJECT,
        REVIEWER,
        lambda s, cmd, case: accepting.issue_public_notice(s, cmd, case.number, case.facts, case.actor, case.today),
        numbered=_numbered(Document.PUBLIC_NOTICE),
        gather=gathering.calendars,
    ),
    Handler(RaiseObjection, PROJECT, REVIEWER, lambda s, cmd, _: accepting.raise_objection(s, cmd)),
    Handler(ResolveObjection, PROJECT, REVIEWER, lambda s, cmd, case: accepting.resolve_objection(s, cmd, case.actor)),
    Handler(
        CloseProject,
        PROJECT,
        REVIEWER,
        lambda s, cmd, case: accepting.close_project(s, case.number, case.actor, cmd.effective or case.today),
        numbered=_numbered(Document.CLOSURE),
    ),
)

_TURNS: Sequence[Handler[Any, Any]] = (
    Handler(WithdrawProject, PROJECT, OWNER, lambda s, cmd, _: turning.withdraw_project(s, cmd)),
    Handler(
        HandOverProject,
        PROJECT,
        REVIEWER,
        lambda s, cmd, case: turning.hand_over_project(s, cmd, case.facts, case.actor, case.today),
        gather=gathering.successor,
    ),
    Handler(TerminateProject, PROJECT, REVIEWER, lambda s, cmd, case: turning.terminate_project(s, cmd, case.actor)),
    Handler(ReopenProject, PROJECT, REVIEWER, lambda s, cmd, case: turning.reopen_project(s, cmd, case.actor)),
    Handler(
        CarryOverProject,
        PROJECT,
        REVIEWER,
        lambda s, cmd, case: turning.carry_over_project(s, cmd, case.actor, case.today),
    ),
)


def _in_order(handler: Handler[Project, Any]) -> Handler[Project, Any]:
    def decide(project: Project, command: Command, case: Case) -> Sequence[EventData]:
        check_in_order(project, command.effective, answered_on(project, command))
        return handler.decide(project, command, case)

    return replace(handler, decide=decide)


def project_handlers(report_day: int, extension_days: int) -> Sequence[Handler[Project, Any]]:
    """Every command about a project; none of them is dated before the step that it follows or what it answers."""
    of_projects = (
        *_REVIEW,
        _approval(report_day),
        *_CARRYING_OUT,
        *OF_PROJECTS,
        *_ATTACHING,
        *_extensions(extension_days),
        *_UNTIL_CLOSING,
        *_TURNS,
    )
    return [_in_order(handler) for handler in of_projects]
