"""What the rows of a ledger become: the facts that the decisions of every day make, or errors at their cells."""

from dataclasses import replace
from datetime import date, datetime, time
from decimal import Decimal

import pytest

from services.registry.ledger import cells
from services.registry.ledger.checking import Checked, checked, compared, named_counties
from services.registry.ledger.columns import BY_KEY, COLUMNS
from services.registry.ledger.marked import _marked
from services.registry.ledger.places import Places, Secretary, places_of
from services.registry.ledger.report import report_of
from services.registry.ledger.rows import LEADS, TO_THE_END, WHOLE, project_id
from services.registry.ledger.standing import Standing, standing
from services.registry.ledger.template import made
from services.registry.ledger.workbook import Ledger, Raw, read
from services.registry.ledger.writing import Import, counters_of, sealed
from services.registry.project.life import PROJECT
from services.registry.project.state import Stage
from services.registry.reference.person import Person
from services.registry.texts import TEXTS
from shared.authority_views import UnitRow
from shared.clock import SHANGHAI, now
from shared.contracts.event import Event, EventData
from shared.contracts.event import read as read_event
from shared.contracts.progress import ProgressReported
from shared.contracts.project import PlanApproved, PlanSubmitted, ProjectProposed, ProjectStarted
from shared.errors import InvalidValue
from shared.problem_texts import add_texts
from shared.spreadsheet import Cell
from shared.store import Stream
from tests.unit.registry.ledgers import COUNTY, OTHER_COUNTY, TODAY, TOWN, TWIN, VILLAGE, part, places, row, workbook

add_texts(TEXTS)

IMPORT = Import("a" * 64, "台账.xlsx", "reviewer-1", now(), TODAY, "/guatu/registry")


def held(*rows: dict[str, Cell]) -> tuple[Ledger, Checked]:
    ledger = read(workbook(*rows))
    return ledger, checked(ledger, places(), TODAY, 5, lambda _: None)


def facts(**cells: Cell) -> list[EventData]:
    _, outcome = held(row(**cells))
    assert [(wrong.column, wrong.words("zh")) for wrong in outcome.wrong] == []
    return [fact.data for fact in outcome.projects[0].facts]


def wrong(*rows: dict[str, Cell]) -> list[tuple[str, str]]:
    ledger, outcome = held(*rows)
    return [(ledger.cell(each.row, each.column), each.code) for each in outcome.wrong]


def of(key: str, number: int = 2) -> str:
    return read(workbook(row())).cell(number, key)


def appended(outcome: Checked) -> dict[str, list[Event[EventData]]]:
    items = sealed(IMPORT, outcome.projects, {name: Stream(name) for name in counters_of(outcome.projects)})
    return {
        item.stream.partition("-")[2]: [read_event(event.body) for event in item.events]
        for item in items
        if item.category == "project"
    }


def stands(outcome: Checked, there: dict[str, list[Event[EventData]]]) -> Standing:
    return standing({project.telling.id: project.facts for project in outcome.projects}, there)


def test_a_row_is_the_life_of_a_project_so_far() -> None:
    proposed, plan, approved, started, reported = facts()
    assert isinstance(proposed, ProjectProposed)
    assert (proposed.owner, proposed.secretary, proposed.criteria.small) == (TOWN, "li-wei", "只做这一件事，范围清楚")
    assert isinstance(plan, PlanSubmitted)
    assert (plan.round, plan.measures) == (1, ("支部每月召开推进会", "书记包片、党员包户"))
    assert [(each.title, each.due, each.weight) for each in plan.milestones] == [
        ("摸清底数", date(2023, 5, 1), Decimal(40)),
        ("群众评议", date(2023, 11, 30), Decimal(60)),
    ]
    assert isinstance(approved, PlanApproved)
    assert (approved.former_number, approved.report_day) == ("怀组〔2023〕12号", 5)
    assert started == ProjectStarted(reports_from="2023-08")
    assert reported == ProgressReported(month="2023-07", percent=Decimal(45), note="按计划推进")


