"""Aggregates outside the registry: each folds the events of its own streams, and no others without a word."""

from typing import Any

import pytest

from services.alerts.app import service as alerts
from services.reporting.app import service as reporting
from services.scoring.app import service as scoring
from shared.command import Aggregate
from shared.contracts.progress import DayBegan
from shared.settings import Rules
from tests.projecting import History

SERVICES = [service(Rules()) for service in (scoring, alerts, reporting)]
DECIDED_ON = [handler.aggregate for service in SERVICES for handler in service.handlers]
KEPT = [reconciler.aggregate for service in SERVICES for reconciler in service.reconcilers]
AGGREGATES: dict[str, Aggregate[Any]] = {each.category: each for each in [*DECIDED_ON, *KEPT]}


@pytest.mark.parametrize("aggregate", AGGREGATES.values(), ids=AGGREGATES)
def test_an_event_of_another_stream_is_not_swallowed(aggregate: Aggregate[Any]):
    [foreign] = History().tell("day-01", DayBegan(day="2023-01-01"))
    with pytest.raises(AssertionError, match="unreachable"):
        aggregate.of([foreign])
