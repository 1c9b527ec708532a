"""Which figures a manuscript names, and the bulletin that it makes with their values."""

from datetime import UTC, datetime
from typing import Any

import pytest

from services.reporting.bulletin_page import Figure, Text, bulletin_text
from services.reporting.figures import FigureKey
from services.reporting.manuscript import Wanted, laid_out, wanted
from services.reporting.rendering import templates
from shared.contracts.bulletin import Manuscript, Section
from shared.errors import InvalidValue
from tests.unit.reporting.builders import day

HUAINING_PROJECTS = Wanted("340822", FigureKey.PROJECTS)
CITY_PROJECTS = Wanted("340800", FigureKey.PROJECTS)
NOTE = "截至目前，全市共立项{city.projects}个项目。"
PARAGRAPH = "**指数化管理。**各指数细分为{index_items}项，立项的{projects}个项目已完成{projects_done}个。"


def manuscript(note: str = NOTE, *paragraphs: str, unit: str = "340822") -> Manuscript:
    return Manuscript(
        series="安庆组工信息",
        publisher="中共安庆市委组织部研究室",
        city="340800",
        plan_year=2023,
        editor_note=note,
        sections=(Section(unit=unit, title="怀宁县：“三化模式”", paragraphs=paragraphs or (PARAGRAPH,)),),
        report_to="市委组织部部务会成员。",
        send_to="各县（市、区）委组织部长。",
        publish_to="电子版发安庆先锋网。",
    )


def test_a_manuscript_names_the_citys_figures_by_a_prefix_and_a_sections_by_their_names() -> None:
    assert wanted(manuscript()) == (
        CITY_PROJECTS,
        Wanted("340822", FigureKey.INDEX_ITEMS),
        HUAINING_PROJECTS,
        Wanted("340822", FigureKey.PROJECTS_DONE),
    )


def test_a_figure_named_twice_is_wanted_once() -> None:
    assert wanted(manuscript(NOTE, "{projects}、{projects}、全市{city.projects}")) == (CITY_PROJECTS, HUAINING_PROJECTS)


@pytest.mark.parametrize(
    ("text", "code", "place"),
    [
        (manuscript("全市{projects}个"), "no_such_figure", "manuscript.editor_note"),
        (manuscript("全市{city.brands}个"), "no_such_figure", "manuscript.editor_note"),
        (manuscript(NOTE, "好", "有{speed}个"), "no_such_figure", "manuscript.sections.0.paragraphs.1"),
        (manuscript(NOTE, "有{projects}个", unit="340822101"), "no_such_figure", "manuscript.sections.0.paragraphs.0"),
        (manuscript(NOTE, "有{projects个"), "stray_brace", "manuscript.sections.0.paragraphs.0"),
        (manuscript(NOTE, "有projects}个"), "stray_brace", "manuscript.sections.0.paragraphs.0"),
        (manuscript(NOTE, "**立项{projects}个。**"), "stray_brace", "manuscript.sections.0.paragraphs.0"),
    ],
)
def test_what_is_no_figure_is_refused_with_its_place(text: Manuscript, code: str, place: str) -> None:
    with pytest.raises(InvalidValue) as refused:
        wanted(text)
    assert (refused.value.code, refused.value.field) == (code, place)


def page(text: Manuscript, **changes: Any) -> Any:
    figures = {name: str(100 + n) for n, name in enumerate(wanted(text))}
    fields: dict[str, Any] = {"issue": 23, "day": day("2023-08-22"), "draft": False, "as_of": datetime.now(UTC)}
    return laid_out(text, figures, **{**fields, **changes})


def test_each_figure_is_filled_in_and_leads_to_its_facts() -> None:
    shown = page(manuscript())
    assert shown.editor_note[1] == Figure("100", "projects", "/figures/projects?unit=340800&year=2023&day=2023-08-22")
    assert shown.sections[0].paragraphs[0] == (
        Text("指数化管理。", strong=True),
        Text("各指数细分为"),
        Figure("101", "index_items", "/figures/index_items?unit=340822&year=2023&day=2023-08-22"),
        Text("项，立项的"),
        Figure("102", "projects", "/figures/projects?unit=340822&year=2023&day=2023-08-22"),
        Text("个项目已完成"),
        Figure("103", "projects_done", "/figures/projects_done?unit=340822&year=2023&day=2023-08-22"),
        Text("个。"),
    )


def test_a_figure_that_was_not_counted_leaves_no_gap_but_fails() -> None:
    with pytest.raises(KeyError):
        laid_out(manuscript(), {}, issue=23, day=day("2023-08-22"), draft=False, as_of=datetime.now(UTC))


def test_the_text_has_the_masthead_the_figures_and_the_foot() -> None:
    text = bulletin_text(templates(), page(manuscript()))
    for part in ("第 23 期", "2023年8月22日", "全市共立项100个项目", "立项的102个项目已完成103个", "报：市委组织部"):
        assert part in text
    assert "{" not in text
    assert "草稿" not in text
    assert "草稿" in bulletin_text(templates(), page(manuscript(), draft=True))
