"""Alerts on real tables: who a notice may be addressed to, and lists cut to the caller's subtree."""

from datetime import date
from decimal import Decimal

import pytest

from services.alerts import queries
from services.alerts.gathering import notice_facts
from services.alerts.lamp import State
from services.alerts.schedule import Schedule, schedule_view
from services.alerts.views import ALERTS, LAMPS, NOTICES, Stage
from shared.authority_views import PERSON, UNIT
from shared.command import Case
from shared.contracts.alert import AlertCleared, Lamp, NoticeReplied, NoticeSigned
from shared.contracts.divisions import kind_of
from shared.contracts.reference import Appointed, AppointmentEnded, PersonRegistered, Role, UnitMerged, UnitRegistered
from shared.database import Database
from tests.integration.rows import put, put_rows
from tests.projecting import History
from tests.unit.alerts.build import SECRETARY, TOWN, issue_warning, notice_issued
from tests.unit.alerts.test_reactions import changed, raised
from tests.unit.registry.builders import proposed

VILLAGE, OTHER, COUNTY = TOWN + "201", "340822101", "340822"
VIEWS = (UNIT, PERSON, schedule_view({}), LAMPS, ALERTS, NOTICES)


def units(history: History) -> None:
    """A county, two townships, a village."""
    for code, parent in ((COUNTY, "340800"), (TOWN, COUNTY), (OTHER, COUNTY), (VILLAGE, TOWN)):
        history.tell(f"unit-{code}", UnitRegistered(code=code, name=f"单位{code}", kind=kind_of(code), parent=parent))


def project(history: History, n: int, owner: str, lamp: Lamp) -> str:
    """A project with a lamp, and with an alert if that is alarming."""
    id = f"0190a1b2-0000-7000-8000-{n:012}"
    history.tell(f"project-{id}", proposed().model_copy(update={"owner": owner, "title": f"项目{n}"}))
    history.tell(f"lamp-{id}", changed(lamp, None).model_copy(update={"project": id, "owner": owner}))
    if lamp in (Lamp.RED, Lamp.YELLOW):
        alert = raised(1, lamp).model_copy(update={"subject": id, "owner": owner})
        history.tell(f"alert-behind-schedule-{id}", alert, on=date(2023, 4, n))
    return id


@pytest.fixture
async def filled(database: Database) -> Database:
    history = History()
    units(history)
    lamps = (Lamp.GREEN, Lamp.RED, Lamp.YELLOW, Lamp.RED)
    ids = [
        project(history, n, owner, lamp)
        for n, (owner, lamp) in enumerate(zip((TOWN, VILLAGE, TOWN, OTHER), lamps, strict=True), 1)
    ]
    history.tell(
        f"alert-behind-schedule-{ids[2]}",
        AlertCleared(episode=1, text="赶上", as_of=date(2023, 4, 30)),
        on=date(2023, 5, 6),
    )
    history.tell("notice-1", notice_issued(), NoticeSigned(), on=date(2023, 6, 8))
    history.tell("notice-2", notice_issued().model_copy(update={"unit": OTHER}), on=date(2023, 6, 9))
    history.tell("notice-3", notice_issued(), NoticeSigned(), NoticeReplied(text="已整改"), on=date(2023, 6, 10))
    await put(database, history, VIEWS)
    return database


async def lamps(database: Database, *roots: str, **asked: object) -> list[tuple[str, Lamp]]:
    """Titles and lamps of a whole list, read page by page."""
    found: list[tuple[str, Lamp]] = []
    after: str | None = None
    async with database.core() as connection:
        while True:
            wanted = {"county": None, "wanted": (), "limit": 1} | asked
            page = await queries.lamps(connection, roots, after=after, **wanted)  # type: ignore[arg-type]
            found += [(line.title, line.lamp) for line in page.items]
            after = page.next
            if after is None:
                return found


async def test_lamps_are_listed_the_gravest_first_page_by_page(filled: Database) -> None:
    everything = [("项目2", Lamp.RED), ("项目4", Lamp.RED), ("项目3", Lamp.YELLOW), ("项目1", Lamp.GREEN)]
    assert await lamps(filled, COUNTY) == everything
    assert await lamps(filled, COUNTY, limit=3) == everything
    assert await lamps(filled, TOWN) == [everything[0], *everything[2:]]
    assert await lamps(filled, VILLAGE) == everything[:1]
    assert await lamps(filled, "340828") == []
    assert await lamps(filled, COUNTY, wanted=(Lamp.RED,)) == everything[:2]
    assert await lamps(filled, COUNTY, county="340828") == []


async def test_a_lamp_has_its_percents_and_its_reason(filled: Database) -> None:
    async with filled.core() as connection:
        page = await queries.lamps(connection, [VILLAGE], county=None, wanted=(), after=None, limit=9)
    [line] = page.items
    assert (line.scheduled, line.actual, line.reason, line.as_of) == (
        Decimal("44.5"),
        Decimal(20),
        "red的原因",
        date(2023, 3, 31),
    )


