"""What is told has no character that readers do not see; what was told before is read as it stands."""

import pytest
from pydantic import ValidationError

from services.registry.commands.accepting import AcceptProject
from services.registry.commands.attaching import AddAttachment
from services.registry.commands.carrying_out import ReportProgress
from services.registry.commands.reference import RegisterUnit
from shared.contracts.event import data_of
from shared.contracts.progress import AttachmentOf
from shared.contracts.reference import UnitKind
from shared.field_errors import field_errors
from shared.visible import unseen_in
from tests.unit.registry.builders import submit

UNSEEN = [
    *("\0", "\x08", "\x1b", "\x1f", "\x7f", "\x85", "\r", "\u00ad", "\u034f", "\u061c"),
    *("\u200b", "\u200d", "\u200f", "\u2028", "\u202e", "\u2060", "\u2066", "\u3164", "\ufeff", "\uffff", "\U000e0041"),
]


def wrong(make: object) -> list[tuple[str, str]]:
    """The fields that a command is refused for, and the rules."""
    assert callable(make)
    with pytest.raises(ValidationError) as refused:
        make()
    return [(each["field"], each["code"]) for each in field_errors(refused.value.errors(), "zh")]


@pytest.mark.parametrize("character", UNSEEN)
def test_what_no_reader_sees_is_named_with_its_place(character: str):
    assert unseen_in(f"石牌镇{character}油茶") == {"character": f"U+{ord(character):04X}", "place": 4}


@pytest.mark.parametrize(
    "text", ["石牌镇　油茶（二期）", "〔2023〕1号", "café\u00a0à", "❤\ufe0f", "葛\U000e0100", "𠮷", "一\r\n\t二"]
)
def test_what_readers_see_is_taken(text: str):
    assert unseen_in(text) is None


def test_a_name_is_of_one_line_and_a_note_may_have_several():
    parent = {"kind": UnitKind.VILLAGE, "parent": "340822100"}
    assert wrong(lambda: RegisterUnit(name="石牌\n村", **parent)) == [("name", "not_one_line")]
    assert wrong(lambda: RegisterUnit(name="石牌\t村", **parent)) == [("name", "not_one_line")]
    assert ReportProgress(month="2023-03", percent="5", note="一\n\t二").note == "一\n\t二"
    assert wrong(lambda: ReportProgress(month="2023-03", percent="5", note="一\u200b")) == [
        ("note", "invisible_character")
    ]


def test_every_place_that_is_wrong_is_named():
    told = submit().model_dump()
    told["milestones"][0]["title"] = "开\u200b工"
    told["four_ones"]["team"][0]["duty"] = "牵头\n负责"
    told["measures"] = ["走访\u202e"]
    assert wrong(lambda: type(submit()).model_validate(told)) == [
        ("measures.0", "invisible_character"),
        ("four_ones.team.0.duty", "not_one_line"),
        ("milestones.0.title", "invisible_character"),
    ]
    assert wrong(lambda: AcceptProject(signers=("张三", "李\t四"))) == [("signers.1", "not_one_line")]


def test_a_file_is_not_named_backwards():
    told = {"digest": "0" * 64, "name": "纪要\u202efdp.exe", "about": AttachmentOf.PLAN}
    assert wrong(lambda: AddAttachment(**told)) == [("name", "invisible_character")]


def test_what_was_told_before_is_read_as_it_stands():
    fact = data_of("cn.guatu.reference.person-renamed.v1", {"name": "张\u200b三\n"})
    assert fact.model_dump()["name"] == "张\u200b三"
