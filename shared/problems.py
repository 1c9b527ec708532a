"""Refusals at the edge: every error becomes an RFC 9457 problem document, or a page for people."""

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import orjson
import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from jinja2 import Template
from pydantic import BaseModel, ValidationError
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.errors import BadRequest, GuatuError, InvalidValue, NotFound, NotReady
from shared.field_errors import FieldError, field_errors, is_shape
from shared.outage import is_outage
from shared.problem_texts import TITLES, Language, add_texts, phrase, text_of
from shared.web.pages import environment

__all__ = ["RESPONSES", "Language", "Problem", "add_texts", "document", "install", "language", "refusal"]

logger = structlog.get_logger()

MEDIA_TYPE = "application/problem+json"
SIGN_IN = "/sign-in"
"""Where people sign in; it takes `next`, a local address to come back to."""
MOST_ERRORS = 200
"""Wrong values that are told one by one: telling thousands of them would keep everybody waiting."""
_RETRY_AFTER = {429: "1", 503: "1"}
_HTTP_CODES = {404: "no_such_page", 405: "method_not_allowed"}
_REFERENCE = re.compile(r"[A-Za-z0-9._-]{8,64}")


class Problem(BaseModel):
    """The body of a refusal (RFC 9457). Values of the error, such as `version`, stand beside these."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    field: str | None = None
    errors: list[FieldError] | None = None
    instance: str | None = None


RESPONSES: dict[int | str, dict[str, Any]] = {
    status: {
        "description": TITLES[status].en,
        "content": {MEDIA_TYPE: {"schema": Problem.model_json_schema()}},
    }
    for status in (400, 401, 403, 404, 409, 412, 413, 422, 429, 503)
}
"""What a route may be refused with, for its OpenAPI description."""


def document(error: GuatuError | ValidationError, language: Language, *, instance: str | None = None) -> dict[str, Any]:
    """The problem document of an error; `errors` names every wrong field."""
    if not isinstance(error, ValidationError):
        return _document(error, language, instance)
    if error.error_count() > MOST_ERRORS:
        return _document(_too_many(error.error_count()), language, instance)
    return _of_fields(error.errors(include_url=False, include_input=False), language, instance)


def language(request: Request) -> Language:
    """Chinese, unless Accept-Language prefers English."""
    wanted = _preferences(request.headers.get("accept-language", ""))
    chinese = max((weight for name, weight in wanted.items() if name.startswith("zh") or name == "*"), default=0.0)
    english = max((weight for name, weight in wanted.items() if name.startswith("en")), default=0.0)
    return "en" if english > chinese else "zh"


def prefers_page(headers: Headers) -> bool:
    """Whether Accept names HTML before JSON: a person's browser asks."""
    wanted = _preferences(headers.get("accept", ""))
    page = wanted.get("text/html", 0.0)
    return page > max(wanted.get(MEDIA_TYPE, 0.0), wanted.get("application/json", 0.0))


def refusal(request: Request, error: GuatuError) -> Response:
    """What a refused request is answered: a page for people, a problem document for all others."""
    return _response(request, _document(error, _language_for(request), request.url.path), _headers(error))


def install(app: FastAPI) -> None:
    """Answer every error of an application with a problem document or an error page; unforeseen ones are logged."""
    app.add_exception_handler(GuatuError, _refused)
    app.add_exception_handler(RequestValidationError, _wrong_fields)
    app.add_exception_handler(ValidationError, _wrong_fields)
    app.add_exception_handler(HTTPException, _http_error)
    app.add_middleware(_Unforeseen)


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, GuatuError)
    if error.status == 401 and prefers_page(request.headers):
        if request.method in ("GET", "HEAD"):
            return RedirectResponse(_sign_in(_asked_for(request)), 303)
    elif error.status == 401 and "hx-request" in request.headers:
        return Response(status_code=401, headers={"HX-Redirect": _sign_in(_shown(request))})
    return refusal(request, error)


async def _wrong_fields(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError | ValidationError)
    language, path = _language_for(request), request.url.path
    if isinstance(error, ValidationError):
        return _response(request, document(error, language, instance=path), {})
    found: Sequence[Mapping[str, Any]] = error.errors()
    if in_path := [each for each in found if each["loc"][0] == "path"]:
        return _response(request, _of_address(in_path, language, path), {})
    if len(found) > MOST_ERRORS:
        return _response(request, _document(_too_many(len(found)), language, path), {})
    return _response(request, _of_fields(found, language, path), {})


def _too_many(errors: int) -> GuatuError:
    return BadRequest("too_many_errors", None, {"count": errors})


async def _http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    known = GuatuError(_HTTP_CODES.get(error.status_code, "http_error"))
    body = _document(known, _language_for(request), request.url.path, status=error.status_code)
    return _response(request, body, dict(error.headers or {}))