def test_what_is_empty_is_derived_as_the_explanations_say() -> None:
    _, plan = facts(
        team="", to_the_end="", milestones="", approved="", started="", month="", percent="", note="", former_number=""
    )
    assert isinstance(plan, PlanSubmitted)
    assert [(each.name, each.duty) for each in plan.four_ones.team] == [("李伟", LEADS)]
    assert plan.four_ones.to_the_end == TO_THE_END
    assert [(each.title, each.due, each.weight) for each in plan.milestones] == [(WHOLE, plan.ends, Decimal(100))]
    assert LEADS in BY_KEY["team"].about
    assert TO_THE_END in BY_KEY["to_the_end"].about
    assert WHOLE in BY_KEY["milestones"].about


@pytest.mark.parametrize("key", [column.key for column in COLUMNS if column.required])
def test_a_required_cell_that_is_empty_is_wrong_at_its_place(key: str) -> None:
    assert (of(key), "cell_missing") in wrong(row(**{key: "  "}))


def test_a_term_that_ends_before_it_starts_is_told_by_the_columns_head() -> None:
    _, outcome = held(row(ends="2023-02-28", milestones=""))
    assert outcome.wrong[0].words("zh").startswith(BY_KEY["ends"].head)


@pytest.mark.parametrize(
    ("cells", "key", "code"),
    [
        ({"county": "合肥县"}, "county", "no_such_county"),
        ({"county": "太湖"}, "county", "county_not_yours"),
        ({"unit": "无名镇"}, "unit", "no_such_unit_there"),
        ({"unit": "皖河村", "secretary": "王芳"}, "unit", "name_of_several"),
        ({"unit": VILLAGE, "secretary": "王芳"}, "secretary", "name_of_several"),
        ({"secretary": "赵前任"}, "secretary", "not_the_secretary"),
        ({"kind": "民生工程"}, "kind", "not_a_kind"),
        ({"year": "23"}, "year", "not_a_plan_year"),
        ({"year": "2025"}, "year", "year_not_open"),
        ({"year": "0000"}, "year", "greater_than_equal"),
        ({"measures": "；"}, "measures", "cell_missing"),
        ({"title": "很" * 201}, "title", "string_too_long"),
        ({"title": "油茶\n扩面"}, "title", "not_one_line"),
        ({"former_number": "怀组\t1号"}, "former_number", "not_one_line"),
        ({"note": "按计划\u200b推进"}, "note", "invisible_character"),
        ({"team": "王\t芳：牵头"}, "team", "not_one_line"),
        ({"team": "王芳"}, "team", "not_a_member"),
        ({"milestones": "摸底|2023-05-01"}, "milestones", "not_a_milestone"),
        ({"milestones": "摸底|2023-05-01|0"}, "milestones", "not_a_part"),
        ({"milestones": "摸底|2023-05-01|60"}, "milestones", "weights_not_100"),
        ({"milestones": "摸底|2022-05-01|100"}, "milestones", "milestone_outside_the_term"),
        ({"ends": "2023-02-28", "milestones": ""}, "ends", "term_ends_before_it_starts"),
        ({"starts": "2023-02-30"}, "starts", "not_a_day"),
        ({"approved": "2023-08-08", "started": "2023-08-08"}, "approved", "effective_in_the_future"),
        ({"started": "2023-02-09"}, "started", "before_the_last_step"),
        ({"started": "2023-08-08"}, "started", "effective_in_the_future"),
        ({"approved": "", "former_number": ""}, "started", "needs_a_column"),
        ({"approved": "", "started": "", "month": "", "percent": ""}, "former_number", "needs_a_column"),
        ({"percent": ""}, "month", "needs_a_column"),
        ({"month": ""}, "percent", "needs_a_column"),
        ({"month": "2023-09"}, "month", "in_the_future"),
        ({"month": "2023-02"}, "month", "before_the_start"),
        ({"percent": "100.1"}, "percent", "less_than_equal"),
        ({"percent": "1.234"}, "percent", "value_error"),
        ({"note": "注" * 4001}, "note", "string_too_long"),
        ({"former_number": "号" * 201}, "former_number", "string_too_long"),
    ],
)
def test_a_wrong_cell_is_named_with_its_rule(cells: dict[str, Cell], key: str, code: str) -> None:
    assert wrong(row(**cells)) == [(of(key), code)]


