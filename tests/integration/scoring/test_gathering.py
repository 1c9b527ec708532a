"""What results are computed from, read from real tables: the whole subtree, and nothing before all of it is there."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import UUID

import pytest

from services.scoring.gathering import for_results, for_sheet
from services.scoring.index import UnitFacts
from services.scoring.period import PeriodCase
from services.scoring.views import BRAND, PROJECT, RESULTS, SCHEME, SHEET
from shared.authority_views import PERSON, UNIT
from shared.command import Case
from shared.contracts.assessment import Channel
from shared.contracts.divisions import kind_of
from shared.contracts.event import Context, EventData
from shared.contracts.progress import ProgressReported
from shared.contracts.project import BrandRecognised, PlanApproved, ProjectStarted
from shared.contracts.reference import (
    Appointed,
    AppointmentEnded,
    PersonRegistered,
    Role,
    UnitClosed,
    UnitMerged,
    UnitRegistered,
)
from shared.contracts.scoring import Metric
from shared.contracts.values import StreamId
from shared.database import Database
from shared.errors import InvalidValue, NotReady
from shared.store import append_in, load, make_item
from tests.integration.rows import put
from tests.projecting import History
from tests.unit.registry.builders import proposed
from tests.unit.scoring.build import (
    ASSESSOR,
    COUNTY,
    PERIOD,
    publish_results,
    scheme_published,
    sheet_submitted,
    submit_sheet,
)
from tests.unit.scoring.test_period import PUBLISHED

VIEWS = (UNIT, PERSON, PROJECT, BRAND, SHEET, SCHEME, RESULTS)
A, B, VILLAGE, ELSEWHERE, ZONE = "340822100", "340822101", "340822101201", "340828100", "340822400"
OVER = date(2023, 4, 1)
CASE = Case(ASSESSOR, "1", date(2023, 4, 8))


@dataclass
class County:
    """怀宁 with two townships, a village and a zone, and a township of another county."""

    database: Database
    history: History
    appended: int = 0

    async def append(self, stream: str, *facts: EventData) -> None:
        """Append to the store itself."""
        self.appended += 1
        context = Context(
            UUID(int=self.appended), "/guatu/scoring", datetime(2023, 4, 8, tzinfo=UTC), "x", COUNTY, date(2023, 4, 8)
        )
        async with self.database.driver() as connection:
            loaded = await load(connection, StreamId(stream))
            await append_in(connection, [make_item(loaded, facts, context)])

    async def put(self, day: date | None = OVER) -> None:
        """Bring the views up to what was told."""
        await put(self.database, self.history, VIEWS, day=day)

    async def gathered(self, *at_least: str) -> PeriodCase:
        """What the first quarter's results are computed from."""
        async with self.database.driver() as connection:
            return await for_results(connection, None, publish_results(at_least=at_least), CASE)

    async def units(self) -> list[UnitFacts]:
        """The facts of its townships."""
        return list((await self.gathered()).units)


@pytest.fixture
def county(database: Database) -> County:
    history = History()
    for code, parent in (
        (COUNTY, "340800"),
        (A, COUNTY),
        (B, COUNTY),
        (VILLAGE, B),
        (ZONE, COUNTY),
        (ELSEWHERE, "340828"),
    ):
        history.tell(f"unit-{code}", UnitRegistered(code=code, name=f"单位{code}", kind=kind_of(code), parent=parent))
    return County(database, history)


def project(county: County, n: int, owner: str) -> str:
    """A project, approved and started before the quarter, that reported on time once."""
    key = f"project-0190a1b2-0000-7000-8000-{n:012}"
    fact = proposed().model_copy(update={"owner": owner, "county": owner[:6], "year": 2023})
    county.history.tell(key, fact, PlanApproved(round=1, number="1"), ProjectStarted(), on=date(2022, 12, 20))
    county.history.tell(key, ProgressReported(month="2022-12", percent=Decimal(5)), on=date(2023, 1, 4))
    return key


