"""The registry, wired."""

from services.registry import days, export_api, export_around_api
from services.registry.around import record_api, record_views, rhythm_api, rhythm_views, visit_api
from services.registry.around.visit_views import VISITS
from services.registry.asking import asking_api
from services.registry.asking.views import DATA_ANSWERS, DATA_REQUESTS
from services.registry.desk import routers as desk
from services.registry.handlers import handlers
from services.registry.kept import access_log, files, personal
from services.registry.kept.access_views import ACCESS
from services.registry.ledger import api as ledger
from services.registry.project import project_api
from services.registry.reference import reference_api
from services.registry.texts import TEXTS
from services.registry.views import CAMPAIGNS, INSPECTIONS, PROJECTS
from shared import authority_views
from shared.kit import Service
from shared.problem_texts import add_texts
from shared.settings import Rules

add_texts(TEXTS)


def service(rules: Rules) -> Service:
    """The registry under these rules."""
    return Service(
        name="registry",
        handlers=handlers(rules.report_day, rules.extension_days),
        views=(
            *authority_views.VIEWS,
            PROJECTS,
            CAMPAIGNS,
            INSPECTIONS,
            VISITS,
            *record_views.VIEWS,
            *rhythm_views.VIEWS,
            DATA_REQUESTS,
            DATA_ANSWERS,
            ACCESS,
        ),
        routers=(
            export_api.router,
            export_around_api.router,
            project_api.router,
            reference_api.router,
            asking_api.router,
            visit_api.router,
            record_api.router,
            rhythm_api.router,
            days.router,
            files.router,
            personal.router,
            access_log.router,
            ledger.router,
            *desk.ROUTERS,
        ),
        publishes_days=True,
        hourly=(files.let_go_unnamed,),
    )
