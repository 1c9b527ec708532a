"""The lists of what is around projects as spreadsheets: visits, difficulties, what units have to show, what recurs."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date

from services.registry.around.difficulties import OpenDifficulty
from services.registry.around.record_views import BrandRow, CaseRow, HonourRow, LabelRow, MeasuresRow, MetricRow
from services.registry.around.rhythm_api import state
from services.registry.around.rhythm_views import MutualRow, RhythmRow
from services.registry.around.visit_views import VisitRow
from services.registry.asking.burden import BurdenLine, DataRequestState
from services.registry.desk.words import COLUMNS, HONOURS, LEVELS, RHYTHM_STATES, RHYTHMS, VISIT_STAGES
from services.registry.exporting import Exported, Names

_COUNTY, _UNIT, _CODE = ("县（市、区）", 14), ("单位", 20), ("单位编码", 16)
_NOT_HERE = "不适用"


def visits(rows: Sequence[tuple[str, VisitRow]], names: Names) -> Exported:
    """Visits, a row each."""
    heads = (
        *(("日期", 12), _COUNTY, _UNIT, _CODE, ("领导", 10)),
        *(("环节", 12), ("说明", 40), ("建议", 40), ("难点", 40)),
    )
    more = (("未解决难点", 12), ("项目编号", 38), ("现场办公编号", 38))
    lines = [
        (
            *(row.held_on, names.unit(row.county), names.unit(row.unit), row.unit, names.person(row.leader)),
            *(VISIT_STAGES[row.stage] if row.stage else "", row.note),
            "；".join(each.text for each in row.suggestions.values()),
            "；".join(each.text for each in row.difficulties.values()),
            *(row.open_difficulties, row.project, id),
        )
        for id, row in rows
    ]
    return Exported("现场办公", (*heads, *more), lines)


def difficulties(found: Sequence[OpenDifficulty], names: Names) -> Exported:
    """Difficulties that are not solved."""
    heads = (_COUNTY, _UNIT, _CODE, ("来自", 10), ("难点", 48), ("提出", 12), ("承办单位", 20), ("承办人", 10))
    more = (("限期", 12), ("项目或现场办公编号", 38))
    lines = [
        (
            *(names.unit(each.county), names.unit(each.unit), each.unit, "现场办公" if each.of == "visit" else "项目"),
            *(each.line.text, each.line.raised_on, names.unit(each.line.unit or "")),
            *(names.person(each.line.person or ""), each.line.until, each.id),
        )
        for each in found
    ]
    return Exported("未解决难点", (*heads, *more), lines)


def cases(rows: Sequence[tuple[str, CaseRow]], names: Names) -> Exported:
    """Cases, with the day on which each was published in a column."""
    heads = (("案例", 36), _COUNTY, _UNIT, _CODE, ("摘要", 48), ("入选", 12))
    columns = tuple((word, 14) for word in COLUMNS.values())
    lines = [
        (
            *(row.title, names.unit(row.county), names.unit(row.unit), row.unit, row.summary, row.selected_on),
            *(row.publications[each].on if each in row.publications else None for each in COLUMNS),
            *(row.project, id),
        )
        for id, row in rows
    ]
    return Exported("案例", (*heads, *columns, ("项目编号", 38), ("案例编号", 38)), lines)


def brands(rows: Sequence[tuple[str, BrandRow]], names: Names) -> Exported:
    """Brands."""
    heads = (("品牌", 36), _COUNTY, _UNIT, _CODE, ("认定", 12), ("项目编号", 38))
    lines = [
        (row.name, names.unit(row.county), names.unit(row.unit), row.unit, row.recognised_on, row.project)
        for _, row in rows
    ]
    return Exported("品牌", heads, lines)


def honours(rows: Sequence[tuple[str, HonourRow]], names: Names) -> Exported:
    """Honours."""
    heads = (
        ("荣誉", 36),
        ("类别", 12),
        ("级别", 10),
        _COUNTY,
        _UNIT,
        _CODE,
        ("日期", 12),
        ("授予单位", 24),
        ("说明", 40),
    )
    lines = [
        (
            *(row.title, HONOURS[row.kind] if row.kind else "", LEVELS[row.level] if row.level else ""),
            *(names.unit(row.county), names.unit(row.unit), row.unit, row.day, row.given_by, row.note),
        )
        for _, row in rows
    ]
    return Exported("荣誉", heads, lines)


def labels(rows: Sequence[tuple[str, LabelRow]], names: Names) -> Exported:
    """Labels."""
    heads = (("称号", 24), _COUNTY, _UNIT, _CODE, ("自", 12), ("说明", 40))
    lines = [
        (row.label, names.unit(row.county), names.unit(row.unit), row.unit, row.since, row.note) for _, row in rows
    ]
    return Exported("称号", heads, lines)


def measures(rows: Sequence[tuple[str, MeasuresRow]], catalogues: Sequence[MetricRow], names: Names) -> Exported:
    """What was measured of units, a row a value; a metric has the names of the catalogues that define it."""
    called: dict[str, list[str]] = defaultdict(list)
    for metric in catalogues:
        if metric.name not in called[metric.metric]:
            called[metric.metric].append(metric.name)
    heads = (_COUNTY, _UNIT, _CODE, ("指标", 30), ("日期", 12), ("数值", 14), ("计量单位", 10), ("更正前", 14))
    lines = [
        (
            *(names.unit(row.county), names.unit(row.unit), row.unit, "、".join(called[each.metric]) or each.metric),
            *(each.day, each.value, each.measure, each.was, each.reason),
        )
        for _, row in rows
        for each in row.readings
    ]
    return Exported("单位指标", (*heads, ("更正理由", 30)), lines)


def metrics(rows: Sequence[MetricRow], names: Names) -> Exported:
    """The catalogues of metrics."""
    heads = (("指标", 30), ("计量单位", 12), ("目录所属单位", 24), ("单位编码", 16), ("指标编号", 24))
    lines = [(row.name, row.measure, names.unit(row.unit), row.unit, row.metric) for row in rows]
    return Exported("指标目录", heads, lines)


def rhythms(rows: Sequence[RhythmRow], today: date) -> Exported:
    """A county's calendars, a row a thing that is due."""
    heads = (
        ("年度", 8),
        ("类别", 12),
        ("名称", 32),
        ("期限", 12),
        ("状态", 8),
        ("办结", 12),
        ("说明", 40),
        ("链接", 40),
    )
    lines = [
        (
            *(row.year, RHYTHMS[item.kind], item.title, item.due),
            *(RHYTHM_STATES[state(item.due, item.held_on, today)][0], item.held_on, item.note, item.link),
        )
        for row in rows
        for item in row.items
    ]
    return Exported("工作日历", heads, lines)


