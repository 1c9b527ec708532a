"""A played year: the file is checked, the plot has its numbers, counts are held against what was published."""

import re
import subprocess
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from infra.cli import app
from infra.demo import again, finished, plot_of, stays
from infra.scenario.compare import accepted, compared
from infra.scenario.divisions import Unit, units_of
from infra.scenario.model import BadScenario, Figure, Published, Scenario, read
from infra.scenario.plot import Plot, drawn, sheets
from infra.services import SERVICES
from infra.stack.failure import StackError
from infra.stack.folders import PROJECT
from infra.stack.lifecycle import Stack
from infra.stack.processes import GATEWAY
from infra.stack.servers import Servers
from services.registry.reference.person import PLACES
from shared.contracts.divisions import rank_of
from shared.contracts.reference import Role

SMALL = PROJECT / "scenarios" / "small.toml"
SCENARIO = read(SMALL)
UNITS = units_of(SCENARIO.city)


def played(county: int = 0, **changes: Any) -> Counter[str]:
    """How often each command comes in the plot of the small year, with changes to one of its counties."""
    return commands(drawn(changed(county, **changes), UNITS))


@cache
def of_file(file: Path) -> Plot:
    """The plot of a scenario, drawn once."""
    return plot_of(read(file))


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
    cast = of_file(file).cast.persons.values()
    assert cast
    assert not [p.id for p in cast if rank_of(p.unit) not in PLACES[Role(p.role)]]


def test_the_citys_whole_year_has_the_published_number_of_projects() -> None:
    plot = of_file(SMALL.with_name("anqing-2023.toml"))
    assert commands(plot)["approve-plan"] + len(plot.ledger) == 12_400


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


CAMPAIGN = "counties.0.campaigns.0"


