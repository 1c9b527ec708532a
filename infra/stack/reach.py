"""The servers that a command is about: those named in the environment, else those that run for a scenario."""

from infra.stack import servers
from infra.stack.failure import StackError
from infra.stack.status import chosen


def bootstrap(scenario: str | None) -> str:
    """The broker's bootstrap servers."""
    found = servers.named_kafka() or servers.current(chosen(scenario)).kafka
    if found is None:
        raise StackError("No broker runs: guatu up, or name one in GUATU_KAFKA.")
    return found


def database_server(scenario: str | None) -> str:
    """The URL of the database server, as services use it."""
    found = servers.named_database() or servers.current(chosen(scenario)).database
    if found is None:
        raise StackError("No database server runs: guatu up, or name one in GUATU_DATABASE.")
    return found
