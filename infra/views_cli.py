"""`guatu views`: how the views stand, letting them go on, building them again, taking away what is not read."""

from functools import partial
from time import monotonic
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.table import Table

from infra.parked_cli import OfService, OfView, Scenario
from infra.stack.failure import StackError
from infra.stack.reach import bootstrap, database_server
from infra.terminal import complaints, console, explained

if TYPE_CHECKING:
    from infra.upkeep import LeftoverOf, Standing

app = typer.Typer(no_args_is_help=True, help="The services' views: how they stand, and how they are built again.")


@app.command("list")
def views_list(name: Scenario = None, service: OfService = None, view: OfView = None) -> None:
    """Every view's rows, lag, stopped partitions, parked keys; exit status 1 if one stands still or has any parked."""
    from infra import upkeep  # noqa: PLC0415 (the services' code takes a second that other commands need not pay)

    with explained():
        views = upkeep.views_of(service, view)
        server, kafka = database_server(name), bootstrap(name)
        found = upkeep.carried_out(server, partial(upkeep.standings, server, kafka, views))
        console.print(_table(found))
        for one in found:
            for place, reason in one.status.stopped.items():
                words = f"{one.service.name}, {one.view.name}, {place} stands still: {reason}"
                console.print(f"[red]{escape(words)}[/]", highlight=False, soft_wrap=True)
        for left in upkeep.carried_out(server, partial(upkeep.leftovers_of, server, views)):
            console.print(f"{_words(left)}.", highlight=False, soft_wrap=True)
    if any(one.status.stopped or one.status.parked for one in found):
        raise typer.Exit(1)


@app.command("go-on")
def views_go_on(name: Scenario = None, service: OfService = None, view: OfView = None) -> None:
    """Let stopped partitions go on, once the cause is mended: their projectors notice within seconds."""
    from infra import upkeep  # noqa: PLC0415 (likewise)

    with explained():
        views = upkeep.views_of(service, view)
        server = database_server(name)
        gone = 0
        for one in views:
            for place in upkeep.carried_out(server, partial(upkeep.let_go_on, server, one)):
                console.print(f"{one.service.name}, {one.view.name}, {place} may go on.", highlight=False)
                gone += 1
        if not gone:
            console.print("Nothing stands still.")


@app.command("rebuild")
def views_rebuild(
    service: Annotated[str, typer.Argument(help="The service.")],
    view: Annotated[str, typer.Argument(help="Its view, in the version that this code has.")],
    name: Scenario = None,
    resume: Annotated[bool, typer.Option("--continue", help="Go on with a build that was broken off.")] = False,
) -> None:
    """Build a view from its topics' beginning, beside the one that is read, and put it in its place.

    The view is read and followed as it was until then, and for the change waits for a moment. Exit status 1 if a
    partition stands still: nothing is changed then.
    """
    from infra import upkeep  # noqa: PLC0415 (likewise)

    with explained():
        [one] = upkeep.views_of(service, view)
        server, kafka = database_server(name), bootstrap(name)
        begun = monotonic()
        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
        )
        with Progress(*columns, console=console, disable=not console.is_terminal) as bars:
            bar = bars.add_task(f"{one.view.name} {one.view.version}", total=None)
            built = upkeep.carried_out(
                server,
                partial(
                    upkeep.renewed,
                    server,
                    kafka,
                    one,
                    resume=resume,
                    progress=lambda done, total: bars.update(bar, completed=done, total=total),
                ),
            )
        seconds = monotonic() - begun
        if not built.ready:
            lines = [f"  {place}: {reason}" for place, reason in built.stopped.items()]
            raise StackError("\n".join([f"The view {view} is as it was: the new one stands still.", *lines]))
        console.print(f"{service}, {view} {one.view.version}: built from {built.records} records in {seconds:.1f} s.")


@app.command("prune")
def views_prune(
    name: Scenario = None,
    service: OfService = None,
    view: OfView = None,
    agreed: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Drop the tables of superseded versions, and builds that were broken off; exit status 1 if one is in use."""
    from infra import upkeep  # noqa: PLC0415 (likewise)

    with explained():
        views = upkeep.views_of(service, view)
        server, kafka = database_server(name), bootstrap(name)
        found = upkeep.carried_out(server, partial(upkeep.leftovers_of, server, views))
        unread = [one for one in found if one.leftover.superseded or one.leftover.unfinished]
        if not unread:
            console.print("There is no table that is not read.")
            return
        for one in unread:
            console.print(f"{_words(one)}.", highlight=False, soft_wrap=True)
        if not agreed and not typer.confirm("Drop them?"):
            raise StackError("Nothing was dropped.")
        kept = 0
        for one in unread:
            try:
                upkeep.carried_out(server, partial(upkeep.prune_leftover, server, kafka, one))
            except StackError as error:
                complaints.print(f"[bold red]{escape(str(error))}[/]", highlight=False, soft_wrap=True)
                kept += 1
            else:
                console.print(f"{one.service.name}, {one.leftover.view.table_name}: dropped.", highlight=False)
    if kept:
        raise typer.Exit(1)


def _table(found: "list[Standing]") -> Table:
    table = Table(box=None)
    for heading in ("service", "view"):
        table.add_column(heading, no_wrap=True)
    table.add_column("version", justify="right")
    table.add_column("table", no_wrap=True)
    for heading in ("rows", "lag", "stopped", "parked"):
        table.add_column(heading, justify="right")
    for one in found:
        status = one.status
        table.add_row(
            one.service.name,
            one.view.name,
            str(one.view.version),
            f"views.{one.view.table_name}" if one.rows is not None else "none yet",
            "" if one.rows is None else str(one.rows),
            str(status.lag),
            f"[red]{len(status.stopped)}[/]" if status.stopped else "0",
            f"[red]{status.parked}[/]" if status.parked else "0",
        )
    return table


def _words(one: "LeftoverOf") -> str:
    left = one.leftover
    kind = "a build that is not finished" if left.unfinished else "superseded"
    if not left.unfinished and not left.superseded:
        kind = "of a later code"
    return f"{one.service.name}, views.{left.view.table_name}: {kind}"
