"""`guatu`: the local stack, topics, migrations, settings."""

import os
import shlex
from functools import partial
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from infra import demo, ledger_cli, parked_cli, topics, units_cli, views_cli
from infra.stack import lifecycle, servers
from infra.stack.aside import aside
from infra.stack.aside import migrate as databases_up_to_date
from infra.stack.configuration import GATEWAY_PORT, environment
from infra.stack.failure import StackError
from infra.stack.processes import GATEWAY
from infra.stack.reach import bootstrap
from infra.stack.status import chosen, status_of, to_start
from infra.stack.workspace import workspaces
from infra.terminal import Steps, complaints, console, explained

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_show_locals=False,
    help="挂图: run the platform on this machine.",
)
topics_app = typer.Typer(no_args_is_help=True, help="The topics as declared, and a broker's.")
app.add_typer(topics_app, name="topics")
app.add_typer(views_cli.app, name="views")
app.add_typer(parked_cli.app, name="parked")
app.add_typer(units_cli.app, name="units")
app.command("demo")(demo.demo)
app.command("import")(ledger_cli.bring_in)

ScenarioName = Annotated[
    str | None, typer.Option("--scenario", help="The stack's name; its data are in .guatu/<name>.")
]


@app.command()
def up(
    name: ScenarioName = None,
    port: Annotated[
        int | None, typer.Option(min=1, max=65535, help=f"The gateway's port; the last one, else {GATEWAY_PORT}.")
    ] = None,
    only: Annotated[
        str | None, typer.Option(help=f"Some pieces only, with commas: {','.join(lifecycle.PIECES)}.")
    ] = None,
    clock: Annotated[
        str | None, typer.Option(help="real, or scenario: time is told by commands. Kept with the stack.")
    ] = None,
) -> None:
    """Start what does not run: Kafka, PostgreSQL, topics, migrations, services, gateway."""
    from infra.show_settings import require_settings  # noqa: PLC0415 (it loads the gateway, which takes a second)

    with explained():
        require_settings(os.environ)
        place = to_start(name)
        pieces = only.split(",") if only else lifecycle.PIECES
        before = {line.name for line in status_of(place) if line.ready}
        with Steps(console) as steps:
            stack = lifecycle.up(place, steps, port=port, only=pieces, clock=clock)
        if before >= set(pieces):
            console.print("It ran already.")
        if GATEWAY in pieces:
            console.print(f"[bold green]{stack.address}[/]")


@app.command()
def down(
    name: ScenarioName = None,
    everything: Annotated[bool, typer.Option("--all", help="Every scenario's stack.")] = False,
) -> None:
    """Stop the stack; its data stay."""
    with explained():
        for place in workspaces() if everything else [chosen(name)]:
            if not any(line.pid for line in status_of(place)):
                console.print(f"{place.name}: nothing runs.")
                continue
            with Steps(console) as steps:
                killed = lifecycle.down(place, steps)
            if killed:
                complaints.print(f"[yellow]Did not end in time and were killed: {', '.join(killed)}.[/]")


@app.command()
def status(name: ScenarioName = None) -> None:
    """What runs, its health and memory; exit status 1 unless all is ready."""
    with explained():
        place = chosen(name)
        lines = status_of(place)
    table = Table(title=place.name, title_justify="left", box=None)
    for heading in ("piece", "address", "process", "health"):
        table.add_column(heading)
    table.add_column("MiB", justify="right")
    for line in lines:
        colour = "green" if line.ready else "red"
        size = f"{line.memory / 2**20:.0f}" if line.memory else ""
        table.add_row(line.name, line.address, str(line.pid or ""), f"[{colour}]{escape(line.health)}[/]", size)
    console.print(table)
    if not all(line.ready for line in lines):
        complaints.print(f"What does not run is started by: guatu up --scenario {place.name}", highlight=False)
        raise typer.Exit(1)


