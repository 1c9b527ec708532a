"""The persons whom the sign-in page of the local mode offers, as the registry lists them."""

from collections.abc import Sequence

import httpx
import structlog
from pydantic import BaseModel, ValidationError

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


class Listing(BaseModel):
    """Those who were found; `next` is there if there are more than one page has."""

    items: list[Listed]
    next: str | None = None


class Persons:
    """Asks the registry's replicas: `GET /registry/persons?q=&limit=`, which is open to all with local sign-in."""

    def __init__(self, origins: Sequence[str]) -> None:
        self._origins = origins
        self._http = httpx.AsyncClient(timeout=3, trust_env=False)
        self._names: dict[str, str] = {}

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    def name(self, person: str) -> str:
        """The person's name if he or she was listed before, else the id."""
        return self._names.get(person, person)

    async def knows(self, person: str) -> bool | None:
        """Whether somebody is registered under this id; None if nobody can be asked."""
        listed = await self.find(person)
        return None if listed is None else any(each.id == person for each in listed.items)

    async def find(self, search: str) -> Listing | None:
        """Those whom the words find, by id, name or post; None if nobody can be asked."""
        for origin in self._origins:
            try:
                answer = await self._http.get(f"{origin}/registry/persons", params={"q": search, "limit": str(MOST)})
                answer.raise_for_status()
                listed = Listing.model_validate_json(answer.content)
            except (httpx.HTTPError, ValidationError, ValueError) as error:
                logger.info("persons_not_listed", origin=origin, error=repr(error))
                continue
            self._names |= {each.id: each.name for each in listed.items}
            return listed
        return None
