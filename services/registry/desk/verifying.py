"""Which rectified problems wait for a person to verify them: the rule of the decision, as a condition on the view."""

from sqlalchemy import CTE, ColumnElement, and_, func, not_, or_, select

from services.registry.desk.access import Seats
from services.registry.project.state import ProblemStage
from services.registry.views import PROJECTS
from shared.authority import subtree
from shared.authority_views import UNIT
from shared.contracts.divisions import COUNTY_DIGITS

_T = PROJECTS.table


def verifiable(seats: Seats) -> ColumnElement[int]:
    """How many rectified problems of a project a person may verify who checks there.

    A campaign's are those of the groups that the person is a member of, unless the project lies in another county by
    now, be it the heir of the campaign's; all others, of which no county tells, are anybody's who checks.
    """
    each = func.jsonb_each(_T.c.problems).table_valued("key", "value", name="rectified")
    stage, campaign, group = (
        func.jsonb_extract_path_text(each.c.value, name) for name in ("stage", "campaign", "group")
    )
    own = func.concat(campaign, " ", group).in_(sorted(seats.groups))
    here = _counties(seats)
    in_its_county = and_(here.c.code == _T.c.owner, here.c.county == func.left(campaign, COUNTY_DIGITS))
    together = select(1).select_from(here).where(in_its_county).correlate(_T, each).exists()
    asked = (stage == ProblemStage.RECTIFIED, or_(own, not_(together)))
    return select(func.count()).select_from(each).where(*asked).scalar_subquery()


def _counties(seats: Seats) -> CTE:
    """The units where a person checks, each with the county that it lies in today, the heir of one that has ended.

    What lies in no county has the city that it lies right below.
    """
    units, mine = UNIT.table, subtree(seats.checks, "checked_units")
    standing = and_(func.length(units.c.code) == COUNTY_DIGITS, units.c.ended.is_(None))
    begin = select(units.c.code, units.c.code.label("county")).where(units.c.code.in_(select(mine.c.code)), standing)
    place = begin.cte("owner_place", recursive=True)
    below = select(units.c.code, place.c.county).join(place, units.c.parent == place.c.code)
    return place.union(below.where(not_(standing)))
