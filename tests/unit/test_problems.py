"""Refusals: every code has its texts, every error its document, and people get pages."""

import ast
import importlib
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import asyncpg
import httpx
import pytest
import structlog
from fastapi import FastAPI, Query, Request
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, Field, ValidationError
from pydantic_core import PydanticCustomError
from pydantic_core.core_schema import ErrorType
from starlette.exceptions import HTTPException

from shared import errors, problems
from shared.contracts.values import Day, Percent, UnitCode
from shared.errors import (
    Forbidden,
    GuatuError,
    NotFound,
    NotReady,
    RuleViolation,
    StaleVersion,
    TooLarge,
    Unauthenticated,
)
from shared.field_errors import field_errors, is_shape
from shared.problem_texts import add_texts, phrase, text_of

ROOT = Path(__file__).parents[2]
RAISED = {name for name, kind in vars(errors).items() if isinstance(kind, type) and issubclass(kind, GuatuError)}


class Plan(BaseModel, extra="forbid"):
    """A body as commands have them."""

    title: str = Field(min_length=1)
    owner: UnitCode
    percent: Percent
    due: Day
    steps: list[int] = []


def application() -> FastAPI:
    app = FastAPI()
    problems.install(app)

    @app.post("/plans")
    async def make(plan: Plan) -> None: ...

    @app.get("/plans")
    async def plans(limit: Annotated[int, Query(le=10)] = 1) -> None: ...

    @app.post("/stream")
    async def stream(request: Request) -> None:
        async for _ in request.stream():
            pass

    @app.get("/raise/{name}")
    @app.post("/raise/{name}")
    async def fail(name: str) -> None:
        raise FAILURES[name]

    return app


FAILURES: dict[str, Exception] = {
    "rule": RuleViolation("id_reuse", "four_ones"),
    "unknown-code": RuleViolation("no text of this", "x"),
    "forbidden": Forbidden("not_allowed", None, {"unit": "340822"}),
    "gone": NotFound("no_such_project"),
    "stale": StaleVersion("stale_version", "If-Match", {"version": 7}),
    "long": TooLarge("body_too_large", None, {"limit": 1000}),
    "later": NotReady("authority_not_ready"),
    "much-later": NotReady("view_stopped", detail={"retry_after": 60}),
    "who": Unauthenticated("sign_in_required"),
    "bad-token": Unauthenticated("token_expired"),
    "rate": HTTPException(429, headers={"Retry-After": "7"}),
    "bug": ZeroDivisionError("the password is 1234"),
    "cut": ConnectionResetError("database"),
    "down": asyncpg.CannotConnectNowError("starting up"),
    "full": asyncpg.DiskFullError("could not extend file"),
}


async def ask(
    path: str, method: str = "GET", *, headers: dict[str, str] | None = None, **request: Any
) -> httpx.Response:
    transport = httpx.ASGITransport(application(), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://guatu.example") as client:
        return await client.request(method, path, headers=headers, **request)


PAGE = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8", "Accept-Language": "en"}


@pytest.mark.parametrize(
    ("name", "status", "code"),
    [
        ("rule", 409, "id_reuse"),
        ("forbidden", 403, "not_allowed"),
        ("gone", 404, "no_such_project"),
        ("stale", 412, "stale_version"),
        ("long", 413, "body_too_large"),
        ("later", 503, "authority_not_ready"),
        ("who", 401, "sign_in_required"),
        ("rate", 429, "http_error"),
        ("bug", 500, "internal_error"),
        ("cut", 503, "backend_unreachable"),
        ("down", 503, "backend_unreachable"),
        ("full", 503, "backend_unreachable"),
    ],
)
async def test_each_error_is_a_problem_document(name: str, status: int, code: str):
    answer = await ask(f"/raise/{name}")
    body = answer.json()
    assert answer.status_code == body["status"] == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert body["code"] == code
    assert body["type"] == f"urn:guatu:problem:{code}"
    assert body["title"]
    assert body["detail"]
    assert body["instance"] == f"/raise/{name}"


async def test_values_of_the_error_stand_in_the_document_and_in_its_text():
    body = (await ask("/raise/stale", headers={"Accept-Language": "en"})).json()
    assert (body["version"], body["field"]) == (7, "If-Match")
    assert "The present version is 7" in body["detail"]


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        ("", "内容过长"),
        ("zh-CN,zh;q=0.9,en;q=0.8", "内容过长"),
        ("en-GB,en;q=0.9", "Too large"),
        ("en;q=0.5, zh;q=0.4", "Too large"),
        ("en;q=0.4, zh;q=0.5", "内容过长"),
        ("fr", "内容过长"),
        ("*", "内容过长"),
        ("en;q=nonsense", "内容过长"),
    ],
)
async def test_the_language_is_the_callers(wanted: str, words: str):
    assert (await ask("/raise/long", headers={"Accept-Language": wanted})).json()["title"] == words


