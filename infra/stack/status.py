"""What runs of a scenario's stack, looked up and not remembered."""

from dataclasses import dataclass

from infra.services import SERVICES
from infra.stack import kafka, postgres, processes, servers
from infra.stack.detached import is_alive, memory
from infra.stack.failure import StackError
from infra.stack.folders import home
from infra.stack.ports import LOOPBACK
from infra.stack.processes import GATEWAY
from infra.stack.servers import KAFKA, POSTGRES
from infra.stack.workspace import DEFAULT, Process, Workspace, workspace, workspaces


@dataclass(frozen=True)
class Line:
    """One piece: where it listens, its process if it is one of ours, its health, its memory in bytes."""

    name: str
    address: str
    pid: int | None
    health: str
    memory: int

    @property
    def ready(self) -> bool:
        """Whether it does its work, as far as can be seen from here."""
        return self.health.startswith("ready")


def status_of(workspace: Workspace) -> list[Line]:
    """A line a piece, servers first; a piece that does not run has no process."""
    recorded = {process.name: process for process in workspace.load().processes}
    names = [*SERVICES, *sorted(set(recorded) - {*SERVICES, GATEWAY}), GATEWAY]
    return [
        _kafka(workspace),
        _postgres(workspace),
        *(_process(name, recorded.get(name)) for name in names),
    ]


def chosen(name: str | None) -> Workspace:
    """The scenario of this name; without one the only one that runs, else the one started last."""
    known = workspaces()
    if name is not None:
        if workspace(name) not in known:
            there = ", ".join(each.name for each in known) or "none"
            raise StackError(f"There is no scenario {name} in {home()}; there are: {there}.")
        return workspace(name)
    running = [each for each in known if _runs(each)]
    if len(running) > 1:
        raise StackError(f"Several run: {', '.join(each.name for each in running)}. Name one with --scenario.")
    if not known:
        raise StackError(f"Nothing was ever started in {home()}: make demo, or guatu up for an empty platform.")
    return (running or known)[0]


def to_start(name: str | None) -> Workspace:
    """The scenario of this name, which may be new; without one the one that runs, else the last, else the default."""
    if name is not None:
        return workspace(name)
    return chosen(None) if workspaces() else workspace(DEFAULT)


def _runs(place: Workspace) -> bool:
    servers_run = kafka.find(place.kafka) or postgres.find(place.postgres)
    return bool(servers_run or place.load().alive())


def _kafka(workspace: Workspace) -> Line:
    named = servers.named_kafka()
    if named:
        return Line(KAFKA, named, None, _of_named("GUATU_KAFKA", servers.named_kafka_answers(named)), 0)
    broker = kafka.find(workspace.kafka)
    if broker is None:
        return _not_running(KAFKA)
    health = "ready" if kafka.answers(broker) else "not ready"
    return Line(KAFKA, broker.bootstrap, broker.pid, health, memory(broker.running))


def _postgres(workspace: Workspace) -> Line:
    named = servers.named_database()
    if named:
        health = _of_named("GUATU_DATABASE", servers.named_database_answers(named))
        return Line(POSTGRES, servers.address(named), None, health, 0)
    server = postgres.find(workspace.postgres)
    if server is None:
        return _not_running(POSTGRES)
    health = "ready" if postgres.answers(server) else "not ready"
    return Line(POSTGRES, servers.address(server.url), server.pid, health, memory(server.running))


def _of_named(variable: str, answers: bool) -> str:
    return f"{'ready' if answers else 'does not answer'}, named in {variable}"


def _process(name: str, process: Process | None) -> Line:
    if process is None:
        return _not_running(name)
    if not is_alive(process.running):
        return Line(name, f"{LOOPBACK}:{process.port}", None, "died", 0)
    health = processes.health(process.port)
    return Line(name, f"{LOOPBACK}:{process.port}", process.pid, health, memory(process.running))


def _not_running(name: str) -> Line:
    return Line(name, "", None, "not running", 0)
