"""Commands from the request for acceptance (验收) to the closing (销号)."""

from pydantic import Field

from shared.command import Command
from shared.contracts.event import Part
from shared.contracts.progress import Severity
from shared.contracts.values import Day, OptionalText, ShortText, Slug, Text


class RequestAcceptance(Command, route="/projects/{id}/request-acceptance"):
    """Ask for acceptance: every milestone is reached and no problem is open."""

    summary: Text


class AcceptProject(Command, route="/projects/{id}/accept"):
    """Record that the site check passed, with the names of those who signed."""

    signers: tuple[ShortText, ...] = Field(min_length=1)
    note: OptionalText = ""


class ProblemSeen(Part):
    """A problem that the site check found, to be rectified by the end of the day `due`."""

    problem: Slug
    severity: Severity
    text: Text
    due: Day


class FailAcceptance(Command, route="/projects/{id}/fail-acceptance"):
    """Record that the site check failed, and the problems that it found; the project goes on."""

    reason: Text
    problems: tuple[ProblemSeen, ...] = Field(min_length=1)


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
