"""What a batch makes of a view's rows: copies, gaps, what cannot be folded, days."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.contracts.event import Event
from shared.contracts.progress import ProgressReported
from shared.contracts.project import ProjectStarted
from shared.contracts.topics import Topic
from shared.folding import End, Fault, Fold, Record, Withheld, keys_of, last_day
from shared.offsets import Days, Offset
from shared.view import View
from shared.view_table import Kept, Parked
from tests.boards import BOARD, BoardRow, Lamp
from tests.projecting import History, Told, assert_any_order_and_twice, fold_all, interleavings
from tests.telling import Sent, a_life, approved, proposed, reported, sent, submitted

PROJECT, PROGRESS = Topic.PROJECT, Topic.PROGRESS
MARCH = date(2023, 3, 1)


@dataclass
class Table:
    """A view's table and its places in memory, written as the runtime writes the real ones."""

    view: View[Any] = BOARD
    rows: dict[str, Kept[Any]] = field(default_factory=dict[str, Kept[Any]])
    withheld: list[Withheld] = field(default_factory=list[Withheld])
    days: dict[Topic, date | None] = field(default_factory=dict[Topic, date | None])
    settled: list[str] = field(default_factory=list[str])

    def batch(self, records: Sequence[Record], faulty: Mapping[str, str] | None = None) -> End:
        """Fold one topic's records and keep what came of them."""
        topic = Topic(records[0].topic)
        keys = keys_of(self.view, topic, records)
        fold = Fold(self.view, {k: _copy(self.rows[k]) for k in keys if k in self.rows}, self.parked(keys), faulty)
        places = {(0, one.value): Offset(0, day, live=True, stopped=None) for one, day in self.days.items()}
        days = Days(self.view, places)
        until = last_day(records)
        if until is not None:
            first = days.of(0) is None
            due = (k for k in self.rows.values() if first or (k.due is not None and k.due <= until))
            fold.watch_days(0, [_copy(kept) for kept in due])
        begin = 0
        while True:
            end = fold.take(topic, records, begin)
            self.settled += [change.key for change in fold.settle(days.of(0))]
            if end.day is None:
                break
            before = days.of(0)
            days.begin((0, topic.value), end.day.data.day)
            now = days.of(0)
            if now is not None and now != before:
                self.settled += [change.key for change in fold.begin_day(0, now, end.day, first=before is None)]
            begin = end.index + 1
        self.rows |= fold.changed
        self.withheld += fold.withheld
        self.days[topic] = days[0, topic.value]
        return end

    def parked(self, keys: Iterable[str]) -> dict[str, dict[str, Parked]]:
        found: dict[str, dict[str, Parked]] = {}
        for one in self.withheld:
            if one.key in keys:
                before = found.setdefault(one.key, {}).get(one.topic, Parked(one.topic_version, unversioned=False))
                found[one.key][one.topic] = Parked(
                    max(before.highest, one.topic_version), before.unversioned or one.topic_version < 0
                )
        return found

    def row(self, key: str) -> Any:
        return self.rows[key].row


def _copy(kept: Kept[Any]) -> Kept[Any]:
    return replace(kept, seen=[*kept.seen])


def events_of(history: History, topic: Topic) -> list[Sent]:
    return sent(history, history.by_topic().get(topic, []), topic)


def a_project(key: str = "project-1") -> History:
    history = History()
    for fact in a_life(3):
        history.tell(key, fact)
    return history


def broken(record: Sent, **changes: object) -> Sent:
    """The same record with other attributes in its body."""
    return replace(record, value=orjson.dumps({**orjson.loads(record.value or b""), **changes}))


@st.composite
def histories(draw: st.DrawFn) -> History:
    """Some projects whose events and days come mixed."""
    history = History()
    lives = {f"project-{n}": iter([*a_life(draw(st.integers(0, 6)))]) for n in range(draw(st.integers(1, 4)))}
    day = MARCH
    for turn in draw(st.lists(st.integers(0, 5), max_size=50)):
        if turn == 5:
            day += timedelta(days=draw(st.integers(1, 90)))
            history.begin_day(day)
        elif (fact := next(lives.get(f"project-{turn}", iter(())), None)) is not None:
            history.tell(f"project-{turn}", fact, on=day)
    return history


