"""A bulletin with invented figures, for the tests alone."""

from datetime import UTC, date, datetime

from services.reporting.bulletin_page import BulletinPage, Figure, Section, paragraph
from shared.web.pages import AsOf, Crumb, Knowledge, Page, SignedIn

AS_OF = datetime(2023, 8, 22, 10, 0, tzinfo=UTC)

FIGURES = {
    key: Figure(text, key, f"/figures/{key}")
    for key, text in {
        "city": "1.24 万",
        "projects": "301",
        "done": "197",
        "groups": "5",
        "townships": "18",
        "problems": "44",
        "brands": "52",
    }.items()
}

NOTE = (
    "近年来，安庆市坚持以项目化思维抓基层党建工作，聚焦“大民生”、找准“小切口”，通过“书记项目”解决一批难题、"
    "办成一批实事。截至目前，全市共立项{city}个项目或事项。现将一些地方经验做法予以刊发，供参考借鉴。"
)

PARAGRAPHS = (
    "**指数化管理。**设置党委引领、支部堡垒、党员先锋三大指数，通过数据量化工作质效。"
    "2023年立项实施的{projects}个基层党建“书记项目”已完成{done}个。",
    "**机制化建设。**实行“一个项目、一名书记、一支队伍、一抓到底”的“四个一”责任机制。"
    "成立{groups}个评估组对{townships}个乡镇“书记项目”进行实地评估，指出{problems}个问题并限期改正。",
    "**品牌化运营。**将“书记项目”指数化管理融入“品牌示范、全域提升”创建活动，"
    "培育打造{brands}个左右特色鲜明的基层党建工作品牌，强化宣传示范带动作用。",
)


def bulletin(*, draft: bool = False) -> BulletinPage:
    """A bulletin of one county's section."""
    return BulletinPage(
        series="安庆组工信息",
        issue=None if draft else 23,
        unit="中共安庆市委组织部研究室",
        day=date(2023, 8, 22),
        editor_note=paragraph(NOTE, FIGURES),
        sections=(
            Section("怀宁县：“三化模式”扎实推进“书记项目”。", tuple(paragraph(text, FIGURES) for text in PARAGRAPHS)),
        ),
        report_to="市委组织部部务会成员。",
        send_to="各县（市、区）委组织部长，市委各部委、市直各单位党组（党委、工委）负责同志。",
        publish_to="电子版发安庆先锋网。",
        draft=draft,
        as_of=AS_OF,
    )


def page() -> Page:
    """The desk's frame round it."""
    return Page(
        title="安庆组工信息",
        section="bulletins",
        crumbs=(Crumb("安庆市", "/"), Crumb("通报", "/bulletins"), Crumb("第 23 期")),
        as_of=AsOf(AS_OF, Knowledge.LATEST),
        person=SignedIn("程亮", "安庆市委组织部"),
    )
