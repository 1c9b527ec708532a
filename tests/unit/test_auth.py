"""Who is asking: which tokens are believed, whose keys, and what happens while the issuer is away."""

import base64
import json
from contextlib import suppress
from dataclasses import dataclass, field
from time import time
from typing import Any

import httpx
import pytest
import structlog
import time_machine
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jwt
from joserfc.jwk import ECKey, JWKRegistry, Key, OctKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from shared import issuer as issuer_module
from shared import tokens as tokens_module
from shared.errors import NotReady, Unauthenticated
from shared.issuer import Issuer
from shared.tokens import Principal, Tokens

NAME = "https://issuer.example/realm"
AUDIENCE = "guatu"
KINDS = {"ES256": ("EC", "P-256"), "Ed25519": ("OKP", "Ed25519"), "RS256": ("RSA", 2048), "PS256": ("RSA", 2048)}
KEYS: dict[str, Key] = {
    alg: JWKRegistry.generate_key(kind, size, {"kid": alg, "use": "sig"}) for alg, (kind, size) in KINDS.items()
}
KEY = KEYS["ES256"]


@dataclass
class Realm:
    """An issuer on the wire: what it publishes, and how often it was asked."""

    keys: list[dict[str, Any]] = field(default_factory=lambda: [key.as_dict(private=False) for key in KEYS.values()])
    name: str = NAME
    away: bool = False
    asked: int = 0

    def transport(self) -> httpx.AsyncBaseTransport:
        async def discovery(_: Request) -> Response:
            self.asked += 1
            if self.away:
                raise ConnectionError
            endpoints = {name: f"{NAME}/{name}" for name in ("authorization_endpoint", "token_endpoint")}
            return JSONResponse({"issuer": self.name, "jwks_uri": f"{NAME}/keys", **endpoints})

        async def keys(_: Request) -> Response:
            return JSONResponse({"keys": self.keys})

        app = Starlette(
            routes=[Route("/realm/.well-known/openid-configuration", discovery), Route("/realm/keys", keys)]
        )
        return httpx.ASGITransport(_AsTransportError(app))

    def tokens(self) -> Tokens:
        return Tokens(Issuer(NAME, transport=self.transport()), AUDIENCE)


class _AsTransportError:
    """An application whose ConnectionError is that of the connection to it."""

    def __init__(self, app: Starlette) -> None:
        self._app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        try:
            await self._app(scope, receive, send)
        except ConnectionError as error:
            raise httpx.ConnectError("away") from error


def signed(key: Key = KEY, alg: str = "ES256", kid: str | None = None, **changed: Any) -> str:
    """A token of 张伟 that holds for an hour, with some claims changed; None takes a claim away."""
    now = int(time())
    claims = {"iss": NAME, "aud": AUDIENCE, "sub": "zhang-wei", "name": "张伟", "iat": now, "exp": now + 3600}
    claims = {name: value for name, value in {**claims, **changed}.items() if value is not None}
    return jwt.encode({"alg": alg, "kid": kid or key.kid or ""}, claims, key, [alg])


async def refused(token: str, realm: Realm | None = None) -> str:
    with pytest.raises(Unauthenticated) as caught:
        await (realm or Realm()).tokens().principal(token)
    return caught.value.code


@pytest.mark.parametrize("alg", [*KINDS, "EdDSA"])
async def test_a_token_signed_in_any_accepted_way_names_its_person(alg: str):
    key = KEYS["Ed25519" if alg == "EdDSA" else alg]
    assert await Realm().tokens().principal(signed(key, alg)) == Principal("zhang-wei", "张伟")


async def test_a_name_that_is_missing_is_the_id():
    assert (await Realm().tokens().principal(signed(name=None))).name == "zhang-wei"


async def test_the_audience_may_be_one_of_several():
    assert (await Realm().tokens().principal(signed(aud=["other", AUDIENCE]))).person == "zhang-wei"


