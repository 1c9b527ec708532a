"""The desks: the registry's pages, under `/registry/desk`."""

from collections.abc import Sequence

from fastapi import APIRouter

from services.registry import (
    desk_acceptance,
    desk_problems,
    desk_propose,
    desk_report,
    desk_review,
    desk_units,
    desk_work,
)

ROUTERS: Sequence[APIRouter] = (
    desk_work.router,
    desk_propose.router,
    desk_review.router,
    desk_report.router,
    desk_problems.router,
    desk_acceptance.router,
    desk_units.router,
)
