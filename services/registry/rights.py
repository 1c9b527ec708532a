"""Who may do what: the roles that allow it, and the unit at which, or above which, one must be held."""

from typing import Any

from shared.authority_table import ANYWHERE
from shared.command import Who
from shared.contracts.reference import SECRETARIES, Role
from shared.rights import ANY_ROLE, NATION

PROPOSER: Who[Any, Any] = Who(
    SECRETARIES,
    at=lambda _, cmd: cmd.owner,
    exactly=True,
    for_whom=lambda _, cmd: cmd.secretary,
    scope="the owner that it names",
)
"""A secretary at the very owner that the command names; the office at or above it acts for the secretary."""

OWNER: Who[Any, Any] = Who(
    SECRETARIES,
    at=lambda project, _: project.proposed.owner,
    exactly=True,
    for_whom=lambda project, _: project.secretary,
    scope="the project's owner",
)
"""The same for a project that exists."""

REVIEWER: Who[Any, Any] = Who(frozenset({Role.REVIEWER}), at=OWNER.at, by_post=True, scope="the project's owner")
"""A reviewer of the county that the project's owner lies in today, whichever it was approved under."""

ENDORSER: Who[Any, Any] = Who(
    frozenset({Role.TOWNSHIP_SECRETARY, Role.REVIEWER}),
    at=OWNER.at,
    for_whom=lambda _, cmd: cmd.secretary,
    by_post=True,
    scope="the project's owner",
    besides="the first step of a branch's extension is its township's, any other a reviewer's",
)
"""The secretary of the township that the project lies in, whom its office acts for, or a reviewer of the county."""

INSPECTOR: Who[Any, Any] = Who(
    frozenset({Role.INSPECTOR}),
    at=OWNER.at,
    by_post=True,
    scope="the project's owner",
    besides="a member of the campaign's group that it names",
)
"""An inspector of the county that the project's owner lies in today, or above it; the campaign says who of them."""

VERIFIER: Who[Any, Any] = Who(
    frozenset({Role.INSPECTOR, Role.REVIEWER}),
    at=OWNER.at,
    by_post=True,
    scope="the project's owner",
    besides="of a campaign's problem a member of the group that found it, while the project lies in its county",
)
"""An inspector or reviewer of the county that the owner lies in today, or above; of a campaign's problem its group."""

REVIEWER_NAMED: Who[Any, Any] = Who(
    frozenset({Role.REVIEWER}), at=lambda _, cmd: cmd.county, scope="the county that it names"
)
"""A reviewer of the county that the command names."""

INSPECTOR_NAMED: Who[Any, Any] = Who(
    frozenset({Role.INSPECTOR}),
    at=lambda _, cmd: cmd.county,
    scope="the county that it names",
    besides="a member of the campaign's group that it names, without a post at the inspected unit",
)
"""An inspector at the county that the command names, or above it."""

ADMIN_AT_UNIT: Who[Any, Any] = Who(
    frozenset({Role.PLATFORM_ADMIN}), at=lambda _, cmd: cmd.unit, scope="the appointment's unit"
)
"""An administrator at the unit of an appointment, or above it."""

ADMIN_OF_UNIT: Who[Any, Any] = Who(
    frozenset({Role.PLATFORM_ADMIN}),
    at=lambda unit, cmd: NATION if cmd.parent is None else unit.registered.code if unit.registered else cmd.parent,
    scope="the new unit's parent (a province: anywhere; a unit that is there: the unit)",
)
"""An administrator at the parent of a new unit, or above it; a province is registered by any.

One that is there already is told so by its own administrator, too.
"""

ADMIN_OF_CHANGE: Who[Any, Any] = Who(
    frozenset({Role.PLATFORM_ADMIN}),
    at=lambda unit, _: unit.code,
    also_at=lambda _, cmd: cmd.touches,
    scope="the unit, and each other that the command names",
)
"""An administrator at a unit that changes, or above it, and at each of those that it goes to."""

ADMIN_OF_MOVE: Who[Any, Any] = Who(
    frozenset({Role.PLATFORM_ADMIN}),
    at=lambda unit, _: unit.parent or NATION,
    also_at=lambda _, cmd: cmd.touches,
    scope="the old parent, and the new one",
)
"""An administrator at the old parent of a unit, or above it, and at the new one."""

ADMIN_ANYWHERE: Who[Any, Any] = Who(frozenset({Role.PLATFORM_ADMIN}), at=lambda _, __: NATION, scope=ANYWHERE)
"""An administrator at any unit: persons and the calendar belong to none."""

ASKER: Who[Any, Any] = Who(
    frozenset({Role.REVIEWER, Role.SUPERVISOR}), at=lambda _, cmd: cmd.county, scope="the county that it names"
)
"""A reviewer or supervisor of the county that asks its units."""