@pytest.mark.parametrize(
    ("line", "wrong", "place"),
    [
        pytest.param("seed = 7", "seed = ", "line 5", id="no TOML"),
        pytest.param("[story]", "[stories]", "story", id="a table is missing"),
        pytest.param("signers = 3", "", "story.signers", id="a field is missing"),
        pytest.param("seed = 7", "seed = 7\nsede = 8", "sede", id="a field is misspelt"),
        pytest.param("plan_year = 2023", 'plan_year = "soon"', "plan_year", id="a word for a number"),
        pytest.param("first_day = 2022-11-01", "first_day = 7", "first_day", id="a number for a day"),
        pytest.param('city = "340800"', 'city = "349900"', "city: 349900", id="an unknown city"),
        pytest.param('city = "340800"', 'city = "340822"', "city: 340822", id="a county for a city"),
        pytest.param('code = "340811"', 'code = "340899"', "counties.1.code: 340899", id="an unknown county"),
        pytest.param('code = "340811"', 'code = "340102"', "counties.1.code", id="a county of another city"),
        pytest.param('code = "340811"', 'code = "340882"', "counties.1.code", id="a county twice"),
        pytest.param("courses = {", "courses = { never = 1,", "counties.0.courses.never", id="an unknown course"),
        pytest.param(
            "courses = { closed = 9", "courses = { closed = -9", "counties.0.courses.closed", id="fewer than none"
        ),
        pytest.param("small = [", "tiny = [", "story.criteria", id="an unknown criterion"),
        pytest.param("[story.categories]", "[story.categories]\nempty = []", "story.categories.empty", id="no titles"),
        pytest.param('"minor", "minor"', '"tiny", "minor"', f"{CAMPAIGN}.severities.0", id="an unknown severity"),
        pytest.param('kind = "mid_term"', 'kind = "mid"', f"{CAMPAIGN}.kind", id="an unknown kind of campaign"),
        pytest.param(
            'kind = "warning"', 'kind = "letter"', "counties.0.notices.0.kind", id="an unknown kind of notice"
        ),
        pytest.param(
            "channels = { field_test = 1", "channels = { test = 1", "assessment.channels", id="an unknown channel"
        ),
        pytest.param('"2023-Q1" = 2023-04-12', '"2023-Q5" = 2023-04-12', "assessment.periods", id="an unknown period"),
        pytest.param("remarks = [", "remarks = []\nanswers_ = [", "story.remarks", id="an empty list"),
        pytest.param("severities = [", "severities = []\nx = [", f"{CAMPAIGN}.severities", id="nothing to draw from"),
        pytest.param('given_names = "伟芳', 'given_names = "伟"\nx = "', "story.given_names", id="too few names"),
        pytest.param("team = 4", "team = 40", "story: team is more", id="a team larger than its duties"),
        pytest.param("last_day = 2023-08-22", "last_day = 2022-08-22", "last_day", id="the year's days reversed"),
        pytest.param(
            "[2022-11-02, 2023-01-31]", "[2023-01-31, 2022-11-02]", "courses.closed.proposed", id="days reversed"
        ),
        pytest.param(
            "submit_after = [1, 5]", "submit_after = [5, 1]", "courses.closed.submit_after", id="a range reversed"
        ),
        pytest.param('ended = "17:30"', 'ended = "07:30"', "ended", id="office hours reversed"),
        pytest.param('ended = "17:30"', "ended = 17", "ended: an hour", id="a number for an hour"),
        pytest.param('ended = "17:30"', 'ended = "17:77"', "ended", id="no time of the day"),
        pytest.param("points = [76, 97]", "points = [97, 76]", "assessment.points", id="points reversed"),
        pytest.param(
            "plan_year = 2023\nstarted", "plan_year = 2022\nstarted", "courses.closed.proposed", id="another plan year"
        ),
        pytest.param(
            "[2022-11-02, 2023-01-31]", "[2022-10-20, 2023-01-31]", "courses.closed.proposed", id="before the first day"
        ),
        pytest.param("rounds = [70, 25, 5]", "rounds = [0, 0, 0]", "courses.closed.rounds", id="weights all zero"),
        pytest.param(
            "milestones = [2, 3]", "milestones = [2, 30]", "courses.closed.milestones", id="more than the titles"
        ),
        pytest.param("milestones = [2, 3]", "milestones = [0, 3]", "courses.closed.milestones", id="no milestone"),
        pytest.param('pace = ["0.95"', 'pace = ["0"', "courses.closed.pace", id="no progress at all"),
        pytest.param("[calendar.2023]", "[calendar.2024]", "calendar.2024.holidays", id="another year's days"),
        pytest.param("[calendar.2023]", "[calendar.soon]", "calendar.soon", id="no year"),
        pytest.param(
            "holidays = [2022-01-03", "holidays = [2022-01-02", "calendar.2022.holidays", id="a holiday on a Sunday"
        ),
        pytest.param("last_day = 2023-08-22", "last_day = 2023-12-29", "calendar.2024", id="a calendar is missing"),
        pytest.param('weight = "40"', 'weight = "41"', "counties.0.scheme.indices", id="weights not 100"),
        pytest.param('weight = "40"', 'weight = "0"', "counties.0.scheme.indices.0.weight", id="no weight"),
        pytest.param("version = 1", "version = 2", "counties.0.scheme.version", id="not the first version"),
        pytest.param(
            'of = "projects_approved"', 'of = "projects"', "counties.0.scheme.indices.0", id="an unknown metric"
        ),
        pytest.param("[counties.scheme]", "[counties.sketch]", "counties.0.sketch", id="no scheme"),
        pytest.param("2023-04-12", "2023-03-12", "assessment.periods.2023-Q1", id="results before the period is over"),
        pytest.param(
            "sheets_before = 4", "sheets_before = 400", "assessment.periods.2023-Q1", id="sheets before the period"
        ),
        pytest.param("townships = 9", "townships = 90", f"{CAMPAIGN}.townships", id="more townships than there are"),
        pytest.param("opened = 2023-06-02", "opened = 2023-06-22", f"{CAMPAIGN}.opened", id="opened after it was held"),
        pytest.param("第{n}评估组", "第{m}评估组", f"{CAMPAIGN}.group_name", id="an unknown name in braces"),
        pytest.param("projects = 6", "projects = 60", "340822-mid-term-2023", id="more projects than there are"),
        pytest.param("count = 5", "count = 500", "counties.0.brands.count", id="more brands than names"),
        pytest.param("township = 5", "township = 50", "counties.0.notices.0.township", id="no such township"),
        pytest.param(
            "reply_by = 2023-06-26", "reply_by = 2023-06-11", "counties.0.notices.0.reply_by", id="reply before signing"
        ),
        pytest.param(
            "replied_after = 9", "replied_after = 900", "counties.0.notices.0.replied_after", id="after the last day"
        ),
        pytest.param("reviewers = 3", "reviewers = 0", "counties.0.reviewers", id="nobody reviews"),
        pytest.param(
            'city = "340800"\nplan_year = 2023\nedit',
            'city = "340100"\nplan_year = 2023\nedit',
            "bulletin.manuscript",
            id="another city's bulletin",
        ),
        pytest.param("{evaluation_groups}", "{groups}", "bulletin.manuscript.sections.1", id="an unknown figure"),
        pytest.param('accept = "4..6"', 'accept = "4..x"', "published.0.figures.brands.accept", id="no range"),
        pytest.param(
            "problems = { published",
            "faults = { published",
            "published.0.figures.faults",
            id="a figure that is not counted",
        ),
    ],
)
def test_what_is_wrong_in_a_file_is_refused_in_words_with_its_place(
    tmp_path: Path, line: str, wrong: str, place: str
) -> None:
    text = SMALL.read_text("utf-8")
    assert line in text
    file = tmp_path / "wrong.toml"
    file.write_text(text.replace(line, wrong, 1), "utf-8")
    with pytest.raises((BadScenario, StackError), match=re.escape(place)):
        plot_of(read(file))