class _Unforeseen:
    """ASGI middleware around an application: what nobody foresaw is a 500 with a reference that the log has too.

    A database or broker that is away for now is a 503.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = False

        async def watched(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        try:
            await self._app(scope, receive, watched)
        except ClientDisconnect:
            return
        except Exception as error:
            answer = refusal(Request(scope), unforeseen(Request(scope), error))
            if started:
                raise
            await answer(scope, receive, send)


def unforeseen(request: Request, error: Exception) -> GuatuError:
    """What to answer to an error that nobody foresaw, once it is logged: NotReady if it is an outage."""
    where = {"method": request.method, "path": request.url.path}
    if is_outage(error):
        logger.warning("backend_unreachable", error=repr(error), **where)
        return NotReady("backend_unreachable")
    reference = _reference(request)
    logger.exception("unforeseen_error", reference=reference, **where)
    return GuatuError("internal_error", None, {"reference": reference})


def _reference(request: Request) -> str:
    given = request.headers.get("x-request-id", "")
    return given if _REFERENCE.fullmatch(given) else uuid4().hex


def _document(
    error: GuatuError, language: Language, instance: str | None, *, status: int | None = None
) -> dict[str, Any]:
    status = status or error.status
    title = TITLES.get(status, TITLES[500])
    body: dict[str, Any] = {
        **error.detail,
        "type": f"urn:guatu:problem:{error.code}",
        "title": title.zh if language == "zh" else title.en,
        "status": status,
        "detail": _words(error, language),
        "code": error.code,
    }
    if error.field is not None:
        body["field"] = error.field
    if error.besides:
        body["errors"] = [
            FieldError(field=each.field or "", code=each.code, detail=_words(each, language))
            for each in (error, *error.besides)
        ]
    if instance is not None:
        body["instance"] = instance
    return body


def _words(error: GuatuError, language: Language) -> str:
    text = text_of(error.code)
    return phrase(text, language, {**error.detail, "field": error.field or ""}) if text else error.code


def _of_fields(found: Iterable[Mapping[str, Any]], language: Language, instance: str | None) -> dict[str, Any]:
    errors = field_errors(found, language)
    separator = "：" if language == "zh" else ": "
    place = errors[0]["field"]
    first = f"{place}{separator}{errors[0]['detail']}" if place else errors[0]["detail"]
    values: dict[str, object] = {"count": len(errors), "first": first}
    shape = any(is_shape(error["code"]) for error in errors)
    error = BadRequest("wrong_shape", place, values) if shape else InvalidValue("invalid_value", place, values)
    body = _document(error, language, instance)
    del body["count"], body["first"]
    return {**body, "errors": errors}


def _of_address(found: Iterable[Mapping[str, Any]], language: Language, instance: str) -> dict[str, Any]:
    """An address that can lead to nothing is answered as one that leads to nothing."""
    errors = field_errors(found, language)
    error = NotFound("wrong_address", errors[0]["field"], {"rule": errors[0]["detail"]})
    return {**_document(error, language, instance), "errors": errors}


def _headers(error: GuatuError) -> dict[str, str]:
    if error.status == 401:
        wrong = "" if error.code == "sign_in_required" else ', error="invalid_token"'
        return {"WWW-Authenticate": f'Bearer realm="guatu"{wrong}'}
    if "retry_after" in error.detail:
        return {"Retry-After": str(error.detail["retry_after"])}
    return {}


def _response(request: Request, body: Mapping[str, Any], headers: Mapping[str, str]) -> Response:
    status: int = body["status"]
    headers = {"Cache-Control": "no-store", "Vary": "Accept, Accept-Language", **headers}
    if status in _RETRY_AFTER:
        headers.setdefault("Retry-After", _RETRY_AFTER[status])
    if prefers_page(request.headers):
        page = _page().render({"reference": "", **body})
        return Response(page, status, headers, "text/html; charset=utf-8")
    return Response(orjson.dumps(body, default=str), status, headers, MEDIA_TYPE)


@cache
def _page() -> Template:
    return environment(sign_in=SIGN_IN).get_template("error.html")


def _language_for(request: Request) -> Language:
    return "zh" if prefers_page(request.headers) else language(request)


def _sign_in(next_: str) -> str:
    return f"{SIGN_IN}?next={quote(next_, safe='/')}"


def _asked_for(request: Request) -> str:
    query = f"?{request.url.query}" if request.url.query else ""
    return request.url.path + query


def _shown(request: Request) -> str:
    """The page that an htmx request was made from, as its browser tells."""
    address = request.headers.get("hx-current-url", "/")
    return re.sub(r"^[a-z]+://[^/]+", "", address) or "/"


def _preferences(header: str) -> dict[str, float]:
    """The names in a header such as Accept with their weights, in lower case; what is not readable is left out."""
    wanted: dict[str, float] = {}
    for part in header.lower().split(","):
        name, *parameters = (piece.strip() for piece in part.split(";"))
        weights = [piece[2:] for piece in parameters if piece.startswith("q=")]
        try:
            weight = float(weights[0]) if weights else 1.0
        except ValueError:
            continue
        if name:
            wanted[name] = max(weight, wanted.get(name, 0.0))
    return wanted
