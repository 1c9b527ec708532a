"""Who is asking: a bearer token for systems, the session cookie for pages. What he or she may do: authority.py."""

from fastapi import Request

from shared.errors import Unauthenticated
from shared.issuer import Issuer
from shared.session import Sessions
from shared.settings import Settings
from shared.tokens import Principal, Tokens

__all__ = ["Auth", "Principal", "principal"]


class Auth:
    """Authenticates the requests of one process; it is `app.state.auth`."""

    def __init__(self, settings: Settings) -> None:
        """Raises ValueError if the settings do not suffice."""
        self.settings = settings
        self.sessions = Sessions(settings)
        self.issuer = Issuer.of(settings)
        self._tokens = Tokens(self.issuer, settings.audience)

    async def close(self) -> None:
        """Close the connections to the issuer."""
        await self.issuer.close()

    async def principal(self, request: Request) -> Principal:
        """Who is asking: the bearer token's person, else the session's.

        Raises:
            Unauthenticated: no token and no session, or a token that is not valid here.
            Forbidden("foreign_origin"): the session's cookie came with a write from another site's page.
            NotReady("issuer_unreachable"): a token cannot be verified for now.
        """
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer":
            return await self._tokens.principal(token.strip())
        found = None if scheme else self.sessions.read(request)
        if found is None:
            raise Unauthenticated("sign_in_required")
        return found


async def principal(request: Request) -> Principal:
    """The dependency that gives a route who is asking, and refuses whoever is not signed in."""
    auth: Auth = request.app.state.auth
    return await auth.principal(request)
