"""Events in the words of those who read a project's history."""

from decimal import Decimal

import pytest

from services.reporting.words import Told, lamp_reason, month_in_words, nth, told
from shared.contracts import progress as p
from shared.contracts import project as q
from shared.contracts import visits as v
from shared.contracts.alert import Lamp
from shared.contracts.event import EventData, models
from tests.unit.reporting.builders import approved, day, found, proposed, reported, submitted


@pytest.mark.parametrize(
    ("data", "what", "why"),
    [
        (proposed(), "提出书记项目", "石牌镇背街小巷“点亮工程”（人居环境）"),
        (submitted(round=2), "报送方案（第二轮）", "年底前六条背街小巷有路灯"),
        (approved(), "评审通过，立项", "怀组〔2023〕86号，第一轮"),
        (
            q.PlanApproved(round=1, number="怀组〔2023〕86号", former_number="12号"),
            "评审通过，立项",
            "怀组〔2023〕86号，第一轮；原文号12号",
        ),
        (
            q.OpinionGiven(
                opinion="o1", round=1, criterion=q.Criterion.SMALL, kind=q.OpinionKind.CHANGE, text="切口偏大"
            ),
            "提出修改意见：切口小",
            "切口偏大",
        ),
        (q.ProjectAccepted(signers=("甲", "乙"), note="属实"), "验收通过", "甲、乙签字；属实"),
        (q.PublicNoticeIssued(number="公示9号", ends=day("2023-07-24")), "公示", "公示9号，公示至2023年7月24日"),
        (reported("2023-07", "76.8"), "报送2023年7月进度 76.8%", ""),
        (
            p.ProgressCorrected(month="2023-08", was=Decimal(66), percent=Decimal(64), reason="重复计入"),
            "更正2023年8月进度：66.0% → 64.0%",
            "重复计入",
        ),
        (p.MilestoneReached(milestone="m2", on=day("2023-07-10")), "完成节点“安装调试”", "2023年7月10日"),
        (
            p.MilestoneCorrected(milestone="m2", was=day("2023-07-10"), on=None, reason="误报"),
            "更正节点“安装调试”：2023年7月10日 → 未完成",
            "误报",
        ),
        (
            p.ExtensionRequested(
                extension="e1",
                of=p.Extended.MILESTONE,
                subject="m2",
                was=day("2023-07-10"),
                due=day("2023-07-20"),
                reason="汛期",
                endorsed_at="340822",
            ),
            "申请延期：节点“安装调试”，2023年7月10日 → 2023年7月20日",
            "汛期",
        ),
        (
            p.ExtensionGranted(extension="e1", of=p.Extended.PROBLEM, subject="p1", due=day("2023-07-20")),
            "批准延期：问题整改，延至2023年7月20日",
            "",
        ),
        (
            q.ProjectReopened(closure="怀组销〔2023〕1号", reason="返潮"),
            "重新启动",
            "原销号文号：怀组销〔2023〕1号；返潮",
        ),
        (v.DifficultyRaised(difficulty="help-2023-07", text="资金缺口"), "提出难点问题", "资金缺口"),
        (
            v.DifficultyTakenOn(difficulty="d", by="县财政局", until=day("2023-08-01")),
            "县财政局认领难点问题",
            "2023年8月1日前解决",
        ),
        (v.DifficultyTakenOn(difficulty="d", by="县财政局"), "县财政局认领难点问题", ""),
        (v.DifficultySolved(difficulty="d", how="已拨付"), "解决难点问题", "已拨付"),
        (found("p1", "2023-07-01"), "指出一般问题，2023年7月1日前整改", "公示栏没有更新"),
    ],
)
def test_an_event_is_told_in_words(data: EventData, what: str, why: str) -> None:
    assert told(data, {"m2": "安装调试"}) == Told(what, why)


def test_a_hand_over_names_both_secretaries() -> None:
    handed = q.ProjectHandedOver(was="wang", secretary="li", reason="调任")
    words = told(handed, {}, {"wang": "王建国", "li": "李明"})
    assert words == Told("移交责任书记", "王建国 → 李　明；调任")


def test_every_event_of_a_project_has_words() -> None:
    of_a_project = {*q.ProjectEvent.__args__, *p.ProgressEvent.__args__}
    without = [
        name
        for name, model in models()
        if model in of_a_project and told(_any(model), {"m": "节点"}).what == model.type
    ]
    assert without == []


def _any(model: type[EventData]) -> EventData:
    """Some event of a type."""
    values = {
        "kind": q.OpinionKind.REMARK if model is q.OpinionGiven else q.ProjectKind.LED,
        "criterion": q.Criterion.HARD,
        "severity": p.Severity.MAJOR,
        "month": "2023-07",
        "milestone": "m",
        "round": 3,
        "percent": Decimal(1),
        "was": {p.ProgressCorrected: Decimal(2), q.ProjectHandedOver: "wang"}.get(model, day("2023-06-01")),
        "of": p.Extended.PROBLEM,
        "year": 2024,
        "signers": ("甲",),
    }
    days = {"due", "on", "ends", "starts", "until"}
    return model.model_construct(
        **{name: day("2023-07-01") if name in days else values.get(name, "字") for name in model.model_fields}
    )


def test_rounds_and_months_are_written_out() -> None:
    assert (nth(1), nth(10), nth(11), month_in_words("2023-01")) == ("第一轮", "第十轮", "第11轮", "2023年1月")


@pytest.mark.parametrize("lamp", [Lamp.RED, Lamp.YELLOW, Lamp.BLUE])
def test_the_reason_of_a_lamp_that_warns_says_on_which_day_it_turned(lamp: Lamp) -> None:
    behind = "截至2023年6月30日应完成80%，实际完成40%，落后40个百分点"
    assert lamp_reason(lamp, behind, day("2023-07-06")) == f"2023年7月6日亮灯时：{behind}"


def test_a_green_lamp_tells_no_reason_since_that_changes_while_the_lamp_does_not() -> None:
    assert lamp_reason(Lamp.GREEN, "已立项，待启动", day("2023-07-06")) == ""
    assert lamp_reason(Lamp.GREY, "2023年7月6日销号", day("2023-07-06")) == "2023年7月6日销号"
    assert lamp_reason(None, "", None) == ""
