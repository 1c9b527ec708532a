"""The desks' words: stages, kinds, criteria, and what was done by each form."""

from collections.abc import Mapping

from services.registry.project.state import ExtensionStage, Stage
from shared.contracts.cases import CaseColumn
from shared.contracts.honours import HonourKind, HonourLevel
from shared.contracts.progress import Severity
from shared.contracts.project import Criterion, ProjectKind
from shared.contracts.rhythm import RhythmKind
from shared.contracts.visits import VisitStage

STAGES: Mapping[Stage, str] = {
    Stage.PROPOSED: "已申报",
    Stage.SUBMITTED: "评审中",
    Stage.RETURNED: "退回修改",
    Stage.REJECTED: "未立项",
    Stage.WITHDRAWN: "已撤回",
    Stage.APPROVED: "已立项",
    Stage.STARTED: "实施中",
    Stage.ACCEPTANCE_REQUESTED: "申请验收",
    Stage.ACCEPTED: "验收通过",
    Stage.ANNOUNCED: "公示中",
    Stage.CLOSED: "已销号",
    Stage.TERMINATED: "已终止",
}


def stage_word(stage: Stage | None) -> str:
    """A stage in words; nothing before the proposal."""
    return STAGES[stage] if stage else ""


STAGE_COLOURS: Mapping[str, str] = {
    "returned": "yellow",
    "rejected": "red",
    "terminated": "red",
    "submitted": "blue",
    "closed": "green",
}

KINDS: Mapping[ProjectKind, str] = {ProjectKind.SECRETARY: "书记项目", ProjectKind.LED: "书记领办项目/事项"}

CRITERIA: Mapping[Criterion, str] = {
    Criterion.SMALL: "切口小",
    Criterion.HARD: "有难度",
    Criterion.EXEMPLARY: "示范强",
    Criterion.DOABLE: "能落实",
}

PROBLEMS: Mapping[str, tuple[str, str]] = {
    "found": ("待整改", "yellow"),
    "refused": ("退回整改", "red"),
    "rectified": ("待核验", "blue"),
    "verified": ("已销号", "green"),
}
"""A problem's stage as a chip says it, and its colour."""
EXTENSIONS: Mapping[ExtensionStage, tuple[str, str]] = {
    ExtensionStage.REQUESTED: ("待初审", "yellow"),
    ExtensionStage.ENDORSED: ("待批准", "blue"),
    ExtensionStage.GRANTED: ("已批准", "green"),
    ExtensionStage.REFUSED: ("不同意", "red"),
}
"""The same of an extension."""
SEVERITIES: Mapping[Severity, str] = {Severity.MINOR: "一般", Severity.MAJOR: "严重"}

VISIT_STAGES: Mapping[VisitStage, str] = {
    VisitStage.REVIEW: "立项评审",
    VisitStage.CARRYING_OUT: "实施",
    VisitStage.ACCEPTANCE: "验收评估",
}

RHYTHMS: Mapping[RhythmKind, str] = {
    RhythmKind.MONTHLY_BULLETIN: "每月通报",
    RhythmKind.QUARTERLY_REVIEW: "每季调度",
    RhythmKind.MID_TERM: "中期评估",
    RhythmKind.YEAR_END: "年底述评",
}
RHYTHM_STATES: Mapping[str, tuple[str, str]] = {
    "held": ("已办", "green"),
    "due": ("待办", "blue"),
    "overdue": ("逾期", "red"),
}
"""Where what recurs stands, as a chip says it, and its colour."""

COLUMNS: Mapping[CaseColumn, str] = {CaseColumn.SHOWCASE: "书记晒项目", CaseColumn.RESULTS: "晒成效"}
HONOURS: Mapping[HonourKind, str] = {
    HonourKind.INSTRUCTION: "批示肯定",
    HonourKind.CASE: "典型案例",
    HonourKind.COLLECTIVE: "先进集体",
    HonourKind.DEMONSTRATION: "示范",
}
LEVELS: Mapping[HonourLevel, str] = {
    HonourLevel.NATION: "国家级",
    HonourLevel.PROVINCE: "省级",
    HonourLevel.CITY: "市级",
    HonourLevel.COUNTY: "县级",
}

DONE: Mapping[str, str] = {
    "propose": "已申报，请接着填写方案。",
    "submit-plan": "方案已提交评审。",
    "answer-opinion": "已答复意见。",
    "approve-plan": "已通过立项：{title}。",
    "return-plan": "已退回修改：{title}。",
    "reject-plan": "不予立项，已通知申报单位：{title}。",
    "give-opinion": "意见已记下。",
    "start": "已开工。",
    "report-progress": "已报送，每月只报一次。",
    "reach-milestone": "节点已记为完成。",
    "inspect": "检查已记录。",
    "inspect-unit": "对单位的检查已记录。",
    "find-problem": "问题已记录，等待整改。",
    "report-rectification": "整改情况已报，等待核验。",
    "verify-rectification": "整改已核验，问题销号。",
    "refuse-rectification": "整改未通过，已退回并定新期限。",
    "request-acceptance": "已申请验收。",
    "accept": "验收通过，可以发布公示。",
    "fail-acceptance": "验收未通过，所列问题进入整改。",
    "announce": "已发布公示。",
    "raise-objection": "异议已登记。",
    "resolve-objection": "异议已办结。",
    "close": "已销号。",
    "withdraw": "申报已撤回。",
    "hand-over": "已移交责任书记。",
    "terminate": "项目已终止。",
    "reopen": "项目已重新启动，原销号文号保留。",
    "carry-over": "已结转，立项文号不变。",
    "request-extension": "延期申请已提交，等待初审。",
    "endorse-extension": "延期已通过初审，等待批准。",
    "grant-extension": "已批准延期，按新的日期计算。",
    "refuse-extension": "已不同意延期，原定日期不变。",
    "correct-milestone": "节点已更正，原来的日期留在项目记录里。",
    "register": "已登记。",
    "appoint": "任职已登记。",
    "end-appointment": "任职已结束。",
    "hold-visit": "现场办公已记录。",
    "collect-suggestion": "意见建议已记下。",
    "raise-difficulty": "难点已记下。",
    "take-on-difficulty": "已记下由谁办。",
    "solve-difficulty": "难点已解决。",
    "draw": "已抽签，人人可按签号重算。",
    "hold-check": "互查已登记。",
    "hold-item": "已登记为办结。",
    "set": "工作日历已排定。",
    "register-unit": "单位已登记。",
    "rename-unit": "单位已更名。",
    "move-unit": "单位已划转。",
    "merge-unit": "单位已并入。",
    "split-unit": "单位已拆分。",
    "close-unit": "单位已撤销。",
    "select-case": "案例已选入。",
    "publish-case": "案例已登栏目。",
    "recognise-brand": "品牌已认定。",
    "record-honour": "荣誉已记下。",
    "label-unit": "称号已记下。",
    "define-metric": "指标已列入目录。",
    "record-metric": "指标值已记下。",
    "correct-metric": "指标值已更正，原值仍可看到。",
    "add-file": "文件已附上。",
    "erase-file": "内容已删除，记录仍在。",
    "ask-data": "已登记，所列单位在各自的“资料征集”里可以看到。",
    "answer-data": "已答复；情况有变可以再改。",
    "withdraw-data": "已撤回，不再索要；已答复的内容保留。",
}
