"""Lamps and alerts are reconciled: what should be against what the streams hold, and only the difference happens."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from services.alerts.lamp import State
from services.alerts.reactions import reconcilers
from services.alerts.schedule import Schedule, schedule_view
from shared.contracts.alert import AlertCleared, AlertRaised, AlertUpdated, Lamp, LampChanged
from shared.contracts.event import EventData
from shared.contracts.values import StreamId
from shared.reconcile import Reaction, Reconciler
from tests.projecting import History

PROJECT = "0190a1b2-0000-7000-8000-000000000001"
KEY = StreamId(f"project-{PROJECT}")
LAMP_STREAM = StreamId(f"lamp-{PROJECT}")
ALERT_STREAM = StreamId(f"alert-behind-schedule-{PROJECT}")
OWNER = "340822100"
AS_OF = date(2023, 3, 31)
KEEP_LAMP, KEEP_ALERT = reconcilers(schedule_view({}))


def row(lamp: Lamp | None) -> Schedule:
    """A project's row with this lamp."""
    state = lamp and State(lamp, f"{lamp}的原因", AS_OF, Decimal("44.5"), Decimal(20))
    return Schedule(owner=OWNER, county="340822", title="点亮工程", state=state)


class Store:
    """The streams of alerts, as far as one project goes."""

    def __init__(self) -> None:
        self.history = History("/guatu/alerts")
        self.keys: list[str] = []

    def reconcile(self, lamp: Lamp | None) -> list[EventData]:
        """Hold a row against the streams, append what is missing, and say what it was."""
        reactions = [r for each in (KEEP_LAMP, KEEP_ALERT) for r in self._react(each, row(lamp))]
        for reaction in reactions:
            self.history.tell(reaction.stream, reaction.data)
            self.keys.append(reaction.business_key)
        return [reaction.data for reaction in reactions]

    def _react(self, reconciler: Reconciler[Schedule, Any], row: Schedule) -> Sequence[Reaction]:
        streams = reconciler.streams(KEY, row)
        states: Mapping[StreamId, Any] = {stream: self._state(reconciler, stream) for stream in streams}
        reactions = reconciler.react(KEY, row, states)
        assert {reaction.stream for reaction in reactions} <= set(streams)
        return reactions

    def state(self, reconciler: Reconciler[Schedule, Any]) -> Any:
        """What the one stream of the project says that a reconciler keeps."""
        [stream] = reconciler.streams(KEY, row(None))
        return self._state(reconciler, stream)

    def _state(self, reconciler: Reconciler[Schedule, Any], stream: StreamId) -> Any:
        return reconciler.aggregate.of(event for event in self.history.events if event.subject == stream)


def changed(lamp: Lamp, was: Lamp | None) -> LampChanged:
    """The lamp's change."""
    return LampChanged(
        project=PROJECT,
        owner=OWNER,
        county="340822",
        lamp=lamp,
        was=was,
        scheduled=Decimal("44.5"),
        actual=Decimal(20),
        as_of=AS_OF,
        reason=f"{lamp}的原因",
    )


def raised(episode: int, lamp: Lamp) -> AlertRaised:
    """An alert's beginning."""
    return AlertRaised(
        rule="behind-schedule",
        subject=PROJECT,
        owner=OWNER,
        county="340822",
        episode=episode,
        lamp=lamp,
        title="落后于序时进度",
        text=f"{lamp}的原因",
        as_of=AS_OF,
    )


def test_an_alert_is_raised_updated_cleared_and_raised_anew() -> None:
    store = Store()
    assert store.reconcile(Lamp.GREEN) == [changed(Lamp.GREEN, None)]
    assert store.reconcile(Lamp.YELLOW) == [changed(Lamp.YELLOW, Lamp.GREEN), raised(1, Lamp.YELLOW)]
    assert store.reconcile(Lamp.RED) == [
        changed(Lamp.RED, Lamp.YELLOW),
        AlertUpdated(episode=1, lamp=Lamp.RED, text="red的原因", as_of=AS_OF),
    ]
    assert store.reconcile(Lamp.BLUE) == [
        changed(Lamp.BLUE, Lamp.RED),
        AlertCleared(episode=1, text="blue的原因", as_of=AS_OF),
    ]
    assert store.reconcile(Lamp.RED) == [changed(Lamp.RED, Lamp.BLUE), raised(2, Lamp.RED)]
    assert store.keys[-1] == f"{ALERT_STREAM}/2/raised"
    assert {event.subject for event in store.history.events} == {LAMP_STREAM, ALERT_STREAM}


def test_a_closed_project_clears_its_alert() -> None:
    store = Store()
    store.reconcile(Lamp.RED)
    assert store.reconcile(Lamp.GREY)[1] == AlertCleared(episode=1, text="grey的原因", as_of=AS_OF)


def test_without_a_lamp_nothing_happens() -> None:
    assert Store().reconcile(None) == []


lamps = st.lists(st.none() | st.sampled_from(Lamp), max_size=12)


@given(lamps)
def test_reconciling_again_gives_nothing(given_lamps: list[Lamp | None]) -> None:
    store = Store()
    for lamp in given_lamps:
        store.reconcile(lamp)
        assert store.reconcile(lamp) == []


@given(lamps)
def test_no_business_key_is_ever_used_twice(given_lamps: list[Lamp | None]) -> None:
    store = Store()
    for lamp in given_lamps:
        store.reconcile(lamp)
    assert len(set(store.keys)) == len(store.keys)


@given(lamps)
def test_the_streams_end_as_the_last_lamp_says(given_lamps: list[Lamp | None]) -> None:
    store = Store()
    for lamp in given_lamps:
        store.reconcile(lamp)
    last = next((lamp for lamp in reversed(given_lamps) if lamp is not None), None)
    assert store.state(KEEP_LAMP).lamp is last
    assert store.state(KEEP_ALERT).lamp is (last if last in (Lamp.RED, Lamp.YELLOW) else None)


def test_a_row_is_relevant_when_it_has_a_lamp_and_changed() -> None:
    for reconciler in (KEEP_LAMP, KEEP_ALERT):
        assert reconciler.relevant(row(None), row(Lamp.GREEN))
        assert not reconciler.relevant(row(Lamp.GREEN), row(Lamp.GREEN))
        assert not reconciler.relevant(Schedule(), row(None))
        assert reconciler.org(row(Lamp.GREEN)) == OWNER
