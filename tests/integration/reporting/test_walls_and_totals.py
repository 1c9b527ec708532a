"""Totals up the tree and walls, out of PostgreSQL."""

from collections.abc import AsyncIterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import asyncpg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.reporting.figures import Asked, FigureKey, counted
from services.reporting.projects import Size, Which, project, projects_of, size_of
from services.reporting.totals import Totals, totals_of
from services.reporting.units import counties_of, path_to, tree_below
from services.reporting.views import CARD, LAMP, VIEWS
from services.reporting.wall import Wall, by_rank
from services.reporting.wall_data import Setting, as_of, wall_of
from shared.authority_views import UNIT
from shared.contracts import project as q
from shared.contracts.alert import Lamp
from shared.contracts.cases import CaseSelected
from shared.contracts.divisions import kind_of
from shared.contracts.event import EventData
from shared.contracts.honours import HonourKind, HonourLevel, HonourRecorded
from shared.contracts.progress import UnitInspected
from shared.contracts.project import ProjectKind
from shared.contracts.reference import UnitMerged, UnitMoved, UnitRegistered, UnitRenamed, UnitSplit
from shared.contracts.unit_metrics import TEN_THOUSAND_YUAN, VILLAGE_INCOME, MetricRecorded
from shared.contracts.visits import VisitHeld, VisitStage
from shared.database import Database
from shared.errors import NotFound
from tests.databases import fresh_database
from tests.integration.reporting import world
from tests.integration.reporting.topics import Topics, forgotten
from tests.unit.reporting.builders import Story, day, found, reported
from tests.unit.reporting.test_views import scheme


@pytest.fixture(scope="module")
async def connection(postgres: str) -> AsyncIterator[asyncpg.Connection]:
    """A connection that only reads, to a database in which the whole small world is known."""
    topics = Topics()
    topics.publish(*world.everything())
    topics.begin(world.TODAY)
    async with fresh_database(postgres) as database:
        await topics.fold(database, VIEWS)
        async with database.driver() as connection:
            await connection.execute("set default_transaction_read_only = on")
            yield connection


def brief(totals: Totals) -> tuple[int, int, int, int, int]:
    return totals.registered, totals.secretary, totals.led, totals.closed, totals.on_track


async def test_totals_add_up_from_the_villages_to_the_city(connection: asyncpg.Connection) -> None:
    city = await totals_of(connection, world.CITY, 2023)
    assert brief(city.whole) == (5, 4, 1, 1, 3)
    assert {part.name: brief(part.totals) for part in city.parts} == {
        "怀宁县": (4, 3, 1, 1, 3),
        "岳西县": (1, 1, 0, 0, 0),
    }
    county = await totals_of(connection, world.HUAINING, 2023)
    assert {(part.name, part.own): part.totals.registered for part in county.parts} == {
        ("石牌镇", False): 2,
        ("月山镇", False): 1,
        ("怀宁县", True): 1,
    }
    assert county.whole.overdue_problems == 1
    assert county.whole.lamps == {Lamp.RED: 1, Lamp.YELLOW: 0, Lamp.BLUE: 0, Lamp.GREEN: 2, Lamp.GREY: 1}


async def test_mean_progress_is_held_against_mean_schedule(connection: asyncpg.Connection) -> None:
    whole = (await totals_of(connection, world.HUAINING, 2023)).whole
    assert whole.percent == Decimal(40 + 100 + 90 + 86) / 4
    due_in_july = Decimal(40) + Decimal(60) * 122 / 153
    due_at_closing = Decimal(40) + Decimal(60) * 70 / 153
    assert whole.scheduled is not None
    assert abs(whole.scheduled - (3 * due_in_july + due_at_closing) / 4) < Decimal("0.01")


