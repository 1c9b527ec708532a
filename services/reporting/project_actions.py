"""What the viewer of a project can do about it: the ways to the desks that are open to him or her now."""

from dataclasses import dataclass

from services.reporting.access import Viewer
from services.reporting.views.card import Card, Stage
from shared.contracts.reference import SECRETARIES, Role

DESK = "/registry/desk"
_CARRIED_OUT = frozenset({Stage.STARTED, Stage.REQUESTED})

_TURNED = frozenset({Stage.PROPOSED, Stage.SUBMITTED, Stage.RETURNED, Stage.APPROVED, Stage.STARTED, Stage.CLOSED})
"""The stages in which a reviewer is led to the project's turns apart from the way to its closing."""


@dataclass(frozen=True, slots=True)
class Rights:
    """Whether the viewer acts for the project's owner, reviews in the county that it lies in, or inspects there."""

    owns: bool
    reviews: bool
    inspects: bool


@dataclass(frozen=True, slots=True)
class Action:
    """A button that leads to a desk."""

    label: str
    href: str


async def rights_of(viewer: Viewer, card: Card) -> Rights:
    """The viewer's rights to a project."""

    async def may(roles: frozenset[Role], unit: str, *, exactly: bool = False) -> bool:
        return await viewer.authority.may(viewer.person, roles, unit, viewer.today, exactly=exactly) is not None

    return Rights(
        await may(SECRETARIES, card.owner, exactly=True),
        await may(frozenset({Role.REVIEWER}), card.owner),
        await may(frozenset({Role.INSPECTOR}), card.owner),
    )


def actions(id: str, card: Card, rights: Rights) -> list[Action]:
    """The buttons, the most pressing first."""
    found: list[Action] = []
    if rights.owns:
        found += _of_owner(id, card)
    if rights.reviews:
        found += _of_reviewer(id, card)
    if (rights.inspects or rights.reviews) and card.stage in _CARRIED_OUT:
        found.append(Action("检查与核验", f"{DESK}/problems/{id}"))
    if rights.owns or rights.reviews or rights.inspects:
        found.append(Action("附件", f"{DESK}/attachments/{id}"))
    if rights.reviews and card.stage in _TURNED:
        found.append(Action("项目变动", f"{DESK}/acceptance/{id}#turns"))
    return found


def _of_owner(id: str, card: Card) -> list[Action]:
    match card.stage:
        case Stage.PROPOSED:
            return [Action("填写方案", f"{DESK}/projects/{id}/plan")]
        case Stage.RETURNED:
            return [Action("修改方案", f"{DESK}/projects/{id}/plan")]
        case Stage.SUBMITTED:
            return [Action("答复意见", f"{DESK}/projects/{id}/plan")]
        case Stage.APPROVED:
            return [Action("开工", f"{DESK}/report/{id}")]
        case Stage.STARTED:
            return [
                Action("报送进展", f"{DESK}/report/{id}"),
                Action("整改与延期", f"{DESK}/problems/{id}"),
                Action("申请验收", f"{DESK}/acceptance/{id}"),
            ]
        case Stage.REQUESTED:
            return [Action("报送进展", f"{DESK}/report/{id}"), Action("整改与延期", f"{DESK}/problems/{id}")]
        case _:
            return []


def _of_reviewer(id: str, card: Card) -> list[Action]:
    match card.stage:
        case Stage.SUBMITTED:
            return [Action("评审", f"{DESK}/review?id={id}")]
        case Stage.REQUESTED:
            return [Action("验收", f"{DESK}/acceptance/{id}")]
        case Stage.ACCEPTED:
            return [Action("发布公示", f"{DESK}/acceptance/{id}")]
        case Stage.ANNOUNCED:
            return [Action("异议与销号", f"{DESK}/acceptance/{id}")]
        case _:
            return []
