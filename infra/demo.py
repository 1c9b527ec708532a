"""`guatu demo`: starts the platform, plays a scenario over HTTP, issues the bulletin, compares its figures."""

import asyncio
import os
from collections.abc import Mapping
from pathlib import Path
from time import monotonic
from typing import Annotated

import stamina
import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table

from infra.scenario.around import TooFewReports
from infra.scenario.campaigns import TooFewProjects
from infra.scenario.cast import assemble
from infra.scenario.client import Client, Refused, Unavailable
from infra.scenario.compare import Row, compared
from infra.scenario.divisions import units_of
from infra.scenario.incomes import NoFit
from infra.scenario.model import BadScenario, Scenario, read
from infra.scenario.player import Player
from infra.scenario.plot import Plot, drawn
from infra.stack import lifecycle
from infra.stack.failure import StackError
from infra.stack.folders import PROJECT
from infra.stack.lifecycle import Stack
from infra.stack.processes import GATEWAY
from infra.stack.workspace import workspace
from infra.terminal import Steps, console, explained

DEFAULT_SCENARIO = PROJECT / "scenarios" / "anqing-2023.toml"


class Bars:
    """The phases of a playing as progress bars."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._tasks: dict[str, TaskID] = {}
        self._task: TaskID | None = None

    def phase(self, name: str, total: int) -> None:
        """A new bar, or the one of this name once more."""
        if name not in self._tasks:
            self._tasks[name] = self._progress.add_task(name, total=total)
        self._task = self._tasks[name]

    def advance(self, steps: int = 1) -> None:
        """The present bar goes on."""
        if self._task is not None:
            self._progress.advance(self._task, steps)


async def played(scenario: Scenario, plot: Plot, origin: str, journal: Path) -> list[Row]:
    """Play a scenario's plot against the platform at `origin`; gives the comparison of its bulletin's figures."""
    stamina.instrumentation.set_on_retry_hooks([])  # else each new try of each of the counties is a line among the bars
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    client = Client(origin, journal)
    try:
        with Progress(*columns, console=console) as progress:
            player = Player(scenario, plot, client, Bars(progress), journal.parent)
            await player.play()
            bulletin = await player.issue_bulletin()
    finally:
        await client.close()
    figures = {(figure["unit"], figure["key"]): figure["value"] for figure in bulletin["figures"]}
    return compared(scenario.published, figures)


def table(rows: list[Row], names: Mapping[str, str]) -> Table:
    """unit | figure | published | counted | same."""
    shown = Table("unit", "figure", "published", "counted", "same")
    for row in rows:
        shown.add_row(
            names.get(row.unit, row.unit),
            row.figure,
            row.published,
            row.counted,
            "same" if row.same else "[red]DIFFERENT[/red]",
        )
    return shown


def demo(
    scenario: Annotated[Path, typer.Option(help="The scenario file to play.")] = DEFAULT_SCENARIO,
    leave: Annotated[bool, typer.Option("--exit", help="Stop the stack at the end, unless it ran before.")] = False,
    port: Annotated[int | None, typer.Option(min=1, max=65535, help="The gateway's port.")] = None,
) -> None:
    """Start the platform, play a scenario over HTTP, issue the bulletin, compare its figures."""
    from infra.show_settings import require_settings  # noqa: PLC0415 (it loads the gateway, which takes a second)

    with explained():
        require_settings(os.environ)
        played_year = _read(scenario)
        plot = plot_of(played_year)
        place = workspace(played_year.name)
        journal = place.folder / "acknowledged.ndjson"
        os.environ.setdefault("GUATU_BOOTSTRAP_ADMIN", admin_of(played_year))
        with Steps(console) as steps:
            stack = lifecycle.up(place, steps, port=port, clock="scenario")
        if journal.exists():
            console.print(again(played_year.name, finished(journal, played_year)), highlight=False)
        begun = monotonic()
        rows = _played(played_year, plot, stack.address, journal)
        console.print(table(rows, {unit.code: unit.name for unit in plot.units}))
        console.print(f"Played in {monotonic() - begun:.0f} s.")
        if stays(stack, leave):
            console.print(f"The wall: [bold green]{stack.address}/wall/{played_year.city}[/]   (guatu down ends it)")
        else:
            with Steps(console) as steps:
                lifecycle.down(place, steps)
    if not all(row.same for row in rows):
        raise typer.Exit(1)


def stays(stack: Stack, leave: bool) -> bool:
    """Whether the platform is left running after the table: it was not to end with it, or ran before."""
    return not leave or GATEWAY not in stack.started


def finished(journal: Path, scenario: Scenario) -> bool:
    """Whether an earlier playing came to the end of the year: its bulletin's issue was acknowledged."""
    key = f'"{scenario.name}/bulletin/issue"'.encode()
    with journal.open("rb") as lines:
        return any(key in line for line in lines)


def again(name: str, whole: bool) -> str:
    """What a second playing says beforehand."""
    done = f"{name} has been played to its end" if whole else f"The playing of {name} goes on where it broke off"
    return (
        f"{done}: what was done is sent again, answered as before, and not done twice. "
        f"To begin anew: guatu down --scenario {name}, and remove .guatu/{name}."
    )


def _read(file: Path) -> Scenario:
    try:
        return read(file)
    except BadScenario as error:
        raise StackError(str(error)) from error


def plot_of(scenario: Scenario) -> Plot:
    """The plot of a scenario over its city's units.

    Raises:
        StackError: it does not fit together; every misfit is named with its place.
    """
    from infra.scenario.fitting import misfits  # noqa: PLC0415 (it asks the services' code, which takes a second)

    units = units_of(scenario.city)
    found = misfits(scenario, units)
    if found:
        raise StackError("The scenario cannot be played:\n" + "\n".join(f"  {line}" for line in found))
    try:
        return drawn(scenario, units)
    except (TooFewProjects, TooFewReports, NoFit) as error:
        raise StackError(f"The scenario cannot be played: {error}") from error


def _played(scenario: Scenario, plot: Plot, origin: str, journal: Path) -> list[Row]:
    try:
        return asyncio.run(played(scenario, plot, origin, journal))
    except* (Refused, Unavailable, TimeoutError) as errors:
        raise StackError(
            f"The playing broke off: {errors.exceptions[0]}\n"
            f"guatu status shows what does not run, guatu up --scenario {scenario.name} starts it. "
            "The same command plays on from here; nothing is done twice."
        ) from errors


def admin_of(scenario: Scenario) -> str:
    """The person who sets the stage: platform_admin by the stack's setting, until the first appointment."""
    return assemble(scenario, units_of(scenario.city)).post(scenario.city, "platform_admin")
