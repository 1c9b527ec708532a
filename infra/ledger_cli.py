"""`guatu import`: a ledger (台账) out of a spreadsheet into a platform, or only checked."""

import asyncio
import os
from pathlib import Path
from typing import Annotated, Any

import stamina
import typer
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from infra.demo import Bars
from infra.ledger_job import followed
from infra.scenario.client import Client, Refused, Unavailable
from infra.stack.failure import StackError
from infra.stack.processes import GATEWAY
from infra.stack.status import chosen
from infra.terminal import complaints, console, explained

TOKEN = "GUATU_TOKEN"  # noqa: S105 - the name of a variable
WRONG = 3
"""The exit status where cells are wrong: nothing was imported."""
SHOWN = 20


def bring_in(
    file: Annotated[Path, typer.Argument(help="The .xlsx; its heads are those of the template.", dir_okay=False)],
    check: Annotated[bool, typer.Option("--check", help="Only say what would come of it.")] = False,
    errors: Annotated[Path | None, typer.Option(help="Where to write the file with its wrong cells marked.")] = None,
    person: Annotated[
        str, typer.Option("--as", help=f"Who imports, with local sign-in; else the token in {TOKEN} says it.")
    ] = "",
    url: Annotated[str | None, typer.Option(help="The platform's address; else that of the local stack.")] = None,
    name: Annotated[str | None, typer.Option("--scenario", help="Which local stack.")] = None,
) -> None:
    """Import a ledger, all of it or nothing; exit status 3 if cells are wrong, 1 if it could not be asked."""
    with explained():
        try:
            content = file.read_bytes()
        except OSError as error:
            raise StackError(f"{file} cannot be read: {error.strerror}.") from error
        token = os.environ.get(TOKEN, "")
        if not (person or token):
            raise StackError(f"Say who imports: --as <person> with local sign-in, or a token in {TOKEN}.")
        origin = url or f"http://127.0.0.1:{chosen(name).load().ports[GATEWAY]}"
        try:
            sending = _sent(origin, token, person, content, file.name, check=check, mark=errors is not None)
            report, marked = asyncio.run(sending)
            if errors is not None and marked:
                errors.write_bytes(marked)
        except (Refused, Unavailable) as error:
            raise StackError(str(error)) from error
    _tell(report, errors)
    if report["wrong"]:
        raise typer.Exit(WRONG)


async def _sent(
    origin: str, token: str, person: str, content: bytes, name: str, *, check: bool, mark: bool
) -> tuple[dict[str, Any], bytes]:
    """The report, and the marked workbook if it is wanted and something is wrong."""
    stamina.instrumentation.set_on_retry_hooks([])  # a line for each new try would break the bars
    client = Client(origin, tokens={person: token} if token else {})
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    try:
        with Progress(*columns, console=console) as progress:
            verb = "check" if check else "import"
            job = await followed(client, person, verb, content, name=name, at=None, progress=Bars(progress))
        marked = b""
        if mark and job["report"]["wrong"]:
            marked = await client.upload(person, "/registry/ledger/errors", content, name=name)
    finally:
        await client.close()
    return job["report"], marked


def verdict(wrong: int) -> str:
    """How many cells are wrong, and what that means."""
    return f"{f'{wrong} cells are' if wrong > 1 else '1 cell is'} wrong; nothing was imported."


def _tell(report: dict[str, Any], errors: Path | None) -> None:
    counts = f"{report['rows']} rows: {report['new']} new, {report['unchanged']} there already"
    if report["wrong"]:
        shown = Table("cell", "column", "value", "what is wrong", box=None)
        for each in report["errors"][:SHOWN]:
            shown.add_row(*(escape(each[key]) for key in ("cell", "column", "value", "detail")))
        console.print(shown)
        more = report["wrong"] - SHOWN
        complaints.print(
            verdict(report["wrong"])
            + (f" {more} more are not shown." if more > 0 else "")
            + (f" All are marked in {errors}." if errors else " With --errors <file> all are marked."),
            highlight=False,
        )
    else:
        console.print(counts + (". Imported." if report["imported"] else "."), highlight=False)
    for warning in report["warnings"]:
        complaints.print(f"[yellow]{escape(warning)}[/]", highlight=False)
