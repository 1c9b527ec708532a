"""Days begin once, in order, and for every partition."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import orjson
import pytest

from shared.contracts.event import read
from shared.contracts.topics import PARTITIONS, Topic
from shared.contracts.values import StreamId
from shared.days import LONGEST_JUMP, days_to_begin, items_of
from shared.errors import RuleViolation
from shared.store import Item, Stream

DAY = date(2023, 8, 22)
TIME = datetime(2023, 8, 21, 16, tzinfo=UTC)


def items(day: date = DAY, *, source: str = "/guatu/registry", time: datetime = TIME) -> list[Item]:
    return list(items_of(day, {}, source, "system", time))


def ids(of: list[Item]) -> list[UUID]:
    return [event.event_id for item in of for event in item.events]


def test_the_first_day_ever_is_begun_alone() -> None:
    assert days_to_begin(None, DAY) == [DAY]


def test_missed_days_are_begun_in_order_before_it() -> None:
    assert days_to_begin(date(2023, 2, 27), date(2023, 3, 2)) == [
        date(2023, 2, 28),
        date(2023, 3, 1),
        date(2023, 3, 2),
    ]


def test_the_same_day_again_is_no_day_to_begin() -> None:
    assert days_to_begin(DAY, DAY) == []


@pytest.mark.parametrize(
    ("day", "code"),
    [
        (DAY - timedelta(days=1), "day_already_began"),
        (DAY + timedelta(days=LONGEST_JUMP + 1), "day_too_far"),
    ],
)
def test_a_day_before_the_last_or_far_after_it_is_refused(day: date, code: str) -> None:
    with pytest.raises(RuleViolation) as refused:
        days_to_begin(DAY, day)
    assert (refused.value.code, refused.value.field) == (code, "day")


def test_the_longest_jump_is_allowed() -> None:
    assert len(days_to_begin(DAY, DAY + timedelta(days=LONGEST_JUMP))) == LONGEST_JUMP


def test_every_partition_of_both_topics_is_told() -> None:
    told = [(item.partition, event.topic) for item in items() for event in item.events]
    assert told == [(n, topic) for n in range(PARTITIONS) for topic in (Topic.PROJECT, Topic.PROGRESS)]
    assert [item.stream for item in items()] == [f"day-{n:02}" for n in range(PARTITIONS)]


def test_a_day_holds_for_itself_and_for_the_whole_country() -> None:
    event = read(items()[3].events[1].body)
    assert (event.subject, event.effective, event.time, event.org) == ("day-03", DAY, TIME, "000000")
    assert orjson.loads(items()[3].events[1].body)["data"] == {"day": "2023-08-22"}


def test_who_begins_a_day_and_when_does_not_change_its_events_ids() -> None:
    assert ids(items()) == ids(items(source="/guatu/other", time=TIME + timedelta(hours=1)))
    assert len(set(ids(items()))) == 2 * PARTITIONS
    assert not set(ids(items())) & set(ids(items(DAY + timedelta(days=1))))


def test_a_day_goes_on_where_the_streams_stand() -> None:
    stream = StreamId("day-00")
    stood = Stream(stream, 8, {Topic.PROJECT: 4, Topic.PROGRESS: 4}, b"head")
    item = items_of(DAY, {stream: stood}, "/guatu/registry", "system", TIME)[0]
    assert (item.expected, item.version, item.topic_versions) == (8, 10, {Topic.PROJECT: 5, Topic.PROGRESS: 5})
