"""What units are asked for: the requests with their answers, what is held instead, and the burden ledger by month."""

from collections import Counter
from collections.abc import Collection, Mapping
from datetime import date
from typing import Any

from pydantic import BaseModel
from sqlalchemy import ARRAY, ColumnElement, Text, any_, bindparam, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from services.registry.asking.views import DATA_ANSWERS, DATA_REQUESTS, Asked, DataAnswerRow
from services.registry.views import PROJECTS
from shared.authority import subtree
from shared.authority_views import UNIT
from shared.contracts.divisions import COUNTY_DIGITS, TOWNSHIP_DIGITS
from shared.contracts.months import first_day, last_day
from shared.contracts.reference import DataItem, ItemAnswer
from shared.contracts.schedule import Reporting, owes
from shared.contracts.values import Month


class UnitAnswer(BaseModel):
    """A unit that was asked, and what it answered; `on` is null while it has not (待报)."""

    unit: str
    on: date | None
    by: str
    answers: list[ItemAnswer]


class DataRequestState(BaseModel):
    """A request of a county, and of the units within the caller's sight how many were asked and what they answered.

    `id`, with `-` and a unit's code behind it, is that of the route by which the unit answers; `withdrawn` says why it
    is asked no more.
    """

    id: str
    county: str
    request: str
    title: str
    purpose: str
    items: list[DataItem]
    asked_on: date
    due: date
    withdrawn: str
    units: int
    answered: int
    answers: list[UnitAnswer]


class BurdenLine(BaseModel):
    """What a township and its branches were asked for in a month.

    `requests` and `items` are data that counties asked for, an item once a unit; `reports` are the reports of the
    month that their projects owed.
    """

    township: str
    name: str
    requests: int
    items: int
    reports: int


async def data_requests(
    connection: AsyncConnection, county: str | None, year: int, roots: Collection[str]
) -> list[DataRequestState]:
    """The requests of a year that were put to units in the subtrees of `roots`, the last one first.

    They are those of a county, or of all: a unit may lie in another one by now than the one that asked it.
    """
    key = DATA_REQUESTS.table.c.key
    of = key == f"requests-{county}-{year}" if county else key.like(f"requests-%-{year}")
    rows = await connection.execute(select(*DATA_REQUESTS.core_columns).where(of).order_by(key))
    asked = [each for row in rows for each in DATA_REQUESTS.decode(row).asked]
    seen = await _seen(connection, {unit for each in asked for unit in each.request.units}, roots)
    given = await _answers(connection, {_id(year, each) for each in asked}, seen)
    states = [_state(_id(year, each), each, given, seen) for each in asked]
    return [state for state in reversed(states) if state.units]


def _id(year: int, asked: Asked) -> str:
    return f"{asked.request.county}-{year}-{asked.request.request}"


Given = Mapping[tuple[str, str], DataAnswerRow]
"""Answers by request and unit."""


def _state(id: str, asked: Asked, given: Given, seen: frozenset[str]) -> DataRequestState:
    request = asked.request
    answers = [
        UnitAnswer(unit=unit, on=row.on, by=row.by, answers=list(row.answers))
        for unit in request.units
        if unit in seen
        for row in [given.get((id, unit), DataAnswerRow())]
    ]
    return DataRequestState(
        id=id,
        county=request.county,
        request=request.request,
        title=request.title,
        purpose=request.purpose,
        items=list(request.items),
        asked_on=asked.on,
        due=request.due,
        withdrawn=asked.withdrawn,
        units=len(answers),
        answered=sum(answer.on is not None for answer in answers),
        answers=answers,
    )


async def _seen(connection: AsyncConnection, units: Collection[str], roots: Collection[str]) -> frozenset[str]:
    mine = subtree(roots)
    return frozenset(await connection.scalars(select(mine.c.code).where(mine.c.code == any_(_texts(units)))))


async def _answers(connection: AsyncConnection, requests: Collection[str], units: Collection[str]) -> Given:
    table = DATA_ANSWERS.table
    query = select(*DATA_ANSWERS.core_columns).where(
        table.c.request == any_(_texts(requests)), table.c.unit == any_(_texts(units))
    )
    rows = [DATA_ANSWERS.decode(row) for row in await connection.execute(query)]
    return {(row.request, row.unit): row for row in rows}


def _texts(values: Collection[str]) -> ColumnElement[Any]:
    """Values as one parameter: there may be more of them than a statement takes."""
    return bindparam(None, sorted(values), type_=ARRAY(Text))


async def burden(connection: AsyncConnection, county: str, month: Month, roots: Collection[str]) -> list[BurdenLine]:
    """What each township of a county of today, within the subtrees of `roots`, was asked for, the most asked first."""
    span = {"county": county, "first": first_day(month), "last": last_day(month)}
    asked = (await connection.execute(_ASKED, span)).all()
    seen = await _seen(connection, [row.township for row in asked], roots)
    reports = await _reports(connection, county, month)
    lines = [
        BurdenLine(
            township=row.township,
            name=row.name,
            requests=row.requests,
            items=row.items,
            reports=reports[row.township],
        )
        for row in asked
        if row.township in seen
    ]
    return sorted(lines, key=lambda line: (-line.requests, -line.items, -line.reports, line.township))


async def _reports(connection: AsyncConnection, county: str, month: Month) -> Counter[str]:
    """How many reports of a month the projects of each township and its branches owed."""
    span = {"county": county, "first": first_day(month), "last": last_day(month)}
    projects = await connection.execute(_UNDER_WAY, span)
    return Counter(
        each.township
        for each in projects
        if owes(Reporting(each.started_on, each.report_day, each.paused, each.resumed, each.reports_from), month)
    )


_PLACE = f"""
with recursive here as (
    select cast(:county as text) as code
    union select u.code from {UNIT.sql_name} u join here h on u.parent = h.code
    where u.ended is not null and length(u.code) = {COUNTY_DIGITS}),
place as (
    select u.code, u.code as township, u.name from {UNIT.sql_name} u join here h on u.parent = h.code
    where length(u.code) = {TOWNSHIP_DIGITS}
    union all select u.code, p.township, p.name from {UNIT.sql_name} u join place p on u.parent = p.code)"""  # noqa: S608
_UNDER_WAY = text(f"""{_PLACE}
select p.township, j.started_on, j.report_day, j.reports_from,
       array(select jsonb_array_elements_text(j.paused)::date) as paused,
       array(select jsonb_array_elements_text(j.resumed)::date) as resumed
from {PROJECTS.sql_name} j join place p on p.code = j.owner
where j.started_on <= :last and (j.ended_on is null or j.ended_on >= :first)""")  # noqa: S608
_ASKED = text(f"""{_PLACE},
asked as (
    select p.township, r.key || ' ' || (a -> 'request' ->> 'request') as request,
           jsonb_array_length(a -> 'request' -> 'items') as items
    from {DATA_REQUESTS.sql_name} r, jsonb_array_elements(r.asked) a,
         jsonb_array_elements_text(a -> 'request' -> 'units') as unit
    join place p on p.code = unit
    where (a ->> 'on')::date between :first and :last)
select t.township, t.name, coalesce(a.requests, 0) as requests, coalesce(a.items, 0) as items
from (select distinct township, name from place) t
left join (select township, count(distinct request) as requests, sum(items) as items from asked group by 1) a
     using (township)""")  # noqa: S608
