"""What pydantic says of wrong fields, as our problem documents say it: where, which rule, in words."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pydantic_core import ErrorDetails
from typing_extensions import TypedDict

from shared.contracts.values import MONTH, PERIOD, PERSON_ID, PROJECT_ID, SLUG, UNIT_CODE
from shared.problem_texts import Language, Text, phrase, text_of


class FieldError(TypedDict):
    """One wrong field: its path with dots (`milestones.0.weight`), the rule's name, the rule in words."""

    field: str
    code: str
    detail: str


_PLACES = ("body", "query", "path", "header", "cookie")
_SHAPES = ("_type", "_parsing", "_attributes_type", "_from_float", "_parsing_size")
_SHAPE_CODES = frozenset(
    {
        "missing",
        "extra_forbidden",
        "json_invalid",
        "json_type",
        "none_required",
        "invalid_key",
        "union_tag_not_found",
        "is_instance_of",
        "recursion_loop",
    }
)

_CHINESE: Mapping[str, str] = {
    "missing": "必须填写",
    "extra_forbidden": "没有这一项",
    "json_invalid": "不是合法的 JSON",
    "none_required": "应为空",
    "enum": "应为以下之一：{expected}",
    "literal_error": "应为以下之一：{expected}",
    "union_tag_invalid": "应为以下之一：{expected_tags}",
    "union_tag_not_found": "缺少 {discriminator}",
    "greater_than": "应大于 {gt}",
    "greater_than_equal": "不应小于 {ge}",
    "less_than": "应小于 {lt}",
    "less_than_equal": "不应大于 {le}",
    "multiple_of": "应为 {multiple_of} 的倍数",
    "finite_number": "应为有限的数",
    "string_too_short": "至少 {min_length} 个字",
    "string_too_long": "至多 {max_length} 个字",
    "string_pattern_mismatch": "格式应为 {pattern}",
    "string_unicode": "不是合法的文字",
    "too_short": "至少 {min_length} 项",
    "too_long": "至多 {max_length} 项",
    "decimal_max_digits": "至多 {max_digits} 位数字",
    "decimal_max_places": "至多 {decimal_places} 位小数",
    "decimal_whole_digits": "整数部分至多 {whole_digits} 位",
    "date_from_datetime_inexact": "应为日期，不带时刻",
    "date_past": "应早于今天",
    "date_future": "应晚于今天",
    "timezone_aware": "时刻应带时区",
    "timezone_naive": "时刻不应带时区",
    "uuid_version": "应为第 {expected_version} 版 UUID",
    "is_instance_of": "类型不对",
}
_CHINESE_KINDS: Mapping[str, str] = {
    "string": "文字",
    "int": "整数",
    "float": "数",
    "decimal": "写作文字的十进制数，如 '56.8'",
    "bool": "真或假",
    "date": "日期，如 2023-08-22",
    "datetime": "时刻，如 2023-08-22T09:30:00+08:00",
    "time": "时间",
    "uuid": "UUID",
    "url": "网址",
    "list": "列表",
    "tuple": "列表",
    "set": "列表",
    "frozen": "列表",
    "iterable": "列表",
    "dict": "对象",
    "mapping": "对象",
    "model": "对象",
    "dataclass": "对象",
}


_PATTERNS: Mapping[str, Text] = {
    UNIT_CODE: Text(
        "应为单位编码：6、9 或 12 位数字，或县（市、区）编码加 -D0001、-E0001、-X0001 这样的后缀",
        "a unit's code has 6, 9 or 12 digits, or is a county's code with -D0001, -E0001 or -X0001 after it",
    ),
    PERSON_ID: Text("应为人员编号：小写字母、数字和连字符", "a person's id has small letters, digits and hyphens"),
    PROJECT_ID: Text("应为项目编号，即一个 UUID", "a project's id is a UUID in small letters"),
    SLUG: Text("应为编号：小写字母、数字、连字符和下划线", "an id has small letters, digits, hyphens and underscores"),
    MONTH: Text("应为月份，如 2023-07", "a month is written as 2023-07"),
    PERIOD: Text("应为时段，如 2023-Q1、2023-H1 或 2023", "a period is written as 2023-Q1, 2023-H1 or 2023"),
}
"""What people know the patterns of the contracts' values as."""


def is_shape(code: str) -> bool:
    """Whether it is the shape that is wrong (a field missing or unknown, a type) and not the value."""
    return code in _SHAPE_CODES or code.endswith(_SHAPES)


def field_errors(errors: Iterable[ErrorDetails | Mapping[str, Any]], language: Language) -> list[FieldError]:
    """Each error in a language, in pydantic's order; what was sent is not repeated."""
    return [
        FieldError(field=_path(error["loc"]), code=error["type"], detail=_words(error, language)) for error in errors
    ]


def _path(location: Sequence[str | int]) -> str:
    parts = location[1:] if location and location[0] in _PLACES else location
    return ".".join(str(part) for part in parts)


def _words(error: ErrorDetails | Mapping[str, Any], language: Language) -> str:
    code: str = error["type"]
    context: Mapping[str, object] = error.get("ctx") or {}
    own = text_of(code) or _PATTERNS.get(str(context.get("pattern")))
    if own is not None:
        return phrase(own, language, context)
    message: str = error["msg"]
    if language == "en":
        return message
    known = _CHINESE.get(code) or _of_kind(code)
    return phrase(Text(known, message), "zh", context) if known else f"不合要求：{message}"


def _of_kind(code: str) -> str | None:
    kind = _CHINESE_KINDS.get(code.split("_", 1)[0])
    return f"应为{kind}" if kind and is_shape(code) else None
