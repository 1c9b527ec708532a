"""The desks: the registry's pages, under `/registry/desk`."""

from collections.abc import Sequence

from fastapi import APIRouter

from services.registry.desk import (
    acceptance,
    accesses,
    asking,
    attachments,
    burden,
    difficulties,
    inspecting,
    ledger,
    problems,
    propose,
    recording,
    records,
    report,
    requests,
    review,
    rhythm,
    units,
    visits,
    work,
)

ROUTERS: Sequence[APIRouter] = (
    work.router,
    propose.router,
    review.router,
    report.router,
    problems.router,
    inspecting.router,
    acceptance.router,
    recording.router,
    visits.router,
    difficulties.router,
    rhythm.router,
    records.router,
    attachments.router,
    asking.router,
    burden.router,
    requests.router,
    accesses.router,
    units.router,
    ledger.router,
)
