"""The plot around projects: the numbers of the file are met exactly, and what cannot be met is refused beforehand."""

import random
import re
from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.demo import plot_of
from infra.scenario.action import Thread
from infra.scenario.incomes import NoFit, fitted
from infra.scenario.model import BadScenario, read
from infra.scenario.model_around import Incomes
from infra.scenario.plot import drawn
from infra.stack.failure import StackError
from tests.unit.test_scenario import SCENARIO, SMALL, UNITS, changed

HUAINING, YIXIU, QIANSHAN = 0, 1, 2
PLOT = drawn(SCENARIO, UNITS)


def threads(county: str) -> list[Thread]:
    return [thread for thread in PLOT.threads if thread.name.startswith(county)]


def verbs(thread: Thread) -> Counter[str]:
    return Counter(action.path.rsplit("/", 1)[1] for action in thread.actions)


def test_as_many_plans_are_refused_and_as_many_changes_asked_for_as_the_file_says() -> None:
    review = SCENARIO.counties[QIANSHAN].review
    assert review is not None
    lives = [verbs(thread) for thread in threads("340882") if verbs(thread)["propose"]]
    assert sum(bool(life["return-plan"] + life["reject-plan"]) for life in lives) == review.not_approved
    asked = [a for thread in threads("340882") for a in thread.actions if a.path.endswith("give-opinion")]
    assert sum(action.body["kind"] == "change" for action in asked) == review.opinions
    answers = sum(life["answer-opinion"] for life in lives if life["approve-plan"])
    assert answers == sum(
        action.body["kind"] == "change"
        for thread in threads("340882")
        for action in thread.actions
        if action.path.endswith("give-opinion") and verbs(thread)["approve-plan"]
    )


def test_as_many_approved_projects_are_of_a_category_as_the_file_says() -> None:
    proposals = [
        thread.actions[0].body
        for thread in threads("340811")
        if verbs(thread)["propose"] and verbs(thread)["approve-plan"]
    ]
    counted = Counter(proposal["category"] for proposal in proposals)
    assert counted["基层治理"] == SCENARIO.counties[YIXIU].categories["基层治理"] < len(proposals)


def test_visits_collect_and_solve_as_much_as_the_file_says() -> None:
    visits = SCENARIO.counties[QIANSHAN].visits
    assert visits is not None
    total = sum((verbs(thread) for thread in threads("340882-visit")), Counter[str]())
    assert total == {
        "hold": visits.count,
        "collect-suggestion": visits.suggestions,
        "raise-difficulty": visits.difficulties,
        "take-on-difficulty": visits.difficulties,
        "solve-difficulty": visits.solved,
    }


def test_reports_ask_for_help_that_is_taken_on_and_partly_given() -> None:
    help = SCENARIO.counties[QIANSHAN].help
    assert help is not None
    lives = [thread for thread in threads("340882") if verbs(thread)["propose"]]
    asking = [a.body for thread in lives for a in thread.actions if a.body.get("help_needed")]
    total = sum(map(verbs, lives), Counter[str]())
    assert (len(asking), total["take-on-difficulty"], total["solve-difficulty"]) == (
        help.reports,
        help.reports,
        help.solved,
    )
    for thread in lives:
        moments = [action.at for action in thread.actions]
        assert moments == sorted(moments)


def test_every_village_has_an_income_and_a_mistaken_one_is_corrected() -> None:
    incomes = SCENARIO.counties[QIANSHAN].incomes
    assert incomes is not None
    stands: dict[str, Decimal] = {}
    for thread in threads("340882"):
        for action in thread.actions:
            if action.path in ("/registry/metrics/record", "/registry/metrics/correct"):
                stands[action.body["unit"]] = Decimal(action.body["value"])
    assert len(stands) == 165
    assert sum(stands.values()) / 165 == incomes.mean
    assert sum(value > incomes.line for value in stands.values()) == incomes.above
    corrections = sum(verbs(thread)["correct"] for thread in threads("340882"))
    assert corrections == incomes.mistaken


def test_townships_hold_the_mutual_checks_that_were_drawn_before() -> None:
    for checks in SCENARIO.counties[HUAINING].mutual_checks:
        [thread] = threads(f"340822-mutual-{checks.quarter}")
        draw, *held = thread.actions
        assert (verbs(thread), draw.path) == ({"draw": 1, "hold": checks.count}, "/registry/mutual-checks/draw")
        assert all(draw.at < each.at for each in held)
        assert len({each.body["checking"] for each in held}) == checks.count
        assert {each.actor for each in held} == {f"{each.body['checking']}-office-1" for each in held}


def test_a_calendar_is_set_before_anything_of_it_is_held() -> None:
    rhythm = SCENARIO.counties[HUAINING].rhythm
    assert rhythm is not None
    [thread] = threads("340822-rhythm")
    first, *held = thread.actions
    assert [each["id"] for each in first.body["items"]] == [item.id for item in rhythm.items]
    assert {each.body["item"]: each.body["on"] for each in held} == {
        item.id: str(item.held) for item in rhythm.items if item.held
    }
    moments = [action.at for action in thread.actions]
    assert moments == sorted(moments)


def incomes(**changes: Any) -> Incomes:
    fields: dict[str, Any] = {
        "metric": "village_income",
        "as_of": "2022-12-31",
        "recorded": ["2023-03-01", "2023-03-02"],
        "mean": "56.8",
        "line": "50",
        "above": 3,
        "between": ["8", "260"],
        "reason": "误填",
    }
    return Incomes.model_validate(fields | changes)