@given(data=st.data(), history=histories())
def test_any_order_in_any_batches_gives_the_rows_of_a_plain_fold(data: st.DataObject, history: History) -> None:
    table = Table()
    order: list[Told] = data.draw(interleavings(history.by_topic()))
    for topic, events in _runs(order, data.draw(st.integers(1, 12))):
        records = sent(history, events, topic)
        assert table.batch(records).stop is None
        if data.draw(st.booleans()):
            assert table.batch(records).stop is None
    assert not table.withheld
    assert {key: kept.row for key, kept in table.rows.items()} == fold_all(BOARD, history.events)


def _runs(order: Sequence[Told], longest: int) -> Iterable[tuple[Topic, list[Told]]]:
    run: list[Told] = []
    for event in order:
        if run and (run[0].data.topic is not event.data.topic or len(run) == longest):
            yield run[0].data.topic, run
            run = []
        run.append(event)
    if run:
        yield run[0].data.topic, run


@given(data=st.data(), history=histories())
def test_the_sample_view_keeps_to_the_rules_of_views(data: st.DataObject, history: History) -> None:
    assert_any_order_and_twice(BOARD, history, data.draw(interleavings(history.by_topic())))


def test_a_view_that_depends_on_the_order_of_its_topics_is_found_out() -> None:
    def last_of_all(row: BoardRow, event: Event[Any]) -> BoardRow:
        return replace(row, title=event.type)

    history = a_project()
    other = [*history.by_topic()[PROGRESS], *history.by_topic()[PROJECT]]
    with pytest.raises(AssertionError):
        assert_any_order_and_twice(replace(BOARD, evolve=last_of_all), history, other)


def test_a_view_that_counts_copies_is_not_blamed_for_them() -> None:
    """Copies are kept from the view, so that its fold need not be idempotent."""
    history = a_project()
    assert_any_order_and_twice(BOARD, history, history.events)
    assert fold_all(BOARD, history.events)["project-1"].trail != 0


def test_an_old_event_again_changes_nothing() -> None:
    history, table = a_project(), Table()
    records = events_of(history, PROGRESS)
    table.batch(records)
    before = table.row("project-1")
    table.settled.clear()
    assert table.batch(records[1:2]).stop is None
    assert table.row("project-1") == before
    assert not table.settled


def test_a_gap_stops_and_keeps_what_came_before() -> None:
    history, table = a_project(), Table()
    records = events_of(history, PROGRESS)
    end = table.batch([records[0], records[2]])
    assert end.index == 1
    assert end.stop == "gap: project-1 has version 1 of progress.events.v1, offset 2 has 3"
    assert table.rows["project-1"].seen == [1, 0]


def test_an_event_that_cannot_be_decoded_parks_its_key_in_all_topics_and_no_other() -> None:
    history = a_project("project-1")
    for fact in a_life(1):
        history.tell("project-2", fact)
    table = Table()
    reports = events_of(history, PROGRESS)
    reports[1] = broken(reports[1], data={"percent": "many"})
    assert table.batch(reports).stop is None
    assert table.batch(events_of(history, PROJECT)).stop is None
    assert [(one.key, one.topic, one.topic_version) for one in table.withheld] == [
        ("project-1", PROGRESS, 2),
        ("project-1", PROGRESS, 3),
        *(("project-1", PROJECT, n) for n in (1, 2, 3, 4)),
    ]
    assert "ValidationError" in table.withheld[0].error or "validation error" in table.withheld[0].error
    assert "parked" in table.withheld[1].error
    assert table.rows["project-1"].seen == [1, 0]
    assert table.rows["project-2"].seen == [1, 4]