async def test_who_is_told_to_come_again_is_told_when():
    assert (await ask("/raise/later")).headers["retry-after"] == "1"
    assert (await ask("/raise/much-later")).headers["retry-after"] == "60"
    assert (await ask("/raise/rate")).headers["retry-after"] == "7"
    assert "retry-after" not in (await ask("/raise/rule")).headers


async def test_a_caller_who_is_not_signed_in_is_told_how():
    assert (await ask("/raise/who")).headers["www-authenticate"] == 'Bearer realm="guatu"'
    assert 'error="invalid_token"' in (await ask("/raise/bad-token")).headers["www-authenticate"]


async def test_a_person_who_is_not_signed_in_is_sent_to_sign_in_and_back():
    answer = await ask("/raise/who?a=1&b=%E4%B8%AD", headers=PAGE)
    assert answer.status_code == 303
    assert answer.headers["location"] == "/sign-in?next=/raise/who%3Fa%3D1%26b%3D%25E4%25B8%25AD"


@pytest.mark.parametrize(("way", "offered"), [("gone", True), ("forbidden", True), ("rule", False)])
async def test_who_may_see_nothing_here_can_come_again_as_somebody_else(way: str, offered: bool):
    page = (await ask(f"/raise/{way}", headers=PAGE)).text
    assert ('<a href="/sign-in">换一个身份登录</a>' in page) is offered


async def test_a_form_of_a_person_who_is_not_signed_in_is_answered_by_a_page():
    answer = await ask("/raise/who", "POST", headers=PAGE)
    assert answer.status_code == 401
    assert "请先登录" in answer.text


async def test_a_fragment_of_a_page_sends_its_page_to_sign_in():
    headers = {"HX-Request": "true", "HX-Current-URL": "http://guatu.example/registry/projects?x=1"}
    answer = await ask("/raise/who", headers=headers)
    assert answer.status_code == 401
    assert answer.headers["hx-redirect"] == "/sign-in?next=/registry/projects%3Fx%3D1"


async def test_people_get_a_page_in_chinese_programs_a_document():
    page = await ask("/raise/rule", headers=PAGE)
    assert page.status_code == 409
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert "<h1>与规则或现状不符</h1>" in page.text
    for accept in ("*/*", "application/json", "application/json, text/html;q=0.5", "application/problem+json"):
        answer = await ask("/raise/rule", headers={"Accept": accept})
        assert answer.headers["content-type"] == "application/problem+json"


async def test_what_nobody_foresaw_is_in_the_log_under_the_reference_and_nowhere_else():
    with structlog.testing.capture_logs() as logs:
        answer = await ask("/raise/bug", headers={"X-Request-Id": "request-0001"})
    assert answer.json()["reference"] == logs[0]["reference"] == "request-0001"
    assert logs[0]["exc_info"]
    assert "1234" not in answer.text


async def test_a_caller_who_left_is_neither_answered_nor_logged():
    sent: list[Any] = []

    async def gone() -> dict[str, str]:
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "POST", "path": "/stream", "query_string": b"", "headers": []}
    with structlog.testing.capture_logs() as logs:
        await application()(scope, gone, send)
    assert (sent, logs) == ([], [])


async def test_a_reference_that_could_confuse_the_log_is_replaced():
    answer = await ask("/raise/bug", headers={"X-Request-Id": 'x" forged'})
    assert len(answer.json()["reference"]) == 32


async def test_unknown_addresses_and_methods_are_problems_too():
    assert (await ask("/nothing")).json()["code"] == "no_such_page"
    answer = await ask("/plans", "PUT")
    assert (answer.status_code, answer.json()["code"], answer.headers["allow"]) == (405, "method_not_allowed", "POST")


