"""Signed in with a browser: the cookie, other sites' forms, and where nobody is sent."""

from typing import Any
from urllib.parse import urljoin, urlsplit

import httpx
import pytest
import time_machine
from fastapi import Depends, FastAPI
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr
from starlette.responses import Response

from shared import problems
from shared.auth import Auth, Principal, principal
from shared.session import LIFETIME, Seal, Sessions, local_path, origin_of
from shared.settings import AuthMode, Settings

PERSON = Principal("zhang-wei", "张伟")
ORIGIN = "https://guatu.example"


def settings(**changed: Any) -> Settings:
    """Settings with local sign-in and a key."""
    values: dict[str, Any] = {"auth": AuthMode.LOCAL, "public_url": ORIGIN, "session_key": SecretStr("k" * 32)}
    return Settings(**{**values, **changed})


def cookie(**changed: Any) -> str:
    """The Set-Cookie header of a session."""
    response = Response()
    Sessions(settings(**changed)).begin(response, PERSON)
    return response.headers["set-cookie"]


async def ask(method: str = "GET", *, cookie: str = "", **headers: str) -> httpx.Response:
    """Ask an application that says who is signed in."""
    app = FastAPI()
    app.state.auth = Auth(settings())
    problems.install(app)

    @app.api_route("/who", methods=["GET", "POST", "PUT", "PATCH", "DELETE"])
    async def who(person: Principal = Depends(principal)) -> str:
        return person.person + " " + person.name

    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    if cookie:
        sent["Cookie"] = cookie.partition(";")[0]
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=ORIGIN) as client:
        return await client.request(method, "/who", headers=sent)


async def test_a_session_says_who_asks():
    assert (await ask(cookie=cookie())).json() == "zhang-wei 张伟"


async def test_without_a_session_an_api_says_so_and_a_page_sends_to_sign_in():
    assert (await ask()).json()["code"] == "sign_in_required"
    page = await ask(Accept="text/html")
    assert (page.status_code, page.headers["location"]) == (303, "/sign-in?next=/who")


def test_the_cookie_is_kept_from_scripts_other_sites_and_plain_connections():
    flags = cookie().split("; ")[1:]
    assert cookie().startswith("__Host-guatu=")
    assert {"HttpOnly", "Secure", "SameSite=lax", "Path=/"} <= set(flags)
    assert not any(flag.lower().startswith("domain") for flag in flags)
    plain = cookie(public_url="http://127.0.0.1:8000")
    assert plain.startswith("guatu=")
    assert "Secure" not in plain.split("; ")


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
async def test_a_write_by_the_cookie_must_come_from_our_own_page(method: str):
    session = cookie()
    assert (await ask(method, cookie=session, Origin=ORIGIN)).status_code == 200
    for origin in ("https://evil.example", "null", "http://guatu.example", ORIGIN + ".evil.example", ORIGIN + ":444"):
        answer = await ask(method, cookie=session, Origin=origin)
        assert (answer.status_code, answer.json()["code"]) == (403, "foreign_origin")
    assert (await ask(method, cookie=session)).status_code == 403


async def test_a_read_by_the_cookie_may_come_from_anywhere():
    assert (await ask(cookie=cookie(), Origin="https://evil.example")).status_code == 200


async def test_a_bearer_token_counts_before_the_cookie():
    answer = await ask(cookie=cookie(), Authorization="Bearer nonsense")
    assert (answer.status_code, answer.json()["code"]) == (401, "token_invalid")
    assert (await ask(cookie=cookie(), Authorization="Basic eDp5")).status_code == 401


async def test_a_session_ends_by_itself():
    with time_machine.travel(1_700_000_000, tick=False) as traveller:
        session = cookie()
        traveller.shift(LIFETIME.total_seconds() - 1)
        assert (await ask(cookie=session)).status_code == 200
        traveller.shift(2)
        assert (await ask(cookie=session)).status_code == 401


async def test_a_cookie_of_another_key_or_with_a_changed_letter_is_none():
    session = cookie().partition(";")[0]
    assert (await ask(cookie=cookie(session_key=SecretStr("l" * 32)))).status_code == 401
    for place in (20, len(session) // 2, len(session) - 3):
        letter = "A" if session[place] != "A" else "B"
        assert (await ask(cookie=session[:place] + letter + session[place + 1 :])).status_code == 401


def test_what_is_sealed_for_one_purpose_opens_for_no_other():
    seals = [Seal("k" * 32, purpose, LIFETIME) for purpose in ("session", "sign-in")]
    text = seals[0].sealed({"sub": "zhang-wei"})
    assert seals[0].opened(text) is not None
    assert seals[1].opened(text) is None


@pytest.mark.parametrize("key", [None, SecretStr(""), SecretStr("k" * 31)])
def test_a_missing_or_short_key_is_refused(key: SecretStr | None):
    with pytest.raises(ValueError, match="GUATU_SESSION_KEY"):
        Auth(settings(session_key=key))


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://Guatu.Example/", "https://guatu.example"),
        ("https://guatu.example:443", "https://guatu.example"),
        ("http://127.0.0.1:80/x", "http://127.0.0.1"),
        ("http://127.0.0.1:8000", "http://127.0.0.1:8000"),
        ("http://[::1]:8000", "http://[::1]:8000"),
    ],
)
def test_an_origin_is_written_as_browsers_do(url: str, origin: str):
    assert origin_of(url) == origin


@pytest.mark.parametrize("address", ["/", "/registry/projects?x=1&y=%2F#part", "/a//b", "/中"])
def test_a_path_of_ours_is_gone_to(address: str):
    assert local_path(address) == address


@pytest.mark.parametrize(
    "address",
    [None, "", "x", "https://evil.example", "//evil.example", "/\\evil.example", "/\t/evil.example", "/a\\b"],
)
def test_nobody_is_sent_elsewhere(address: str | None):
    assert local_path(address) == "/"


@pytest.mark.parametrize("address", [" /x", "javascript:alert(1)", "/a\r\nSet-Cookie: x=1", "/a\x7f", "/" + "a" * 4000])
def test_nothing_else_is_taken_for_a_path(address: str):
    assert local_path(address) == "/"


@given(st.text("/\\\t\r\n :.@?#ae", max_size=12))
def test_whatever_next_says_the_way_leads_to_this_origin(address: str):
    there = urlsplit(urljoin(ORIGIN + "/sign-in/callback", local_path(address)))
    assert f"{there.scheme}://{there.netloc}" == ORIGIN
