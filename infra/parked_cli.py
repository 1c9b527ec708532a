"""`guatu parked`: the events that could not be folded, and those that wait behind them."""

from functools import partial
from getpass import getuser
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape
from rich.table import Table

from infra.stack.failure import StackError
from infra.stack.reach import database_server
from infra.terminal import console, explained

if TYPE_CHECKING:
    from infra.upkeep import ParkedOf
    from shared.parked import Retried

app = typer.Typer(no_args_is_help=True, help="Events that a view could not fold, and those that wait behind them.")

Scenario = Annotated[str | None, typer.Option("--scenario", help="The stack's name, unless GUATU_DATABASE names one.")]
OfService = Annotated[str | None, typer.Option("--service", help="Of one service; of all without it.")]
OfView = Annotated[str | None, typer.Option("--view", help="Of one view.")]
OfKey = Annotated[str | None, typer.Option("--key", help="Of one key, a stream such as project-….")]


@app.command("list")
def parked_list(name: Scenario = None, service: OfService = None, view: OfView = None, key: OfKey = None) -> None:
    """The keys of which events are parked: how many, since when, and why the first could not be folded."""
    with explained():
        _, found = _parked(name, service, view, key)
        console.print(_table(found) if found else "Nothing is parked.")


@app.command("retry")
def parked_retry(name: Scenario = None, service: OfService = None, view: OfView = None, key: OfKey = None) -> None:
    """Fold the parked events again, once their cause is mended; exit status 1 if some still cannot be folded."""
    from infra import upkeep  # noqa: PLC0415 (the services' code takes a second that other commands need not pay)

    with explained():
        server, found = _parked(name, service, view, key)
        if not found:
            console.print("Nothing is parked.")
        left = 0
        for one in found:
            result = upkeep.carried_out(server, partial(upkeep.retry_parked, server, one))
            _tell(one, result)
            left += result.left
    if left:
        raise typer.Exit(1)


@app.command("drop")
def parked_drop(
    reason: Annotated[str, typer.Option(help="Why; kept in the log beside the event.")],
    name: Scenario = None,
    service: OfService = None,
    view: OfView = None,
    key: OfKey = None,
    agreed: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Leave the first parked event of each key out of the view, and fold what waits behind it.

    Exit status 1 if a later event cannot be folded either.
    """
    from infra import upkeep  # noqa: PLC0415 (likewise)

    with explained():
        server, found = _parked(name, service, view, key)
        if not found:
            console.print("Nothing is parked.")
            return
        console.print(_table(found))
        console.print("These events will be missing from the view until it is built again. The facts stay as they are.")
        if not agreed and not typer.confirm("Leave them out?"):
            raise StackError("Nothing was dropped.")
        left = 0
        for one in found:
            result = upkeep.carried_out(server, partial(upkeep.drop_parked, server, one, reason=reason, by=getuser()))
            _tell(one, result)
            left += result.left
    if left:
        raise typer.Exit(1)


def _parked(name: str | None, service: str | None, view: str | None, key: str | None) -> "tuple[str, list[ParkedOf]]":
    """The database server, and what is parked there; StackError if a key was named of which nothing is."""
    from infra import upkeep  # noqa: PLC0415 (likewise)

    views = upkeep.views_of(service, view)
    server = database_server(name)
    found = upkeep.carried_out(server, partial(upkeep.parked_keys, server, views, key))
    if key is not None and not found:
        raise StackError(f"No event of {key} is parked{f' in the view {view}' if view else ''}.")
    return server, found


def _table(found: "list[ParkedOf]") -> Table:
    table = Table(box=None)
    for heading in ("service", "view", "key"):
        table.add_column(heading, overflow="fold")
    table.add_column("events", justify="right")
    for heading in ("since", "first", "error"):
        table.add_column(heading, overflow="fold")
    for one in found:
        parked = one.parked
        version = parked.topic_version if parked.topic_version > 0 else "?"
        table.add_row(
            one.service.name,
            f"{one.view.name} {one.view.version}",
            parked.key,
            str(parked.events),
            f"{parked.since:%Y-%m-%d %H:%M:%S}Z",
            f"{parked.topic} {version}",
            escape(parked.error),
        )
    return table


def _tell(one: "ParkedOf", result: "Retried") -> None:
    where = f"{one.service.name}, {one.view.name}, {one.parked.key}"
    rest = f", [red]{result.left} left: {escape(result.error or '')}[/]" if result.left else ""
    console.print(f"{where}: {result.folded} folded{rest}", highlight=False, soft_wrap=True)
