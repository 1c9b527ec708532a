"""The registry's lists from real tables: filtered, cut to the caller's subtrees, page by page."""

from collections.abc import Awaitable, Callable
from datetime import date
from typing import Any

import pytest

from services.registry.around.difficulties import open_difficulties
from services.registry.around.visit_views import VISITS
from services.registry.kept.access_log import readings
from services.registry.keyset import Found, Paging, Part
from services.registry.project import listing
from services.registry.project.listing import Filter, ProjectLine
from services.registry.project.state import Stage
from services.registry.reference import directory
from services.registry.sight import rows_in_sight
from services.registry.views import CAMPAIGNS, PROJECTS
from shared.authority_views import PERSON, UNIT
from shared.contracts.event import EventData
from shared.contracts.project import ProjectCarriedOver, ProjectKind
from shared.contracts.reference import AppointmentEnded, Role, UnitMerged, UnitMoved, UnitRenamed
from shared.contracts.visits import DifficultyRaised, DifficultySolved, VisitHeld, VisitStage
from shared.database import Database
from shared.errors import InvalidValue
from tests.integration.rows import put
from tests.projecting import History
from tests.unit.registry.builders import (
    COUNTY,
    TOWNSHIP,
    UNDER_WAY,
    VILLAGE,
    appointed,
    inspected,
    opened,
    person,
    problem,
    proposed,
    reported,
    unit,
)
from tests.unit.registry.dsl import TODAY, Told

OTHER, ELSEWHERE = "340822101", "340825100"
CITY = ["340800"]
TEN = Paging(10)


def project(n: int) -> str:
    """The id of the n-th project, in the order of proposals."""
    return f"0190a1b2-0000-7000-8000-{n:012}"


def tell_project(history: History, n: int, *later: Told | EventData, **changes: object) -> None:
    facts = (proposed().model_copy(update=changes), *later)
    history.tell(f"project-{project(n)}", *(fact.data if isinstance(fact, Told) else fact for fact in facts), on=TODAY)


@pytest.fixture
async def filled(database: Database) -> Database:
    history = History()
    for code, parent in (
        ("340800", None),
        (COUNTY, "340800"),
        ("340825", "340800"),
        (TOWNSHIP, COUNTY),
        (OTHER, COUNTY),
        (VILLAGE, TOWNSHIP),
        (ELSEWHERE, "340825"),
    ):
        history.tell(f"unit-{code}", unit(code, parent))
    history.tell("person-li", person("李伟"), appointed(), appointed(Role.LEADER, COUNTY))
    ended = AppointmentEnded(role=Role.LEADER, unit=COUNTY, until=date(2023, 5, 9), reason="调离")
    history.tell("person-li", ended)
    history.tell("person-wang", person("王芳"))
    history.tell("person-without-a-name", appointed())
    tell_project(history, 1, *UNDER_WAY[1:], inspected(), problem(), reported("2023-02", "12.5"))
    tell_project(history, 2, owner=VILLAGE, title="一百%满意")
    tell_project(history, 3, owner=OTHER, kind=ProjectKind.LED, year=2024)
    tell_project(history, 4, ProjectCarriedOver(year=2024, reason="汛期停工"), owner=ELSEWHERE, county="340825")
    history.tell(f"project-{project(5)}", reported("2023-02", 10))
    history.tell("campaign-340822-mid-term", opened(), on=date(2023, 6, 1))
    history.tell("campaign-340822-spot", opened(), on=date(2023, 7, 1))
    history.tell("campaign-340825-spot", opened("340825"), on=date(2023, 7, 1))
    for n, (unit_code, county) in enumerate(((VILLAGE, COUNTY), (TOWNSHIP, COUNTY), (ELSEWHERE, "340825")), 1):
        told = VisitHeld(leader="li", stage=VisitStage.REVIEW, unit=unit_code, county=county, on=date(2023, 4, n))
        history.tell(
            f"visit-{project(n)}", told, DifficultyRaised(difficulty="d1", text="路权不清"), on=date(2023, 4, n)
        )
    history.tell(f"visit-{project(2)}", DifficultySolved(difficulty="d1", how="已确权"), on=TODAY)
    history.tell(f"project-{project(1)}", DifficultyRaised(difficulty="help-2023-02", text="缺钱"), on=TODAY)
    await put(database, history, (UNIT, PERSON, PROJECTS, CAMPAIGNS, VISITS))
    return database


async def asked(
    database: Database,
    wanted: Filter | None = None,
    roots: list[str] = CITY,
    *,
    after: str | None = None,
    limit: int = 50,
) -> Part[ProjectLine]:
    async with database.core() as connection:
        return await listing.projects(connection, wanted or Filter(), roots, after=after, limit=limit)


