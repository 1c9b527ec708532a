"""Scoring, wired."""

from services.scoring import api
from services.scoring.handlers import HANDLERS
from services.scoring.texts import TEXTS
from services.scoring.views import BRAND, PROJECT, RESULTS, SCHEME, SHEET
from shared import authority_views
from shared.kit import Service
from shared.problem_texts import add_texts
from shared.settings import Rules

add_texts(TEXTS)


def service(_: Rules) -> Service:
    """Scoring, which leaves no rule to the operator."""
    return Service(
        name="scoring",
        handlers=HANDLERS,
        views=(*authority_views.VIEWS, PROJECT, BRAND, SHEET, SCHEME, RESULTS),
        routers=(api.router,),
    )
