"""`guatu units`: the units of a whole province out of one file, over HTTP."""

import asyncio
import os
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Annotated, Any
from uuid import uuid4

import typer
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from infra.stack.failure import StackError
from infra.stack.ports import LOOPBACK
from infra.stack.processes import GATEWAY
from infra.stack.status import chosen
from infra.terminal import complaints, console, explained

if TYPE_CHECKING:
    from infra.unit_list import ListedUnit

app = typer.Typer(no_args_is_help=True, help="The tree of units.")

TOGETHER = 4
"""Bulks that are under way at the same time: one is read while another's facts are written."""
SHOWN = 20
"""Refusals that are printed."""


@app.command("import")
def units_import(
    file: Annotated[Path, typer.Argument(help="A CSV file with the columns code,name,parent and perhaps since.")],
    person: Annotated[
        str,
        typer.Option("--as", help="A platform_admin above the units; GUATU_BOOTSTRAP_ADMIN without it."),
    ] = "",
    origin: Annotated[
        str | None, typer.Option(help="The platform's address; its token stands in GUATU_TOKEN. Else the local stack.")
    ] = None,
    name: Annotated[str | None, typer.Option("--scenario", help="The local stack's name.")] = None,
) -> None:
    """Register all units of a file, parents first; what is there already with the same content stays as it is."""
    from infra.unit_list import read_units  # noqa: PLC0415 (pydantic, which other commands need not wait for)

    with explained():
        levels = read_units(file)
        who = person or os.environ.get("GUATU_BOOTSTRAP_ADMIN", "")
        if not who:
            raise StackError("Who imports? --as names a platform administrator.")
        begun = monotonic()
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        with Progress(*columns, console=console) as progress:
            task = progress.add_task(file.name, total=sum(map(len, levels)))
            came = asyncio.run(_imported(origin or _local(name), who, levels, lambda n: progress.advance(task, n)))
    console.print(
        f"{came.counts['new']} new, {came.counts['there']} already there, {len(came.refused)} refused "
        f"in {monotonic() - begun:.0f} s.",
        highlight=False,
    )
    for line in shown(came.refused):
        complaints.print(f"[red]{escape(line)}[/]", highlight=False, soft_wrap=True)
    if came.refused:
        raise typer.Exit(1)


def shown(refused: Sequence[str]) -> list[str]:
    """The first refusals, and how many more there are."""
    more = len(refused) - SHOWN
    return [*refused[:SHOWN], *([f"… and {more} more"] if more > 0 else [])]


class Came:
    """What came of an import: how many units were new or there already, and why which were refused."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.refused: list[str] = []

    def take(self, unit: "ListedUnit", answer: dict[str, Any]) -> None:
        """Count one answer."""
        if answer["status"] >= 400:
            self.refused.append(f"{unit.code} {unit.name}: {answer.get('detail') or answer.get('code')}")
        else:
            self.counts["new" if answer["reply"] else "there"] += 1


async def _imported(
    origin: str, person: str, levels: Sequence[Sequence["ListedUnit"]], advance: Callable[[int], None]
) -> Came:
    """Level by level, since a parent comes before what lies below it."""
    from infra.scenario.client import BULK, Client, Refused, Unavailable  # noqa: PLC0415 (aiohttp, likewise)

    client = Client(origin, tokens={person: token} if (token := os.environ.get("GUATU_TOKEN")) else {})
    came, free = Came(), asyncio.Semaphore(TOGETHER)

    async def send(part: Sequence["ListedUnit"]) -> None:
        async with free:
            answers = await client.answers(person, "registry", [_line(unit) for unit in part])
        for unit, answer in zip(part, answers, strict=True):
            came.take(unit, answer)
        advance(len(part))

    try:
        for level in levels:
            async with asyncio.TaskGroup() as group:
                for start in range(0, len(level), BULK):
                    group.create_task(send(level[start : start + BULK]))
    except* (Refused, Unavailable) as errors:
        raise StackError(str(errors.exceptions[0])) from errors
    finally:
        await client.close()
    return came


def _line(unit: "ListedUnit") -> dict[str, Any]:
    since = unit.since.isoformat() if unit.since else None
    body = {"name": unit.name, "kind": unit.kind, "parent": unit.parent, "since": since}
    return {"path": f"/units/{unit.code}/register", "key": str(uuid4()), "body": body}


def _local(name: str | None) -> str:
    place = chosen(name)
    port = place.load().ports.get(GATEWAY)
    if port is None:
        raise StackError("No stack runs: guatu up, or name the platform with --origin.")
    return f"http://{LOOPBACK}:{port}"
