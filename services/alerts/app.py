"""Alerts, wired."""

from services.alerts import api
from services.alerts.handlers import HANDLERS
from services.alerts.reactions import reconcilers
from services.alerts.schedule import schedule_view
from services.alerts.texts import TEXTS
from services.alerts.views import ALERTS, LAMPS, NOTICES
from shared import authority_views
from shared.kit import Service
from shared.problem_texts import add_texts
from shared.settings import Rules

add_texts(TEXTS)


def service(rules: Rules) -> Service:
    """Alerts under these rules."""
    schedule = schedule_view(rules.lamp_thresholds)
    return Service(
        name="alerts",
        handlers=HANDLERS,
        views=(*authority_views.VIEWS, schedule, LAMPS, ALERTS, NOTICES),
        reconcilers=reconcilers(schedule),
        routers=(api.router,),
    )
