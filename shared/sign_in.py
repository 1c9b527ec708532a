"""Signing in and out with a browser: OpenID Connect's code flow with PKCE. Mounted by the service that has `/`."""

import base64
import hmac
import re
import secrets
from datetime import timedelta
from hashlib import sha256
from typing import Any
from urllib.parse import urlencode

import structlog
from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from shared.auth import Auth
from shared.authority_table import Reads, reads
from shared.errors import BadRequest, NotReady, Unauthenticated
from shared.problems import SIGN_IN
from shared.session import Seal, local_path, session_key
from shared.tokens import principal_of, verified
from shared.web.pages import environment

logger = structlog.get_logger()

CALLBACK = f"{SIGN_IN}/callback"
SIGN_OUT = "/sign-out"
PATIENCE = timedelta(minutes=10)
"""How long a person may take at the issuer."""
_REASON = re.compile(r"[a-z_]{1,60}")


def sign_in_routes() -> APIRouter:
    """`GET /sign-in?next=`, `GET /sign-in/callback`, `POST /sign-out`; they work with `app.state.auth`."""
    router = APIRouter(include_in_schema=False)

    @router.get(SIGN_IN, openapi_extra=reads(Reads.OPEN, "to sign in"))
    async def sign_in(request: Request, next: str = "/") -> Response:
        """Send the browser to the issuer; a short-lived cookie remembers what it is sent with."""
        auth: Auth = request.app.state.auth
        metadata = await auth.issuer.metadata()
        state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
        asked = {
            "response_type": "code",
            "client_id": auth.settings.client_id,
            "redirect_uri": _callback(auth),
            "scope": "openid profile",
            "state": state,
            "nonce": nonce,
            "code_challenge": challenge(verifier),
            "code_challenge_method": "S256",
        }
        joint = "&" if "?" in metadata.authorization_endpoint else "?"
        response = RedirectResponse(f"{metadata.authorization_endpoint}{joint}{urlencode(asked)}", 303)
        seal = _seal(auth)
        remembered = {"state": state, "nonce": nonce, "verifier": verifier, "next": local_path(next)}
        auth.sessions.set_cookie(response, _cookie(state), seal.sealed(remembered), path=CALLBACK, seconds=seal.seconds)
        return response

    @router.get(CALLBACK, openapi_extra=reads(Reads.OPEN, "back from the issuer"))
    async def callback(request: Request) -> Response:
        """The browser comes back from the issuer with a code: exchange it, begin the session."""
        auth: Auth = request.app.state.auth
        state = request.query_params.get("state", "")
        remembered = _seal(auth).opened(request.cookies.get(_cookie(state), ""))
        if remembered is None or not hmac.compare_digest(remembered["state"].encode(), state.encode()):
            raise BadRequest("sign_in_expired")
        claims = await _exchange(auth, request, remembered)
        response = RedirectResponse(remembered["next"], 303)
        auth.sessions.begin(response, principal_of(claims))
        response.delete_cookie(_cookie(state), path=CALLBACK)
        return response

    @router.post(SIGN_OUT, openapi_extra=reads(Reads.OPEN, "to sign out"))
    async def sign_out(request: Request) -> Response:
        """End the session here; a link leads to the issuer's own sign-out, if it has one."""
        auth: Auth = request.app.state.auth
        auth.sessions.require_own_origin(request)
        page = _pages.get_template("signed_out.html").render(end_session=await _sign_out_there(auth))
        response = HTMLResponse(page, headers={"Cache-Control": "no-store"})
        auth.sessions.end(response)
        return response

    return router


_pages = environment(sign_in=SIGN_IN, sign_out=SIGN_OUT)


def challenge(verifier: str) -> str:
    """The S256 code challenge of a verifier (RFC 7636)."""
    return base64.urlsafe_b64encode(sha256(verifier.encode()).digest()).rstrip(b"=").decode()


async def _exchange(auth: Auth, request: Request, remembered: dict[str, Any]) -> dict[str, Any]:
    """The claims of the identity token that the issuer gives for the code.

    Raises:
        BadRequest("sign_in_failed"), NotReady("issuer_unreachable").
    """
    metadata = await auth.issuer.metadata()
    answer = request.query_params
    if answer.get("iss", metadata.issuer) != metadata.issuer:
        raise _failed("wrong_issuer")
    if "code" not in answer:
        given = answer.get("error", "")
        raise _failed(given if _REASON.fullmatch(given) else "no_code")
    settings = auth.settings
    form = {
        "grant_type": "authorization_code",
        "code": answer["code"],
        "redirect_uri": _callback(auth),
        "client_id": settings.client_id,
        "code_verifier": remembered["verifier"],
    }
    secret = settings.client_secret
    basic = (settings.client_id, secret.get_secret_value()) if secret else None
    response = await auth.issuer.post(metadata.token_endpoint, form, basic)
    try:
        given = response.json()
        token = given["id_token"]
    except (ValueError, KeyError, TypeError):
        logger.warning("sign_in_failed", status=response.status_code)
        raise _failed("code_refused") from None
    try:
        claims = await verified(auth.issuer, str(token), settings.client_id)
    except Unauthenticated as error:
        raise _failed(error.code) from error
    if not hmac.compare_digest(str(claims.get("nonce", "")).encode(), remembered["nonce"].encode()):
        raise _failed("wrong_nonce")
    if claims.get("azp", settings.client_id) != settings.client_id:
        raise _failed("wrong_client")
    return claims


async def _sign_out_there(auth: Auth) -> str | None:
    """The issuer's own sign-out; none while the issuer is away, which keeps nobody signed in here."""
    try:
        metadata = await auth.issuer.metadata()
    except NotReady:
        return None
    if metadata.end_session_endpoint is None:
        return None
    back = {"client_id": auth.settings.client_id, "post_logout_redirect_uri": auth.settings.public_url}
    return f"{metadata.end_session_endpoint}?{urlencode(back)}"


def _failed(reason: str) -> BadRequest:
    return BadRequest("sign_in_failed", None, {"reason": reason})


def _callback(auth: Auth) -> str:
    return auth.settings.public_url.rstrip("/") + CALLBACK


def _seal(auth: Auth) -> Seal:
    return Seal(session_key(auth.settings), "sign-in", PATIENCE)


def _cookie(state: str) -> str:
    """Each sign-in has a cookie of its own, so that two tabs do not disturb each other."""
    return f"guatu-sign-in-{sha256(state.encode()).hexdigest()[:12]}"
