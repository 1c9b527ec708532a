"""The views of scoring: what they fold, in any order of the topics and twice."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given

from services.scoring.facts import BrandFacts, Carried, Problem, ProjectFacts
from services.scoring.views import (
    BRAND,
    PROJECT,
    RESULTS,
    SCHEME,
    SHEET,
    ResultsRow,
    SchemeRow,
    SchemeVersion,
    SheetRow,
)
from shared.contracts.assessment import Channel
from shared.contracts.progress import ProblemFound, ProgressCorrected, ProgressReported, RectificationVerified, Severity
from shared.contracts.project import (
    AcceptanceFailed,
    AcceptanceRequested,
    BrandRecognised,
    PlanApproved,
    ProjectCarriedOver,
    ProjectClosed,
    ProjectReopened,
    ProjectStarted,
    ProjectTerminated,
)
from shared.view import View
from tests.projecting import History, Told, assert_any_order_and_twice, fold_all, interleavings
from tests.unit.registry.builders import proposed
from tests.unit.scoring.build import ASSESSOR, COUNTY, INDICES, PERIOD, TOWN, scheme_published, sheet_submitted
from tests.unit.scoring.test_period import PUBLISHED, RESULT

PROJECT_KEY = "project-0190a1b2-0000-7000-8000-000000000001"


def problem(id: str) -> ProblemFound:
    """A problem was found."""
    return ProblemFound(
        problem=id,
        inspection="i1",
        campaign="c1",
        group="g1",
        severity=Severity.MINOR,
        text="公示栏没有更新",
        due=date(2023, 4, 30),
    )


def history() -> History:
    """A project's life, each fact on a day of its own."""
    told = History()
    told.tell(PROJECT_KEY, proposed(), on=date(2022, 12, 1))
    told.tell(PROJECT_KEY, PlanApproved(round=1, number="怀组〔2022〕1号", report_day=9), on=date(2022, 12, 20))
    told.tell(PROJECT_KEY, ProjectStarted(reports_from="2023-02"), on=date(2023, 1, 3))
    told.tell(PROJECT_KEY, ProgressReported(month="2023-01", percent=Decimal(20)), on=date(2023, 2, 2))
    told.tell(PROJECT_KEY, problem("p1"), problem("p2"), on=date(2023, 2, 10))
    told.tell(
        PROJECT_KEY,
        ProgressCorrected(month="2023-01", was=Decimal(20), percent=Decimal(15), reason="误报"),
        on=date(2023, 2, 12),
    )
    told.tell(PROJECT_KEY, AcceptanceRequested(summary="完成"), on=date(2023, 3, 1))
    told.tell(PROJECT_KEY, AcceptanceFailed(reason="p1 未整改"), on=date(2023, 3, 6))
    told.tell(PROJECT_KEY, RectificationVerified(problem="p1"), on=date(2023, 3, 8))
    told.tell(PROJECT_KEY, AcceptanceRequested(summary="完成"), on=date(2023, 3, 10))
    told.tell(PROJECT_KEY, ProjectClosed(number="怀组销〔2023〕1号"), on=date(2023, 3, 30))
    told.tell(PROJECT_KEY, ProjectReopened(closure="怀组销〔2023〕1号", reason="返潮"), on=date(2023, 4, 10))
    told.tell(PROJECT_KEY, ProjectCarriedOver(year=2024, reason="返潮"), on=date(2023, 11, 2))
    told.tell(PROJECT_KEY, ProjectTerminated(reason="拆迁"), on=date(2023, 12, 1))
    return told


HISTORY = history()


def test_a_projects_row_has_its_facts_with_their_days() -> None:
    fact = proposed()
    assert fold_all(PROJECT, HISTORY.events) == {
        PROJECT_KEY: ProjectFacts(
            owner=fact.owner,
            county=fact.county,
            title=fact.title,
            year=fact.year,
            approved=date(2022, 12, 20),
            report_day=9,
            started=date(2023, 1, 3),
            reports_from="2023-02",
            paused=(date(2023, 3, 1), date(2023, 3, 10), date(2023, 12, 1)),
            resumed=(date(2023, 3, 6), date(2023, 4, 10)),
            closed=(date(2023, 3, 30),),
            reopened=(date(2023, 4, 10),),
            carried=(Carried(2024, date(2023, 11, 2)),),
            reports={"2023-01": date(2023, 2, 2)},
            problems={"p1": Problem(date(2023, 2, 10), date(2023, 3, 8)), "p2": Problem(date(2023, 2, 10))},
        )
    }


@given(interleavings(HISTORY.by_topic()))
def test_any_order_of_the_topics_gives_the_same_row_and_so_do_copies(order: list[Told]) -> None:
    assert_any_order_and_twice(PROJECT, HISTORY, order)


def test_a_brand_is_its_unit_and_day() -> None:
    told = History()
    told.tell("brand-1", BrandRecognised(name="红色驿站", unit=TOWN, county=COUNTY), on=date(2023, 3, 3))
    assert fold_all(BRAND, told.events) == {"brand-1": BrandFacts(TOWN, COUNTY, "红色驿站", date(2023, 3, 3))}


def test_a_sheet_has_its_points_by_indicator() -> None:
    told = History("/guatu/scoring")
    told.tell("sheet-1", sheet_submitted(), on=date(2023, 4, 8))
    points = {"c2": Decimal(80), "b2": Decimal(90)}
    row = SheetRow(COUNTY, PERIOD, TOWN, Channel.FIELD_TEST, ASSESSOR, date(2023, 4, 8), points)
    assert fold_all(SHEET, told.events) == {"sheet-1": row}


def test_a_scheme_keeps_all_its_versions() -> None:
    told = History("/guatu/scoring")
    told.tell(f"scheme-{COUNTY}", scheme_published(), on=date(2023, 1, 1))
    told.tell(f"scheme-{COUNTY}", scheme_published(2), on=date(2023, 6, 1))
    versions = (
        SchemeVersion(1, "指数", date(2023, 1, 1), INDICES),
        SchemeVersion(2, "指数", date(2023, 6, 1), INDICES),
    )
    assert fold_all(SCHEME, told.events) == {f"scheme-{COUNTY}": SchemeRow(COUNTY, versions)}


def test_results_are_kept_as_they_were_published() -> None:
    told = History("/guatu/scoring")
    told.tell(f"period-{COUNTY}-{PERIOD}", PUBLISHED, on=date(2023, 4, 12))
    row = ResultsRow(COUNTY, PERIOD, 2, date(2023, 4, 12), (RESULT,))
    assert fold_all(RESULTS, told.events) == {f"period-{COUNTY}-{PERIOD}": row}


@pytest.mark.parametrize("view", [BRAND, SHEET, SCHEME, RESULTS], ids=lambda view: view.name)
def test_an_event_of_another_kind_changes_nothing(view: View[Any]) -> None:
    assert view.evolve(view.row(), HISTORY.events[1]) == view.row()
