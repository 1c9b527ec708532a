"""Events of a project in the words of those who read its history."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from types import MappingProxyType
from typing import Any, NamedTuple

from shared.contracts import progress as p
from shared.contracts import project as q
from shared.contracts import visits as v
from shared.contracts.alert import Lamp
from shared.web.wording import day_in_words, number, person

KINDS = {q.ProjectKind.SECRETARY: "书记项目", q.ProjectKind.LED: "书记领办项目"}
CRITERIA = {
    q.Criterion.SMALL: "切口小",
    q.Criterion.HARD: "有难度",
    q.Criterion.EXEMPLARY: "示范强",
    q.Criterion.DOABLE: "能落实",
}
SEVERITIES = {p.Severity.MINOR: "一般问题", p.Severity.MAJOR: "突出问题"}
WARNING = frozenset({Lamp.RED, Lamp.YELLOW, Lamp.BLUE})
ORDINALS = "一二三四五六七八九十"


class Told(NamedTuple):
    """What happened, and the detail or reason under it."""

    what: str
    why: str = ""


def told(data: Any, titles: Mapping[str, str], names: Mapping[str, str] = MappingProxyType({})) -> Told:
    """An event's data in words, milestones by titles and persons by names; a type without words is told by its name."""
    return (
        _of_review(data)
        or _of_life(data)
        or _of_turns(data, names)
        or _of_progress(data, titles)
        or _of_extensions(data, titles)
        or _of_checks(data)
        or _of_difficulties(data)
        or Told(data.type)
    )


def _of_review(data: Any) -> Told | None:
    match data:
        case q.ProjectProposed(title=title, kind=kind, category=category):
            return Told(f"提出{KINDS[kind]}", f"{title}（{category}）")
        case q.PlanSubmitted(round=n, goal=goal):
            return Told(f"报送方案（{nth(n)}）", goal)
        case q.OpinionGiven(kind=kind, criterion=criterion, text=text):
            word = "提出修改意见" if kind is q.OpinionKind.CHANGE else "提出评审意见"
            return Told(f"{word}：{CRITERIA[criterion]}", text)
        case q.OpinionAnswered(answer=answer):
            return Told("答复修改意见", answer)
        case q.PlanReturned(round=n, reason=reason):
            return Told(f"退回修改（{nth(n)}）", reason)
        case q.PlanRejected(reason=reason):
            return Told("不予立项", reason)
        case q.PlanApproved(round=n, number=document, former_number=former):
            return Told("评审通过，立项", _joined(f"{document}，{nth(n)}", former and f"原文号{former}"))
        case _:
            return None


def _of_life(data: Any) -> Told | None:
    match data:
        case q.ProjectStarted():
            return Told("开始实施")
        case q.AcceptanceRequested(summary=summary):
            return Told("申请验收", summary)
        case q.ProjectAccepted(signers=signers, note=note):
            return Told("验收通过", _joined("、".join(signers) + "签字", note))
        case q.AcceptanceFailed(reason=reason):
            return Told("验收未通过", reason)
        case q.PublicNoticeIssued(number=document, ends=ends):
            return Told("公示", f"{document}，公示至{day_in_words(ends)}")
        case q.ObjectionRaised(text=text):
            return Told("公示期收到异议", text)
        case q.ObjectionResolved(text=text):
            return Told("异议已处理", text)
        case q.ProjectClosed(number=document):
            return Told("销号", document)
        case _:
            return None


def _of_turns(data: Any, names: Mapping[str, str]) -> Told | None:
    match data:
        case q.ProjectWithdrawn(reason=reason):
            return Told("撤回申报", reason)
        case q.ProjectHandedOver(was=was, secretary=secretary, reason=reason):
            who = f"{person(names.get(was, was))} → {person(names.get(secretary, secretary))}"
            return Told("移交责任书记", _joined(who, reason))
        case q.ProjectTerminated(reason=reason):
            return Told("终止项目", reason)
        case q.ProjectReopened(closure=closure, reason=reason):
            return Told("重新启动", _joined(f"原销号文号：{closure}", reason))
        case q.ProjectCarriedOver(year=year, reason=reason):
            return Told(f"结转至{year}年", reason)
        case _:
            return None


