"""The registry's commands: for each its stream, who may, what is decided, and what is read for it."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from services.registry import (
    accepting,
    attaching,
    brand,
    calendar,
    campaign,
    carrying_out,
    data_request,
    gathering,
    inspecting,
    inspection,
    person,
    proposing,
    reviewing,
    unit,
)
from services.registry.brand import BRAND
from services.registry.calendar import CALENDAR
from services.registry.campaign import CAMPAIGN
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
from services.registry.commands.campaigns import InspectUnit, OpenCampaign, RecogniseBrand
from services.registry.commands.carrying_out import (
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
from services.registry.commands.data_requests import AnswerDataRequest, RequestData, WithdrawDataRequest
from services.registry.commands.reference import Appoint, EndAppointment, PublishCalendar, RegisterPerson, RegisterUnit
from services.registry.commands.reviewing import (
    AnswerOpinion,
    ApprovePlan,
    GiveOpinion,
    ProposeProject,
    RejectPlan,
    ReturnPlan,
    SubmitPlan,
)
from services.registry.data_request import ANSWERS, DATA_REQUESTS
from services.registry.inspection import INSPECTION
from services.registry.person import PERSON
from services.registry.project import PROJECT, Project, check_in_order
from services.registry.rights import (
    ADMIN_ANYWHERE,
    ADMIN_AT_UNIT,
    ADMIN_OF_UNIT,
    ANSWERER,
    ASKER,
    ASKER_BEFORE,
    INSPECTOR,
    INSPECTOR_NAMED,
    OWNER,
    PROPOSER,
    REVIEWER,
    REVIEWER_NAMED,
    VERIFIER,
)
from services.registry.unit import UNIT
from shared.command import Case, Command, Handler, Numbered
from shared.contracts.documents import Document, document_number
from shared.contracts.event import EventData
from shared.kept import erase_file


def _numbered(kind: Document) -> Numbered[Any, Any]:
    return Numbered(
        kind.value,
        county=lambda project, _: project.county,
        year=lambda _, __, today: today.year,
        format=partial(document_number, kind),
    )


_REFERENCE: Sequence[Handler[Any, Any]] = (
    Handler(
        RegisterUnit,
        UNIT,
        ADMIN_OF_UNIT,
        lambda s, cmd, case: unit.register_unit(s, cmd, case.id, case.facts),
        gather=gathering.parent,
        makes=True,
    ),
    Handler(
        RegisterPerson,
        PERSON,
        ADMIN_ANYWHERE,
        lambda s, cmd, case: person.register_person(s, cmd, case.id),
        makes=True,
    ),
    Handler(
        Appoint,
        PERSON,
        ADMIN_AT_UNIT,
        lambda s, cmd, case: person.appoint(s, cmd, case.facts),
        gather=gathering.post_unit,
    ),
    Handler(EndAppointment, PERSON, ADMIN_AT_UNIT, lambda s, cmd, _: person.end_appointment(s, cmd)),
    Handler(
        PublishCalendar,
        CALENDAR,
        ADMIN_ANYWHERE,
        lambda s, cmd, case: calendar.publish_calendar(s, cmd, case.id),
        makes=True,
    ),
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

_ATTACHING: Sequence[Handler[Any, Any]] = (
    *(
        Handler(
            command,
            PROJECT,
            who,
            lambda s, cmd, case: attaching.add_attachment(s, cmd, case.facts),
            gather=gathering.file,
        )
        for command, who in ((AddAttachment, OWNER), (AddEvidence, VERIFIER))
    ),
    Handler(
        EraseAttachment,
        PROJECT,
        REVIEWER,
        lambda s, cmd, _: attaching.erase_attachment(s, cmd),
        also=lambda connection, cmd: erase_file(connection, cmd.digest),
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

_OTHERS: Sequence[Handler[Any, Any]] = (
    Handler(
        OpenCampaign,
        CAMPAIGN,
        REVIEWER_NAMED,
        lambda s, cmd, case: campaign.open_campaign(s, cmd, case.id),
        makes=True,
    ),
    Handler(
        InspectUnit,
        INSPECTION,
        INSPECTOR_NAMED,
        lambda _, cmd, case: inspection.inspect_unit(cmd, case.facts, case.actor, case.today),
        gather=gathering.unit_inspection,
    ),
    Handler(
        RecogniseBrand,
        BRAND,
        REVIEWER_NAMED,
        lambda s, cmd, case: brand.recognise_brand(s, cmd, case.facts),
        gather=gathering.brand,
        named=brand.brand_id,
    ),
)

_ASKED: Sequence[Handler[Any, Any]] = (
    Handler(
        RequestData,
        DATA_REQUESTS,
        ASKER,
        lambda s, cmd, case: data_request.request_data(s, cmd, case.id, case.facts, case.today),
        gather=gathering.data_request,
        makes=True,
    ),
    Handler(
        WithdrawDataRequest,
        DATA_REQUESTS,
        ASKER_BEFORE,
        lambda s, cmd, _: data_request.withdraw_request(s, cmd),
    ),
    Handler(
        AnswerDataRequest,
        ANSWERS,
        ANSWERER,
        lambda s, cmd, case: data_request.answer_request(s, cmd, case.facts, case.today),
        gather=gathering.data_answer,
        makes=True,
    ),
)


def _in_order(handler: Handler[Project, Any]) -> Handler[Project, Any]:
    def decide(project: Project, command: Command, case: Case) -> Sequence[EventData]:
        check_in_order(project, command.effective)
        return handler.decide(project, command, case)

    return replace(handler, decide=decide)


def handlers(report_day: int) -> Sequence[Handler[Any, Any]]:
    """Every command of the registry; `report_day` is the day on which the reports of projects approved now are due."""
    of_projects = (*_REVIEW, _approval(report_day), *_CARRYING_OUT, *_ATTACHING, *_UNTIL_CLOSING)
    return (*_REFERENCE, *(_in_order(handler) for handler in of_projects), *_OTHERS, *_ASKED)