def test_units_and_persons_are_named_in_several_ways() -> None:
    for named in ({"unit": "石牌镇/皖河村"}, {"unit": VILLAGE}, {"county": COUNTY, "unit": "石牌镇/皖河村"}):
        proposed = facts(**named, secretary="王芳（wang-2）")[0]
        assert isinstance(proposed, ProjectProposed)
        assert (proposed.owner, proposed.secretary) == (VILLAGE, "wang-2")
    proposed = facts(county="怀宁", unit=" 石牌镇 ", secretary="li-wei")[0]
    assert isinstance(proposed, ProjectProposed)
    assert proposed.owner == TOWN


def merged() -> Places:
    """A township was merged into 石牌镇, whose county was merged into 怀宁县; what lay below stayed there."""
    day, gone = date(2023, 7, 1), "340823"
    units = [
        UnitRow(COUNTY, "怀宁县", None, "340800"),
        UnitRow(gone, "老怀宁县", None, COUNTY, day, COUNTY),
        UnitRow(TOWN, "石牌镇", None, gone),
        UnitRow("340822101", "石牌镇", None, TOWN, day, TOWN),
        UnitRow(TWIN, "皖河村", None, "340822101"),
    ]
    return places_of({COUNTY: "怀宁县"}, [COUNTY], units, [])


def test_units_that_have_ended_are_passed_over() -> None:
    places = merged()
    assert places.unit(COUNTY, "石牌镇") == TOWN
    assert places.unit(COUNTY, "皖河村") == places.unit(COUNTY, "石牌镇/皖河村") == TWIN
    assert places.county_of[TWIN] == COUNTY
    for word in ("340822101", "340823", "老怀宁县", "石牌镇/石牌镇"):
        with pytest.raises(InvalidValue, match="no_such_unit_there"):
            places.unit(COUNTY, word)


def test_names_are_found_in_whichever_width_they_are_registered() -> None:
    zone = "340199500"
    secretary = Secretary("li", "李（小）伟", Person("李（小）伟", ()))
    units = [UnitRow(COUNTY, "新站（区）", None, None), UnitRow(zone, "庐阳工业区（林店街道）", None, COUNTY)]
    places = places_of({COUNTY: "新站（区）"}, [COUNTY], units, [(zone, secretary)])
    assert places.county(cells.word("新站（区）")) == COUNTY
    assert places.unit(COUNTY, cells.word("庐阳工业区（林店街道）")) == zone
    assert places.unit(COUNTY, cells.word("新站(区)/庐阳工业区(林店街道)")) == zone
    assert places.secretary(zone, cells.word("李（小）伟")) == secretary


def test_every_wrong_cell_of_a_row_is_named_and_other_rows_are_read() -> None:
    assert wrong(row(kind="x", percent="y"), row(title="另一个")) == [
        (of("kind"), "not_a_kind"),
        (of("percent"), "not_a_number"),
    ]


def test_the_same_project_twice_in_a_file_is_wrong() -> None:
    assert wrong(row(), row(title=" 石牌镇　油茶产业基地扩面")) == [(of("title", 3), "row_twice")]


