"""A project as a caller may see it."""

from services.registry.project.life import PROJECT
from services.registry.project.state import Project
from shared.auth import Principal
from shared.contracts.values import ProjectId, StreamId
from shared.errors import NotFound
from shared.kit import Kit
from shared.store import Stream, load


async def seen_project(kit: Kit, who: Principal, id: ProjectId) -> tuple[Stream, Project]:
    """A project within the caller's sight, out of the store.

    Raises:
        NotFound("no_such_project" | "no_such_thing").
    """
    async with kit.database.driver() as connection:
        stream = await load(connection, StreamId(f"{PROJECT.category}-{id}"))
    if stream.version == 0:
        raise NotFound("no_such_project", None, {"id": id})
    state = PROJECT.of(stream.events)
    await kit.authority.require_sight(who.person, state.proposed.owner, await kit.moments.today())
    return stream, state
