"""`guatu parked` and `guatu views`: what they refuse before they ask any server, and what they load."""

import subprocess
import sys

import pytest
from typer.testing import CliRunner

from infra.cli import app
from infra.stack.folders import PROJECT
from infra.terminal import width_of


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("parked", "list", "--service", "registrar"), "There is no service registrar; the services are registry,"),
        (
            ("parked", "retry", "--service", "registry", "--view", "lamp"),
            "There is no view lamp in registry; there are",
        ),
        (
            ("views", "rebuild", "registry", "projects"),
            "There is no view projects in registry; there are access, brand, campaign,",
        ),
        (("views", "go-on", "--view", "nothing"), "There is no view nothing; there are"),
    ],
)
def test_a_service_or_view_that_there_is_not_is_refused_in_words(arguments: tuple[str, ...], words: str) -> None:
    told = CliRunner().invoke(app, arguments)
    assert (told.exit_code, told.stdout) == (1, "")
    assert words in " ".join(told.stderr.split())


@pytest.mark.parametrize(
    ("terminal", "given", "width"), [(False, {}, 200), (False, {"COLUMNS": "90"}, None), (True, {}, None)]
)
def test_tables_in_a_pipe_are_wide_enough_for_their_numbers(
    terminal: bool, given: dict[str, str], width: int | None
) -> None:
    assert width_of(terminal, given) == width


def test_the_services_are_not_loaded_before_a_command_needs_them() -> None:
    code = "import sys, infra.cli; print([m for m in sys.modules if m.startswith(('services.', 'faststream'))])"
    told = subprocess.run([sys.executable, "-c", code], cwd=PROJECT, capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "[]"