@given(st.data())
def test_values_are_fitted_to_the_mean_and_the_line_whatever_is_drawn(data: st.DataObject) -> None:
    count = data.draw(st.integers(1, 40))
    above = data.draw(st.integers(0, count))
    low, line, high = 800, 5000, 26000
    lowest, highest = above * (line + 1) + (count - above) * low, above * high + (count - above) * line
    mean = data.draw(st.integers(-(-lowest // count), highest // count))
    wanted = incomes(mean=Decimal(mean) / 100, above=above)
    values = fitted(wanted, count, random.Random(data.draw(st.integers())))
    assert sum(values) == wanted.mean * count
    assert sum(value > 50 for value in values) == above
    assert all(8 <= value <= 260 for value in values)


@pytest.mark.parametrize(
    ("changes", "count"),
    [({"above": 5}, 4), ({"mean": "200"}, 9), ({"mean": "8"}, 9), ({"between": ["60", "260"]}, 9)],
)
def test_values_that_cannot_be_are_refused(changes: dict[str, Any], count: int) -> None:
    with pytest.raises(NoFit):
        fitted(incomes(**changes), count, random.Random(1))


def test_more_help_than_there_are_reports_is_refused_before_anything_is_played() -> None:
    help = SCENARIO.counties[QIANSHAN].help
    assert help is not None
    with pytest.raises(StackError, match="340882: 500 reports"):
        plot_of(changed(QIANSHAN, help=help.model_copy(update={"reports": 500})))


@pytest.mark.parametrize(
    ("line", "wrong", "place"),
    [
        pytest.param('= { "基层治理" = 3 }', '= { "基层治理" = 9 }', "counties.1.categories: 9", id="too many"),
        pytest.param('= { "基层治理" = 3 }', '= { "治理" = 3 }', "counties.1.categories.治理", id="no such category"),
        pytest.param("not_approved = 2", "not_approved = 0", "counties.2.review.not_approved", id="too few refused"),
        pytest.param("not_approved = 2", "not_approved = 6", "counties.2.review.not_approved", id="too many refused"),
        pytest.param(
            'code = "340811-X0001"', 'code = "340882-X0001"', "counties.1.organisations.0.code", id="another county"
        ),
        pytest.param(
            'code = "340811-X0001"', 'code = "340811101299"', "counties.1.organisations.0.code", id="a village"
        ),
        pytest.param(
            'parent = "340811101"', 'parent = "340800"', "counties.1.organisations.0.parent", id="below a city"
        ),
        pytest.param(
            'unit = "340811-X0001"\nrecognised',
            'unit = "340811-X0009"\nrecognised',
            "counties.1.named_brands.0.unit",
            id="no unit",
        ),
        pytest.param(
            "published = 2023-07-10", "published = 2023-07-03", "counties.1.cases.0: 2023-07-03", id="at once"
        ),
        pytest.param("published = 2023-07-10", "published = 2023-12-10", "counties.1.cases.0", id="after the last day"),
        pytest.param(
            "recorded = 2023-04-24", "recorded = 2023-04-11", "counties.2.honours.0", id="before it was given"
        ),
        pytest.param("since = 2023-01-01", "since = 2023-03-01", "counties.2.labels.0", id="before it was borne"),
        pytest.param(
            "held = [2023-02-01, 2023-06-15]", "held = [2023-02-01, 2023-08-15]", "visits.solved_after", id="too late"
        ),
        pytest.param("difficulties = 4", "difficulties = 2", "counties.2.visits: solved is more", id="more solved"),
        pytest.param("reports = 2\nsolved = 1", "reports = 2\nsolved = 3", "counties.2.help", id="more helped"),
        pytest.param("above = 73", "above = 200", "counties.2.incomes.above", id="more than the villages"),
        pytest.param('mean = "56.8"', 'mean = "256.8"', "the mean cannot be met", id="too high a mean"),
        pytest.param('mean = "56.8"', 'mean = "56.805"', "counties.2.incomes.mean", id="a thousandth"),
        pytest.param(
            "as_of = 2022-12-31", "as_of = 2023-03-31", "counties.2.incomes.as_of", id="recorded before it is known"
        ),
        pytest.param(
            'metric = "village_income"\nas_of', 'metric = "income"\nas_of', "counties.2.incomes.metric", id="no metric"
        ),
        pytest.param(
            "recorded = [2023-03-01, 2023-03-17]",
            "recorded = [2022-11-01, 2023-03-17]",
            "counties.2.incomes.recorded",
            id="before the metric is defined",
        ),
        pytest.param(
            "drawn = 2023-04-10", "drawn = 2023-03-31", "counties.0.mutual_checks.1.drawn", id="before its quarter"
        ),
        pytest.param(
            "drawn = 2023-04-10", "drawn = 2023-05-08", "counties.0.mutual_checks.1.held", id="held too early"
        ),
        pytest.param(
            'quarter = "2023-Q2"', 'quarter = "2023-Q1"', "counties.0.mutual_checks.0.quarter", id="a quarter twice"
        ),
        pytest.param("count = 20", "count = 99", "counties.0.mutual_checks.0.count", id="more than there are"),
        pytest.param('id = "m02"', 'id = "m01"', "counties.0.rhythm.items.0.id", id="an item twice"),
        pytest.param("due = 2024-01-31", "due = 2025-01-31", "counties.0.rhythm.items.5.due", id="due too late"),
        pytest.param(
            "set = 2023-01-09", "set = 2023-03-09", "counties.0.rhythm.items.0.held", id="held before it is set"
        ),
    ],
)
def test_what_does_not_fit_is_refused_with_its_place(tmp_path: Path, line: str, wrong: str, place: str) -> None:
    text = SMALL.read_text("utf-8")
    assert line in text
    file = tmp_path / "wrong.toml"
    file.write_text(text.replace(line, wrong, 1), "utf-8")
    with pytest.raises((BadScenario, StackError), match=re.escape(place)):
        plot_of(read(file))
