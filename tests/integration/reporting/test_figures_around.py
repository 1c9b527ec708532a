"""The figures of reviews and of what happens around projects, against a reference that counts the facts one by one."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.reporting.figures import ALWAYS, Asked, FigureKey, counted, facts
from shared.contracts import project as q
from shared.contracts import visits as v
from shared.contracts.cases import CaseColumn, CasePublished, CaseSelected
from shared.contracts.divisions import kind_of
from shared.contracts.honours import HonourKind, HonourLevel, HonourRecorded
from shared.contracts.reference import UnitRegistered
from shared.contracts.unit_metrics import MetricCorrected, MetricRecorded
from shared.database import Database
from tests.integration.reporting.test_figures import COUNTIES, FIRST, VIEWS, counties, days, figures_of, years
from tests.integration.reporting.topics import Topics, forgotten
from tests.unit.reporting.builders import Story, approved, day, proposed, submitted

GOVERNANCE = "基层治理"
NAMES = (
    "plans_not_approved",
    "revision_opinions",
    "village_income_avg",
    "villages_over_50",
    "suggestions",
    "difficulties_solved",
    "honours",
    "governance_projects",
    "cases_published",
)
PLACES = ("101201", "101202", "101001", "101")
"""Two villages, a community and a township of each county."""


@dataclass(frozen=True)
class Reviewed:
    """A project: the days of opinions that ask for a change or do not, and of the rounds that were refused."""

    county: str
    kind: q.ProjectKind
    year: int
    category: str
    opinions: list[tuple[q.OpinionKind, date]]
    refused: list[tuple[bool, date]]
    approved: date | None


@dataclass(frozen=True)
class Visited:
    """A visit: the days of its suggestions, and of its difficulties with that of their solution."""

    county: str
    suggestions: list[date]
    difficulties: list[tuple[date, date | None]]


@dataclass(frozen=True)
class World:
    """Everything that happened; `incomes` are by place and day, with what they are corrected to."""

    projects: list[Reviewed]
    visits: list[Visited]
    honours: list[tuple[str, date]]
    cases: list[tuple[str, list[tuple[CaseColumn, date]]]]
    incomes: dict[tuple[str, str, date], tuple[str, Decimal, Decimal | None]]


amounts = st.decimals(Decimal("48.5"), Decimal("51.5"), places=2)
worlds = st.builds(
    World,
    st.lists(
        st.builds(
            Reviewed,
            counties,
            st.sampled_from(q.ProjectKind),
            years,
            st.sampled_from((GOVERNANCE, "人居环境")),
            st.lists(st.tuples(st.sampled_from(q.OpinionKind), days), max_size=3),
            st.lists(st.tuples(st.booleans(), days), max_size=2),
            st.none() | days,
        ),
        max_size=6,
    ),
    st.lists(
        st.builds(
            Visited,
            counties,
            st.lists(days, max_size=3),
            st.lists(st.tuples(days, st.none() | days), max_size=3),
        ),
        max_size=4,
    ),
    st.lists(st.tuples(counties, days), max_size=4),
    st.lists(
        st.tuples(
            counties, st.lists(st.tuples(st.sampled_from(CaseColumn), days), max_size=2, unique_by=lambda p: p[0])
        ),
        max_size=4,
    ),
    st.dictionaries(
        st.tuples(counties, st.sampled_from(PLACES), days),
        st.tuples(st.sampled_from(("万元", "万元", "元")), amounts, st.none() | amounts),
        max_size=8,
    ),
)


def told(world: World) -> list[Story]:
    """The streams of a world."""
    return [*units(), *_projects(world), *_visits(world), *_honours(world), *_cases(world), *_incomes(world)]


def units() -> list[Story]:
    """The places of each county."""
    codes = [county + place for county in COUNTIES for place in PLACES]
    facts = {code: UnitRegistered(code=code, name=code, kind=kind_of(code), parent=code[:6]) for code in codes}
    return [Story(f"unit-{code}").then("2022-11-01", fact) for code, fact in facts.items()]


def _projects(world: World) -> list[Story]:
    stories: list[Story] = []
    for n, project in enumerate(world.projects):
        proposal = proposed(
            county=project.county,
            owner=f"{project.county}101",
            kind=project.kind,
            year=project.year,
            category=project.category,
        )
        story = Story(f"project-{n}").then("2022-11-01", proposal, submitted())
        for k, (kind, on) in enumerate(project.opinions):
            opinion = q.OpinionGiven(opinion=f"o{k}", round=1, criterion=q.Criterion.SMALL, kind=kind, text=f"意见{k}")
            story.then(on.isoformat(), opinion)
        for rejected, on in project.refused:
            refusal = q.PlanRejected(round=1, reason="重复") if rejected else q.PlanReturned(round=1, reason="请改")
            story.then(on.isoformat(), refusal)
        if project.approved:
            story.then(project.approved.isoformat(), approved())
        stories.append(story)
    return stories


def _held(county: str, on: date) -> v.VisitHeld:
    return v.VisitHeld(leader="li", stage=v.VisitStage.REVIEW, unit=f"{county}101", county=county, on=on)


def _visits(world: World) -> list[Story]:
    stories: list[Story] = []
    for n, visit in enumerate(world.visits):
        story = Story(f"visit-{n}").then("2022-11-01", _held(visit.county, FIRST))
        for k, on in enumerate(visit.suggestions):
            story.then(on.isoformat(), v.SuggestionCollected(suggestion=f"s{k}", text="建议"))
        for k, (on, solved) in enumerate(visit.difficulties):
            story.then(on.isoformat(), v.DifficultyRaised(difficulty=f"d{k}", text="难点"))
            if solved:
                story.then(solved.isoformat(), v.DifficultySolved(difficulty=f"d{k}", how="已办"))
        stories.append(story)
    return stories


def honour(county: str, on: date) -> HonourRecorded:
    """A collective's honour."""
    return HonourRecorded(
        kind=HonourKind.COLLECTIVE,
        level=HonourLevel.PROVINCE,
        unit=f"{county}101",
        county=county,
        title="先进集体",
        day=on,
        given_by="省委",
    )