def test_an_id_is_that_of_county_owner_year_and_the_title_as_it_is_read() -> None:
    id = project_id(COUNTY, TOWN, 2023, "油茶A基地")
    assert id == project_id(COUNTY, TOWN, 2023, " 油茶ａ 基地")
    assert int(id.replace("-", "")[:12], 16) == datetime(2023, 1, 1, tzinfo=SHANGHAI).timestamp() * 1000
    assert id[14] == "7"
    assert id[19] in "89ab"
    others = {project_id(COUNTY, TOWN, 2024, "油茶A基地"), project_id(COUNTY, VILLAGE, 2023, "油茶A基地")}
    assert len({id, *others, project_id(OTHER_COUNTY, TOWN, 2023, "油茶A基地")}) == 4


def test_the_counties_that_rows_name_are_known_beforehand() -> None:
    ledger = read(workbook(row(), row(county="太湖县"), row(county="无"), row(county="")))
    assert named_counties(ledger, places().counties) == {COUNTY, OTHER_COUNTY}


def test_events_are_dated_by_the_ledger_told_for_the_secretary_and_numbered_in_the_order_of_the_rows() -> None:
    _, outcome = held(row(title="乙"), row(title="甲"))
    items = sealed(IMPORT, outcome.projects, {name: Stream(name) for name in counters_of(outcome.projects)})
    assert items[0].stream == "number-340822-2023-approval"
    events = [read_event(event.body) for event in items[1].events]
    assert [event.effective.isoformat() for event in events] == [
        "2023-02-10",
        "2023-02-10",
        "2023-02-10",
        "2023-03-01",
        "2023-07-31",
    ]
    assert {event.actor for event in events} == {"reviewer-1"}
    assert [event.on_behalf_of for event in events] == ["li-wei", "li-wei", None, "li-wei", "li-wei"]
    assert all("台账导入" in (event.effective_reason or "") for event in events)
    numbers = [
        event.data.number
        for item in items[1:]
        for event in map(read_event, (e.body for e in item.events))
        if isinstance(event.data, PlanApproved)
    ]
    assert numbers == ["怀组〔2023〕1号", "怀组〔2023〕2号"]
    state = PROJECT.of(events)
    assert (state.stage, state.reports) == (Stage.STARTED, {"2023-07": Decimal(45)})


def test_a_project_that_is_there_with_the_same_facts_is_unchanged() -> None:
    ledger, outcome = held(row())
    again = compared(outcome, stands(outcome, appended(outcome)), [], ledger)
    assert (len(again.projects), len(again.unchanged), again.wrong) == (0, 1, [])


@pytest.mark.parametrize(
    ("cells", "key"),
    [
        ({"kind": "领办事项"}, "kind"),
        ({"hard": "难"}, "hard"),
        ({"measures": "一条"}, "measures"),
        ({"team": "王芳：统筹"}, "team"),
        ({"approved": "2023-02-11"}, "approved"),
        ({"started": "2023-03-02"}, "started"),
        ({"month": "2023-06"}, "month"),
        ({"percent": "46"}, "percent"),
        ({"former_number": "怀组〔2023〕13号"}, "former_number"),
    ],
)
def test_a_project_that_is_there_otherwise_is_wrong_at_the_cell_that_differs(cells: dict[str, Cell], key: str) -> None:
    there = appended(held(row())[1])
    ledger, outcome = held(row(**cells))
    result = compared(outcome, stands(outcome, there), [], ledger)
    assert [(each.column, each.code) for each in result.wrong] == [(key, "there_otherwise")]


def test_a_project_that_has_gone_on_since_is_unchanged_by_its_former_ledger() -> None:
    there = appended(held(row())[1])
    ledger, outcome = held(row(month="", percent="", note=""))
    assert len(compared(outcome, stands(outcome, there), [], ledger).unchanged) == 1


def test_a_project_that_was_proposed_by_hand_is_not_made_again() -> None:
    ledger, outcome = held(row())
    others = [("0190a1b2-0000-7000-8000-000000000001", COUNTY, TOWN, 2023, "石牌镇 油茶产业基地扩面")]
    assert [each.code for each in compared(outcome, {}, others, ledger).wrong] == ["there_by_hand"]


