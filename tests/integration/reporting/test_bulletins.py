"""Bulletins over HTTP: drafted, issued once with a number of their own, shown as they were issued."""

import asyncio
import html
from typing import Any

import pytest

from services.reporting.views import BULLETIN
from shared.contracts.topics import Topic
from tests.integration.reporting import world
from tests.integration.reporting.conftest import PAGE, Site
from tests.integration.reporting.topics import Stored
from tests.unit.reporting.builders import Story, approved, proposed, submitted


async def drafted(site: Site, body: dict[str, Any] | None = None) -> str:
    """A bulletin that the supervisor has drafted and every view knows."""
    answer = await site.post("sun", "/bulletins/draft", {"manuscript": body or world.manuscript()})
    assert answer.status_code == 201, answer.text
    await published(site, answer.json()["stream"])
    return answer.json()["stream"].partition("-")[2]


async def published(site: Site, stream: str) -> None:
    """What the store holds of a stream is published and folded."""
    async with site.database.driver() as connection:
        rows = await connection.fetch("select topic, body from events where stream = $1 order by version", stream)
    await site.learn(Stored(stream, [(Topic(row["topic"]), row["body"]) for row in rows]), views=(BULLETIN,))


async def issued(site: Site, issue: int | None = 23, body: dict[str, Any] | None = None) -> str:
    """A bulletin that was issued."""
    id = await drafted(site, body)
    answer = await site.post("sun", f"/bulletins/{id}/issue", {"issue": issue})
    assert answer.status_code == 201, answer.text
    await published(site, f"bulletin-{id}")
    return id


async def test_a_bulletin_is_issued_with_its_figures_and_stays_as_it_was(site: Site) -> None:
    id = await issued(site)
    shown = (await site.get("sun", f"/reporting/bulletins/{id}")).json()
    assert (shown["draft"], shown["issue"], shown["day"]) == (False, 23, "2023-08-22")
    assert {(figure["unit"], figure["key"]): figure["value"] for figure in shown["figures"]} == {
        ("340800", "projects"): "5",
        ("340822", "index_items"): "4-6",
        ("340822", "projects"): "3",
        ("340822", "projects_done"): "1",
        ("340822", "evaluation_groups"): "2",
        ("340822", "townships_evaluated"): "2",
        ("340822", "problems"): "2",
        ("340822", "brands"): "1",
    }
    assert "立项实施的3个项目已完成1个" in shown["text"]
    await site.learn(world.project(7, world.SHIPAI))
    again = (await site.get("sun", f"/reporting/bulletins/{id}")).json()
    assert again == shown


async def test_a_figure_leads_to_what_was_counted_when_the_bulletin_was_issued(site: Site) -> None:
    id = await issued(site)
    address = f"?unit=340822&bulletin={id}"
    counted = {f"project-{world.id_of(n)}" for n in (1, 2, 3)}
    late = Story(f"project-{world.id_of(7)}").then(
        "2023-08-21", proposed(owner=world.SHIPAI, title="后来补录"), submitted(), approved(), told="2023-08-23"
    )
    for _ in ("as it was issued", "after a fact of an earlier day was told"):
        facts = (await site.get("li", f"/reporting/figures/projects/facts{address}")).json()
        assert (facts["stated"], facts["value"], facts["day"]) == ("3", "3", "2023-08-22")
        assert {fact["subject"] for fact in facts["facts"]} == counted
        await site.learn(late)
    page = (await site.get("li", f"/figures/projects{address}", **PAGE)).text
    assert "立项项目（件）：3</h1>" in page
    assert "后来补录" not in page
    assert "签发后又有记录，未计入通报；同一日期现在计为 4" in page
    anew = "/figures/projects?unit=340822&year=2023&day=2023-08-22"
    assert html.escape(anew) in page
    assert "后来补录" in (await site.get("li", anew, **PAGE)).text


async def test_a_fact_that_was_on_its_way_when_the_bulletin_was_issued_is_told_of(site: Site) -> None:
    id = await issued(site)
    await site.learn(world.project(7, world.SHIPAI))
    page = (await site.get("li", f"/figures/projects?unit=340822&bulletin={id}", **PAGE)).text
    assert "通报所载为 3，所列事项现在计为 4" in page


async def test_figures_of_a_bulletin_are_those_of_an_issued_one_that_names_them(shared_site: Site) -> None:
    id = await drafted(shared_site)
    paths = [f"/figures/projects?unit=340822&bulletin={id}"]
    id = await issued(
        shared_site,
        body=world.manuscript(
            series="只有全市", sections=[{"unit": world.YUEXI, "title": "岳西县", "paragraphs": ["立项{projects}个"]}]
        ),
    )
    paths += [f"/figures/projects?unit=340822&bulletin={id}", f"/figures/projects?unit=340828&bulletin={id}"]
    answers = [await shared_site.get("li", path) for path in paths]
    assert [answer.json()["code"] for answer in answers] == [
        "no_such_thing",
        "no_such_figure_of_unit",
        "no_such_thing",
    ]
    assert (await shared_site.get("sun", paths[0])).json()["code"] == "no_such_bulletin"


async def test_the_next_draft_has_the_next_number_and_what_is_counted_now(site: Site) -> None:
    await issued(site)
    await site.learn(world.project(7, world.SHIPAI))
    draft = (await site.get("sun", "/reporting/bulletins/draft")).json()
    values = {(figure["unit"], figure["key"]): figure["value"] for figure in draft["figures"]}
    assert (draft["id"], draft["draft"], draft["issue"], values["340822", "projects"]) == (None, True, 24, "4")
    page = (await site.get("sun", "/bulletins/draft", **PAGE)).text
    assert "草稿" in page
    assert "第 24 期" in page


