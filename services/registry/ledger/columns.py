"""The columns of a ledger: their heads, what may stand in them, and what is derived where one is empty."""

from collections.abc import Sequence
from dataclasses import dataclass

from services.registry.commands.reviewing import CATEGORIES
from shared.contracts.project import ProjectKind

ERRORS = "错误说明"
OURS = frozenset({ERRORS})
"""Heads of columns that the platform itself adds, and does not read."""

KINDS = {
    "书记项目": ProjectKind.SECRETARY,
    "书记领办项目": ProjectKind.LED,
    "书记领办事项": ProjectKind.LED,
    "领办项目": ProjectKind.LED,
    "领办事项": ProjectKind.LED,
    "事项": ProjectKind.LED,
}


@dataclass(frozen=True, slots=True)
class Column:
    """A column: `about` is what people read of it, `fields` are the places in commands that come from it."""

    key: str
    head: str
    about: str
    example: str
    required: bool = False
    synonyms: tuple[str, ...] = ()
    choices: tuple[str, ...] = ()
    only_these: bool = True
    fields: tuple[str, ...] = ()


COLUMNS: Sequence[Column] = (
    Column("county", "县（市、区）", "编码或名称。", "怀宁县", True, ("县", "县区", "县市区", "所属县区")),
    Column(
        "unit",
        "单位",
        "编码，或在本县（市、区）内的名称；同名的写成“石牌镇/皖河村”或写编码。",
        "石牌镇",
        True,
        ("责任单位", "项目单位", "所属党组织", "单位名称"),
        fields=("owner",),
    ),
    Column(
        "secretary",
        "书记",
        "姓名，须是该单位今天在任的书记；同名的在括号里写人员编号。",
        "李伟",
        True,
        ("项目书记", "责任书记", "书记姓名"),
        fields=("four_ones.secretary",),
    ),
    Column(
        "kind",
        "类型",
        "书记项目，或书记领办项目、事项。",
        "书记项目",
        True,
        ("项目类型",),
        ("书记项目", "书记领办项目", "书记领办事项"),
    ),
    Column(
        "category", "类别", "常用类别见下拉框，可另写。", "乡村振兴", True, ("项目类别",), CATEGORIES, only_these=False
    ),
    Column("year", "年度", "项目所属年度，四位数字。", "2023", True, ("计划年度", "年份")),
    Column(
        "title",
        "项目名称",
        "台账内同一单位同一年度不重名，也不与平台上已申报的重名。",
        "石牌镇油茶产业基地扩面",
        True,
        ("名称", "项目"),
        fields=("four_ones.project",),
    ),
    Column("small", "切口小", "怎样做到切口小。", "只做这一件事，范围清楚", True, fields=("criteria.small",)),
    Column("hard", "有难度", "难在哪里。", "涉及多户，协调难度大", True, fields=("criteria.hard",)),
    Column("exemplary", "示范强", "可供谁借鉴。", "做成后可作为全县示范", True, fields=("criteria.exemplary",)),
    Column("doable", "能落实", "靠什么落实。", "资金已落实，群众有意愿", True, fields=("criteria.doable",)),
    Column("goal", "目标", "项目的目标。", "年底前新扩基地三百亩", True, ("项目目标", "工作目标")),
    Column(
        "measures",
        "措施",
        "一条或多条，换行或用分号隔开。",
        "支部每月召开推进会；书记包片、党员包户",
        True,
        ("主要措施", "工作措施"),
    ),
    Column(
        "team",
        "团队",
        "“姓名：分工”，多人用换行或分号隔开。空着：只有书记一人，分工为“牵头负责”。",
        "王芳：统筹协调；张强：群众工作",
        synonyms=("项目团队", "团队成员"),
        fields=("four_ones.team",),
    ),
    Column(
        "to_the_end",
        "一抓到底",
        "书记从立项抓到销号的安排。空着：“由书记从立项一直抓到销号”。",
        "谁立项谁负责，一直抓到销号",
        fields=("four_ones.to_the_end",),
    ),
    Column("starts", "开始日期", "方案的开始日期。", "2023-03-01", True, ("计划开始", "计划开始日期")),
    Column("ends", "结束日期", "方案的完成期限，晚于开始日期。", "2023-11-30", True, ("完成期限", "计划完成日期")),
    Column(
        "milestones",
        "节点",
        "一行一个：名称|日期|权重，权重之和为 100。空着：一个节点“全部完成”，在结束日期，权重 100。",
        "摸清底数|2023-05-01|40\n群众评议|2023-11-30|60",
        synonyms=("节点安排", "时间节点"),
    ),
    Column(
        "approved",
        "立项日期",
        "审核通过的日期。空着：导入后为待审核的方案，申报和报送日期为导入当天；填了：申报、报送、立项都记在这一天。"
        "立项编号由平台按导入顺序编发。",
        "2023-02-10",
    ),
    Column(
        "started", "开工日期", "开始实施的日期，不早于立项日期。空着：尚未启动。", "2023-03-01", synonyms=("启动日期",)
    ),
    Column(
        "month",
        "最近报送月份",
        "最近一次报送进度的月份，与完成进度同时填写或同时空着。报送日期记在该月最后一天，当月的记在今天。",
        "2023-07",
        synonyms=("报送月份", "最近月份"),
    ),
    Column("percent", "完成进度", "0 到 100，单位为 %，至多两位小数。", "45", synonyms=("进度", "完成比例")),
    Column(
        "note", "备注", "随最近一次报送的说明；没有填报送月份的，不保存并提示。", "按计划推进", synonyms=("进展说明",)
    ),
    Column(
        "former_number",
        "原文号",
        "原来的立项文号，记在立项上；须填立项日期。",
        "怀组〔2023〕12号",
        synonyms=("原立项文号", "立项文号", "文号"),
    ),
)

BY_KEY = {column.key: column for column in COLUMNS}
_BY_FIELD = {field: column.key for column in COLUMNS for field in (column.key, *column.fields)}


def column_of(field: str, otherwise: str) -> str:
    """The column that a place in a command comes from, such as `four_ones.team.0.name`; else another one."""
    while field:
        if field in _BY_FIELD:
            return _BY_FIELD[field]
        field = field.rpartition(".")[0]
    return otherwise
