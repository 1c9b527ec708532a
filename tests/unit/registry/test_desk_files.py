"""The files of a project as a page shows them: what they may be about, and in which words."""

from services.registry.desk.files import FileLine, target, targets_of
from services.registry.project.life import PROJECT
from shared.contracts.progress import AttachmentAdded, AttachmentOf
from tests.unit.registry.builders import UNDER_WAY, inspected, problem, reported
from tests.unit.registry.dsl import TODAY, folded


def test_a_file_may_be_about_what_the_project_has():
    state = folded(PROJECT, *UNDER_WAY, reported("2023-02", 10), inspected(), problem("p1"))
    values = [value for value, _ in targets_of(state)]
    assert values == ["plan", "report:2023-02", "milestone:m1", "milestone:m2", "problem:p1", "acceptance", "other"]
    assert dict(targets_of(state))["report:2023-02"] == "2023-02 报送"


def test_what_a_file_is_about_is_told_apart():
    assert (target("plan"), target("report:2023-02")) == (("plan", ""), ("report", "2023-02"))


def test_a_size_is_told_in_the_unit_that_fits_it():
    def size(bytes: int) -> str:
        made = AttachmentAdded(
            digest="a" * 64, name="x", media_type="application/pdf", size=bytes, about=AttachmentOf.PLAN
        )
        return FileLine(made, "方案", TODAY, "s", erased=False).size

    assert [size(each) for each in (10, 12_600, 2_450_000)] == ["1 KB", "12 KB", "2.5 MB"]
