"""The OpenID Connect issuer as this platform sees it: its discovery document and its keys, kept and looked up anew."""

import asyncio
from collections.abc import Mapping, Sequence
from time import monotonic
from typing import Any

import httpx
import structlog
from joserfc.errors import JoseError
from joserfc.jwk import JWKRegistry, Key
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from shared.errors import NotReady
from shared.settings import Settings

logger = structlog.get_logger()

DISCOVERY = "/.well-known/openid-configuration"
FRESH = 3600.0
"""Seconds after which keys are looked up anew, so that those which the issuer withdrew are forgotten."""
PAUSE = 5.0
"""Seconds between two look-ups while keys are known, whatever is sent to us."""
IMPATIENT = 0.5
"""The same while none is known."""
_ASYMMETRIC = ("EC", "RSA", "OKP")


class Metadata(BaseModel):
    """What we need of the discovery document (OpenID Connect Discovery 1.0)."""

    model_config = ConfigDict(frozen=True)

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    end_session_endpoint: str | None = None


class Reach(BaseSettings):
    """Where a process reaches the issuer if not at its name, as between containers."""

    model_config = SettingsConfigDict(env_prefix="GUATU_", extra="ignore", frozen=True)

    issuer_internal: str = Field(default="", description="where the issuer is reached, if not at its name")


class Issuer:
    """One issuer. `url` is its name, exactly as in tokens; `internal` the address that its name stands for here."""

    def __init__(self, url: str, *, internal: str = "", transport: httpx.AsyncBaseTransport | None = None) -> None:
        self.url = url
        self._internal = internal or url
        self._http = httpx.AsyncClient(timeout=5, trust_env=False, follow_redirects=False, transport=transport)
        self._metadata: Metadata | None = None
        self._keys: Sequence[Key] = ()
        self._tried: float | None = None
        self._fetched = 0.0
        self._lock = asyncio.Lock()

    @classmethod
    def of(cls, settings: Settings) -> "Issuer":
        """The issuer that the settings name."""
        return cls(settings.issuer_url, internal=Reach().issuer_internal)

    async def close(self) -> None:
        """Close the connections to the issuer."""
        await self._http.aclose()

    async def metadata(self) -> Metadata:
        """The discovery document.

        Raises:
            NotReady("issuer_unreachable"): it could not be read yet.
        """
        if self._metadata is None:
            await self._look_up()
        if self._metadata is None:
            raise NotReady("issuer_unreachable")
        return self._metadata

    async def key(self, kid: str | None) -> Key | None:
        """The public key of this id, or the only one if no id is given; None if the issuer has no such key.

        Raises:
            NotReady("issuer_unreachable"): no key could be read yet.
        """
        key = self._known(kid)
        if key is None or monotonic() - self._fetched > FRESH:
            await self._look_up()
            key = self._known(kid)
        if not self._keys:
            raise NotReady("issuer_unreachable")
        return key

    async def post(self, url: str, form: Mapping[str, str], auth: tuple[str, str] | None) -> httpx.Response:
        """Send a form to one of the issuer's endpoints.

        Raises:
            NotReady("issuer_unreachable"): it did not answer.
        """
        try:
            return await self._http.post(self._reachable(url), data=dict(form), auth=auth or httpx.USE_CLIENT_DEFAULT)
        except httpx.TransportError as error:
            logger.warning("issuer_unreachable", issuer=self.url, error=repr(error))
            raise NotReady("issuer_unreachable") from error

    def _known(self, kid: str | None) -> Key | None:
        if kid is None:
            return self._keys[0] if len(self._keys) == 1 else None
        return next((key for key in self._keys if key.kid == kid), None)

    async def _look_up(self) -> None:
        """Read both documents, unless it was tried just now; what is known stays if they cannot be read."""
        async with self._lock:
            pause = PAUSE if self._keys else IMPATIENT
            if self._tried is not None and monotonic() - self._tried < pause:
                return
            self._tried = monotonic()
            try:
                metadata = Metadata.model_validate(await self._json(self._internal + DISCOVERY))
                if metadata.issuer != self.url:
                    raise ValueError(f"it calls itself {metadata.issuer}")
                keys = _usable(await self._json(metadata.jwks_uri))
            except (httpx.HTTPError, ValidationError, ValueError) as error:
                logger.warning("issuer_unreachable", issuer=self.url, error=repr(error))
                return
            self._metadata, self._keys, self._fetched = metadata, keys, monotonic()

    async def _json(self, url: str) -> Any:
        response = await self._http.get(self._reachable(url))
        response.raise_for_status()
        return response.json()

    def _reachable(self, url: str) -> str:
        return self._internal + url.removeprefix(self.url) if url.startswith(self.url) else url


def _usable(document: Any) -> Sequence[Key]:
    """The asymmetric signature keys of a key set; others are passed over.

    Raises:
        ValueError: there is none.
    """
    keys: list[Key] = []
    for entry in document.get("keys", ()) if isinstance(document, dict) else ():
        if entry.get("kty") not in _ASYMMETRIC or entry.get("use", "sig") != "sig":
            continue
        try:
            keys.append(JWKRegistry.import_key(entry))
        except (JoseError, ValueError) as error:
            logger.warning("unusable_key", kid=str(entry.get("kid"))[:80], error=repr(error))
    if not keys:
        raise ValueError("its key set has no key to verify signatures with")
    return keys
