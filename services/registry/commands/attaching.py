"""Commands about files that are added to a project."""

from shared.command import Command
from shared.contracts.progress import AttachmentOf
from shared.contracts.values import Digest, OptionalLine, ShortText, Text


class AddAttachment(Command, route="/projects/{id}/attach"):
    """Add a kept file for the owner; `ref` is the month, milestone or problem that it is about."""

    digest: Digest
    name: ShortText
    about: AttachmentOf
    ref: OptionalLine = ""
    personal: bool = False


class AddEvidence(Command, route="/projects/{id}/attach-evidence"):
    """Add a kept file for those who check the project."""

    digest: Digest
    name: ShortText
    about: AttachmentOf
    ref: OptionalLine = ""
    personal: bool = False


class EraseAttachment(Command, route="/projects/{id}/erase-attachment"):
    """Let the project have a file no more: its content is erased if no other names it, and stays provable."""

    digest: Digest
    reason: Text
