"""The wall's page and panels say what its values say."""

import re
from dataclasses import replace

from services.reporting.wall import Pace, Ranking, Ticker
from services.reporting.wall_map import city_shapes
from services.reporting.wall_page import PANELS, page, panels, wall_environment
from tests.unit.wall_sample import UNITS, rank_rows, unit, wall

TEMPLATES = wall_environment()
SHAPES = city_shapes("340800")


def words(html: str) -> str:
    """The text of some HTML, with single spaces."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


def test_the_page_holds_each_panel_as_its_event_would_send_it():
    html = page(TEMPLATES, wall(), SHAPES, "/wall/340800/events")
    assert 'sse-connect="/wall/340800/events"' in html
    for name, panel in panels(TEMPLATES, wall(), SHAPES).items():
        assert f'sse-swap="{name}"' in html
        assert panel in html


def test_the_same_wall_gives_the_same_panels():
    assert panels(TEMPLATES, wall(), SHAPES) == panels(TEMPLATES, wall(), SHAPES)


def test_a_later_clock_changes_the_clock_alone():
    before = panels(TEMPLATES, wall(), SHAPES)
    after = panels(TEMPLATES, wall(as_of=wall().as_of.replace(second=16)), SHAPES)
    assert [name for name in PANELS if before[name] != after[name]] == ["asof"]


def test_totals_are_written_out():
    shown = words(panels(TEMPLATES, wall(), SHAPES)["kpi"])
    for figure in ("12,400", "书记项目 2,357", "领办项目 10,043", "9,660", "占 77.9%", "82.3%", "序时应达 88.3%"):
        assert figure in shown
    assert "落后 6.0 个百分点" in shown


def test_the_ranking_has_all_rows_in_two_turns_and_says_whose_it_is():
    html = panels(TEMPLATES, wall(), SHAPES)["rank"]
    assert html.count('<tr data-key="') == 20
    assert html.count("<tbody") == 2
    assert html.count("<tbody data-group hidden") == 1
    assert "第 1—10 位" in words(html)
    assert "怀宁县红色指数排名" in html
    assert "全市方案未定" in html


def test_a_missing_result_is_pending_not_zero():
    html = panels(TEMPLATES, wall(), SHAPES)["rank"]
    row = html[html.index('data-key="340822019"') :]
    assert row.count("待报") == 4
    assert "0.0" not in row


def test_a_period_not_yet_published_says_so():
    ranking = Ranking("怀宁县红色指数排名", "", "", (), "/")
    assert "本期尚未公布" in panels(TEMPLATES, wall(ranking=ranking), SHAPES)["rank"]


def test_eleven_ranks_are_seen_at_once():
    ranking = replace(wall().ranking, rows=rank_rows()[:11])
    html = panels(TEMPLATES, wall(ranking=ranking), SHAPES)["rank"]
    assert "data-turn" not in html
    assert " hidden" not in html


def test_every_county_on_the_map_is_a_link_and_the_zone_is_beside_it():
    html = panels(TEMPLATES, wall(), SHAPES)["map"]
    for county in UNITS:
        assert f'<a id="map-{county.code}" href="/units/{county.code}"' in html
    assert "安庆经开区" in words(html)
    assert "−31.4" in html


def test_the_map_has_its_numbers_as_a_table_too():
    html = panels(TEMPLATES, wall(), SHAPES)["map"]
    table = words(html[html.index("<table") :])
    assert "宿松县 红 57.2 88.6 −31.4 61 3" in table


def test_a_city_without_shapes_has_a_wall_all_the_same():
    html = panels(TEMPLATES, wall(), ())["map"]
    assert html.count("<li data-key=") == len(wall().units)
    assert "tiles" in html
    assert html.count("<li data-key") == len(UNITS)


def test_a_unit_without_figures_is_pending_everywhere():
    units = (unit("340822", "怀宁县", None, None), *UNITS[:2])
    made = panels(TEMPLATES, wall(units=units), SHAPES)
    assert "待报" in made["pace"]
    assert "待报" in made["map"]
    assert '<rect class="tick"' in made["pace"]


def test_a_wall_before_its_first_fact_can_be_shown():
    empty = replace(wall().kpis, secretary_projects=0, led_projects=0, closed=0, pace=Pace(None, None))
    made = panels(TEMPLATES, wall(kpis=empty, units=(), ticker=Ticker(0, (), None, "/")), SHAPES)
    assert "待报" in made["kpi"]
    assert "今日无预警" in made["ticker"]
    assert "暂无数据" in made["pace"]


def test_the_alerts_are_headed_by_how_many_projects_of_all_are_red():
    assert "红灯 67／12,400 件" in words(panels(TEMPLATES, wall(), SHAPES)["ticker"])


def test_a_quiet_day_names_the_last_alert():
    quiet = replace(wall().ticker, items=())
    assert "今日无预警，上一条：08-22 09:28" in words(panels(TEMPLATES, wall(ticker=quiet), SHAPES)["ticker"])


def test_the_foot_says_how_lamps_are_lit_and_which_map_it_is():
    html = page(TEMPLATES, wall(map_approval="皖S（2023）1号"), SHAPES, "/")
    assert "落后序时 10 至 30 个百分点亮黄灯，超过 30 个百分点亮红灯" in html
    assert "审图号：皖S（2023）1号" in html
    assert "示例数据" not in html
    assert "示例数据" in page(wall_environment(sample=True), wall(), SHAPES, "/")


def test_what_people_wrote_is_escaped():
    items = (replace(wall().ticker.items[0], subject="<script>alert(1)</script>"),)
    html = panels(TEMPLATES, wall(ticker=replace(wall().ticker, items=items)), SHAPES)["ticker"]
    assert "<script>" not in html


def test_ids_are_unique_on_the_page():
    html = page(TEMPLATES, wall(), SHAPES, "/")
    ids = re.findall(r'\bid="([^"]+)"', html)
    assert len(ids) == len(set(ids))
