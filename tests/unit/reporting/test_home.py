"""Where people are led at first, by their posts."""

from datetime import date

import pytest

from services.reporting.home import DESK, first_page
from shared.authority_views import Appointment
from shared.contracts.reference import Role

SINCE = date(2023, 1, 1)


@pytest.mark.parametrize(
    ("posts", "leads_to"),
    [
        ({Role.BRANCH_SECRETARY: "340822100001"}, DESK),
        ({Role.TOWNSHIP_SECRETARY: "340822100"}, DESK),
        ({Role.OFFICE: "340822100"}, DESK),
        ({Role.LEADER: "340822100"}, "/units/340822100"),
        ({Role.ASSESSOR: "340822100"}, "/units/340822100"),
        ({Role.REVIEWER: "340822"}, DESK),
        ({Role.INSPECTOR: "340800"}, DESK),
        ({Role.PLATFORM_ADMIN: "340800"}, DESK),
        ({Role.AUDITOR: "340800"}, DESK),
        ({Role.LEADER: "340822"}, "/wall/340822"),
        ({Role.SUPERVISOR: "340800"}, "/wall/340800"),
        ({Role.SCHEME_ADMIN: "340822"}, "/wall/340822"),
        ({Role.LEADER: "340000"}, "/units/340000"),
        ({Role.REVIEWER: "340822", Role.SUPERVISOR: "340822"}, "/wall/340822"),
        ({Role.TOWNSHIP_SECRETARY: "340822100", Role.LEADER: "340822100"}, DESK),
        ({}, DESK),
    ],
)
def test_everybody_begins_at_what_is_theirs(posts: dict[Role, str], leads_to: str) -> None:
    assert first_page([Appointment(role, unit, SINCE) for role, unit in posts.items()]) == leads_to
