"""The embedded OpenID Connect issuer of the local mode: no passwords, whoever is chosen is signed in.

For demonstrations, tests and development alone: it is refused unless GUATU_AUTH=local. A token in one line:
`curl -s -d person=zhang-wei http://127.0.0.1:8000/oidc/token`, with `-H 'Accept: text/plain'` the token alone.
"""

import hmac
import json
import os
import secrets
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, time
from typing import Any
from urllib.parse import urlencode, urlsplit

from fastapi import APIRouter, FastAPI, Request
from joserfc import jwt
from joserfc.jwk import ECKey
from pydantic import TypeAdapter, ValidationError
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, RedirectResponse, Response

from infra.persons import Persons
from infra.texts import TEXTS
from shared import problems
from shared.contracts.values import PersonId
from shared.errors import BadRequest, InvalidValue
from shared.settings import AuthMode, Settings
from shared.sign_in import CALLBACK, challenge
from shared.web.headers import SecurityHeaders
from shared.web.pages import environment

LIFETIME = 12 * 3600
"""Seconds for which a token holds."""
CODE_LIFETIME = 60.0
_ALGORITHM = "ES256"
_person_id = TypeAdapter[str](PersonId)

problems.add_texts(TEXTS)


@dataclass(frozen=True, slots=True)
class Code:
    """What a code stands for until it is exchanged, once."""

    person: str
    nonce: str
    challenge: str
    redirect_uri: str
    until: float