ASKER_BEFORE: Who[Any, Any] = Who(ASKER.roles, at=lambda requests, _: requests.county, scope="the county that asked")
"""The same of a county that has asked already."""

ANSWERER: Who[Any, Any] = Who(
    SECRETARIES,
    at=lambda _, cmd: cmd.unit,
    exactly=True,
    for_whom=lambda _, cmd: cmd.secretary,
    scope="the unit that it names",
)
"""The secretary of the unit that answers; the office at or above it acts for the secretary."""

ANYBODY: Who[Any, Any] = Who(ANY_ROLE, at=lambda _, __: NATION, scope=ANYWHERE)
"""Everybody who holds some post."""

ADMIN_OF_PERSON: Who[Any, Any] = Who(
    ADMIN_ANYWHERE.roles,
    at=lambda person, _: next(iter(person.seats), NATION),
    scope="the unit of the person's latest post (who never had one: anywhere)",
)
"""An administrator at the unit of a person's latest post, or above it; of a person without a post any."""

OWN_OR_ADMIN: Who[Any, Any] = Who(
    ADMIN_ANYWHERE.roles,
    at=ADMIN_OF_PERSON.at,
    scope="a unit at which the person holds a post, else that of the last one (who never had one: anywhere)",
    besides="or the person, for what is kept of him or her",
)
"""An administrator at a unit of a person's posts, or above it; everybody for the own data."""

CONTACT_READER: Who[Any, Any] = Who(
    frozenset({Role.LEADER, Role.REVIEWER, Role.SUPERVISOR, Role.OFFICE}),
    at=lambda unit, _: unit,
    scope="a unit at which the person holds a post",
    besides="or the person, or a `platform_admin` of the person; with a purpose, which is written down",
)
"""Who reads what is kept of the persons of a unit: those who lead, check or serve it, there or above."""


_DESK = frozenset({Role.REVIEWER, Role.SUPERVISOR, Role.LEADER, Role.OFFICE})

VISITOR: Who[Any, Any] = Who(
    _DESK, at=lambda _, cmd: cmd.county, for_whom=lambda _, cmd: cmd.leader, scope="the county that it names"
)
"""A reviewer, supervisor or leader of the county that the command names; its office, for the leader of the visit."""

VISIT_DESK: Who[Any, Any] = Who(
    _DESK,
    at=lambda visit, _: visit.county,
    for_whom=lambda visit, _: visit.held and visit.held.leader,
    scope="the visit's county",
)
"""The same for a visit that was recorded."""

HELPER: Who[Any, Any] = Who(
    _DESK | {Role.TOWNSHIP_SECRETARY},
    at=lambda project, _: project.proposed.owner,
    for_whom=lambda _, cmd: cmd.secretary,
    of_unit=True,
    scope="the project's owner",
)
"""Who can help a project: in its township or county, at its owner or above it; an office acts for who leads there."""

COUNTY_DESK: Who[Any, Any] = Who(
    frozenset({Role.REVIEWER, Role.SUPERVISOR}), at=lambda _, cmd: cmd.county, scope="the county that it names"
)
"""A reviewer or supervisor of the county that the command names."""

RHYTHM_DESK: Who[Any, Any] = Who(
    frozenset({Role.REVIEWER, Role.SUPERVISOR}), at=lambda rhythm, _: rhythm.county, scope="the calendar's county"
)
"""The same for a calendar that was set."""

CHECKING: Who[Any, Any] = Who(
    frozenset({Role.TOWNSHIP_SECRETARY}),
    at=lambda _, cmd: cmd.checking,
    exactly=True,
    for_whom=lambda _, cmd: cmd.secretary,
    of_unit=True,
    scope="the township that checks",
)
"""The secretary of the very township that checks; its office, or the county's, acts for the secretary."""

REVIEWER_OF: Who[Any, Any] = Who(frozenset({Role.REVIEWER}), at=lambda case, _: case.county, scope="the case's county")
"""A reviewer of the case's county."""

CATALOGUER: Who[Any, Any] = Who(
    frozenset({Role.SCHEME_ADMIN, Role.PLATFORM_ADMIN}), at=lambda _, cmd: cmd.unit, scope="the catalogue's unit"
)
"""Who keeps the catalogue of a unit, there or above it."""

MEASURER: Who[Any, Any] = Who(
    SECRETARIES | {Role.REVIEWER},
    at=lambda _, cmd: cmd.unit,
    for_whom=lambda _, cmd: cmd.secretary,
    of_unit=True,
    scope="the measured unit",
)
"""The secretary of the unit, or of one above it, whom the office acts for, or a reviewer of its county."""

IMPORTER: Who[Any, Any] = Who(
    frozenset({Role.REVIEWER, Role.PLATFORM_ADMIN}),
    at=lambda _, __: NATION,
    scope=ANYWHERE,
    besides="at every county that the ledger names, or above it",
)
"""A reviewer or administrator at the counties that a ledger names, or above them; here at any, before it is read."""