async def test_a_terminated_project_is_registered_and_in_no_mean_and_one_carried_over_is_of_both_years(
    database: Database,
) -> None:
    ended = world.project(1, world.SHIPAI).then("2023-07-01", found("p1", "2023-07-02"))
    ended.then("2023-07-05", q.ProjectTerminated(reason="拆迁"))
    carried = world.project(2, world.SHIPAI).then("2023-07-01", reported("2023-06", "30"))
    carried.then("2023-11-02", q.ProjectCarriedOver(year=2024, reason="汛期停工"))
    topics = Topics()
    lamps = (world.lamp(1, world.SHIPAI, Lamp.GREY, "终止"), world.lamp(2, world.SHIPAI, Lamp.GREEN))
    topics.publish(*world.units(), ended, carried, *lamps)
    topics.begin("2023-11-03")
    await topics.fold(database, VIEWS)
    async with database.driver() as connection:
        whole = (await totals_of(connection, world.SHIPAI, 2023)).whole
        assert (whole.registered, whole.terminated, whole.closed, whole.on_track) == (2, 1, 0, 1)
        assert (whole.percent, whole.overdue_problems) == (Decimal(30), 0)
        next_year = (await totals_of(connection, world.SHIPAI, 2024)).whole
        assert (next_year.registered, next_year.terminated) == (1, 0)
        listed = await projects_of(connection, world.SHIPAI, 2023, Which.TERMINATED, own=False, limit=5)
        assert [line.title for line in listed] == ["项目1"]


async def test_a_unit_without_projects_has_no_percent(connection: asyncpg.Connection) -> None:
    assert (await totals_of(connection, world.CITY, 2022)).whole.percent is None


async def test_lists_have_what_needs_action_first(connection: asyncpg.Connection) -> None:
    async def titles(which: Which, *, unit: str = world.CITY, own: bool = False) -> list[str]:
        return [line.title for line in await projects_of(connection, unit, 2023, which, own=own, limit=50)]

    assert await titles(Which.REGISTERED) == ["背街小巷“点亮工程”", "项目5", "项目4", "项目3", "项目2"]
    assert await titles(Which.RED) == ["背街小巷“点亮工程”"]
    assert await titles(Which.OVERDUE) == ["背街小巷“点亮工程”"]
    assert await titles(Which.OVERDUE, unit=world.YUEXI) == []
    assert await titles(Which.CLOSED, unit=world.SHIPAI) == ["项目2"]
    assert await titles(Which.REGISTERED, unit=world.SHIPAI, own=True) == ["背街小巷“点亮工程”"]
    assert await titles(Which.REVIEW) == ["村民议事厅"]
    page = await projects_of(connection, world.CITY, 2023, Which.REGISTERED, own=False, limit=2, offset=2)
    assert [line.title for line in page] == ["项目4", "项目3"]


async def test_a_list_is_counted_against_the_registered_projects_and_their_overdue_problems(
    connection: asyncpg.Connection,
) -> None:
    assert await size_of(connection, world.CITY, 2023, Which.RED, own=False) == Size(1, 5, 1)
    assert await size_of(connection, world.CITY, 2023, Which.GREEN, own=False) == Size(2, 5, 0)
    assert await size_of(connection, world.HUAINING, 2023, Which.OVERDUE, own=True) == Size(0, 1, 0)
    assert await size_of(connection, world.SHIPAI, 2023, Which.OVERDUE, own=False) == Size(1, 2, 1)


async def test_a_project_is_known_with_its_history_and_its_lamp(connection: asyncpg.Connection) -> None:
    known = await project(connection, world.id_of(1))
    assert known is not None
    assert (known.card.owner, known.card.percent, len(known.card.problems)) == (world.SHIPAI, Decimal(40), 2)
    assert [entry.version for entry in known.history.entries] == list(range(8, 0, -1))
    assert known.lamp is not None
    assert known.lamp.lamp is Lamp.RED
    assert await project(connection, world.id_of(99)) is None


async def test_the_tree_tells_the_counties_of_a_city_and_the_way_to_a_village(connection: asyncpg.Connection) -> None:
    assert await counties_of(connection, world.CITY) == (world.HUAINING, world.YUEXI)
    assert await counties_of(connection, world.HUAINING) == (world.HUAINING,)
    assert await counties_of(connection, world.SHIPAI) == ()
    names = [unit.name for unit in await path_to(connection, world.VILLAGE)]
    assert names == ["安徽省", "安庆市", "怀宁县", "石牌镇", "邓林村"]
    with pytest.raises(NotFound):
        await path_to(connection, "349999")


async def wall(connection: asyncpg.Connection, unit: str = world.CITY) -> Wall:
    return await wall_of(connection, Setting(unit, day(world.TODAY), "皖S(2023)1号"))


