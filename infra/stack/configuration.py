"""What a scenario's processes are given: servers, ports, clock, sign-in."""

import secrets
from os import environ

from infra.services import SERVICES
from infra.stack import ports
from infra.stack.failure import StackError
from infra.stack.folders import write_whole
from infra.stack.processes import GATEWAY
from infra.stack.servers import Servers, address
from infra.stack.workspace import Process, Run, Workspace, workspaces

GATEWAY_PORT = 8000
CLOCKS = ("real", "scenario")
ANOTHER = "--port (make demo: PORT=)"


def environment(workspace: Workspace, found: Servers, gateway_port: int, clock: str) -> dict[str, str]:
    """What services and gateway are configured with; sign-in settings of the caller's own environment win."""
    origin = environ.get("GUATU_PUBLIC_URL") or origin_of(gateway_port)
    auth = environ.get("GUATU_AUTH") or "local"
    ours = {
        "GUATU_KAFKA": found.kafka or "",
        "GUATU_DATABASE": found.database or "",
        "GUATU_AUTH": auth,
        "GUATU_CLOCK": clock,
        "GUATU_PUBLIC_URL": origin,
        "GUATU_SESSION_KEY": environ.get("GUATU_SESSION_KEY") or _session_key(workspace),
    }
    if auth == "local":
        ours["GUATU_ISSUER"] = environ.get("GUATU_ISSUER") or f"{origin}/oidc"
        ours["GUATU_OIDC_KEY"] = environ.get("GUATU_OIDC_KEY") or str(workspace.folder / "oidc-key")
    return ours


def origin_of(port: int) -> str:
    """The origin of a process of this machine."""
    return f"http://{ports.LOOPBACK}:{port}"


def choose_clock(run: Run, wanted: str | None, running: bool) -> str:
    """The clock asked for, else the environment's, else the scenario's last one, else the real one."""
    clock = wanted or environ.get("GUATU_CLOCK") or run.clock or CLOCKS[0]
    if clock not in CLOCKS:
        raise StackError(f"There is no clock {clock!r}; it is {' or '.join(CLOCKS)}.")
    if running and clock != run.clock:
        raise StackError(f"The stack runs with the {run.clock} clock and not the {clock} one: guatu down first.")
    return clock


def assign_ports(run: Run, alive: dict[str, Process], gateway: int | None, needed: set[str]) -> dict[str, int]:
    """The port of each service and the gateway: those that run keep theirs, the others must be free."""
    if GATEWAY in alive and gateway not in (None, alive[GATEWAY].port):
        raise StackError(f"The gateway runs at port {alive[GATEWAY].port} and not {gateway}: guatu down first.")
    assigned = dict(run.ports)
    for name in SERVICES:
        if name not in assigned or (not alive and not ports.is_free(assigned[name])):
            assigned[name] = ports.free_port(taken=assigned.values())
    assigned[GATEWAY] = gateway or assigned.get(GATEWAY, GATEWAY_PORT)
    for name in needed - set(alive):
        if name == GATEWAY:
            _require_gateway_port(assigned[name])
        else:
            ports.require_free(assigned[name], name)
    return assigned


def _require_gateway_port(port: int) -> None:
    for other in workspaces():
        gateways = [process for process in other.load().alive() if process.name == GATEWAY]
        if any(process.port == port for process in gateways):
            raise StackError(
                f"Port {port} is the gateway's of scenario {other.name}. "
                f"Take another with {ANOTHER}, or stop that one: guatu down --scenario {other.name}"
            )
    try:
        ports.require_free(port, "the gateway")
    except StackError as error:
        raise StackError(f"{error} Take another with {ANOTHER}.") from error


def require_same_servers(run: Run, found: Servers, running: bool) -> None:
    """Refuse when what runs was given other servers than those of now."""
    before = (run.kafka, run.database)
    now = (found.kafka or "", address(found.database or ""))
    if running and before != now:
        raise StackError(
            f"What runs uses Kafka at {before[0]} and PostgreSQL at {before[1]}, "
            f"and they are now at {now[0]} and {now[1]}: guatu down first."
        )


def _session_key(workspace: Workspace) -> str:
    """The key that signs the pages' cookie, made once a scenario, so that people stay signed in."""
    file = workspace.folder / "session-key"
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        write_whole(file, secrets.token_urlsafe(32) + "\n", mode=0o600)
    return file.read_text().strip()
