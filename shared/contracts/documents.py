"""Document numbers as they are written: 怀组〔2023〕86号."""

from enum import StrEnum

from shared.contracts.values import StreamId


class Document(StrEnum):
    """The kinds of numbered documents; each kind of a county and year is counted by itself."""

    APPROVAL = "approval"
    PUBLIC_NOTICE = "public-notice"
    CLOSURE = "closure"
    SUPERVISION = "supervision"
    WARNING = "warning"
    CRITICISM = "criticism"
    FOLLOW_UP = "follow-up"
    BULLETIN = "bulletin"

    @property
    def word(self) -> str:
        """What stands between the office's letter and the year: 组 is the organisation department (组织部)."""
        return _WORDS[self]


def counter_of(kind: str, county: str, year: int) -> StreamId:
    """The stream that counts the documents of a kind of a county and the year that they are dated in."""
    return StreamId(f"number-{county}-{year}-{kind}")


_WORDS = {
    Document.APPROVAL: "组",
    Document.PUBLIC_NOTICE: "组公示",
    Document.CLOSURE: "组销",
    Document.SUPERVISION: "组督",
    Document.WARNING: "组预",
    Document.CRITICISM: "组通",
    Document.FOLLOW_UP: "组批",
    Document.BULLETIN: "组简",
}

_LETTERS = """
3401 00合 02瑶 03庐 04蜀 11包 21长 22肥 23肥 24庐 76合 77合 78合 81巢
3402 00芜 02镜 07鸠 09弋 10湾 12繁 23南 71芜 72安 81无
3403 00蚌 02龙 03蚌 04禹 11淮 21怀 22五 23固 71蚌 72蚌
3404 00淮 02大 03田 04谢 05八 06潘 21凤 22寿
3405 00马 03花 04雨 06博 21当 22含 23和
3406 00淮 02杜 03相 04烈 21濉
3407 00铜 05铜 06义 11郊 22枞
3408 00安 02迎 03大 11宜 22怀 25太 26宿 27望 28岳 71安 81桐 82潜
3410 00黄 02屯 03黄 04徽 21歙 22休 23黟 24祁
3411 00滁 02琅 03南 22来 24全 25定 26凤 71中 72滁 81天 82明
3412 00阜 02颍 03颍 04颍 21临 22太 25阜 26颍 71阜 72阜 82界
3413 00宿 02埇 21砀 22萧 23灵 24泗 71宿 72宿
3415 00六 02金 03裕 04叶 22霍 23舒 24金 25霍
3416 00亳 02谯 21涡 22蒙 23利
3417 00池 02贵 21东 22石 23青
3418 00宣 02宣 21郎 23泾 24绩 25旌 71宣 81宁 82广
"""
"""By the first four digits of the code: the last two and the letter. The province itself is 皖."""


def _read(table: str) -> dict[str, str]:
    lines = (line.split() for line in table.strip().splitlines())
    return {city + entry[:2]: entry[2] for city, *entries in lines for entry in entries}


OFFICE_LETTERS = {"340000": "皖", **_read(_LETTERS)}
"""The letters of the offices of cities, counties and zones (机关代字), by their codes: the first of the unit's name.

They are assigned once and stay when a unit is renamed, so they are not read from the name of the day.
"""


def office_letter(code: str) -> str:
    """The letter of a county's or city's office, 怀 for 怀宁县; without an assigned one the code stands for it."""
    return OFFICE_LETTERS.get(code, code)


def document_number(kind: Document, code: str, year: int, number: int) -> str:
    """The number of a document that the office of the county or city `code` issues: 怀组〔2023〕86号."""
    return f"{office_letter(code)}{kind.word}〔{year}〕{number}号"
