"""The registry, wired."""

from services.registry import api, days
from services.registry.config import RuleSettings
from services.registry.handlers import handlers
from services.registry.texts import TEXTS
from services.registry.views import CAMPAIGNS, PROJECTS
from shared import authority_views
from shared.kit import Service
from shared.problem_texts import add_texts

add_texts(TEXTS)

SERVICE = Service(
    name="registry",
    handlers=handlers(RuleSettings().report_day),
    views=(*authority_views.VIEWS, PROJECTS, CAMPAIGNS),
    routers=(api.router, days.router),
    publishes_days=True,
)