def _honours(world: World) -> list[Story]:
    return [
        Story(f"honour-{n}").then(on.isoformat(), honour(county, on)) for n, (county, on) in enumerate(world.honours)
    ]


def _cases(world: World) -> list[Story]:
    stories: list[Story] = []
    for n, (county, published) in enumerate(world.cases):
        selected = CaseSelected(title=f"案例{n}", unit=f"{county}101", county=county, summary="摘要")
        story = Story(f"case-{n}").then("2022-11-01", selected)
        for column, on in published:
            story.then(on.isoformat(), CasePublished(column=column, title="标题", text="全文"))
        stories.append(story)
    return stories


def recorded(county: str, place: str, on: date, value: Decimal, measure: str = "万元") -> MetricRecorded:
    """A village's income."""
    return MetricRecorded(
        metric="village_income", unit=county + place, county=county, value=value, measure=measure, day=on
    )


def _incomes(world: World) -> list[Story]:
    stories: dict[str, Story] = {}
    for (county, place, on), (measure, value, correction) in world.incomes.items():
        story = stories.setdefault(county + place, Story(f"metrics-{county}{place}"))
        story.then(on.isoformat(), recorded(county, place, on, value, measure))
        other = recorded(county, place, on, Decimal(999)).model_copy(update={"metric": "visitors"})
        story.then(on.isoformat(), other)
        if correction is not None:
            corrected = MetricCorrected(metric="village_income", day=on, was=value, value=correction, reason="误填")
            story.then(on.isoformat(), corrected)
    return list(stories.values())


def expected(world: World, county: str, year: int, on: date) -> dict[str, str]:
    """The figures of a county, counted in the plainest way."""

    def by(told: date | None) -> bool:
        return told is not None and told <= on and told.year == year

    mine = [project for project in world.projects if (project.county, project.year) == (county, year)]
    visits = [visit for visit in world.visits if visit.county == county]
    latest = _latest(world, county, on)
    published = [[column for column, told in columns if by(told)] for of, columns in world.cases if of == county]
    change = q.OpinionKind.CHANGE
    return {
        "plans_not_approved": str(sum(any(told <= on for _, told in project.refused) for project in mine)),
        "revision_opinions": str(sum(kind is change and told <= on for each in mine for kind, told in each.opinions)),
        "village_income_avg": _mean(latest),
        "villages_over_50": str(sum(value > 50 for value in latest)),
        "suggestions": str(sum(by(told) for visit in visits for told in visit.suggestions)),
        "difficulties_solved": str(sum(by(solved) for visit in visits for _, solved in visit.difficulties)),
        "honours": str(sum(of == county and by(told) for of, told in world.honours)),
        "governance_projects": str(
            sum(p.category == GOVERNANCE and p.approved is not None and p.approved <= on for p in mine)
        ),
        "cases_published": str(sum(CaseColumn.RESULTS in columns for columns in published)),
    }


