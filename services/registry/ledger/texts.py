"""What people read when a ledger, or a cell of it, is refused."""

TEXTS: dict[str, tuple[str, str]] = {
    # The file
    "no_file": ("没有收到文件。", "There is no file in the request."),
    "ledger_too_large": ("文件超过了 {limit} 字节的上限。", "The file is longer than {limit} bytes."),
    "not_a_workbook": (
        "不是可以读取的 .xlsx 工作簿，或文件已损坏。",
        "It is no .xlsx workbook that can be read, or it is damaged.",
    ),
    "workbook_old_or_locked": (
        "这是旧的 .xls 格式，或设有打开密码；请另存为不带密码的 .xlsx。",
        "It is an old .xls, or locked by a password: save it as .xlsx without one.",
    ),
    "workbook_has_macros": (
        "工作簿带有宏，不予读取；请另存为不带宏的 .xlsx。",
        "The workbook has macros: save it without.",
    ),
    "workbook_has_a_dtd": (
        "工作簿的 {part} 里有文档类型声明，不予读取。",
        "The part {part} has a document type declaration, which no workbook needs.",
    ),
    "workbook_unpacks_too_far": (
        "工作簿解压后过大（上限 {limit} MB），不予读取。",
        "What the workbook unpacks to is too large; {limit} MB is the limit.",
    ),
    "too_many_rows": (
        "行数超过了 {limit} 行的上限，请分成几个文件。",
        "There are more than {limit} rows: divide it into several files.",
    ),
    "too_many_columns": ("列数超过了 {limit} 列的上限。", "There are more than {limit} columns."),
    "no_heads": (
        "前 {within} 行里没有找到表头，请使用台账模板的列名。",
        "The first {within} rows have no heads: use those of the template.",
    ),
    "columns_missing": ("缺少必填的列：{columns}。", "Required columns are missing: {columns}."),
    "column_twice": (
        "列“{column}”有两个，另一个在 {first}。",
        "The column {column} is there twice, first at {first}.",
    ),
    "no_such_job": (
        "没有这项任务；任务只保留几天，请重新上传文件，不会重复导入。",
        "There is no such job; they are kept for some days. Send the file again, nothing is imported twice.",
    ),
    "job_interrupted": (
        "任务中途停止。请重新上传文件：要么已全部导入，要么没有导入，不会重复导入。",
        "The job was interrupted. Send the file again: all of it was imported or nothing, and nothing is twice.",
    ),
    "too_many_jobs": ("正在办理的台账较多，请稍后再试。", "Several ledgers are being worked on; try again later."),
    # A cell
    "cell_missing": ("必须填写。", "It must be filled in."),
    "formula_in_a_cell": ("单元格里是公式，请改为填写值。", "A formula stands here: write its value."),
    "not_a_day": ("应为日期，如 2023-03-01。", "It must be a day, such as 2023-03-01."),
    "not_a_month": ("应为月份，如 2023-07。", "It must be a month, such as 2023-07."),
    "not_a_number": ("应为数字，如 45 或 56.8。", "It must be a number, such as 45 or 56.8."),
    "not_a_plan_year": ("应为四位年份，如 2023。", "It must be a year, such as 2023."),
    "share_or_percent": (
        "不能确定是比例还是百分数，请写作文字，如 60%。",
        "It may be a share or a percent: write it as a text, such as 60%.",
    ),
    "not_a_kind": ("应为以下之一：{kinds}。", "It must be one of {kinds}."),
    "not_a_member": ("“{line}”应写作“姓名：分工”。", "“{line}” must be a name, a colon and a duty."),
    "not_a_milestone": ("“{line}”应写作“名称|日期|权重”。", "“{line}” must be title|day|weight."),
    "not_a_part": ("“{line}”里有过长或不在范围内的内容。", "A value in “{line}” is too long or out of range."),
    "needs_a_column": ("须同时填写“{column}”。", "It needs the column {column} too."),
    "no_such_county": ("没有这个县（市、区）。", "There is no such county or district."),
    "county_not_yours": (
        "您在{county}没有导入台账的职责。",
        "You hold no role that allows you to import a ledger of {county}.",
    ),
    "no_such_unit_there": ("{county}没有这个单位。", "There is no such unit in {county}."),
    "unit_elsewhere": ("这个单位不在{county}。", "The unit does not lie in {county}."),
    "name_of_several": (
        "同名的不止一个，请写编码或编号：{codes}。",
        "Several have this name; write the code or id: {codes}.",
    ),
    "not_the_secretary": (
        "不是{unit}今天在任的书记；在任的是：{secretaries}。",
        "Not the secretary of {unit} today; that is {secretaries}.",
    ),
    "row_twice": ("与第 {row} 行是同一个项目。", "It is the same project as in row {row}."),
    "there_otherwise": (
        "项目（{id}）已在平台上，这一项内容不同；台账不更改已有的记录，请在平台上办理。",
        "The project {id} is there with other content, which a ledger does not change: do so on the platform.",
    ),
    "there_by_hand": (
        "该单位本年度已在平台上申报了同名项目（{id}）。",
        "The unit has proposed a project of this title and year on the platform: {id}.",
    ),
}
