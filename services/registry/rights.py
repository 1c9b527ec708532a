"""Who may do what: the roles that allow it, and the unit at which, or above which, one must be held."""

from typing import Any

from services.registry.state import Project
from shared.command import Who
from shared.contracts.reference import SECRETARIES, Role
from shared.rights import ANY_ROLE, NATION

PROPOSER: Who[Any, Any] = Who(
    SECRETARIES, at=lambda _, cmd: cmd.owner, exactly=True, for_whom=lambda _, cmd: cmd.secretary
)
"""A secretary at the very owner that the command names; the office at or above it acts for the secretary."""

OWNER: Who[Any, Any] = Who(
    SECRETARIES,
    at=lambda project, _: project.proposed.owner,
    exactly=True,
    for_whom=lambda project, _: project.secretary,
)
"""The same for a project that exists."""

REVIEWER: Who[Any, Any] = Who(frozenset({Role.REVIEWER}), at=lambda project, _: project.proposed.county)
"""A reviewer of the project's county."""

ENDORSER: Who[Any, Any] = Who(
    frozenset({Role.TOWNSHIP_SECRETARY, Role.REVIEWER}),
    at=lambda project, cmd: decided_at(project, cmd.extension),
    for_whom=lambda _, cmd: cmd.secretary,
)
"""The secretary of the township of an extension, whom its office acts for, or a reviewer of the county."""

INSPECTOR: Who[Any, Any] = Who(frozenset({Role.INSPECTOR}), at=lambda project, _: project.proposed.county)
"""An inspector at the project's county, or above it; the campaign says who of them."""

VERIFIER: Who[Any, Any] = Who(frozenset({Role.INSPECTOR, Role.REVIEWER}), at=lambda project, _: project.proposed.county)
"""An inspector at the project's county or above it, or a reviewer of the county; of a campaign's problem its group."""

REVIEWER_NAMED: Who[Any, Any] = Who(frozenset({Role.REVIEWER}), at=lambda _, cmd: cmd.county)
"""A reviewer of the county that the command names."""

INSPECTOR_NAMED: Who[Any, Any] = Who(frozenset({Role.INSPECTOR}), at=lambda _, cmd: cmd.county)
"""An inspector at the county that the command names, or above it."""

ADMIN_AT_UNIT: Who[Any, Any] = Who(frozenset({Role.PLATFORM_ADMIN}), at=lambda _, cmd: cmd.unit)
"""An administrator at the unit of an appointment, or above it."""

ADMIN_OF_UNIT: Who[Any, Any] = Who(frozenset({Role.PLATFORM_ADMIN}), at=lambda _, cmd: cmd.parent or NATION)
"""An administrator at the parent of a new unit, or above it; a province is registered by any."""

ADMIN_OF_CHANGE: Who[Any, Any] = Who(
    frozenset({Role.PLATFORM_ADMIN}),
    at=lambda unit, _: unit.code,
    also_at=lambda _, cmd: cmd.touches,
)
"""An administrator at a unit that changes, or above it, and at each of those that it goes to."""

ADMIN_OF_MOVE: Who[Any, Any] = Who(
    frozenset({Role.PLATFORM_ADMIN}),
    at=lambda unit, _: unit.parent or NATION,
    also_at=lambda _, cmd: cmd.touches,
)
"""An administrator at the old parent of a unit, or above it, and at the new one."""

ADMIN_ANYWHERE: Who[Any, Any] = Who(frozenset({Role.PLATFORM_ADMIN}), at=lambda _, __: NATION)
"""An administrator at any unit: persons and the calendar belong to none."""

ASKER: Who[Any, Any] = Who(frozenset({Role.REVIEWER, Role.SUPERVISOR}), at=lambda _, cmd: cmd.county)
"""A reviewer or supervisor of the county that asks its units."""

ASKER_BEFORE: Who[Any, Any] = Who(ASKER.roles, at=lambda requests, _: requests.county)
"""The same of a county that has asked already."""

ANSWERER: Who[Any, Any] = Who(
    SECRETARIES, at=lambda _, cmd: cmd.unit, exactly=True, for_whom=lambda _, cmd: cmd.secretary
)
"""The secretary of the unit that answers; the office at or above it acts for the secretary."""

ANYBODY: Who[Any, Any] = Who(ANY_ROLE, at=lambda _, __: NATION)
"""Everybody who holds some post."""

CONTACTS = frozenset({Role.LEADER, Role.REVIEWER, Role.SUPERVISOR, Role.OFFICE})
"""Who reads what is kept of the persons of a unit: those who lead, check or serve it, there or above."""


def decided_at(project: Project, extension: str) -> str:
    """The unit at which the first step of an extension is decided; the county if there is no such extension."""
    asked = project.extensions.get(extension)
    return asked.asked.endorsed_at if asked else project.proposed.county


_DESK = frozenset({Role.REVIEWER, Role.SUPERVISOR, Role.LEADER, Role.OFFICE})

VISITOR: Who[Any, Any] = Who(_DESK, at=lambda _, cmd: cmd.county, for_whom=lambda _, cmd: cmd.leader)
"""A reviewer, supervisor or leader of the county that the command names; its office, for the leader of the visit."""

VISIT_DESK: Who[Any, Any] = Who(
    _DESK, at=lambda visit, _: visit.county, for_whom=lambda visit, _: visit.held and visit.held.leader
)
"""The same for a visit that was recorded."""

HELPER: Who[Any, Any] = Who(_DESK | {Role.TOWNSHIP_SECRETARY}, at=lambda project, _: project.proposed.owner)
"""Who can help a project: at its owner or above it, in the township or in the county."""

COUNTY_DESK: Who[Any, Any] = Who(frozenset({Role.REVIEWER, Role.SUPERVISOR}), at=lambda _, cmd: cmd.county)
"""A reviewer or supervisor of the county that the command names."""

RHYTHM_DESK: Who[Any, Any] = Who(frozenset({Role.REVIEWER, Role.SUPERVISOR}), at=lambda rhythm, _: rhythm.county)
"""The same for a calendar that was set."""

CHECKING: Who[Any, Any] = Who(frozenset({Role.TOWNSHIP_SECRETARY}), at=lambda _, cmd: cmd.checking, exactly=True)
"""The secretary of the very township that checks; its office, or the county's, may as well."""

REVIEWER_OF: Who[Any, Any] = Who(frozenset({Role.REVIEWER}), at=lambda case, _: case.county)
"""A reviewer of the case's county."""

CATALOGUER: Who[Any, Any] = Who(frozenset({Role.SCHEME_ADMIN, Role.PLATFORM_ADMIN}), at=lambda _, cmd: cmd.unit)
"""Who keeps the catalogue of a unit, there or above it."""

MEASURER: Who[Any, Any] = Who(SECRETARIES | {Role.REVIEWER}, at=lambda _, cmd: cmd.unit)
"""The secretary or office of the unit, or of one above it, or a reviewer of its county."""
IMPORTER: Who[Any, Any] = Who(frozenset({Role.REVIEWER, Role.PLATFORM_ADMIN}), at=lambda _, __: NATION)
"""A reviewer or administrator at the counties that a ledger names, or above them; here at any, before it is read."""
