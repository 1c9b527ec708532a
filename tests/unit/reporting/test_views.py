"""The other views of reporting: each row as its subject's events make it."""

from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from services.reporting.views import (
    ALERT,
    BRAND,
    BULLETIN,
    CAMPAIGN,
    CASE,
    HISTORY,
    HONOUR,
    INSPECTION,
    LAMP,
    MEASURES,
    NOTICE,
    RESULTS,
    SCHEME,
    VISIT,
)
from shared.contracts import alert as a
from shared.contracts import bulletin as b
from shared.contracts import cases as c
from shared.contracts import honours as h
from shared.contracts import progress as p
from shared.contracts import project as q
from shared.contracts import scoring as s
from shared.contracts import unit_metrics as m
from shared.contracts import visits as v
from shared.view import View
from tests.projecting import History, assert_any_order_and_twice
from tests.unit.reporting.builders import (
    Story,
    approved,
    campaign_opened,
    day,
    folded,
    inspected,
    interleavings,
    proposed,
    reported,
    submitted,
)

PROJECT = "018c0000-0000-7000-8000-000000000001"


def row(view: View[Any], story: Story) -> Any:
    return folded(view, story.events)


def life() -> Story:
    return (
        Story(f"project-{PROJECT}")
        .then("2023-01-03", proposed(), submitted(), approved())
        .then("2023-02-01", reported("2023-01", "10"))
        .then("2023-02-02", q.ProjectStarted(), inspected())
    )


def test_a_history_has_every_event_the_newest_first() -> None:
    history = row(HISTORY, life())
    assert [entry.version for entry in history.entries] == [6, 5, 4, 3, 2, 1]
    assert history.entries[0].type == p.ProjectInspected.type
    assert history.entries[2].data["percent"] == "10"


@given(st.data())
def test_any_interleaving_of_the_two_topics_gives_the_same_history(data: st.DataObject) -> None:
    events = life().events
    assert folded(HISTORY, data.draw(interleavings(events))) == folded(HISTORY, events)


def test_a_brand_is_of_a_unit_and_a_county() -> None:
    recognised = q.BrandRecognised(name="红色驿站", unit="340822101", county="340822", project=PROJECT)
    brand = row(BRAND, Story("brand-1").then("2023-05-04", recognised))
    assert (brand.name, brand.unit, brand.recognised) == ("红色驿站", "340822101", day("2023-05-04"))


def test_a_campaign_is_named_by_what_inspections_call_it() -> None:
    campaign = row(CAMPAIGN, Story("campaign-mid-term-2023").then("2023-06-02", campaign_opened()))
    assert (campaign.id, campaign.county, campaign.year, campaign.kind) == (
        "mid-term-2023",
        "340822",
        2023,
        p.CampaignKind.MID_TERM,
    )
    assert [group.name for group in campaign.groups] == ["第1评估组", "第2评估组", "第3评估组", "第4评估组"]


def test_an_inspection_of_a_village_names_the_village() -> None:
    visit = p.UnitInspected(campaign="c", group="g1", unit="340822101203", county="340822")
    inspection = row(INSPECTION, Story("inspection-1").then("2023-06-12", visit))
    assert (inspection.unit, inspection.day) == ("340822101203", day("2023-06-12"))


def lamp(colour: a.Lamp, was: a.Lamp | None) -> a.LampChanged:
    return a.LampChanged(
        project=PROJECT,
        owner="340822101",
        county="340822",
        lamp=colour,
        was=was,
        scheduled=Decimal(60),
        actual=Decimal(40),
        as_of=day("2023-06-30"),
        reason="落后序时 20 个百分点",
    )


def test_a_lamp_is_what_it_last_changed_to() -> None:
    story = Story(f"lamp-{PROJECT}").then("2023-01-03", lamp(a.Lamp.GREEN, None))
    story.then("2023-07-06", lamp(a.Lamp.YELLOW, a.Lamp.GREEN))
    shown = row(LAMP, story)
    assert (shown.lamp, shown.was, shown.since) == (a.Lamp.YELLOW, a.Lamp.GREEN, day("2023-07-06"))


def raised(episode: int) -> a.AlertRaised:
    return a.AlertRaised(
        rule="behind-schedule",
        subject=f"project-{PROJECT}",
        owner="340822101",
        county="340822",
        episode=episode,
        lamp=a.Lamp.YELLOW,
        title="落后于序时进度",
        text="落后序时 20 个百分点",
        as_of=day("2023-06-30"),
    )