def test_an_event_that_cannot_be_folded_parks_its_key() -> None:
    def refuses(row: BoardRow, event: Event[Any]) -> BoardRow:
        if isinstance(event.data, ProgressReported) and event.data.month == "2023-02":
            raise ZeroDivisionError
        return BOARD.evolve(row, event)

    table = Table(replace(BOARD, evolve=refuses))
    history = a_project()
    table.batch(events_of(history, PROGRESS))
    assert [(one.topic_version, one.error) for one in table.withheld] == [
        (2, "ZeroDivisionError()"),
        (3, "an earlier event of this key is parked"),
    ]
    assert table.row("project-1").month == "2023-01"


def test_copies_of_parked_events_are_not_parked_again() -> None:
    history, table = a_project(), Table()
    records = events_of(history, PROGRESS)
    records[1] = broken(records[1], data={})
    table.batch(records)
    table.batch(records)
    assert [one.topic_version for one in table.withheld] == [2, 3]


def test_a_gap_among_parked_events_stops_too() -> None:
    history, table = a_project(), Table()
    records = events_of(history, PROGRESS)
    assert table.batch([broken(records[0], data={}), records[2]]).stop is not None


def test_a_body_without_a_version_is_parked_and_hides_no_later_event() -> None:
    history, table = a_project(), Table()
    records = events_of(history, PROGRESS)
    table.batch([records[0], replace(records[1], value=b'{"id"')])
    end = table.batch([records[2]])
    assert end.stop is None
    first, second = table.withheld
    assert first.topic_version < 0
    assert (second.topic_version, second.body) == (3, records[2].value)


@pytest.mark.parametrize("version", ["2", 0, -1, True, None, 2.0])
def test_a_version_that_is_none_parks(version: object) -> None:
    history, table = a_project(), Table()
    records = events_of(history, PROGRESS)
    assert table.batch([records[0], broken(records[1], topicversion=version)]).stop is None
    assert [one.key for one in table.withheld] == ["project-1"]


def test_a_type_that_nobody_knows_is_seen_and_ignored() -> None:
    history, table = a_project(), Table()
    records = events_of(history, PROGRESS)
    records[1] = broken(records[1], type="cn.guatu.progress.of-tomorrow.v1")
    table.batch(records)
    assert table.rows["project-1"].seen == [3, 0]
    plain = fold_all(BOARD, history.by_topic()[PROGRESS])["project-1"]
    assert table.row("project-1").percent == plain.percent
    assert table.row("project-1").trail != plain.trail


def test_a_type_that_the_view_ignores_is_seen() -> None:
    history, table = History(), Table()
    history.tell("project-1", proposed(), ProjectStarted())
    table.batch(events_of(history, PROJECT))
    assert table.rows["project-1"].seen == [0, 2]


def test_keys_of_other_categories_only_pass() -> None:
    history, table = History(), Table()
    history.tell("campaign-1", reported(5))
    history.tell("project-1", reported(6))
    records = events_of(history, PROGRESS)
    assert keys_of(BOARD, PROGRESS, records) == {"project-1"}
    end = table.batch([broken(records[0], topicversion=7), records[1]])
    assert (end.index, end.stop) == (2, None)
    assert table.rows.keys() == {"project-1"}


@pytest.mark.parametrize("key", [None, b"", b"\xff\xfe", b"nodash"])
def test_a_record_without_a_stream_id_stops(key: bytes | None) -> None:
    history, table = a_project(), Table()
    records = events_of(history, PROGRESS)
    end = table.batch([records[0], replace(records[1], key=key)])
    assert (end.index, end.stop) == (1, "offset 1: no stream id as the key")


def test_keys_at_fault_are_parked_with_their_error() -> None:
    history, table = a_project(), Table()
    table.batch(events_of(history, PROGRESS), {"project-1": "DataError()"})
    assert [(one.topic_version, one.error) for one in table.withheld] == [(n, "DataError()") for n in (1, 2, 3)]
    assert not table.rows


def test_rows_that_cannot_be_settled_are_named() -> None:
    def refuses(row: BoardRow, day: date | None) -> BoardRow:
        raise ZeroDivisionError

    with pytest.raises(Fault) as fault:
        Table(replace(BOARD, settle=refuses)).batch(events_of(a_project(), PROGRESS))
    assert fault.value.errors == {"project-1": "ZeroDivisionError()"}


