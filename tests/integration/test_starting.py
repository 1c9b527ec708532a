"""Processes started with what cannot be, and what they say: settings, and the command line."""

import os
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from infra.stack import folders
from tests.serving import refusing


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No process meets the stacks of this folder, nor what this machine's environment names."""
    for name in [name for name in os.environ if name.startswith("GUATU_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("GUATU_HOME", str(tmp_path / "home"))


def test_the_command_line_says_in_words_what_is_wrong():
    told = guatu("status")
    assert told.returncode == 1
    assert "Nothing was ever started" in told.stderr
    assert "Traceback" not in told.stderr
    told = guatu("up", "--only", "kafka,samovar")
    assert told.returncode == 1
    assert "There is no samovar" in told.stderr


def guatu(*arguments: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "infra.cli", *arguments]
    return subprocess.run(command, cwd=folders.PROJECT, capture_output=True, text=True, check=False, timeout=60)


def test_settings_for_a_shell_are_lines_that_it_takes_back():
    given = {"GUATU_AUTH": "local", "GUATU_SESSION_KEY": "it's a $secret"}
    told = subprocess.run(
        ["/bin/sh", "-c", f'eval "$({sys.executable} -m infra.cli settings --export)"; printf %s "$GUATU_SESSION_KEY"'],
        cwd=folders.PROJECT,
        env={**os.environ, **given},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert told.stdout == given["GUATU_SESSION_KEY"]


@pytest.mark.parametrize(
    ("process", "given", "words"),
    [
        ("services.scoring", {"GUATU_PORT": "secret"}, "GUATU_PORT is refused: Input should be a valid integer"),
        (
            "services.registry",
            {"GUATU_REPORT_DAY": "31"},
            "GUATU_REPORT_DAY is refused: Input should be less than or equal to 28 (registry: the day, 1 to 28",
        ),
        ("services.alerts", {"GUATU_LOG_LEVEL": "secret"}, "GUATU_LOG_LEVEL is refused: String should match pattern"),
        ("services.alerts", {"GUATU_LAMP_THRESHOLDS": "secret"}, "GUATU_LAMP_THRESHOLDS is refused: It is not JSON"),
        (
            "services.reporting",
            {"GUATU_LAMP_THRESHOLDS": '{"340822": {"red": 500}}'},
            "GUATU_LAMP_THRESHOLDS 340822.red is refused: Input should be less than or equal to 100",
        ),
        ("infra.gateway", {"GUATU_ROUTES": "secret"}, "GUATU_ROUTES is refused: It is not JSON"),
        ("infra.gateway", {"GUATU_ROUTES": "{}"}, "GUATU_ROUTES is refused: It names no replica of alerts"),
    ],
)
def test_a_process_names_the_setting_that_it_cannot_start_with(process: str, given: dict[str, str], words: str):
    told = subprocess.run(
        [sys.executable, "-m", process],
        cwd=folders.PROJECT,
        env={**os.environ, "GUATU_AUTH": "local"} | given,
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert told.returncode == 1
    assert words in told.stderr
    assert "secret" not in told.stderr
    assert len(told.stderr.splitlines()) == 1


def test_up_refuses_a_misspelt_setting_and_a_wrong_one_before_it_looks_what_runs(monkeypatch: pytest.MonkeyPatch):
    for variable, value, words in (
        ("GUATU_REPORTDAY", "3", "there is GUATU_REPORT_DAY"),
        ("GUATU_REPORT_DAY", "40", "GUATU_REPORT_DAY is refused"),
        ("GUATU_DATABASE", "mysql://x", "GUATU_DATABASE is refused"),
    ):
        monkeypatch.setenv(variable, value)
        told = guatu("up")
        assert (told.returncode, words in told.stderr, len(told.stderr.splitlines())) == (1, True, 1)
        monkeypatch.delenv(variable)


@pytest.mark.parametrize(
    ("process", "given"),
    [
        ("infra.gateway", {"GUATU_ROUTES": "{}"}),
        ("services.alerts", {"GUATU_DATABASE": f"postgresql://x@{urlsplit(refusing()).netloc}"}),
    ],
)
def test_a_process_complains_of_a_variable_that_is_no_setting(process: str, given: dict[str, str]):
    told = subprocess.run(
        [sys.executable, "-m", process],
        cwd=folders.PROJECT,
        env={**os.environ, "GUATU_AUTH": "local", "GUATU_REPORTDAY": "3", **given},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert "GUATU_REPORTDAY is no setting; there is GUATU_REPORT_DAY." in told.stdout + told.stderr


def test_settings_show_no_secret():
    told = subprocess.run(
        [sys.executable, "-m", "infra.cli", "settings"],
        cwd=folders.PROJECT,
        env={
            **os.environ,
            "COLUMNS": "200",
            "GUATU_AUTH": "local",
            "GUATU_DATABASE": "postgresql://someone:hush@db.example:5432?passfile=hush",
            "GUATU_SESSION_KEY": "hush",
        },
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert "postgresql://someone:********@db.example:5432?********" in told.stdout
    assert "hush" not in told.stdout