@pytest.mark.parametrize(
    ("line", "wrong", "words"),
    [
        ("signers = 3", "", "story.signers: it is missing, and a scenario must say it"),
        ("seed = 7", "seed = 7\nsede = 8", "sede: there is nothing of this name"),
    ],
)
def test_what_is_missing_or_misspelt_is_told_in_our_words(tmp_path: Path, line: str, wrong: str, words: str) -> None:
    file = tmp_path / "wrong.toml"
    file.write_text(SMALL.read_text("utf-8").replace(line, wrong, 1), "utf-8")
    with pytest.raises(BadScenario, match=f"(?m)^  {re.escape(words)}$"):
        read(file)


def test_a_misspelt_file_is_named_with_those_that_there_are() -> None:
    with pytest.raises(
        BadScenario, match=r"There is no scenario file .*smal\.toml\. .*: anqing-2023\.toml, small\.toml\."
    ):
        read(SMALL.with_name("smal.toml"))


def test_a_misspelt_file_is_refused_before_anything_is_set_up(tmp_path: Path) -> None:
    home = tmp_path / "home"
    refused = CliRunner().invoke(app, ["demo", "--scenario", "smal.toml"], env={"GUATU_HOME": str(home)})
    assert refused.exit_code == 1
    assert not home.exists()
    made = subprocess.run(
        ["make", "--dry-run", "demo", "SCENARIO=smal.toml", "VENV=" + str(tmp_path / "venv")],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert made.index("There is no scenario file smal.toml") < made.index("-m venv")


@pytest.mark.parametrize("whole", [False, True])
def test_a_second_playing_says_how_far_the_first_came(tmp_path: Path, whole: bool) -> None:
    journal = tmp_path / "acknowledged.ndjson"
    keys = [f"{SCENARIO.name}/day/2022-11-01", *([f"{SCENARIO.name}/bulletin/issue"] if whole else [])]
    journal.write_text("".join(f'{{"actor":"a","key":"{key}","path":"/"}}\n' for key in keys))
    assert finished(journal, SCENARIO) is whole
    words = again(SCENARIO.name, finished(journal, SCENARIO))
    assert ("played to its end" in words, "where it broke off" in words) == (whole, not whole)
    assert f"guatu down --scenario {SCENARIO.name}" in words


@pytest.mark.parametrize(
    ("started", "leave", "left"),
    [
        ((*SERVICES, GATEWAY), False, True),
        ((*SERVICES, GATEWAY), True, False),
        ((), True, True),
        (("scoring",), True, True),
    ],
)
def test_a_playing_ends_only_a_platform_that_it_started(started: tuple[str, ...], leave: bool, left: bool) -> None:
    stack = Stack("http://127.0.0.1:8000", Servers(None, None, None), {}, started)
    assert stays(stack, leave) is left


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "wrong.toml"
    file.write_bytes(b"\xff\xfe")
    with pytest.raises(BadScenario, match=re.escape("wrong.toml")):
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
    [row] = compared([published], {})
    assert (row.counted, row.same) == ("—", False)
