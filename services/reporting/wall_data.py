"""Fills a wall from the views: a few statements, whatever the number of projects."""

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple

import asyncpg

from services.reporting.counting import recorded_until
from services.reporting.projects import Which
from services.reporting.totals import NoticeCount, Totals, UnitTotals, notices_of, together, totals_of
from services.reporting.units import UnitName, counties_of, names_of, path_to
from services.reporting.views import ALERT, CARD, LAMP, NOTICE, RESULTS
from services.reporting.views.alerts import AlertRow
from services.reporting.views.indices import Results
from services.reporting.wall import Kpis, Pace, Parts, Ranking, RankRow, Ticker, TickerItem, Unit, Wall
from shared.clock import start_of
from shared.contracts.alert import Lamp
from shared.contracts.divisions import UnitKind
from shared.contracts.scoring import IndexId, UnitResult
from shared.lamps import DEFAULT, Thresholds
from shared.rows import rows_where
from shared.web.wording import number, rounded

TICKER = 12
"""How many alerts the ticker holds."""
LAMPS = {Lamp.RED: "红灯", Lamp.YELLOW: "黄灯", Lamp.BLUE: "蓝灯", Lamp.GREEN: "绿灯", Lamp.GREY: "灰灯"}


PARTS = {UnitKind.PROVINCE: Parts("市", "市"), UnitKind.COUNTY: Parts("乡镇（街道）", "乡镇")}
"""What lies right below a unit, where that is not counties."""


class Setting(NamedTuple):
    """Which wall, on which day; `map_approval` is the map's 审图号, `thresholds` when the unit's lamps change."""

    unit: str
    today: date
    map_approval: str = ""
    thresholds: Thresholds = DEFAULT


async def wall_of(connection: asyncpg.Connection, setting: Setting) -> Wall:
    """The wall of a city, or of a county with its townships.

    Raises:
        NotFound("no_such_unit").
    """
    path = await path_to(connection, setting.unit)
    summed = await totals_of(connection, setting.unit, setting.today.year)
    counties = await counties_of(connection, setting.unit)
    notices = await notices_of(connection, setting.unit, setting.today)
    return Wall(
        place="".join(unit.name for unit in path if unit.kind is not UnitKind.PROVINCE or len(path) <= 2),
        as_of=await as_of(connection, setting.today),
        kpis=_kpis(summed.whole, together(notices.values())),
        units=tuple(_unit(part, notices.get(part.code, NoticeCount())) for part in summed.parts if not part.own),
        ranking=await _ranking(connection, path[-1], counties),
        ticker=await _ticker(connection, setting, counties),
        map_approval=setting.map_approval,
        thresholds=setting.thresholds,
        parts=PARTS.get(path[-1].kind, Parts()),
    )


async def as_of(connection: asyncpg.Connection, today: date) -> datetime:
    """The time of the latest fact that is shown or counted here, not before today began."""
    counted, shown = await recorded_until(connection), await connection.fetchval(_SHOWN)
    return max(start_of(today), *filter(None, (counted, shown)))


def pace(totals: Totals) -> Pace:
    """The progress of a unit's projects, to the hundredth as queries tell it; unknown where there are none."""
    known = (totals.percent, totals.scheduled) if totals.registered else (None, None)
    return Pace(*(None if each is None else rounded(each, 2) for each in known))


def _kpis(whole: Totals, notices: NoticeCount) -> Kpis:
    return Kpis(
        whole.secretary,
        whole.led,
        whole.closed,
        pace(whole),
        notices.waiting,
        notices.overdue,
        whole.lamps[Lamp.RED],
    )


def _unit(part: UnitTotals, notices: NoticeCount) -> Unit:
    totals = part.totals
    return Unit(part.code, part.name, pace(totals), totals.lamps[Lamp.RED], notices.overdue, f"/units/{part.code}")


async def _ranking(connection: asyncpg.Connection, unit: UnitName, counties: Sequence[str]) -> Ranking:
    """The unit's own latest results, else those of the county that published last: schemes are never mixed."""
    latest = await rows_where(
        connection,
        RESULTS,
        "county = any($1) order by (county = $2) desc, changed desc, key limit 1",
        [unit.code, *counties],
        unit.code,
    )
    if not latest:
        return Ranking("红色指数排名", "", "", (), f"/units/{unit.code}")
    _, results = latest[0]
    names = await names_of(connection, [results.county, *(result.unit for result in results.results)])
    county = names.get(results.county, results.county)
    mixed = results.county != unit.code
    return Ranking(
        heading=f"{county}红色指数排名" if mixed else "红色指数排名",
        period=period_in_words(results.period),
        note="市级方案未发布" if mixed else "",
        rows=_rank_rows(results, names),
        href=f"/units/{results.county}",
    )


