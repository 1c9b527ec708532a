"""Commands about extensions (延期): one is asked for, endorsed, and granted or refused."""

from shared.command import Command
from shared.contracts.progress import Extended
from shared.contracts.values import Day, OptionalText, PersonId, Slug, Text


class RequestExtension(Command, route="/projects/{id}/request-extension"):
    """Ask for a later day for a milestone or a problem, before it is due."""

    extension: Slug
    of: Extended
    subject: Slug
    due: Day
    reason: Text


class EndorseExtension(Command, route="/projects/{id}/endorse-extension"):
    """Pass an extension on to be granted: the first of its two steps.

    Of a branch's project its township decides it; whoever does so for the township's secretary names him or her.
    """

    extension: Slug
    note: OptionalText = ""
    secretary: PersonId | None = None


class GrantExtension(Command, route="/projects/{id}/grant-extension"):
    """Grant an extension that somebody else has endorsed."""

    extension: Slug


class RefuseExtension(Command, route="/projects/{id}/refuse-extension"):
    """Refuse an extension, at either of its steps; `secretary` as for its endorsement."""

    extension: Slug
    reason: Text
    secretary: PersonId | None = None