def _latest(world: World, county: str, on: date) -> list[Fraction]:
    """The income of each village on the last day by which it is known in 万元."""
    values: dict[str, tuple[date, Fraction]] = {}
    for (of, place, as_of), (measure, value, correction) in world.incomes.items():
        if of == county and place in PLACES[:2] and measure == "万元" and as_of <= on:
            values[place] = max(values.get(place, (FIRST, Fraction(0))), (as_of, Fraction(correction or value)))
    return [value for _, value in values.values()]


def _mean(values: list[Fraction]) -> str:
    if not values:
        return "待报"
    tenths = (sum(values, Fraction(0)) / len(values) * 20 + 1) // 2
    return f"{tenths // 10}.{tenths % 10}"


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
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
    assert await figures_of(database, asked, NAMES) == expected(world, county, year, on)
    async with database.driver() as connection:
        for key, figure in (await counted(connection, asked)).items():
            if key not in NAMES:
                continue
            rows = await facts(connection, key, asked, limit=1000)
            if key is FigureKey.VILLAGE_INCOME_AVG:
                assert _mean([Fraction(fact.amount or 0) for fact in rows]) == figure.value
            else:
                assert len({fact.what for fact in rows}) == figure.counts[0]
            assert all(fact.day <= on for fact in rows)


async def test_half_a_tenth_is_rounded_up(database: Database) -> None:
    on = date(2023, 5, 1)
    topics = Topics()
    values = {"101201": Decimal("50.00"), "101202": Decimal("50.10")}
    stories = [
        Story(f"metrics-340822{place}").then("2023-05-01", recorded("340822", place, on, value))
        for place, value in values.items()
    ]
    topics.publish(*units(), *stories)
    await topics.fold(database, VIEWS)
    figures = await figures_of(database, Asked("340822", ("340822",), 2023, on), NAMES)
    assert (figures["village_income_avg"], figures["villages_over_50"]) == ("50.1", "1")


async def test_what_was_told_later_than_the_moment_is_not_counted(database: Database) -> None:
    late, on, county = "2023-08-25", "2023-08-20", "340822"
    change = q.OpinionGiven(
        opinion="o1", round=1, criterion=q.Criterion.SMALL, kind=q.OpinionKind.CHANGE, text="切口偏大"
    )
    plan = proposed(owner="340822101", category=GOVERNANCE)
    topics = Topics()
    topics.publish(
        *units(),
        Story("project-1")
        .then("2023-01-03", plan, submitted())
        .then(on, change, q.PlanReturned(round=1, reason="改"), told=late),
        Story("project-2").then("2023-01-03", plan, submitted()).then(on, approved(), told=late),
        Story("visit-1")
        .then("2023-01-03", _held(county, date(2023, 1, 3)), v.DifficultyRaised(difficulty="d1", text="难点"))
        .then(on, v.SuggestionCollected(suggestion="s1", text="建议"), told=late)
        .then(on, v.DifficultySolved(difficulty="d1", how="已办"), told=late),
        Story("honour-1").then(on, honour(county, day(on)), told=late),
        Story("case-1")
        .then("2023-01-03", CaseSelected(title="案例", unit="340822101", county=county, summary="摘要"))
        .then(on, CasePublished(column=CaseColumn.RESULTS, title="标题", text="全文"), told=late),
        Story("metrics-340822101201")
        .then("2023-01-03", recorded(county, "101201", date(2022, 12, 31), Decimal(40)))
        .then(
            on,
            MetricCorrected(
                metric="village_income", day=date(2022, 12, 31), was=Decimal(40), value=Decimal(60), reason="误填"
            ),
            told=late,
        ),
    )
    await topics.fold(database, VIEWS)
    asked = Asked(county, (county, county + "101"), 2023, day("2023-08-22"), datetime(2023, 8, 24, tzinfo=UTC))
    before = dict.fromkeys(NAMES, "0") | {"village_income_avg": "40.0"}
    assert await figures_of(database, asked, NAMES) == before
    since = dict.fromkeys(NAMES, "1") | {"village_income_avg": "60.0"}
    assert await figures_of(database, replace(asked, as_of=ALWAYS), NAMES) == since
