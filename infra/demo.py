"""`guatu demo`: starts the platform, plays a scenario over HTTP, issues the bulletin, compares its figures."""

from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table

from infra.scenario.client import Client
from infra.scenario.compare import Row, compared
from infra.scenario.divisions import units_of
from infra.scenario.model import Scenario
from infra.scenario.player import Player
from infra.scenario.plot import drawn

console = Console()


class Bars:
    """The phases of a playing as progress bars."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._task: TaskID | None = None

    def phase(self, name: str, total: int) -> None:
        """A new bar."""
        self._task = self._progress.add_task(name, total=total)

    def advance(self, steps: int = 1) -> None:
        """The present bar goes on."""
        if self._task is not None:
            self._progress.advance(self._task, steps)


async def played(scenario: Scenario, origin: str, journal: Path) -> list[Row]:
    """Play a scenario against the platform at `origin`; gives the comparison of its bulletin's figures."""
    plot = drawn(scenario, units_of(scenario.city))
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    client = Client(origin, journal)
    try:
        with Progress(*columns, console=console) as progress:
            player = Player(scenario, plot, client, Bars(progress))
            await player.play()
            bulletin = await player.issue_bulletin()
    finally:
        await client.close()
    figures = {
        figure["key"]: figure["value"] for figure in bulletin["figures"] if figure["unit"] == scenario.published.unit
    }
    return compared(scenario.published, figures)


def table(rows: list[Row]) -> Table:
    """published | counted | same."""
    shown = Table("figure", "published", "counted", "same")
    for row in rows:
        shown.add_row(row.figure, row.published, row.counted, "same" if row.same else "[red]DIFFERENT[/red]")
    return shown