def test_an_alert_is_open_from_its_raising_to_its_clearing_and_again_in_the_next_episode() -> None:
    story = Story("alert-behind-schedule-x").then("2023-07-06", raised(1))
    first = row(ALERT, story)
    assert (first.open, first.lamp) == (True, a.Lamp.YELLOW)
    story.then("2023-08-06", a.AlertUpdated(episode=1, lamp=a.Lamp.RED, text="落后 31", as_of=day("2023-07-31")))
    worse = row(ALERT, story)
    assert (worse.lamp, worse.text, worse.raised) == (a.Lamp.RED, "落后 31", first.raised)
    assert worse.changed > first.changed
    story.then("2023-08-20", a.AlertCleared(episode=1, text="已赶上", as_of=day("2023-07-31")))
    assert not row(ALERT, story).open
    assert (row(ALERT, story.then("2023-09-06", raised(2))).open, row(ALERT, story).episode) == (True, 2)


def test_a_notice_goes_from_issued_over_signed_to_replied() -> None:
    issued = a.NoticeIssued(
        kind=a.NoticeKind.WARNING,
        number="怀组督〔2023〕1号",
        county="340822",
        unit="340822101",
        addressee="wang",
        subject="石牌镇",
        title="部分项目落后",
        reason="连续两个月落后",
        sign_by=day("2023-06-12"),
        reply_by=day("2023-06-26"),
    )
    story = Story("notice-1").then("2023-06-08", issued)
    assert row(NOTICE, story).reply_by == day("2023-06-26")
    story.then("2023-06-09", a.NoticeSigned()).then("2023-06-19", a.NoticeReplied(text="已会商"))
    notice = row(NOTICE, story)
    assert (notice.signed, notice.replied) == (day("2023-06-09"), day("2023-06-19"))


def scheme(version: int, *sizes: int) -> s.SchemePublished:
    def index(key: s.IndexId, size: int) -> s.Index:
        indicators = tuple(
            s.Indicator(
                id=f"i{n}",
                name=f"指标{n}",
                weight=Decimal(1),
                source=s.Deduct(occurrences=s.Metric.PROBLEMS_FOUND, each=Decimal(2), floor=Decimal(60)),
            )
            for n in range(size)
        )
        return s.Index(id=key, name=key.value, weight=Decimal(30), indicators=indicators)

    return s.SchemePublished(
        county="340822",
        name="怀宁县红色指数",
        version=version,
        indices=tuple(index(key, size) for key, size in zip(s.IndexId, sizes, strict=True)),
    )


def test_a_scheme_keeps_the_number_of_indicators_of_every_version() -> None:
    story = Story("scheme-340822").then("2022-11-01", scheme(1, 4, 5, 6)).then("2023-03-01", scheme(2, 5, 5, 5))
    shown = row(SCHEME, story)
    assert [[index.indicators for index in version.indices] for version in shown.versions] == [[4, 5, 6], [5, 5, 5]]
    assert shown.versions[1].day == day("2023-03-01")


def results(total: str) -> s.ResultsPublished:
    scores = tuple(s.IndexScore(id=key, points=Decimal(total)) for key in s.IndexId)
    result = s.UnitResult(
        unit="340822101", total=Decimal(total), grade=None, rank=1, rank_before=3, indices=scores, indicators=()
    )
    return s.ResultsPublished(county="340822", period="2023-Q1", scheme_version=1, results=(result,))


def test_results_published_anew_take_the_place_of_the_former_ones() -> None:
    story = Story("period-340822-2023-Q1").then("2023-04-12", results("91.5")).then("2023-04-14", results("92.25"))
    shown = row(RESULTS, story)
    assert (shown.results[0].total, shown.day) == (Decimal("92.25"), day("2023-04-14"))


def manuscript(title: str) -> b.Manuscript:
    return b.Manuscript(
        series="安庆组工信息",
        publisher="中共安庆市委组织部研究室",
        city="340800",
        plan_year=2023,
        editor_note="全市共立项{city.projects}个",
        sections=(b.Section(unit="340822", title=title, paragraphs=("{projects}个",)),),
        report_to="报",
        send_to="送",
        publish_to="发",
    )


def test_a_bulletin_is_its_last_manuscript_until_it_is_issued_with_its_figures() -> None:
    story = Story("bulletin-1").then("2023-08-20", b.BulletinDrafted(manuscript=manuscript("初稿")))
    story.then("2023-08-21", b.BulletinDrafted(manuscript=manuscript("二稿")))
    draft = row(BULLETIN, story)
    assert (draft.manuscript.sections[0].title, draft.issue, draft.day) == ("二稿", None, None)
    figures = (b.FigureCounted(unit="340822", key="projects", value="269"),)
    issued = b.BulletinIssued(issue=23, year=2023, day=day("2023-08-22"), figures=figures, text="全文")
    shown = row(BULLETIN, story.then("2023-08-22", issued))
    assert (shown.issue, shown.figures, shown.text, shown.manuscript.sections[0].title) == (23, figures, "全文", "二稿")


