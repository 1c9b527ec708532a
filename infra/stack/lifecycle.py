"""Up and down: the order of things, what is kept, and what is undone when a step fails."""

from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from functools import partial

from infra import topics
from infra.services import SERVICES
from infra.stack import processes, servers
from infra.stack.aside import aside, migrate
from infra.stack.configuration import assign_ports, choose_clock, environment, origin_of, require_same_servers
from infra.stack.failure import StackError
from infra.stack.processes import GATEWAY
from infra.stack.requirements import require_disk
from infra.stack.servers import KAFKA, POSTGRES, Progress, Servers, address
from infra.stack.signals import heed, noted
from infra.stack.workspace import Process, Run, Workspace

PIECES = (KAFKA, POSTGRES, *SERVICES, GATEWAY)


@dataclass(frozen=True)
class Stack:
    """What runs after `up`: the gateway's address, the servers, and what the processes were configured with.

    `started` names the services and the gateway that this start brought up; the others ran already.
    """

    address: str
    servers: Servers
    environment: dict[str, str] = field(repr=False)
    started: tuple[str, ...]


def up(
    workspace: Workspace,
    progress: Progress,
    *,
    port: int | None = None,
    only: Collection[str] = PIECES,
    clock: str | None = None,
) -> Stack:
    """Start what does not run of a scenario's stack and wait until it is ready.

    `port` is the gateway's: without it the last one, else 8000. Services need both servers, so these
    come along. `clock` is kept with the scenario: real unless once said otherwise. On an error or an
    interruption what this call started is stopped again, and the error goes on: StackError, TopicsError.
    """
    wanted = _pieces(only)
    with workspace.locked(), noted():
        plan = _plan(workspace, wanted, port, clock)
        undo = ExitStack()
        try:
            return _start(workspace, plan, progress, undo)
        except BaseException:
            progress.begin("stopping again")
            undo.close()
            progress.done("stopping again", "what was started")
            raise


def down(workspace: Workspace, progress: Progress) -> list[str]:
    """Stop all that runs of a scenario; returns the names of those that had to be killed."""
    with workspace.locked():
        run = workspace.load()
        alive = run.alive()
        killed: list[str] = []
        for group in (
            [process for process in alive if process.name == GATEWAY],
            [process for process in alive if process.name != GATEWAY],
        ):
            for process in group:
                progress.begin(process.name)
            late = processes.stop(group, report=lambda process: progress.done(process.name, "stopped"))
            killed += [process.name for process in late]
            for process in late:
                progress.done(process.name, "killed")
        if run.processes:
            workspace.save(replace(run, processes=()))
        return killed + _stop_servers(workspace, progress)


def _pieces(only: Collection[str]) -> set[str]:
    unknown = sorted(set(only) - set(PIECES))
    if unknown:
        raise StackError(f"There is no {', '.join(unknown)}; the pieces are {', '.join(PIECES)}.")
    return {*only, KAFKA, POSTGRES} if set(only) & set(SERVICES) else set(only)


@dataclass(frozen=True)
class _Plan:
    """What is wanted, what of it runs, and what it will be given: found out before anything is started."""

    wanted: set[str]
    clock: str
    ports: dict[str, int]
    before: Run
    alive: dict[str, Process]

    @property
    def names(self) -> list[str]:
        """The services and the gateway wanted, in the order of their start."""
        return [name for name in (*SERVICES, GATEWAY) if name in self.wanted]


def _plan(workspace: Workspace, wanted: set[str], port: int | None, clock: str | None) -> _Plan:
    run = workspace.load()
    alive = {process.name: process for process in run.alive() if processes.lives(process)}
    chosen = choose_clock(run, clock, bool(alive))
    ports = assign_ports(run, alive, port, wanted & {*SERVICES, GATEWAY})
    require_disk(workspace.folder)
    servers.require_named(wanted)
    if KAFKA in wanted:
        servers.require(workspace)
    return _Plan(wanted, chosen, ports, run, alive)


def _start(workspace: Workspace, plan: _Plan, progress: Progress, undo: ExitStack) -> Stack:
    servers.start(workspace, plan.wanted & {KAFKA, POSTGRES}, progress, undo)
    found = servers.current(workspace)
    require_same_servers(plan.before, found, bool(plan.alive))
    if KAFKA in plan.wanted and found.kafka:
        progress.begin("topics")
        made = aside(partial(topics.apply, found.kafka))
        progress.done("topics", f"{len(made)} made" if made else "as declared")
    absent = [name for name in plan.names if name not in plan.alive]
    if found.owner and set(absent) & set(SERVICES):
        progress.begin("migrations")
        aside(partial(migrate, found.owner))
        progress.done("migrations")

    settings = environment(workspace, found, plan.ports[GATEWAY], plan.clock)
    started: list[Process] = []
    undo.callback(_take_back, workspace, started)
    running = tuple(plan.alive.values())
    run = Run(plan.clock, found.kafka or "", address(found.database or ""), plan.ports, running)
    workspace.save(run)
    for name in plan.names:
        progress.begin(name)
        if name in absent:
            started.append(_start_process(workspace, name, settings, plan.ports))
            run = replace(run, processes=(*running, *started))
            workspace.save(run)
    processes.wait_ready(
        [process for process in run.processes if process.name in plan.names],
        report=lambda process: progress.done(process.name, _note(process, started)),
    )
    heed()
    return Stack(settings["GUATU_PUBLIC_URL"], found, settings, tuple(process.name for process in started))


def _start_process(workspace: Workspace, name: str, settings: dict[str, str], ports: dict[str, int]) -> Process:
    log = workspace.log(name)
    if name == GATEWAY:
        routes = {service: [origin_of(ports[service])] for service in SERVICES}
        return processes.start_gateway(settings, ports[name], routes=routes, log=log)
    return processes.start_service(name, "all", settings, ports[name], log=log)


def _note(process: Process, started: list[Process]) -> str:
    return f"port {process.port}{'' if process in started else ' (ran already)'}"


def _take_back(workspace: Workspace, started: list[Process]) -> None:
    processes.stop(started)
    run = workspace.load()
    workspace.save(replace(run, processes=tuple(each for each in run.processes if each not in started)))


def _stop_servers(workspace: Workspace, progress: Progress) -> list[str]:
    """Stop both at the same time; returns the names of those that had to be killed."""

    def stop(name: str) -> bool | None:
        stopping = servers.stop_kafka if name == KAFKA else servers.stop_postgres
        title = "Apache Kafka" if name == KAFKA else "PostgreSQL"
        progress.begin(title)
        clean = stopping(workspace)
        progress.done(title, {True: "stopped", False: "killed", None: "did not run"}[clean])
        return clean

    with ThreadPoolExecutor(2) as threads:
        ended = dict(zip((KAFKA, POSTGRES), threads.map(stop, (KAFKA, POSTGRES)), strict=True))
    return [name for name, clean in ended.items() if clean is False]