def _rank_rows(results: Results, names: dict[str, str]) -> tuple[RankRow, ...]:
    return tuple(
        RankRow(
            result.unit,
            names.get(result.unit, result.unit),
            result.rank,
            result.rank_before,
            result.total,
            points(result, IndexId.COMMITTEE),
            points(result, IndexId.BRANCH),
            points(result, IndexId.MEMBER),
            f"/units/{result.unit}",
        )
        for result in results.results
    )


def points(result: UnitResult, index: IndexId) -> Decimal | None:
    """The points of one index in a result."""
    return next((score.points for score in result.indices if score.id is index), None)


def period_in_words(period: str) -> str:
    """2023-Q2 as 2023年第二季度, 2023-H1 as 2023年上半年, 2023 as 2023年度."""
    year, _, part = period.partition("-")
    if not part:
        return f"{year}年度"
    words = {"Q1": "第一季度", "Q2": "第二季度", "Q3": "第三季度", "Q4": "第四季度", "H1": "上半年", "H2": "下半年"}
    return f"{year}年{words[part]}"


async def _ticker(connection: asyncpg.Connection, setting: Setting, counties: Sequence[str]) -> Ticker:
    rows = await rows_where(
        connection, ALERT, f"county = any($1) and open order by changed desc, key limit {TICKER}", list(counties)
    )
    alerts = [row for _, row in rows]
    keys = [f"project-{alert.subject}" for alert in alerts]
    titles = {row["key"].removeprefix("project-"): row["title"] for row in await connection.fetch(_TITLES, keys)}
    names = await names_of(connection, [code for alert in alerts for code in (alert.owner, alert.county)])
    said = await connection.fetchrow(_TODAY, list(counties), start_of(setting.today))
    assert said is not None
    items = tuple(ticker_item(alert, titles.get(alert.subject), names) for alert in alerts)
    return Ticker(said["today"], items, said["last"], f"/units/{setting.unit}/projects?which={Which.RED}")


def ticker_item(alert: AlertRow, project: str | None, names: Mapping[str, str]) -> TickerItem:
    """An open alert as the ticker shows it; `project` is the title of its subject if that is a project."""
    assert alert.lamp is not None
    assert alert.changed is not None
    reason, figure = with_figure(alert.text)
    place = names.get(alert.owner, alert.owner)
    if alert.owner != alert.county:
        place = names.get(alert.county, "") + place
    subject = project or alert.title
    return TickerItem(
        lamp=alert.lamp,
        unit=place,
        subject=subject.removeprefix(names.get(alert.owner, "")) or subject,
        reason=reason,
        figure=figure,
        at=alert.changed,
        happening=f"{'亮' if alert.changed == alert.raised else '转为'}{LAMPS[alert.lamp]}",
        href=f"/projects/{alert.subject}" if project else f"/units/{alert.owner}",
    )


_FIGURE = re.compile(r"(?:.*，)?(?P<reason>[^，]*?\D)\s*(?P<figure>\d[\d.,]*\s?(?:个百分点|个月|天|日|件|项|条))。?")


def with_figure(text: str) -> tuple[str, str]:
    """The clause and the figure that a reason ends with: 落后, 12.4个百分点. Without one all of it is the reason.

    The figure has one decimal, as all that is read on a wall.
    """
    found = _FIGURE.fullmatch(text)
    if found is None:
        return text, ""
    return found["reason"].strip(), _HUNDREDTHS.sub(lambda n: number(Decimal(n[0]), 1), found["figure"])


_HUNDREDTHS = re.compile(r"\d+\.\d{2,}")

_SHOWN_FROM = [f"(select max(changed) from {view.sql_name})" for view in (LAMP, ALERT, NOTICE, RESULTS)]  # noqa: S608
_SHOWN = f"select greatest({', '.join(_SHOWN_FROM)})"

_TITLES = f"select key, title from {CARD.sql_name} where key = any($1)"  # noqa: S608

_TODAY = f"""
select count(*) filter (where changed >= $2)::int as today, max(changed) as last
from {ALERT.sql_name} where county = any($1)"""  # noqa: S608
