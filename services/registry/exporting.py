"""The registry's lists as spreadsheets: a line that says as of when, heads, and a row a thing."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from services.registry.desk.words import KINDS, STAGES
from services.registry.project.listing import ProjectLine
from services.registry.reference.directory import CampaignLine, PersonLine, UnitLine
from services.registry.reference.words import ROLES
from shared.clock import SHANGHAI
from shared.contracts.divisions import UnitKind
from shared.contracts.progress import CampaignKind
from shared.spreadsheet import Cell, Sheet, written

ROWS = 50_000
"""So many rows an exported list has at most."""

UNITS = {
    UnitKind.PROVINCE: "省",
    UnitKind.CITY: "市",
    UnitKind.COUNTY: "县（市、区）",
    UnitKind.TOWNSHIP: "乡镇（街道）",
    UnitKind.VILLAGE: "村",
    UnitKind.COMMUNITY: "社区",
    UnitKind.ZONE: "开发区",
    UnitKind.DEPARTMENT: "机关部门",
    UnitKind.ENTERPRISE: "企业",
    UnitKind.ESTATE: "小区",
}
CAMPAIGNS = {CampaignKind.MID_TERM: "中期评估", CampaignKind.SPOT_CHECK: "抽查", CampaignKind.YEAR_END: "年底述评"}


@dataclass(frozen=True, slots=True)
class Names:
    """What codes and person ids are called; one that is not known stands for itself."""

    units: Mapping[str, str]
    persons: Mapping[str, str]

    def unit(self, code: str) -> str:
        """A unit's name."""
        return self.units.get(code, code)

    def person(self, id: str) -> str:
        """A person's name."""
        return self.persons.get(id, id)


@dataclass(frozen=True)
class Exported:
    """A list: its title, its heads, each with the width of its column, and its rows."""

    title: str
    heads: Sequence[tuple[str, int]]
    rows: Sequence[Sequence[Cell]]


async def workbook(exported: Exported, *, as_of: datetime, more: bool) -> bytes:
    """The list as a workbook, made in another thread; `more` says that there were more rows than are shown."""
    return await asyncio.to_thread(_written, exported, as_of, more)


def _written(exported: Exported, as_of: datetime, more: bool) -> bytes:
    moment = as_of.astimezone(SHANGHAI)
    cut = f"，超过 {ROWS} 行的部分没有列出，请缩小范围" if more else ""
    with written() as book:
        sheet = Sheet(book, exported.title)
        sheet.row([f"{exported.title}，截至 {moment:%Y-%m-%d %H:%M}，最多 {ROWS} 行{cut}"])
        sheet.row([head for head, _ in exported.heads], head=True)
        sheet.freeze(2)
        for place, (_, width) in enumerate(exported.heads):
            sheet.column(place, width)
        for row in exported.rows:
            sheet.row(row)
    return book.content


def projects(lines: Iterable[ProjectLine], names: Names) -> Exported:
    """Projects."""
    heads = (
        *(
            ("项目名称", 36),
            ("类型", 14),
            ("类别", 16),
            ("县（市、区）", 14),
            ("单位", 20),
            ("单位编码", 16),
            ("书记", 10),
        ),
        *(("年度", 8), ("环节", 12), ("立项文号", 20), ("公示文号", 20), ("销号文号", 20), ("申报", 12), ("立项", 12)),
        *(("启动", 12), ("开始", 12), ("期限", 12), ("最近报送", 10), ("进度（%）", 10), ("待整改问题", 10)),
        *(("下一节点", 20), ("节点日期", 12), ("验收", 12), ("销号", 12), ("项目编号", 38)),
    )
    rows = [
        (
            *(each.title, KINDS[each.kind], each.category, names.unit(each.county), names.unit(each.owner), each.owner),
            *(names.person(each.secretary), each.year, STAGES[each.stage]),
            *(each.approval_number, each.notice_number, each.closure_number, each.proposed_on, each.approved_on),
            *(
                each.started_on,
                each.starts,
                each.ends,
                each.reported_month,
                each.percent if each.reported_month else "",
            ),
            *(
                each.open_problems,
                each.next_milestone,
                each.next_milestone_due,
                each.accepted_on,
                each.closed_on,
                each.id,
            ),
        )
        for each in lines
    ]
    return Exported("项目台账", heads, rows)


def units(lines: Iterable[UnitLine], names: Names) -> Exported:
    """Units; one that has ended has the day, and who took over, below whom it stands."""
    heads = (("编码", 18), ("名称", 28), ("类别", 16), ("上级编码", 18), ("上级", 28), ("撤并", 12), ("承接单位", 28))
    rows = [
        (
            *(each.code, each.name, UNITS[each.kind], each.parent or "", names.unit(each.parent or "")),
            *(each.ended, names.unit(each.heir or "")),
        )
        for each in lines
    ]
    return Exported("单位", heads, rows)


def persons(lines: Iterable[PersonLine]) -> Exported:
    """Persons, a row a post that is held today."""
    heads = (("人员编号", 34), ("姓名", 12), ("职责", 16), ("单位", 28), ("单位编码", 18), ("职务", 20))
    rows = [
        (each.id, each.name, ROLES[post.role], post.unit_name or post.unit, post.unit, post.title)
        for each in lines
        for post in each.posts
    ]
    return Exported("人员任职", heads, rows)


def campaigns(lines: Iterable[CampaignLine], names: Names) -> Exported:
    """Campaigns of inspections, a row a group."""
    heads = (("名称", 32), ("类别", 12), ("县（市、区）", 14), ("年度", 8), ("开始", 12), ("组", 16), ("成员", 40))
    rows = [
        (
            *(each.name, CAMPAIGNS[each.kind], names.unit(each.county), each.year),
            *(each.opened_on, group.name, "、".join(names.person(member) for member in group.members)),
        )
        for each in lines
        for group in each.groups
    ]
    return Exported("检查", heads, rows)