async def test_each_township_has_the_facts_of_its_whole_subtree(county: County) -> None:
    for n, owner in enumerate((A, B, VILLAGE, ELSEWHERE, ZONE)):
        project(county, n, owner)
    county.history.tell("brand-1", BrandRecognised(name="驿站", unit=VILLAGE, county=COUNTY), on=date(2023, 3, 1))
    await county.put()
    a, b = await county.units()
    assert (a.unit, b.unit) == (A, B)
    assert [a.counts[m] for m in (Metric.PROJECTS_APPROVED, Metric.BRANDS, Metric.REPORTS_MADE)] == [1, 0, 1]
    assert [b.counts[m] for m in (Metric.PROJECTS_APPROVED, Metric.BRANDS, Metric.REPORTS_DUE)] == [2, 1, 6]


async def test_what_has_ended_is_no_peer_and_its_facts_are_its_heirs(county: County) -> None:
    c, d = "340822103", "340828101"
    tell = county.history.tell
    for code, parent in (("340828", "340800"), (c, COUNTY), (d, "340828")):
        tell(f"unit-{code}", UnitRegistered(code=code, name=code, kind=kind_of(code), parent=parent))
    tell(f"unit-{B}", UnitMerged(into=A, since=date(2023, 2, 1)))
    tell(f"unit-{c}", UnitClosed(heir=COUNTY, since=date(2023, 2, 1), reason="撤销"))
    tell("unit-340828", UnitMerged(into=COUNTY, since=date(2023, 2, 1)))
    for n, owner in enumerate((A, B, VILLAGE, c, d)):
        project(county, n, owner)
    await county.put()
    counted = {unit.unit: unit.counts[Metric.PROJECTS_APPROVED] for unit in await county.units()}
    assert counted == {A: 3, ELSEWHERE: 0, d: 1}


async def test_sheets_are_those_of_the_county_and_period(county: County) -> None:
    for n, changes in enumerate(({}, {"period": "2023-Q2"}, {"county": "340828"}, {"channel": Channel.REVIEW})):
        county.history.tell(f"sheet-{n}", sheet_submitted(**changes))
    await county.put()
    a, b = await county.units()
    channels = (Channel.FIELD_TEST, Channel.REVIEW)
    assert a.sheets == {(c, i): [p] for c in channels for i, p in (("c2", Decimal(80)), ("b2", Decimal(90)))}
    assert b.sheets == {}


async def test_the_scheme_is_the_stores_and_the_ranks_before_those_of_the_period_before(county: County) -> None:
    before = PUBLISHED.model_copy(update={"period": "2022-Q4"})
    county.history.tell(f"period-{COUNTY}-2022-Q4", before)
    await county.append(f"scheme-{COUNTY}", scheme_published(), scheme_published(2))
    await county.put()
    gathered = await county.gathered()
    assert gathered.scheme.version == 2
    assert gathered.ranks_before == {A: 1}


async def refused(county: County, *at_least: str) -> str:
    """The code with which gathering is refused for now."""
    with pytest.raises(NotReady) as refusal:
        await county.gathered(*at_least)
    return refusal.value.code


@pytest.mark.parametrize("day", [None, date(2023, 3, 31)])
async def test_nothing_is_computed_before_the_day_after_the_period_has_begun(county: County, day: date | None) -> None:
    await county.put(day)
    assert await refused(county) == "facts_not_here_yet"
    await county.put()
    assert len(await county.units()) == 2


@pytest.mark.parametrize("view", [PROJECT, BRAND], ids=lambda view: view.name)
async def test_the_day_must_have_begun_in_every_partition(county: County, view: object) -> None:
    await county.put()
    async with county.database.driver() as connection:
        await connection.execute(
            "update offsets set day = '2023-03-31' where view = $1 and partition = 7 and topic = 'project.events.v1'",
            view.name,  # type: ignore[attr-defined]
        )
    assert await refused(county) == "facts_not_here_yet"


