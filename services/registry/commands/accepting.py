"""Commands from the request for acceptance (验收) to the closing (销号)."""

from pydantic import Field

from shared.command import Command
from shared.contracts.values import OptionalText, ShortText, Slug, Text


class RequestAcceptance(Command, route="/projects/{id}/request-acceptance"):
    """Ask for acceptance: every milestone is reached and no problem is open."""

    summary: Text


class AcceptProject(Command, route="/projects/{id}/accept"):
    """Record that the site check passed, with the names of those who signed."""

    signers: tuple[ShortText, ...] = Field(min_length=1)
    note: OptionalText = ""


class FailAcceptance(Command, route="/projects/{id}/fail-acceptance"):
    """Record that the site check failed; the project goes on."""

    reason: Text


class IssuePublicNotice(Command, route="/projects/{id}/announce"):
    """Announce the result for five working days (公示); the notice gets its document number."""


class RaiseObjection(Command, route="/projects/{id}/raise-objection"):
    """Record that somebody objects to the announced result."""

    objection: Slug
    text: Text


class ResolveObjection(Command, route="/projects/{id}/resolve-objection"):
    """Record how an objection was looked into and settled."""

    objection: Slug
    text: Text


class CloseProject(Command, route="/projects/{id}/close"):
    """Close the project (销号), at the earliest on the day after the notice; it gets its closure number."""
