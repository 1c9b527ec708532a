"""The figures as PostgreSQL counts them, against a reference that counts the facts one by one."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.reporting.figures import ALWAYS, Asked, FigureKey, counted, facts, known
from services.reporting.views import BRAND, CAMPAIGN, CARD, CASE, HONOUR, INSPECTION, MEASURES, SCHEME, VISIT
from shared.authority_views import UNIT
from shared.contracts import progress as p
from shared.contracts import project as q
from shared.contracts.divisions import kind_of
from shared.contracts.reference import UnitRegistered
from shared.database import Database
from tests.integration.reporting.topics import Topics, forgotten
from tests.unit.reporting.builders import (
    Story,
    approved,
    campaign_opened,
    day,
    found,
    inspected,
    proposed,
    submitted,
)
from tests.unit.reporting.test_views import scheme

VIEWS = (CARD, BRAND, CAMPAIGN, INSPECTION, VISIT, CASE, HONOUR, MEASURES, SCHEME, UNIT)
COUNTIES = ("340822", "340828")
MOVED, TO = "101203", "103"
"""A village of each county that its code does not say the township of: it was moved."""
FIRST = date(2022, 11, 1)

days = st.integers(0, 420).map(lambda n: FIRST + timedelta(days=n))
counties = st.sampled_from(COUNTIES)
years = st.sampled_from((2022, 2023))


@dataclass(frozen=True)
class Project:
    """What is told of a project; `visits` are (campaign, group, township, day), `problems` (campaign, day).

    `again` are the days of a reopening and of the closing that follows, if it is closed.
    """

    county: str
    kind: q.ProjectKind
    year: int
    approved: date | None
    closed: date | None
    again: tuple[date | None, date | None]
    visits: list[tuple[int, int, int, date]]
    problems: list[tuple[int, date]]


@dataclass(frozen=True)
class World:
    """Everything that happened."""

    campaigns: list[tuple[str, p.CampaignKind, int]]
    projects: list[Project]
    visits: list[tuple[int, int, str, date]]
    brands: list[tuple[str, date]]
    schemes: list[tuple[str, date, tuple[int, int, int]]]


campaign_numbers = st.integers(0, 2)
groups = st.integers(1, 4)
projects = st.builds(
    Project,
    counties,
    st.sampled_from(q.ProjectKind),
    years,
    st.none() | days,
    st.none() | days,
    st.tuples(st.none() | days, st.none() | days),
    st.lists(st.tuples(campaign_numbers, groups, st.integers(1, 3), days), max_size=3),
    st.lists(st.tuples(campaign_numbers, days), max_size=3),
)
worlds = st.builds(
    World,
    st.lists(
        st.tuples(counties, st.sampled_from((p.CampaignKind.MID_TERM, p.CampaignKind.SPOT_CHECK)), years),
        min_size=3,
        max_size=3,
    ),
    st.lists(projects, max_size=8),
    st.lists(st.tuples(campaign_numbers, groups, st.sampled_from(("101", "102", MOVED, "")), days), max_size=6),
    st.lists(st.tuples(counties, days), max_size=5),
    st.lists(st.tuples(counties, days, st.tuples(*[st.integers(1, 6)] * 3)), max_size=3),
)


def told(world: World) -> list[Story]:
    """The streams of a world."""
    stories = [
        Story(f"campaign-c{n}").then("2022-11-01", campaign_opened(county=county, kind=kind, year=year))
        for n, (county, kind, year) in enumerate(world.campaigns)
    ]
    for n, project in enumerate(world.projects):
        story = Story(f"project-{n}").then(
            "2022-11-01",
            proposed(county=project.county, owner=f"{project.county}101", kind=project.kind, year=project.year),
            submitted(),
        )
        if project.approved:
            story.then(project.approved.isoformat(), approved())
        for campaign, group, township, on in project.visits:
            visit = inspected(f"c{campaign}", f"g{group}", f"{project.county}10{township}")
            story.then(on.isoformat(), visit)
        for k, (campaign, on) in enumerate(project.problems):
            story.then(on.isoformat(), found(f"p{k}", "2024-01-31", f"c{campaign}"))
        if project.closed:
            story.then(project.closed.isoformat(), q.ProjectClosed(number="销号"))
            reopened, closed = project.again
            if reopened:
                story.then(reopened.isoformat(), q.ProjectReopened(closure="销号", reason="返潮"))
                if closed:
                    story.then(closed.isoformat(), q.ProjectClosed(number="再销号"))
        stories.append(story)
    for n, (campaign, group, place, on) in enumerate(world.visits):
        county = world.campaigns[campaign][0]
        visit = p.UnitInspected(campaign=f"c{campaign}", group=f"g{group}", unit=county + place, county=county)
        stories.append(Story(f"inspection-{n}").then(on.isoformat(), visit))
    for n, (county, on) in enumerate(world.brands):
        brand = q.BrandRecognised(name=f"品牌{n}", unit=f"{county}101", county=county)
        stories.append(Story(f"brand-{n}").then(on.isoformat(), brand))
    published: dict[str, Story] = {}
    for county, on, sizes in sorted(world.schemes, key=lambda published: published[1]):
        story = published.setdefault(county, Story(f"scheme-{county}"))
        story.then(on.isoformat(), scheme(len(story.bodies) + 1, *sizes).model_copy(update={"county": county}))
    return [*stories, *published.values(), *units()]


def units() -> list[Story]:
    """The units that a campaign may visit."""
    told: list[Story] = []
    for county in COUNTIES:
        for place, parent in (("101", county), ("102", county), (TO, county), (MOVED, county + TO)):
            code = county + place
            fact = UnitRegistered(code=code, name=code, kind=kind_of(code), parent=parent)
            told.append(Story(f"unit-{code}").then("2022-11-01", fact))
    return told


def expected(world: World, county: str, year: int, on: date) -> dict[str, str]:
    """The figures of a county, counted in the plainest way."""
    mid_term = {
        n for n, (of, kind, y) in enumerate(world.campaigns) if (of, kind, y) == (county, p.CampaignKind.MID_TERM, year)
    }
    mine = [project for project in world.projects if project.county == county]
    plan = [
        project
        for project in mine
        if project.kind is q.ProjectKind.SECRETARY
        and project.year == year
        and project.approved is not None
        and project.approved <= on
    ]
    visits = [(c, g, f"{county}10{t}", d) for project in mine for c, g, t, d in project.visits]
    visits += [
        (c, g, county + (TO if place == MOVED else place) if place else "", d) for c, g, place, d in world.visits
    ]
    held = [(c, g, t) for c, g, t, d in visits if c in mid_term and d <= on]
    sizes = [s for of, d, s in sorted(world.schemes, key=lambda one: one[1]) if of == county and d <= on]
    items = sorted({min(sizes[-1]), max(sizes[-1])}) if sizes else []
    return {
        "projects": str(len(plan)),
        "projects_done": str(sum(done(project, on) for project in plan)),
        "evaluation_groups": str(len({(c, g) for c, g, _ in held})),
        "townships_evaluated": str(len({t for _, _, t in held if t})),
        "problems": str(sum(c in mid_term and d <= on for project in mine for c, d in project.problems)),
        "brands": str(sum(of == county and d <= on and d.year == year for of, d in world.brands)),
        "index_items": "-".join(map(str, items)) or "待报",
    }


def done(project: Project, on: date) -> bool:
    """Whether it is closed on a day: by a closing that was not reopened by then, or by the one that followed."""
    reopened, closed = project.again
    if project.closed is None:
        return False
    first = project.closed <= on and not (reopened and reopened <= on)
    return first or bool(reopened and closed and closed <= on)


NAMES = (
    "projects",
    "projects_done",
    "evaluation_groups",
    "townships_evaluated",
    "problems",
    "brands",
    "index_items",
)
"""The figures of this module; test_figures_around.py has the others."""


async def figures_of(database: Database, asked: Asked, names: Collection[str] = NAMES) -> dict[str, str]:
    async with database.driver() as connection:
        figures = await counted(connection, asked)
    return {key.value: figure.value for key, figure in figures.items() if key in names}


@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(world=worlds, county=counties, year=years, on=days)
async def test_every_figure_is_what_a_naive_count_gives(
    database: Database, world: World, county: str, year: int, on: date
) -> None:
    await forgotten(database, VIEWS)
    topics = Topics()
    topics.publish(*told(world))
    await topics.fold(database, VIEWS)
    asked = Asked(county, (county, county + "101"), year, on)
    assert await figures_of(database, asked) == expected(world, county, year, on)
    async with database.driver() as connection:
        figures = await counted(connection, asked)
        for key in map(FigureKey, NAMES):
            figure = figures[key]
            rows = await facts(connection, key, asked, limit=1000)
            if key is FigureKey.INDEX_ITEMS:
                assert sorted({min(sizes), max(sizes)} if (sizes := [f.amount for f in rows]) else []) == list(
                    figure.counts
                )
            else:
                assert len({fact.what for fact in rows}) == figure.counts[0]
            assert all(fact.day <= on for fact in rows)


async def test_what_was_told_later_than_the_moment_is_not_counted(database: Database) -> None:
    late, on, plan = "2023-08-25", "2023-08-20", proposed(owner="340822101")
    project = Story("project-1").then("2023-01-03", plan, submitted(), approved())
    project.then(on, inspected("c1", "g1", "340822101"), found("p1", "2023-12-01", "c1"), told=late)
    closed = Story("project-2").then("2023-01-03", plan, submitted(), approved())
    closed.then(on, q.ProjectClosed(number="销号"), told=late)
    opened = Story("campaign-c1").then("2022-11-01", campaign_opened(county="340822", year=2023))
    visit = p.UnitInspected(campaign="c1", group="g2", unit="340822102", county="340822")
    topics = Topics()
    topics.publish(
        opened,
        project,
        closed,
        Story("project-3").then("2023-01-03", plan, submitted()).then(on, approved(), told=late),
        Story("inspection-1").then(on, visit, told=late),
        Story("brand-1").then(on, q.BrandRecognised(name="品牌", unit="340822101", county="340822"), told=late),
        Story("scheme-340822").then("2022-11-02", scheme(1, 5, 4, 6)).then(on, scheme(2, 7, 8, 9), told=late),
        *units(),
    )
    await topics.fold(database, VIEWS)
    asked = Asked("340822", ("340822", "340822101"), 2023, day("2023-08-22"), datetime(2023, 8, 24, tzinfo=UTC))
    names = NAMES[:-1]
    assert await figures_of(database, asked) == dict.fromkeys(names, "0") | {"projects": "2", "index_items": "4-6"}
    since = {**dict.fromkeys(names, "1"), "evaluation_groups": "2", "townships_evaluated": "2"}
    known_now = since | {"projects": "3", "index_items": "7-9"}
    assert await figures_of(database, replace(asked, as_of=ALWAYS)) == known_now
    async with database.driver() as connection:
        rows = await facts(connection, FigureKey.PROJECTS, asked, limit=10)
        assert {fact.subject for fact in rows} == {"project-1", "project-2"}


async def test_a_closing_that_was_reopened_later_still_counts_as_of_before(database: Database) -> None:
    story = Story("project-1").then("2023-01-03", proposed(owner="340822101"), submitted(), approved())
    story.then("2023-07-03", q.ProjectClosed(number="销号"))
    story.then("2023-08-01", q.ProjectReopened(closure="销号", reason="返潮"), told="2023-08-05")
    topics = Topics()
    topics.publish(story, *units())
    await topics.fold(database, VIEWS)
    for on, moment, counts in (("2023-07-31", ALWAYS, "1"), ("2023-08-02", ALWAYS, "0"), ("2023-08-02", None, "1")):
        before = moment or datetime(2023, 8, 3, tzinfo=UTC)
        asked = Asked("340822", ("340822", "340822101"), 2023, day(on), before)
        assert (await figures_of(database, asked))["projects_done"] == counts


async def test_what_was_terminated_stays_approved_and_what_was_carried_over_is_of_its_plan_year(
    database: Database,
) -> None:
    topics = Topics()
    for n, turn in enumerate((q.ProjectTerminated(reason="拆迁"), q.ProjectCarriedOver(year=2024, reason="汛期"))):
        story = Story(f"project-{n}").then("2023-01-03", proposed(owner="340822101"), submitted(), approved())
        topics.publish(story.then("2023-11-03", turn))
    await topics.fold(database, VIEWS)
    for year, projects in ((2023, "2"), (2024, "0")):
        asked = Asked("340822", ("340822", "340822101"), year, day("2024-03-01"))
        assert (await figures_of(database, asked))["projects"] == projects


async def test_a_city_counts_the_projects_of_both_kinds_in_its_counties(database: Database) -> None:
    topics = Topics()
    kinds: list[Any] = [q.ProjectKind.SECRETARY, q.ProjectKind.LED, q.ProjectKind.LED]
    for n, (county, kind) in enumerate(zip((*COUNTIES, "340122"), kinds, strict=True)):
        project = proposed(county=county, owner=county + "101", kind=kind)
        topics.publish(Story(f"project-{n}").then("2023-01-03", project, submitted(), approved()))
    await topics.fold(database, VIEWS)
    asked = Asked("340800", (*COUNTIES, *(f"{county}101" for county in COUNTIES)), 2023, day("2023-08-22"))
    assert await figures_of(database, asked) == {"projects": "2"}


def test_units_below_a_county_have_no_figures() -> None:
    assert (len(known("340822")), len(known("340800")), len(known("340871"))) == (16, 1, 16)
    assert known("340822101") == known("340822101203") == known("340822401") == {}
