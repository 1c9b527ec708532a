"""What each metric counts of a unit's subtree, at the period's end."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from services.scoring.facts import BrandFacts, Carried, Holding, Problem, ProjectFacts, counts
from services.scoring.periods import Span, span
from shared.contracts.schedule import Reporting, months_due
from shared.contracts.scoring import Metric

Q1 = span("2023-Q1")


def day(text: str) -> date:
    """A day of 2023, `03-31`, or with its year."""
    return date.fromisoformat(text if len(text) == 10 else f"2023-{text}")


def project(approved: str | None = "2022-12-20", *, year: int = 2023, **facts: Any) -> ProjectFacts:
    """A project of the year, approved in December unless it is said otherwise."""
    return ProjectFacts(year=year, approved=approved and day(approved), **facts)  # type: ignore[arg-type]


def due(facts: ProjectFacts, period: Span) -> Iterator[str]:
    """The months whose reports count for a period."""
    reporting = Reporting(facts.started, facts.report_day, facts.paused, facts.resumed, facts.reports_from)
    return months_due(reporting, period.first, period.last)


def counted(metric: str, *projects: ProjectFacts, brands: tuple[BrandFacts, ...] = (), period: str = "2023-Q1") -> int:
    """What one metric counts."""
    return counts(Holding(projects, brands), span(period))[Metric(metric)]


def test_projects_approved_are_those_of_the_plan_year_up_to_the_periods_end() -> None:
    projects = (
        project("2022-11-15"),
        project("03-31"),
        project("04-01"),
        project(None),
        project("2022-12-01", year=2022),
    )
    assert counted("projects_approved", *projects) == 2
    assert counted("projects_approved", *projects, period="2023-Q2") == 3


def test_projects_closed_are_those_of_the_plan_year_up_to_the_periods_end() -> None:
    projects = (
        project(closed=(day("03-31"),)),
        project(closed=(day("04-01"),)),
        project(),
        project(closed=(day("02-01"),), year=2022),
    )
    assert counted("projects_closed", *projects) == 1
    assert counted("projects_closed", *projects, period="2023-Q2") == 2


def test_what_was_reopened_by_the_periods_end_is_not_closed_until_it_is_closed_again() -> None:
    again = project(closed=(day("02-01"), day("05-02")), reopened=(day("04-01"),))
    assert counted("projects_closed", again) == 1
    assert counted("projects_closed", replace(again, reopened=(day("03-31"),))) == 0
    assert counted("projects_closed", again, period="2023-Q2") == 1


def test_what_is_carried_over_is_of_both_years_from_the_day_on_which_that_was_decided() -> None:
    carried = project("2022-02-01", year=2022, carried=(Carried(2023, day("02-10")),), closed=(day("03-01"),))
    assert [counted("projects_approved", carried, period=each) for each in ("2022", "2023-Q1")] == [1, 1]
    assert [counted("projects_closed", carried, period=each) for each in ("2022", "2023-Q1")] == [0, 1]
    later = replace(carried, carried=(Carried(2023, day("04-01")),))
    assert [counted("projects_approved", later, period=each) for each in ("2023-Q1", "2023-Q2")] == [0, 1]


def test_brands_are_those_of_the_year_up_to_the_periods_end() -> None:
    brands = tuple(BrandFacts(recognised=day(text)) for text in ("01-01", "03-31", "04-01", "2022-12-31"))
    assert counted("brands", brands=(*brands, BrandFacts())) == 2


def test_a_report_is_due_for_each_month_whose_deadline_lies_in_the_period() -> None:
    started = project(started=day("2022-10-31"))
    assert list(due(started, Q1)) == ["2022-12", "2023-01", "2023-02"]
    assert counted("reports_due", started) == 3
    assert counted("reports_due", started, period="2023-Q2") == 3
    assert counted("reports_due", started, period="2023-H1") == 6


def test_a_report_is_due_on_the_day_that_was_set_when_the_plan_was_approved() -> None:
    for report_day in (1, 5, 28):
        started = project(started=day("2022-10-31"), report_day=report_day)
        assert list(due(started, Q1)) == ["2022-12", "2023-01", "2023-02"]
    asked = project(started=day("01-01"), paused=(day("02-10"),), report_day=15)
    assert list(due(asked, Q1)) == []
    assert list(due(replace(asked, report_day=5), Q1)) == ["2023-01"]


@pytest.mark.parametrize(
    ("started", "months"),
    [
        ("2022-12-31", ["2022-12", "2023-01", "2023-02"]),
        ("01-01", ["2023-01", "2023-02"]),
        ("02-28", ["2023-02"]),
        ("03-01", []),
    ],
)
def test_reports_are_due_from_the_month_of_the_start(started: str, months: list[str]) -> None:
    assert list(due(project(started=day(started)), Q1)) == months


def test_no_report_is_due_before_the_start() -> None:
    assert counted("reports_due", project()) == 0


def test_a_project_of_a_ledger_owes_reports_from_the_month_of_its_import() -> None:
    started = project(started=day("2022-12-10"), reports_from="2023-02", reports={"2022-12": day("01-31")})
    assert list(due(started, Q1)) == ["2023-02"]
    assert counted("reports_due", started) == 1
    assert counted("reports_made", started) == 0


def test_who_has_asked_for_acceptance_owes_no_report_until_it_fails() -> None:
    started = day("2022-12-10")
    assert list(due(project(started=started, paused=(day("02-05"),)), Q1)) == ["2022-12"]
    assert list(due(project(started=started, paused=(day("02-06"),)), Q1)) == ["2022-12", "2023-01"]
    failed = project(started=started, paused=(day("02-01"),), resumed=(day("02-20"),))
    assert list(due(failed, Q1)) == ["2022-12", "2023-02"]
    again = project(started=started, paused=(day("02-01"), day("03-02")), resumed=(day("02-20"),))
    assert list(due(again, Q1)) == ["2022-12"]


def test_no_report_is_due_for_the_months_between_a_closing_and_a_reopening() -> None:
    again = project(started=day("2022-12-10"), paused=(day("01-04"),), resumed=(day("03-02"),))
    assert list(due(again, span("2023-H1"))) == ["2023-03", "2023-04", "2023-05"]


def test_what_is_asked_after_the_period_changes_nothing_in_it() -> None:
    started = day("2022-12-10")
    assert counted("reports_due", project(started=started, paused=(day("04-03"),))) == 3


def test_reports_made_are_those_of_the_due_ones_that_were_there_at_the_periods_end() -> None:
    made = {
        "2022-11": day("2022-12-03"),
        "2022-12": day("01-05"),
        "2023-01": day("03-31"),
        "2023-02": day("04-01"),
        "2023-03": day("03-31"),
    }
    assert counted("reports_made", project(started=day("2022-11-10"), reports=made)) == 2


def test_problems_are_those_found_in_the_period_and_rectified_by_its_end() -> None:
    problems = {
        "before": Problem(day("2022-12-31"), day("01-10")),
        "first day": Problem(day("01-01"), day("03-31")),
        "last day": Problem(day("03-31"), day("04-01")),
        "open": Problem(day("02-01")),
        "after": Problem(day("04-01")),
    }
    facts = project(problems=problems)
    assert counted("problems_found", facts) == 3
    assert counted("problems_rectified", facts) == 1


def test_reports_and_problems_count_of_a_project_of_any_year() -> None:
    carried_over = project("2022-01-10", year=2022, started=day("2022-02-01"), problems={"p": Problem(day("02-01"))})
    assert counted("reports_due", carried_over) == 3
    assert counted("problems_found", carried_over) == 1


def test_the_projects_of_a_subtree_add_up() -> None:
    assert counted("projects_approved", project(), project(), project()) == 3