def mutual_checks(rows: Sequence[MutualRow], names: Names) -> Exported:
    """A county's mutual checks, a row a pair."""
    heads = (
        ("季度", 10),
        ("抽签", 12),
        ("检查单位", 20),
        ("被检查单位", 20),
        ("已查", 12),
        ("说明", 40),
        ("抽签种子", 40),
    )
    lines = [
        (
            *(row.quarter, row.drawn_on, names.unit(pair.checking), names.unit(pair.checked)),
            *(pair.held_on, pair.note, row.seed),
        )
        for row in rows
        for pair in row.pairs
    ]
    return Exported("互比互查", heads, lines)


def data_requests(found: Sequence[DataRequestState], names: Names) -> Exported:
    """What a county asked for, a row a unit and item; what a unit has not answered is empty but for 待报."""
    heads = (
        ("事项", 30),
        ("用途", 30),
        ("下达", 12),
        ("期限", 12),
        _UNIT,
        _CODE,
        ("答复", 12),
        ("内容", 30),
        ("截至", 12),
    )
    lines = [
        (
            *(each.title, each.purpose, each.asked_on, each.due, names.unit(answer.unit), answer.unit),
            *(answer.on or "待报", item.name, item.as_of),
            *(_value({told.item: told.value for told in answer.answers}, item.id), item.unit_of_measure),
            each.withdrawn,
        )
        for each in found
        for answer in each.answers
        for item in each.items
    ]
    return Exported("资料征集", (*heads, ("数值", 20), ("计量单位", 10), ("撤回原因", 24)), lines)


def burden(found: Sequence[BurdenLine], month: str) -> Exported:
    """What townships were asked for in a month."""
    heads = (("月份", 10), ("乡镇（街道）", 20), ("编码", 16), ("资料征集", 10), ("资料项", 10), ("应报进展", 10))
    lines = [(month, each.name, each.township, each.requests, each.items, each.reports) for each in found]
    return Exported("基层负担", heads, lines)


def _value(told: Mapping[str, str | None], item: str) -> str:
    return (told[item] or _NOT_HERE) if item in told else ""
