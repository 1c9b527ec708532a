"""The rules of the figures of reviews and of what happens around projects, in SQL; as those of figure_sql.py."""

from collections.abc import Mapping

from services.reporting.units import UNITS
from services.reporting.views import CARD, CASE, HONOUR, MEASURES, VISIT
from shared.contracts.cases import CaseColumn
from shared.contracts.unit_metrics import TEN_THOUSAND_YUAN, VILLAGE_INCOME

_CARD, _CASE, _HONOUR = CARD.sql_name, CASE.sql_name, HONOUR.sql_name
_MEASURES, _VISIT = MEASURES.sql_name, VISIT.sql_name

_IN_THE_YEAR = "between make_date($2, 1, 1) and least($3, make_date($2, 12, 31))"

_VILLAGE_INCOMES = f"""
select distinct on (m.key) m.key as what, m.key as subject, u.name as title, m.unit, r.day, r.value as amount
from {_MEASURES} m join {UNITS} u on u.code = m.unit,
     rows from (jsonb_to_recordset(m.readings)
                as (metric text, day date, value numeric, measure text, recorded timestamptz))
     with ordinality as r(metric, day, value, measure, recorded, n)
where m.county = any($1) and u.kind = 'village' and r.metric = '{VILLAGE_INCOME}'
      and r.measure = '{TEN_THOUSAND_YUAN}' and r.day <= $3 and r.recorded <= $4 and $2::int is not null
order by m.key, r.day desc, r.n desc"""  # noqa: S608

RULES_AROUND: Mapping[str, str] = {
    "refusals": f"""
select p.key as what, p.key as subject,
       p.title || case when r.rejected then '（不予立项）' else '（退回修改）' end as title,
       p.owner as unit, r.day, null::int as amount
from {_CARD} p, jsonb_to_recordset(p.refusals) as r(rejected boolean, day date, recorded timestamptz)
where p.county = any($1) and p.year = $2 and r.day <= $3 and r.recorded <= $4""",  # noqa: S608
    "changes": f"""
select p.key || ' ' || o.id as what, p.key as subject, o.text as title, p.owner as unit, o.day, null::int as amount
from {_CARD} p, jsonb_to_recordset(p.changes) as o(id text, text text, day date, recorded timestamptz)
where p.county = any($1) and p.year = $2 and o.day <= $3 and o.recorded <= $4""",  # noqa: S608
    "village_incomes": _VILLAGE_INCOMES,
    "village_incomes_over_50": f"select * from ({_VILLAGE_INCOMES}) incomes where amount > 50",  # noqa: S608
    "suggestions": f"""
select v.key || ' ' || s.id as what, v.key as subject, s.text as title, v.unit, s.day, null::int as amount
from {_VISIT} v, jsonb_to_recordset(v.suggestions) as s(id text, text text, day date, recorded timestamptz)
where v.county = any($1) and s.day {_IN_THE_YEAR} and s.recorded <= $4""",  # noqa: S608
    "difficulties_solved": f"""
select v.key || ' ' || d.id as what, v.key as subject, d.text as title, v.unit, d.solved as day, null::int as amount
from {_VISIT} v, jsonb_to_recordset(v.difficulties) as d(id text, text text, solved date, solved_at timestamptz)
where v.county = any($1) and d.solved {_IN_THE_YEAR} and d.solved_at <= $4""",  # noqa: S608
    "honours": f"""
select key as what, key as subject, title, unit, day, null::int as amount
from {_HONOUR} where county = any($1) and day {_IN_THE_YEAR} and recorded <= $4""",  # noqa: S608
    "cases_published": f"""
select c.key as what, c.key as subject, c.title, c.unit, p.day, null::int as amount
from {_CASE} c, jsonb_to_recordset(c.publications) as p("column" text, day date, recorded timestamptz)
where c.county = any($1) and p."column" = '{CaseColumn.RESULTS}' and p.day {_IN_THE_YEAR}
      and p.recorded <= $4""",  # noqa: S608
}
"""By name."""
