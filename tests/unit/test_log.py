"""What gets into the log, how often, and what must never stand in it."""

import logging
import subprocess
import sys

import pytest

from shared.log import Sparing

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


def said(name: str, message: str, *values: object) -> logging.LogRecord:
    return logging.LogRecord(name, logging.ERROR, "", 0, message, values, None)


def test_a_library_says_the_same_thing_once_in_a_while_and_then_how_often_it_was() -> None:
    now = 0.0
    sparing = Sparing("aiokafka", seconds=10, clock=lambda: now)
    client = "aiokafka.conn"
    assert sparing(said(client, "no node %s", 1))
    assert not any(sparing(said(client, "no node %s", n)) for n in range(500))
    assert sparing(said(client, "another thing"))
    assert sparing(said("aiokafka.other", "no node %s", 1))
    now = 10
    again = said(client, "no node %s", 7)
    assert sparing(again)
    assert again.getMessage() == "no node 7 (and 500 more like it)"
    assert not sparing(said(client, "no node %s", 8))


def test_our_own_messages_are_all_written() -> None:
    sparing = Sparing("aiokafka", seconds=10, clock=lambda: 0.0)
    assert all(sparing(said("guatu", "event_parked")) for _ in range(3))
