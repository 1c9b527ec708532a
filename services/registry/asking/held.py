"""What the platform holds already, and where: whoever asks units for it is shown the place instead."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Held:
    """Something that the platform holds: the words that it is asked for by, and where it stands."""

    names: tuple[str, ...]
    where: str


ALWAYS_HELD: tuple[Held, ...] = (
    Held(("完成进度", "项目进度", "进展情况", "进度百分比", "完成比例", "月度进展"), "项目页“进度过程”"),
    Held(
        ("项目名称", "项目清单", "项目台账", "项目名单", "立项清单", "立项台账", "项目总表"), "“项目台账”，可导出表格"
    ),
    Held(("立项数", "项目数", "项目总数", "项目个数", "销号数", "销号项目"), "单位页的合计"),
    Held(("立项文号", "立项时间", "立项日期", "销号文号", "销号时间", "验收时间", "公示时间"), "项目页“项目进程”"),
    Held(("实施方案", "项目方案", "工作目标", "具体措施", "工作措施", "四个一"), "项目页“四个一”和方案"),
    Held(("责任人", "责任书记", "书记姓名", "书记名单", "支部书记名册", "班子名册"), "“项目台账”的书记一栏"),
    Held(("工作专班", "专班成员", "团队成员", "人员分工"), "项目页“一支队伍”"),
    Held(("节点完成", "时间节点", "序时进度", "节点清单"), "项目页“节点与今日”"),
    Held(("问题清单", "存在问题", "整改情况", "整改台账", "整改完成"), "项目页“问题与整改”"),
    Held(("评审意见", "修改意见", "审核意见"), "项目页“评审意见”"),
    Held(("品牌名称", "品牌清单", "品牌名单", "品牌数"), "“成果与指标”页的“品牌”"),
    Held(("中期评估结果", "检查记录", "抽查记录"), "“问题与整改”页的“检查记录”"),
    Held(("单位名称", "村名单", "支部名单", "基层党组织名册", "组织架构"), "单位页，逐级往下看"),
)
"""What the registry's facts say of every county; the metrics of its catalogues come on top."""


def catalogued(metrics: Iterable[str]) -> tuple[Held, ...]:
    """What is held since it is recorded of units: the metrics of these names."""
    return tuple(Held((name,), f"“成果与指标”页的指标“{name}”") for name in metrics)


_WHOSE = "(?:各|全|本|所属|所辖|下属)?(?:省|市|县|区|乡|镇|街道|村|社区|党支部|支部|党组织|单位|项目)"
_WHEN = r"\d+年度?|\d+月份?|[上下]半年|第?[一二三四1-4]季度|[本全当]年|[本当]月|年度|季度|月度|当前|目前|最新"
_BEFORE = f"(?:{_WHOSE}|{_WHEN}|书记|领办|事项|工作|的)*"
_AFTER = "(?:情况|统计|汇总|明细|一览|清单|名单|名册|台账|表|总数|数|量|百分比|亿元|万元|元|个|人|户|亩|次)*"
"""What may stand around the name of a thing without making it another one: whose, when, as what, in which measure.

No word of them is made of others: else a long name could be read in too many ways.
"""


def holder_of(asked: str, held: Iterable[Held]) -> Held | None:
    """What is held of the thing that is asked for by this name, None if nothing is.

    `招商引资项目数` is another thing than `各村项目数`: what stands around the name of a thing must be known.
    """
    wanted = as_asked(asked)
    return next((each for each in held if any(_is(word, wanted) for word in map(as_asked, each.names) if word)), None)


def _is(word: str, wanted: str) -> bool:
    return word in wanted and re.fullmatch(f"{_BEFORE}{re.escape(word)}{_AFTER}", wanted) is not None


def as_asked(name: str) -> str:
    """A name without what one asker writes and another leaves out: width, case, blanks, marks."""
    folded = unicodedata.normalize("NFKC", name).casefold()
    return "".join(each for each in folded if unicodedata.category(each)[0] in "LN")
