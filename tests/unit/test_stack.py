"""The local stack's decisions, without a server: ports, folders, requirements, records, what is undone."""

import json
import os
import re
import signal
import socket
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from infra.cli import app
from infra.services import SERVICES
from infra.show_settings import effective, require_settings
from infra.stack import configuration, detached, folders, ports, requirements, signals
from infra.stack.configuration import assign_ports, choose_clock, require_same_servers
from infra.stack.failure import StackError, last_lines
from infra.stack.servers import Servers, address, named_owner
from infra.stack.status import to_start
from infra.stack.workspace import DEFAULT, Process, Run, workspace, workspaces
from infra.upkeep import views_of
from shared.settings import unknown


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """No test meets the stacks of this folder, nor what this machine's environment names."""
    for name in [name for name in os.environ if name.startswith("GUATU_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("GUATU_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def sleeper(tmp_path: Path):
    """A process of ours that does nothing."""
    running = detached.spawn([sys.executable, "-c", "import time; time.sleep(600)"], log=tmp_path / "sleeper.log")
    yield running
    detached.end([running], polite=signal.SIGKILL)


def process(name: str, running: detached.Running, port: int = 1) -> Process:
    return Process(name, running.pid, running.created, port, Path("log"))


# Processes


def test_a_process_is_known_by_its_start_and_not_by_its_id_alone(sleeper: detached.Running):
    reused = detached.Running(sleeper.pid, sleeper.created - 60)
    assert detached.is_alive(sleeper)
    assert not detached.is_alive(reused)
    assert detached.end([reused], polite=signal.SIGKILL) == []
    assert detached.is_alive(sleeper)


def test_a_process_that_ends_in_time_is_not_killed(sleeper: detached.Running):
    ended: list[detached.Running] = []
    assert detached.end([sleeper], grace=10, ended=ended.append) == []
    assert ended == [sleeper]
    assert not detached.is_alive(sleeper)
    assert detached.end([sleeper]) == []


def test_a_process_deaf_to_the_polite_signal_is_killed_and_named(tmp_path: Path):
    deaf = (
        "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); time.sleep(600)"
    )
    log = tmp_path / "deaf.log"
    running = detached.spawn([sys.executable, "-c", deaf], log=log)
    detached.wait_ready(running, lambda: b"deaf" in log.read_bytes(), name="deaf", log=log, seconds=20)
    assert detached.end([running], grace=0.2) == [running]
    assert not detached.is_alive(running)


def test_a_process_that_ends_before_it_is_ready_is_told_with_its_log(tmp_path: Path):
    log = tmp_path / "short.log"
    running = detached.spawn([sys.executable, "-c", "print('no space left'); raise SystemExit(3)"], log=log)
    with pytest.raises(StackError, match="short ended before it was ready") as raised:
        detached.wait_ready(running, lambda: False, name="short", log=log, seconds=20)
    assert raised.value.log == log
    assert last_lines(log) == ["no space left"]


def test_a_wait_ends_at_its_deadline(sleeper: detached.Running, tmp_path: Path):
    with pytest.raises(StackError, match="slow was not ready after 0 s"):
        detached.wait_ready(sleeper, lambda: False, name="slow", log=tmp_path / "x", seconds=0.1)


def test_an_interruption_is_heeded_by_the_next_wait(sleeper: detached.Running, tmp_path: Path):
    with signals.noted():
        os.kill(os.getpid(), signal.SIGTERM)
        with pytest.raises(KeyboardInterrupt):
            detached.wait_ready(sleeper, lambda: False, name="slow", log=tmp_path / "x", seconds=20)
    signals.heed()


def test_only_the_last_lines_of_a_long_log_are_shown(tmp_path: Path):
    log = tmp_path / "long.log"
    log.write_text("".join(f"line {number}\n" for number in range(100_000)))
    assert last_lines(log, 2) == ["line 99998", "line 99999"]
    assert last_lines(tmp_path / "none.log") == []


# Requirements


def test_missing_java_is_named_with_the_ways_out(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("PATH", "")
    with pytest.raises(StackError, match=r"Java is missing: .* Java 17 .*GUATU_KAFKA"):
        requirements.java()
    with pytest.raises(StackError, match=r"Maven is missing: .*GUATU_KAFKA"):
        requirements.maven()


@pytest.mark.parametrize(
    ("banner", "version"),
    [('openjdk version "17.0.15" 2025-04-15', "17.0.15"), ('openjdk version "26-ea" 2026-03-17', "26-ea")],
)
def test_a_java_that_is_new_enough_is_taken_from_java_home(
    banner: str, version: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("JAVA_HOME", str(java_that_says(tmp_path, banner)))
    assert requirements.java().version == version


@pytest.mark.parametrize("banner", ['java version "1.8.0_292"', 'openjdk version "11.0.2" 2019-01-15'])
def test_an_old_java_is_refused_by_its_version(banner: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("JAVA_HOME", str(java_that_says(tmp_path, banner)))
    with pytest.raises(StackError, match=r"Java is too old: .* is (8\.0_292|11\.0\.2)"):
        requirements.java()


def java_that_says(folder: Path, banner: str) -> Path:
    program = folder / "bin" / "java"
    program.parent.mkdir()
    program.write_text(f"#!/bin/sh\necho '{banner}' >&2\n")
    program.chmod(0o755)
    return folder


def test_a_disk_that_is_nearly_full_is_refused_with_what_is_free(tmp_path: Path):
    requirements.require_disk(tmp_path, least=1)
    with pytest.raises(StackError, match=r"nearly full: \d+ MiB are free"):
        requirements.require_disk(tmp_path / "not" / "made", least=2**60)


# Ports


def test_a_taken_port_is_refused_with_its_holder():
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with pytest.raises(StackError, match=rf"Port {port}, wanted for tea, is taken by .*process {os.getpid()}"):
            ports.require_free(port, "tea")


def test_free_ports_lie_below_those_of_outgoing_connections_and_differ_from_the_taken():
    taken = set(ports.OURS) - {port := ports.free_port()}
    assert 20000 <= port < 32768
    assert ports.free_port(taken={port}) != port
    with pytest.raises(StackError, match="No free port"):
        ports.free_port(taken={*taken, port})


def test_a_server_keeps_its_port_while_that_is_free(tmp_path: Path):
    port = ports.free_port()
    ports.remember(tmp_path, port)
    assert ports.choose(tmp_path, None, "tea") == port
    with socket.create_server(("127.0.0.1", port)):
        assert ports.choose(tmp_path, None, "tea") != port


# What processes are given


def test_services_keep_their_ports_over_a_restart():
    first = assign_ports(Run(), {}, 18000, set())
    assert len(set(first.values())) == len(SERVICES) + 1
    assert assign_ports(Run(ports=first), {}, None, set()) == first


def test_the_gateway_that_runs_is_not_moved(sleeper: detached.Running):
    running = {"gateway": process("gateway", sleeper, 8123)}
    with pytest.raises(StackError, match="runs at port 8123 and not 8124: guatu down first"):
        assign_ports(Run(), running, 8124, {"gateway"})


def test_a_gateways_port_held_by_another_scenario_names_it(sleeper: detached.Running):
    workspace("other").save(Run(processes=(process("gateway", sleeper, 8123),)))
    with pytest.raises(StackError, match=r"the gateway's of scenario other.*--port.*guatu down --scenario other"):
        assign_ports(Run(), {}, 8123, {"gateway"})


def test_a_taken_port_of_the_gateway_says_how_make_takes_another():
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with pytest.raises(StackError, match=r"Take another with --port \(make demo: PORT=\)"):
            assign_ports(Run(), {}, port, {"gateway"})


@pytest.mark.parametrize("command", ["up", "demo"])
def test_a_port_that_there_cannot_be_is_refused_before_it_is_looked_what_runs(command: str):
    told = CliRunner().invoke(app, [command, "--port", "99999"])
    assert (told.exit_code, "less than or equal to 65535" in told.output) == (2, True)


def test_the_clock_stays_with_the_scenario_and_is_not_changed_under_way():
    assert choose_clock(Run(), None, running=False) == "real"
    assert choose_clock(Run(clock="scenario"), None, running=True) == "scenario"
    assert choose_clock(Run(clock="scenario"), "real", running=False) == "real"
    with pytest.raises(StackError, match="runs with the scenario clock"):
        choose_clock(Run(clock="scenario"), "real", running=True)
    with pytest.raises(StackError, match="no clock 'sundial'"):
        choose_clock(Run(), "sundial", running=False)


def test_processes_are_not_left_on_servers_that_changed():
    run = Run(kafka="127.0.0.1:1", database="127.0.0.1:2")
    same = Servers("127.0.0.1:1", "postgresql://postgres:secret@127.0.0.1:2", None)
    require_same_servers(run, same, running=True)
    require_same_servers(run, Servers("127.0.0.1:9", same.database, None), running=False)
    with pytest.raises(StackError, match="guatu down first"):
        require_same_servers(run, Servers("127.0.0.1:9", same.database, None), running=True)


def test_a_scenario_keeps_the_key_of_its_cookies(monkeypatch: pytest.MonkeyPatch):
    place, servers = workspace("keys"), Servers("kafka:9092", "postgresql://db", None)
    first = configuration.environment(place, servers, 8000, "real")
    assert first == configuration.environment(place, servers, 8000, "real")
    assert (place.folder / "session-key").stat().st_mode & 0o777 == 0o600
    assert first["GUATU_ISSUER"] == "http://127.0.0.1:8000/oidc"
    monkeypatch.setenv("GUATU_AUTH", "oidc")
    assert "GUATU_ISSUER" not in configuration.environment(place, servers, 8000, "real")


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("postgresql://user:p@ss@host:5432/name", "host:5432/name"),
        ("postgresql://host/name?password=hush", "host/name"),
        ("127.0.0.1:9092", "127.0.0.1:9092"),
    ],
)
def test_an_address_shows_neither_user_nor_password(url: str, shown: str):
    assert address(url) == shown


# The folder


def test_the_record_of_a_run_is_read_as_it_was_written(tmp_path: Path):
    run = Run("real", "k:1", "d:2", {"gateway": 8000}, (Process("gateway", 1, 2.5, 8000, tmp_path / "gateway.log"),))
    place = workspace("a.b-c_1")
    assert place.load() == Run()
    place.save(run)
    assert place.load() == run
    assert json.loads((place.folder / "run.json").read_text())["kafka"] == "k:1"
    assert workspaces() == [place]


@pytest.mark.parametrize("name", ["", "lib", "../x", "a/b", ".hidden", "a" * 65])
def test_a_scenarios_name_stays_within_its_folder(name: str):
    with pytest.raises(StackError, match="no name for a scenario"):
        workspace(name)


def test_two_commands_do_not_work_on_one_scenario_at_once():
    place = workspace("busy")
    with place.locked(), pytest.raises(StackError, match="Another command is at work on scenario busy"), place.locked():
        pytest.fail("both have it")
    with place.locked():
        pass


def test_a_file_is_replaced_whole_and_keeps_its_mode(tmp_path: Path):
    file = tmp_path / "secret"
    (tmp_path / "secret.new").write_text("left by a crash")
    folders.write_whole(file, "one", mode=0o600)
    folders.write_whole(file, "two", mode=0o600)
    assert file.read_text() == "two"
    assert file.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith("secret")] == ["secret"]


def test_up_takes_the_last_stack_and_a_new_one_only_by_name(home: Path):
    assert to_start(None).name == DEFAULT
    place = workspace("one")
    place.save(place.load())
    assert (to_start(None).name, to_start("two").name) == ("one", "two")


def test_an_operators_command_names_a_rule_that_is_refused(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("GUATU_REPORT_DAY", "0")
    with pytest.raises(StackError, match="GUATU_REPORT_DAY is refused"):
        views_of("registry", None)


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ({"GUATU_REPORT_DAY": "9"}, ("GUATU_REPORT_DAY", "9", "environment")),
        ({}, ("GUATU_REPORT_DAY", "5", "default")),
        ({"GUATU_LAMP_THRESHOLDS": '{"340822": {}}'}, ("GUATU_LAMP_THRESHOLDS", '{"340822": {}}', "environment")),
    ],
)
def test_settings_of_one_service_are_shown_too(given: dict[str, str], shown: tuple[str, str, str]):
    assert shown in {row[:3] for row in effective({"GUATU_AUTH": "local"} | given)}


def test_every_variable_is_printed_or_said_for_operators():
    sources = [path for folder in ("infra", "shared", "services") for path in (folders.PROJECT / folder).rglob("*.py")]
    texts = [path.read_text("utf-8") for path in (*sources, folders.PROJECT / "docker-compose.yml")]
    named = {name for text in texts for name in re.findall(r"GUATU_[A-Z]+(?:_[A-Z]+)*", text)}
    printed = {row[0] for row in effective({"GUATU_AUTH": "local"})}
    said = (folders.PROJECT / "docs/operators.md").read_text("utf-8")
    assert [name for name in sorted(named - printed) if f"`{name}`" not in said] == []
    assert {"GUATU_ROUTES", "GUATU_OIDC_KEY", "GUATU_ISSUER_INTERNAL", "GUATU_MAP_APPROVAL"} <= printed
    assert unknown(named | printed) == []


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"GUATU_REPORTDAY": "3"}, "GUATU_REPORTDAY is no setting; there is GUATU_REPORT_DAY."),
        ({"GUATU_XYZZY": "3"}, "GUATU_XYZZY is no setting; guatu settings shows all."),
        ({"GUATU_REPORT_DAY": "40"}, "GUATU_REPORT_DAY is refused"),
        ({"GUATU_DATABASE": "mysql://hush@x"}, "GUATU_DATABASE is refused: it is to be postgresql://"),
        ({"GUATU_DATABASE": "postgresql://a:hush/b@x"}, "GUATU_DATABASE is refused: it is to be postgresql://"),
    ],
)
def test_an_environment_that_a_start_cannot_use_is_refused_beforehand(given: dict[str, str], words: str):
    with pytest.raises(StackError, match=re.escape(words)) as refused:
        require_settings(given)
    assert "hush" not in str(refused.value)


