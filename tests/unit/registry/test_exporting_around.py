"""The lists of what is around projects as spreadsheets: each thing is a row, in the words of its field."""

from datetime import date
from decimal import Decimal

from services.registry import exporting_around as lists
from services.registry.around.difficulties import OpenDifficulty
from services.registry.around.record_views import (
    BrandRow,
    CaseRow,
    HonourRow,
    LabelRow,
    MeasureLine,
    MeasuresRow,
    MetricRow,
    PublicationLine,
)
from services.registry.around.rhythm_views import ItemLine, MutualRow, PairLine, RhythmRow
from services.registry.around.visit_views import DifficultyLine, SuggestionLine, VisitRow
from services.registry.asking.burden import BurdenLine, DataRequestState, UnitAnswer
from services.registry.exporting import Exported, Names
from shared.contracts.cases import CaseColumn
from shared.contracts.honours import HonourKind, HonourLevel
from shared.contracts.reference import DataItem, ItemAnswer
from shared.contracts.rhythm import RhythmKind
from shared.contracts.visits import VisitStage
from shared.spreadsheet import Cell

COUNTY, TOWN = "340822", "340822100"
NAMES = Names({COUNTY: "怀宁县", TOWN: "石牌镇"}, {"li": "李伟"})
DAY = date(2023, 3, 1)


def only(exported: Exported) -> dict[str, Cell]:
    """The one row of a list, by its heads; no row is longer or shorter than these."""
    [row] = exported.rows
    heads = [head for head, _ in exported.heads]
    assert len(set(heads)) == len(heads) == len(row)
    return dict(zip(heads, row, strict=True))


def holds(row: dict[str, Cell], **cells: Cell) -> bool:
    return {head: row[head] for head in cells} == cells


def test_a_visit_has_its_suggestions_and_difficulties_in_one_row() -> None:
    row = VisitRow(
        *("li", VisitStage.CARRYING_OUT, TOWN, COUNTY, None, DAY, ""),
        {"s1": SuggestionLine("加灯", DAY), "s2": SuggestionLine("修路", DAY)},
        {"d1": DifficultyLine("缺电", DAY)},
        1,
    )
    made = only(lists.visits([("v1", row)], NAMES))
    assert holds(made, 领导="李伟", 环节="实施", 建议="加灯；修路", 难点="缺电", 未解决难点=1, 单位="石牌镇")


def test_a_difficulty_says_whose_it_is_and_who_sees_to_it() -> None:
    line = DifficultyLine("缺电", DAY, "li", "li", COUNTY, date(2023, 4, 1))
    found = OpenDifficulty(of="visit", id="v1", difficulty="d1", unit=TOWN, county=COUNTY, line=line)
    made = only(lists.difficulties([found], NAMES))
    assert holds(made, 来自="现场办公", 难点="缺电", 承办单位="怀宁县", 承办人="李伟", 限期=date(2023, 4, 1))


def test_what_units_have_to_show_is_named_in_words() -> None:
    case = CaseRow("案例一", TOWN, COUNTY, None, "摘要", DAY, {CaseColumn.RESULTS: PublicationLine("题", "文", DAY)})
    assert holds(only(lists.cases([("c1", case)], NAMES)), 晒成效=DAY, 书记晒项目=None, 入选=DAY)
    assert holds(only(lists.brands([("b1", BrandRow("红管家", TOWN, COUNTY, None, DAY))], NAMES)), 品牌="红管家")
    honour = HonourRow(HonourKind.CASE, HonourLevel.PROVINCE, TOWN, COUNTY, "案例入选", DAY, "省委组织部")
    made = only(lists.honours([("h1", honour)], NAMES))
    assert holds(made, 类别="典型案例", 级别="省级", 授予单位="省委组织部")
    assert holds(only(lists.labels([("l1", LabelRow("信用村", TOWN, COUNTY, DAY))], NAMES)), 称号="信用村", 自=DAY)


def test_each_value_of_a_metric_is_a_row_with_what_it_was() -> None:
    reading = MeasureLine("income", DAY, Decimal("12.5"), "万元", Decimal(12), "漏计")
    income = MetricRow("income", "集体收入", "万元", COUNTY)
    made = only(lists.measures([("m", MeasuresRow(TOWN, COUNTY, (reading,)))], [income, income], NAMES))
    assert holds(made, 指标="集体收入", 数值=Decimal("12.5"), 更正前=Decimal(12), 更正理由="漏计")
    catalogue = only(lists.metrics([income], NAMES))
    assert holds(catalogue, 指标="集体收入", 目录所属单位="怀宁县")


def test_what_recurs_says_where_it_stands_today() -> None:
    item = ItemLine("r1", RhythmKind.MONTHLY_BULLETIN, "一月通报", date(2023, 2, 5))
    made = only(lists.rhythms([RhythmRow(COUNTY, 2023, (item,))], DAY))
    assert holds(made, 类别="每月通报", 状态="逾期", 办结=None)
    pair = MutualRow(COUNTY, "2023-Q1", "seed", DAY, (PairLine(TOWN, COUNTY, DAY, "看了台账"),))
    assert holds(only(lists.mutual_checks([pair], NAMES)), 检查单位="石牌镇", 被检查单位="怀宁县", 已查=DAY)


def request(*answers: UnitAnswer) -> DataRequestState:
    item = DataItem(id="sandbags", name="沙袋", as_of=DAY, unit_of_measure="个")
    return DataRequestState(
        id=f"{COUNTY}-2023-flood",
        county=COUNTY,
        request="flood",
        title="防汛物资",
        purpose="汛前摸底",
        items=[item],
        asked_on=DAY,
        due=DAY,
        withdrawn="",
        units=1,
        answered=0,
        answers=list(answers),
    )


def test_what_was_asked_for_is_a_row_a_unit_and_item_and_missing_is_no_zero() -> None:
    nothing = request(UnitAnswer(unit=TOWN, on=None, by="", answers=[]))
    assert holds(only(lists.data_requests([nothing], NAMES)), 答复="待报", 数值="", 内容="沙袋")
    told = [ItemAnswer(item="sandbags", value="1200")]
    answered = request(UnitAnswer(unit=TOWN, on=DAY, by="li", answers=told))
    assert holds(only(lists.data_requests([answered], NAMES)), 答复=DAY, 数值="1200")
    none = request(UnitAnswer(unit=TOWN, on=DAY, by="li", answers=[ItemAnswer(item="sandbags", value=None)]))
    assert holds(only(lists.data_requests([none], NAMES)), 数值="不适用")
    line = BurdenLine(township=TOWN, name="石牌镇", requests=1, items=2, reports=3)
    assert holds(only(lists.burden([line], "2023-03")), 资料项=2, 应报进展=3)
