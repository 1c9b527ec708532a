"""A played year: the file is checked, the plot has its numbers, counts are held against what was published."""

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from infra.demo import plot_of
from infra.scenario.compare import accepted, compared
from infra.scenario.divisions import Unit, units_of
from infra.scenario.model import BadScenario, Figure, Published, Scenario, read
from infra.scenario.plot import Plot, drawn, sheets
from infra.stack.failure import StackError
from infra.stack.folders import PROJECT
from services.registry.person import PLACES
from shared.contracts.divisions import rank_of
from shared.contracts.reference import Role

SMALL = PROJECT / "scenarios" / "small.toml"
SCENARIO = read(SMALL)
UNITS = units_of(SCENARIO.city)


def played(county: int = 0, **changes: Any) -> Counter[str]:
    """How often each command comes in the plot of the small year, with changes to one of its counties."""
    return commands(drawn(changed(county, **changes), UNITS))


def changed(county: int = 0, **changes: Any) -> Scenario:
    """The small year with changes to one of its counties."""
    counties = list(SCENARIO.counties)
    counties[county] = counties[county].model_copy(update=changes)
    return SCENARIO.model_copy(update={"counties": tuple(counties)})


def commands(plot: Plot) -> Counter[str]:
    """How often each command comes."""
    return Counter(action.path.rsplit("/", 1)[1] for thread in plot.threads for action in thread.actions)


def test_the_same_file_gives_the_same_plot() -> None:
    one, other = drawn(SCENARIO, UNITS), drawn(SCENARIO, UNITS)
    assert one.threads == other.threads
    assert list(sheets(SCENARIO, one)) == list(sheets(SCENARIO, other))


@pytest.mark.parametrize("file", sorted((PROJECT / "scenarios").glob("*.toml")), ids=lambda file: file.stem)
def test_everybody_in_the_cast_holds_the_post_where_the_registry_lets_it_be_held(file: Path) -> None:
    cast = plot_of(read(file)).cast.persons.values()
    assert cast
    assert not [p.id for p in cast if rank_of(p.unit) not in PLACES[Role(p.role)]]


def test_the_plot_has_the_numbers_of_the_file() -> None:
    courses = sum((Counter(county.courses) for county in SCENARIO.counties), Counter[str]())
    plot = played()
    assert plot["propose"] == courses.total()
    assert plot["approve-plan"] == courses["closed"] + courses["on_track"] + courses["behind"]
    assert plot["close"] == courses["closed"]
    assert plot["find-problem"] == sum(c.problems for county in SCENARIO.counties for c in county.campaigns)


def test_other_numbers_give_another_plot() -> None:
    before, courses = played(), SCENARIO.counties[1].courses
    after = played(1, courses={**courses, "closed": courses["closed"] + 1})
    assert (after["approve-plan"], after["close"]) == (before["approve-plan"] + 1, before["close"] + 1)
    [campaign] = SCENARIO.counties[0].campaigns
    more = campaign.model_copy(update={"problems": campaign.problems + 3})
    assert played(campaigns=(more,))["find-problem"] == before["find-problem"] + 3


def test_counties_may_call_their_campaigns_by_the_same_name() -> None:
    [campaign] = SCENARIO.counties[0].campaigns
    small = campaign.model_copy(update={"townships": 3, "projects": 1, "problems": 1})
    opened = [
        thread
        for thread in drawn(changed(1, campaigns=(small,)), UNITS).threads
        if thread.actions[0].path == "/registry/campaigns/{id}/open"
    ]
    assert [(thread.id, thread.name) for thread in opened] == [
        (name, name) for name in (f"340822-{campaign.id}", f"340811-{campaign.id}")
    ]


def test_a_campaign_of_more_projects_than_there_are_is_refused_before_anything_is_played() -> None:
    [campaign] = SCENARIO.counties[0].campaigns
    too_many = changed(campaigns=(campaign.model_copy(update={"projects": 500}),))
    with pytest.raises(StackError, match=campaign.id):
        plot_of(too_many)


@pytest.mark.parametrize(
    ("line", "wrong", "place"),
    [
        ("team = 4", "team = 40", "story"),
        ("seed = 7", "seed = 7\nsede = 8", "sede"),
        ("signers = 3", "", "story.signers"),
        ("plan_year = 2023", 'plan_year = "soon"', "plan_year"),
        ("courses = {", "courses = { never = 1,", "never"),
    ],
)
def test_what_is_wrong_in_a_file_is_named_by_its_place(tmp_path: Path, line: str, wrong: str, place: str) -> None:
    text = SMALL.read_text("utf-8")
    assert line in text
    file = tmp_path / "wrong.toml"
    file.write_text(text.replace(line, wrong, 1), "utf-8")
    with pytest.raises(BadScenario, match=place):
        read(file)


def test_the_units_are_the_citys_with_its_province() -> None:
    assert UNITS[0] == Unit("340000", UNITS[0].name, None)
    assert sum(len(unit.code) == 6 and unit.parent == SCENARIO.city for unit in UNITS) == 11


@pytest.mark.parametrize(
    ("counted", "accept", "same"),
    [
        ("269", "269", True),
        ("270", "269", False),
        ("4-6", "4-6", True),
        ("55", "55..65", True),
        ("65", "55..65", True),
        ("66", "55..65", False),
        ("900", "3..", True),
        ("待报", "55..65", False),
        (None, "269", False),
    ],
)
def test_a_count_is_the_published_text_or_lies_in_its_range(counted: str | None, accept: str, same: bool) -> None:
    assert accepted(counted, accept) is same


def test_a_figure_that_was_not_counted_is_not_the_same() -> None:
    published = Published(unit="340822", figures={"projects": Figure(published="269", accept="269")})
    [row] = compared(published, {})
    assert (row.counted, row.same) == ("—", False)
