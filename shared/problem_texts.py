"""What people read when a request is refused: a text in Chinese and in English for every code."""

from collections.abc import Mapping
from typing import Literal, NamedTuple

Language = Literal["zh", "en"]


class Text(NamedTuple):
    """The same sentence twice; `{name}` stands for a value of the error's detail, or for its `field`."""

    zh: str
    en: str


TITLES: Mapping[int, Text] = {
    400: Text("请求的格式不对", "The request cannot be read"),
    401: Text("需要登录", "Sign-in is required"),
    403: Text("无权办理", "Not allowed"),
    404: Text("没有找到", "Not found"),
    405: Text("不支持这种请求方式", "Method not allowed"),
    409: Text("与规则或现状不符", "In conflict with a rule or the present state"),
    412: Text("内容已有更新", "The version is no longer the present one"),
    413: Text("内容过长", "Too large"),
    415: Text("不支持这种内容类型", "Unsupported media type"),
    422: Text("填写的内容不合要求", "A value is not allowed"),
    429: Text("请求过于频繁", "Too many requests"),
    431: Text("请求的头部过长", "Request header fields too large"),
    500: Text("系统出错", "Internal error"),
    502: Text("服务没有正常答复", "Bad gateway"),
    503: Text("暂时不能办理", "Not available for now"),
    504: Text("服务没有及时答复", "Gateway timeout"),
}

_texts: dict[str, Text] = {}


def add_texts(texts: Mapping[str, tuple[str, str]]) -> None:
    """Add texts by code, each in Chinese and English; a service does so when its `texts` module is imported.

    Raises:
        ValueError: a code has another text already, or one of the two is empty.
    """
    for code, (zh, en) in texts.items():
        if not zh.strip() or not en.strip():
            raise ValueError(f"{code} lacks a text")
        text = Text(zh, en)
        if _texts.setdefault(code, text) != text:
            raise ValueError(f"two texts of {code}")


def text_of(code: str) -> Text | None:
    """The text of a code. `no_such_<category>` has one of its own, or that of all things that are not there."""
    return _texts.get(code) or (_texts["no_such_thing"] if code.startswith("no_such_") else None)


def phrase(text: Text, language: Language, values: Mapping[str, object]) -> str:
    """The sentence in a language with its values; one that is missing is an ellipsis."""
    template = text.zh if language == "zh" else text.en
    return template.format_map(_Lenient({name: str(value) for name, value in values.items()}))