async def test_a_citys_wall_has_its_counties_and_their_pace(connection: asyncpg.Connection) -> None:
    shown = await wall(connection)
    assert shown.place == "安徽省安庆市"
    assert (shown.kpis.projects, shown.kpis.closed, shown.kpis.open_notices, shown.kpis.overdue_notices) == (5, 1, 1, 1)
    assert shown.kpis.red_projects == 1
    units = {unit.name: unit for unit in shown.units}
    assert set(units) == {"怀宁县", "岳西县"}
    assert (units["怀宁县"].red_projects, units["怀宁县"].overdue_notices) == (1, 1)
    assert units["岳西县"].pace.actual == 0
    assert units["岳西县"].pace.lamp(shown.thresholds) is Lamp.RED


async def test_without_a_scheme_of_the_city_the_latest_countys_ranking_is_shown(connection: asyncpg.Connection) -> None:
    ranking = (await wall(connection)).ranking
    assert (ranking.heading, ranking.period) == ("怀宁县红色指数排名", "2023年第二季度")
    assert [(row.name, row.rank, row.change) for row in by_rank(ranking.rows)] == [("月山镇", 1, 1), ("石牌镇", 2, -1)]
    assert ranking.rows[0].committee == Decimal("85.25")


async def test_the_ticker_says_who_is_how_far_behind(connection: asyncpg.Connection) -> None:
    ticker = (await wall(connection)).ticker
    (item,) = ticker.items
    assert (item.unit, item.subject, item.reason, item.figure) == (
        "怀宁县石牌镇",
        "背街小巷“点亮工程”",
        "落后",
        "40个百分点",
    )
    assert (item.happening, item.href) == ("亮红灯", f"/projects/{world.id_of(1)}")
    assert ticker.today == 0
    assert ticker.last == item.at


async def test_a_wall_is_as_of_the_latest_fact_and_never_before_today(database: Database) -> None:
    topics = Topics()
    topics.publish(*world.everything())
    topics.begin(world.TODAY)
    await topics.fold(database, VIEWS)
    async with database.driver() as connection:
        assert (await wall(connection)).as_of.isoformat() == "2023-08-21T16:00:00+00:00"
        late = world.project(7, world.SHIPAI).then(world.TODAY, reported("2023-07", "10"))
        topics.publish(late)
        await topics.fold(database, VIEWS)
        assert (await wall(connection)).as_of == late.events[-1].time


SHIPAI: Mapping[str, Any] = {"unit": world.SHIPAI, "county": world.HUAINING}
LATE: Mapping[str, EventData] = {
    "brand": q.BrandRecognised(name="红色驿站", **SHIPAI),
    "inspection": UnitInspected(campaign="mid-2023", group="g1", **SHIPAI),
    "visit": VisitHeld(leader="li", stage=VisitStage.CARRYING_OUT, on=day(world.TODAY), **SHIPAI),
    "case": CaseSelected(title="议事", summary="议而有决", **SHIPAI),
    "honour": HonourRecorded(
        kind=HonourKind.COLLECTIVE,
        level=HonourLevel.CITY,
        title="先进",
        day=day(world.TODAY),
        given_by="市委",
        **SHIPAI,
    ),
    "metrics": MetricRecorded(
        metric=VILLAGE_INCOME, day=day(world.TODAY), value=Decimal(60), measure=TEN_THOUSAND_YUAN, **SHIPAI
    ),
    "scheme": scheme(1, 4, 5, 6),
    "lamp": world.lamp(1, world.SHIPAI, Lamp.YELLOW).events[0].data,
}
"""Facts that walls show or figures count, by the categories of their streams."""


@pytest.mark.parametrize("category", LATE)
async def test_data_are_as_of_the_latest_fact_that_is_shown_or_counted(database: Database, category: str) -> None:
    late = Story(f"{category}-late").then(world.TODAY, LATE[category])
    topics = Topics()
    topics.publish(late)
    topics.begin(world.TODAY)
    await topics.fold(database, VIEWS)
    async with database.driver() as connection:
        assert await as_of(connection, day(world.TODAY)) == late.events[-1].time


async def test_a_countys_wall_has_its_townships(connection: asyncpg.Connection) -> None:
    shown = await wall(connection, world.HUAINING)
    assert (shown.place, [unit.name for unit in shown.units]) == ("安庆市怀宁县", ["石牌镇", "月山镇"])
    assert shown.ranking.heading == "红色指数排名"
    assert (shown.kpis.open_notices, shown.kpis.overdue_notices) == (1, 1)
    assert {unit.name: unit.overdue_notices for unit in shown.units} == {"石牌镇": 1, "月山镇": 0}


