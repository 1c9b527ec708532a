"""Every refusal has its text, in both languages with the same values, and every text its refusal."""

import ast
import re
from collections.abc import Iterator, Sequence
from functools import cache
from string import Formatter

import pytest

from infra import forwarding
from infra.stack.folders import PROJECT
from infra.texts import TEXTS as OF_INFRA
from services.alerts.texts import TEXTS as OF_ALERTS
from services.registry.texts import TEXTS as OF_THE_REGISTRY
from services.reporting.texts import TEXTS as OF_REPORTING
from services.scoring.texts import TEXTS as OF_SCORING
from shared import errors

REFUSING = vars(errors) | vars(forwarding)
ERRORS = {name for name, kind in REFUSING.items() if isinstance(kind, type) and issubclass(kind, errors.GuatuError)}
CODE_AT = {"require": 1, "found": 1, "check_id": 2} | dict.fromkeys(ERRORS, 0)
"""Which argument of a refusing call is the code."""


@cache
def nodes(folder: str) -> Sequence[ast.AST]:
    """All that stands in the modules of a folder that are no texts."""
    paths = [path for path in (PROJECT / folder).rglob("*.py") if path.name not in ("texts.py", "problem_texts.py")]
    return [node for path in paths for node in ast.walk(ast.parse(path.read_text("utf-8")))]


@cache
def refused(folder: str) -> frozenset[str]:
    """The codes that the modules of a folder refuse with; the kit does so where a stream of a category is not there."""
    return frozenset(code for node in nodes(folder) for code in _codes(node))


def _codes(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in CODE_AT:
        code = node.args[CODE_AT[node.func.id]]
        literals = (each.value for each in ast.walk(code) if isinstance(each, ast.Constant))
        yield from (value for value in literals if isinstance(value, str) and value.isidentifier())
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Aggregate":
        yield f"no_such_{ast.literal_eval(node.args[0])}"


def of_the_kit() -> dict[str, tuple[str, str]]:
    """The texts that shared/problem_texts.py adds, whatever else was added since."""
    tree = ast.parse((PROJECT / "shared/problem_texts.py").read_text("utf-8"))
    (added,) = (n for n in ast.walk(tree) if isinstance(n, ast.Call) and ast.unparse(n.func) == "add_texts")
    return ast.literal_eval(added.args[0])


PARTS = {
    "shared": of_the_kit(),
    "infra": OF_INFRA,
    "services/registry": OF_THE_REGISTRY,
    "services/scoring": OF_SCORING,
    "services/alerts": OF_ALERTS,
    "services/reporting": OF_REPORTING,
}
OF_THE_DAYS = {"day_already_began", "day_too_far"}
"""The kit decides them for the registry alone, which has their texts."""


@pytest.mark.parametrize("part", PARTS)
def test_every_refusal_has_a_text(part: str) -> None:
    known = PARTS[part].keys() | PARTS["shared"].keys() | (OF_THE_DAYS if part == "shared" else set())
    assert sorted(code for code in refused(part) - known if not code.startswith("no_such_")) == []


@pytest.mark.parametrize("part", PARTS)
def test_every_text_is_of_a_refusal(part: str) -> None:
    said = refused(part)
    if part == "shared":  # the errors of HTTP itself are mapped to codes, not raised with them
        said |= {node.value for node in nodes(part) if isinstance(node, ast.Constant)}
    assert sorted(PARTS[part].keys() - said - OF_THE_DAYS) == []


@pytest.mark.parametrize("part", PARTS)
def test_both_languages_name_the_same_values(part: str) -> None:
    differing = [code for code, (zh, en) in PARTS[part].items() if _names(zh) != _names(en)]
    assert differing == []


def _names(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def test_the_refusals_are_found() -> None:
    assert {part: len(refused(part)) > least for part, least in LEAST.items()} == dict.fromkeys(LEAST, True)


LEAST = {"shared": 25, "infra": 3, "services/registry": 50, "services/scoring": 10, "services/alerts": 5}


def test_dates_are_written_without_spaces_on_every_page_and_in_every_text() -> None:
    files = [path for folder in ("services", "shared", "infra") for path in (PROJECT / folder).rglob("*.*")]
    pages = [path for path in files if path.suffix in (".py", ".html", ".txt", ".js", ".svg")]
    spaced = re.compile(r"""["}\d] +[年月]|[年月] +[{\d]""")
    assert {path.name: found for path in pages if (found := spaced.findall(path.read_text("utf-8")))} == {}