def test_a_visit_has_its_suggestions_and_the_days_on_which_its_difficulties_were_solved() -> None:
    held = v.VisitHeld(leader="li", stage=v.VisitStage.REVIEW, unit="340822101", county="340822", on=day("2023-05-03"))
    story = Story("visit-1").then("2023-05-04", held, v.SuggestionCollected(suggestion="s1", text="建议"))
    story.then("2023-05-05", *(v.DifficultyRaised(difficulty=d, text=f"难点{d}") for d in ("d1", "d2")))
    story.then("2023-06-01", v.DifficultyTakenOn(difficulty="d1", by="县财政局"))
    story.then("2023-06-02", v.DifficultySolved(difficulty="d1", how="已拨付"))
    visit = row(VISIT, story)
    assert (visit.unit, visit.county, visit.held) == ("340822101", "340822", day("2023-05-03"))
    assert [(s.id, s.text, s.day) for s in visit.suggestions] == [("s1", "建议", day("2023-05-04"))]
    assert [(d.id, d.text, d.day, d.solved) for d in visit.difficulties] == [
        ("d1", "难点d1", day("2023-05-05"), day("2023-06-02")),
        ("d2", "难点d2", day("2023-05-05"), None),
    ]
    times = [event.time for event in story.events]
    assert (visit.changed, visit.difficulties[0].solved_at) == (times[-1], times[-1])


def test_a_case_has_its_columns() -> None:
    selected = c.CaseSelected(title="一宅两院", unit="340822101", county="340822", summary="摘要")
    published = c.CasePublished(column=c.CaseColumn.RESULTS, title="晒成效", text="全文")
    case = row(CASE, Story("case-1").then("2023-05-04", selected).then("2023-05-09", published))
    assert (case.title, case.unit, case.county) == ("一宅两院", "340822101", "340822")
    assert [(p.column, p.day) for p in case.publications] == [(c.CaseColumn.RESULTS, day("2023-05-09"))]
    assert case.changed == case.publications[0].recorded


def test_an_honour_is_of_a_unit_and_a_day() -> None:
    recorded = h.HonourRecorded(
        kind=h.HonourKind.CASE,
        level=h.HonourLevel.PROVINCE,
        unit="340822101",
        county="340822",
        title="典型案例",
        day=day("2023-05-03"),
        given_by="省委",
    )
    honour = row(HONOUR, Story("honour-1").then("2023-05-04", recorded))
    assert (honour.kind, honour.level, honour.title) == (h.HonourKind.CASE, h.HonourLevel.PROVINCE, "典型案例")
    assert (honour.unit, honour.county, honour.day) == ("340822101", "340822", day("2023-05-03"))


def test_a_corrected_value_stands_after_the_one_that_it_corrects() -> None:
    village, end = "340822101201", day("2022-12-31")
    first = m.MetricRecorded(
        metric="village_income", unit=village, county="340822", value=Decimal(40), measure="万元", day=end
    )
    corrected = m.MetricCorrected(metric="village_income", day=end, was=Decimal(40), value=Decimal(60), reason="误填")
    measures = row(MEASURES, Story(f"metrics-{village}").then("2023-05-04", first).then("2023-05-09", corrected))
    assert [(r.day, r.value, r.measure) for r in measures.readings] == [
        (end, Decimal(40), "万元"),
        (end, Decimal(60), "万元"),
    ]
    assert (measures.unit, measures.changed) == (village, measures.readings[1].recorded)


def test_the_views_around_projects_take_copies_for_nothing_new() -> None:
    history = History()
    visit = v.VisitHeld(leader="li", stage=v.VisitStage.REVIEW, unit="340822101", county="340822", on=day("2023-03-01"))
    history.tell("visit-1", visit, v.DifficultyRaised(difficulty="d1", text="难点"))
    selected = c.CaseSelected(title="一宅两院", unit="340822101", county="340822", summary="摘要")
    history.tell("case-1", selected, c.CasePublished(column=c.CaseColumn.RESULTS, title="晒成效", text="全文"))
    measured = m.MetricRecorded(
        metric="village_income",
        unit="340822101201",
        county="340822",
        value=Decimal(40),
        measure="万元",
        day=day("2022-12-31"),
    )
    history.tell("metrics-340822101201", measured)
    history.tell("visit-1", v.DifficultySolved(difficulty="d1", how="已办"))
    for view in (VISIT, CASE, MEASURES):
        assert_any_order_and_twice(view, history, history.events)
