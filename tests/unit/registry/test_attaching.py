"""Files of a project: named by the hash of their content, about something that there is, erased for good."""

import pytest

from services.registry.around.campaign import Campaign, CampaignFacts
from services.registry.commands.attaching import AddAttachment, AddEvidence, EraseAttachment
from services.registry.commands.carrying_out import VerifyRectification
from services.registry.project.attaching import MOST, check_media_type
from shared.contracts.progress import AttachmentAdded, AttachmentErased, AttachmentOf
from shared.contracts.project import PlanRejected
from shared.errors import InvalidValue
from shared.kept import File, salted
from tests.unit.registry.builders import UNDER_WAY, inspected, opened, problem, proposed, rectified, reported, submitted
from tests.unit.registry.dsl import INSPECTOR, OWNER, by, given

A, B = "a" * 64, "b" * 64
KEPT = File(A, "application/pdf", 1200)


def add(about: AttachmentOf = AttachmentOf.OTHER, ref: str = "", digest: str = A) -> AddAttachment:
    return AddAttachment(digest=digest, name="会议纪要", about=about, ref=ref)


def added(about: AttachmentOf = AttachmentOf.OTHER, ref: str = "", digest: str = A) -> AttachmentAdded:
    return AttachmentAdded(
        digest=digest, name="会议纪要", media_type="application/pdf", size=1200, about=about, ref=ref, of_owner=True
    )


@pytest.mark.parametrize(
    ("about", "ref"),
    [
        (AttachmentOf.PLAN, ""),
        (AttachmentOf.ACCEPTANCE, ""),
        (AttachmentOf.OTHER, ""),
        (AttachmentOf.REPORT, "2023-02"),
        (AttachmentOf.PROBLEM, "p1"),
        (AttachmentOf.MILESTONE, "m1"),
    ],
)
def test_a_file_is_added_to_what_there_is(about: AttachmentOf, ref: str):
    history = given(*UNDER_WAY, reported("2023-02", 10), inspected(), problem("p1"))
    history.when(add(about, ref), knowing=KEPT).then(added(about, ref))


@pytest.mark.parametrize(
    ("about", "ref"),
    [
        (AttachmentOf.REPORT, "2023-03"),
        (AttachmentOf.PROBLEM, "p9"),
        (AttachmentOf.MILESTONE, "m9"),
        (AttachmentOf.PLAN, "x"),
    ],
)
def test_a_file_is_not_added_to_what_there_is_not(about: AttachmentOf, ref: str):
    history = given(*UNDER_WAY, reported("2023-02", 10), inspected(), problem("p1"))
    history.when(add(about, ref), knowing=KEPT).then_refused("attached_to_nothing", "ref", ref=ref)


def test_those_who_check_add_files_too():
    command = AddEvidence(digest=A, name="会议纪要", about=AttachmentOf.OTHER)
    of_checkers = added().model_copy(update={"of_owner": False})
    given(proposed()).when(command, by=INSPECTOR, knowing=KEPT).then(of_checkers)
    given(proposed()).when(command, by=OWNER, knowing=KEPT).then_refused("checks_own_work")


def test_who_brought_the_owners_evidence_does_not_verify_by_it():
    found = (*UNDER_WAY, inspected(), problem("p1"))
    photo = added(AttachmentOf.PROBLEM, "p1")
    verify = VerifyRectification(problem="p1")
    for of_owner, code in ((True, "checks_own_work"), (False, None)):
        brought = by("inspector-2", photo.model_copy(update={"of_owner": of_owner}), for_whom=OWNER)
        outcome = given(*found, brought, rectified("p1")).when(
            verify, by="inspector-2", knowing=CampaignFacts(Campaign(opened()), here=True)
        )
        assert (outcome.refused and outcome.refused.code) == code


def test_a_file_that_was_added_before_its_side_was_told_is_still_read():
    told = added().model_dump(mode="json", exclude={"of_owner"})
    assert not AttachmentAdded.model_validate(told).of_owner


def test_only_a_file_that_was_sent_is_added():
    given(proposed()).when(add(), knowing=None).then_refused("no_such_file", "digest")


def test_a_file_is_added_once_and_again_after_it_was_erased():
    given(proposed(), added()).when(add(), knowing=KEPT).then_refused("attached_already", "digest")
    erased = AttachmentErased(digest=A, reason="含身份证号")
    given(proposed(), added(), erased).when(add(), knowing=KEPT).then(added())


def test_a_project_has_so_many_files_and_no_more():
    many = [added(digest=f"{n:064x}") for n in range(MOST)]
    given(proposed(), *many).when(add(), knowing=KEPT).then_refused("too_many_attachments")
    assert given(proposed(), *many[1:]).when(add(), knowing=KEPT).refused is None


def test_nothing_is_added_to_a_project_that_is_over():
    rejected = PlanRejected(round=1, reason="重复")
    given(proposed(), submitted(), rejected).when(add(), knowing=KEPT).then_refused("project_is_over")


def test_a_file_is_erased_with_a_reason_and_once():
    erase = EraseAttachment(digest=A, reason="含身份证号")
    erased = AttachmentErased(digest=A, reason="含身份证号")
    given(proposed(), added()).when(erase).then(erased)
    given(proposed(), added(), erased).when(erase).then()
    given(proposed(), added(digest=B)).when(erase).then_refused("no_such_attachment")


@pytest.mark.parametrize("found", [None, "text/html", "application/zip", "image/svg+xml", "application/x-msdownload"])
def test_only_documents_and_pictures_are_taken(found: str | None):
    with pytest.raises(InvalidValue, match="media_type_refused"):
        check_media_type(found)
    assert check_media_type("application/pdf") == "application/pdf"


def test_the_same_value_has_another_hash_each_time_it_is_kept():
    assert salted("13800000000").digest != salted("13800000000").digest
