"""What follows from the schedule: a project's lamp stream, and the alert of the rule `behind-schedule`.

Both are reconciled, not triggered: what should be by the row is held against what the stream says, and only the
difference becomes an event. So the same row again, a replay or a rebuild gives nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, assert_never

from services.alerts.schedule import Schedule
from shared.command import Aggregate
from shared.contracts.alert import AlertCleared, AlertRaised, AlertUpdated, Lamp, LampChanged
from shared.contracts.event import Event
from shared.contracts.values import StreamId
from shared.reconcile import Reaction, Reconciler
from shared.view import View

RULE: Final = "behind-schedule"
TITLE: Final = "落后于序时进度"
ALARMING: Final = frozenset({Lamp.RED, Lamp.YELLOW})


@dataclass(frozen=True, slots=True)
class LampStream:
    """What a lamp's stream says: the present lamp, and how many times it has changed."""

    lamp: Lamp | None = None
    changes: int = 0


def evolve_lamp(state: LampStream, event: Event[LampChanged]) -> LampStream:
    """The lamp after one more event."""
    match event.data:
        case LampChanged() as e:
            return LampStream(e.lamp, state.changes + 1)
        case _:
            assert_never(event.data)


@dataclass(frozen=True, slots=True)
class AlertStream:
    """What an alert's stream says: its last episode, that one's lamp while it is open, and its updates."""

    episode: int = 0
    lamp: Lamp | None = None
    updates: int = 0


def evolve_alert(state: AlertStream, event: Event[AlertRaised | AlertUpdated | AlertCleared]) -> AlertStream:
    """The alert after one more event."""
    match event.data:
        case AlertRaised() as e:
            return AlertStream(e.episode, e.lamp)
        case AlertUpdated() as e:
            return AlertStream(state.episode, e.lamp, state.updates + 1)
        case AlertCleared():
            return AlertStream(state.episode)
        case _:
            assert_never(event.data)


LAMP = Aggregate("lamp", LampStream(), evolve_lamp)
ALERT = Aggregate("alert", AlertStream(), evolve_alert)


def project_of(key: StreamId) -> str:
    """The id of the project that a row of the schedule is about."""
    return key.removeprefix("project-")


def lamp_streams(key: StreamId, row: Schedule) -> Sequence[StreamId]:
    """The stream of the project's lamp."""
    return [StreamId(f"lamp-{project_of(key)}")]


def alert_streams(key: StreamId, row: Schedule) -> Sequence[StreamId]:
    """The stream of the project's alert under the rule."""
    return [StreamId(f"alert-{RULE}-{project_of(key)}")]


def keep_lamp(key: StreamId, row: Schedule, states: Mapping[StreamId, LampStream]) -> Sequence[Reaction]:
    """Say the lamp's change, if its stream does not hold it yet."""
    [(stream, held)] = states.items()
    should = row.state
    if should is None or should.lamp is held.lamp:
        return []
    changed = LampChanged(
        project=project_of(key),
        owner=row.owner,
        county=row.county,
        lamp=should.lamp,
        was=held.lamp,
        scheduled=should.scheduled,
        actual=should.actual,
        as_of=should.as_of,
        reason=should.reason,
    )
    return [Reaction(stream, changed, f"{stream}/{held.changes + 1}")]


def keep_alert(key: StreamId, row: Schedule, states: Mapping[StreamId, AlertStream]) -> Sequence[Reaction]:
    """Raise, update or clear the alert, so that it is open, with the project's lamp, while the lamp is alarming."""
    [(stream, held)] = states.items()
    should = row.state
    if should is None:
        return []
    if should.lamp not in ALARMING:
        if held.lamp is None:
            return []
        cleared = AlertCleared(episode=held.episode, text=should.reason, as_of=should.as_of)
        return [Reaction(stream, cleared, f"{stream}/{held.episode}/cleared")]
    if held.lamp is None:
        raised = AlertRaised(
            rule=RULE,
            subject=project_of(key),
            owner=row.owner,
            county=row.county,
            episode=held.episode + 1,
            lamp=should.lamp,
            title=TITLE,
            text=should.reason,
            as_of=should.as_of,
        )
        return [Reaction(stream, raised, f"{stream}/{held.episode + 1}/raised")]
    if held.lamp is should.lamp:
        return []
    updated = AlertUpdated(episode=held.episode, lamp=should.lamp, text=should.reason, as_of=should.as_of)
    return [Reaction(stream, updated, f"{stream}/{held.episode}/updated/{held.updates + 1}")]


def lit(before: Schedule, after: Schedule) -> bool:
    """Whether the row changed and has a lamp."""
    return after.state is not None and before != after


def owner(row: Schedule) -> str:
    """The unit that the reactions belong to."""
    return row.owner


def reconcilers(schedule: View[Schedule]) -> tuple[Reconciler[Schedule, LampStream], Reconciler[Schedule, AlertStream]]:
    """Both, on the schedule of this deployment."""
    return (
        Reconciler(schedule, LAMP, lamp_streams, keep_lamp, owner, lit),
        Reconciler(schedule, ALERT, alert_streams, keep_alert, owner, lit),
    )
