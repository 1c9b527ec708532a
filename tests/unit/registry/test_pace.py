"""How far a project is against 序时, in the registry's list as on reporting's pages."""

from collections.abc import Sequence
from datetime import date

import pytest

from services.registry.project.pace import pace
from services.registry.views import PROJECTS
from services.reporting.views import CARD
from shared.contracts.event import EventData
from tests.projecting import History, fold_all
from tests.unit.registry.builders import (
    ACCEPTED,
    ANNOUNCED,
    APPROVED,
    CLOSED,
    REOPENED,
    REQUESTED,
    TERMINATED,
    UNDER_REVIEW,
    UNDER_WAY,
    reached,
    reported,
)
from tests.unit.registry.dsl import ID, TODAY, Told

KEY = f"project-{ID}"
LIVES: dict[str, Sequence[Told | EventData]] = {
    "under review": UNDER_REVIEW,
    "approved": APPROVED,
    "nothing said": UNDER_WAY,
    "reported": (*UNDER_WAY, reported("2023-02", 30), reported("2023-04", 45)),
    "reached": (*UNDER_WAY, reached("m1")),
    "requested": REQUESTED,
    "accepted": ACCEPTED,
    "announced": ANNOUNCED,
    "closed": CLOSED,
    "reopened": REOPENED,
    "terminated": TERMINATED,
}


def history(facts: Sequence[Told | EventData]) -> History:
    told = History()
    for fact in facts:
        one = fact if isinstance(fact, Told) else Told(fact)
        told.tell(KEY, one.data, on=one.on or TODAY)
    return told


@pytest.mark.parametrize("facts", LIVES.values(), ids=LIVES.keys())
@pytest.mark.parametrize("today", [date(2023, 5, 10), date(2023, 9, 6)])
def test_a_list_says_what_the_projects_page_says(facts: Sequence[Told | EventData], today: date) -> None:
    told = history(facts)
    card = fold_all(CARD, told.events, day=today)[KEY]
    held = pace(fold_all(PROJECTS, told.events)[KEY], today)
    assert (held and (held.done, held.scheduled)) == (
        None if card.scheduled is None else (card.percent, card.scheduled)
    )