async def test_a_bulletin_is_a_page_a_text_and_json(shared_site: Site) -> None:
    id = await issued(shared_site, body=world.manuscript(series="读本"))
    page = (await shared_site.get("li", f"/bulletins/{id}", **PAGE)).text
    assert f'href="/figures/projects?unit=340822&amp;bulletin={id}">3</a>' in page
    assert "<b>指数化管理。</b>" in page
    text = await shared_site.get("li", f"/bulletins/{id}.txt")
    assert text.headers["content-type"] == "text/plain; charset=utf-8"
    assert text.text == (await shared_site.get("li", f"/bulletins/{id}")).json()["text"]
    assert "第 23 期" in text.text


async def test_a_draft_is_seen_by_who_sees_the_city_alone(site: Site) -> None:
    id = await drafted(site)
    assert (await site.get("sun", f"/bulletins/{id}")).json()["draft"] is True
    assert (await site.get("li", f"/bulletins/{id}")).status_code == 404
    assert [entry["id"] for entry in (await site.get("sun", "/reporting/bulletins")).json()] == [id]
    assert (await site.get("li", "/reporting/bulletins")).json() == []
    assert (await site.get("sun", "/bulletins", **PAGE)).text.count(f"/bulletins/{id}") == 1


async def test_a_number_of_a_series_is_given_once_a_year(shared_site: Site) -> None:
    await issued(shared_site, 23, world.manuscript(series="怀宁组工"))
    id = await drafted(shared_site, world.manuscript(series="怀宁组工"))
    used = await shared_site.post("sun", f"/bulletins/{id}/issue", {"issue": 23})
    assert (used.status_code, used.json()["code"], used.json()["next"]) == (409, "issue_number_used", 24)
    other = await issued(shared_site, 23, world.manuscript(series="岳西组工"))
    assert (await shared_site.get("sun", f"/reporting/bulletins/{other}")).json()["issue"] == 23
    assert (await shared_site.post("sun", f"/bulletins/{id}/issue", {})).status_code == 201
    again = await shared_site.post("sun", f"/bulletins/{id}/issue", {"issue": 40})
    assert (again.status_code, again.json()["code"]) == (409, "already_issued")


async def test_of_bulletins_issued_at_the_same_moment_each_gets_a_number_of_its_own(site: Site) -> None:
    ids = [await drafted(site) for _ in range(6)]
    answers = await asyncio.gather(*(site.post("sun", f"/bulletins/{id}/issue", {"issue": 23}) for id in ids))
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 5
    left = [id for id, answer in zip(ids, answers, strict=True) if answer.status_code == 409]
    answers = await asyncio.gather(*(site.post("sun", f"/bulletins/{id}/issue", {}) for id in left))
    assert [answer.status_code for answer in answers] == [201] * 5
    for id in ids:
        await published(site, f"bulletin-{id}")
    entries = (await site.get("sun", "/reporting/bulletins")).json()
    assert sorted(entry["issue"] for entry in entries) == [23, 24, 25, 26, 27, 28]


async def test_the_same_issue_sent_twice_is_one(shared_site: Site) -> None:
    id = await drafted(shared_site, world.manuscript(series="两次"))
    first = await shared_site.post("sun", f"/bulletins/{id}/issue", {"issue": 23}, key="once")
    second = await shared_site.post("sun", f"/bulletins/{id}/issue", {"issue": 23}, key="once")
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json() == second.json()


@pytest.mark.parametrize(
    ("person", "body", "status", "code", "field"),
    [
        ("li", world.manuscript(), 403, "not_allowed", None),
        ("sun", world.manuscript(editor_note="全市{speed}个"), 422, "no_such_figure", "manuscript.editor_note"),
        ("sun", world.manuscript(editor_note="全市{city.projects个"), 422, "stray_brace", "manuscript.editor_note"),
        (
            "sun",
            world.manuscript(sections=[{"unit": "340122", "title": "肥东县", "paragraphs": ["{projects}个"]}]),
            422,
            "not_of_the_city",
            "manuscript.sections.0.unit",
        ),
        ("sun", world.manuscript(city="349900"), 404, "no_such_unit", "manuscript.city"),
    ],
)
async def test_a_manuscript_that_cannot_be_issued_is_refused_when_it_is_drafted(
    shared_site: Site, person: str, body: dict[str, Any], status: int, code: str, field: str | None
) -> None:
    answer = await shared_site.post(person, "/bulletins/draft", {"manuscript": body})
    assert (answer.status_code, answer.json()["code"], answer.json().get("field")) == (status, code, field)


async def test_a_draft_is_written_anew_and_a_figure_without_facts_holds_it_up(shared_site: Site) -> None:
    yuexi = [{"unit": world.YUEXI, "title": "岳西县", "paragraphs": ["各指数{index_items}项"]}]
    id = await drafted(shared_site)
    answer = await shared_site.post("sun", f"/bulletins/{id}/rewrite", {"manuscript": world.manuscript(sections=yuexi)})
    assert answer.status_code == 201
    await published(shared_site, f"bulletin-{id}")
    draft = (await shared_site.get("sun", f"/bulletins/{id}")).json()
    assert draft["figures"][1]["value"] == "待报"
    refused = await shared_site.post("sun", f"/bulletins/{id}/issue", {})
    assert (refused.status_code, refused.json()["code"]) == (409, "figures_pending")


async def test_a_bulletin_that_does_not_exist_cannot_be_issued(shared_site: Site) -> None:
    answer = await shared_site.post("sun", "/bulletins/018c0000-0000-7000-8000-000000000000/issue", {})
    assert (answer.status_code, answer.json()["code"]) == (404, "no_such_bulletin")