def numbers(page: Part[ProjectLine]) -> list[int]:
    return [int(line.id[-12:]) for line in page.items]


async def test_the_last_proposed_comes_first_and_what_is_not_proposed_yet_not_at_all(filled: Database) -> None:
    page = await asked(filled)
    assert (numbers(page), page.next) == ([4, 3, 2, 1], None)


async def test_everybody_sees_the_projects_of_the_own_subtrees(filled: Database) -> None:
    seen = [([COUNTY], [3, 2, 1]), ([TOWNSHIP], [2, 1]), ([VILLAGE, ELSEWHERE], [4, 2]), ([], [])]
    assert [numbers(await asked(filled, roots=roots)) for roots, _ in seen] == [expected for _, expected in seen]


async def test_filters_narrow_the_list(filled: Database) -> None:
    cases = [
        (Filter(county=COUNTY), [3, 2, 1]),
        (Filter(owner=TOWNSHIP), [1]),
        (Filter(stages=[Stage.STARTED]), [1]),
        (Filter(stages=[Stage.STARTED, Stage.PROPOSED], county=COUNTY), [3, 2, 1]),
        (Filter(kind=ProjectKind.LED), [3]),
        (Filter(year=2024), [4, 3]),
        (Filter(year=2025), []),
        (Filter(q="百%满"), [2]),
        (Filter(q="%"), [2]),
        (Filter(q="〔2023〕1号"), [1]),
        (Filter(q="背街", year=2023, kind=ProjectKind.SECRETARY), [4, 1]),
    ]
    found = [(wanted, numbers(await asked(filled, wanted))) for wanted, _ in cases]
    assert found == cases


async def test_pages_follow_each_other_without_gap_or_copy(filled: Database) -> None:
    assert [await paged(filled, limit) for limit in (1, 2, 3, 4)] == [
        [[4], [3], [2], [1]],
        [[4, 3], [2, 1]],
        [[4, 3, 2], [1]],
        [[4, 3, 2, 1]],
    ]


async def paged(database: Database, limit: int) -> list[list[int]]:
    """All pages, one after the other."""
    pages = [await asked(database, limit=limit)]
    while pages[-1].next is not None:
        pages.append(await asked(database, after=pages[-1].next, limit=limit))
    return [numbers(page) for page in pages]


async def test_a_line_tells_what_a_card_shows(filled: Database) -> None:
    [line] = (await asked(filled, Filter(owner=TOWNSHIP))).items
    shown = line.model_dump(mode="json")
    assert shown["stage"] == "started"
    assert shown["approval_number"] == "怀组〔2023〕1号"
    assert (shown["percent"], shown["reported_month"]) == ("12.5", "2023-02")
    assert (shown["next_milestone"], shown["next_milestone_due"]) == ("节点m1", "2023-04-01")
    assert (shown["open_problems"], shown["next_deadline"], shown["inspections"]) == (1, "2023-05-31", 1)


async def test_units_are_listed_by_code(filled: Database) -> None:
    async with filled.core() as connection:
        below = await directory.units_below(connection, COUNTY, CITY)
        named = await directory.units(connection, [VILLAGE, "340800", "340899"])
    assert [line.code for line in below] == [TOWNSHIP, OTHER]
    assert [line.code for line in named] == ["340800", VILLAGE]


async def test_units_are_listed_as_they_lay_on_a_day_as_far_as_they_are_seen_today(database: Database) -> None:
    history = History()
    for code, parent in (
        ("340800", None),
        (COUNTY, "340800"),
        ("340825", "340800"),
        (TOWNSHIP, COUNTY),
        (OTHER, COUNTY),
    ):
        history.tell(f"unit-{code}", unit(code, parent))
    new = unit("340822102", COUNTY).model_copy(update={"since": date(2023, 3, 1)})
    history.tell("unit-340822102", new, UnitRenamed(name="新镇", since=date(2023, 4, 1)))
    history.tell(f"unit-{OTHER}", UnitMerged(into=TOWNSHIP, since=date(2023, 4, 1)))
    history.tell(f"unit-{TOWNSHIP}", UnitMoved(parent="340825", since=date(2023, 5, 1)))
    await put(database, history, (UNIT,))

    async def listed(parent: str, on: str | None, roots: list[str] = CITY) -> list[tuple[str, str, str | None]]:
        async with database.core() as connection:
            lines = await directory.units_below(connection, parent, roots, date.fromisoformat(on) if on else None)
        assert all(line.parent == parent and (line.ended is None) == (line.heir is None) for line in lines)
        return [(line.code, line.name, line.heir) for line in lines]

    here, other = (TOWNSHIP, f"单位{TOWNSHIP}", None), (OTHER, f"单位{OTHER}", None)
    assert await listed(COUNTY, "2023-02-28") == [here, other]
    assert await listed(COUNTY, "2023-03-31") == [here, other, ("340822102", "单位340822102", None)]
    assert await listed(COUNTY, "2023-04-30") == [here, ("340822102", "新镇", None)]
    assert await listed(COUNTY, "2023-05-01") == await listed(COUNTY, None) == [("340822102", "新镇", None)]
    assert await listed(TOWNSHIP, "2023-04-01") == await listed(TOWNSHIP, None) == [(OTHER, f"单位{OTHER}", TOWNSHIP)]
    assert await listed(COUNTY, "2023-02-28", [COUNTY]) == []


