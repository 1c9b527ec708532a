"""The page kit: wording, the desk's frame, its components, safe headers, static files."""

import re
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from fastapi import FastAPI, Response
from httpx import ASGITransport, AsyncClient
from jinja2 import UndefinedError

from shared.web import wording
from shared.web.headers import SECURITY_HEADERS, SecurityHeaders
from shared.web.pages import AsOf, Crumb, Knowledge, Page, SignedIn, Step, StepState, environment
from shared.web.static_files import STATIC, mount_static, static

ROOT = Path(__file__).parents[2]
AT = datetime(2023, 8, 22, 10, 0, tzinfo=UTC)
TEMPLATES = environment()


def desk(**changes: object) -> str:
    fields: dict[str, object] = {
        "title": "在册项目",
        "section": "projects",
        "crumbs": (Crumb("岳西县", "/units/340828"), Crumb("在册项目")),
        "as_of": AsOf(AT),
        "person": SignedIn("程亮", "岳西县委组织部"),
    }
    return TEMPLATES.get_template("desk.html").render(page=Page(**(fields | changes)))  # pyright: ignore


def part(source: str, **context: object) -> str:
    return TEMPLATES.from_string('{% import "components.html" as c %}' + source).render(context)


@pytest.mark.parametrize(
    ("value", "places", "text"),
    [
        (12400, 0, "12,400"),
        (Decimal("-12.65"), 1, "−12.7"),
        (Decimal("12.65"), 1, "12.7"),
        (Decimal("0.125"), 2, "0.13"),
        (Decimal("-0.04"), 1, "0.0"),
        (0, 0, "0"),
        (None, 1, "待报"),
    ],
)
def test_a_number_is_written_half_up_with_a_true_minus(value: int | Decimal | None, places: int, text: str):
    assert wording.number(value, places) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [("5.45", "+5.5"), ("-12.65", "−12.7"), ("0.04", "0.0"), ("-0.04", "0.0"), ("0.05", "+0.1")],
)
def test_a_difference_has_its_sign_unless_it_shows_as_zero(value: str, text: str):
    assert wording.signed(Decimal(value)) == text


def test_a_missing_difference_is_pending():
    assert wording.signed(None) == "待报"


def test_days_and_moments_are_chinas():
    assert wording.day(date(2023, 8, 2)) == "2023-08-02"
    assert wording.day_in_words(date(2023, 8, 2)) == "2023年8月2日"
    assert wording.moment(datetime(2023, 8, 22, 16, 30, tzinfo=UTC)) == "2023-08-23 00:30"


@pytest.mark.parametrize(("name", "text"), [("程亮", "程　亮"), ("储成斌", "储成斌"), ("欧阳小芳", "欧阳小芳")])
def test_a_name_of_two_characters_is_spread(name: str, text: str):
    assert wording.person(name) == text


def test_the_frame_shows_place_person_and_moment():
    html = desk()
    assert "<title>在册项目 · 书记项目管理平台</title>" in html
    assert '<a href="/units/340828">岳西县</a>' in html
    assert '<a href="/registry/desk/projects" aria-current="page">项目</a>' in html
    assert "程　亮" in html
    assert "2023-08-22 18:00" in html
    assert "（最新）" in html
    assert html.count("<h1>") == 1


def test_a_past_moment_is_not_called_the_latest():
    html = desk(as_of=AsOf(AT, Knowledge.PAST))
    assert "按当时所知" in html
    assert "最新" not in html


def test_who_is_not_signed_in_can_sign_in():
    html = desk(person=None)
    assert 'href="/sign-in"' in html
    assert "/sign-out" not in html


def test_sample_data_is_called_so():
    assert "示例数据" not in desk()
    page = Page("总览", "overview", (), None, None)
    assert "示例数据" in environment(sample=True).get_template("desk.html").render(page=page)


def test_what_people_wrote_is_escaped():
    assert "<b>" not in desk(title="<b>危", crumbs=(), person=None)
    assert "&lt;b&gt;危" in desk(title="<b>危")


def test_a_name_that_no_one_gave_is_an_error():
    with pytest.raises(UndefinedError):
        TEMPLATES.from_string("{{ nobody }}").render()


def test_a_problem_has_a_page():
    html = TEMPLATES.get_template("error.html").render(
        status=403, title="无权查看", detail="不在您的辖区内。", code="outside_subtree", reference="4bf9"
    )
    for text in ("无权查看", "不在您的辖区内。", "403 outside_subtree", "4bf9"):
        assert text in html


