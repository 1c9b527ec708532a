"""Commands that turn a project's life: withdrawal, hand-over, termination, reopening, carry-over."""

from shared.command import Command
from shared.contracts.values import PersonId, Text, Year


class WithdrawProject(Command, route="/projects/{id}/withdraw"):
    """Take a proposal back before it is decided on (撤回)."""

    reason: Text


class HandOverProject(Command, route="/projects/{id}/hand-over"):
    """Hand a project over to another secretary of its owner (移交)."""

    secretary: PersonId
    reason: Text


class TerminateProject(Command, route="/projects/{id}/terminate"):
    """End an approved project that will not be finished (终止)."""

    reason: Text


class ReopenProject(Command, route="/projects/{id}/reopen"):
    """Have a closed project carried out again."""

    reason: Text


class CarryOverProject(Command, route="/projects/{id}/carry-over"):
    """Carry an unfinished project over into a later year (结转); it keeps its number."""

    year: Year
    reason: Text
