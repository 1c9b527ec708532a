"""Logs: what must never stand in them."""

import subprocess
import sys

import pytest

FAILS = """
import logging
import structlog
from shared import log

log.configure("registry", form="{form}", level="INFO")

def connect(password):
    raise ConnectionError("the database is starting up")

try:
    connect("hunter" + "2")
except ConnectionError:
    structlog.get_logger().exception("failed", authorization="Bearer hunter" + "2")
    logging.getLogger("uvicorn.error").exception("failed")
"""


@pytest.mark.parametrize("form", ["json", "text"])
def test_an_error_is_logged_with_its_place_but_without_the_values_of_variables(form: str) -> None:
    code = FAILS.format(form=form)
    logged = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stderr
    assert logged.count("the database is starting up") >= 2
    assert "connect" in logged
    assert "hunter2" not in logged
