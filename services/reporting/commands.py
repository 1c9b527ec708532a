"""What may be asked of reporting: to draft a bulletin, to write it anew, to issue it."""

from pydantic import Field

from shared.command import Command
from shared.contracts.bulletin import Manuscript


class DraftBulletin(Command, route="/bulletins/draft"):
    """Write a bulletin. Every number in it is a figure's name in braces, counted when it is shown or issued."""

    manuscript: Manuscript


class RewriteBulletin(Command, route="/bulletins/{id}/rewrite"):
    """Write a bulletin anew that is not issued yet."""

    manuscript: Manuscript


class IssueBulletin(Command, route="/bulletins/{id}/issue"):
    """Issue a bulletin: its figures are counted as known on the day and stay. Without a number it gets the next."""

    issue: int | None = Field(default=None, ge=1, le=9999)