async def test_every_wrong_field_is_named():
    body = {"owner": "x", "percent": "101", "due": "yesterday", "steps": [1, "two"], "color": "red"}
    answer = await ask("/plans", "POST", json=body)
    named = {error["field"]: error["detail"] for error in answer.json()["errors"]}
    assert answer.status_code == 400
    assert named == {
        "title": "必须填写",
        "owner": "应为单位编码：6、9 或 12 位数字，或县（市、区）编码加 -D0001、-E0001、-X0001 这样的后缀",
        "percent": "不应大于 100",
        "due": "应为日期，如 2023-08-22",
        "steps.1": "应为整数",
        "color": "没有这一项",
    }
    english = await ask("/plans", "POST", json={**body, "title": "a"}, headers={"Accept-Language": "en"})
    told = {error["field"]: error["detail"] for error in english.json()["errors"]}
    assert told["owner"].startswith("a unit's code has 6, 9 or 12 digits")


async def test_a_wrong_shape_is_400_and_a_wrong_value_422():
    right = {"title": "a", "owner": "340822", "percent": "50", "due": "2023-08-22"}
    statuses = {}
    for name, value in {"title": 5, "percent": 0.5, "due": "2023-02-30", "steps": "1"}.items():
        statuses[name] = (await ask("/plans", "POST", json={**right, name: value})).status_code
    assert statuses == {"title": 400, "percent": 422, "due": 400, "steps": 400}
    answer = await ask("/plans", "POST", json={**right, "percent": "120"})
    assert (answer.status_code, answer.json()["code"], answer.json()["field"]) == (422, "invalid_value", "percent")
    assert (await ask("/plans", "POST", json=right)).status_code == 200
    assert (await ask("/plans?limit=x")).status_code == 400
    assert (await ask("/plans?limit=11")).json()["field"] == "limit"


async def test_broken_json_is_400():
    answer = await ask("/plans", "POST", content=b'{"title":', headers={"Content-Type": "application/json"})
    assert answer.status_code == 400


async def test_what_was_sent_is_not_repeated():
    answer = await ask("/plans", "POST", json={"title": 5, "secret": "hunter2"})
    assert "hunter2" not in answer.text


def test_rules_that_are_broken_together_are_all_named_in_the_document():
    again = errors.RuleViolation("already_signed", "b")
    told = problems.document(errors.RuleViolation("not_signed", "a", {}, (again,)), "zh")
    assert (told["code"], told["field"]) == ("not_signed", "a")
    assert [(each["field"], each["code"]) for each in told["errors"]] == [("a", "not_signed"), ("b", "already_signed")]


def test_the_document_of_a_models_error_needs_no_request():
    with pytest.raises(ValidationError) as caught:
        Plan.model_validate({"title": ""})
    body = problems.document(caught.value, "en")
    assert body["status"] == 400
    assert body["detail"].startswith("The request has 4 faults of shape: title: String should have at least 1")
    assert "instance" not in body


def test_very_many_wrong_values_are_counted_and_not_listed():
    with pytest.raises(ValidationError) as caught:
        Plan.model_validate({f"k{n}": n for n in range(1000)})
    body = problems.document(caught.value, "zh")
    assert (body["status"], body["code"], "errors" in body) == (400, "too_many_errors", False)
    assert body["detail"] == f"有 {caught.value.error_count()} 处不合要求，太多，不逐一列出。"


def test_a_validator_may_have_a_code_with_texts_of_its_own():
    add_texts({"test_only": ("至多 {most} 行", "at most {most} lines")})
    error = PydanticCustomError("test_only", "x", {"most": 3})
    found = [{"type": error.type, "loc": ("body", "text"), "msg": "x", "ctx": error.context}]
    assert field_errors(found, "zh") == [{"field": "text", "code": "test_only", "detail": "至多 3 行"}]


def test_a_code_has_one_text():
    with pytest.raises(ValueError, match="two texts"):
        add_texts({"not_allowed": ("另一句", "another")})
    with pytest.raises(ValueError, match="lacks a text"):
        add_texts({"new_code": ("有", " ")})


@given(st.sampled_from(ErrorType.__args__), st.text(max_size=20))
def test_every_error_of_pydantic_has_words(code: str, message: str):
    found = field_errors([{"type": code, "loc": ("a", 0), "msg": message, "ctx": {}}], "zh")
    assert found[0]["field"] == "a.0"
    assert any("\u4e00" <= character <= "\u9fff" for character in found[0]["detail"])


