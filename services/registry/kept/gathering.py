"""What the commands about files read and keep beside their facts."""

import asyncpg

from services.registry.commands.attaching import AddAttachment, AddEvidence
from services.registry.project.state import Project
from shared.command import Case
from shared.contracts.values import StreamId
from shared.errors import require
from shared.kept import File, file_of, use_file


async def file(connection: asyncpg.Connection, _: Project, cmd: AddAttachment | AddEvidence, case: Case) -> File | None:
    """The file that a command names, if the one who names it has sent it."""
    return await file_of(connection, cmd.digest, case.actor)


async def keep_for(connection: asyncpg.Connection, stream: StreamId, cmd: AddAttachment | AddEvidence) -> None:
    """Keep the file for as long as the project names it.

    Raises:
        RuleViolation("no_such_file"): it was erased meanwhile.
    """
    require(await use_file(connection, cmd.digest, stream), "no_such_file", field="digest")