class _Lenient(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return "…"


add_texts(
    {
        "sign_in_required": ("请先登录。", "Sign in first, or send a bearer token."),
        "token_invalid": ("登录凭证无效，请重新登录。", "The token is not valid here."),
        "token_expired": ("登录已过期，请重新登录。", "The token has expired."),
        "sign_in_failed": (
            "登录没有完成（{reason}），请重新登录。",
            "Sign-in was not completed ({reason}); sign in again.",
        ),
        "sign_in_expired": (
            "登录用时过长，或浏览器没有保存登录信息，请重新登录。",
            "Sign-in took too long, or the browser kept no cookie; sign in again.",
        ),
        "issuer_unreachable": (
            "暂时联系不上统一身份认证服务，请稍后再试。",
            "The sign-in service cannot be reached; try again later.",
        ),
        "foreign_origin": (
            "请求不是从本平台的页面发出的，没有办理。",
            "A request signed by the session cookie must come from this origin's own pages.",
        ),
        "not_allowed": ("您在该单位没有办理此事的职责。", "You hold no role that allows this at this unit."),
        "secretary_not_named": (
            "单位 {unit} 有几位书记，请填写代哪位书记办理。",
            "The unit {unit} has several secretaries: name the one that you act for.",
        ),
        "nobody_to_act_for": (
            "单位 {unit} 今天没有您可以代为办理的书记；所填的人也须是那里的书记。",
            "At the unit {unit} there is today nobody that you could act for, or not the person named.",
        ),
        "authority_not_ready": (
            "组织机构和任职信息正在同步，请稍后再试。",
            "Units and appointments are still being read; try again later.",
        ),
        "no_such_thing": (
            "没有找到，或不在您的管辖范围内。",
            "There is no such thing, or not within your sight.",
        ),
        "no_such_unit": ("没有编码为 {unit} 的单位。", "There is no unit with the code {unit}."),
        "not_a_county": ("{unit} 不是县（市、区）的编码。", "{unit} is not the code of a county or district."),
        "no_such_command": ("没有这样的办理事项：{field}。", "There is no such command: {field}."),
        "no_such_page": ("没有这个网址。", "There is nothing at this address."),
        "wrong_address": ("这个网址不对（{rule}）。", "There can be nothing at this address ({rule})."),
        "method_not_allowed": ("这个网址不支持这种请求方式。", "This address does not take this method."),
        "malformed_json": (
            "内容不是合法的 JSON（第 {line} 行第 {column} 列）。",
            "The body is no valid JSON (line {line}, column {column}).",
        ),
        "malformed_request": ("收到的内容不是合法的 HTTP 请求。", "What was sent is no HTTP request."),
        "head_too_large": (
            "网址和请求头部超过了 {limit} 字节的上限。",
            "The address and the headers are longer than {limit} bytes.",
        ),
        "malformed_form": ("表单内容无法读取，请刷新页面后再填。", "The form cannot be read."),
        "unstorable_character": ("内容里有不能保存的字符 U+0000。", "The body has the character U+0000."),
        "invisible_character": (
            "第 {place} 个字是看不见的字符（{character}），请删去后重新输入",
            "its character {place} is one that nobody sees ({character}): leave it out",
        ),
        "not_one_line": ("应写在一行内，不要换行或用制表符", "it is one line, without breaks and tabs"),
        "wrong_shape": ("内容的格式有 {count} 处不对：{first}", "The request has {count} faults of shape: {first}"),
        "too_many_errors": (
            "有 {count} 处不合要求，太多，不逐一列出。",
            "{count} values are wrong, too many to be listed.",
        ),
        "invalid_value": ("填写的内容有 {count} 处不合要求：{first}", "{count} values are not allowed: {first}"),
        "not_a_time": (
            "{field} 应为带时区的时刻，如 2023-08-22T09:30:00+08:00。",
            "{field} must be a time with its zone, such as 2023-08-22T09:30:00+08:00.",
        ),
        "day_not_begun": (
            "{field} 所说的 {day} 还没有开始（最近开始的一天是 {last}），请在这一天开始后再办理。",
            "The day of {field}, {day}, has not begun here: the last that has is {last}. Send it again once it has.",
        ),
        "not_a_version": ('{field} 应为版本号，如 "5"。', '{field} must name a version, such as "5".'),
        "body_too_large": ("内容超过了 {limit} 字节的上限。", "The body is longer than {limit} bytes."),
        "stale_version": (
            "您看到的内容已有更新（现为第 {version} 版），请刷新后再办理。",
            "The present version is {version}; load it and decide again.",
        ),
        "id_reuse": (
            "同一个办理编号（Idempotency-Key）已用于另外的内容。",
            "The same Idempotency-Key came with another body.",
        ),
        "effective_in_the_future": (
            "事实发生的日期不能晚于今天。",
            "The day that the fact holds for lies in the future.",
        ),
        "effective_too_old": (
            "事实发生的日期早于 {days} 天前，需由审核人员说明理由后补录。",
            "The day that the fact holds for is more than {days} days back: a reviewer must tell it, with the reason.",
        ),
        "late_without_a_reason": (
            "补录早前的事实，须写明理由。",
            "A fact that is dated so far back needs a reason.",
        ),
        "acted_for_no_secretary": (
            "被代为办理的人今天没有担任单位 {unit} 的书记，不能再代其办理；项目须先移交。",
            "The person acted for is not the secretary of the unit {unit} today; a project is handed over first.",
        ),
        "too_many_conflicts": (
            "同时办理同一事项的人较多，请稍后再试。",
            "Others kept changing the same thing; try again.",
        ),
        "outcome_unknown": (
            "是否已存上暂时不能确定，请用同一办理编号再试一次，不会重复办理。",
            "Whether it was stored is not known; send it again with the same Idempotency-Key.",
        ),
        "store_full": (
            "存储空间已满，暂时不能办理，请稍后用同一办理编号再试。",
            "The store has no room for now; send it again later with the same Idempotency-Key.",
        ),
        "database_unreachable": ("暂时读不到数据，请稍后再试。", "The database cannot be reached; try again later."),
        "backend_unreachable": (
            "系统的一个部分暂时没有响应，请稍后再试。",
            "A part of the platform does not answer for now; try again later.",
        ),
        "not_a_position": (
            "{field} 应为办理结果中的 at。",
            "{field} must be the `at` of a command's reply.",
        ),
        "view_behind": (
            "刚才办理的内容还没有汇总到这里（视图 {view}），请稍后再看。",
            "The view {view} does not have what was just done yet; ask again.",
        ),
        "events_parked": (
            "这一事项（{stream}）有记录暂时无法汇总到视图 {view}，管理员处理后才能看到最新情况。",
            "Events of {stream} are parked in the view {view} until somebody mends their cause.",
        ),
        "view_stopped": (
            "汇总（视图 {view}）已停在较早的记录上，管理员处理后才能看到最新情况。",
            "The view {view} stands still until somebody mends the cause.",
        ),
        "rebuild_running": (
            "另一个进程正在重建视图 {view} 的第 {version} 版。",
            "Another process is building the view {view}, version {version}.",
        ),
        "view_in_use": (
            "还有进程在使用视图 {view} 的第 {version} 版，请先停止：{members}。",
            "Processes follow the view {view}, version {version}: stop them first ({members}).",
        ),
        "http_error": ("请求没有办理。", "The request was refused."),
        "internal_error": (
            "系统出错，没有办理。请将记录号 {reference} 告知管理员。",
            "Something went wrong; the log has the details under {reference}.",
        ),
    }
)