@pytest.mark.parametrize(
    ("due", "words"),
    [
        (date(2023, 8, 21), '<span class="chip red">逾期 1 天</span>'),
        (date(2023, 8, 22), '<span class="note">今天到期</span>'),
        (date(2023, 9, 5), '<span class="note">还有 14 天</span>'),
    ],
)
def test_a_deadline_says_how_long_there_is_or_how_long_it_is_past(due: date, words: str):
    assert part("{{ c.left(due, today) }}", due=due, today=date(2023, 8, 22)) == words


@pytest.mark.parametrize(
    ("colour", "letter"), [("red", "红"), ("yellow", "黄"), ("blue", "蓝"), ("green", "绿"), ("grey", "灰")]
)
def test_a_lamp_has_shape_character_and_a_name(colour: str, letter: str):
    html = part("{{ c.lamp(colour) }}", colour=colour)
    assert html == f'<span class="lamp {colour}" role="img" aria-label="{letter}灯">{letter}</span>'


def test_only_the_current_step_is_called_so():
    steps = [Step("立项", StepState.DONE), Step("实施", StepState.CURRENT), Step("验收", StepState.FUTURE)]
    html = part("{{ c.stepper(steps, '环节') }}", steps=steps)
    assert html.count('aria-current="step"') == 1
    assert "实施（当前）" in html


@pytest.mark.parametrize(("places", "text"), [(2, "↑2"), (-1, "↓1"), (0, "—"), (None, "新")])
def test_a_change_of_rank_is_neutral(places: int | None, text: str):
    assert f">{text}<" in part("{{ c.change(places) }}", places=places)


def test_a_bar_shows_actual_and_scheduled():
    html = part("{{ c.bar(actual, scheduled) }}", actual=Decimal("76.85"), scheduled=Decimal(89))
    assert 'aria-label="进度 76.9%，序时 89.0%"' in html
    assert 'class="actual" width="76.85"' in html
    assert 'class="tick" x="89"' in html
    assert "tick" not in part("{{ c.bar(actual) }}", actual=Decimal(5))


async def test_every_response_has_the_security_headers_unless_it_set_its_own():
    app = FastAPI()
    app.add_middleware(SecurityHeaders)

    @app.get("/plain")
    def plain() -> str:
        return ""

    @app.get("/own")
    def own(response: Response) -> None:
        response.headers["Referrer-Policy"] = "no-referrer"

    mount_static(app)
    client = AsyncClient(transport=ASGITransport(app), base_url="http://test")
    for path in ("/plain", "/missing", static("guatu.css")):
        headers = (await client.get(path)).headers
        assert {name: headers.get(name) for name in SECURITY_HEADERS} == SECURITY_HEADERS
    assert (await client.get("/own")).headers["Referrer-Policy"] == "no-referrer"
    kept = {path: (await client.get(path)).headers["Cache-Control"] for path in ("/plain", static("guatu.css"))}
    assert kept == {"/plain": "no-store", static("guatu.css"): "public, max-age=31536000, immutable"}
    policy = SECURITY_HEADERS["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "default-src 'none'" in policy


async def test_static_files_are_kept_only_under_their_present_address():
    app = FastAPI()
    mount_static(app)
    client = AsyncClient(transport=ASGITransport(app), base_url="http://test")
    assert "immutable" in (await client.get(static("guatu.css"))).headers["cache-control"]
    assert (await client.get("/static/guatu.css")).headers["cache-control"] == "no-cache"
    assert (await client.get("/static/guatu.css?v=old")).headers["cache-control"] == "no-cache"


def test_a_static_file_that_is_not_there_is_an_error():
    with pytest.raises(KeyError):
        static("missing.css")


def templates() -> list[Path]:
    return sorted(path for path in (*ROOT.glob("shared/web/**/*.html"), *ROOT.glob("services/**/*.html")))


@pytest.mark.parametrize("path", templates(), ids=lambda path: path.name)
def test_no_page_has_inline_script_or_style(path: Path):
    source = path.read_text(encoding="utf-8")
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=|javascript:|hx-on", source)
    assert all("src=" in tag for tag in re.findall(r"<script[^>]*>", source))
    assert not re.search(r"(src|href)=\"https?://", source)


def test_no_style_sheet_fetches_from_elsewhere():
    for sheet in STATIC.glob("*.css"):
        assert not re.search(r"@import|https?://", sheet.read_text(encoding="utf-8"))