async def test_persons_are_listed_with_the_posts_that_they_hold_today(filled: Database) -> None:
    async with filled.core() as connection:
        li, wang = await directory.persons(connection, TODAY, q="", after="", limit=10)
        before = await directory.persons(connection, date(2023, 5, 9), q="", after="", limit=10)
    assert (li.id, li.name, [(post.role, post.unit_name) for post in li.posts]) == (
        "li",
        "李伟",
        [(Role.TOWNSHIP_SECRETARY, f"单位{TOWNSHIP}")],
    )
    assert (wang.id, wang.posts) == ("wang", [])
    assert [post.role for post in before[0].posts] == [Role.TOWNSHIP_SECRETARY, Role.LEADER]


async def test_administrators_list_the_persons_that_have_or_last_had_posts_of_theirs(filled: Database) -> None:
    history = History()
    gone = AppointmentEnded(role=Role.LEADER, unit=ELSEWHERE, until=date(2023, 5, 9), reason="调离")
    history.tell("person-chen", person("陈静"), appointed(), appointed(Role.LEADER, ELSEWHERE), gone)
    history.tell("person-zhao", person("赵磊"), appointed(Role.LEADER, ELSEWHERE), gone)
    await put(filled, history, (PERSON,))

    async def listed(*roots: str) -> list[str]:
        async with filled.core() as connection:
            lines = await directory.persons(connection, TODAY, q="", after="", limit=10, within=roots)
        return [line.id for line in lines]

    assert await listed("340800") == ["chen", "li", "wang", "zhao"]
    assert await listed(COUNTY) == ["chen", "li", "wang"]
    assert await listed("340825") == ["wang", "zhao"]
    assert await listed(OTHER) == ["wang"]


async def test_persons_are_searched_and_paged(filled: Database) -> None:
    async def found(q: str = "", after: str = "", limit: int = 10) -> list[str]:
        async with filled.core() as connection:
            return [line.id for line in await directory.persons(connection, TODAY, q=q, after=after, limit=limit)]

    assert await found(q="王") == ["wang"]
    assert await found(q="l") == ["li"]
    assert await found(q="%") == []
    assert await found(q=f"单位{TOWNSHIP}") == await found(q="党委书记") == await found(q="李 书记") == ["li"]
    assert await found(q="王 书记") == await found(q="领导") == []
    assert await found(after="li") == ["wang"]
    assert await found(limit=1) == ["li"]


async def test_campaigns_are_listed_the_last_opened_first(filled: Database) -> None:
    async def found(roots: list[str] | None, county: str | None = None, year: int | None = None) -> list[str]:
        async with filled.core() as connection:
            return [line.id for line in await directory.campaigns(connection, roots, county=county, year=year)]

    assert await found(CITY) == ["340822-spot", "340825-spot", "340822-mid-term"]
    assert await found(None) == ["340822-spot", "340825-spot", "340822-mid-term"]
    assert await found([COUNTY]) == ["340822-spot", "340822-mid-term"]
    assert await found(CITY, county="340825") == ["340825-spot"]
    assert await found(CITY, year=2022) == []
    assert await found([TOWNSHIP]) == []


async def test_all_units_are_taken_out_by_code_within_sight(filled: Database) -> None:
    async def found(roots: list[str] | None, limit: int = 50) -> list[str]:
        async with filled.core() as connection:
            return [line.code for line in await directory.units_in_sight(connection, roots, limit)]

    everywhere = sorted(["340800", COUNTY, "340825", TOWNSHIP, OTHER, VILLAGE, ELSEWHERE])
    assert await found(None) == await found(CITY) == everywhere
    assert await found([TOWNSHIP]) == [TOWNSHIP, VILLAGE]
    assert await found(None, 2) == everywhere[:2]


