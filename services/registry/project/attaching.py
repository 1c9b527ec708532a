"""Files that are added to a project: kept apart by the hash of their content, which alone stands in the event."""

from collections.abc import Mapping

from services.registry.checks import found
from services.registry.commands.attaching import AddAttachment, AddEvidence, EraseAttachment
from services.registry.project.state import Project, check_independent
from shared.contracts.progress import AttachmentAdded, AttachmentErased, AttachmentOf
from shared.errors import InvalidValue, require
from shared.kept import File

MOST = 200
"""Files of one project."""
MEDIA_TYPES: Mapping[str, str] = {
    "application/pdf": ".pdf",
    "image/jpeg": ".jpg",
    "image/png": ".png",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": ".docx",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": ".xlsx",
}
"""What a file may be by its content, and how its name ends when it is given out."""


def check_media_type(media_type: str | None) -> str:
    """The type of a file's content, if it is one that is taken.

    Raises:
        InvalidValue("media_type_refused").
    """
    if media_type is None or media_type not in MEDIA_TYPES:
        raise InvalidValue("media_type_refused", None, {"found": media_type or "?"})
    return media_type


def add_attachment(
    project: Project, cmd: AddAttachment | AddEvidence, file: File | None, actor: str
) -> list[AttachmentAdded]:
    """Add a kept file to what it is about, once: for the owner, or for those who check the project."""
    require(not project.ended, "project_is_over", field="project")
    of_owner = isinstance(cmd, AddAttachment)
    if not of_owner:
        check_independent(project, actor)
    kept = found(file, "no_such_file", "digest")
    there = project.attachments.get(cmd.digest)
    require(there is None or there.erased, "attached_already", field="digest")
    require(len(project.attachments) < MOST, "too_many_attachments", field="digest", most=MOST)
    require(cmd.ref in _referable(project, cmd.about), "attached_to_nothing", field="ref", ref=cmd.ref)
    return [
        AttachmentAdded(
            digest=cmd.digest,
            name=cmd.name,
            media_type=kept.media_type,
            size=kept.size,
            about=cmd.about,
            ref=cmd.ref,
            personal=cmd.personal,
            of_owner=of_owner,
        )
    ]


def _referable(project: Project, about: AttachmentOf) -> set[str]:
    match about:
        case AttachmentOf.REPORT:
            return set(project.reports)
        case AttachmentOf.PROBLEM:
            return set(project.problems)
        case AttachmentOf.MILESTONE:
            return {milestone.id for milestone in project.plan.milestones} if project.plan else set()
        case AttachmentOf.PLAN | AttachmentOf.ACCEPTANCE | AttachmentOf.OTHER:
            return {""}


def erase_attachment(project: Project, cmd: EraseAttachment) -> list[AttachmentErased]:
    """Erase a file's content; the same again is no event."""
    there = found(project.attachments.get(cmd.digest), "no_such_attachment", "digest")
    return [] if there.erased else [AttachmentErased(digest=cmd.digest, reason=cmd.reason)]
