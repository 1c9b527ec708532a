"""The registry's commands: for each its stream, who may, what is decided, and what is read for it."""

from collections.abc import Sequence
from typing import Any

from services.registry import gathering
from services.registry.around import brand, campaign, inspection
from services.registry.around.brand import BRAND
from services.registry.around.campaign import CAMPAIGN
from services.registry.around.handlers import AROUND
from services.registry.around.inspection import INSPECTION
from services.registry.asking import data_request
from services.registry.asking import gathering as gathering_asked
from services.registry.asking.data_request import ANSWERS, DATA_REQUESTS
from services.registry.commands.campaigns import InspectUnit, OpenCampaign, RecogniseBrand
from services.registry.commands.data_requests import AnswerDataRequest, RequestData, WithdrawDataRequest
from services.registry.commands.reference import (
    Appoint,
    EndAppointment,
    HandOver,
    PublishCalendar,
    RegisterPerson,
    RegisterUnit,
    RenamePerson,
)
from services.registry.commands.units import CloseUnit, MergeUnit, MoveUnit, RenameUnit, SplitUnit
from services.registry.project.handlers import project_handlers
from services.registry.reference import calendar, person, restructuring, unit
from services.registry.reference import gathering as gathering_tree
from services.registry.reference.calendar import CALENDAR
from services.registry.reference.person import PERSON
from services.registry.reference.unit import UNIT
from services.registry.rights import (
    ADMIN_ANYWHERE,
    ADMIN_AT_UNIT,
    ADMIN_OF_CHANGE,
    ADMIN_OF_MOVE,
    ADMIN_OF_PERSON,
    ADMIN_OF_UNIT,
    ANSWERER,
    ASKER,
    ASKER_BEFORE,
    INSPECTOR_NAMED,
    REVIEWER_NAMED,
)
from shared.command import Beside, Handler

_REFERENCE: Sequence[Handler[Any, Any]] = (
    Handler(
        RegisterUnit,
        UNIT,
        ADMIN_OF_UNIT,
        lambda s, cmd, case: unit.register_unit(s, cmd, case.id, case.facts, case.today),
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
        HandOver,
        PERSON,
        ADMIN_AT_UNIT,
        lambda s, cmd, case: person.hand_over(s, cmd, case.id),
        gather=gathering.post_unit,
        beside=Beside(PERSON, lambda cmd: cmd.to, lambda s, cmd, case: person.take_over(s, cmd, case.facts)),
    ),
    Handler(RenamePerson, PERSON, ADMIN_OF_PERSON, lambda s, cmd, _: person.rename_person(s, cmd)),
    Handler(
        PublishCalendar,
        CALENDAR,
        ADMIN_ANYWHERE,
        lambda s, cmd, case: calendar.publish_calendar(s, cmd, case.id),
        makes=True,
    ),
)

TREE = "the tree of units"
"""What changes it goes one after the other: two moves at once could make a loop of it."""

_RESTRUCTURING: Sequence[Handler[Any, Any]] = (
    Handler(RenameUnit, UNIT, ADMIN_OF_CHANGE, lambda s, cmd, case: restructuring.rename_unit(s, cmd, case.today)),
    Handler(
        MoveUnit,
        UNIT,
        ADMIN_OF_MOVE,
        lambda s, cmd, case: restructuring.move_unit(s, cmd, case.facts, case.today),
        gather=gathering_tree.new_parent,
        alone=TREE,
    ),
    Handler(
        MergeUnit,
        UNIT,
        ADMIN_OF_CHANGE,
        lambda s, cmd, case: restructuring.merge_unit(s, cmd, case.facts, case.today),
        gather=gathering_tree.merged_into,
        alone=TREE,
    ),
    Handler(
        SplitUnit,
        UNIT,
        ADMIN_OF_CHANGE,
        lambda s, cmd, case: restructuring.split_unit(s, cmd, case.facts, case.today),
        gather=gathering_tree.parts,
        alone=TREE,
    ),
    Handler(
        CloseUnit,
        UNIT,
        ADMIN_OF_CHANGE,
        lambda s, cmd, case: restructuring.close_unit(s, cmd, case.facts, case.today),
        gather=gathering_tree.heir,
        alone=TREE,
    ),
)

_OTHERS: Sequence[Handler[Any, Any]] = (
    Handler(
        OpenCampaign,
        CAMPAIGN,
        REVIEWER_NAMED,
        lambda s, cmd, case: campaign.open_campaign(s, cmd, case.id, case.facts, cmd.effective or case.today),
        gather=gathering.ended(lambda _, cmd: cmd.county),
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
        lambda s, cmd, case: brand.recognise_brand(s, cmd, case.facts, cmd.effective or case.today),
        gather=gathering.place,
        named=brand.brand_id,
    ),
)

_ASKED: Sequence[Handler[Any, Any]] = (
    Handler(
        RequestData,
        DATA_REQUESTS,
        ASKER,
        lambda s, cmd, case: data_request.request_data(s, cmd, case.id, case.facts, case.today),
        gather=gathering_asked.data_request,
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
        gather=gathering_asked.data_answer,
        makes=True,
    ),
)


def handlers(report_day: int, extension_days: int) -> Sequence[Handler[Any, Any]]:
    """Every command of the registry.

    `report_day` is the day on which the reports of projects approved now are due, `extension_days` how long an
    extension may be.
    """
    return (*_REFERENCE, *_RESTRUCTURING, *project_handlers(report_day, extension_days), *_OTHERS, *_ASKED, *AROUND)
