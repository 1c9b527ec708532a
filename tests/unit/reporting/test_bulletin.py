"""The rules of a bulletin: drafted, written anew, issued once with a number of its own."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from services.reporting.bulletin import BULLETIN, Bulletin, Issue, draft, issue, next_number
from shared.contracts.bulletin import BulletinDrafted, BulletinIssued, FigureCounted
from shared.errors import InvalidValue, RuleViolation
from tests.unit.reporting.builders import Story, day
from tests.unit.reporting.test_manuscript import manuscript

AS_OF = datetime(2023, 8, 22, 9, 30, tzinfo=UTC)
COUNTIES = frozenset({"340800", "340822"})
FIGURES: Mapping[tuple[str, str], str | None] = {("340822", "projects"): "269"}


def given(*facts: Any) -> Bulletin:
    story = Story("bulletin-1")
    for fact in facts:
        story.then("2023-08-20", fact)
    return BULLETIN.of(story.events)


DRAFTED = BulletinDrafted(manuscript=manuscript())
ISSUED = BulletinIssued(issue=23, year=2023, day=day("2023-08-22"), figures=(), text="全文")


def issued(state: Bulletin, **changes: Any) -> BulletinIssued:
    fields: dict[str, Any] = {
        "number": 23,
        "taken": frozenset({21, 22}),
        "figures": FIGURES,
        "day": day("2023-08-22"),
        "text": "第 23 期",
        "as_of": AS_OF,
    }
    (event,) = issue(state, Issue(**{**fields, **changes}), "安组简〔2023〕3号")
    return event


def refused(code: str, **changes: Any) -> None:
    with pytest.raises(RuleViolation) as error:
        issued(given(DRAFTED), **changes)
    assert error.value.code == code


def test_a_draft_holds_the_manuscript() -> None:
    assert draft(given(), manuscript(), COUNTIES) == [DRAFTED]
    assert given(DRAFTED).city == "340800"


def test_a_draft_may_be_written_anew_until_it_is_issued() -> None:
    assert draft(given(DRAFTED), manuscript("二稿"), COUNTIES)[0].manuscript.editor_note == "二稿"
    with pytest.raises(RuleViolation, match="already_issued"):
        draft(given(DRAFTED, ISSUED), manuscript("三稿"), COUNTIES)


def test_a_bulletin_is_that_of_a_city() -> None:
    of_a_county = manuscript().model_copy(update={"city": "340822"})
    with pytest.raises(InvalidValue, match=r"not_a_city at manuscript\.city"):
        draft(given(), of_a_county, COUNTIES)


def test_a_bulletin_stays_that_of_its_city() -> None:
    with pytest.raises(RuleViolation, match="another_city"):
        draft(given(DRAFTED), manuscript().model_copy(update={"city": "340100"}), COUNTIES)


def test_a_section_of_another_citys_county_is_refused() -> None:
    with pytest.raises(InvalidValue) as error:
        draft(given(), manuscript(unit="340122"), COUNTIES)
    assert (error.value.code, error.value.field) == ("not_of_the_city", "manuscript.sections.0.unit")


def test_the_next_number_is_the_one_after_the_highest() -> None:
    assert (next_number({3, 22, 4}), next_number(())) == (23, 1)


def test_a_number_of_the_series_and_year_is_used_once() -> None:
    refused("issue_number_used", number=22)


def test_a_bulletin_is_issued_once() -> None:
    with pytest.raises(RuleViolation, match="already_issued"):
        issued(given(DRAFTED, ISSUED))


def test_a_figure_that_is_not_known_yet_holds_the_issue_up() -> None:
    refused("figures_pending", figures={("340822", "index_items"): None})


def test_what_is_issued_keeps_its_figures_its_day_and_its_text() -> None:
    event = issued(given(DRAFTED))
    assert event.figures == (FigureCounted(unit="340822", key="projects", value="269"),)
    assert (event.day, event.year, event.text, event.registration) == (
        day("2023-08-22"),
        2023,
        "第 23 期",
        "安组简〔2023〕3号",
    )
