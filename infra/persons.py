"""The persons whom the sign-in page of the local mode offers, as the registry lists them."""

from collections.abc import Callable, Sequence
from typing import Any

import httpx
import structlog
from pydantic import BaseModel, TypeAdapter, ValidationError

logger = structlog.get_logger()

MOST = 60
"""Persons on one page; a search finds the others."""


class Post(BaseModel):
    """A post that a person holds."""

    unit_name: str = ""
    title: str = ""


class Listed(BaseModel):
    """A person to choose from."""

    id: str
    name: str
    posts: list[Post] = []

    @property
    def post(self) -> str:
        """The posts in words."""
        return "；".join(f"{post.unit_name} {post.title}".strip() for post in self.posts)


_listing = TypeAdapter(list[Listed])


class Persons:
    """Asks the registry: `GET /registry/persons?search=&limit=`, as somebody who may read everything."""

    def __init__(self, origins: Sequence[str], token: Callable[[], str] | None) -> None:
        """`token` makes a token to ask with; without one nobody is listed."""
        self._origins = origins
        self._token = token
        self._http = httpx.AsyncClient(timeout=3, trust_env=False)
        self._names: dict[str, str] = {}

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    def name(self, person: str) -> str:
        """The person's name if he or she was listed before, else the id."""
        return self._names.get(person, person)

    async def find(self, search: str) -> list[Listed] | None:
        """Those whose name, id or post has the words; None if nobody can be asked."""
        if self._token is None:
            return None
        headers = {"Authorization": f"Bearer {self._token()}"}
        for origin in self._origins:
            try:
                answer = await self._http.get(
                    f"{origin}/registry/persons", params={"search": search, "limit": str(MOST)}, headers=headers
                )
                answer.raise_for_status()
                listed = _listing.validate_python(_items(answer.json()))
            except (httpx.HTTPError, ValidationError, ValueError) as error:
                logger.info("persons_not_listed", origin=origin, error=repr(error))
                continue
            self._names |= {each.id: each.name for each in listed}
            return listed
        return None


def _items(answer: Any) -> Any:
    return answer.get("persons") if isinstance(answer, dict) else answer