async def test_a_lamp_and_an_alert_have_the_reason_of_today_while_the_lamp_is_the_same(filled: Database) -> None:
    rows: dict[str, Schedule] = {}
    for n, (owner, lamp) in enumerate(((TOWN, Lamp.GREEN), (VILLAGE, Lamp.RED), (TOWN, Lamp.GREEN)), 1):
        state = State(lamp, "今天的原因", date(2023, 4, 30), Decimal(60), Decimal(25))
        rows[f"project-0190a1b2-0000-7000-8000-{n:012}"] = Schedule(title=f"项目{n}", owner=owner, state=state)
    await put_rows(filled, schedule_view({}), rows)
    async with filled.core() as connection:
        page = await queries.lamps(connection, [TOWN], county=None, wanted=(), after=None, limit=9)
        [alert] = await queries.alerts(connection, [TOWN], county=None, cleared=False)
    found = {line.title: (line.lamp, line.reason, line.actual) for line in page.items}
    assert found == {
        "项目1": (Lamp.GREEN, "今天的原因", Decimal(25)),
        "项目2": (Lamp.RED, "今天的原因", Decimal(25)),
        "项目3": (Lamp.YELLOW, "yellow的原因", Decimal(20)),
    }
    assert (alert.lamp, alert.text, alert.as_of) == (Lamp.RED, "今天的原因", date(2023, 4, 30))


async def test_open_alerts_are_listed_apart_from_those_that_are_over(filled: Database) -> None:
    async with filled.core() as connection:
        opened = await queries.alerts(connection, [COUNTY], county=None, cleared=False)
        over = await queries.alerts(connection, [COUNTY], county=COUNTY, cleared=True)
        mine = await queries.alerts(connection, [TOWN], county=None, cleared=False)
        elsewhere = await queries.alerts(connection, [COUNTY], county="340828", cleared=False)
    assert [(line.subject_title, line.lamp) for line in opened] == [("项目4", Lamp.RED), ("项目2", Lamp.RED)]
    assert [(line.subject_title, line.lamp, line.cleared) for line in over] == [("项目3", None, date(2023, 5, 6))]
    assert [line.subject_title for line in mine] == ["项目2"]
    assert elsewhere == []


async def test_notices_are_listed_with_the_days_that_they_are_late(filled: Database) -> None:
    today = date(2023, 6, 28)
    async with filled.core() as connection:
        every = await queries.notices(connection, [COUNTY], today, county=None, stage=None)
        signed = await queries.notices(connection, [COUNTY], today, county=COUNTY, stage=Stage.SIGNED)
        mine = await queries.notices(connection, [TOWN], today, county=None, stage=None)
        one = await queries.notice(connection, "2", today)
        assert await queries.notice(connection, "9", today) is None
    assert [(line.id, line.stage, line.overdue) for line in every] == [
        ("3", Stage.REPLIED, 0),
        ("2", Stage.ISSUED, 16),
        ("1", Stage.SIGNED, 2),
    ]
    assert [line.id for line in signed] == ["1"]
    assert [line.id for line in mine] == ["3", "1"]
    assert one == every[1]


async def test_a_notice_goes_to_todays_secretary_of_the_very_unit(database: Database) -> None:
    history = History()
    since = date(2023, 1, 1)
    history.tell(
        f"person-{SECRETARY}",
        PersonRegistered(name="王芳"),
        Appointed(role=Role.TOWNSHIP_SECRETARY, unit=TOWN, since=since),
        Appointed(role=Role.TOWNSHIP_SECRETARY, unit=OTHER, since=since),
        Appointed(role=Role.OFFICE, unit=COUNTY, since=since),
        AppointmentEnded(role=Role.TOWNSHIP_SECRETARY, unit=OTHER, until=date(2023, 6, 7), reason="调任"),
    )
    await put(database, history, VIEWS)

    async def addressed(**changes: str) -> bool:
        async with database.driver() as connection:
            case = Case("supervisor", "1", date(2023, 6, 8))
            facts = await notice_facts(connection, None, issue_warning(**changes), case)
            return facts.addressee_of_unit

    assert await addressed()
    assert not await addressed(unit=OTHER)
    assert not await addressed(unit=COUNTY)
    assert not await addressed(addressee="nobody")


async def test_a_notices_unit_lies_where_the_tree_has_it_not_where_its_code_would(database: Database) -> None:
    moved, department = "340828100", "340800-D0001"
    history = History()
    for code, parent in (("340800", None), (COUNTY, "340800"), (moved, COUNTY), (department, "340800")):
        history.tell(f"unit-{code}", UnitRegistered(code=code, name=code, kind=kind_of(code), parent=parent))
    await put(database, history, VIEWS)

    async def county(code: str) -> str | None:
        async with database.driver() as connection:
            case = Case("supervisor", "1", date(2023, 6, 8))
            return (await notice_facts(connection, None, issue_warning(unit=code), case)).county

    assert await county(moved) == COUNTY
    assert await county(department) == "340800"
    assert await county("340828101") is None
    history.tell(f"unit-{COUNTY}", UnitMerged(into="340899", since=date(2023, 6, 1)))
    history.tell("unit-340899", UnitRegistered(code="340899", name="并入的县", kind=kind_of("340899"), parent="340800"))
    await put(database, history, VIEWS)
    assert (await county(moved), await county(COUNTY)) == ("340899", "340899")
