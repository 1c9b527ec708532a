"""A bulletin reads the same as a page and as text, and every figure leads to its source."""

import html
import re
from datetime import date

import pytest

from services.reporting.bulletin_page import (
    BulletinPage,
    Figure,
    Instruction,
    Text,
    bulletin_html,
    bulletin_text,
    paragraph,
)
from services.reporting.wall_page import wall_environment
from tests.unit.bulletin_sample import FIGURES, bulletin, page

TEMPLATES = wall_environment()


def sheet(shown: BulletinPage) -> str:
    made = bulletin_html(TEMPLATES, page(), shown, "/bulletins/1.txt")
    return made[made.index("<article") : made.index("</article>")]


def characters(text: str) -> str:
    return re.sub(r"\s", "", html.unescape(re.sub(r"<[^>]+>", "", text)))


def test_a_paragraph_has_its_figures_filled_and_its_lead_strong():
    count = Figure("269", "projects", "/p")
    assert paragraph("**指数化管理。**立项{projects}个。", {"projects": count}) == (
        Text("指数化管理。", strong=True),
        Text("立项"),
        count,
        Text("个。"),
    )
    assert paragraph("{projects}", {"projects": count}) == (count,)


def test_a_figure_that_nobody_counted_is_an_error():
    with pytest.raises(KeyError, match="problems"):
        paragraph("指出{problems}个问题", {"city": FIGURES["city"]})


def test_every_figure_is_a_link_to_its_source():
    made = sheet(bulletin())
    for figure in FIGURES.values():
        assert f'data-figure="{figure.key}" href="{figure.href}">{figure.text}</a>' in made


def test_page_and_text_say_the_same():
    assert characters(sheet(bulletin())) == characters(bulletin_text(TEMPLATES, bulletin()))


def test_the_text_has_all_its_parts_in_order():
    text = bulletin_text(TEMPLATES, bulletin())
    parts = (
        "安庆组工信息\n",
        "第 23 期\n",
        "中共安庆市委组织部研究室　　2023年8月22日\n",
        "领导批示：\n",
        "　　编者按：近年来",
        "　　△怀宁县：“三化模式”",
        "　　指数化管理。",
        "已完成197个。",
        "报：市委",
        "送：各县",
        "发：电子版",
    )
    places = [text.index(part) for part in parts]
    assert places == sorted(places)
    assert text.endswith("发：电子版发安庆先锋网。\n")


def test_a_draft_is_called_so_and_an_issued_one_is_not():
    assert "草稿" in sheet(bulletin(draft=True))
    assert 'class="sheet unissued"' in sheet(bulletin(draft=True))
    assert bulletin_text(TEMPLATES, bulletin(draft=True)).startswith("【草稿，未签发】")
    assert "草稿" not in bulletin_html(TEMPLATES, page(), bulletin(), "/")
    assert "草稿" not in bulletin_text(TEMPLATES, bulletin())


def test_an_instruction_stands_in_its_box_with_leader_and_day():
    shown = BulletinPage(
        **(vars(bulletin()) | {"instructions": (Instruction("程亮", date(2023, 8, 25), "请各地学习借鉴。"),)})
    )
    box = re.search(r'<section class="instruction".*?</section>', sheet(shown), re.S)
    assert box is not None
    assert "请各地学习借鉴。" in box[0]
    assert "程　亮　2023年8月25日" in box[0]
    assert "请各地学习借鉴。" in bulletin_text(TEMPLATES, shown)


def test_text_is_not_escaped_and_the_page_is():
    shown = BulletinPage(**(vars(bulletin()) | {"series": "A & B"}))
    assert "A & B" in bulletin_text(TEMPLATES, shown)
    assert "A &amp; B" in sheet(shown)
