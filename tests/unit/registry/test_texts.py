"""Every rule that refuses has words in both languages, and every text is of a rule."""

import ast
from pathlib import Path
from string import Formatter

from services import registry
from services.registry.texts import TEXTS
from shared.problem_texts import text_of

SOURCES = [path for path in Path(registry.__path__[0]).rglob("*.py") if path.name != "texts.py"]
OF_THE_KIT = {"day_already_began", "day_too_far"}
"""Refusals of the days, which the kit decides for the registry alone."""
CODE_AT = {"require": 1, "found": 1, "check_id": 2, "NotFound": 0, "InvalidValue": 0, "RuleViolation": 0}
"""Which argument of a refusing call is the code."""


def used() -> set[str]:
    calls = (node for path in SOURCES for node in ast.walk(ast.parse(path.read_text("utf-8"))))
    codes = (
        call.args[CODE_AT[call.func.id]]
        for call in calls
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in CODE_AT
    )
    return {code.value for code in codes if isinstance(code, ast.Constant) and isinstance(code.value, str)}


def test_every_rule_has_a_text():
    codes = used()
    assert len(codes) > 50
    assert [code for code in codes if code not in TEXTS and text_of(code) is None] == []


def test_every_text_is_of_a_rule():
    assert TEXTS.keys() - used() == OF_THE_KIT


def test_both_languages_name_no_value_that_the_other_could_not():
    def names(text: str) -> set[str]:
        return {name for _, name, _, _ in Formatter().parse(text) if name}

    assert all(names(zh) <= names(en) or names(en) <= names(zh) for zh, en in TEXTS.values())
