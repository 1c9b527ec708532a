"""A wall with invented figures, for the tests alone."""

from datetime import UTC, datetime
from decimal import Decimal

from services.reporting.wall import Kpis, Pace, Ranking, RankRow, Ticker, TickerItem, Unit, Wall
from shared.contracts.alert import Lamp

AS_OF = datetime(2023, 8, 22, 1, 30, 15, tzinfo=UTC)


def unit(code: str, name: str, actual: str | None, scheduled: str | None = "88.6", red: int = 0) -> Unit:
    pace = Pace(*(None if value is None else Decimal(value) for value in (actual, scheduled)))
    return Unit(code, name, pace, red, red // 20, f"/units/{code}")


UNITS = (
    unit("340802", "迎江区", "88.04", "86.21"),
    unit("340803", "大观区", "84.9", "87.1"),
    unit("340811", "宜秀区", "92.3", "87.6"),
    unit("340822", "怀宁县", "76.8", "89.5", red=4),
    unit("340825", "太湖县", "86.4", "87.9"),
    unit("340826", "宿松县", "57.2", "88.6", red=61),
    unit("340827", "望江县", "77.4", "88.3", red=2),
    unit("340828", "岳西县", "93.9", "88.4"),
    unit("340871", "安徽安庆经济开发区", "89.1", "88.0"),
    unit("340881", "桐城市", "90.3", "88.0"),
    unit("340882", "潜山市", "90.2", "88.9"),
)

TOWNSHIPS = [
    "秀山乡",
    "腊树镇",
    "黄龙镇",
    "小市镇",
    "洪铺镇",
    "石牌镇",
    "高河镇",
    "清河乡",
    "金拱镇",
    "凉亭乡",
    "江镇镇",
    "黄墩镇",
    "石镜乡",
    "公岭镇",
    "月山镇",
    "茶岭镇",
    "三桥镇",
    "雷埠乡",
    "平山镇",
    "马庙镇",
]


def rank_row(place: int, name: str, rank: int | None, before: int | None) -> RankRow:
    total = None if rank is None else Decimal("93.27") - Decimal("0.74") * rank
    parts = (None, None, None) if total is None else (total + 1, total - Decimal("0.4"), total - 2)
    return RankRow(f"340822{place:03}", name, rank, before, total, *parts, f"/scoring/units/340822{place:03}")


def rank_rows() -> tuple[RankRow, ...]:
    ranks = [1, 2, 3, 3, *range(5, 20), None]
    before = [3, 1, 2, 4, 6, 8, 7, 5, 9, 12, 10, 11, 13, 14, 19, 16, 15, 18, 17, 20]
    return tuple(
        rank_row(n, name, rank, last) for n, (name, rank, last) in enumerate(zip(TOWNSHIPS, ranks, before, strict=True))
    )


def alert(lamp: Lamp, unit: str, subject: str, reason: str, figure: str, minute: int, happening: str) -> TickerItem:
    at = AS_OF.replace(minute=minute)
    return TickerItem(lamp, unit, subject, reason, figure, at, happening, f"/alerts/{unit}{minute}")


ALERTS = (
    alert(Lamp.RED, "宿松县汇口镇", "“四议两公开”示范点建设", "落后序时", "35.2 个百分点", 28, "升级为红灯"),
    alert(Lamp.YELLOW, "怀宁县洪铺镇", "村级集体经济提升", "落后序时", "18.0 个百分点", 15, "亮黄灯"),
    alert(Lamp.BLUE, "潜山市黄铺镇", "“小田变大田”试点", "距节点", "还有 5 天", 9, "提醒"),
    alert(Lamp.YELLOW, "望江县雷池镇", "小区物业管理提质", "落后序时", "12.4 个百分点", 2, "亮黄灯"),
)


def wall(**changes: object) -> Wall:
    """A city's wall with every kind of row; named fields replaced."""
    fields: dict[str, object] = {
        "place": "安徽省安庆市",
        "as_of": AS_OF,
        "kpis": Kpis(2357, 10043, 9660, Pace(Decimal("82.3"), Decimal("88.3")), 316, 23, 67),
        "units": UNITS,
        "ranking": Ranking(
            "怀宁县红色指数排名", "2023年第二季度", "全市方案未定，先列此县", rank_rows(), "/units/340822"
        ),
        "ticker": Ticker(12, ALERTS, ALERTS[0].at, "/alerts/"),
        "map_approval": "",
    }
    return Wall(**(fields | changes))  # pyright: ignore[reportArgumentType]
