"""How the commands speak: steps with the time each took, and failures in words with an exit status."""

import os
import sys
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from threading import Lock
from time import monotonic
from types import TracebackType
from typing import Self

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

from infra.stack.failure import StackError, last_lines
from infra.topics import TopicsError

WIDE = 200
"""Columns of what is written into a file or a pipe, unless COLUMNS says how many: no number of a table is cut."""


def width_of(terminal: bool, environment: Mapping[str, str]) -> int | None:
    """How wide tables may be; None: as the terminal, or as COLUMNS says."""
    return None if terminal or "COLUMNS" in environment else WIDE


console = Console(width=width_of(sys.stdout.isatty(), os.environ))
complaints = Console(stderr=True)


class Steps:
    """Shows each step from its beginning to its end, on a terminal live, elsewhere a line each."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._bars = Progress(
            SpinnerColumn(finished_text="[green]✓[/]"),
            TextColumn("{task.description:<20}"),
            TimeElapsedColumn(),
            TextColumn("[dim]{task.fields[note]}[/]"),
            console=console,
            disable=not console.is_terminal,
        )
        self._running: dict[str, tuple[TaskID, float]] = {}
        self._lock = Lock()

    def __enter__(self) -> Self:
        self._bars.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bars.stop()

    def begin(self, step: str) -> None:
        """Show a step as under way."""
        with self._lock:
            self._running[step] = (self._bars.add_task(step, total=1, note=""), monotonic())

    def done(self, step: str, note: str = "") -> None:
        """Show it as done; `note` says what came of it."""
        with self._lock:
            task, began = self._running.pop(step)
            self._bars.update(task, completed=1, note=note)
            if not self._console.is_terminal:
                self._console.print(f"{step}: {note or 'done'} ({monotonic() - began:.1f} s)", highlight=False)


@contextmanager
def explained() -> Generator[None]:
    """Turn what can go wrong into words and an exit status: 1, or 130 when interrupted."""
    try:
        yield
    except StackError as error:
        complaints.print(f"[bold red]{escape(str(error))}[/]", highlight=False, soft_wrap=True)
        if error.log is not None:
            complaints.print(f"[dim]The last lines of {escape(str(error.log))}:[/]", highlight=False, soft_wrap=True)
            for line in last_lines(error.log):
                complaints.print(f"  {escape(line)}", highlight=False, soft_wrap=True)
        raise typer.Exit(1) from error
    except TopicsError as error:
        complaints.print("[bold red]The topics are not as infra/topics.toml declares them:[/]")
        for line in error.lines:
            complaints.print(f"  {escape(line)}", highlight=False, soft_wrap=True)
        raise typer.Exit(1) from error
    except KeyboardInterrupt as error:
        complaints.print("Interrupted. What runs goes on: guatu status shows it, guatu down ends it.", highlight=False)
        raise typer.Exit(130) from error
