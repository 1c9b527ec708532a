"""The desks: the registry's pages, under `/registry/desk`."""

from collections.abc import Sequence

from fastapi import APIRouter

from services.registry.desk import acceptance, problems, propose, report, review, units, work

ROUTERS: Sequence[APIRouter] = (
    work.router,
    propose.router,
    review.router,
    report.router,
    problems.router,
    acceptance.router,
    units.router,
)
