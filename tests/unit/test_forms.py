"""Forms: dotted names become content and back, rows come and go, and nothing that was filled in is lost."""

from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.registry.commands.reviewing import SubmitPlan
from shared.errors import BadRequest, RuleViolation, StaleVersion
from shared.web.forms import Form, Forms, changed_rows, compact, content, flat, next_id, read, with_ids
from shared.web.pages import environment
from shared.web.posts import refused, see_other
from tests.unit.registry.builders import submit


def body(**fields: str) -> bytes:
    return urlencode(fields).encode()


def test_a_plan_that_fills_in_a_form_comes_back_out_of_it():
    plan = submit()
    assert SubmitPlan.model_validate(content(flat(plan.model_dump(mode="json")))) == plan


NAMES = st.from_regex(r"[a-z]{1,4}", fullmatch=True)
TEXTS = st.text(st.characters(min_codepoint=33, max_codepoint=0x9FFF, categories=("L", "N")), min_size=1, max_size=5)
TREES = st.recursive(
    TEXTS,
    lambda each: st.dictionaries(NAMES, each, min_size=1, max_size=3) | st.lists(each, min_size=1, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(NAMES, TREES, min_size=1, max_size=4))
def test_whatever_is_laid_flat_can_be_put_together_again(tree: dict[str, Any]):
    fields = flat(tree)
    if all(path.count(".") < 6 for path in fields):
        assert content(fields) == tree


def test_blank_fields_are_as_if_they_were_not_there():
    assert content({"note": " ", "four_ones.project": " 点亮 ", "measures.1": "一", "measures.0": ""}) == {
        "four_ones": {"project": "点亮"},
        "measures": ["一"],
    }


@pytest.mark.parametrize("fields", [{"a": "1", "a.b": "2"}, {"a.b": "2", "a": "1"}, {"a.b.c.d.e.f.g": "1"}])
def test_names_that_contradict_each_other_are_refused(fields: dict[str, str]):
    with pytest.raises(BadRequest):
        content(fields)


@pytest.mark.parametrize("sent", [b"a=%ff", b"a=%00", b"&".join(b"a%d=1" % n for n in range(1001))])
def test_a_body_that_is_no_form_is_refused(sent: bytes):
    with pytest.raises(BadRequest):
        read(sent)


def test_what_a_form_hides_is_not_among_its_fields():
    posted = read(body(_form="plan", _key="k1", _version="7", _verb="submit-plan", _rows="add team", goal="一\r\n二"))
    assert (posted.form.name, posted.form.key, posted.form.version) == ("plan", "k1", 7)
    assert (posted.verb, posted.rows, posted.form.fields) == ("submit-plan", "add team", {"goal": "一\n二"})
    assert read(body(_version="x")).form.version is None


ROWS = {
    "title": "点亮",
    "milestones.0.id": "m1",
    "milestones.0.title": "",
    "milestones.1.id": "m2",
    "milestones.1.title": "验收",
    "milestones.3.id": "m4",
    "milestones.3.title": "移交",
}


def test_blank_rows_are_left_out_and_the_others_numbered_anew():
    assert compact(ROWS, {"id"}) == {
        "title": "点亮",
        "milestones.0.id": "m2",
        "milestones.0.title": "验收",
        "milestones.1.id": "m4",
        "milestones.1.title": "移交",
    }


def test_a_row_is_added_and_taken_away_without_losing_the_others():
    form = Form("plan", ROWS)
    more = changed_rows(form, "add milestones", {"id"})
    assert (more.rows("milestones"), more.value("milestones.1.title"), more.key) == (3, "移交", form.key)
    less = changed_rows(form, "drop milestones.1", {"id"})
    assert (less.rows("milestones"), less.value("milestones.0.title")) == (1, "移交")
    assert changed_rows(Form("plan"), "add measures").rows("measures") == 2


def test_a_new_row_gets_the_next_free_id():
    fields = with_ids(
        {"milestones.0.id": "m1", "milestones.1.title": "二", "milestones.2.title": "三"}, "milestones", "id", "m"
    )
    assert [fields[f"milestones.{n}.id"] for n in range(3)] == ["m1", "m2", "m3"]
    assert next_id("p", {"p1", "p2"}) == "p3"


def test_a_rule_stands_at_the_field_that_it_names_and_above_the_form():
    form = Form("plan", {"milestones.0.weight": "90"})
    told = refused(form, RuleViolation("weights_not_100", "milestones", {"total": "90"}))
    assert (told.status, set(told.form.errors), told.form.key) == (409, {"milestones"}, form.key)
    whole = refused(form, RuleViolation("not_under_review", "project"))
    assert (whole.form.errors, whole.form.fields) == ({}, form.fields)
    assert whole.form.refusal


def test_rules_that_are_broken_together_stand_each_at_its_field():
    weights = RuleViolation("weights_not_100", "milestones", {"total": "90"})
    term = {"milestone": "移交", "due": "2023-12-01", "starts": "2023-01-01", "ends": "2023-10-01"}
    outside = RuleViolation("milestone_outside_the_term", "milestones.0.due", term, (weights,))
    told = refused(Form("plan", {"milestones.0.due": "2023-12-01"}), outside).form
    assert set(told.errors) == {"milestones.0.due", "milestones"}
    assert told.refusal == "".join(told.errors.values())


def test_a_form_that_is_out_of_date_takes_the_present_version():
    told = refused(Form("plan", version=3), StaleVersion("stale_version", "If-Match", {"version": 5}))
    assert (told.status, told.form.version) == (412, 5)


def test_only_the_refused_form_of_a_page_keeps_what_was_sent():
    forms = Forms(Form("one", {"text": "填过"}))
    assert forms.of("one", {"text": "原有"}).value("text") == "填过"
    assert forms.of("two", {"text": "原有"}, version=4).value("text") == "原有"
    assert forms.left is None


def test_a_refused_form_that_the_page_has_no_place_for_is_left():
    forms = Forms(Form("one", refusal="已经报过"))
    forms.of("two")
    assert forms.left == Form("one", key=forms.left.key, refusal="已经报过")
    assert Forms().left is None


def test_the_next_page_is_told_what_was_written():
    assert see_other("/x?y=1", "project-1@project=2", "start").headers["location"] == (
        "/x?y=1&at=project-1%40project%3D2&done=start"
    )
    assert see_other("/x").headers["location"] == "/x"


def test_an_error_is_tied_to_its_field_and_the_first_has_the_focus():
    form = Form("plan", {"goal": '"<b>'}, errors={"ends": "必须填写", "goal": "太长"}, refusal="有 2 处")
    fields = '{{ f.text(form, "goal", "目标", rows=2) }}{{ f.text(form, "ends", "止", type="date") }}'
    source = '{% import "forms.html" as f %}{{ f.refusal(form) }}' + fields
    shown = environment().from_string(source).render(form=form)
    assert shown.count("autofocus") == 1
    assert (
        'id="plan-ends" name="ends" type="date" value="" autocomplete="off" aria-describedby="plan-ends-error"' in shown
    )
    assert shown.count('aria-invalid="true"') == 2
    assert "&#34;&lt;b&gt;" in shown
