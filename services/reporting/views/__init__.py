"""The views of reporting: rows that are counted from the events of all services."""

from typing import Any

from services.reporting.views.alerts import ALERT, LAMP, NOTICE
from services.reporting.views.around import CASE, HONOUR, MEASURES, VISIT
from services.reporting.views.brand import BRAND
from services.reporting.views.bulletins import BULLETIN
from services.reporting.views.card import Card
from services.reporting.views.card_day import next_due, settle
from services.reporting.views.card_events import evolve
from services.reporting.views.checks import CAMPAIGN, INSPECTION
from services.reporting.views.history import HISTORY
from services.reporting.views.indices import RESULTS, SCHEME
from shared.authority_views import VIEWS as AUTHORITY_VIEWS
from shared.contracts.topics import Topic
from shared.view import View

__all__ = [
    "ALERT",
    "BRAND",
    "BULLETIN",
    "CAMPAIGN",
    "CARD",
    "CASE",
    "HISTORY",
    "HONOUR",
    "INSPECTION",
    "LAMP",
    "MEASURES",
    "NOTICE",
    "RESULTS",
    "SCHEME",
    "VIEWS",
    "VISIT",
]

CARD = View(
    name="card",
    version=5,
    row=Card,
    topics={Topic.PROJECT: frozenset({"project"}), Topic.PROGRESS: frozenset({"project"})},
    evolve=evolve,
    settle=settle,
    next_due=next_due,
    indexes=[("county", "year"), ("owner",), ("changed",)],
)

VIEWS: tuple[View[Any], ...] = (
    CARD,
    HISTORY,
    BRAND,
    CAMPAIGN,
    INSPECTION,
    VISIT,
    CASE,
    HONOUR,
    MEASURES,
    LAMP,
    ALERT,
    NOTICE,
    SCHEME,
    RESULTS,
    BULLETIN,
    *AUTHORITY_VIEWS,
)