def test_an_environment_without_settings_or_with_empty_ones_is_enough_for_a_start():
    require_settings({"PATH": "/bin", "GUATU_DATABASE": "", "GUATU_HOME": "/x", "GUATU_CLOCK": "scenario"})


def test_a_database_server_of_another_kind_is_refused_before_it_is_asked(monkeypatch: pytest.MonkeyPatch):
    for variable in ("GUATU_DATABASE", "GUATU_DATABASE_OWNER"):
        monkeypatch.setenv(variable, "mysql://x")
        with pytest.raises(StackError, match=f"{variable} is refused"):
            named_owner()
        monkeypatch.delenv(variable)


@pytest.mark.parametrize(
    ("given", "place"),
    [
        ({"GUATU_REPORT_DAY": "31"}, "GUATU_REPORT_DAY"),
        ({"GUATU_LAMP_THRESHOLDS": "{"}, "GUATU_LAMP_THRESHOLDS"),
        ({"GUATU_LAMP_THRESHOLDS": '{"340822": {"red": 500}}'}, "GUATU_LAMP_THRESHOLDS 340822.red"),
    ],
)
def test_a_setting_that_is_refused_is_named(given: dict[str, str], place: str):
    with pytest.raises(StackError, match=place):
        effective({"GUATU_AUTH": "local"} | given)