async def test_nothing_is_computed_while_an_acknowledged_sheet_is_not_in_the_view(county: County) -> None:
    stream = f"sheet-{COUNTY}-{PERIOD}-{A}-field_test-{ASSESSOR}"
    await county.append(stream, sheet_submitted())
    await county.append(stream.replace("Q1", "Q2"), sheet_submitted(period="2023-Q2"))
    await county.append(stream.replace(COUNTY, "340828"), sheet_submitted(county="340828"))
    await county.put()
    assert await refused(county) == "facts_not_here_yet"
    county.history.tell(stream, sheet_submitted())
    await county.put()
    assert (await county.units())[0].sheets != {}


async def park(county: County, view: str, key: str) -> None:
    """Park an event of a key."""
    async with county.database.driver() as connection:
        await connection.execute(
            "insert into parked(view, version, partition, key, topic, topic_version, body, error)"
            " values ($1, $2, 0, $3, 'project.events.v1', 9, '', 'x')",
            view,
            next((each.version for each in VIEWS if each.name == view), 1),
            key,
        )


async def test_nothing_is_computed_while_a_fact_that_may_be_the_countys_is_parked(county: County) -> None:
    ours, theirs = project(county, 1, A), project(county, 2, ELSEWHERE)
    await county.put()
    await park(county, "project_facts", theirs)
    await park(county, "another view", ours)
    assert len(await county.units()) == 2
    for view, key in (("project_facts", ours), ("project_facts", "project-unknown"), ("brand_facts", "brand-unknown")):
        await park(county, view, key)
        assert await refused(county) == "facts_parked"
        async with county.database.driver() as connection:
            await connection.execute("delete from parked where key = $1", key)


async def test_what_the_caller_names_must_be_in_the_views(county: County) -> None:
    key = project(county, 1, A)
    await county.put()
    assert len((await county.gathered(f"{key}@progress=1,project=3", "unit-1@reference=9")).units) == 2
    assert await refused(county, f"{key}@progress=2,project=3") == "facts_not_here_yet"
    assert await refused(county, "brand-unknown@project=1") == "facts_not_here_yet"
    with pytest.raises(InvalidValue):
        await county.gathered("no token")


async def test_a_sheet_is_decided_on_scheme_results_and_the_assessors_own_units(county: County) -> None:
    person = f"person-{ASSESSOR}"
    county.history.tell(
        person,
        PersonRegistered(name="王芳"),
        Appointed(role=Role.ASSESSOR, unit=COUNTY, since=date(2023, 1, 1)),
        Appointed(role=Role.TOWNSHIP_SECRETARY, unit=A, since=date(2023, 1, 1)),
        AppointmentEnded(role=Role.TOWNSHIP_SECRETARY, unit=A, until=date(2023, 4, 8), reason="调任"),
    )
    await county.put()
    await county.append(f"scheme-{COUNTY}", scheme_published())
    async with county.database.driver() as connection:
        case = await for_sheet(connection, None, submit_sheet(), CASE)
        assert (case.scheme.version, case.results_published, case.own_units) == (1, False, {COUNTY, A})
        assert case.of_the_county
        await county.append(f"period-{COUNTY}-{PERIOD}", PUBLISHED)
        later = await for_sheet(connection, None, submit_sheet(), Case(ASSESSOR, "1", date(2023, 4, 9)))
        assert (later.results_published, later.own_units) == (True, {COUNTY})
        elsewhere = await for_sheet(connection, None, submit_sheet(county="340828"), CASE)
        assert (elsewhere.county, elsewhere.of_the_county) == (COUNTY, False)
        nobody = await for_sheet(connection, None, submit_sheet(county="340828"), Case("nobody", "1", OVER))
        assert (nobody.scheme.version, nobody.own_units) == (0, frozenset())
        assert not nobody.of_the_county


async def test_a_sheets_unit_lies_where_the_tree_has_it_not_where_its_code_would(county: County) -> None:
    moved = "340828101"
    county.history.tell(
        f"unit-{moved}", UnitRegistered(code=moved, name="划入的镇", kind=kind_of(moved), parent=COUNTY)
    )
    await county.put()
    async with county.database.driver() as connection:
        for unit, lies_in in ((moved, COUNTY), (VILLAGE, COUNTY), (ELSEWHERE, "340828"), ("340822999", None)):
            case = await for_sheet(connection, None, submit_sheet(unit=unit), CASE)
            assert case.county == lies_in