def test_the_marked_workbook_names_what_is_wrong_and_reads_as_before() -> None:
    rows = [row(title="=HYPERLINK(1)", kind="x"), row(title="@二", starts=date(2023, 3, 1))]
    ledger, outcome = held(*rows)
    again = read(_marked(ledger, outcome.wrong, "zh"))
    assert again.table[1][len(COLUMNS)] == "类型：应为以下之一：书记项目、书记领办项目、书记领办事项。"
    assert [[str(cell) for cell in line[: len(COLUMNS)]] for line in again.table] == [
        [str(cell) for cell in line] for line in ledger.table
    ]
    assert wrong(rows[1]) == []
    corrected = read(_marked(again, [], "zh"))
    assert len(corrected.table[0]) == len(COLUMNS) + 1
    assert corrected.unknown == []


@pytest.mark.parametrize(
    "given",
    [
        {"percent": 0.6},
        {"percent": 1},
        {"percent": 56.8},
        {"starts": 44986},
        {"month": 45108.0},
        {"year": 2023, "kind": "x"},
    ],
)
@pytest.mark.parametrize("from_1904", [False, True])
def test_a_marked_workbook_that_is_sent_again_untouched_reads_as_before(
    given: dict[str, Cell], from_1904: bool
) -> None:
    ledger = replace(read(workbook(row(**given))), from_1904=from_1904)
    outcome = checked(ledger, places(), TODAY, 5, lambda _: None)
    again = read(_marked(ledger, outcome.wrong, "zh"))
    same = checked(again, places(), TODAY, 5, lambda _: None)
    assert [(each.column, each.code) for each in same.wrong] == [(each.column, each.code) for each in outcome.wrong]
    assert [each.facts for each in same.projects] == [each.facts for each in outcome.projects]
    assert again.from_1904 == from_1904


@pytest.mark.parametrize("raw", [True, 1.5, 3, float("nan"), datetime(2023, 3, 1, 8), time(8, 30), "=1+1"])  # noqa: DTZ001 - spreadsheets have no zones
def test_a_cell_in_the_marked_workbook_has_the_text_that_was_read_of_it(raw: Raw) -> None:
    ledger = read(workbook(row()))
    place = ledger.heads["title"] - 1
    line = list(ledger.table[1])
    line[place] = raw
    again = read(_marked(replace(ledger, table=[ledger.table[0], line]), [], "zh"))
    assert cells.text(again.table[1][place]) == cells.text(raw)


def test_no_more_than_so_many_wrong_cells_have_a_remark_and_all_are_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.registry.ledger.marked.REMARKS", 1)
    ledger, outcome = held(row(kind="x", year="23"))
    made = _marked(ledger, outcome.wrong, "zh")
    assert part(made, "xl/comments1.xml").count(b"<comment ") == 1
    assert "类型" in str(read(made).table[1][len(COLUMNS)])
    assert "年度" in str(read(made).table[1][len(COLUMNS)])


def test_the_report_names_cells_columns_and_warnings() -> None:
    ledger, outcome = held(row(kind="x"), row(title="二", month="", percent=""))
    report = report_of(ledger, outcome, {COUNTY: "怀宁县"}, "a.xlsx", "a" * 64, "zh")
    assert (report.rows, report.new, report.wrong, report.errors[0].cell) == (2, 1, 1, of("kind"))
    assert (report.errors[0].sheet, report.errors[0].value, report.errors[0].column) == ("台账", "x", "类型")
    assert [(each.county, each.projects, each.new) for each in report.counties] == [(COUNTY, 1, 1)]
    assert "3" in report.warnings[0]


def test_the_template_is_a_ledger_with_every_column() -> None:
    ledger = read(made())
    assert set(ledger.heads) == set(BY_KEY)
    assert list(ledger.rows()) == []