def behind() -> History:
    """A project of which the first half is due on 1 April, with nothing reported."""
    history = History()
    history.tell("project-1", proposed(), submitted(date(2023, 4, 1), date(2023, 9, 1)), approved())
    return history


def test_a_row_that_is_due_changes_when_the_day_begins_in_both_topics() -> None:
    history, table = behind(), Table()
    table.batch(events_of(history, PROJECT))
    assert table.row("project-1").lamp is Lamp.NONE
    days = History()
    for day in (date(2023, 4, 1), date(2023, 4, 2)):
        days.begin_day(day)
    table.batch(sent(days, days.by_topic()[PROJECT], PROJECT))
    assert table.row("project-1").lamp is Lamp.NONE
    table.batch(sent(days, days.by_topic()[PROGRESS][:1], PROGRESS))
    assert table.row("project-1").lamp is Lamp.GREEN
    table.batch(sent(days, days.by_topic()[PROGRESS][1:], PROGRESS))
    assert table.row("project-1").lamp is Lamp.RED


def test_only_rows_that_are_due_are_settled_when_a_day_begins() -> None:
    history, table = behind(), Table()
    history.tell("project-2", proposed(), submitted(date(2023, 8, 1)))
    table.batch(events_of(history, PROJECT))
    days = History()
    for n in range(1, 60):
        days.begin_day(date(2023, 3, 1) + timedelta(days=n))
    table.batch(sent(days, days.by_topic()[PROJECT], PROJECT))
    table.settled.clear()
    table.batch(sent(days, days.by_topic()[PROGRESS], PROGRESS))
    assert table.settled == ["project-1", "project-2", "project-1"], "all on the first day, then what is due"


def test_a_batch_is_cut_where_a_day_begins() -> None:
    """What comes before is of the old day: a report that is late by a day stays late, though it is in the batch."""
    days_settled: list[tuple[date | None, int]] = []

    def settle(row: BoardRow, day: date | None) -> BoardRow:
        days_settled.append((day, int(row.percent)))
        return row

    history = History()
    history.begin_day(date(2023, 4, 1))
    table = Table(replace(BOARD, settle=settle, next_due=lambda row: None))
    table.batch(events_of(history, PROJECT))
    late = History()
    late.begin_day(date(2023, 4, 1))
    late.tell("project-1", reported(10))
    late.tell("project-1", reported(20))
    late.begin_day(date(2023, 4, 2))
    late.tell("project-1", reported(30))
    table.days[PROJECT] = date(2023, 4, 2)
    table.batch(events_of(late, PROGRESS))
    assert days_settled == [(date(2023, 4, 1), 20), (date(2023, 4, 2), 30)]


def test_a_day_that_began_before_changes_nothing() -> None:
    table, days = Table(), History()
    days.begin_day(date(2023, 4, 2))
    days.begin_day(date(2023, 4, 1))
    table.batch(events_of(days, PROJECT))
    table.batch(events_of(days, PROGRESS))
    assert table.days == {PROJECT: date(2023, 4, 2), PROGRESS: date(2023, 4, 2)}


def test_a_day_that_cannot_be_read_stops() -> None:
    table, days = Table(), History()
    days.begin_day(date(2023, 4, 2))
    end = table.batch([broken(events_of(days, PROJECT)[0], data={"day": "soon"})])
    assert end.index == 0
    assert end.stop is not None
    assert "a day that cannot be read" in end.stop


def test_a_view_of_one_topic_with_days_has_its_days() -> None:
    one = replace(BOARD, topics={PROJECT: frozenset({"project"})})
    days = Days(one, {(0, PROJECT.value): Offset(0, MARCH, live=True, stopped=None)})
    assert days.of(0) == MARCH


def test_a_view_of_topics_without_days_has_none() -> None:
    other = replace(BOARD, topics={Topic.REFERENCE: frozenset({"unit"})})
    days = Days(other, {(0, Topic.REFERENCE.value): Offset(0, MARCH, live=True, stopped=None)})
    assert days.of(0) is None