def _of_progress(data: Any, titles: Mapping[str, str]) -> Told | None:
    match data:
        case p.ProgressReported(month=month, percent=percent, note=note, help_needed=need):
            needed = f"需协调：{need}" if need else ""
            return Told(f"报送{month_in_words(month)}进度 {_percent(percent)}", _joined(note, needed))
        case p.ProgressCorrected(month=month, was=was, percent=percent, reason=reason):
            return Told(f"更正{month_in_words(month)}进度：{_percent(was)} → {_percent(percent)}", reason)
        case p.MilestoneReached(milestone=milestone, on=on):
            return Told(f"完成节点“{titles.get(milestone, milestone)}”", day_in_words(on))
        case p.MilestoneCorrected(milestone=milestone, was=was, on=on, reason=reason):
            corrected = day_in_words(on) if on else "未完成"
            return Told(f"更正节点“{titles.get(milestone, milestone)}”：{day_in_words(was)} → {corrected}", reason)
        case _:
            return None


def _of_extensions(data: Any, titles: Mapping[str, str]) -> Told | None:
    match data:
        case p.ExtensionRequested(of=of, subject=subject, was=was, due=due, reason=reason):
            what = f"申请延期：{_extended(of, subject, titles)}，{day_in_words(was)} → {day_in_words(due)}"
            return Told(what, reason)
        case p.ExtensionEndorsed(note=note):
            return Told("延期通过初审", note)
        case p.ExtensionGranted(of=of, subject=subject, due=due):
            return Told(f"批准延期：{_extended(of, subject, titles)}，延至{day_in_words(due)}")
        case p.ExtensionRefused(reason=reason):
            return Told("不同意延期", reason)
        case _:
            return None


def _extended(of: p.Extended, subject: str, titles: Mapping[str, str]) -> str:
    return f"节点“{titles.get(subject, subject)}”" if of is p.Extended.MILESTONE else "问题整改"


def _of_checks(data: Any) -> Told | None:
    match data:
        case p.ProjectInspected(note=note):
            return Told("检查组现场检查", note)
        case p.ProblemFound(severity=severity, text=text, due=due):
            return Told(f"指出{SEVERITIES[severity]}，{day_in_words(due)}前整改", text)
        case p.AttachmentAdded(name=name):
            return Told(f"附文件“{name}”")
        case p.AttachmentErased(reason=reason):
            return Told("删除一份附件的内容", reason)
        case p.RectificationReported(text=text):
            return Told("报告整改", text)
        case p.RectificationVerified(note=note):
            return Told("核验整改：属实", note)
        case p.RectificationRefused(reason=reason, due=due):
            return Told(f"核验整改：退回，{day_in_words(due)}前重新整改", reason)
        case _:
            return None


def _of_difficulties(data: Any) -> Told | None:
    match data:
        case v.DifficultyRaised(text=text):
            return Told("提出难点问题", text)
        case v.DifficultyTakenOn(by=by, until=until):
            return Told(f"{by}认领难点问题", f"{day_in_words(until)}前解决" if until else "")
        case v.DifficultySolved(how=how):
            return Told("解决难点问题", how)
        case _:
            return None


def nth(round: int) -> str:
    """第一轮 … 第十轮, 第11轮."""
    return f"第{ORDINALS[round - 1] if round <= len(ORDINALS) else round}轮"


def month_in_words(month: str) -> str:
    """2023-07 as 2023年7月."""
    year, _, number = month.partition("-")
    return f"{year}年{int(number)}月"


def _percent(value: Decimal) -> str:
    return f"{number(value, 1)}%"


def _joined(*parts: str) -> str:
    return "；".join(part for part in parts if part)


def lamp_reason(lamp: Lamp | None, reason: str, since: date | None) -> str:
    """Why a lamp is lit; if it warns, with the day on which it turned, which the reason holds for; nothing if green.

    A lamp is told when it turns, not when its reason alone does: a green project of 待启动 may have begun.
    """
    if lamp in WARNING and since:
        return f"{day_in_words(since)}亮灯时：{reason}"
    return "" if lamp is Lamp.GREEN else reason
