"""The ledger of a scenario: as many projects as are wanted beside the played ones, each in order by the rules."""

from collections import Counter
from datetime import date

import pytest

from infra.ledger_cli import verdict
from infra.scenario.divisions import units_of
from infra.scenario.fitting import misfits
from infra.scenario.ledger import written
from infra.scenario.model import Ledger, Scenario, read
from infra.scenario.plot import Plot, drawn
from infra.stack.folders import PROJECT
from services.registry.ledger.checking import checked
from services.registry.ledger.places import Places, Secretary, places_of
from services.registry.ledger.workbook import read as read_ledger
from services.registry.reference.person import Person, Post
from shared.authority_views import UnitRow
from shared.contracts.reference import Role

SMALL = read(PROJECT / "scenarios" / "small.toml")
UNITS = units_of(SMALL.city)
LEDGER = Ledger.model_validate(
    {
        "total": 700,
        "counties": ["340802", "340803"],
        "imported": date(2023, 8, 7),
        "approved": (date(2022, 11, 14), date(2023, 3, 31)),
        "start_after": (2, 15),
        "lasts": (240, 300),
        "milestones": (2, 4),
        "pace": ("0.9", "1.0"),
        "month": "2023-07",
        "led": 0.5,
    }
)
SCENARIO = SMALL.model_copy(update={"ledger": LEDGER, "last_day": date(2023, 8, 22)})


def approved(plot: Plot) -> int:
    return sum(action.path.endswith("/approve-plan") for thread in plot.threads for action in thread.actions)


def known(plot: Plot, scenario: Scenario) -> Places:
    """What the registry knows once the stage is set."""
    assert scenario.ledger is not None
    units = [UnitRow(unit.code, unit.name, None, unit.parent) for unit in plot.units]
    leading = [
        (p.unit, Secretary(p.id, p.name, Person(p.name, (Post(Role(p.role), p.unit, scenario.first_day),))))
        for p in plot.cast.persons.values()
        if p.role in (Role.BRANCH_SECRETARY, Role.TOWNSHIP_SECRETARY)
    ]
    counties = {unit.code: unit.name for unit in plot.units if unit.parent == scenario.city}
    return places_of(counties, scenario.ledger.counties, units, leading)


def test_the_total_is_that_of_the_played_projects_and_the_ledgers() -> None:
    plot = drawn(SCENARIO, UNITS)
    assert len(plot.ledger) == 700 - approved(plot)
    assert drawn(SMALL.model_copy(update={"ledger": None}), UNITS).ledger == []
    assert len(drawn(SMALL, UNITS).ledger) == 12


def test_the_same_file_gives_the_same_ledger_and_the_same_plot_beside_it() -> None:
    one, other = drawn(SCENARIO, UNITS), drawn(SCENARIO, UNITS)
    assert one.ledger == other.ledger
    assert one.threads == drawn(SMALL.model_copy(update={"last_day": SCENARIO.last_day}), UNITS).threads


def test_every_line_is_taken_by_the_registry_and_no_unit_has_a_title_twice() -> None:
    plot = drawn(SCENARIO, UNITS)
    ledger = read_ledger(written(plot.ledger, None))
    outcome = checked(ledger, known(plot, SCENARIO), LEDGER.imported, 5, lambda _: None)
    assert [(each.row, each.column, each.code) for each in outcome.wrong] == []
    assert len(outcome.projects) == len(plot.ledger)
    titles = Counter((line["unit"], line["title"]) for line in plot.ledger)
    played = {
        (action.body["owner"], action.body["title"])
        for thread in plot.threads
        for action in thread.actions
        if action.path.endswith("/propose")
    }
    assert max(titles.values()) == 1
    assert not played & titles.keys()


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"imported": date(2024, 8, 7)}, "ledger.imported"),
        ({"counties": ("340100",)}, "ledger.counties"),
        ({"month": "2023-08"}, "ledger.month"),
        ({"approved": (date(2022, 10, 1), date(2023, 3, 1))}, "ledger.approved"),
        ({"approved": (date(2023, 7, 1), date(2023, 7, 30))}, "ledger.approved"),
    ],
)
def test_a_ledger_that_does_not_fit_is_refused_with_its_place(changes: dict[str, object], place: str) -> None:
    scenario = SCENARIO.model_copy(update={"ledger": LEDGER.model_copy(update=changes)})
    assert any(line.startswith(f"{place}:") for line in misfits(scenario, UNITS))


def test_one_wrong_cell_is_told_in_the_singular() -> None:
    assert verdict(1) == "1 cell is wrong; nothing was imported."
    assert verdict(2) == "2 cells are wrong; nothing was imported."
