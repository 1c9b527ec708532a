"""Building the next version of a view beside the live one, which goes on."""

from dataclasses import replace
from typing import Any

from shared.consume import Pace, Projector
from shared.contracts.event import Event
from shared.contracts.topics import Topic
from shared.database import Database
from shared.renewal import renew
from tests.boards import BOARD, BoardRow
from tests.feeding import Feed, rows_of
from tests.projecting import fold_all
from tests.telling import lives
from tests.waiting import until

PACE = Pace(look=0.1, ends=0.5, retry=0.1)


def shouting(row: BoardRow, event: Event[Any]) -> BoardRow:
    """The next version's fold: titles in brackets."""
    folded = BOARD.evolve(row, event)
    return replace(folded, title=f"[{folded.title}]") if folded.title != row.title else folded


NEXT = replace(BOARD, version=2, evolve=shouting)


async def test_the_next_version_is_built_beside_the_live_one_which_goes_on(
    database: Database, kafka: str, feed: Feed
) -> None:
    history = lives()
    await feed.send(history, history.events)
    told: list[tuple[int, int]] = []
    expected = fold_all(BOARD, history.events)

    async def followed() -> bool:
        return await rows_of(database, BOARD) == expected

    projector = Projector(database, kafka, [BOARD], "test", pace=PACE)
    await projector.start()
    try:
        await until(followed)
        built = await renew(database, kafka, NEXT, "test", progress=lambda done, total: told.append((done, total)))
        late = lives(5, prefix="project-late")
        expected = fold_all(BOARD, [*history.events, *late.events])
        await feed.send(late, late.events)
        await until(followed)
    finally:
        await projector.stop()
    assert built.ready
    assert built.records == len(history.events)
    assert await rows_of(database, NEXT) == fold_all(NEXT, history.events)
    assert told[-1] == (len(history.events), len(history.events))
    assert [done for done, _ in told] == sorted(done for done, _ in told)


async def test_the_new_code_goes_on_from_where_the_rebuild_came_to(database: Database, kafka: str, feed: Feed) -> None:
    history = lives()
    await feed.send(history, history.events)
    await renew(database, kafka, NEXT, "test")
    late = lives(5, prefix="project-late")
    await feed.send(late, late.events)
    folded: list[str] = []

    def noting(row: BoardRow, event: Event[Any]) -> BoardRow:
        folded.append(event.subject)
        return shouting(row, event)

    projector = Projector(database, kafka, [replace(NEXT, evolve=noting)], "test", pace=PACE)
    await projector.start()

    async def followed() -> bool:
        return await rows_of(database, NEXT) == fold_all(NEXT, [*history.events, *late.events])

    await until(followed)
    await projector.stop()
    assert {key.rstrip("0123456789") for key in folded} == {"project-late"}


async def test_topics_without_records_are_built_at_once(database: Database, kafka: str, feed: Feed) -> None:
    empty_view = replace(BOARD, name="empty", topics={Topic.PROJECT: frozenset({"nothing"})})
    built = await renew(database, kafka, empty_view, "test")
    assert (built.ready, built.records) == (True, 0)