@given(st.dictionaries(st.sampled_from(["limit", "version", "x"]), st.text(max_size=5)))
def test_a_text_is_made_of_any_values(values: dict[str, str]):
    for code in ("body_too_large", "stale_version"):
        text = text_of(code)
        assert text
        assert phrase(text, "zh", values)


def test_missing_fields_and_wrong_types_are_the_shape():
    assert all(is_shape(code) for code in ("missing", "extra_forbidden", "string_type", "int_parsing", "date_parsing"))
    assert not any(is_shape(code) for code in ("enum", "less_than_equal", "string_pattern_mismatch", "value_error"))


# Codes in the source


def sources() -> Iterator[tuple[Path, list[ast.AST]]]:
    for folder in ("shared", "services", "infra"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            yield path, list(ast.walk(ast.parse(path.read_text())))


def name_of(call: ast.Call) -> str:
    function = call.func
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def argument(call: ast.Call, position: int, name: str) -> ast.expr | None:
    named = next((keyword.value for keyword in call.keywords if keyword.arg == name), None)
    return named or (call.args[position] if len(call.args) > position else None)


Handed = tuple[str, list[str], ast.Call]


def handed_on(nodes: list[ast.AST]) -> Iterator[Handed]:
    """The calls that hand a parameter on, each with the name and the parameters of the function around it."""
    for function in nodes:
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            parameters = [each.arg for each in function.args.args if each.arg not in ("self", "cls")]
            for call in ast.walk(function) if parameters else ():
                if isinstance(call, ast.Call):
                    given = [*call.args, *(keyword.value for keyword in call.keywords)]
                    if any(isinstance(each, ast.Name) and each.id in parameters for each in given):
                        yield function.name, parameters, call


def takers(modules: list[list[ast.AST]], handed: list[Handed]) -> dict[str, tuple[int, str]]:
    """What takes a code, and where: the errors, `require`, and every function that hands a parameter on as a code."""
    known = {**dict.fromkeys(RAISED, (0, "code")), "require": (1, "code")}
    for node in (node for nodes in modules for node in nodes):
        if isinstance(node, ast.ClassDef) and any(getattr(base, "id", "") in known for base in node.bases):
            known[node.name] = (0, "code")
    grown = True
    while grown:
        grown = False
        for function, parameters, call in handed:
            taken = known.get(name_of(call))
            value = argument(call, *taken) if taken else None
            if isinstance(value, ast.Name) and value.id in parameters and function not in known:
                known[function] = (parameters.index(value.id), value.id)
                grown = True
    return known


def codes_of(value: ast.expr) -> Iterator[str]:
    """The codes that an expression may be: constants, both branches of a choice, the beginning of a sum."""
    match value:
        case ast.Constant(value=str(code)):
            yield code
        case ast.IfExp():
            yield from codes_of(value.body)
            yield from codes_of(value.orelse)
        case ast.BinOp(left=ast.Constant(value="no_such_")):
            yield "no_such_thing"
        case _:
            return


def test_every_code_in_the_source_has_its_texts():
    modules = list(sources())
    for path, _ in modules:
        if path.name == "texts.py":
            texts = importlib.import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))
            add_texts(getattr(texts, "TEXTS", {}))
    handed = {path: list(handed_on(nodes)) for path, nodes in modules}
    taken = takers([nodes for _, nodes in modules], [each for found in handed.values() for each in found])
    lacking, unread, found = set[str](), set[str](), set[str]()
    for path, nodes in modules:
        handing_on = {
            id(call)
            for _, parameters, call in handed[path]
            if name_of(call) in taken and getattr(argument(call, *taken[name_of(call)]), "id", "") in parameters
        }
        for call in (node for node in nodes if isinstance(node, ast.Call)):
            place = taken.get(name_of(call))
            value = argument(call, *place) if place else None
            if value is None or id(call) in handing_on:
                continue
            codes = list(codes_of(value))
            where = f"{path.relative_to(ROOT)}:{call.lineno}"
            if not codes and path.name not in ("problems.py", "errors.py"):
                unread.add(where)
            found.update(codes)
            lacking.update(f"{code} ({where})" for code in codes if text_of(code) is None)
    assert not lacking
    assert not unread, "a code that is no literal cannot be checked"
    assert len(found) > 30
