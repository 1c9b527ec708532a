"""The pages' session: a signed cookie that every service of the origin reads, and never a script."""

from datetime import timedelta
from hashlib import sha256
from time import time
from typing import Any
from urllib.parse import urlsplit

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey
from joserfc.jwt import JWTClaimsRegistry
from starlette.requests import Request
from starlette.responses import Response

from shared.errors import Forbidden
from shared.settings import Settings
from shared.tokens import Principal

LIFETIME = timedelta(hours=12)
SHORTEST_KEY = 32
LONGEST_ADDRESS = 2000
"""Characters of an address to come back to: it travels in a cookie, which browsers limit to 4 kB."""
_SAFE = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
_ALGORITHMS = ("HS256",)


class Seal:
    """Signs small claims for one purpose and a time; what another purpose signed does not open."""

    def __init__(self, key: str, purpose: str, lifetime: timedelta) -> None:
        self._key = OctKey.import_key(sha256(f"guatu {purpose}\n{key}".encode()).digest())
        self.seconds = int(lifetime.total_seconds())

    def sealed(self, claims: dict[str, str]) -> str:
        """The claims as text, to be opened within the lifetime."""
        return jwt.encode({"alg": "HS256"}, {**claims, "exp": int(time()) + self.seconds}, self._key, _ALGORITHMS)

    def opened(self, text: str) -> dict[str, Any] | None:
        """The claims, or None if the text is not ours, of another purpose, changed or too old."""
        try:
            claims = jwt.decode(text, self._key, _ALGORITHMS).claims
            JWTClaimsRegistry(exp={"essential": True}).validate(claims)
        except (JoseError, ValueError, KeyError, TypeError):
            return None
        return claims


class Sessions:
    """Who is signed in with a browser. The cookie holds a person's id and name, no right and no token."""

    def __init__(self, settings: Settings) -> None:
        """Raises ValueError without a GUATU_SESSION_KEY of at least 32 characters."""
        key = session_key(settings)
        self._origin = origin_of(settings.public_url)
        self._secure = self._origin.startswith("https:")
        self._name = "__Host-guatu" if self._secure else "guatu"
        self._seal = Seal(key, "session", LIFETIME)

    def begin(self, response: Response, principal: Principal) -> None:
        """Set the cookie on an answer."""
        value = self._seal.sealed({"sub": principal.person, "name": principal.name})
        self.set_cookie(response, self._name, value, path="/", seconds=self._seal.seconds)

    def end(self, response: Response) -> None:
        """Take the cookie away."""
        response.delete_cookie(self._name, path="/", secure=self._secure, httponly=True, samesite="lax")

    def read(self, request: Request) -> Principal | None:
        """Who is signed in, or None.

        Raises:
            Forbidden("foreign_origin"): the request would change something and comes from another site's page.
        """
        text = request.cookies.get(self._name)
        claims = self._seal.opened(text) if text else None
        if claims is None:
            return None
        self.require_own_origin(request)
        return Principal(claims["sub"], claims["name"])

    def require_own_origin(self, request: Request) -> None:
        """A browser sends cookies with other sites' forms too, but tells whose page it was.

        Raises:
            Forbidden("foreign_origin"): a request that may change something, and its Origin is not ours.
        """
        if request.method not in _SAFE and request.headers.get("origin", "").lower() != self._origin:
            raise Forbidden("foreign_origin", "Origin")

    def set_cookie(self, response: Response, name: str, value: str, *, path: str, seconds: int) -> None:
        """Set a cookie that scripts cannot read and other sites' forms and frames do not send."""
        response.set_cookie(name, value, max_age=seconds, path=path, secure=self._secure, httponly=True, samesite="lax")


def session_key(settings: Settings) -> str:
    """The secret that signs cookies, the same in every process of the origin.

    Raises:
        ValueError: there is none, or it is too short.
    """
    key = settings.session_key.get_secret_value() if settings.session_key else ""
    if len(key) < SHORTEST_KEY:
        raise ValueError(f"GUATU_SESSION_KEY must have at least {SHORTEST_KEY} characters; it signs the pages' cookie")
    return key


def origin_of(url: str) -> str:
    """Scheme, host and port of a URL as browsers write an origin: no default port, no path."""
    parts = urlsplit(url.lower())
    default = {"http": 80, "https": 443}.get(parts.scheme)
    host = f"[{parts.hostname}]" if parts.hostname and ":" in parts.hostname else parts.hostname
    return f"{parts.scheme}://{host}" + (f":{parts.port}" if parts.port not in (None, default) else "")


def local_path(address: str | None) -> str:
    """The address if it is a path of this origin, else `/`: nobody is sent elsewhere after signing in."""
    if not address or len(address) > LONGEST_ADDRESS or not address.startswith("/") or address.startswith("//"):
        return "/"
    if any(ord(character) < 33 or ord(character) == 127 or character == "\\" for character in address):
        return "/"
    return address