@pytest.mark.parametrize(
    "changed",
    [
        {"iss": NAME + "/"},
        {"iss": [NAME]},
        {"iss": None},
        {"aud": "guatu2"},
        {"aud": ["other"]},
        {"aud": None},
        {"sub": None},
        {"sub": ""},
        {"sub": "Zhang Wei"},
        {"sub": ["zhang-wei"]},
        {"exp": None},
        {"exp": "never"},
        {"exp": True},
        {"nbf": 4_000_000_000},
        {"iat": 4_000_000_000},
    ],
)
async def test_a_token_whose_claims_do_not_hold_here_is_refused(changed: dict[str, Any]):
    assert await refused(signed(**changed)) == "token_invalid"


async def test_a_token_that_was_is_refused_but_clocks_may_differ_a_little():
    assert await refused(signed(exp=int(time()) - 60)) == "token_expired"
    assert await Realm().tokens().principal(signed(exp=int(time()) - 10))
    assert await Realm().tokens().principal(signed(iat=int(time()) + 10, nbf=int(time()) + 10))


async def test_a_signature_by_another_key_under_the_same_id_is_refused():
    stranger = ECKey.generate_key("P-256", {"kid": KEY.kid or ""})
    assert await refused(signed(stranger)) == "token_invalid"


async def test_the_public_key_is_no_secret_to_sign_with():
    secret = OctKey.import_key(json.dumps(KEY.as_dict(private=False)).encode())
    assert await refused(signed(secret, "HS256", kid=KEY.kid)) == "token_invalid"


async def test_an_algorithm_must_fit_its_key():
    assert await refused(signed(KEYS["RS256"], "RS256", kid=KEY.kid)) == "token_invalid"


async def test_a_token_without_a_signature_is_refused():
    _, claims, _ = signed().split(".")
    for alg in ("none", "None", "ES256"):
        header = base64.urlsafe_b64encode(json.dumps({"alg": alg, "kid": KEY.kid}).encode()).rstrip(b"=").decode()
        assert await refused(f"{header}.{claims}.") == "token_invalid"


async def test_an_algorithm_that_is_not_accepted_is_not_worth_a_question_to_the_issuer():
    realm = Realm()
    secret = OctKey.generate_key(256)
    assert await refused(signed(secret, "HS256", kid="unknown"), realm) == "token_invalid"
    assert realm.asked == 0


_HEADERS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.sampled_from(["ES256", "b64", "alg"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["alg", "kid", "crit", "b64", "jwk", "x5u"]), inner)
    ),
    max_leaves=6,
)


@given(header=_HEADERS, rest=st.text("abcAB012._-", max_size=30))
async def test_whatever_is_sent_is_refused_in_words(header: Any, rest: str):
    first = base64.urlsafe_b64encode(json.dumps(header).encode()).rstrip(b"=").decode()
    assert await refused(f"{first}.{rest}") == "token_invalid"
    assert await refused(rest) == "token_invalid"


@given(place=st.integers(0, 10_000), letter=st.sampled_from("ABCabc012-_."))
async def test_a_changed_letter_gains_nothing(place: int, letter: str):
    token = signed()
    place %= len(token)
    changed = token[:place] + letter + token[place + 1 :]
    tokens = Realm().tokens()
    # the last letter of base64 has bits that mean nothing
    if changed == token or place == len(token) - 1:
        with suppress(Unauthenticated):
            assert await tokens.principal(changed) == Principal("zhang-wei", "张伟")
    else:
        with pytest.raises(Unauthenticated, match="token_invalid"):
            await tokens.principal(changed)


async def test_a_huge_token_is_not_even_read():
    realm = Realm()
    assert await refused(signed(padding="x" * 9000), realm) == "token_invalid"
    assert realm.asked == 0


async def test_a_verified_token_is_not_verified_again_until_it_ends(monkeypatch: pytest.MonkeyPatch):
    times = 0
    verify = tokens_module.verified

    async def counted(*arguments: Any) -> dict[str, Any]:
        nonlocal times
        times += 1
        return await verify(*arguments)

    monkeypatch.setattr(tokens_module, "verified", counted)
    tokens = Realm().tokens()
    with time_machine.travel(1_700_000_000, tick=False) as traveller:
        token = signed(exp=1_700_000_120)
        for _ in range(5):
            await tokens.principal(token)
        assert times == 1
        traveller.shift(200)
        with pytest.raises(Unauthenticated, match="token_expired"):
            await tokens.principal(token)