async def test_a_provinces_wall_has_its_cities(connection: asyncpg.Connection) -> None:
    shown = await wall(connection, world.PROVINCE)
    assert {unit.name: unit.overdue_notices for unit in shown.units} == {"安庆市": 1}


OWNERS = (world.HUAINING, world.SHIPAI, world.VILLAGE, world.YUESHAN, world.YUEXI, "340828100")


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(OWNERS),
            st.sampled_from(ProjectKind),
            st.booleans(),
            st.integers(0, 100),
            st.sampled_from((None, *Lamp)),
        ),
        max_size=12,
    )
)
async def test_totals_are_what_counting_one_by_one_gives(
    database: Database, drawn: list[tuple[str, ProjectKind, bool, int, Lamp | None]]
) -> None:
    views = (CARD, LAMP, UNIT)
    await forgotten(database, views)
    topics = Topics()
    topics.publish(*world.units())
    stories: list[Story] = []
    for n, (owner, kind, is_closed, percent, colour) in enumerate(drawn):
        story = world.project(n, owner, kind=kind)
        stories.append(
            world.closed(story) if is_closed else story.then("2023-07-01", reported("2023-06", str(percent)))
        )
        if colour:
            stories.append(world.lamp(n, owner, colour))
    topics.publish(*stories)
    topics.begin(world.TODAY)
    await topics.fold(database, views)
    async with database.driver() as connection:
        for unit in (world.CITY, world.HUAINING, world.SHIPAI, world.VILLAGE):
            summed = await totals_of(connection, unit, 2023)
            below = [one for one in drawn if one[0].startswith(unit.removesuffix("00"))]
            assert summed.whole.registered == len(below) == sum(part.totals.registered for part in summed.parts)
            assert summed.whole.secretary == sum(kind is ProjectKind.SECRETARY for _, kind, _, _, _ in below)
            assert summed.whole.closed == sum(is_closed for _, _, is_closed, _, _ in below)
            assert {k: v for k, v in summed.whole.lamps.items() if v} == {
                lamp: sum(one[4] is lamp for one in below) for lamp in Lamp if any(one[4] is lamp for one in below)
            }
            done = [100 if one[2] else one[3] for one in below]
            if summed.whole.percent is None:
                assert done == []
            else:
                assert abs(summed.whole.percent * len(done) - sum(done)) < Decimal("0.001")


BEFORE, MERGED = date(2023, 6, 30), date(2023, 7, 1)


@pytest.fixture
async def changed(database: Database) -> AsyncIterator[asyncpg.Connection]:
    """The small world after 石牌镇 was merged into 月山镇, and 天堂镇 moved from 岳西县 to 怀宁县."""
    topics = Topics()
    merged = {
        f"unit-{world.SHIPAI}": UnitMerged(into=world.YUESHAN, since=MERGED),
        "unit-340828100": UnitMoved(parent=world.HUAINING, since=MERGED),
        f"unit-{world.YUESHAN}": UnitRenamed(name="月山新镇", since=MERGED),
    }
    stories = world.everything()
    topics.publish(*(s.then("2023-07-01", merged[s.stream]) if s.stream in merged else s for s in stories))
    topics.begin(world.TODAY)
    await topics.fold(database, VIEWS)
    async with database.driver() as connection:
        yield connection


async def registered(
    connection: asyncpg.Connection, unit: str, on: date | None
) -> tuple[int, dict[str, int], int | None]:
    """The projects of a unit, of each unit below it, and of its own level."""
    summed = await totals_of(connection, unit, 2023, on)
    parts = {part.name: part.totals.registered for part in summed.parts if not part.own}
    own = [part.totals.registered for part in summed.parts if part.own]
    assert summed.whole.registered == sum(parts.values()) + sum(own)
    return summed.whole.registered, parts, own[0] if own else None