async def test_visits_are_listed_the_latest_first_within_sight_and_by_their_columns(filled: Database) -> None:
    async def found(roots: list[str] | None, page: Paging = TEN, **wanted: object) -> list[int]:
        async with filled.core() as connection:
            found_rows = await rows_in_sight(connection, VISITS, roots, wanted, page, latest="held_on")
            return [int(id[-12:]) for id, _ in found_rows.rows]

    assert await found(CITY) == [3, 2, 1]
    assert await found([COUNTY]) == [2, 1]
    assert await found([VILLAGE]) == [1]
    assert await found([]) == []
    assert await found(None) == [3, 2, 1]
    assert await found(CITY, county=COUNTY, unit=None) == [2, 1]
    assert await found(CITY, unit=TOWNSHIP) == [2]
    assert await found(CITY, held_on=date(2023, 4, 1)) == [1]
    assert await found(CITY, Paging(1)) == [3]


async def test_difficulties_that_are_not_solved_are_those_of_visits_and_of_projects(filled: Database) -> None:
    async def found(roots: list[str], county: str | None = None, page: Paging = TEN) -> list[tuple[str, int]]:
        async with filled.core() as connection:
            lines = await open_difficulties(connection, roots, county, page)
            return [(line.of, int(line.id[-12:])) for line in lines.rows]

    assert await found(CITY) == [("visit", 1), ("visit", 3), ("project", 1)]
    assert await found([TOWNSHIP]) == [("visit", 1), ("project", 1)]
    assert await found(CITY, "340825") == [("visit", 3)]
    assert await found([ELSEWHERE], COUNTY) == []
    async with filled.core() as connection:
        [line] = (await open_difficulties(connection, [VILLAGE], None, Paging(1))).rows
    assert (line.unit, line.county, line.difficulty, line.line.text) == (VILLAGE, COUNTY, "d1", "路权不清")


async def test_the_parts_of_a_list_follow_each_other_without_gap_or_copy(filled: Database) -> None:
    async def visits(page: Paging) -> Found[Any]:
        async with filled.core() as connection:
            return await rows_in_sight(connection, VISITS, CITY, {}, page, latest="held_on")

    async def difficulties(page: Paging) -> Found[Any]:
        async with filled.core() as connection:
            return await open_difficulties(connection, CITY, None, page)

    async def parts(asked: Callable[[Paging], Awaitable[Found[Any]]], limit: int) -> list[list[Any]]:
        found = [await asked(Paging(limit))]
        while found[-1].next is not None:
            found.append(await asked(Paging(limit, found[-1].next)))
        return [part.rows for part in found]

    for asked in (visits, difficulties):
        [whole] = await parts(asked, 3)
        assert len(whole) == 3
        assert await parts(asked, 1) == [[each] for each in whole]
        assert await parts(asked, 2) == [whole[:2], whole[2:]]


async def test_a_list_goes_on_among_the_lines_of_one_day(database: Database) -> None:
    history = History()
    history.tell("unit-340800", unit("340800", None))
    for n in (1, 2, 3):
        visit = VisitHeld(
            leader="wang", stage=VisitStage.CARRYING_OUT, unit="340800", county=COUNTY, on=date(2023, 4, 1)
        )
        history.tell(f"visit-{project(n)}", visit)
    await put(database, history, (UNIT, VISITS))
    async with database.core() as connection:
        first = await rows_in_sight(connection, VISITS, None, {}, Paging(2), latest="held_on")
        assert first.next
        rest = await rows_in_sight(connection, VISITS, None, {}, Paging(2, first.next), latest="held_on")
    assert [[id for id, _ in part.rows] for part in (first, rest)] == [[project(3), project(2)], [project(1)]]


@pytest.mark.parametrize("place", ["0001-01-01T00:00:00+14:00~access-1", "noon~access-1"])
async def test_a_moment_that_there_cannot_be_is_no_place_either(database: Database, place: str) -> None:
    async with database.core() as connection:
        with pytest.raises(InvalidValue, match="no_such_place"):
            await readings(connection, "2023-01", CITY, page=Paging(1, place))


@pytest.mark.parametrize("place", ["2023-04-01", "2023-04-01~visit-1~more", "yesterday~visit-1", "~"])
async def test_what_is_no_place_in_a_list_is_refused(filled: Database, place: str) -> None:
    async with filled.core() as connection:
        with pytest.raises(InvalidValue, match="no_such_place"):
            await rows_in_sight(connection, VISITS, CITY, {}, Paging(1, place), latest="held_on")
