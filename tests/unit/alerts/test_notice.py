"""A notice's life: issued to a secretary, signed for, replied to."""

from dataclasses import replace
from datetime import date

import pytest

from services.alerts.commands import IssueSupervision, IssueWarning, ReplyToNotice, SignNotice
from services.alerts.handlers import HANDLERS
from services.alerts.notice import Notice, NoticeFacts
from shared.contracts.alert import NoticeKind, NoticeReplied, NoticeSigned
from shared.contracts.reference import Role
from tests.projecting import History
from tests.unit.alerts.build import COUNTY, DESK, SECRETARY, TOWN, issue_supervision, issue_warning, notice_issued
from tests.unit.deciding import Decision

ISSUED = notice_issued()
SIGNED = NoticeSigned()
REPLY = ReplyToNotice(text="已逐个会商，倒排工期。")
REPLIED = NoticeReplied(text="已逐个会商，倒排工期。")
NUMBER = "怀组预〔2023〕1号"
FACTS = NoticeFacts(county=COUNTY, addressee_of_unit=True)


def issued(**changes: object) -> Decision:
    """Issue a warning to the secretary of the unit."""
    return DESK.given().when(issue_warning(**changes), knowing=FACTS, number=NUMBER)


def test_a_warning_and_a_supervision_notice_are_issued_under_their_numbers() -> None:
    issued().then(ISSUED)
    supervision = notice_issued(NoticeKind.SUPERVISION, "怀组督〔2023〕3号")
    DESK.given().when(issue_supervision(), knowing=FACTS, number="怀组督〔2023〕3号").then(supervision)


@pytest.mark.parametrize(
    ("command", "kind", "written"),
    [(IssueWarning, "warning", "怀组预〔2023〕7号"), (IssueSupervision, "supervision", "怀组督〔2023〕7号")],
)
def test_each_kind_of_a_county_and_year_is_counted_by_itself(
    command: type[IssueWarning], kind: str, written: str
) -> None:
    numbered = DESK.handler_of(command).numbered
    assert numbered is not None
    assert numbered.kind == kind
    assert numbered.county(None, issue_warning()) == COUNTY
    assert numbered.format(COUNTY, 2023, 7) == written


@pytest.mark.parametrize("county", ["340828", "340800"])
def test_the_unit_lies_in_the_county_by_the_tree_whatever_its_code(county: str) -> None:
    elsewhere = replace(FACTS, county=county)
    DESK.given().when(issue_warning(), knowing=elsewhere).then_refused("notice_unit_not_in_county", "unit")
    assert issued(unit="340828100").refused is None


def test_a_unit_that_nobody_registered_is_named() -> None:
    nowhere = replace(FACTS, county=None)
    DESK.given().when(issue_warning(unit="340822999"), knowing=nowhere).then_refused(
        "no_such_unit", "unit", unit="340822999"
    )
    DESK.given().when(issue_warning(unit="340000"), knowing=nowhere).then_refused("notice_unit_not_in_county", "unit")


def test_the_addressee_is_the_units_secretary() -> None:
    nobody = replace(FACTS, addressee_of_unit=False)
    DESK.given().when(issue_warning(), knowing=nobody).then_refused("addressee_not_of_unit", "addressee")


def test_the_day_to_sign_by_is_not_past_and_the_day_to_reply_by_is_after_it() -> None:
    issued(sign_by=date(2023, 6, 7)).then_refused("sign_by_past", "sign_by")
    assert issued(sign_by=date(2023, 6, 8)).refused is None
    issued(reply_by=date(2023, 6, 12)).then_refused("reply_before_signing", "reply_by")


def test_a_notice_is_signed_for_once() -> None:
    DESK.given(ISSUED).when(SignNotice()).then(SIGNED)
    DESK.given(ISSUED, SIGNED).when(SignNotice()).then_refused("already_signed")


def test_a_notice_may_be_signed_for_and_replied_to_late() -> None:
    DESK.given(ISSUED).when(SignNotice(), today=date(2023, 12, 31)).then(SIGNED)
    DESK.given(ISSUED, SIGNED).when(REPLY, today=date(2023, 12, 31)).then(REPLIED)


def test_a_notice_is_replied_to_once_after_it_was_signed_for() -> None:
    DESK.given(ISSUED).when(REPLY).then_refused("not_signed")
    DESK.given(ISSUED, SIGNED).when(REPLY).then(REPLIED)
    DESK.given(ISSUED, SIGNED, REPLIED).when(REPLY).then_refused("already_replied")


def test_a_supervisor_issues_and_the_secretary_or_an_office_for_the_addressee_answers() -> None:
    issuing, answering = HANDLERS[0].who, DESK.handler_of(SignNotice).who
    assert (issuing.roles, issuing.at(None, issue_warning())) == ({Role.SUPERVISOR}, COUNTY)
    notice = DESK.handler_of(SignNotice).aggregate.evolve(Notice(), History().tell("notice-1", ISSUED)[0])
    assert answering.roles == {Role.BRANCH_SECRETARY, Role.TOWNSHIP_SECRETARY, Role.OFFICE}
    assert (answering.at(notice, SignNotice()), answering.exactly) == (TOWN, True)
    assert answering.for_whom(notice, SignNotice()) == SECRETARY
    assert DESK.handler_of(ReplyToNotice).who == answering
