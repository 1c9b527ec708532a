"""The files of a project as a page shows them: what each is about, who added it, what a new one may be about."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from services.registry.commands.attaching import AddAttachment, AddEvidence
from services.registry.desk.access import Caller, Seen
from services.registry.project.attaching import MEDIA_TYPES
from services.registry.project.state import Project
from shared.command import Command
from shared.contracts.progress import AttachmentAdded, AttachmentOf
from shared.web.forms import Form, Forms

KINDS: Mapping[str, str] = dict(zip(MEDIA_TYPES, ("PDF", "JPEG", "PNG", "docx", "xlsx"), strict=True))
"""How each kind of file is called."""
UPLOAD = "upload"


@dataclass(frozen=True, slots=True)
class FileLine:
    """A file of the project; `about` in words."""

    added: AttachmentAdded
    about: str
    on: date
    by: str
    erased: bool

    @property
    def size(self) -> str:
        """Its size in words."""
        size = self.added.size
        whole, tenths = divmod((size + 50_000) // 100_000, 10)
        return f"{whole}.{tenths} MB" if size >= 1_000_000 else f"{max(size // 1000, 1)} KB"


@dataclass(frozen=True, slots=True)
class Files:
    """Files of a page: those that are about its matter, and the form for another, None if the caller adds none.

    `back` names the page that the form leads back to, `targets` what a file may be about.
    """

    id: str
    lines: Sequence[FileLine]
    form: Form | None
    targets: Sequence[tuple[str, str]]
    back: str
    limit: int
    kinds: Collection[str] = tuple(KINDS.values())
    endings: str = ",".join((*MEDIA_TYPES.values(), ".jpeg"))


def adds_by(project: Seen) -> type[Command] | None:
    """By which command the caller adds a file: for the owner, else for those who check; None if by neither."""
    if project.state.ended:
        return None
    if project.may["own"]:
        return AddAttachment
    return AddEvidence if project.may["verify"] else None


def files_of(
    caller: Caller, project: Seen, forms: Forms, back: str = "", about: Collection[AttachmentOf] = tuple(AttachmentOf)
) -> Files:
    """The files of a project that are about such things."""
    targets = [each for each in targets_of(project.state) if target(each[0])[0] in about]
    adds = adds_by(project) is not None and bool(targets)
    first = {"target": _likely([value for value, _ in targets], back), "back": back} if adds else {}
    return Files(
        project.id,
        [line for line in lines_of(project) if line.added.about in about],
        forms.of(UPLOAD, first) if adds else None,
        targets,
        back,
        caller.kit.settings.file_limit,
    )


def _likely(values: Sequence[str], back: str) -> str:
    """What a new file is most likely about: of a page of its own the last report, else its first matter."""
    reports = [each for each in values if target(each)[0] == AttachmentOf.REPORT]
    return values[-1] if not back else reports[-1] if reports else values[0]


def target(value: str) -> tuple[str, str]:
    """What a file is about, and which month, milestone or problem: `report:2023-03`."""
    about, _, ref = value.partition(":")
    return about, ref


def targets_of(project: Project) -> list[tuple[str, str]]:
    """What a file of the project may be about, each in words."""
    return [
        (f"{about}:{ref}" if ref else about.value, words)
        for about in AttachmentOf
        for ref, words in _words(project, about).items()
    ]


def _words(project: Project, about: AttachmentOf) -> Mapping[str, str]:
    match about:
        case AttachmentOf.PLAN:
            return {"": "方案"}
        case AttachmentOf.REPORT:
            return {month: f"{month} 报送" for month in sorted(project.reports)}
        case AttachmentOf.MILESTONE:
            return {each.id: f"节点：{each.title}" for each in (project.plan.milestones if project.plan else ())}
        case AttachmentOf.PROBLEM:
            return {id: f"问题：{each.found.text[:30]}" for id, each in project.problems.items()}
        case AttachmentOf.ACCEPTANCE:
            return {"": "验收"}
        case AttachmentOf.OTHER:
            return {"": "其他"}


def lines_of(project: Seen) -> list[FileLine]:
    """The files that were added, the last one first; one that was added again stands once."""
    told = {each.data.digest: each for each in project.events if isinstance(each.data, AttachmentAdded)}
    return [
        FileLine(
            there.added,
            _words(project.state, there.added.about).get(there.added.ref, there.added.ref),
            told[digest].effective,
            told[digest].actor,
            there.erased,
        )
        for digest, there in reversed(list(project.state.attachments.items()))
    ]
