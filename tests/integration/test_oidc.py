"""Signing in over real connections: browser, gateway, embedded issuer, and the service that keeps the session."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from fastapi import Depends, FastAPI
from pydantic import SecretStr

from infra import oidc
from infra.gateway import SERVER, Gateway
from infra.oidc import embedded_issuer
from shared import problems
from shared.auth import Auth, Principal, principal
from shared.settings import AuthMode, Settings
from shared.sign_in import sign_in_routes
from shared.tokens import Tokens
from tests.serving import bound, origin_of, refusing, serving

PEOPLE = [
    {"id": "zhang-wei", "name": "张伟", "posts": [{"unit": "340822", "unit_name": "怀宁县", "title": "组织部审核"}]},
    {"id": "li-na", "name": "李娜", "posts": []},
    {"id": "wang-fang", "name": "方芳", "posts": []},
]


@dataclass
class Platform:
    """A whole small platform: its origin, its settings, and what the registry was asked."""

    settings: Settings
    asked: list[str] = field(default_factory=list)

    def browser(self) -> httpx.AsyncClient:
        """A person's browser: it keeps cookies and asks for pages."""
        accept = {"Accept": "text/html,*/*;q=0.8"}
        return httpx.AsyncClient(base_url=self.settings.public_url, headers=accept, trust_env=False, timeout=20)

    def client(self) -> httpx.AsyncClient:
        """A system."""
        return httpx.AsyncClient(base_url=self.settings.public_url, trust_env=False, timeout=20)


def reporting(auth: Auth) -> FastAPI:
    """The service that has `/`: signing in, and something to see."""
    app = FastAPI()
    app.state.auth = auth
    problems.install(app)
    app.include_router(sign_in_routes())

    @app.get("/who")
    @app.post("/who")
    async def who(person: Principal = Depends(principal)) -> str:
        return f"{person.person} {person.name}"

    return app


def registry(platform: Platform) -> FastAPI:
    """The service that lists the persons."""
    app = FastAPI()

    @app.get("/registry/persons")
    async def persons(q: str, limit: int) -> dict[str, Any]:
        platform.asked.append(q)
        found = [each for each in PEOPLE if q in each["name"] or q in each["id"]]
        return {"items": found[:limit], "next": found[limit - 1]["id"] if len(found) > limit else None}

    return app


@asynccontextmanager
async def platform(*, with_registry: bool = True, **changed: Any) -> AsyncIterator[Platform]:
    """Everything on its port."""
    async with AsyncExitStack() as stack:
        socket = bound()
        values: dict[str, Any] = {
            "auth": AuthMode.LOCAL,
            "public_url": origin_of(socket),
            "session_key": SecretStr("k" * 32),
            "bootstrap_admin": "first-admin",
        }
        made = Platform(Settings(**{**values, **changed}))
        auth = Auth(made.settings)
        stack.push_async_callback(auth.close)
        persons = await stack.enter_async_context(serving(registry(made))) if with_registry else refusing()
        pages = await stack.enter_async_context(serving(reporting(auth)))
        routes = {"registry": [persons], "reporting": [pages], "scoring": [refusing()], "alerts": [refusing()]}
        issuer = embedded_issuer(made.settings, None, [persons])
        await stack.enter_async_context(serving(Gateway(routes, issuer), socket, **SERVER))
        yield made


async def chosen(browser: httpx.AsyncClient, page: httpx.Response, person: str) -> httpx.Response:
    """Choose a person on the issuer's page; gives the answer, which leads back."""
    return await browser.post(page.url, data={"person": person})


async def signed_in(browser: httpx.AsyncClient, start: str = "/who", person: str = "zhang-wei") -> httpx.Response:
    """Go to a page, sign in on the way; gives the page."""
    page = await browser.get(start, follow_redirects=True)
    back = await chosen(browser, page, person)
    return await browser.get(back.headers["location"], follow_redirects=True)