@app.command()
def logs(
    piece: Annotated[str | None, typer.Argument(help="One piece; all without it.")] = None,
    follow: Annotated[bool, typer.Option("-f", "--follow", help="Go on as lines come.")] = False,
    count: Annotated[int, typer.Option("-n", "--lines", min=0, help="So many last lines of each.")] = 50,
    name: ScenarioName = None,
) -> None:
    """The last lines of the pieces' logs."""
    with explained():
        folder = chosen(name).log("any").parent
        files = sorted(file for file in folder.glob("*.log") if piece in (None, file.stem))
        if not files:
            raise StackError(f"There is no log of {piece or 'anything'} in {folder}.")
    # tail follows a log over its rotation; our process becomes it, so that Ctrl-C ends it as people know.
    os.execvp("tail", ["tail", "-n", str(count), *(["-F"] if follow else []), *map(str, files)])  # noqa: S606, S607


@app.command()
def migrate(name: ScenarioName = None) -> None:
    """Bring the services' databases up to date: GUATU_DATABASE_OWNER, else GUATU_DATABASE, else the local ones."""
    with explained():
        owner = servers.named_owner() or servers.current(chosen(name)).owner
        if owner is None:
            raise StackError("No database server runs: guatu up, or name one in GUATU_DATABASE.")
        aside(partial(databases_up_to_date, owner))
        console.print(f"{servers.address(owner)}: up to date.")


@app.command()
def settings(
    name: ScenarioName = None,
    export: Annotated[
        bool, typer.Option("--export", help="As lines for a shell, with the secrets: one more process can be started.")
    ] = False,
) -> None:
    """The services' settings: of the environment, or of the stack where one runs; secrets are masked."""
    from infra.show_settings import effective  # noqa: PLC0415 (likewise)
    from shared.settings import unknown  # noqa: PLC0415 (likewise)

    with explained():
        if export:
            variables = {key: value for key, value in _processes_environment(name).items() if key.startswith("GUATU_")}
            if not variables:
                raise StackError("No stack runs whose settings could be given: guatu up.")
            for variable, value in sorted(variables.items()):
                typer.echo(f"export {variable}={shlex.quote(value)}")
            return
        table = Table(box=None)
        table.add_column("variable", no_wrap=True)
        for heading in ("value", "from", "what it is"):
            table.add_column(heading, overflow="fold")
        for row in effective(_processes_environment(name)):
            table.add_row(*map(escape, row))
        console.print(table)
        for sentence in unknown(os.environ):
            complaints.print(f"[yellow]{sentence}[/]", highlight=False, soft_wrap=True)


@topics_app.command("apply")
def topics_apply(name: ScenarioName = None) -> None:
    """Create the topics that are absent; exit status 1 if one differs from its declaration."""
    with explained():
        made = aside(partial(topics.apply, bootstrap(name)))
        for topic in made:
            console.print(f"{topic}: made.")
        if not made:
            console.print("All topics are as declared.")


@topics_app.command("list")
def topics_list(name: ScenarioName = None) -> None:
    """The declared topics and what the broker has of them."""
    with explained():
        there, counts = aside(partial(_topics_there, bootstrap(name)))
        table = Table(box=None)
        table.add_column("topic", no_wrap=True)
        for heading in ("partitions", "replicas", "events"):
            table.add_column(heading, justify="right")
        table.add_column("state", no_wrap=True)
        table.add_column("carries")
        for topic in topics.declared():
            found = there.get(topic.name)
            if found is None:
                table.add_row(topic.name, "", "", "", "[red]absent[/]", topic.about)
                continue
            state = "[red]differs[/]" if topics.differences(topic, found) else "[green]as declared[/]"
            numbers = (found.partitions, found.replication, counts[topic.name])
            table.add_row(topic.name, *map(str, numbers), state, topic.about)
        console.print(table)


def _processes_environment(name: str | None) -> dict[str, str]:
    """The environment as a stack's processes have it, where its servers run; else this one's."""
    if not workspaces():
        return dict(os.environ)
    place = chosen(name)
    found = servers.current(place)
    if not (found.kafka and found.database):
        return dict(os.environ)
    run = place.load()
    return {**os.environ, **environment(place, found, run.ports[GATEWAY], run.clock)}


async def _topics_there(bootstrap: str) -> tuple[dict[str, topics.Topic], dict[str, int]]:
    there = await topics.present(bootstrap)
    return there, await topics.record_counts(bootstrap, there) if there else {}


if __name__ == "__main__":
    app()
