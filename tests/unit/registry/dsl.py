"""The registry's desk: who decides and tells, on which day, unless a test says otherwise."""

from datetime import date

from hypothesis import HealthCheck, settings

from services.registry.handlers import handlers
from tests.unit.deciding import Desk, Told, by

__all__ = ["AT_LEISURE", "HANDLERS", "ID", "INSPECTOR", "OWNER", "REVIEWER", "TODAY", "Told", "by", "folded", "given"]

REPORT_DAY = 8
"""The day on which reports are due by these tests' setting."""
EXTENSION_DAYS = 30
HANDLERS = handlers(REPORT_DAY, EXTENSION_DAYS)
OWNER = "secretary-1"
"""The secretary of the project's owner, and who does what is done for the owner unless a test says otherwise."""
REVIEWER = "reviewer-1"
INSPECTOR = "inspector-1"
TODAY = date(2023, 5, 10)
AT_LEISURE = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
"""For property tests: how fast they run is no matter of theirs."""
ID = "0190a1b2-0000-7000-8000-000000000001"

DESK = Desk(HANDLERS, TODAY, actor=OWNER, id=ID)
given, folded, handler_of = DESK.given, DESK.folded, DESK.handler_of
