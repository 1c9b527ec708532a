"""Bearer tokens: who a signed token says is asking. Tokens live by the real clock and never get into a log."""

from collections import OrderedDict
from dataclasses import dataclass
from hashlib import sha256
from time import time
from typing import Any

from joserfc import jws, jwt
from joserfc.errors import ExpiredTokenError, JoseError
from joserfc.jws import JWSRegistry
from joserfc.jwt import JWTClaimsRegistry
from pydantic import TypeAdapter, ValidationError

from shared.contracts.values import PersonId
from shared.errors import Unauthenticated
from shared.issuer import Issuer

ALGORITHMS = ("ES256", "Ed25519", "EdDSA", "RS256", "PS256")
LEEWAY = 30
"""Seconds by which the issuer's clock and ours may differ."""
LONGEST = 8192
"""Characters of a token."""
REMEMBERED = 10_000
"""Tokens that are remembered as verified."""
RECHECKED = 300.0
"""Seconds after which a remembered token is verified anew: its key may have been withdrawn."""

_registry = JWSRegistry(algorithms=ALGORITHMS, strict_check_header=False)
_person = TypeAdapter[str](PersonId)


@dataclass(frozen=True, slots=True)
class Principal:
    """Who is asking: a person's id, and the name that the issuer knows; what he or she may do is no part of it."""

    person: str
    name: str


class Tokens:
    """Verifies the tokens of one issuer for one audience."""

    def __init__(self, issuer: Issuer, audience: str) -> None:
        self._issuer = issuer
        self._audience = audience
        self._verified: OrderedDict[bytes, tuple[Principal, float]] = OrderedDict()

    async def principal(self, token: str) -> Principal:
        """Who a bearer token names.

        Raises:
            Unauthenticated("token_invalid" | "token_expired"), NotReady("issuer_unreachable").
        """
        digest = sha256(token.encode()).digest()
        known = self._verified.get(digest)
        if known is not None and time() < known[1]:
            return known[0]
        claims = await verified(self._issuer, token, self._audience)
        principal = principal_of(claims)
        self._verified[digest] = principal, min(claims["exp"], time() + RECHECKED)
        self._verified.move_to_end(digest)
        if len(self._verified) > REMEMBERED:
            self._verified.popitem(last=False)
        return principal


async def verified(issuer: Issuer, token: str, audience: str) -> dict[str, Any]:
    """The claims of a token that this issuer signed for this audience and that holds now.

    Raises:
        Unauthenticated("token_invalid" | "token_expired"), NotReady("issuer_unreachable").
    """
    if len(token) > LONGEST:
        raise Unauthenticated("token_invalid")
    try:
        header = jws.extract_compact(token.encode(), registry=_registry).headers()
        _registry.check_header(header)
        _registry.get_alg(header["alg"])
        key = await issuer.key(header.get("kid"))
        if key is None:
            raise Unauthenticated("token_invalid")
        claims = jwt.decode(token, key, registry=_registry).claims
        _required(issuer.url, audience).validate(claims)
    except ExpiredTokenError:
        raise Unauthenticated("token_expired") from None
    except (JoseError, ValueError, KeyError, TypeError) as error:
        raise Unauthenticated("token_invalid") from error
    return claims


def principal_of(claims: dict[str, Any]) -> Principal:
    """The person that claims name; the name falls back on the id.

    Raises:
        Unauthenticated("token_invalid"): the subject cannot be a person's id.
    """
    try:
        person = _person.validate_python(claims["sub"])
    except ValidationError as error:
        raise Unauthenticated("token_invalid") from error
    name = claims.get("name")
    return Principal(person, name if isinstance(name, str) and name else person)


def _required(issuer: str, audience: str) -> JWTClaimsRegistry:
    return JWTClaimsRegistry(
        leeway=LEEWAY,
        iss={"essential": True, "value": issuer},
        aud={"essential": True, "value": audience},
        sub={"essential": True},
        exp={"essential": True},
    )
