"""What a row's project is by now: new, there already with the same facts, or there with others."""

from collections.abc import Mapping, Sequence
from typing import Any

from services.registry.ledger.columns import column_of
from services.registry.ledger.deciding import Fact
from shared.contracts.event import Event, EventData
from shared.contracts.progress import ProgressReported

Standing = Mapping[str, str | None]
"""The projects that are there, by id: the column that one has otherwise, None if it has all that its row tells."""


def standing(facts: Mapping[str, Sequence[Fact]], streams: Mapping[str, Sequence[Event[EventData]]]) -> Standing:
    """How the projects stand that are there, by their facts and their streams' events by id."""
    return {id: difference(told, streams[id]) for id, told in facts.items() if streams.get(id)}


_ISSUED = frozenset({"number", "report_day", "reports_from"})
"""What an approval or a start has of the platform and not of the ledger."""


def difference(facts: Sequence[Fact], events: Sequence[Event[EventData]]) -> str | None:
    """The column of the first fact that a project's stream has otherwise or not at all; None if it has them all.

    What came after these facts is no difference: the project has gone on.
    """
    for fact in facts:
        event = next((event for event in events if _same_step(fact.data, event.data)), None)
        if event is None:
            return fact.column
        told, there = fact.data.model_dump(), event.data.model_dump()
        for name in sorted(told.keys() - _ISSUED):
            if told[name] != there.get(name):
                return column_of(_place(name, told[name], there.get(name)), fact.column)
        if fact.dated and event.effective != fact.on:
            return fact.column
    return None


def _same_step(told: EventData, there: EventData) -> bool:
    if isinstance(told, ProgressReported):
        return isinstance(there, ProgressReported) and there.month == told.month
    return type(there) is type(told)


def _place(name: str, told: Any, there: Any) -> str:
    """Where two values of a field differ: deeper, if both have parts."""
    if isinstance(told, dict) and isinstance(there, dict):
        deeper = next((key for key in told if told[key] != there.get(key)), None)
        return f"{name}.{deeper}" if deeper else name
    return name
