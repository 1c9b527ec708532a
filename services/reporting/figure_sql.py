"""The rules of the figures in SQL. Each finds facts: what, subject, title, unit, day, amount.

Parameters: $1 the unit and all below it, its counties among them, $2 the plan year, $3 the day on which the facts are
counted, $4 the moment up to which they were recorded. The day of a fact is the one that it holds for.
"""

from collections.abc import Mapping

from services.reporting.figure_sql_around import RULES_AROUND
from services.reporting.units import UNITS
from services.reporting.views import BRAND, CAMPAIGN, CARD, INSPECTION, SCHEME
from shared.tree import DEEPEST, parent_on, stands_on

_CARD, _BRAND, _CAMPAIGN = CARD.sql_name, BRAND.sql_name, CAMPAIGN.sql_name
_INSPECTION, _SCHEME = INSPECTION.sql_name, SCHEME.sql_name

_OWNED = "owner in (select unnest($1::text[]))"
"""Projects are their owners', wherever these lie; what a county did, such as its campaigns, stays that county's."""

_APPROVED = f"""
select key as what, key as subject, title, owner as unit, approved as day, null::int as amount
from {_CARD} where {_OWNED} and year = $2 and approved <= $3 and approved_at <= $4"""  # noqa: S608

_TOWNSHIP = f"""
(with recursive way as (
    select u.*, 1 as level from {UNITS} u where u.code = i.unit
    union all
    select u.*, w.level + 1 from way w join {UNITS} u on u.code = {parent_on("w", "i.day")} where w.level < {DEEPEST})
 select w.code from way w where length(w.code) = 9 and {stands_on("w", "i.day")} order by w.level limit 1)"""  # noqa: S608
"""The township that an inspected unit lay in on the day of the inspection."""

_VISITS = f"""
select c.key as campaign, v."group", v.township, v.subject, v.unit, v.day,
       c.name || '　' || coalesce((select g ->> 'name' from jsonb_array_elements(c.groups) g
                                  where g ->> 'id' = v."group"), v."group") as title
from (select i.campaign, i."group",
             case when length(i.unit) = 9 then i.unit else coalesce({_TOWNSHIP}, '') end as township,
             i.key as subject, i.unit, i.day, i.recorded
      from {_INSPECTION} i
      union all
      select i.campaign, i."group", i.township, p.key, p.owner, i.day, i.recorded
      from {_CARD} p, jsonb_to_recordset(p.inspections) as i(campaign text, "group" text, township text, day date,
                                                                      recorded timestamptz)
      where p.county = any($1)) v
join {_CAMPAIGN} c on c.id = v.campaign
where c.county = any($1) and c.year = $2 and c.kind = 'mid_term' and v.day <= $3 and v.recorded <= $4"""  # noqa: S608

RULES: Mapping[str, str] = {
    **RULES_AROUND,
    "projects": _APPROVED,
    "governance_projects": f"{_APPROVED} and category = '基层治理'",
    "secretary_projects": f"{_APPROVED} and kind = 'secretary'",
    "secretary_projects_closed": f"""
select c.key as what, c.key as subject, c.title, c.owner as unit, s.day, null::int as amount
from {_CARD} c, jsonb_to_recordset(c.closings) as s(day date, recorded timestamptz, reopened date,
                                                    reopened_at timestamptz)
where {_OWNED} and c.year = $2 and c.approved <= $3 and c.kind = 'secretary' and s.day <= $3
      and s.recorded <= $4 and (s.reopened <= $3 and s.reopened_at <= $4) is not true""",  # noqa: S608
    "groups": f"""
select campaign || ' ' || "group" as what, subject, title, unit, day, null::int as amount
from ({_VISITS}) visits""",  # noqa: S608
    "townships": f"""
select township as what, subject, title, township as unit, day, null::int as amount
from ({_VISITS}) visits where township <> ''""",  # noqa: S608
    "problems": f"""
select p.key || ' ' || f.id as what, p.key as subject, f.text as title, p.owner as unit, f.day, null::int as amount
from {_CARD} p, jsonb_to_recordset(p.problems) as f(id text, campaign text, text text, day date, recorded timestamptz)
join {_CAMPAIGN} c on c.id = f.campaign
where p.county = any($1) and c.county = any($1) and c.year = $2 and c.kind = 'mid_term' and f.day <= $3
      and f.recorded <= $4""",  # noqa: S608
    "brands": f"""
select key as what, key as subject, name as title, unit, recognised as day, null::int as amount
from {_BRAND} where unit in (select unnest($1::text[])) and recorded <= $4
                    and recognised between make_date($2, 1, 1) and least($3, make_date($2, 12, 31))""",  # noqa: S608
    "indices": f"""
select s.county || ' ' || i.id as what, s.key as subject, s.scheme || '　' || i.name as title, s.county as unit, s.day,
       i.indicators as amount
from (select distinct on (s.county) s.key, s.county, v.name as scheme, v.day, v.indices
      from {_SCHEME} s, jsonb_to_recordset(s.versions) as v(version int, name text, day date, recorded timestamptz,
                                                                     indices jsonb)
      where s.county = any($1) and v.day <= $3 and v.recorded <= $4 and $2::int is not null
      order by s.county, v.version desc) s,
     jsonb_to_recordset(s.indices) as i(id text, name text, indicators int)""",  # noqa: S608
}
"""By name."""
