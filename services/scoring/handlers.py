"""Scoring's commands: for each its stream, who may, what is decided, and what is read for it."""

from collections.abc import Sequence
from typing import Any

from services.scoring import gathering, period, scheme, sheet
from services.scoring.commands import PublishResults, PublishScheme, SubmitSheet
from services.scoring.period import PERIOD
from services.scoring.scheme import SCHEME
from services.scoring.sheet import SHEET
from shared.command import Handler, Who
from shared.contracts.reference import Role

SCHEME_ADMIN: Who[Any, Any] = Who(
    frozenset({Role.SCHEME_ADMIN}), at=lambda _, cmd: cmd.county, scope="the county that it names"
)
"""Who sees to the indices at the county that the command names, or above it."""

ASSESSOR: Who[Any, Any] = Who(
    frozenset({Role.ASSESSOR}),
    at=lambda _, cmd: cmd.unit,
    scope="the unit that it names",
    besides="no post at the unit itself; for a county's spot check a post of the county's own",
)
"""An assessor above the unit that the command names; the decision refuses one of the unit itself."""

HANDLERS: Sequence[Handler[Any, Any]] = (
    Handler(PublishScheme, SCHEME, SCHEME_ADMIN, lambda s, cmd, case: scheme.publish(s, cmd, case.id), makes=True),
    Handler(
        SubmitSheet,
        SHEET,
        ASSESSOR,
        lambda s, cmd, case: sheet.submit(s, cmd, case.id, case.actor, case.today, case.facts),
        gather=gathering.for_sheet,
        makes=True,
    ),
    Handler(
        PublishResults,
        PERIOD,
        SCHEME_ADMIN,
        lambda s, cmd, case: period.publish_results(s, cmd, case.id, case.today, case.facts),
        gather=gathering.for_results,
        makes=True,
    ),
)
"""Every command of scoring."""
