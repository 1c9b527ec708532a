"""Reporting, wired. It has the pages at `/`, and with them signing in and out."""

from services.reporting import api, bulletin_pages, pages, wall_routes
from services.reporting.handlers import HANDLERS
from services.reporting.texts import TEXTS
from services.reporting.views import VIEWS
from shared.kit import Service
from shared.problem_texts import add_texts
from shared.settings import Rules
from shared.sign_in import sign_in_routes

add_texts(TEXTS)


def service(_: Rules) -> Service:
    """Reporting; its walls ask for the thresholds when they are drawn."""
    return Service(
        name="reporting",
        handlers=HANDLERS,
        views=VIEWS,
        routers=(sign_in_routes(), api.router, wall_routes.router, bulletin_pages.router, pages.router),
    )