async def test_totals_are_summed_in_the_boundaries_of_any_day(changed: asyncpg.Connection) -> None:
    for on in (None, MERGED, date(2023, 8, 22)):
        assert await registered(changed, world.HUAINING, on) == (5, {"月山新镇": 3, "天堂镇": 1}, 1)
        assert await registered(changed, world.YUESHAN, on) == (3, {"邓林村": 1}, 2)
        assert await registered(changed, world.YUEXI, on) == (0, {}, None)
        assert await registered(changed, world.CITY, on) == (5, {"怀宁县": 5, "岳西县": 0}, None)
    assert await registered(changed, world.HUAINING, BEFORE) == (4, {"石牌镇": 2, "月山镇": 1}, 1)
    assert await registered(changed, world.YUESHAN, BEFORE) == (1, {}, 1)
    assert await registered(changed, world.SHIPAI, BEFORE) == (2, {"邓林村": 1}, 1)
    assert await registered(changed, world.YUEXI, BEFORE) == (1, {"天堂镇": 1}, None)
    assert await registered(changed, world.CITY, BEFORE) == (5, {"怀宁县": 4, "岳西县": 1}, None)


async def test_what_an_ended_unit_owns_is_of_its_heirs_own_level(changed: asyncpg.Connection) -> None:
    lines = await projects_of(changed, world.YUESHAN, 2023, Which.REGISTERED, own=True, limit=9)
    assert {line.owner for line in lines} == {world.YUESHAN, world.SHIPAI}
    assert (await wall(changed, world.HUAINING)).parts
    assert [unit.name for unit in await path_to(changed, world.VILLAGE)] == [
        "安徽省",
        "安庆市",
        "怀宁县",
        "月山新镇",
        "邓林村",
    ]
    assert (await path_to(changed, world.SHIPAI))[-1].heir == world.YUESHAN


async def test_figures_are_counted_in_the_boundaries_of_any_day(changed: asyncpg.Connection) -> None:
    async def projects(county: str, on: date | None) -> str:
        units = (await tree_below(changed, county, on)).codes
        asked = Asked(county, units, 2023, day(world.TODAY), boundaries=on)
        return (await counted(changed, asked))[FigureKey.PROJECTS].value

    assert [await projects(world.HUAINING, on) for on in (None, MERGED, BEFORE)] == ["4", "4", "3"]
    assert [await projects(world.YUEXI, on) for on in (None, MERGED, BEFORE)] == ["0", "0", "1"]


async def test_what_a_part_owns_counts_for_the_unit_that_was_split_on_a_day_before(database: Database) -> None:
    part, new = "340822103", "340822104"
    later = {
        f"unit-{world.SHIPAI}": UnitSplit(into=(world.YUESHAN, part), heir=world.YUESHAN, since=MERGED),
    }
    topics = Topics()
    stories = [*world.everything(), world.project(8, part), world.project(9, new)]
    for code in (part, new):
        fact = UnitRegistered(code=code, name=code, kind=kind_of(code), parent=world.HUAINING, since=MERGED)
        stories.append(Story(f"unit-{code}").then("2023-07-01", fact))
    topics.publish(*(s.then("2023-07-01", later[s.stream]) if s.stream in later else s for s in stories))
    topics.begin(world.TODAY)
    await topics.fold(database, VIEWS)
    async with database.driver() as connection:
        assert await registered(connection, world.HUAINING, BEFORE) == (6, {"石牌镇": 3, "月山镇": 1}, 2)
        assert await registered(connection, world.SHIPAI, BEFORE) == (3, {"邓林村": 1}, 2)
        assert await registered(connection, world.HUAINING, None) == (6, {"月山镇": 3, part: 1, new: 1}, 1)


async def test_a_merged_county_counts_with_its_heir(database: Database) -> None:
    topics = Topics()
    end = UnitMerged(into=world.HUAINING, since=MERGED)
    stories = world.everything()
    topics.publish(*(s.then("2023-07-01", end) if s.stream == f"unit-{world.YUEXI}" else s for s in stories))
    topics.begin(world.TODAY)
    await topics.fold(database, VIEWS)
    async with database.driver() as connection:
        assert await counties_of(connection, world.HUAINING) == (world.HUAINING, world.YUEXI)
        assert await counties_of(connection, world.CITY) == (world.HUAINING, world.YUEXI)
        whole, parts, _ = await registered(connection, world.HUAINING, None)
        assert (whole, set(parts)) == (5, {"石牌镇", "月山镇", "天堂镇"})
        assert await registered(connection, world.CITY, None) == (5, {"怀宁县": 5}, None)
