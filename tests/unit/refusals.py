"""The codes that a service's code refuses with, found in its source."""

import ast
from collections.abc import Iterator
from pathlib import Path

_RAISED = ("RuleViolation", "InvalidValue", "NotFound", "NotReady", "Forbidden", "BadRequest")


def codes(folder: Path) -> set[str]:
    """Every literal code of a `require` or of an error that is made in the modules of a folder."""
    return {code for module in folder.rglob("*.py") for code in _codes(ast.parse(module.read_text("utf-8")))}


def _codes(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            place = 1 if node.func.id == "require" else 0 if node.func.id in _RAISED else None
            if place is not None:
                code = node.args[place]
                assert isinstance(code, ast.Constant), ast.unparse(node)
                yield str(code.value)
