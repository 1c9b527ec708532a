"""Where a person is led at first, and where 总览 leads: to what is theirs by their posts."""

from collections.abc import Collection

from shared.authority_views import Appointment
from shared.contracts.divisions import UnitKind, kind_of
from shared.contracts.reference import SECRETARIES, Role

DESK = "/registry/desk"
WALLS = frozenset({UnitKind.CITY, UnitKind.COUNTY})
"""The kinds of units that have a wall."""
_OVERSEES = frozenset({Role.LEADER, Role.SUPERVISOR})
_WORKS = SECRETARIES | {Role.OFFICE, Role.REVIEWER, Role.INSPECTOR, Role.AUDITOR, Role.PLATFORM_ADMIN}
"""Whose work waits at a desk."""


def first_page(posts: Collection[Appointment]) -> str:
    """Who oversees a city or county begins at its wall, whose role has work at the desk there; others at their unit."""
    overseen = [post.unit for post in posts if post.role in _OVERSEES and has_wall(post.unit)]
    if overseen:
        return overview(overseen)
    if not posts or any(post.role in _WORKS for post in posts):
        return DESK
    return overview([post.unit for post in posts])


def overview(units: Collection[str]) -> str:
    """The wall of the first of these units, or its page if it has none."""
    unit = min(units)
    return f"/wall/{unit}" if has_wall(unit) else f"/units/{unit}"


def has_wall(unit: str) -> bool:
    """Whether a unit has a wall: a city or a county."""
    return kind_of(unit) in WALLS
