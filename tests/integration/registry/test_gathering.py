"""What decisions are given to know, read from a real store."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from uuid import uuid4

import asyncpg
import pytest

from services.registry import gathering
from services.registry.around.campaign import Campaign, CampaignFacts
from services.registry.around.difficulty import Helper
from services.registry.around.place import Place
from services.registry.around.record_views import METRICS
from services.registry.around.unit_metric import CatalogueFacts, MeasureFacts
from services.registry.asking import gathering as gathering_asked
from services.registry.asking.held import ALWAYS_HELD, catalogued
from services.registry.commands.campaigns import InspectUnit, RecogniseBrand
from services.registry.commands.carrying_out import VerifyRectification
from services.registry.commands.data_requests import AnswerDataRequest, RequestData
from services.registry.commands.extending import EndorseExtension
from services.registry.commands.honours import LabelUnit, RecordHonour
from services.registry.commands.reference import Appoint, RegisterUnit
from services.registry.commands.reviewing import ProposeProject
from services.registry.commands.rhythm import DrawMutualChecks, FindProblemMutually, HoldMutualCheck
from services.registry.commands.turning import HandOverProject
from services.registry.commands.unit_metrics import DefineMetric, RecordMetric
from services.registry.commands.units import CloseUnit, MergeUnit, MoveUnit, SplitUnit
from services.registry.commands.visits import HoldVisit, TakeOnDifficulty
from services.registry.project.life import PROJECT
from services.registry.project.state import Project
from services.registry.reference import gathering as gathering_tree
from services.registry.reference.person import Person
from services.registry.reference.unit import UNIT, Unit
from shared.authority_views import UNIT as UNITS
from shared.command import Case
from shared.contracts.divisions import UnitKind
from shared.contracts.event import Context, EventData
from shared.contracts.honours import HonourKind, HonourLevel
from shared.contracts.mutual_checks import MutualChecksDrawn, drawn
from shared.contracts.progress import Severity
from shared.contracts.reference import DataItem, DataRequested, ItemAnswer, Role, UnitClosed, UnitMerged, UnitMoved
from shared.contracts.unit_metrics import MetricDefined
from shared.contracts.values import StreamId
from shared.contracts.visits import VisitStage
from shared.database import Database
from shared.errors import RuleViolation
from shared.store import append_in, load, make_item, state_of
from tests.integration.rows import put
from tests.projecting import History
from tests.unit.registry.builders import (
    CAMPAIGN_ID,
    COUNTY,
    TOWNSHIP,
    UNDER_WAY,
    VILLAGE,
    appointed,
    calendar,
    extension,
    find,
    inspect,
    inspected,
    opened,
    person,
    problem,
    propose,
    proposed,
    unit,
)
from tests.unit.registry.dsl import ID, OWNER, TODAY, folded

CASE = Case("anybody", ID, TODAY)
FLOOD = DataRequested(
    request="flood",
    county=COUNTY,
    title="防汛物资摸底",
    purpose="汛期调拨",
    items=(DataItem(id="i0", name="沙袋", as_of=TODAY),),
    units=(TOWNSHIP,),
    due=TODAY,
)
COUNTY_UNIT: Unit = folded(UNIT, unit(COUNTY, "340800"))

Tell = Callable[..., Awaitable[None]]


@pytest.fixture
def tell(database: Database) -> Tell:
    """Let facts happen to a stream."""

    async def appended(stream: str, *facts: EventData) -> None:
        context = Context(uuid4(), "/guatu/registry", datetime(2023, 5, 10, tzinfo=UTC), "x", COUNTY, TODAY)
        async with database.driver() as connection:
            stood = await load(connection, StreamId(stream))
            await append_in(connection, [make_item(stood, facts, context)])

    return appended


@pytest.fixture
async def connection(database: Database, tell: Tell) -> AsyncIterator[asyncpg.Connection]:
    """A connection to a store that knows 怀宁 down to a village, and the units beside the counties."""
    for code, parent in (
        ("340000", None),
        ("340800", "340000"),
        (COUNTY, "340800"),
        (TOWNSHIP, COUNTY),
        (VILLAGE, TOWNSHIP),
        ("340871", "340800"),
        ("340871100", "340871"),
        ("340822400", COUNTY),
        ("340822400001", "340822400"),
        ("340800-D0001", "340800"),
    ):
        await tell(f"unit-{code}", unit(code, parent))
    async with database.driver() as connection:
        yield connection


async def test_a_new_unit_is_told_its_parent_if_there_is_one(connection: asyncpg.Connection) -> None:
    def command(parent: str | None) -> RegisterUnit:
        return RegisterUnit(name="高河镇", kind=UnitKind.TOWNSHIP, parent=parent)

    assert await gathering.parent(connection, Unit(), command(COUNTY), CASE) == COUNTY_UNIT
    assert await gathering.parent(connection, Unit(), command("340899"), CASE) == Unit()
    assert await gathering.parent(connection, Unit(), command(None), CASE) is None


async def test_an_appointment_is_told_its_unit(connection: asyncpg.Connection) -> None:
    command = Appoint(role=Role.REVIEWER, unit=COUNTY, since=TODAY)
    assert await gathering.post_unit(connection, None, command, CASE) == COUNTY_UNIT


async def test_a_data_request_is_told_the_metrics_of_its_countys_catalogues_and_what_was_asked_the_year_before(
    database: Database, connection: asyncpg.Connection, tell: Tell
) -> None:
    await tell(f"requests-{COUNTY}-2022", FLOOD)
    history = History()
    for code, parent in ((COUNTY, "340800"), (TOWNSHIP, COUNTY), ("340823", "340800")):
        history.tell(f"unit-{code}", unit(code, parent))
    for at, metric in (("340000", "村级集体经营性收入"), (COUNTY, "古井数量"), ("340823", "船只数量")):
        defined = MetricDefined(metric="m", name=metric, measure="个", unit=at)
        history.tell(f"metric-{at}-m", defined)
    await put(database, history, (UNITS, METRICS))
    item = DataItem(id="i", name="收入", as_of=TODAY)
    asked = RequestData(
        request="r", county=COUNTY, title="摸底", purpose="汛期", items=(item,), units=(TOWNSHIP, "340823"), due=TODAY
    )
    await tell("unit-340800-D0001", UnitMoved(parent=VILLAGE, since=TODAY))
    asked = asked.model_copy(update={"units": (*asked.units, "340800-D0001", "340871100", VILLAGE)})
    facts = await gathering_asked.data_request(connection, None, asked, CASE)
    assert facts.held == (*ALWAYS_HELD, *catalogued(["村级集体经营性收入", "古井数量"]))
    assert facts.strangers == ("340823", "340871100")
    assert facts.before.asked == {"flood": FLOOD}


async def test_a_unit_lies_in_the_nearest_county_or_zone_of_county_rank_above_it(
    connection: asyncpg.Connection,
) -> None:
    expected = {
        COUNTY: COUNTY,
        TOWNSHIP: COUNTY,
        VILLAGE: COUNTY,
        "340871100": "340871",
        "340822400001": COUNTY,
        "340800-D0001": None,
        "340800": None,
        "340899": None,
    }
    found = {
        code: (await gathering.owner(connection, Project(), propose(owner=code), CASE)).county for code in expected
    }
    assert found == expected


async def test_a_proposal_is_told_of_its_secretary(connection: asyncpg.Connection, tell: Tell) -> None:
    await tell(f"person-{OWNER}", person(), appointed())
    facts = await gathering.owner(connection, Project(), propose(), CASE)
    assert facts.secretary.is_secretary(TOWNSHIP, TODAY)
    unknown: ProposeProject = propose(secretary="nobody")
    assert (await gathering.owner(connection, Project(), unknown, CASE)).secretary == Person()


async def test_a_hand_over_is_told_of_the_successor(connection: asyncpg.Connection, tell: Tell) -> None:
    await tell("person-secretary-2", person(), appointed())
    command = HandOverProject(secretary="secretary-2", reason="调任")
    project = folded(PROJECT, proposed())
    successor = await gathering.successor(connection, project, command, CASE)
    assert (successor.person.is_secretary(TOWNSHIP, TODAY), successor.seat) == (True, TOWNSHIP)
    await tell(f"unit-{TOWNSHIP}", UnitMerged(into="340822400", since=TODAY))
    assert (await gathering.successor(connection, project, command, CASE)).seat == "340822400"


async def test_an_extension_is_told_where_it_is_endorsed_and_its_decision_of_the_deciders(
    connection: asyncpg.Connection, tell: Tell
) -> None:
    for owner, there in {VILLAGE: TOWNSHIP, TOWNSHIP: COUNTY, "340800-D0001": COUNTY, "340871100": "340871"}.items():
        project = folded(PROJECT, proposed().model_copy(update={"owner": owner}))
        assert await gathering.endorsed_at(connection, project, None, CASE) == there
    await tell("person-anybody", person(), appointed(Role.OFFICE, TOWNSHIP))
    command = EndorseExtension(extension="e1")
    of_a_branch = (proposed().model_copy(update={"owner": VILLAGE}), *UNDER_WAY[1:])
    projects = [
        folded(PROJECT, *of_a_branch, extension(endorsed_at=TOWNSHIP)),
        folded(PROJECT, *of_a_branch, extension()),
        folded(PROJECT, *UNDER_WAY, extension()),
    ]

    async def places() -> list[tuple[str | None, str | None]]:
        found = [await gathering.deciders(connection, project, command, CASE) for project in projects]
        assert all(each.actor.holds(Role.OFFICE, TOWNSHIP, TODAY) for each in found)
        return [(each.township, each.county) for each in found]

    assert await places() == [(TOWNSHIP, COUNTY), (None, COUNTY), (None, COUNTY)]
    await tell(f"unit-{TOWNSHIP}", UnitMerged(into="340822400", since=TODAY))
    await tell(f"unit-{COUNTY}", UnitMerged(into="340871", since=TODAY))
    assert await places() == [("340822400", "340871"), (None, "340871"), (None, "340871")]
    await tell(f"unit-{VILLAGE}", UnitMoved(parent="340871100", since=TODAY))
    assert (await places())[0] == ("340871100", "340871")
    await tell("unit-340871100", UnitClosed(heir="340871", since=TODAY, reason="撤销"))
    assert (await places())[0] == (None, "340871")


async def test_an_inspection_is_told_of_its_campaign_and_where_the_project_lies(
    connection: asyncpg.Connection, tell: Tell
) -> None:
    await tell(f"campaign-{CAMPAIGN_ID}", opened())
    expected = {
        VILLAGE: (TOWNSHIP, True),
        TOWNSHIP: (TOWNSHIP, True),
        "340822400001": ("340822400", True),
        "340800-D0001": ("340800-D0001", False),
    }
    for owner, (township, here) in expected.items():
        known = CampaignFacts(Campaign(opened()), here=here)
        project = folded(PROJECT, proposed().model_copy(update={"owner": owner}))
        facts = await gathering.inspection(connection, project, inspect(), CASE)
        assert (facts.township, facts.campaign) == (township, known)


async def test_problems_are_told_of_their_campaign(connection: asyncpg.Connection, tell: Tell) -> None:
    await tell(f"campaign-{CAMPAIGN_ID}", opened())
    project = folded(PROJECT, *UNDER_WAY, inspected(), problem())
    known = await gathering.problem_campaign(connection, project, find(), CASE)
    assert known == CampaignFacts(Campaign(opened()), here=True)
    known = await gathering.verifying_campaign(connection, project, VerifyRectification(problem="p1"), CASE)
    assert known == CampaignFacts(Campaign(opened()), here=True)
    unknown = await gathering.problem_campaign(connection, project, find(inspection="i9"), CASE)
    assert unknown == CampaignFacts(Campaign(), here=False)
    known = await gathering.verifying_campaign(connection, project, VerifyRectification(problem="p9"), CASE)
    assert known == CampaignFacts(Campaign(), here=False)


async def test_a_campaign_goes_on_with_the_heir_of_its_county_and_no_further_than_that_reaches_today(
    connection: asyncpg.Connection, tell: Tell
) -> None:
    await tell(f"campaign-{CAMPAIGN_ID}", opened())
    projects = {
        owner: folded(PROJECT, proposed().model_copy(update={"owner": owner}), *UNDER_WAY[1:], inspected(), problem())
        for owner in (TOWNSHIP, "340871100")
    }

    async def reached(*, verifies: bool = True) -> list[str]:
        found: list[str] = []
        for owner, project in projects.items():
            verify = VerifyRectification(problem="p1")
            inspecting = await gathering.inspection(connection, project, inspect(), CASE)
            finding = await gathering.problem_campaign(connection, project, find(), CASE)
            verifying = await gathering.verifying_campaign(connection, project, verify, CASE)
            visiting = InspectUnit(campaign=CAMPAIGN_ID, group="g1", unit=owner, county=COUNTY)
            visit = await gathering.unit_inspection(connection, None, visiting, CASE)
            [here] = {each.here for each in (inspecting.campaign, finding, visit.campaign)}
            assert verifying.here == (here and verifies)
            found += [owner] if here else []
        return found

    assert await reached() == [TOWNSHIP]
    await tell(f"unit-{TOWNSHIP}", UnitMoved(parent="340871", since=TODAY))
    assert await reached() == []
    await tell(f"unit-{COUNTY}", UnitMerged(into="340871", since=TODAY))
    assert await reached(verifies=False) == [TOWNSHIP, "340871100"]


async def test_a_units_inspection_is_told_of_campaign_and_county(connection: asyncpg.Connection, tell: Tell) -> None:
    await tell(f"campaign-{CAMPAIGN_ID}", opened())
    command = InspectUnit(campaign=CAMPAIGN_ID, group="g1", unit=VILLAGE, county=COUNTY)
    facts = await gathering.unit_inspection(connection, None, command, CASE)
    assert (facts.campaign.campaign.opened, facts.place) == (opened(), Place(COUNTY))


async def test_a_unit_that_nobody_registered_is_named(connection: asyncpg.Connection, tell: Tell) -> None:
    await tell(f"campaign-{CAMPAIGN_ID}", opened())
    brand = RecogniseBrand(name="红色物业", unit="340822999", county=COUNTY)
    visit = InspectUnit(campaign=CAMPAIGN_ID, group="g1", unit="340822999", county=COUNTY)
    for gathered in (
        gathering.place(connection, None, brand, CASE),
        gathering.unit_inspection(connection, None, visit, CASE),
    ):
        with pytest.raises(RuleViolation) as refused:
            await gathered
        assert (refused.value.code, refused.value.field) == ("no_such_unit", "unit")
        assert refused.value.detail == {"unit": "340822999"}


async def test_a_brand_is_told_of_its_unit_and_its_project(connection: asyncpg.Connection, tell: Tell) -> None:
    await tell(f"project-{ID}", proposed())
    command = RecogniseBrand(name="红色物业", unit=TOWNSHIP, county=COUNTY, project=ID)
    facts = await gathering.place(connection, None, command, CASE)
    assert facts.county == COUNTY
    assert facts.project is not None
    assert (facts.project.proposal, facts.its_own) == (proposed(), True)
    for unit_code, its_own in ((COUNTY, True), (VILLAGE, False), ("340822400", False)):
        elsewhere = command.model_copy(update={"unit": unit_code})
        assert (await gathering.place(connection, None, elsewhere, CASE)).its_own is its_own
    without = command.model_copy(update={"project": None})
    assert (await gathering.place(connection, None, without, CASE)).project is None


async def test_an_answer_is_told_of_its_request_by_a_name_that_ends_in_the_unit(
    connection: asyncpg.Connection, tell: Tell
) -> None:
    await tell(f"requests-{COUNTY}-2023", FLOOD)
    command = AnswerDataRequest(unit=TOWNSHIP, secretary=OWNER, answers=(ItemAnswer(item="i0", value="3"),))

    async def request(id: str) -> DataRequested | None:
        return (await gathering_asked.data_answer(connection, None, command, replace(CASE, id=id))).request

    assert await request(f"{COUNTY}-2023-flood-{TOWNSHIP}") == FLOOD
    for id in (f"{COUNTY}-2023-flood-{VILLAGE}", f"{COUNTY}-2023-flood", f"{COUNTY}-2022-flood-{TOWNSHIP}", "x"):
        assert await request(id) is None


async def test_a_notice_is_told_of_the_calendars_of_this_year_and_the_next(
    connection: asyncpg.Connection, tell: Tell
) -> None:
    published = calendar(2023, holidays=(date(2023, 5, 1),))
    await tell("calendar-2023", calendar(2023), published)
    assert await gathering.calendars(connection, Project(), None, CASE) == {2023: published}
    await tell("calendar-2024", calendar(2024))
    await tell("calendar-2025", calendar(2025))
    assert (await gathering.calendars(connection, Project(), None, CASE)).keys() == {2023, 2024}


YESTERDAY = TODAY - timedelta(days=1)


async def test_what_a_unit_goes_to_is_told_with_all_that_lie_above_it_since_that_day(
    connection: asyncpg.Connection, tell: Tell
) -> None:
    await tell(f"unit-{TOWNSHIP}", UnitMoved(parent="340871", since=TODAY))
    for since, above in (
        (YESTERDAY, {COUNTY, "340871", "340800", "340000"}),
        (TODAY, {"340871", "340800", "340000"}),
    ):
        place = await gathering_tree.merged_into(connection, Unit(), MergeUnit(into=VILLAGE, since=since), CASE)
        assert (place.unit.code, place.above) == (VILLAGE, {TOWNSHIP, *above})
        moved = await gathering_tree.new_parent(connection, Unit(), MoveUnit(parent=TOWNSHIP, since=since), CASE)
        assert moved.above == above
    split = SplitUnit(into=("340871100", "340899101"), heir="340871100", since=TODAY)
    parts = await gathering_tree.parts(connection, Unit(), split, CASE)
    assert {code: place.unit.code for code, place in parts.items()} == {"340871100": "340871100", "340899101": ""}


async def test_without_a_named_heir_it_is_the_nearest_unit_above_that_has_not_ended(
    connection: asyncpg.Connection, tell: Tell
) -> None:
    await tell(f"unit-{TOWNSHIP}", UnitClosed(heir=COUNTY, since=TODAY, reason="撤销"))
    village = await state_of(connection, UNIT, VILLAGE)
    close = CloseUnit(since=TODAY, reason="撤销")
    found = await gathering_tree.heir(connection, village, close, CASE)
    assert found is not None
    assert found.unit.code == COUNTY
    named = await gathering_tree.heir(connection, village, close.model_copy(update={"heir": TOWNSHIP}), CASE)
    assert named is not None
    assert named.unit.code == TOWNSHIP
    assert await gathering_tree.heir(connection, await state_of(connection, UNIT, "340000"), close, CASE) is None


async def test_the_way_up_passes_over_what_has_ended(connection: asyncpg.Connection, tell: Tell) -> None:
    await tell(f"unit-{TOWNSHIP}", UnitMerged(into="340822400", since=TODAY))
    await tell(f"unit-{COUNTY}", UnitMerged(into="340871", since=TODAY))
    owner = await gathering.owner(connection, Project(), propose(owner=VILLAGE), CASE)
    assert (owner.county, owner.ended) == ("340871", None)
    gone = await gathering.owner(connection, Project(), propose(owner=TOWNSHIP), CASE)
    assert (gone.county, gone.ended) == ("340871", TODAY)
    project = folded(PROJECT, proposed().model_copy(update={"owner": VILLAGE}))
    assert (await gathering.inspection(connection, project, inspect(), CASE)).township == "340822400"


async def test_what_is_recorded_at_a_unit_is_told_when_that_ended(
    database: Database, connection: asyncpg.Connection, tell: Tell
) -> None:
    gone = UnitMerged(into="340822400", since=TODAY)
    await tell(f"unit-{TOWNSHIP}", gone)
    history = History()
    for code in (COUNTY, TOWNSHIP):
        history.tell(f"unit-{code}", unit(code, None))
    history.tell(f"unit-{TOWNSHIP}", gone)
    await put(database, history, (UNITS, METRICS))
    label = LabelUnit(label="信用村", unit=TOWNSHIP, county=COUNTY, since=TODAY)
    assert await gathering.unit_place(connection, None, label, CASE) == Place(COUNTY, ended=TODAY)
    of_checking = gathering.ended(lambda _, cmd: cmd.checking)
    for checking, ended in ((TOWNSHIP, TODAY), ("340822400", None)):
        assert await of_checking(connection, None, HoldMutualCheck(checking=checking, on=TODAY), CASE) == ended
    record = RecordMetric(metric="m", unit=TOWNSHIP, value=Decimal(1), day=TODAY)
    assert (await gathering.measure(connection, None, record, CASE)).ended == TODAY
    define = DefineMetric(metric="m", name="收入", measure="万元", unit=TOWNSHIP)
    assert (await gathering.catalogue(connection, None, define, CASE)).ended == TODAY
    await tell("unit-340871", UnitMerged(into=COUNTY, since=TODAY))
    draw = DrawMutualChecks(county="340871", quarter="2023-Q2")
    assert (await gathering.lot(connection, None, draw, CASE)).ended == TODAY
    item = DataItem(id="i", name="收入", as_of=TODAY)
    asked = RequestData(
        request="r", county=COUNTY, title="摸底", purpose="汛期", items=(item,), units=(TOWNSHIP, COUNTY), due=TODAY
    )
    assert (await gathering_asked.data_request(connection, None, asked, CASE)).ended == {TOWNSHIP: TODAY}
    answer = AnswerDataRequest(unit=TOWNSHIP, secretary=OWNER, answers=(ItemAnswer(item="i", value="1"),))
    facts = await gathering_asked.data_answer(connection, None, answer, Case("x", f"{COUNTY}-2023-r-{TOWNSHIP}", TODAY))
    assert (facts.seat, facts.ended) == ("340822400", TODAY)
    there = answer.model_copy(update={"unit": VILLAGE})
    assert (await gathering_asked.data_answer(connection, None, there, CASE)).seat == VILLAGE


async def test_a_visit_is_told_where_it_was_and_who_led_it(connection: asyncpg.Connection, tell: Tell) -> None:
    await tell("person-leader-1", person("李伟"), appointed(Role.LEADER, COUNTY))
    command = HoldVisit(leader="leader-1", stage=VisitStage.REVIEW, unit=VILLAGE, county=COUNTY, on=TODAY)
    facts = await gathering.visit(connection, None, command, CASE)
    assert (facts.place, facts.leader.name) == (Place(COUNTY), "李伟")
    assert list(facts.seats) == [VILLAGE, TOWNSHIP, COUNTY, "340800", "340000"]


async def test_who_takes_a_difficulty_on_is_looked_up(connection: asyncpg.Connection, tell: Tell) -> None:
    await tell("person-leader-1", person("李伟"))
    command = TakeOnDifficulty(difficulty="d1", by="李伟", person="leader-1", unit=TOWNSHIP)
    assert await gathering.helper(connection, None, command, CASE) == Helper(
        Person("李伟"), folded(UNIT, unit(TOWNSHIP, COUNTY))
    )
    words = TakeOnDifficulty(difficulty="d1", by="县财政局")
    assert await gathering.helper(connection, None, words, CASE) == Helper(None, None)


async def test_an_honour_and_a_label_are_told_where_their_unit_lies(connection: asyncpg.Connection) -> None:
    honour = RecordHonour(
        kind=HonourKind.CASE,
        level=HonourLevel.CITY,
        unit=VILLAGE,
        county=COUNTY,
        title="案例",
        day=TODAY,
        given_by="市",
    )
    label = LabelUnit(label="信用村", unit=VILLAGE, county=COUNTY, since=TODAY)
    for command in (honour, label):
        assert await gathering.unit_place(connection, None, command, CASE) == Place(COUNTY)
        with pytest.raises(RuleViolation, match="no_such_unit"):
            await gathering.unit_place(connection, None, command.model_copy(update={"unit": "340822999"}), CASE)


async def test_a_metric_is_the_one_of_the_nearest_catalogue(
    database: Database, connection: asyncpg.Connection, tell: Tell
) -> None:
    at_the_city = MetricDefined(metric="income", name="收入", measure="万元", unit="340800")
    at_the_county = MetricDefined(metric="visitors", name="游客", measure="人次", unit=COUNTY)
    await tell("metric-340800-income", at_the_city)
    await tell(f"metric-{COUNTY}-visitors", at_the_county)

    async def measured(unit: str, metric: str) -> MeasureFacts:
        command = RecordMetric(metric=metric, unit=unit, value=Decimal(1), day=TODAY)
        return await gathering.measure(connection, None, command, CASE)

    assert await measured(VILLAGE, "income") == MeasureFacts(COUNTY, at_the_city)
    assert await measured(VILLAGE, "visitors") == MeasureFacts(COUNTY, at_the_county)
    assert await measured("340871100", "visitors") == MeasureFacts("340871", None)
    below, above = (DefineMetric(metric="income", name="收入", measure="元", unit=unit) for unit in (COUNTY, "340000"))
    history = History()
    history.tell("metric-340800-income", at_the_city)
    await put(database, history, (METRICS,))
    assert await gathering.catalogue(connection, None, below, CASE) == CatalogueFacts(at_the_city)
    assert await gathering.catalogue(connection, None, above, CASE) == CatalogueFacts(otherwise=("340800",))
    same = above.model_copy(update={"measure": "万元"})
    assert await gathering.catalogue(connection, None, same, CASE) == CatalogueFacts()
    elsewhere = below.model_copy(update={"unit": "340871"})
    await tell("unit-340871", UnitMoved(parent="340000", since=TODAY))
    assert await gathering.catalogue(connection, None, elsewhere, CASE) == CatalogueFacts()


async def test_the_lot_is_drawn_among_the_townships_that_the_tree_has_today(
    database: Database, connection: asyncpg.Connection
) -> None:
    history = History()
    for code, parent in (
        (COUNTY, "340800"),
        (TOWNSHIP, COUNTY),
        ("340822400", COUNTY),
        (VILLAGE, TOWNSHIP),
        (f"{COUNTY}-D0001", COUNTY),
        ("340825100", "340825"),
    ):
        history.tell(f"unit-{code}", unit(code, parent))
    await put(database, history, (UNITS,))
    command = DrawMutualChecks(county=COUNTY, quarter="2023-Q2")
    one, other = [await gathering.lot(connection, None, command, CASE) for _ in range(2)]
    assert sorted(one.townships) == [TOWNSHIP, "340822400"]
    assert len(one.seed) == 32
    assert one.seed != other.seed


async def test_a_problem_of_a_mutual_check_is_told_of_the_lot_and_of_where_the_project_lies(
    connection: asyncpg.Connection, tell: Tell
) -> None:
    pairs = drawn("s1", (TOWNSHIP, "340822400"))
    lot = MutualChecksDrawn(county=COUNTY, quarter="2023-Q2", seed="s1", pairs=pairs)
    await tell(f"mutual-{COUNTY}-2023-Q2", lot)
    project = folded(PROJECT, proposed().model_copy(update={"owner": VILLAGE}))
    command = FindProblemMutually(
        problem="q1", quarter="2023-Q2", checking="340822400", severity=Severity.MINOR, text="台账不全", due=TODAY
    )
    facts = await gathering.mutual(connection, project, command, CASE)
    assert (facts.mutual.drawn, facts.township) == (lot, TOWNSHIP)
    await tell(f"unit-{COUNTY}", UnitMerged(into="340871", since=TODAY))
    assert (await gathering.mutual(connection, project, command, CASE)).mutual.drawn == lot
    await tell(f"unit-{TOWNSHIP}", UnitMoved(parent="340871", since=TODAY))
    assert (await gathering.mutual(connection, project, command, CASE)).mutual.drawn is None
    theirs = MutualChecksDrawn(county="340871", quarter="2023-Q2", seed="s1", pairs=pairs)
    await tell("mutual-340871-2023-Q2", theirs)
    assert (await gathering.mutual(connection, project, command, CASE)).mutual.drawn == theirs