class LocalIssuer:
    """Signs tokens for whoever is named."""

    def __init__(self, settings: Settings, key: ECKey) -> None:
        self.settings = settings
        self.url = settings.issuer_url
        self._key = key
        self._codes: dict[str, Code] = {}

    def discovery(self) -> dict[str, Any]:
        """The discovery document."""
        return {
            "issuer": self.url,
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            "jwks_uri": f"{self.url}/jwks",
            "response_types_supported": ["code"],
            "grant_types_supported": ["authorization_code", "client_credentials"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": [_ALGORITHM],
            "code_challenge_methods_supported": ["S256"],
            "token_endpoint_auth_methods_supported": ["none", "client_secret_basic"],
            "scopes_supported": ["openid", "profile"],
        }

    def keys(self) -> dict[str, Any]:
        """The public key, as a key set."""
        return {"keys": [{**self._key.as_dict(private=False), "use": "sig", "alg": _ALGORITHM}]}

    def token(self, person: str, audience: str, **claims: str) -> str:
        """A signed token that names a person, for an audience."""
        now = int(time())
        header = {"alg": _ALGORITHM, "kid": self._key.kid or ""}
        content = {"iss": self.url, "sub": person, "aud": audience, "iat": now, "exp": now + LIFETIME, **claims}
        return jwt.encode(header, content, self._key, [_ALGORITHM])

    def code(self, person: str, asked: "Asked") -> str:
        """A code that stands for a person's consent, to be exchanged within a minute."""
        now = monotonic()
        self._codes = {code: each for code, each in self._codes.items() if each.until > now}
        code = secrets.token_urlsafe(32)
        self._codes[code] = Code(person, asked.nonce, asked.challenge, asked.redirect_uri, now + CODE_LIFETIME)
        return code

    def exchanged(self, code: str, verifier: str, redirect_uri: str) -> Code | None:
        """What a code stands for; it works once, for who can show the verifier."""
        found = self._codes.pop(code, None)
        if found is None or found.until < monotonic() or found.redirect_uri != redirect_uri:
            return None
        return found if hmac.compare_digest(challenge(verifier), found.challenge) else None


@dataclass(frozen=True, slots=True)
class Asked:
    """The parameters of an authorization request, checked."""

    redirect_uri: str
    state: str
    nonce: str
    challenge: str

    @classmethod
    def of(cls, request: Request, settings: Settings) -> "Asked":
        """Read them.

        Raises:
            BadRequest("not_a_client"): it is not this platform that asks, or not by code with PKCE.
        """
        given = request.query_params
        wanted = {
            "client_id": settings.client_id,
            "redirect_uri": settings.public_url.rstrip("/") + CALLBACK,
            "response_type": "code",
            "code_challenge_method": "S256",
        }
        for name, value in wanted.items():
            if given.get(name) != value:
                raise BadRequest("not_a_client", name)
        if not given.get("code_challenge"):
            raise BadRequest("not_a_client", "code_challenge")
        return cls(wanted["redirect_uri"], given.get("state", ""), given.get("nonce", ""), given["code_challenge"])


def embedded_issuer(settings: Settings, key_file: Path | None, registry: Sequence[str]) -> FastAPI:
    """The application under the path of the issuer's URL, `/oidc`. `registry` has origins of the registry's replicas.

    Raises:
        ValueError: sign-in is not local.
    """
    if settings.auth is not AuthMode.LOCAL:
        raise ValueError("the embedded issuer is refused unless GUATU_AUTH=local")
    issuer = LocalIssuer(settings, _key(key_file))
    persons = Persons(registry)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncGenerator[None]:
        yield
        await persons.close()

    app = FastAPI(title="Guatu local sign-in", openapi_url=None, lifespan=lifespan)
    problems.install(app)
    app.add_middleware(SecurityHeaders)
    app.include_router(_documents(issuer))
    app.include_router(_page(issuer, persons))
    app.include_router(_tokens(issuer, persons))
    return app


def _documents(issuer: LocalIssuer) -> APIRouter:
    router = APIRouter(prefix=urlsplit(issuer.url).path)

    @router.get("/.well-known/openid-configuration")
    async def discovery() -> JSONResponse:
        return JSONResponse(issuer.discovery())

    @router.get("/jwks")
    async def keys() -> JSONResponse:
        return JSONResponse(issuer.keys())

    return router


def _page(issuer: LocalIssuer, persons: Persons) -> APIRouter:
    router = APIRouter(prefix=urlsplit(issuer.url).path)
    page = environment(Path(__file__).parent / "templates").get_template("choose_person.html")

    async def shown(request: Request, search: str, *, unknown: str = "") -> Response:
        asked = [(name, value) for name, value in request.query_params.multi_items() if name != "search"]
        html = page.render(
            asked=asked,
            action=f"?{urlencode(asked)}",
            search=search,
            unknown=unknown,
            found=await persons.find(search),
        )
        return HTMLResponse(html, 404 if unknown else 200, {"Cache-Control": "no-store"})

    @router.get("/authorize")
    async def choose(request: Request, search: str = "") -> Response:
        """The page on which a person is chosen."""
        Asked.of(request, issuer.settings)
        return await shown(request, search.strip())

    @router.post("/authorize")
    async def chosen(request: Request) -> Response:
        """A person was chosen: back to the platform with a code; to the page for another if nobody is registered so.

        The bootstrap administrator registers the first persons, and so need not be registered.
        """
        asked = Asked.of(request, issuer.settings)
        person = _person((await request.form()).get("person"))
        if person != issuer.settings.bootstrap_admin and await persons.knows(person) is False:
            return await shown(request, "", unknown=person)
        answer = {"code": issuer.code(person, asked), "state": asked.state, "iss": issuer.url}
        return RedirectResponse(f"{asked.redirect_uri}?{urlencode(answer)}", 303)

    return router


def _tokens(issuer: LocalIssuer, persons: Persons) -> APIRouter:
    router = APIRouter(prefix=urlsplit(issuer.url).path)
    settings = issuer.settings

    def granted(request: Request, person: str, **more: str) -> Response:
        token = issuer.token(person, settings.audience, name=persons.name(person))
        headers = {"Cache-Control": "no-store"}
        if request.headers.get("accept") == "text/plain":
            return PlainTextResponse(token, headers=headers)
        answer = {"access_token": token, "token_type": "Bearer", "expires_in": LIFETIME, **more}
        return JSONResponse(answer, headers=headers)

    @router.post("/token")
    async def token(request: Request) -> Response:
        """For the platform a code's tokens; for scripts `person=<id>`, or `client_id` by client_credentials."""
        form = {name: value for name, value in (await request.form()).items() if isinstance(value, str)}
        match form.get("grant_type"):
            case "authorization_code":
                found = issuer.exchanged(
                    form.get("code", ""), form.get("code_verifier", ""), form.get("redirect_uri", "")
                )
                if found is None:
                    return JSONResponse({"error": "invalid_grant"}, 400)
                identity = {"nonce": found.nonce, "name": persons.name(found.person)}
                return granted(
                    request, found.person, id_token=issuer.token(found.person, settings.client_id, **identity)
                )
            case None | "client_credentials":
                return granted(request, _person(form.get("person") or form.get("client_id")))
            case _:
                return JSONResponse({"error": "unsupported_grant_type"}, 400)

    return router


def _person(given: object) -> str:
    try:
        return _person_id.validate_python(given)
    except ValidationError as error:
        raise InvalidValue("not_a_person", "person") from error


def _key(file: Path | None) -> ECKey:
    """The key of the file, made the first time and readable by its owner alone; without a file a fresh one."""
    if file is None or not file.exists():
        key = ECKey.generate_key("P-256", auto_kid=True)
        if file is not None:
            file.parent.mkdir(parents=True, exist_ok=True)
            with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as new:
                json.dump(key.as_dict(private=True), new)
        return key
    return ECKey.import_key(json.loads(file.read_text()))
