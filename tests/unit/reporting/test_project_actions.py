"""The ways from a project to the desks: only what its stage and the viewer's rights leave open."""

import pytest

from services.reporting.project_actions import Rights, actions
from services.reporting.views.card import Card, Stage

OWNER, REVIEWER, INSPECTOR = Rights(True, False, False), Rights(False, True, False), Rights(False, False, True)


def labels(stage: Stage, rights: Rights) -> list[str]:
    return [action.label for action in actions("x", Card(stage=stage), rights)]


@pytest.mark.parametrize(
    ("stage", "owner", "reviewer", "inspector"),
    [
        (Stage.PROPOSED, ["填写方案", "附件"], ["附件", "项目变动"], ["附件"]),
        (Stage.SUBMITTED, ["答复意见", "附件"], ["评审", "附件", "项目变动"], ["附件"]),
        (Stage.RETURNED, ["修改方案", "附件"], ["附件", "项目变动"], ["附件"]),
        (Stage.REJECTED, ["附件"], ["附件"], ["附件"]),
        (Stage.APPROVED, ["开工", "附件"], ["附件", "项目变动"], ["附件"]),
        (
            Stage.STARTED,
            ["报送进展", "整改与延期", "申请验收", "附件"],
            ["检查与核验", "附件", "项目变动"],
            ["检查与核验", "附件"],
        ),
        (Stage.REQUESTED, ["报送进展", "整改与延期", "附件"], ["验收", "检查与核验", "附件"], ["检查与核验", "附件"]),
        (Stage.ACCEPTED, ["附件"], ["发布公示", "附件"], ["附件"]),
        (Stage.ANNOUNCED, ["附件"], ["异议与销号", "附件"], ["附件"]),
        (Stage.CLOSED, ["附件"], ["附件", "项目变动"], ["附件"]),
        (Stage.WITHDRAWN, ["附件"], ["附件"], ["附件"]),
        (Stage.TERMINATED, ["附件"], ["附件"], ["附件"]),
    ],
)
def test_each_stage_leads_to_its_desks(stage: Stage, owner: list[str], reviewer: list[str], inspector: list[str]):
    for rights, found in ((OWNER, owner), (REVIEWER, reviewer), (INSPECTOR, inspector)):
        assert labels(stage, rights) == found
    assert labels(stage, Rights(False, False, False)) == []


def test_a_button_leads_to_the_projects_own_desk():
    action, *_ = actions("0190", Card(stage=Stage.SUBMITTED), REVIEWER)
    assert action.href == "/registry/desk/review?id=0190"
