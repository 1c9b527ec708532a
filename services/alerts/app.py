"""Alerts, wired."""

from services.alerts import api
from services.alerts.handlers import HANDLERS
from services.alerts.reactions import reconcilers
from services.alerts.schedule import schedule_view
from services.alerts.texts import TEXTS
from services.alerts.views import ALERTS, LAMPS, NOTICES
from shared import authority_views
from shared.kit import Service
from shared.lamps import LampSettings
from shared.problem_texts import add_texts

add_texts(TEXTS)

SCHEDULE = schedule_view(LampSettings().lamp_thresholds)

SERVICE = Service(
    name="alerts",
    handlers=HANDLERS,
    views=(*authority_views.VIEWS, SCHEDULE, LAMPS, ALERTS, NOTICES),
    reconcilers=reconcilers(SCHEDULE),
    routers=(api.router,),
)
