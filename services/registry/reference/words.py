"""What roles and posts are called."""

from collections.abc import Mapping

from shared.contracts.reference import Role

ROLES: Mapping[Role, str] = {
    Role.BRANCH_SECRETARY: "支部书记",
    Role.TOWNSHIP_SECRETARY: "乡镇党委书记",
    Role.OFFICE: "党政办",
    Role.REVIEWER: "组织部审核",
    Role.INSPECTOR: "评估组、抽查组",
    Role.ASSESSOR: "评议人",
    Role.SCHEME_ADMIN: "指数管理",
    Role.SUPERVISOR: "督办",
    Role.LEADER: "领导",
    Role.AUDITOR: "审计",
    Role.PLATFORM_ADMIN: "平台管理",
}


def post_word(role: Role, unit: str, title: str) -> str:
    """A post in words: the unit's name, and the title or else the role."""
    return f"{unit} {title or ROLES[role]}"
