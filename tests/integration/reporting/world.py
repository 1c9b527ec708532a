"""A small world for reporting: a city with two counties, people with roles in it, projects at several stages."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from shared.contracts import alert as a
from shared.contracts import progress as p
from shared.contracts import project as q
from shared.contracts import scoring as s
from shared.contracts.divisions import kind_of
from shared.contracts.event import EventData
from shared.contracts.reference import Appointed, PersonRegistered, Role, UnitRegistered
from tests.unit.reporting.builders import (
    Story,
    approved,
    campaign_opened,
    day,
    found,
    inspected,
    proposed,
    reported,
    submitted,
)
from tests.unit.reporting.test_views import scheme

TODAY = "2023-08-22"
PROVINCE, CITY, HUAINING, YUEXI = "340000", "340800", "340822", "340828"
SHIPAI, YUESHAN, VILLAGE = "340822101", "340822102", "340822101201"

UNITS = (
    (PROVINCE, "安徽省", None),
    (CITY, "安庆市", PROVINCE),
    (HUAINING, "怀宁县", CITY),
    (YUEXI, "岳西县", CITY),
    (SHIPAI, "石牌镇", HUAINING),
    (YUESHAN, "月山镇", HUAINING),
    (VILLAGE, "邓林村", SHIPAI),
    ("340828100", "天堂镇", YUEXI),
)
PERSONS = (
    ("sun", "孙督", Role.SUPERVISOR, CITY),
    ("li", "李县", Role.REVIEWER, HUAINING),
    ("wang", "王镇", Role.TOWNSHIP_SECRETARY, SHIPAI),
    ("yue", "岳审", Role.REVIEWER, YUEXI),
)


def id_of(n: int) -> str:
    """The id of the n-th project."""
    return f"018c0000-0000-7000-8000-{n:012}"


def project(n: int, owner: str, *, kind: q.ProjectKind = q.ProjectKind.SECRETARY, title: str = "") -> Story:
    """A project that was approved and started in January."""
    plan = proposed(owner=owner, county=owner[:6], kind=kind, title=title or f"项目{n}")
    story = Story(f"project-{id_of(n)}").then("2023-01-03", plan, submitted(), approved(f"怀组〔2023〕{n}号"))
    return story.then("2023-01-10", q.ProjectStarted())


def closed(story: Story) -> Story:
    """The same project, carried through to its closing."""
    reached = [p.MilestoneReached(milestone=m, on=day("2023-06-01")) for m in ("m1", "m2")]
    return story.then(
        "2023-06-01",
        *reached,
        q.AcceptanceRequested(summary="完成"),
        q.ProjectAccepted(signers=("甲",)),
        q.PublicNoticeIssued(number="公示1号", ends=day("2023-06-08")),
    ).then("2023-06-09", q.ProjectClosed(number="怀组销〔2023〕1号"))


def units() -> Iterator[Story]:
    """The tree of units."""
    for code, name, parent in UNITS:
        fact = UnitRegistered(code=code, name=name, kind=kind_of(code), parent=parent)
        yield Story(f"unit-{code}").then("2022-11-01", fact)


def persons() -> Iterator[Story]:
    """People, each with a role at one unit, and one without any."""
    for person, name, role, unit in PERSONS:
        appointed = Appointed(role=role, unit=unit, since=day("2022-11-01"))
        yield Story(f"person-{person}").then("2022-11-01", PersonRegistered(name=name), appointed)
    yield Story("person-nobody").then("2022-11-01", PersonRegistered(name="无职"))


def lamp(n: int, owner: str, colour: a.Lamp, reason: str = "按序时进度推进") -> Story:
    """The lamp of the n-th project."""
    changed = a.LampChanged(
        project=id_of(n),
        owner=owner,
        county=owner[:6],
        lamp=colour,
        was=None,
        scheduled=Decimal(80),
        actual=Decimal(40),
        as_of=day("2023-07-31"),
        reason=reason,
    )
    return Story(f"lamp-{id_of(n)}").then("2023-08-06", changed)


def alert(n: int, owner: str, colour: a.Lamp) -> Story:
    """The alert that the n-th project is behind schedule."""
    raised = a.AlertRaised(
        rule="behind-schedule",
        subject=id_of(n),
        owner=owner,
        county=owner[:6],
        episode=1,
        lamp=colour,
        title="落后于序时进度",
        text="截至2023年7月31日应完成80%，实际完成40%，落后40个百分点",
        as_of=day("2023-07-31"),
    )
    return Story(f"alert-behind-schedule-{id_of(n)}").then("2023-08-06", raised)


def notice(n: int, unit: str, reply_by: str, *then: EventData) -> Story:
    """A warning notice to a unit of 怀宁县."""
    issued = a.NoticeIssued(
        kind=a.NoticeKind.WARNING,
        number=f"怀组预〔2023〕{n}号",
        county=HUAINING,
        unit=unit,
        addressee="wang",
        subject="石牌镇",
        title="部分项目落后",
        reason="连续两个月落后",
        sign_by=day("2023-06-12"),
        reply_by=day(reply_by),
    )
    return Story(f"notice-{n}").then("2023-06-08", issued, *then)


def results(period: str, on: str, *ranked: tuple[str, str, int, int | None]) -> Story:
    """Published results of 怀宁县: unit, total, rank and rank before."""
    standings = tuple(
        s.UnitResult(
            unit=unit,
            total=Decimal(total),
            grade=None,
            rank=rank,
            rank_before=before,
            indices=tuple(s.IndexScore(id=index, points=Decimal(total)) for index in s.IndexId),
            indicators=(),
        )
        for unit, total, rank, before in ranked
    )
    fact = s.ResultsPublished(county=HUAINING, period=period, scheme_version=1, results=standings)
    return Story(f"period-{HUAINING}-{period}").then(on, fact)


def everything() -> list[Story]:
    """All streams. 怀宁县 has three secretary projects (one closed) and a led one, 岳西县 one; one is under review."""
    behind = project(1, SHIPAI, title="背街小巷“点亮工程”").then("2023-08-01", reported("2023-07", "40"))
    behind.then("2023-06-12", inspected(township=SHIPAI), found("p1", "2023-07-01"), found("p2", "2023-12-01"))
    on_track = project(3, YUESHAN).then("2023-08-01", reported("2023-07", "90"))
    led = project(4, HUAINING, kind=q.ProjectKind.LED).then("2023-08-01", reported("2023-07", "86"))
    under_review = Story(f"project-{id_of(6)}").then("2023-08-20", proposed(owner=VILLAGE, title="村民议事厅"))
    visit = p.UnitInspected(campaign="mid-2023", group="g2", unit=YUESHAN, county=HUAINING)
    return [
        *units(),
        *persons(),
        behind,
        closed(project(2, VILLAGE)),
        on_track,
        led,
        project(5, "340828100"),
        under_review,
        lamp(1, SHIPAI, a.Lamp.RED, "落后40个百分点"),
        lamp(2, VILLAGE, a.Lamp.GREY, "已销号"),
        lamp(3, YUESHAN, a.Lamp.GREEN),
        lamp(4, HUAINING, a.Lamp.GREEN),
        lamp(5, "340828100", a.Lamp.YELLOW, "落后12个百分点"),
        alert(1, SHIPAI, a.Lamp.RED),
        notice(1, SHIPAI, "2023-06-26"),
        notice(2, YUESHAN, "2023-06-26", a.NoticeSigned(), a.NoticeReplied(text="已会商")),
        Story("campaign-mid-2023").then("2023-06-02", campaign_opened()),
        Story("inspection-1").then("2023-06-13", visit),
        Story("brand-1").then("2023-05-04", q.BrandRecognised(name="红色驿站", unit=SHIPAI, county=HUAINING)),
        Story(f"scheme-{HUAINING}").then("2022-11-02", scheme(1, 5, 4, 6)),
        results("2023-Q1", "2023-04-12", (SHIPAI, "88.5", 1, None), (YUESHAN, "80", 2, None)),
        results("2023-Q2", "2023-07-12", (SHIPAI, "85.25", 2, 1), (YUESHAN, "91", 1, 2)),
    ]


def manuscript(**changes: Any) -> dict[str, Any]:
    """A manuscript as a command's body has it."""
    fields: dict[str, Any] = {
        "series": "安庆组工信息",
        "publisher": "中共安庆市委组织部研究室",
        "city": CITY,
        "plan_year": 2023,
        "editor_note": "截至目前，全市共立项{city.projects}个项目或事项。",
        "sections": [
            {
                "unit": HUAINING,
                "title": "怀宁县：“三化模式”扎实推进“书记项目”",
                "paragraphs": [
                    "**指数化管理。**各指数细分为{index_items}项核心指标，立项实施的{projects}个项目已完成{projects_done}个。",
                    "成立{evaluation_groups}个评估组对{townships_evaluated}个乡镇实地评估，指出{problems}个问题，"
                    "培育打造{brands}个品牌。",
                ],
            }
        ],
        "report_to": "市委组织部部务会成员。",
        "send_to": "各县（市、区）委组织部长。",
        "publish_to": "电子版发安庆先锋网。",
    }
    return {**fields, **changes}