async def test_a_person_is_led_through_signing_in_to_the_page_that_was_asked_for():
    async with platform() as made, made.browser() as browser:
        page = await signed_in(browser, "/who?x=1")
        assert (page.status_code, page.text) == (200, '"zhang-wei 张伟"')
        assert page.url.raw_path == b"/who?x=1"
        assert (await browser.get("/who")).text == page.text
        assert made.asked == ["", "zhang-wei"]


class Words(HTMLParser):
    """The words of a page, and the values of its fields."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.words = ""
        self.values: dict[str, str] = {}
        self.feed(page)

    def handle_data(self, data: str) -> None:
        self.words += data

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag in ("input", "button"):
            self.values[given.get("name") or ""] = given.get("value") or ""


async def test_the_issuers_page_says_what_it_is_and_lists_the_persons_with_their_posts():
    async with platform() as made, made.browser() as browser:
        page = await browser.get("/who", follow_redirects=True)
        found = Words(page.text)
        assert "不设密码" in found.words
        assert "张　伟" in found.words
        assert "怀宁县 组织部审核" in found.words
        assert "zhang-wei" in found.words
        assert "还有更多" not in found.words
        searched = await browser.get("/oidc/authorize", params={**found.values, "search": "王"})
        assert "没有找到与“王”相符的人员" in Words(searched.text).words
        assert made.asked[-1] == "王"
        assert (await chosen(browser, searched, "wang-fang")).status_code == 303


async def test_the_issuers_page_says_that_there_are_more_than_it_shows(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("infra.persons.MOST", 2)
    async with platform() as made, made.browser() as browser:
        page = await browser.get("/who", follow_redirects=True)
        assert "显示前 2 位，还有更多" in Words(page.text).words


async def test_without_a_list_anybody_can_be_named():
    async with platform(with_registry=False) as made, made.browser() as browser:
        page = await browser.get("/who", follow_redirects=True)
        assert "名单暂时读不到" in page.text
        assert (await signed_in(browser, person="li-na")).text == '"li-na li-na"'


async def test_who_is_not_registered_is_told_so_and_another_can_be_chosen():
    async with platform() as made, made.browser() as browser:
        page = await browser.get("/who", follow_redirects=True)
        for nobody in ("li", "ma-chao"):
            refused = await chosen(browser, page, nobody)
            assert refused.status_code == 404
            assert f"编号 {nobody} 还没有登记" in Words(refused.text).words
            assert "张　伟" in Words(refused.text).words
        assert (await browser.get("/who")).status_code == 303
        back = await chosen(browser, refused, "li-na")
        assert (await browser.get(back.headers["location"], follow_redirects=True)).text == '"li-na 李娜"'


async def test_the_bootstrap_administrator_need_not_be_registered():
    async with platform() as made, made.browser() as browser:
        assert (await signed_in(browser, person="first-admin")).text == '"first-admin first-admin"'


async def test_what_cannot_be_a_persons_id_signs_nobody_in():
    async with platform() as made, made.browser() as browser, made.client() as client:
        page = await browser.get("/who", follow_redirects=True)
        assert (await chosen(browser, page, "Zhang Wei")).status_code == 422
        assert (await client.post("/oidc/token", data={"person": "../x"})).json()["code"] == "not_a_person"
        assert (await client.post("/oidc/token")).status_code == 422


async def test_a_script_gets_a_token_in_one_line():
    async with platform() as made, made.client() as client:
        for form in ({"person": "zhang-wei"}, {"grant_type": "client_credentials", "client_id": "zhang-wei"}):
            answer = (await client.post("/oidc/token", data=form)).json()
            assert (answer["token_type"], answer["expires_in"]) == ("Bearer", 12 * 3600)
            who = await client.get("/who", headers={"Authorization": f"Bearer {answer['access_token']}"})
            assert who.json() == "zhang-wei zhang-wei"
        bare = await client.post("/oidc/token", data={"person": "li-na"}, headers={"Accept": "text/plain"})
        assert (await client.get("/who", headers={"Authorization": f"Bearer {bare.text}"})).status_code == 200
        other = await client.post("/oidc/token", data={"grant_type": "password"})
        assert (other.status_code, other.json()) == (400, {"error": "unsupported_grant_type"})


async def test_a_token_writes_without_an_origin_and_a_session_only_from_our_pages():
    async with platform() as made, made.browser() as browser, made.client() as client:
        token = (await client.post("/oidc/token", data={"person": "li-na"})).json()["access_token"]
        assert (await client.post("/who", headers={"Authorization": f"Bearer {token}"})).status_code == 200
        await signed_in(browser)
        assert (await browser.post("/who", headers={"Origin": made.settings.public_url})).status_code == 200
        assert (await browser.post("/who", headers={"Origin": "https://evil.example"})).status_code == 403


async def test_signing_out_ends_the_session():
    async with platform() as made, made.browser() as browser:
        await signed_in(browser)
        assert (await browser.post("/sign-out", headers={"Origin": "https://evil.example"})).status_code == 403
        assert (await browser.get("/who")).status_code == 200
        page = await browser.post("/sign-out", headers={"Origin": made.settings.public_url})
        assert "已退出" in page.text
        assert (await browser.get("/who")).status_code == 303


async def test_two_tabs_sign_in_side_by_side():
    async with platform() as made, made.browser() as browser:
        first = await browser.get("/who?tab=1", follow_redirects=True)
        second = await browser.get("/who?tab=2", follow_redirects=True)
        back = [(await chosen(browser, page, "li-na")).headers["location"] for page in (first, second)]
        pages = [await browser.get(address, follow_redirects=True) for address in back]
        assert [page.url.query for page in pages] == [b"tab=1", b"tab=2"]


async def test_a_code_works_once_and_only_where_the_sign_in_began():
    async with platform() as made, made.browser() as browser, made.browser() as stranger:
        page = await browser.get("/who", follow_redirects=True)
        back = (await chosen(browser, page, "zhang-wei")).headers["location"]
        assert "sign_in_expired" in (await stranger.get(back)).text
        kept = dict(browser.cookies)
        assert (await browser.get(back)).status_code == 303
        browser.cookies.update(kept)
        again = await browser.get(back)
        assert (again.status_code, "code_refused" in again.text) == (400, True)


async def test_a_code_needs_its_verifier():
    async with platform() as made, made.browser() as browser, made.client() as client:
        page = await browser.get("/who", follow_redirects=True)
        back = urlsplit((await chosen(browser, page, "zhang-wei")).headers["location"])
        form = {
            "grant_type": "authorization_code",
            "code": parse_qs(back.query)["code"][0],
            "redirect_uri": f"{made.settings.public_url}/sign-in/callback",
            "code_verifier": "x" * 43,
        }
        answer = await client.post("/oidc/token", data=form)
        assert (answer.status_code, answer.json()) == (400, {"error": "invalid_grant"})


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"iss": "https://evil.example"}, "wrong_issuer"),
        ({"code": None, "error": "access_denied"}, "access_denied"),
        ({"code": None, "error": "<script>"}, "no_code"),
        ({"code": "made-up"}, "code_refused"),
    ],
)
async def test_a_wrong_answer_of_the_issuer_signs_nobody_in(changed: dict[str, str | None], reason: str):
    async with platform() as made, made.browser() as browser:
        page = await browser.get("/who", follow_redirects=True)
        back = urlsplit((await chosen(browser, page, "zhang-wei")).headers["location"])
        query = {name: values[0] for name, values in parse_qs(back.query).items()} | changed
        answer = await browser.get(back.path, params={name: value for name, value in query.items() if value})
        assert (answer.status_code, reason in answer.text) == (400, True)
        assert (await browser.get("/who")).status_code == 303


async def test_a_token_for_another_sign_in_is_refused(monkeypatch: pytest.MonkeyPatch):
    issued = oidc.LocalIssuer.token

    def with_another_nonce(self: oidc.LocalIssuer, person: str, audience: str, **claims: str) -> str:
        return issued(self, person, audience, **{**claims, "nonce": "another"})

    monkeypatch.setattr(oidc.LocalIssuer, "token", with_another_nonce)
    async with platform() as made, made.browser() as browser:
        answer = await signed_in(browser)
        assert (answer.status_code, "wrong_nonce" in answer.text) == (400, True)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("client_id", "another"),
        ("redirect_uri", "https://evil.example/sign-in/callback"),
        ("response_type", "token"),
        ("code_challenge_method", "plain"),
        ("code_challenge", ""),
    ],
)
async def test_the_issuer_serves_this_platform_alone(name: str, value: str):
    async with platform() as made, made.browser() as browser:
        page = await browser.get("/who", follow_redirects=True)
        query = {key: values[0] for key, values in parse_qs(page.url.query.decode()).items()} | {name: value}
        for method in ("GET", "POST"):
            answer = await browser.request(method, "/oidc/authorize", params=query, data={"person": "zhang-wei"})
            assert (answer.status_code, "not_a_client" in answer.text) == (400, True)


async def test_nobody_is_sent_elsewhere_after_signing_in():
    async with platform() as made, made.browser() as browser:
        page = await signed_in(browser, "/sign-in?next=//evil.example/who")
        assert page.url.host == "127.0.0.1"
        assert page.url.path == "/"


async def test_while_the_issuer_is_away_signing_in_is_put_off_and_signing_out_is_not():
    key = SecretStr("k" * 32)
    auth = Auth(Settings(auth=AuthMode.LOCAL, public_url=refusing(), session_key=key))
    app = reporting(auth)
    async with serving(app) as origin, httpx.AsyncClient(base_url=origin, trust_env=False) as client:
        answer = await client.get("/sign-in")
        assert (answer.status_code, answer.json()["code"]) == (503, "issuer_unreachable")
        own = {"Origin": auth.settings.public_url}
        assert (await client.post("/sign-out", headers=own)).status_code == 200
    await auth.close()


def test_the_embedded_issuer_is_refused_unless_sign_in_is_local():
    settings = Settings(auth=AuthMode.OIDC, issuer="https://issuer.example", session_key=SecretStr("k" * 32))
    with pytest.raises(ValueError, match="GUATU_AUTH=local"):
        embedded_issuer(settings, None, [])


async def test_without_local_sign_in_nothing_is_under_oidc():
    async with serving(reporting_nothing()) as pages:
        routes = {name: [pages] for name in ("registry", "reporting", "scoring", "alerts")}
        async with serving(Gateway(routes), **SERVER) as origin, httpx.AsyncClient(base_url=origin) as client:
            assert (await client.post("/oidc/token", data={"person": "zhang-wei"})).status_code == 404


def reporting_nothing() -> FastAPI:
    """A service without any route."""
    return FastAPI(openapi_url=None)


async def test_the_key_is_kept_for_its_owner_alone_and_outlives_a_restart(tmp_path: Path):
    file = tmp_path / "new" / "oidc-key"
    settings = Settings(auth=AuthMode.LOCAL, public_url="http://127.0.0.1:1", session_key=SecretStr("k" * 32))
    tokens: list[str] = []
    for _ in range(2):
        app = embedded_issuer(settings, file, [])
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=settings.public_url) as client:
            tokens.append((await client.get("/oidc/jwks")).text)
    assert tokens[0] == tokens[1]
    assert '"d"' not in tokens[0]
    assert file.stat().st_mode & 0o777 == 0o600


async def test_services_may_reach_the_issuer_at_another_address_than_its_name(monkeypatch: pytest.MonkeyPatch):
    async with platform(issuer="http://guatu.example/oidc") as made, made.client() as client:
        answer = await client.post("/oidc/token", data={"person": "li-na"})
        bearer = {"Authorization": f"Bearer {answer.json()['access_token']}"}
        assert (await client.get("/who", headers=bearer)).json()["code"] == "issuer_unreachable"
        monkeypatch.setenv("GUATU_ISSUER_INTERNAL", f"{made.settings.public_url}/oidc")
        auth = Auth(made.settings)
        tokens = Tokens(auth.issuer, made.settings.audience)
        assert (await tokens.principal(answer.json()["access_token"])).person == "li-na"
        await auth.close()