async def test_a_withdrawn_key_is_forgotten_also_for_tokens_that_were_verified(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(issuer_module, "FRESH", 0.0)
    monkeypatch.setattr(issuer_module, "PAUSE", 0.0)
    realm = Realm()
    tokens = realm.tokens()
    with time_machine.travel(1_700_000_000, tick=False) as traveller:
        token = signed()
        await tokens.principal(token)
        realm.keys = [key for key in realm.keys if key["kid"] != KEY.kid]
        assert await tokens.principal(token)
        traveller.shift(tokens_module.RECHECKED + 1)
        with pytest.raises(Unauthenticated):
            await tokens.principal(token)


async def test_a_new_key_is_looked_up_once_it_signs(monkeypatch: pytest.MonkeyPatch):
    realm = Realm()
    tokens = realm.tokens()
    await tokens.principal(signed())
    new = ECKey.generate_key("P-256", {"kid": "new"})
    realm.keys.append(new.as_dict(private=False))
    monkeypatch.setattr(issuer_module, "PAUSE", 0.0)
    assert await tokens.principal(signed(new))
    assert realm.asked == 2


async def test_unknown_key_ids_do_not_make_us_ask_the_issuer_again_and_again():
    realm = Realm()
    tokens = realm.tokens()
    await tokens.principal(signed())
    for n in range(20):
        with pytest.raises(Unauthenticated):
            await tokens.principal(signed(kid=f"made-up-{n}"))
    assert realm.asked == 1


async def test_while_the_issuer_is_away_and_no_key_is_known_nobody_is_called_a_liar(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(issuer_module, "IMPATIENT", 0.0)
    realm = Realm(away=True)
    tokens = realm.tokens()
    with pytest.raises(NotReady, match="issuer_unreachable"):
        await tokens.principal(signed())
    realm.away = False
    assert await tokens.principal(signed())


async def test_known_keys_serve_while_the_issuer_is_away(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(issuer_module, "FRESH", 0.0)
    monkeypatch.setattr(issuer_module, "PAUSE", 0.0)
    realm = Realm()
    tokens = realm.tokens()
    await tokens.principal(signed())
    realm.away = True
    assert await tokens.principal(signed(name="another token"))
    assert realm.asked > 1


async def test_an_issuer_that_calls_itself_otherwise_is_not_believed():
    with pytest.raises(NotReady, match="issuer_unreachable"):
        await Realm(name=NAME + "/other").tokens().principal(signed())


async def test_keys_that_are_not_for_signatures_are_passed_over():
    secret = OctKey.generate_key(256).as_dict() | {"kid": "oct"}
    wrapping = ECKey.generate_key("P-256", {"kid": "enc"})
    broken = {"kty": "EC", "crv": "P-256", "kid": "broken", "x": "!", "y": "!"}
    realm = Realm(keys=[secret, wrapping.as_dict(private=False) | {"use": "enc"}, broken, KEY.as_dict(private=False)])
    assert await realm.tokens().principal(signed())
    assert await refused(signed(wrapping), realm) == "token_invalid"
    without_id = jwt.encode({"alg": "ES256"}, jwt.decode(signed(), KEY, ["ES256"]).claims, KEY, ["ES256"])
    assert await realm.tokens().principal(without_id)
    assert await refused(without_id) == "token_invalid"


async def test_a_token_is_in_no_log_and_in_no_error():
    with structlog.testing.capture_logs() as logs:
        for token in (signed(iss="https://other.example"), signed(kid="unknown"), signed() + "x", signed(exp=1)):
            with pytest.raises(Unauthenticated) as caught:
                await Realm().tokens().principal(token)
            for text in (repr(logs), str(caught.value), repr(caught.value.__cause__)):
                assert not any(part in text for part in token.split("."))
