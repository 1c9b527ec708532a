"""The template of a ledger: heads, choices, and a sheet of explanations."""

from functools import cache

from services.registry.ledger.archive import HEAD_WITHIN, LEDGER_SHEET, ROWS
from services.registry.ledger.columns import COLUMNS
from shared.spreadsheet import Sheet, written

EXPLAINED = "填写说明"
NOTES = (
    f"每行一个项目，最多 {ROWS:,} 行；列的次序不限，表头在前 {HEAD_WITHIN} 行之内。",
    "单元格不写公式；日期可写 2023-03-01、2023年3月1日，或用日期格式。",
    "全部无误才导入，有一处不合要求则都不导入；同一文件再导入一次，不会有任何改变。",
    "已在平台上的项目，内容相同的略过；内容不同的，在平台上办理，不由台账更改。",
    "导入人视同代书记办理：这些项目以后的审核、检查、验收由别人负责。",
)


@cache
def made() -> bytes:
    """The template, which is the same for all."""
    with written() as book:
        ledger = Sheet(book, LEDGER_SHEET)
        ledger.row([column.head for column in COLUMNS], head=True)
        ledger.freeze(1)
        for place, column in enumerate(COLUMNS):
            ledger.column(place, 30 if column.key in ("title", "goal", "measures", "team", "milestones") else 14)
            if column.choices:
                ledger.choices(place, 1, ROWS, column.choices, only_these=column.only_these)
        explained = Sheet(book, EXPLAINED)
        explained.row(["列", "必填", "说明", "可填", "例", "也可写作"], head=True)
        for column in COLUMNS:
            explained.row(
                [
                    column.head,
                    "必填" if column.required else "",
                    column.about,
                    "、".join(column.choices),
                    column.example,
                    "、".join(column.synonyms),
                ]
            )
        for place, width in enumerate((16, 8, 70, 40, 40, 40)):
            explained.column(place, width)
        for note in NOTES:
            explained.row(["", "", note])
    return book.content
